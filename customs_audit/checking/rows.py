"""From an upload's sheets to one stream of rows as cells by field name.

Heads that stand in a sheet of their own (表头) are joined by 报关单号. What is wrong with that is kept in
the cells themselves, as cells that can't be trusted: a declaration without a head, and heads that
say different things. So whoever reads the cells later finds the same, and an edit mends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from customs_audit.checking.sheets import Sheet
from declarations.cells import BadCell, Cell
from declarations.faults import shown
from declarations.head_checks import IE_FLAGS
from declarations.headers import FIELDS, Part

Cells = dict[str, Cell]
Rows = Callable[[int], Iterator[tuple[int, Sequence[Cell]]]]

_HEAD_FIELDS = frozenset(known.name for known in FIELDS if known.part is Part.HEAD)
_REQUIRED_OF_HEAD = [known.name for known in FIELDS if known.part is Part.HEAD and known.required]


class FileRow(NamedTuple):
    """One goods line: its sheet (from 0), its row's number there, its cells by field."""

    sheet: int
    number: int
    cells: Cells


def file_rows(sheets: Sequence[Sheet], rows: Rows) -> Iterator[FileRow]:
    """Every goods line of the used sheets, in the file's order."""
    used = [sheet for sheet in sheets if sheet.use]
    head_sheets = [sheet for sheet in used if sheet.is_head]
    heads: dict[str, Cells] = {}
    for sheet in head_sheets:
        for _, cells in _below(sheet, rows):
            _collect(_by_field(sheet, cells), heads)
    for sheet in used:
        if sheet.is_head:
            continue
        swaps = sheet.swaps_countries
        for number, cells in _below(sheet, rows):
            row = _by_field(sheet, cells)
            if head_sheets:
                _join(row, heads)
            if swaps:
                _set_countries_right(row)
            yield FileRow(sheet.index, number, row)


def _below(sheet: Sheet, rows: Rows) -> Iterator[tuple[int, Sequence[Cell]]]:
    for number, cells in rows(sheet.index):
        if number > sheet.row:
            yield number, cells


def _by_field(sheet: Sheet, cells: Sequence[Cell]) -> Cells:
    length = len(cells)
    return {name: cells[column] if column < length else "" for name, column in sheet.fields.items()}


def _entry_key(cells: Cells) -> str:
    cell = cells.get("entry_id")
    return "" if cell is None else shown(cell).strip()


def _collect(head: Cells, heads: dict[str, Cells]) -> None:
    key = _entry_key(head)
    if not key:
        return
    kept = heads.setdefault(key, head)
    if kept is head:
        return
    for name, cell in head.items():
        other = kept.get(name, "")
        if isinstance(other, BadCell) and other.rule == "cell.heads_differ":
            continue
        if name != "entry_id" and cell != other:
            said = "、".join(shown(one) for one in (other, cell) if one not in ("", None))
            kept[name] = BadCell("cell.heads_differ", said)


def _join(row: Cells, heads: dict[str, Cells]) -> None:
    """Fill in what the line's own sheet does not say."""
    key = _entry_key(row)
    head = heads.get(key)
    if head is None:
        head = dict.fromkeys(_REQUIRED_OF_HEAD, BadCell("cell.no_head", key)) if key else {}
    for name, cell in head.items():
        if row.get(name) in ("", None):
            row[name] = cell


def _set_countries_right(row: Cells) -> None:
    """XML names: an export's OriginCountry is its destination (报文格式说明, 表体 10 and 23)."""
    if IE_FLAGS.get(str(row.get("ie_flag", "")).strip().upper()) == "E":
        row["origin_country"], row["destination_country"] = (
            row.get("destination_country", ""),
            row.get("origin_country", ""),
        )
