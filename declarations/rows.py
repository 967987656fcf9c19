"""From the sheets of a file to one stream of declaration rows, by field name.

A file holds either flat sheets, each row a goods line with its declaration's head facts, or head
sheets (表头) and line sheets (表体) that belong together by 报关单号.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Protocol

from declarations.cells import Cell, Finding
from declarations.faults import Fault, Level, RejectedFile, shown
from declarations.head_checks import IE_FLAGS
from declarations.headers import (
    HEADING_ROWS_SEARCHED,
    Layout,
    find_layout,
    missing_columns,
)
from declarations.reading import Row, open_sheets, peek, rejected
from declarations.rules import RULES, sentence


@dataclass(slots=True)
class RawRow:
    """One goods line as the file has it: field name → cell, and where each part stands.

    `head` is the place of the head facts where these stand in a sheet of their own. `swapped` says
    that the two countries stand in each other's columns (set_countries_right).
    """

    layout: Layout
    number: int
    cells: dict[str, Cell]
    head: Head | None = None
    swapped: bool = False

    def faults(self, findings: Iterable[Finding]) -> Iterator[Fault]:
        """The findings with their places in the file.

        What a head says wrong is one fault, however many lines the declaration has.
        """
        head = self.head
        for found in findings:
            name = self.column_of(found.field)
            value, rule, level, text = found.value, found.rule, found.level, found.text
            if head is None or name not in head.cells or name in self.layout.headings:
                yield self.layout.fault(self.number, name, value, rule, level, text)
            elif (rule, name) not in head.said:
                head.said |= {(rule, name)}
                yield head.layout.fault(head.number, name, value, rule, level, text)

    def column_of(self, name: str) -> str:
        """The field whose column a field's value comes from."""
        return _OTHER_COUNTRY.get(name, name) if self.swapped else name


@dataclass(slots=True)
class Head:
    """One declaration's head row; `said` holds the rules that it broke, with their fields."""

    layout: Layout
    number: int
    cells: dict[str, Cell]
    said: frozenset[tuple[str, str]] = frozenset()


class Rows(Protocol):
    """What holds declarations, whatever its form."""

    @property
    def notes(self) -> list[Fault]:
        """Warnings about the whole, before any row."""

    def rows(self) -> Iterator[RawRow | Fault]:
        """Every goods line in order, and faults that stand in no line."""


class Table:
    """A file of declarations: what its headings say, and its rows.

    `notes` are the warnings about its sheets and columns. Raises RejectedFile (with every reason)
    when it can't be read, no sheet has a heading row, or a required column is missing or twice.
    """

    def __init__(self, path: Path, audited: bool) -> None:
        self.notes: list[Fault] = []
        self._sheets: list[tuple[Layout, Iterator[Row]]] = []
        self.typed = path.suffix.lower() != ".csv"
        for sheet in open_sheets(path):
            first = peek(sheet.rows, HEADING_ROWS_SEARCHED)
            layout = find_layout(sheet.name, first)
            if layout:
                below = [row for row in first if row[0] > layout.row]
                self._sheets.append((layout, chain(below, sheet.rows)))
            elif first:
                self.notes.append(_sheet_ignored(sheet.name))
        self._reject_bad_headings(audited)

    def _reject_bad_headings(self, audited: bool) -> None:
        layouts = [layout for layout, _ in self._sheets]
        if all(layout.is_head for layout in layouts):
            raise rejected("sheet.no_header" if self.notes or layouts else "file.empty")
        faults = [fault for layout in layouts for fault in layout.faults]
        faults += missing_columns(layouts, audited)
        errors = [fault for fault in faults if fault.level is Level.ERROR]
        if errors:
            raise RejectedFile(errors)
        self.notes += faults

    def rows(self) -> Iterator[RawRow | Fault]:
        """Every goods line in the file's order, and a fault for one that has no head."""
        heads: dict[str, Head] = {}
        joins = False
        for layout, rows in self._sheets:
            if layout.is_head:
                joins = True
                yield from _collect_heads(layout, rows, heads)
        for layout, rows in self._sheets:
            if layout.is_head:
                continue
            for number, cells in rows:
                row = RawRow(layout, number, _by_field(layout, cells))
                if joins and not _add_head(row, heads):
                    yield _no_head(row)
                else:
                    set_countries_right(row)
                    yield row


def _by_field(layout: Layout, cells: Sequence[Cell]) -> dict[str, Cell]:
    length = len(cells)
    return {name: cells[index] for index, name in layout.columns.items() if index < length}


def _entry_key(cells: dict[str, Cell]) -> str:
    return shown(cells.get("entry_id", "")).strip()


def _collect_heads(layout: Layout, rows: Iterator[Row], heads: dict[str, Head]) -> Iterator[Fault]:
    for number, cells in rows:
        head = Head(layout, number, _by_field(layout, cells))
        key = _entry_key(head.cells)
        if key and heads.setdefault(key, head) is not head:
            rule = "head.repeated"
            text = sentence(rule, value=key)
            yield layout.fault(number, "entry_id", key, rule, RULES[rule].level, text)


def _add_head(row: RawRow, heads: dict[str, Head]) -> bool:
    """Fill in what the line's own sheet does not say; False where the declaration has no head."""
    head = heads.get(_entry_key(row.cells))
    if head is None:
        return False
    row.head = head
    row.cells = head.cells | {
        name: cell for name, cell in row.cells.items() if cell not in ("", None)
    }
    return True


def _no_head(row: RawRow) -> Fault:
    key = _entry_key(row.cells)
    rule = "head.missing"
    text = sentence(rule, value=key)
    return row.layout.fault(row.number, "entry_id", key, rule, RULES[rule].level, text)


_OTHER_COUNTRY = {
    "origin_country": "destination_country",
    "destination_country": "origin_country",
}


def set_countries_right(row: RawRow) -> None:
    """XML names: an export's OriginCountry is its destination, DestinationCountry its origin."""
    if not row.layout.swaps_countries:
        return
    flag = IE_FLAGS.get(str(row.cells.get("ie_flag", "")).strip().upper())
    if flag == "E":
        cells = row.cells
        cells["origin_country"], cells["destination_country"] = (
            cells.get("destination_country", ""),
            cells.get("origin_country", ""),
        )
        row.swapped = True


def _sheet_ignored(name: str) -> Fault:
    rule = "sheet.ignored"
    return Fault(0, "", name, rule, RULES[rule].level, sentence(rule, value=name), name)
