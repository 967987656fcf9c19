"""A file of any kind as sheets of rows, as the child and the command line open it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, Protocol

from declarations.files.text_tables import TextTable
from declarations.files.workbook import Workbook

XLSX, XLS, CSV = "xlsx", "xls", "csv"
_OLD_WORKBOOK = "declarations.files.old_workbook"


class Table(Protocol):
    """What every kind of file gives."""

    @property
    def sheets(self) -> Sequence[str]:
        """The names of the sheets that are read; of a .csv the ways of reading it."""

    @property
    def hidden(self) -> Sequence[str]:
        """The names of the sheets that are not read because they are hidden."""

    def first_rows(self) -> list[list[tuple[int, list[Any]]]]:
        """The first FIRST_ROWS rows of each sheet that hold anything."""

    def rows(self, index: int) -> Iterator[tuple[int, list[Any]]]:
        """The rows of a sheet that hold anything: (number counted from 1, cells)."""


def prepare(kind: str) -> None:
    """Import what opening such a file needs, for a process that soon can't."""
    if kind == XLS:
        importlib.import_module(_OLD_WORKBOOK)


def open_table(file: IO[bytes], kind: str, bad: Callable[[str, str], Any]) -> Table:
    """Open a file of a kind that `looking.look` told; `bad` makes a cell that can't be trusted.

    Raises Refused.
    """
    if kind == CSV:
        return TextTable(file)
    if kind == XLS:
        # Only where one comes: calamine is the one library of others that reading needs.
        old: Table = importlib.import_module(_OLD_WORKBOOK).OldWorkbook(file, bad)
        return old
    return Workbook(file, bad)
