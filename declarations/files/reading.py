"""Reading an uploaded file: looked at here, read in a child, nothing of which is trusted.

with read_upload(path, "八月审核.xlsx") as file:
    for index, sheet in enumerate(file.sheets):   # the first rows of each visible sheet
        ...
    for number, cells in file.rows(0):            # all its rows, headings included
        ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from declarations.faults import Fault
from declarations.files.limits import FIRST_ROWS, UPLOAD_LIMITS, Limits
from declarations.files.looking import look
from declarations.files.parent import Child
from declarations.files.refusing import Refused
from declarations.files.tables import CSV
from declarations.reading import Row, best_delimiter, rejected
from declarations.rules import RULES, sentence


@dataclass(frozen=True)
class SheetPreview:
    """A visible sheet: its name ("" for a .csv) and its first rows that hold anything."""

    name: str
    first: Sequence[Row]


class ReadFile:
    """An uploaded file while it is read.

    `kind` is "xlsx", "xls" or "csv"; `typed` whether text in a cell is known to have been text;
    `sheets` the visible sheets; `notes` warnings about what is not read; `share` how much of the
    file has been read so far, from 0 to 1.
    """

    def __init__(self, file: IO[bytes], kind: str, limits: Limits) -> None:
        self.kind = kind
        self.typed = kind != CSV
        self.share = 0.0
        self._file = file
        self._limits = limits
        self._counts: dict[int, int] = {}
        self._child = Child(file, kind, limits)
        try:
            found, hidden = self._child.sheets()
            if not any(first for _, first in found):
                raise rejected("file.all_hidden" if hidden else "file.empty")
        except BaseException:
            self._child.close()
            raise
        self._numbers = list(range(len(found)))
        if kind == CSV:
            self._numbers = [best_delimiter([first for _, first in found])]
            found = [("", found[self._numbers[0]][1])]
        self.sheets = [SheetPreview(name, first) for name, first in found]
        self.notes = [_sheet_hidden(name) for name in hidden]

    def rows(self, index: int) -> Iterator[Row]:
        """All rows of a sheet that hold anything, headings included: (number from 1, cells).

        Sheets may be read in any order, and again, but one after the other. Raises RejectedFile
        with one sentence, also after any number of rows.
        """
        if self._child.is_busy:  # somebody stopped in the middle of a sheet
            self._child.close()
            self._child = Child(self._file, self.kind, self._limits)
            self._child.sheets()
        others = sum(count for at, count in self._counts.items() if at != index)
        count = 0
        for share, rows in self._child.rows(self._numbers[index]):
            self.share = share
            count += len(rows)
            self._check_count(others + count)
            yield from rows
        self._counts[index] = count

    def _check_count(self, count: int) -> None:
        """See that there are no more rows than may be; headings and titles come on top."""
        limits = self._limits
        if self.kind == CSV:
            if count > limits.csv_rows + FIRST_ROWS:
                raise rejected("file.csv_rows", limit=f"{limits.csv_rows:,}")
        elif count > limits.workbook_rows + FIRST_ROWS:
            raise rejected("file.workbook_rows", limit=f"{limits.workbook_rows:,}")

    def close(self) -> None:
        """End the child."""
        self._child.close()


@contextmanager
def read_upload(path: Path, name: str, *, limits: Limits = UPLOAD_LIMITS) -> Iterator[ReadFile]:
    """Open an uploaded file that its sender calls `name`.

    Raises RejectedFile with exactly one sentence for whatever can be wrong with it, here and while
    its rows are read; OSError where it can't be opened.
    """
    with path.open("rb") as file:
        try:
            kind = look(file, name, limits)
        except Refused as refused:
            raise rejected(refused.rule, **refused.facts) from refused
        read = ReadFile(file, kind, limits)
        try:
            yield read
        finally:
            read.close()


def _sheet_hidden(name: str) -> Fault:
    rule = "sheet.hidden"
    return Fault(0, "", name, rule, RULES[rule].level, sentence(rule, value=name), name)
