"""A worksheet's rows read by expat, element by element: any form that the XML may take."""

from __future__ import annotations

import re
from typing import Any

from declarations.files.cell_forms import CellForms
from declarations.files.limits import LAST_ROW, MIB, MOST_COLUMNS
from declarations.files.refusing import Refused, damaged
from declarations.files.texts import unescaped
from declarations.files.xml_parts import Attributes, PartReader

_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_LONGEST_TEXT = MIB


def _columns() -> dict[str, int]:
    """Column letters → number from 0, of the columns that may hold anything."""
    letters = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    pairs = [first + second for first in letters for second in letters]
    return {name: number for number, name in enumerate([*letters, *pairs][:MOST_COLUMNS])}


COLUMNS = _columns()


def too_wide(letters: str) -> Refused:
    """The refusal of a sheet with something in a column far out."""
    return Refused("sheet.columns", value=letters, limit=MOST_COLUMNS)


def place(row: list[Any], column: int, cell: Any) -> None:
    """Put a cell into its column of a row."""
    if column > len(row):
        row += [""] * (column - len(row))
    if column == len(row):
        row.append(cell)
    else:
        row[column] = cell


class RowsReader(PartReader):
    """Collects rows; `taken` gives those that are whole, with blank ones left out."""

    def __init__(self, part: str, forms: CellForms, last: int = 0) -> None:
        super().__init__(part)
        self._forms = forms
        self.last = last
        self._rows: list[tuple[int, list[Any]]] = []
        self._row: list[Any] | None = None
        self._column = 0
        self._is_cell = False
        self._in_rows = False
        self._kind = self._style = ""
        self._has_formula = self._in_reading = False
        self._taking = False
        self._texts: list[str] = []
        self._length = 0

    def taken(self) -> list[tuple[int, list[Any]]]:
        """The rows that are whole by now."""
        rows, self._rows = self._rows, []
        return rows

    def only(self) -> tuple[int, list[Any]]:
        """The number of the only row that was read, and its cells if it has any."""
        return self.last, self._rows[0][1] if self._rows else []

    def start(self, name: str, attributes: Attributes) -> None:
        """Begin a row, a cell, or what a cell holds."""
        if name == "sheetData":
            self._in_rows = True
        elif name == "row" and self._in_rows:
            self._start_row(attributes)
        elif name == "c" and self._row is not None:
            self._start_cell(attributes)
        elif self._is_cell:
            if name == "f":
                self._has_formula = True
            elif name == "rPh":
                self._in_reading = True
            elif name in ("v", "t"):
                self._taking = not self._in_reading

    def _start_row(self, attributes: Attributes) -> None:
        number = attributes.get("r", "")
        self._number = int(number) if number.isdecimal() and len(number) < 8 else self.last + 1
        if not self.last < self._number <= LAST_ROW:
            raise damaged(f"{self._part}：行号不对")
        self.last = self._number
        self._row, self._column = [], -1

    def _start_cell(self, attributes: Attributes) -> None:
        reference = _REFERENCE.fullmatch(attributes.get("r", ""))
        if reference:
            letters = reference[1]
            self._column = COLUMNS.get(letters, MOST_COLUMNS)
        else:
            letters = ""
            self._column += 1
        self._letters = letters
        self._kind, self._style = attributes.get("t", ""), attributes.get("s", "")
        self._is_cell, self._has_formula = True, False
        self._texts, self._length = [], 0

    def text(self, text: str) -> None:
        """Take what a cell holds."""
        if self._taking:
            self._length += len(text)
            if self._length > _LONGEST_TEXT:
                raise Refused("sheet.long_cell", row=self._number, limit=32_767)
            self._texts.append(text)

    def end(self, name: str) -> None:
        """Keep a cell or a row that is whole."""
        if name in ("v", "t"):
            self._taking = False
        elif name == "rPh":
            self._in_reading = False
        elif name == "c" and self._is_cell:
            self._is_cell = self._in_reading = False
            cell = self._cell("".join(self._texts))
            if cell != "":
                self._put(cell)
        elif name == "row" and self._row is not None:
            if self._row:
                self._forms.lengths.check(self._number, self._row)
                self._rows.append((self._number, self._row))
            self._row = None
        elif name == "sheetData":
            self._in_rows = False

    def _put(self, cell: Any) -> None:
        if self._column >= MOST_COLUMNS:
            raise too_wide(self._letters)
        if self._row is not None:
            place(self._row, self._column, cell)

    def _cell(self, value: str) -> Any:
        forms, kind = self._forms, self._kind
        if kind == "e" and value:
            return forms.error(value)
        if self._has_formula:
            return forms.formula
        if kind in ("str", "inlineStr"):
            return unescaped(value) if "_x" in value else value
        return forms.other(kind, value, self._style) if value.strip() else ""
