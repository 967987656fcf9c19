"""What a comparison of two contents found, element by element: the reason of its answer.

Each finding has a kind (code, number, composition ...), a relation (equal, form, differs ...) and
both values. Findings are codes and values, to be stored as they are (`as_data`) and put into
Chinese by comparison/finding_words.py. They agree with the answer: two texts say the same just
where no finding differs, because each asks the same rules of form as the form key does. Pure
functions, no database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple

from catalogue.elements import Part, PartKind, Reading, read_by
from comparison.amounts import Amount, AmountPair, pair_amounts, read_amounts
from comparison.composition import read_composition
from comparison.form_rules import ELEMENT_FORMS, NAME_FORMS, Form, write_element
from comparison.forms import FilledPart, filled_parts, needed_forms
from comparison.quantities import read_table
from declarations.normalise import normalise_text

NAME = "商品名称"


class Kind(StrEnum):
    """By what kind of rule an element is compared."""

    NAME = "name"
    CODE = "code"
    NUMBER = "number"
    COMPOSITION = "composition"
    BRAND = "brand"
    USE = "use"
    YES_NO = "yes_no"
    TEXT = "text"


class Relation(StrEnum):
    """What the two values of an element are to each other.

    MOVED: the same value, in another place of the string, which is a fact. HIDDEN: not compared.
    """

    EQUAL = "equal"
    FORM = "form"
    DIFFERS = "differs"
    MISSING = "missing"
    MOVED = "moved"
    HIDDEN = "hidden"

    @property
    def says_the_same(self) -> bool:
        """Whether both values state the same fact in the same place."""
        return self in {Relation.EQUAL, Relation.FORM}


# What states another fact; what only stands elsewhere has pushed something that does.
ANOTHER_FACT = frozenset({Relation.DIFFERS, Relation.MISSING})

# A share of a composition on both sides; empty where that side has no such item.
Share = tuple[str, str, str]


@dataclass(frozen=True)
class Finding:
    """One element on both sides; an empty value is one that is not filled.

    `element` is its name by the catalogue, `number` its number there. `forms` are the forms in which
    the values differ, `amounts` the numbers that differ in both sides' common unit, `shares` the
    items of a composition that differ: (name, mine, theirs).
    """

    element: str
    kind: Kind
    relation: Relation
    mine: str
    theirs: str
    number: int | None = None
    forms: tuple[Form, ...] = ()
    amounts: tuple[AmountPair, ...] = ()
    shares: tuple[Share, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Give what JSON can hold: codes and values, nothing in words."""
        return {
            "element": self.element,
            "number": self.number,
            "kind": self.kind.value,
            "relation": self.relation.value,
            "mine": self.mine,
            "theirs": self.theirs,
            "forms": [form.value for form in self.forms],
            "amounts": [[[*p.mine], [*p.theirs], *p[2:]] for p in self.amounts],
            "shares": [list(share) for share in self.shares],
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Finding":
        """Read what `as_data` gave; raises KeyError or ValueError for anything else."""
        return cls(
            element=data["element"],
            kind=Kind(data["kind"]),
            relation=Relation(data["relation"]),
            mine=data["mine"],
            theirs=data["theirs"],
            number=data["number"],
            forms=tuple(map(Form, data["forms"])),
            amounts=tuple(
                AmountPair(Amount(*mine), Amount(*theirs), *rest)
                for mine, theirs, *rest in data["amounts"]
            ),
            shares=tuple((name, mine, theirs) for name, mine, theirs in data["shares"]),
        )


def find(
    my_name: str, mine: Reading, their_name: str, theirs: Reading, *, hidden_word: str
) -> list[Finding]:
    """Compare names and parts, both read by one edition: by place, or by element where one shifts.

    A part that reads `hidden_word` on their side is never compared. Elements that neither side
    fills are left out.
    """
    found = [_finding(NAME, None, Kind.NAME, my_name, their_name, NAME_FORMS)]
    for my_side, their_side in _filled_pairs(_sides(mine), _sides(theirs)):
        found.append(_compare(my_side, their_side, hidden_word))
    return found


class Sides(NamedTuple):
    """One text as it is compared: its name, its parts, and the word that stands for hidden ones."""

    name: str
    parts: "Sequence[_Side]"
    hidden_word: str


class Differences(NamedTuple):
    """Which elements state another fact, by name, and whether the other side hides any."""

    differing: list[str]
    hidden: bool


def sides_of(name: str, reading: Reading, *, hidden_word: str) -> Sides:
    """Prepare a text for `differences`, perhaps with many others."""
    return Sides(name, _sides(reading), hidden_word)


def differences(mine: Sides, theirs: Sides) -> Differences:
    """Name the elements that differ, just as `find` does, without saying how: a fraction of its work."""
    differing, hidden = [], False
    if _relation(mine.name, theirs.name, NAME_FORMS) in ANOTHER_FACT:
        differing.append(NAME)
    for my_side, their_side in _filled_pairs(mine.parts, theirs.parts):
        relation = _relation_of(my_side, their_side, theirs.hidden_word)
        hidden = hidden or relation is Relation.HIDDEN
        if relation in ANOTHER_FACT:
            named = my_side.part or their_side.part
            differing.append(named.name if named else "")
    return Differences(differing, hidden)


@dataclass(frozen=True)
class _Side:
    """One part of one string: its place, its text as the form key sees it, what it was read as.

    `declared` is the text as it was written.
    """

    place: int
    text: FilledPart
    part: Part | None
    declared: str = ""


_NOTHING = _Side(-1, FilledPart("", ""), None)


def _sides(reading: Reading) -> list[_Side]:
    """Put what was read beside the parts that the form key is made of."""
    declared = reading.joined()
    texts = filled_parts(declared)
    parts = reading.parts
    tails = [part.kind is PartKind.ANTI_DUMPING for part in parts]
    if len(parts) < len(texts) or (any(tails) and len(parts) != len(texts)):
        # Invisible characters stood where the string is cut.
        parts = read_by("|".join(t.raw for t in texts), "", reading.edition, reading.names).parts
    padded: Iterator[FilledPart | None] = (
        texts[i] if i < len(texts) else None for i in range(len(parts))
    )
    return [
        _Side(place, text or FilledPart("", ""), part, part.raw)
        for place, (text, part) in enumerate(zip(padded, parts, strict=False))
    ]


_Pair = tuple[_Side, _Side]


def _filled_pairs(mine: Sequence[_Side], theirs: Sequence[_Side]) -> Iterator[_Pair]:
    """Pair the parts of one element, where either side fills it."""
    return (pair for pair in _pairs(mine, theirs) if pair[0].text.raw or pair[1].text.raw)


def _pairs(mine: Sequence[_Side], theirs: Sequence[_Side]) -> Iterator[_Pair]:
    """Pair the parts of one element; the anti-dumping tails with each other, last."""
    if all(a.text.written == b.text.written for a, b in _by_place(mine, theirs)):
        yield from _by_place(mine, theirs)
        return
    tails = [next((s for s in sides if _is_tail(s)), _NOTHING) for sides in (mine, theirs)]
    mine, theirs = ([s for s in sides if not _is_tail(s)] for sides in (mine, theirs))
    if _stand_alike(mine, theirs):
        yield from _by_place(mine, theirs)
    else:
        yield from _by_element(mine, theirs)
    yield tails[0], tails[1]


def _by_place(mine: Sequence[_Side], theirs: Sequence[_Side]) -> Iterator[_Pair]:
    return zip_longest(mine, theirs, fillvalue=_NOTHING)


def _is_tail(side: _Side) -> bool:
    return side.part is not None and side.part.kind is PartKind.ANTI_DUMPING


def _stand_alike(mine: Sequence[_Side], theirs: Sequence[_Side]) -> bool:
    """Whether pairing by place never pairs two parts that surely are different elements."""
    return not any(
        a.part and b.part and a.part.is_certain and b.part.is_certain and _element(a) != _element(b)
        for a, b in zip(mine, theirs, strict=False)
    )


def _by_element(mine: Sequence[_Side], theirs: Sequence[_Side]) -> Iterator[_Pair]:
    """Pair parts that stand under one element; what only they have comes behind."""
    waiting: dict[object, list[_Side]] = {}
    for side in theirs:
        waiting.setdefault(_element(side), []).append(side)
    for side in mine:
        found = waiting.get(_element(side))
        yield side, found.pop(0) if found else _NOTHING
    for sides in waiting.values():
        yield from ((_NOTHING, side) for side in sides)


def _element(side: _Side) -> object:
    part = side.part
    return (part.kind, part.number, part.name) if part else None


def _compare(mine: _Side, theirs: _Side, hidden_word: str) -> Finding:
    named = mine.part or theirs.part
    name, number = (named.name, named.number) if named else ("", None)
    a, b = (side.part.value.strip() if side.part else "" for side in (mine, theirs))
    kind = kind_of(named, a, b)
    relation = _relation_of(mine, theirs, hidden_word)
    if relation is Relation.HIDDEN:
        return Finding(name, kind, relation, a, hidden_word, number)
    if relation is Relation.MOVED:
        return Finding(name, kind, relation, a, b, number)
    if mine.text.written != theirs.text.written and normalise_text(a) == normalise_text(b):
        # They differ in a label that the reading took for the element's own name.
        a, b = mine.text.raw, theirs.text.raw
    found = _finding(name, number, kind, mine.declared, theirs.declared, ELEMENT_FORMS)
    return _with_values(found, a, b)


def _finding(
    element: str, number: int | None, kind: Kind, mine: str, theirs: str, forms: frozenset[Form]
) -> Finding:
    """Tell the relation of two texts, and in which forms they differ."""
    relation = _relation(mine, theirs, forms)
    needed = needed_forms(mine, theirs, forms)
    return Finding(element, kind, relation, mine.strip(), theirs.strip(), number, needed)


def _relation_of(mine: _Side, theirs: _Side, hidden_word: str) -> Relation:
    """Tell the relation of two parts of one element."""
    if theirs.text.raw == hidden_word:
        return Relation.HIDDEN
    both = mine.part and theirs.part
    if both and mine.place != theirs.place and mine.text.written == theirs.text.written:
        return Relation.MOVED
    return _relation(mine.declared, theirs.declared, ELEMENT_FORMS)


def _relation(mine: str, theirs: str, forms: frozenset[Form]) -> Relation:
    """Tell the relation of two texts, by the same rules as the form key."""
    folded = _folded(mine), _folded(theirs)
    if folded[0] == folded[1]:
        return Relation.EQUAL
    if write_element(folded[0], forms) == write_element(folded[1], forms):
        return Relation.FORM
    return Relation.DIFFERS if all(folded) else Relation.MISSING


# The same words stand under an element again and again.
_folded = lru_cache(maxsize=1 << 15)(normalise_text)


def _with_values(found: Finding, mine: str, theirs: str) -> Finding:
    """Put in the values as they are shown, and what differs in their numbers and shares."""
    amounts: tuple[AmountPair, ...] = ()
    shares: tuple[Share, ...] = ()
    if found.relation is Relation.DIFFERS:
        folded = normalise_text(mine), normalise_text(theirs)
        if found.kind is Kind.COMPOSITION:
            shares = _differing_shares(*folded)
        if not shares and found.kind in _MEASURED:
            amounts = tuple(pair_amounts(*map(read_amounts, folded)))
    return Finding(
        found.element, found.kind, found.relation, mine, theirs, found.number, found.forms,
        amounts, shares,
    )  # fmt: skip


def _differing_shares(mine: str, theirs: str) -> tuple[Share, ...]:
    """The items of two compositions that differ; none where either can't be read as one."""
    read = read_composition(mine), read_composition(theirs)
    if read[0] is None or read[1] is None:
        return ()
    sides = [dict(items) for items in read if items is not None]
    if any(len(side) != len(items or ()) for side, items in zip(sides, read, strict=True)):
        return ()
    names = dict.fromkeys([*sides[0], *sides[1]])
    return tuple(
        (name, sides[0].get(name, ""), sides[1].get(name, ""))
        for name in names
        if sides[0].get(name) != sides[1].get(name)
    )


# Elsewhere a number with letters may be a name: the 2.0T of a car is no two tonnes.
_MEASURED = {Kind.NUMBER, Kind.COMPOSITION, Kind.TEXT}
_CODES = {PartKind.BRAND_TYPE, PartKind.EXPORT_BENEFIT, PartKind.GTIN, PartKind.CAS}
_YES_NO = frozenset({"是", "否", "有", "无", "不是"})


def kind_of(part: Part | None, mine: str, theirs: str) -> Kind:
    """Tell by what kind of rule a part is compared: by its element's name, then by its values."""
    if part is not None and part.kind in _CODES:
        return Kind.CODE
    for word, kind in _kinds():
        if part is not None and word in part.name:
            return kind
    folded = [normalise_text(value) for value in (mine, theirs) if value]
    if folded and all(text in _YES_NO for text in folded):
        return Kind.YES_NO
    if folded and all(read_composition(text) for text in folded):
        return Kind.COMPOSITION
    if folded and all(any(a.unit for a in read_amounts(text)) for text in folded):
        return Kind.NUMBER
    return Kind.TEXT


@cache
def _kinds() -> list[tuple[str, Kind]]:
    return [(row["contains"], Kind(row["kind"])) for row in read_table("element_kinds.tsv")]
