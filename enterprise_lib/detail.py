"""申报要素详情: a row's 规格型号, element by element, as the page shows it.

By the newest edition in force (the manual's 海关最新规范申报要素目录), or by that of the declaration
date. Where the two lists differ, the string is read by the one that it was made by and carried over
to the newest, so that each element shows what the new edition added, renamed, moved or dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from authorization.models import Enterprise
from catalogue.carrying import carry
from catalogue.changes import ChangeKind, ElementChange, list_changes
from catalogue.checks import Finding, check_reading
from catalogue.elements import (
    ElementName,
    Part,
    PartKind,
    Reading,
    edition_on,
    element_names,
    read_by,
)
from catalogue.models import Edition
from comparison.element_values import ValueHelp, ValueUse, conforming_values
from declarations.models import Goods

_EXTRA = frozenset({PartKind.OLDER, PartKind.UNMATCHED})
_LEADING_CODES = 2  # 品牌类型 and 出口享惠情况


@dataclass(frozen=True)
class DetailRow:
    """One line of the detail: an element with its value, or a part that stands under none.

    `number` is the catalogue's; `meaning` decodes 品牌类型 and 出口享惠情况; `is_declared` is False for
    an element that the string doesn't reach. `change` is what the newest edition made of the
    element, where it is another than at the declaration's date.
    """

    number: int | None
    name: str
    value: str
    meaning: str
    category: str
    why: str
    is_declared: bool = True
    is_unmatched: bool = False
    is_older: bool = False
    is_doubtful: bool = False
    change: ElementChange | None = None
    findings: Sequence[Finding] = ()
    uses: Sequence[ValueUse] = ()

    @property
    def state(self) -> str:
        """The class by which the line is coloured."""
        if self.is_unmatched:
            return "is-unmatched"
        if self.change is not None and self.change.kind is ChangeKind.REMOVED:
            return "is-dropped"
        return "" if self.is_declared else "is-missing"


@dataclass(frozen=True)
class Choice:
    """An edition that the page can show: its key in the URL, and what it is called."""

    key: str
    label: str
    is_shown: bool


@dataclass(frozen=True)
class Detail:
    """A whole 规格型号; `notes` say what to be careful about, `findings` what regards the whole.

    `choices` are the editions to switch between; one alone needs no switch. `declared` is the
    edition of the declaration's date.
    """

    edition: Edition | None
    declared: Edition | None
    rows: list[DetailRow]
    note: str
    notes: Sequence[str] = ()
    findings: Sequence[Finding] = ()
    choices: Sequence[Choice] = ()
    changed: int = 0
    values: ValueHelp = field(default_factory=ValueHelp)

    @property
    def finding_count(self) -> int:
        """How many findings there are in all."""
        return len(self.findings) + sum(len(row.findings) for row in self.rows)

    @property
    def has_uses(self) -> bool:
        """Whether any element has values of conforming declarations."""
        return any(row.uses for row in self.rows)


NEWEST, DECLARED = "newest", "declared"


def read_elements(
    goods: Goods,
    declared_on: date | None = None,
    *,
    shown: str = NEWEST,
    enterprise: Enterprise | None = None,
) -> Detail:
    """Read the exact declared text. No part is lost, whatever the string looks like.

    `shown` is NEWEST or DECLARED (the edition of `declared_on`). With an `enterprise` the elements
    come with the values of its own and of public conforming declarations.
    """
    newest, declared = edition_on(), edition_on(declared_on)
    edition = declared if shown == DECLARED else newest
    names = element_names(edition, goods.hs_code)
    differing = _changes(newest, declared, goods.hs_code)
    changes = differing if edition != declared else ()
    reading = read_by(goods.g_model, goods.ie_flag, edition, names, goods.hs_code)
    made_by = edition
    if changes and names:
        old_names = element_names(declared, goods.hs_code)
        before = read_by(goods.g_model, goods.ie_flag, declared, old_names, goods.hs_code)
        if _was_made_by(before, reading):
            reading, made_by = _carried(before, reading, names), declared
    values = ValueHelp()
    if enterprise is not None:
        values = conforming_values(enterprise, goods.hs_code, goods.ie_flag, edition, names)
    findings = check_reading(reading, hs_code=goods.hs_code, ie_flag=goods.ie_flag, name=goods.name)
    rows = [*_rows(reading, findings, changes, values), *_removed(changes, reading)]
    return Detail(
        edition,
        declared,
        rows,
        _note(edition, made_by, names is None, reading),
        reading.notes,
        [f for f in findings if f.part is None and not _of_a_row(f, rows)],
        _choices(newest, declared, shown),
        len(differing),
        values,
    )


def _changes(
    newest: Edition | None, declared: Edition | None, hs_code: str
) -> tuple[ElementChange, ...]:
    """Say what the newest list changed against that of the declaration's date."""
    if newest == declared:
        return ()
    old, new = element_names(declared, hs_code), element_names(newest, hs_code)
    if not old or not new:
        return ()
    return tuple(change for change in list_changes(old, new) if change.is_change)


def _was_made_by(before: Reading, now: Reading) -> bool:
    """Whether the string fits its own date's list better than the newest, or as well."""
    return before.is_certain or before.confidence >= now.confidence


