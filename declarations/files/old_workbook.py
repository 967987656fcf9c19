"""An .xls workbook (BIFF8, BIFF5), read by calamine; what that hides is found in its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import IO, Any

from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from declarations.files.cell_forms import FORMULA
from declarations.files.compound import EXCEL_STREAMS, CompoundFile
from declarations.files.lengths import Lengths
from declarations.files.limits import FIRST_ROWS, MOST_SHEETS
from declarations.files.old_records import ROW_BITS, Records, unpacked
from declarations.files.refusing import Refused, damaged
from declarations.files.sheet_elements import place

Row = tuple[int, list[Any]]


class OldWorkbook:
    """An opened .xls: `sheets` are the names of the visible worksheets, `hidden` of the others."""

    def __init__(self, file: IO[bytes], bad: Callable[[str, str], Any]) -> None:
        self._bad = bad
        self._records = _guarded(lambda: Records(CompoundFile(file).read(*EXCEL_STREAMS)))
        file.seek(0)
        self._workbook = _guarded(lambda: CalamineWorkbook.from_filelike(file))
        self.sheets: list[str] = []
        self.hidden: list[str] = []
        self._places: list[int] = []
        for at, sheet in enumerate(self._workbook.sheets_metadata):
            if sheet.typ != SheetTypeEnum.WorkSheet:
                continue
            if sheet.visible == SheetVisibleEnum.Visible:
                self.sheets.append(sheet.name)
                self._places.append(at)
            else:
                self.hidden.append(sheet.name)
        if len(self.sheets) + len(self.hidden) > MOST_SHEETS:
            raise Refused("file.sheets", limit=MOST_SHEETS)

    def first_rows(self) -> list[list[Row]]:
        """The first rows of each visible sheet."""
        return [list(islice(self.rows(at), FIRST_ROWS)) for at in range(len(self.sheets))]

    def rows(self, index: int) -> Iterator[Row]:
        """The rows of a visible sheet that hold anything."""
        at = self._places[index]
        sheet = _guarded(lambda: self._workbook.get_sheet_by_index(at))
        lengths = Lengths()
        bad = _guarded(lambda: self._records.bad_cells(at))
        for number, row in self._with_bad_cells(sheet, bad):
            if any(cell != "" for cell in row):
                lengths.check(number, row)
                yield number, row

    def _with_bad_cells(self, sheet: Any, bad: Sequence[int]) -> Iterator[Row]:
        """The sheet's rows from the first on, with formulas and errors where they stand."""
        before = [""] * sheet.start[1] if sheet.start else []
        number = at = 0
        for number, cells in enumerate(sheet.iter_rows() if sheet.start else (), start=1):
            row = [*before, *cells]
            while at < len(bad) and bad[at] >> ROW_BITS < number:
                self._place(row, bad[at])
                at += 1
            yield number, row
        for number, packed in groupby(bad[at:], key=lambda cell: cell >> ROW_BITS):
            row = []
            for cell in packed:
                self._place(row, cell)
            yield number + 1, row

    def _place(self, row: list[Any], packed: int) -> None:
        found = unpacked(packed)
        cell = self._bad("cell.error", found.error) if found.error else self._bad(*FORMULA)
        place(row, found.column, cell)


def _guarded(read: Callable[[], Any]) -> Any:
    """What calamine or we read. Raises Refused for whatever that ends in, its panics included."""
    try:
        return read()
    except PasswordError as error:
        raise Refused("file.encrypted") from error
    except (Refused, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic is no Exception
        raise damaged("工作簿的内容不对") from error
