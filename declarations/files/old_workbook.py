"""An .xls workbook (BIFF8, BIFF5), read by calamine; formulas and errors found in its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from declarations.files.refusing import Refused, damaged


class OldWorkbook:
    """An opened .xls: `sheets` are the names of the visible worksheets, `hidden` of the others."""

    def __init__(self, file: IO[bytes], bad: Callable[[str, str], Any]) -> None:
        file.seek(0)
        try:
            self._workbook = CalamineWorkbook.from_filelike(file)
        except PasswordError as error:
            raise Refused("file.encrypted") from error
        except CalamineError as error:
            raise damaged(str(error)[:80]) from error
        self.sheets: list[str] = []
        self.hidden: list[str] = []
        for sheet in self._workbook.sheets_metadata:
            if sheet.typ == SheetTypeEnum.WorkSheet:
                is_shown = sheet.visible == SheetVisibleEnum.Visible
                (self.sheets if is_shown else self.hidden).append(sheet.name)

    def rows(self, index: int) -> Iterator[tuple[int, list[Any]]]:
        """The rows of a visible sheet that hold anything."""
        sheet = self._workbook.get_sheet_by_name(self.sheets[index])
        if sheet.start is None:
            return
        before = [""] * sheet.start[1]
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            row = [*before, *cells]
            if any(cell != "" for cell in row):
                yield number, row
