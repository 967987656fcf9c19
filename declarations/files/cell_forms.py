"""What a cell's type, style and value in a workbook's XML make: text, number, date, or a bad cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from declarations.files.dates import moment, moment_of_text
from declarations.files.lengths import Lengths
from declarations.files.refusing import damaged
from declarations.files.texts import plain

FORMULA = ("cell.formula", "公式")
_LONGEST_ERROR = 20
# Shared strings below this length can't make a row of 500 cells a burden.
_HARMLESS = 512
# What makes a cell of the two commonest kinds is left to the reader of rows, which does it at once.
SHARED, NUMBER = "s", "n"
_ATTRIBUTES = re.compile(r'(?: [a-z]+="[^"<>&]*")*')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_MOST_KINDS = 10_000
_REMEMBERED = 4096


class OddAttributes(Exception):
    """A cell's attributes are not of the usual form."""


class CellForms:
    """Makes the cells of one workbook.

    `date_styles` gives for a style's number, as text, DATE or DURATION. `bad` makes a cell that
    can't be trusted of a rule's id and a text.
    """

    def __init__(
        self,
        strings: Sequence[str],
        date_styles: Mapping[str, str],
        is_1904: bool,
        bad: Callable[[str, str], Any],
    ) -> None:
        self.strings = strings
        self.date_styles = date_styles
        self.is_1904 = is_1904
        self.formula = bad(*FORMULA)
        self._bad = bad
        self.has_long_strings = any(len(text) > _HARMLESS for text in strings)
        self.lengths = Lengths()
        self.kinds = _Kinds(self)

    def error(self, value: str) -> Any:
        """An error cell, by its text (#REF!)."""
        return self._bad("cell.error", plain(value).strip()[:_LONGEST_ERROR] or "#ERROR!")

    def string(self, value: str) -> str:
        """A shared string by its number."""
        try:
            number = int(value)
            if number >= 0:
                return self.strings[number]
        except (ValueError, IndexError):
            pass
        raise damaged("单元格引用的文字不存在")

    def number(self, value: str, style: str) -> Any:
        """A number, or the date that it stands for."""
        try:
            number = float(value)
        except ValueError:
            raise damaged("单元格的数值不对") from None
        if number - number != 0 or "_" in value:  # nan, an infinity, or Python's own 1_000
            raise damaged("单元格的数值不对")
        kind = self.date_styles.get(style)
        return moment(number, kind, self.is_1904) if kind else number

    def other(self, kind: str, value: str, style: str = "") -> Any:
        """A cell of whatever type, its value as it stands in the XML."""
        if kind == "s":
            return self.string(value)
        if kind in ("str", "inlineStr"):
            return plain(value)
        if kind in ("", "n"):
            return self.number(value, style)
        if kind == "b":
            return value.strip() in ("1", "true")
        if kind == "e":
            return self.error(value)
        if kind == "d":
            return moment_of_text(value.strip())
        raise damaged("单元格的类型不对")

    def maker(self, attributes: str) -> Any:
        """What makes cells with these attributes (other than their place) of their values.

        SHARED, NUMBER, or a function. Raises OddAttributes.
        """
        if not _ATTRIBUTES.fullmatch(attributes):
            raise OddAttributes
        found = dict(_ATTRIBUTE.findall(attributes))
        kind, style = found.get("t", ""), found.get("s", "")
        if kind == "s":
            return SHARED
        if kind in ("", "n"):
            if style not in self.date_styles:
                return NUMBER
            # Days come again and again, and making one of a number takes ten times as long.
            return lru_cache(_REMEMBERED)(partial(self.number, style=style))
        return partial(self.other, kind)


class _Kinds(dict[str, Any]):
    """A cell's attributes as they stand in the XML → what makes such cells."""

    def __init__(self, forms: CellForms) -> None:
        super().__init__()
        self._forms = forms

    def __missing__(self, attributes: str) -> Any:
        if len(self) > _MOST_KINDS:
            self.clear()
        made = self[attributes] = self._forms.maker(attributes)
        return made
