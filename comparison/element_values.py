"""What conforming declarations of the same code say for each element: help when filling one in.

The enterprise's own come first, then public ones through the projection (design: "Publication and
privacy"): a value that is hidden is never offered. Public uses are counted in contents, as anybody
can count them in the 公共库; how many different enterprises publish several contents together would
tell whether those of two contents are the same. Help, never a mark.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from authorization.models import Enterprise
from catalogue.elements import ElementName, PartKind, read_by
from catalogue.models import Edition
from comparison.display import display_text
from comparison.models import LibraryEntry, Mark, MatchSource, PublicContent
from comparison.own_texts import own_goods
from comparison.projection import HIDDEN
from declarations.normalise import normalise_text
from declarations.script import simplify_every

# How many conforming contents of a code are looked at, of each source: the enterprise's most used
# ones, and the public ones audited last as far as others may know.
LOOKED_AT = 300
# How many values are offered for an element, of each source.
OFFERED = 4
HS_DIGITS = 8

# By element name and folded value: each spelling with its rows.
_Spelled = defaultdict[str, defaultdict[str, Counter[str]]]


@dataclass(frozen=True)
class ValueUse:
    """A value that conforming declarations have, whose, and how often: 12 条, or 3 项内容."""

    value: str
    source: MatchSource
    count: str

    @property
    def whose(self) -> str:
        """本企业 or 公共库."""
        return "本企业" if self.source is MatchSource.OWN else "公共库"


@dataclass(frozen=True)
class ValueHelp:
    """Values by element name, and how many contents of each source they were counted in.

    `is_cut` where a source has more than LOOKED_AT of them.
    """

    by_name: Mapping[str, Sequence[ValueUse]] = field(default_factory=dict)
    own: int = 0
    public: int = 0
    is_cut: bool = False


def conforming_values(
    enterprise: Enterprise,
    hs_code: str,
    ie_flag: str,
    edition: Edition | None,
    names: Sequence[ElementName] | None,
) -> ValueHelp:
    """Count what conforming declarations of the same eight-digit code and 进出口标志 say.

    `edition` and its `names` of the code are those that own contents are read by. Four
    queries, over at most LOOKED_AT contents of each source.
    """
    if not names:
        return ValueHelp()
    wanted = {name.name for name in names}
    own, own_count = _own_values(enterprise, hs_code, ie_flag, edition, names)
    public, public_count = _public_values(hs_code, ie_flag, wanted)
    by_name = {}
    for name in wanted:
        mine = _own_uses(own[name])
        # What the enterprise itself says is its own, also where it is too rare to be offered.
        others = {v: uses for v, uses in public[name].items() if v not in own[name]}
        theirs = _public_uses(others)
        if mine or theirs:
            by_name[name] = (*mine, *theirs)
    return ValueHelp(
        by_name,
        min(own_count, LOOKED_AT),
        min(public_count, LOOKED_AT),
        max(own_count, public_count) > LOOKED_AT,
    )


def _own_values(
    enterprise: Enterprise,
    hs_code: str,
    ie_flag: str,
    edition: Edition | None,
    names: Sequence[ElementName],
) -> tuple[_Spelled, int]:
    """Count the rows of the enterprise's own 规范 contents by element and value, as it spells them."""
    entries = list(
        LibraryEntry.objects.filter(
            enterprise=enterprise,
            mark=Mark.CONFORMING,
            hs_code__startswith=hs_code[:HS_DIGITS],
            ie_flag=ie_flag,
        )
        .order_by("-row_count", "content_id")
        .values_list("content_id", "row_count")[: LOOKED_AT + 1]
    )
    goods = own_goods(enterprise, [content_id for content_id, _ in entries[:LOOKED_AT]])
    found: _Spelled = defaultdict(lambda: defaultdict(Counter))
    for content_id, rows in entries[:LOOKED_AT]:
        if content_id not in goods:  # its rows are gone since
            continue
        reading = read_by(goods[content_id].g_model, ie_flag, edition, names, hs_code)
        for part in reading.parts:
            if part.kind is PartKind.ELEMENT and part.is_certain and part.value.strip():
                value = part.value.strip()
                found[part.name][same_value_key(value)][value] += rows
    return found, len(entries)


def _public_values(
    hs_code: str, ie_flag: str, wanted: Iterable[str]
) -> tuple[Mapping[str, Counter[str]], int]:
    """Count in how many contents each value stands, by element: from projections alone."""
    contents = list(
        PublicContent.objects.visible()
        .newest_of_code(hs_code, ie_flag)
        .values_list("elements", flat=True)[: LOOKED_AT + 1]
    )
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    names = set(wanted)
    for elements in contents[:LOOKED_AT]:
        for element in elements:
            value = element["value"]
            if element["kind"] != PartKind.ELEMENT.value or element["name"] not in names:
                continue
            if value and value != HIDDEN:
                found[element["name"]][value] += 1
    return found, len(contents)


def _own_uses(spelled: Mapping[str, Counter[str]]) -> list[ValueUse]:
    """Rank by rows; of several spellings of one value the most used is offered."""
    ranked = sorted(spelled.items(), key=lambda item: (-item[1].total(), item[0]))[:OFFERED]
    return [
        ValueUse(
            min(found, key=lambda value: (-found[value], value)),
            MatchSource.OWN,
            f"{found.total():,} 条",
        )
        for _, found in ranked
    ]


def same_value_key(value: str) -> str:
    """Fold a part's value to the projection's spelling, by which the same values are told."""
    return display_text(simplify_every(normalise_text(value.strip())))


def _public_uses(published: Mapping[str, int]) -> list[ValueUse]:
    """Rank by contents, then by the text."""
    ranked = sorted(published.items(), key=lambda item: (-item[1], item[0]))[:OFFERED]
    return [ValueUse(value, MatchSource.PUBLIC, f"{uses:,} 项内容") for value, uses in ranked]
