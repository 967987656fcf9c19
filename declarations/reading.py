"""Reading files that somebody with a shell imports: in this process, by what reads uploads.

The same looks at a file's content go before, with larger limits; see `declarations.files`.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from declarations.cells import BadCell, Cell
from declarations.faults import Fault, RejectedFile
from declarations.files.limits import COMMAND_LIMITS
from declarations.files.looking import look
from declarations.files.refusing import Refused
from declarations.files.tables import CSV, Table, open_table
from declarations.files.text_tables import DELIMITERS
from declarations.headers import find_layout
from declarations.rules import RULES, sentence

Row = tuple[int, Sequence[Cell]]


@dataclass
class Sheet:
    """A sheet's name ("" for a CSV file) and its rows: (number counted from 1, cells)."""

    name: str
    rows: Iterator[Row]


def rejected(rule: str, **facts: object) -> RejectedFile:
    """The exception for a file that can't be read at all."""
    text = sentence(rule, **facts)
    value = str(facts.get("value", ""))
    return RejectedFile([Fault(0, "", value, rule, RULES[rule].level, text)])


def open_sheets(path: Path) -> list[Sheet]:
    """The visible sheets of a workbook, or the one table of a .csv file.

    Blank rows are left out, numbers stay the file's own. Raises RejectedFile for another type of
    file, one that is damaged, empty, too large or dangerous, and while rows are read for whatever
    shows only there; OSError where the file can't be opened.
    """
    file = path.open("rb")
    try:
        kind = look(file, path.name, COMMAND_LIMITS)
        table = open_table(file, kind, BadCell)
        if kind == CSV:
            return [Sheet("", _rows(table, best_delimiter(table.first_rows())))]
        return [Sheet(name, _rows(table, at)) for at, name in enumerate(table.sheets)]
    except Refused as refused:
        file.close()
        raise rejected(refused.rule, **refused.facts) from refused
    finally:
        if not file.closed:
            weakref.finalize(table, file.close)


def _rows(table: Table, index: int) -> Iterator[Row]:
    try:
        yield from table.rows(index)
    except Refused as refused:
        raise rejected(refused.rule, **refused.facts) from refused


def best_delimiter(readings: Sequence[Sequence[Row]]) -> int:
    """Which of a .csv's readings, one for each of DELIMITERS, finds the most known headings.

    Values may hold any of them, so that only the headings tell.
    """

    def fields_found(at: int) -> tuple[int, int]:
        layout = find_layout("", readings[at])
        return len(layout.headings) if layout else 0, -at

    return max(range(len(DELIMITERS)), key=fields_found)


def peek(rows: Iterator[Row], count: int) -> list[Row]:
    """The next rows of a sheet, at most so many."""
    return list(islice(rows, count))
