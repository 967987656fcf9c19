"""Reading the elements out of a cell of a sheet: `1.用途；2.品牌`, one a line, or joined by bars."""

import re
from collections.abc import Sequence

from catalogue.importing.element_text import normal_name

# Between elements stand semicolons, bars or line breaks, but never inside brackets.
_OPENING, _CLOSING = "（(［[【《", "）)］]】》"
_SEPARATORS = ";；|｜\n\r"
_NUMBER = re.compile(r"\s*(\d{1,2})\s*[.．:：、]\s*(?!\d)")
# A further number after white space, where elements are only numbered: "1.用途 2.品牌".
_NUMBERED = re.compile(r"(?<=\S)\s+(?=\d{1,2}\s*[.．:：、]\s*\D)")
# What lists for declarants put before and behind the catalogue's own elements; it has none of
# these names (《规范申报目录》; 品名 and both codes belong to the declaration itself).
_BEFORE = frozenset({"品名", "商品名称", "品牌类型", "出口享惠情况"})
_BEHIND = frozenset({"GTIN", "CAS", "其他"})

Numbered = tuple[str, str]


def split_elements(text: str) -> list[Numbered]:
    """Split a cell into (element name, printed number or empty); never raises."""
    found: list[Numbered] = []
    for part in _parts(text):
        for piece in _NUMBERED.split(part):
            match = _NUMBER.match(piece)
            name = normal_name(piece[match.end() if match else 0 :])
            if name:
                found.append((name, match[1] if match else ""))
    return found


def catalogue_elements(elements: Sequence[Numbered]) -> list[Numbered]:
    """Take off what declarants' lists add before and behind the catalogue's own elements."""
    names = list(elements)
    while names and names[0][0] in _BEFORE:
        names.pop(0)
    while names and names[-1][0] in _BEHIND:
        names.pop()
    return names


def odd_numbers(elements: Sequence[Numbered]) -> list[Numbered]:
    """Keep a printed number only where it breaks the order of its list.

    A list that begins at 2, or at 0 with 品牌类型, is as regular as one that begins at 1.
    """
    first = next(
        (int(printed) - place for place, (_, printed) in enumerate(elements) if printed), 0
    )
    return [
        (name, printed if printed and int(printed) != first + place else "")
        for place, (name, printed) in enumerate(elements)
    ]


def _parts(text: str) -> list[str]:
    parts, depth = [""], 0
    for character in text:
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(depth - 1, 0)
        if character in _SEPARATORS and (not depth or character in "\n\r"):
            # A line break inside brackets is only the cell's width.
            if depth:
                continue
            parts.append("")
        else:
            parts[-1] += character
    return parts