def _carried(before: Reading, now: Reading, names: Sequence[ElementName]) -> Reading:
    """Put the parts, as their own edition names them, under the newest list's names.

    What has no place there stays where it stood, as an older element.
    """
    renamed = {
        change.old.number: change.new
        for change in list_changes(before.names or (), names)
        if change.old is not None and change.new is not None
    }
    placed = carry(before, names)
    dropped = set(map(id, placed.dropped))
    parts = tuple(
        _placed(part, renamed, id(part) in dropped, before.edition) for part in before.parts
    )
    return now._replace(
        parts=parts,
        is_certain=before.is_certain and not placed.missing,
        confidence=before.confidence,
        notes=before.notes,
        separators=before.separators,
    )


def _placed(
    part: Part, renamed: dict[int, ElementName], is_dropped: bool, edition: Edition | None
) -> Part:
    if part.kind is not PartKind.ELEMENT or part.number is None:
        return part
    name = renamed.get(part.number)
    if name is None or is_dropped:
        return part._replace(
            kind=PartKind.OLDER,
            number=None,
            why=f"{edition}目录的要素“{part.name}”，最新目录中没有",
        )
    if name.name == part.name and name.number == part.number:
        return part
    why = f"{edition}目录第 {part.number} 个要素“{part.name}”，最新目录中为第 {name.number} 个要素"
    return part._replace(number=name.number, name=name.name, category=name.category, why=why)


def _rows(
    reading: Reading,
    findings: Sequence[Finding],
    changes: Sequence[ElementChange],
    values: ValueHelp,
) -> list[DetailRow]:
    change_of = {change.new.number: change for change in changes if change.new is not None}
    rows = [
        _declared(
            part,
            [finding for finding in findings if finding.part == at],
            change_of.get(part.number) if part.number is not None else None,
            values.by_name.get(part.name, ()) if part.kind is PartKind.ELEMENT else (),
        )
        for at, part in enumerate(reading.parts)
    ]
    reached = {part.number for part in reading.parts if part.number is not None}
    for name in reading.names or ():
        if name.number not in reached:
            about = [f for f in findings if f.part is None and f.element == name.name]
            change = change_of.get(name.number)
            missing = _missing(name, about, change, values.by_name.get(name.name, ()))
            rows.insert(_place_of(rows, name.number), missing)
    return rows


def _place_of(rows: Sequence[DetailRow], number: int) -> int:
    """Find where a missing element stands: behind the last one of a smaller number."""
    place = 0
    for at, row in enumerate(rows, start=1):
        is_before = row.number is not None and row.number < number
        is_leading = row.number is None and row.meaning and at <= _LEADING_CODES
        if is_before or is_leading:
            place = at
    return place


def _declared(
    part: Part,
    findings: Sequence[Finding],
    change: ElementChange | None,
    uses: Sequence[ValueUse],
) -> DetailRow:
    return DetailRow(
        part.number,
        part.name,
        part.raw or part.value,
        part.meaning,
        part.category,
        part.why,
        is_unmatched=part.kind is PartKind.UNMATCHED,
        is_older=part.kind is PartKind.OLDER,
        is_doubtful=not part.is_certain and part.kind not in _EXTRA,
        change=change,
        findings=findings,
        uses=uses,
    )


def _missing(
    name: ElementName,
    findings: Sequence[Finding],
    change: ElementChange | None,
    uses: Sequence[ValueUse],
) -> DetailRow:
    is_new = change is not None and change.kind is ChangeKind.ADDED
    why = (
        "申报日期适用的目录没有此要素，按最新目录申报时需补填"
        if is_new
        else "规格型号中没有这一部分"
    )
    return DetailRow(
        name.number,
        name.name,
        "",
        "",
        name.category,
        why,
        is_declared=False,
        change=change,
        findings=findings,
        uses=uses,
    )


def _removed(changes: Sequence[ElementChange], reading: Reading) -> Iterator[DetailRow]:
    """Yield the elements that the newest list dropped and under which nothing stood.

    Those with a value are shown where the value stands, as older elements.
    """
    standing = {part.name for part in reading.parts if part.kind in _EXTRA}
    for change in changes:
        old = change.old
        if change.kind is ChangeKind.REMOVED and old is not None and old.name not in standing:
            why = "申报日期适用的目录有此要素，最新目录不再要求"
            yield DetailRow(None, old.name, "", "", old.category, why, False, change=change)


def _of_a_row(finding: Finding, rows: Sequence[DetailRow]) -> bool:
    return any(finding in row.findings for row in rows)


def _choices(newest: Edition | None, declared: Edition | None, shown: str) -> list[Choice]:
    if newest is None or declared is None or newest == declared:
        return []
    return [
        Choice(NEWEST, f"最新目录（{newest}）", shown != DECLARED),
        Choice(DECLARED, f"申报日期的目录（{declared}）", shown == DECLARED),
    ]


def _note(
    edition: Edition | None, made_by: Edition | None, code_is_missing: bool, reading: Reading
) -> str:
    if edition is None:
        return "系统中还没有规范申报目录，各部分暂不能对应到要素。"
    if code_is_missing:
        return f"{edition}目录中没有这个商品编码，各部分未对应到要素，请核对商品编码。"
    if made_by != edition:
        return f"此条按{made_by}目录填报，下面已逐项对应到{edition}目录的要素，请留意新增、更名和删除的要素。"
    if not reading.is_certain:
        return "填报的部分与目录要素的个数或格式不一致，下面按内容对应，仅供参考，请逐项核对。"
    return ""
