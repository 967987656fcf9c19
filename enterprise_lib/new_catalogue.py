"""新目录影响: a content of an enterprise as its page, its list and its workbook show it.

Each is read by the edition that it was made by and carried over to the newest in force
(catalogue/carrying.py). Costs a fixed number of queries, however many contents.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.utils import timezone

from authorization.models import Enterprise
from catalogue.carrying import Carried, carry
from catalogue.changes import CodeChange, CodeChangeKind, ElementChange, code_changes
from catalogue.elements import ElementName, Reading, read_by
from catalogue.models import Edition
from comparison.own_texts import own_goods
from declarations.models import Goods, IEFlag
from enterprise_lib.succession import Succession, succession
from enterprise_lib.touched import Touched, TouchedContents

# How many contents the home page's sign counts, and for how long it is shown.
NEWS_LIMIT = 1_000
NEWS_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Impact:
    """A touched content: its text as last declared, what changes, and the new string's draft.

    `rows` counts its rows of the last 24 months; `old` is the edition that it was made by. `carried`
    is None where the newest edition hasn't the code.
    """

    touched: Touched
    goods: Goods
    old: Edition
    newest: Edition
    change: CodeChange
    reading: Reading
    carried: Carried | None

    @property
    def content_id(self) -> int:
        """What names it in URLs and tick boxes."""
        return self.touched.content_id

    @property
    def rows(self) -> int:
        """近24个月条数."""
        return self.touched.rows

    @property
    def ie_flag(self) -> IEFlag:
        """进出口标志."""
        return IEFlag(self.goods.ie_flag)

    @property
    def is_gone(self) -> bool:
        """Whether the newest edition hasn't the code."""
        return self.change.kind is CodeChangeKind.GONE

    @cached_property
    def changed(self) -> list[ElementChange]:
        """The elements that there is something to say about."""
        return [change for change in self.change.changes if change.is_change]

    @property
    def sentences(self) -> list[str]:
        """变化, one short sentence each."""
        if self.is_gone:
            return ["新版目录中没有该编码，请核对商品编码"]
        if self.change.kind is CodeChangeKind.NEW:
            return [f"{self.old}目录中没有该编码，新版目录列有要素"]
        return [change.sentence for change in self.changed]

    @property
    def is_newest_already(self) -> bool:
        """Whether the text fits the newest list as it is, and no other."""
        return self.reading.edition == self.newest

    @property
    def draft(self) -> str:
        """新规格型号草稿; empty where the code is gone."""
        return self.carried.text if self.carried is not None else ""

    @property
    def missing(self) -> tuple[str, ...]:
        """待补要素, in order."""
        return self.carried.missing if self.carried is not None else ()


def impact_news(enterprise: Enterprise) -> str:
    """Say for the home page how many contents the newest edition touches; empty for none.

    Told for a year from the day on which the edition could be known. Three queries, of which one
    counts entries and stops at NEWS_LIMIT; more where the changes are not in the cache.
    """
    held = succession()
    if held is None or not held.spans:
        return ""
    if timezone.localdate() > held.known_from + NEWS_FOR:
        return ""
    count = TouchedContents(enterprise, held).up_to(NEWS_LIMIT)
    if not count.value:
        return ""
    return f"{count} 项申报内容受《规范申报目录》{held.newest}影响，可查看变化与草稿"


def impacts_of(
    enterprise: Enterprise, succession: Succession, touched: Sequence[Touched]
) -> list[Impact]:
    """Work out what the newest edition changes for these contents, in their order.

    Two queries for the texts and four for each old edition. What has no row left is left out.
    """
    goods = own_goods(enterprise, [one.content_id for one in touched])
    made_by: dict[int, Edition] = {}
    codes: defaultdict[Edition, set[str]] = defaultdict(set)
    for one in touched:
        old = succession.old_of(one.first_declared_on, one.last_declared_on)
        if old is not None:
            made_by[one.content_id] = old
            codes[old].add(one.hs_code[:8])
    changes = {
        (old.pk, change.hs8): change
        for old, hs8s in codes.items()
        for change in code_changes(old, succession.newest, hs8s)
    }
    found = []
    for one in touched:
        old = made_by.get(one.content_id)
        change = changes.get((old.pk, one.hs_code[:8])) if old is not None else None
        if old is not None and change is not None and one.content_id in goods:
            found.append(_impact(one, goods[one.content_id], old, succession.newest, change))
    return found


def _impact(
    touched: Touched, goods: Goods, old: Edition, newest: Edition, change: CodeChange
) -> Impact:
    before: list[ElementName] | None = sorted(
        (one.old for one in change.changes if one.old is not None), key=lambda name: name.number
    )
    after = [one.new for one in change.changes if one.new is not None]
    if change.kind is CodeChangeKind.NEW:
        before = None
    reading = read_by(goods.g_model, goods.ie_flag, old, before, goods.hs_code)
    if change.kind is CodeChangeKind.GONE:
        return Impact(touched, goods, old, newest, change, reading, None)
    if not reading.is_certain:
        # Declared before or after the turn of the year, it may obey the newest list already.
        newer = read_by(goods.g_model, goods.ie_flag, newest, after, goods.hs_code)
        reading = newer if newer.is_certain else reading
    return Impact(touched, goods, old, newest, change, reading, carry(reading, after))
