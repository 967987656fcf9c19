"""What a cell's type, style and value in a workbook's XML make: text, number, date, or a bad cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from declarations.files.dates import moment, moment_of_text
from declarations.files.lengths import Lengths
from declarations.files.refusing import damaged
from declarations.files.texts import plain

FORMULA = ("cell.formula", "公式")
_LONGEST_ERROR = 20
# Shared strings below this length can't make a row of 500 cells a burden.
_HARMLESS = 512


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
