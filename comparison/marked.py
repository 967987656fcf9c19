"""Which characters of two texts differ, as pieces that a page can mark in text."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from enum import Enum
from typing import NamedTuple

# A number is one thing (12 and 24 share no 2), unless it belongs to a code.
_TOKENS = re.compile(r"\d+(?:[.,]\d+)*|[a-zA-Z]+|.", re.DOTALL)
_CHARACTERS = re.compile(".", re.DOTALL)
_ITEMS = re.compile(r"[^、,;/&+]+|.", re.DOTALL)
# Texts that have less than this in common are marked as a whole.
_LEAST_COMMON = 0.3


class Piece(NamedTuple):
    """A run of characters that both sides have, or that only this side has (`differs`)."""

    text: str
    differs: bool


Pieces = tuple[Piece, ...]


class By(Enum):
    """What is compared as a whole: a word or number, a character (in a code), an item of a list."""

    WORD = _TOKENS
    CHARACTER = _CHARACTERS
    ITEM = _ITEMS


def mark_differences(mine: str, theirs: str, by: By = By.WORD) -> tuple[Pieces, Pieces]:
    """Divide two texts into what they share and what they do not; the pieces join to the texts."""
    if mine == theirs or not mine or not theirs:
        return _whole(mine, mine != theirs), _whole(theirs, mine != theirs)
    tokens = [by.value.findall(text) for text in (mine, theirs)]
    matcher = SequenceMatcher(None, *tokens, autojunk=False)
    common = sum(
        len(t) for m in matcher.get_matching_blocks() for t in tokens[0][m.a : m.a + m.size]
    )
    if common < _LEAST_COMMON * min(len(mine), len(theirs)):
        return _whole(mine, True), _whole(theirs, True)
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        for side, run in zip(sides, (tokens[0][a:a_end], tokens[1][b:b_end]), strict=True):
            _add(side, "".join(run), tag != "equal")
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
    """The texts of the pieces that differ, in their order."""
    return [piece.text for piece in pieces if piece.differs]


def _add(side: list[Piece], text: str, differs: bool) -> None:
    if text:
        side.append(Piece(text, differs))


def _whole(text: str, differs: bool) -> Pieces:
    return (Piece(text, differs),) if text else ()
