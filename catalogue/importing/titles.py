"""Titles of 类, 章 and 分章, and the numbers that they are written with."""

import re
from typing import NamedTuple

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")}
_TITLE = re.compile(r"第([一二三四五六七八九十]{1,4})(类|章|分章)[\s\u3000]*(.*)", re.DOTALL)
RESERVED_CHAPTER = 77  # kept free by the Harmonized System


class Title(NamedTuple):
    """A title: `kind` is 类, 章 or 分章."""

    kind: str
    number: int
    name: str


def chinese_number(text: str) -> int:
    """Read 一 to 九十九. Raises ValueError for anything else."""
    tens, ten, ones = text.rpartition("十")
    if not set(tens + ones) <= set(_DIGITS) or len(tens) > 1 or len(ones) > 1:
        raise ValueError(text)
    if not ten:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def read_title(text: str) -> Title | None:
    """Read a line as a title; None where it is none."""
    match = _TITLE.match(text.strip())
    if match is None:
        return None
    try:
        number = chinese_number(match[1])
    except (ValueError, KeyError):
        return None
    return Title(match[2], number, match[3].strip())


def next_chapter(chapter: int) -> int:
    """Give the chapter after `chapter`; 77 is left out."""
    return chapter + (2 if chapter + 1 == RESERVED_CHAPTER else 1)
