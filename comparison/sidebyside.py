"""Two contents side by side, element by element."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from catalogue.elements import Part, PartKind, Reading
from comparison.display import display_text
from comparison.forms import same_part


@dataclass(frozen=True)
class ComparedElement:
    """One element on both sides, as shown; `same` is the comparison's judgement.

    `note` says what colour alone may not: 相同, 仅形式不同, 不同, 对方未填 ...
    """

    name: str
    mine: str
    theirs: str
    same: bool
    note: str


def compare_elements(
    my_name: str, mine: Reading, their_name: str, theirs: Reading, *, hidden_word: str
) -> list[ComparedElement]:
    """Compare names and parts, both read by one edition: by place, or by element where one shifts.

    A part that reads `hidden_word` on their side is never compared: its row says that it is
    hidden, and counts as different without telling more.
    """
    rows = [_row("商品名称", my_name, their_name, hidden_word)]
    for my_part, their_part in _pairs(mine, theirs):
        named = my_part or their_part
        name = named.name if named is not None else ""
        rows.append(
            _row(
                name,
                my_part.value if my_part else "",
                their_part.value if their_part else "",
                hidden_word,
            )
        )
    return [row for row in rows if row.mine or row.theirs]


Pair = tuple[Part | None, Part | None]


def _pairs(mine: Reading, theirs: Reading) -> Iterator[Pair]:
    """Pair the parts of one element; the anti-dumping tails with each other, last."""
    tails = [
        next((p for p in reading.parts if p.kind is PartKind.ANTI_DUMPING), None)
        for reading in (mine, theirs)
    ]
    my_parts, their_parts = (
        [p for p in reading.parts if p.kind is not PartKind.ANTI_DUMPING]
        for reading in (mine, theirs)
    )
    if _stand_alike(my_parts, their_parts):
        yield from zip_longest(my_parts, their_parts)
    else:
        yield from _by_element(my_parts, their_parts)
    if any(tails):
        yield tails[0], tails[1]


def _stand_alike(mine: Sequence[Part], theirs: Sequence[Part]) -> bool:
    """Whether pairing by place never pairs two parts that surely are different elements."""
    return not any(
        a.is_certain and b.is_certain and _element(a) != _element(b)
        for a, b in zip(mine, theirs, strict=False)
    )


def _by_element(mine: Sequence[Part], theirs: Sequence[Part]) -> Iterator[Pair]:
    """Pair parts that stand under one element; what only they have comes behind."""
    waiting: dict[Element, list[Part]] = {}
    for part in theirs:
        waiting.setdefault(_element(part), []).append(part)
    for part in mine:
        found = waiting.get(_element(part))
        yield part, found.pop(0) if found else None
    for parts in waiting.values():
        yield from ((None, part) for part in parts)


Element = tuple[PartKind, int | None, str]


def _element(part: Part) -> Element:
    return part.kind, part.number, part.name


def _row(name: str, mine: str, theirs: str, hidden_word: str) -> ComparedElement:
    shown_mine, shown_theirs = display_text(mine.strip()), theirs.strip()
    if shown_theirs != hidden_word:
        shown_theirs = display_text(shown_theirs)
    if shown_theirs == hidden_word:
        same, note = False, "参考数据此项已隐去，不作比对"
    elif shown_mine == shown_theirs:
        same, note = True, "相同"
    elif not shown_mine or not shown_theirs:
        same, note = False, "本条未填" if not shown_mine else "参考数据未填"
    elif same_part(mine, theirs):
        same, note = True, "仅填报形式不同"
    else:
        same, note = False, "不同"
    return ComparedElement(name, shown_mine, shown_theirs, same, note)
