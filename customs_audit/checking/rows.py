"""From an upload's sheets to one stream of rows, each row's cells in the order of the rules' parts.

Heads that stand in a sheet of their own (表头) are joined by 报关单号. What is wrong with that is kept in
the cells themselves, as cells that can't be trusted: a declaration without a head, and heads that
say different things. So whoever reads the cells later finds the same, and an edit mends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

from customs_audit.checking.sheets import Sheet
from declarations.cells import BadCell, Cell
from declarations.checks import (
    AMOUNTS,
    CODES,
    DAY,
    ENTRY,
    GOODS,
    MODE,
    NUMBER,
    PARTIES,
    VERDICT,
)
from declarations.faults import shown
from declarations.head_checks import IE_FLAGS
from declarations.headers import FIELDS, Part

Cells = tuple[Cell, ...]
Rows = Callable[[int], Iterator[tuple[int, Sequence[Cell]]]]
# One goods line: its row's number in its sheet, its cells in the order of a Shape's names.
FileRow = tuple[int, Cells]

PARTS = (ENTRY, DAY, MODE, NUMBER, PARTIES, GOODS, CODES, AMOUNTS, VERDICT)
_ORDER = tuple(name for part in PARTS for name in part)
_REQUIRED_OF_HEAD = [known.name for known in FIELDS if known.part is Part.HEAD and known.required]
_COUNTRIES = ("origin_country", "destination_country")
_BLANK = ("", None)


@dataclass(frozen=True)
class Shape:
    """The fields of a sheet's rows, in the order of PARTS, and where each part's begin and end."""

    sheet: int
    names: tuple[str, ...]
    parts: tuple[slice, ...]

    @classmethod
    def of(cls, sheet: int, fields: set[str]) -> Shape:
        """The shape of rows that hold these fields."""
        slices, start = [], 0
        for part in PARTS:
            end = start + sum(name in fields for name in part)
            slices.append(slice(start, end))
            start = end
        return cls(sheet, tuple(name for name in _ORDER if name in fields), tuple(slices))


def file_rows(sheets: Sequence[Sheet], rows: Rows) -> Iterator[tuple[Shape, Iterator[FileRow]]]:
    """The goods lines of each used sheet of lines, in the file's order."""
    used = [sheet for sheet in sheets if sheet.use]
    head_sheets = [sheet for sheet in used if sheet.is_head]
    joined = {name for sheet in head_sheets for name in sheet.fields}
    heads: dict[str, dict[str, Cell]] = {}
    for sheet in head_sheets:
        names = tuple(sheet.fields)
        for _, cells in _picked(sheet, names, rows):
            _collect(dict(zip(names, cells, strict=True)), heads)
    for sheet in used:
        if sheet.is_head:
            continue
        own = set(sheet.fields)
        fields = own | joined | set(_REQUIRED_OF_HEAD) if head_sheets else own
        if sheet.swaps_countries:
            fields.update(_COUNTRIES)
        shape = Shape.of(sheet.index, fields)
        if fields == own:
            lines = _picked(sheet, shape.names, rows)
        else:
            lines = _joined(sheet, shape, rows, heads if head_sheets else None)
        yield shape, _set_right(shape, lines) if sheet.swaps_countries else lines


def _picked(sheet: Sheet, names: Sequence[str], rows: Rows) -> Iterator[FileRow]:
    """The rows below a sheet's headings, as the cells of some of its fields."""
    columns = [sheet.fields[name] for name in names]
    width = max(columns) + 1
    # Of one column alone an itemgetter gives the cell itself.
    pick: Callable[[Sequence[Cell]], Cells] = (
        itemgetter(*columns) if len(columns) > 1 else lambda cells: (cells[columns[0]],)
    )
    first = sheet.row + 1
    for number, cells in rows(sheet.index):
        if number >= first:
            missing = width - len(cells)
            yield number, pick([*cells, *[""] * missing] if missing > 0 else cells)


def _joined(
    sheet: Sheet, shape: Shape, rows: Rows, heads: dict[str, dict[str, Cell]] | None
) -> Iterator[FileRow]:
    """Rows to which the head adds what their own sheet does not say."""
    names = tuple(sheet.fields)
    for number, picked in _picked(sheet, names, rows):
        cells = dict(zip(names, picked, strict=True))
        for name, cell in _head_of(cells, heads).items() if heads is not None else ():
            if cells.get(name) in _BLANK:
                cells[name] = cell
        yield number, tuple(cells.get(name, "") for name in shape.names)


def _entry_key(cells: dict[str, Cell]) -> str:
    cell = cells.get("entry_id")
    return "" if cell is None else shown(cell).strip()


def _head_of(cells: dict[str, Cell], heads: dict[str, dict[str, Cell]]) -> dict[str, Cell]:
    key = _entry_key(cells)
    if key in heads or not key:
        return heads.get(key, {})
    return dict.fromkeys(_REQUIRED_OF_HEAD, BadCell("cell.no_head", key))


def _collect(head: dict[str, Cell], heads: dict[str, dict[str, Cell]]) -> None:
    key = _entry_key(head)
    kept = heads.setdefault(key, head) if key else head
    if kept is head:
        return
    for name, cell in head.items():
        other = kept.get(name, "")
        if isinstance(other, BadCell) and other.rule == "cell.heads_differ":
            continue
        if name != "entry_id" and cell != other:
            said = "、".join(shown(one) for one in (other, cell) if one not in _BLANK)
            kept[name] = BadCell("cell.heads_differ", said)


def _set_right(shape: Shape, lines: Iterator[FileRow]) -> Iterator[FileRow]:
    """XML names: an export's OriginCountry is its destination (报文格式说明, 表体 10 and 23)."""
    origin, destination = (shape.names.index(name) for name in _COUNTRIES)
    flag = shape.names.index("ie_flag")
    for number, cells in lines:
        if IE_FLAGS.get(str(cells[flag]).strip().upper()) == "E":
            swapped = list(cells)
            swapped[origin], swapped[destination] = cells[destination], cells[origin]
            cells = tuple(swapped)
        yield number, cells
