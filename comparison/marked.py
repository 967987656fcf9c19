"""Which characters of two texts differ, as pieces that a page can mark in text."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from enum import Enum
from functools import cache
from typing import NamedTuple

from comparison.quantities import read_table

# Texts that have less than this in common are marked as a whole.
_LEAST_COMMON = 0.3
_SAME_SIGN = {"x": "×", "*": "×"} | dict.fromkeys(",;&", "、")


class Piece(NamedTuple):
    """A run of characters that both sides have, or that only this side has (`differs`)."""

    text: str
    differs: bool


Pieces = tuple[Piece, ...]


class By(Enum):
    """What is compared as a whole.

    A word, number or unit; a character (in a model or another code); an item of a list (brands).
    """

    WORD = "word"
    CHARACTER = "character"
    ITEM = "item"


def mark_differences(mine: str, theirs: str, by: By = By.WORD) -> tuple[Pieces, Pieces]:
    """Divide two texts into what they share and what they do not; the pieces join to the texts.

    What is only written in another way (克 and g, * and ×) counts as shared.
    """
    if mine == theirs or not mine or not theirs:
        return _whole(mine, mine != theirs), _whole(theirs, mine != theirs)
    tokens = _tokens(mine, by), _tokens(theirs, by)
    keys = [_key(t) for t in tokens[0]], [_key(t) for t in tokens[1]]
    changes = _changes(*keys, in_place=by is By.CHARACTER)
    kept = sum(len("".join(tokens[0][a:a_end])) for same, a, a_end, _, _ in changes if same)
    if kept < _LEAST_COMMON * min(len(mine), len(theirs)):
        return _whole(mine, True), _whole(theirs, True)
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for same, a, a_end, b, b_end in changes:
        for side, run in zip(sides, (tokens[0][a:a_end], tokens[1][b:b_end]), strict=True):
            _add(side, "".join(run), not same)
    return tuple(sides[0]), tuple(sides[1])


def mark_items(text: str, items: Iterable[tuple[str, str]]) -> Pieces:
    """Mark the items (name, share) of a composition where they stand in a text."""
    spans = []
    for name, share in items:
        if share:
            a, b = re.escape(name), re.escape(share)
            found = re.search(rf"{b}的?\s*{a}|{a}[:占(\s]*{b}", text, re.IGNORECASE)
            if found:
                spans.append(found.span())
    pieces: list[Piece] = []
    end = 0
    for start, stop in sorted(spans):
        if start >= end:
            _add(pieces, text[end:start], False)
            _add(pieces, text[start:stop], True)
            end = stop
    _add(pieces, text[end:], False)
    return tuple(pieces)


def differing_texts(pieces: Sequence[Piece]) -> list[str]:
    """Give the texts of the pieces that differ, in their order."""
    return [piece.text for piece in pieces if piece.differs]


# Whether a run is the same, and where it stands on either side.
_Change = tuple[bool, int, int, int, int]


def _changes(mine: Sequence[str], theirs: Sequence[str], *, in_place: bool) -> list[_Change]:
    """Align two sequences; place by place where that changes no more than moving would.

    With `in_place` also where it changes more: the places of a code are what is looked up.
    """
    opcodes = SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes()
    aligned = [(tag == "equal", a, a_end, b, b_end) for tag, a, a_end, b, b_end in opcodes]
    if len(mine) != len(theirs):
        return aligned
    changed = sum(a != b for a, b in zip(mine, theirs, strict=True))
    moved = sum(a_end - a + b_end - b for same, a, a_end, b, b_end in aligned if not same)
    if 2 * changed > moved and not in_place:
        return aligned
    runs: list[_Change] = []
    for i, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        if runs and runs[-1][0] == (a == b):
            start = runs[-1][1]
            runs[-1] = (a == b, start, i + 1, start, i + 1)
        else:
            runs.append((a == b, i, i + 1, i, i + 1))
    return runs


def _tokens(text: str, by: By) -> list[str]:
    if by is By.CHARACTER:
        return list(text)
    if by is By.ITEM:
        return re.findall(r"[^、,;/&+]+|.", text, re.DOTALL)
    # A number is one thing (12 and 24 share no 2), and so is a unit.
    return _words().findall(text)


@cache
def _words() -> re.Pattern[str]:
    units = sorted({row["written"] for row in read_table("units.tsv")}, key=len, reverse=True)
    units = [
        re.escape(unit)
        for unit in units
        if (len(unit) > 1 and not unit.isalpha()) or "米" in unit[1:]
    ]
    return re.compile(
        rf"\d+(?:[.,]\d+)*|(?:{'|'.join(units)}|[a-z]+[²³]?|[千兆毫微吉][瓦伏安帕牛克升赫欧焦法卡]|.)",
        re.DOTALL | re.IGNORECASE,
    )


@cache
def _symbols() -> dict[str, str]:
    return {row["written"].casefold(): row["symbol"] for row in read_table("units.tsv")}


def _key(token: str) -> str:
    """What a token is compared by: its unit's symbol, the one sign for its meaning."""
    if len(token) > 1 or not token.isascii():
        return (
            _symbols().get(token.casefold(), token) if token.casefold() not in _BY_CASE else token
        )
    return _SAME_SIGN.get(token, token)


# mW is not MW: where case tells two units apart, the spelling counts.
_BY_CASE = frozenset({"mw", "mv", "mpa", "mj", "mn", "mwh", "ms", "nm", "mb", "gb", "kb", "tb"})


def _add(side: list[Piece], text: str, differs: bool) -> None:
    if text:
        side.append(Piece(text, differs))


def _whole(text: str, differs: bool) -> Pieces:
    return (Piece(text, differs),) if text else ()
