"""The text of an element cell → numbered element names.

The annex prints a list as `1.用途；2.材质（如…；…）` through its three columns, the numbers going
on from one to the next. A name may hold semicolons, points and numbers of its own.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from catalogue.importing.result import ReadElement

# The annex mixes widths at random, often within one pair of brackets; spaces come from its layout.
_SPACES = re.compile(r"[\s\u00a0\u3000\ufeff]+")
_WIDTHS = str.maketrans({"(": "（", ")": "）", "[": "［", "]": "］", ";": "；"})
_OPEN, _CLOSE = "（［【", "）］】"
_MARK = re.compile(r"(\d{1,2})([.．、]|(?=[\u4e00-\u9fff]))")
_ENDS = "；，。、"


def normal_name(text: str) -> str:
    """Write a name as we keep it: without spaces, brackets and semicolons in full width."""
    return _SPACES.sub("", text).translate(_WIDTHS)


def split_elements(cells: Iterable[tuple[str, str]]) -> tuple[ReadElement, ...]:
    """Split the cells of one row, (category, text) from left to right, into numbered elements.

    The number of an element is its position; `printed_number` is kept where it differs, `-` where
    none is printed: text before the first number of a cell is an element if it says anything.
    """
    found: list[ReadElement] = []
    for category, text in cells:
        for printed, name in _pieces(normal_name(text), len(found) + 1):
            number = len(found) + 1
            kept = "" if printed == str(number) else printed or "-"
            found.append(ReadElement(number, name, category, kept))
    return tuple(found)


def _pieces(text: str, first: int) -> list[tuple[str, str]]:
    """Give (printed number, name) for each element of a cell that should begin with `first`."""
    marks = _marks(text, first)
    pieces = []
    if not marks or marks[0].start() > 0:
        pieces.append(("", text[: marks[0].start()] if marks else text))
    for mark, following in zip_longest(marks, marks[1:]):
        end = following.start() if following else len(text)
        pieces.append((mark[1], text[mark.end() : end]))
    named = ((printed, name.strip(_ENDS)) for printed, name in pieces)
    return [(printed, name) for printed, name in named if name]


def _marks(text: str, first: int) -> Sequence[re.Match[str]]:
    """Find the numbers that begin an element; inside brackets none does.

    The source forgets a semicolon or a point here and there, and names hold numbers and points
    too (`2.98%馏出温度`), so that only a number with its point after a semicolon always counts.
    Whatever looks less like one must be the number that is due.
    """
    depths = _depths(text)
    marks: list[re.Match[str]] = []
    for mark in _MARK.finditer(text):
        start, end = mark.span()
        if depths[start]:
            continue
        before = text[start - 1] if start else "；"
        is_due = int(mark[1]) == (int(marks[-1][1]) + 1 if marks else first)
        is_parted = before == "；"
        if not mark[2] or text[end : end + 1].isdigit():
            # 3品牌, 4.200℃以下
            counts = is_due and (is_parted or (before in _CLOSE and mark[2] != ""))
        else:
            counts = is_parted or (is_due and not before.isdigit())
        if counts:
            marks.append(mark)
    return marks


def _depths(text: str) -> list[int]:
    """Give how many brackets are open before each character; one that nothing closes counts not."""
    closed_at = {}
    stack: list[int] = []
    for place, character in enumerate(text):
        if character in _OPEN:
            stack.append(place)
        elif character in _CLOSE and stack:
            closed_at[stack.pop()] = place
    closers = set(closed_at.values())
    depths, depth = [], 0
    for place in range(len(text)):
        depth -= place in closers
        depths.append(depth)
        depth += place in closed_at
    return depths
