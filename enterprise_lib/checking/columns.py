"""Which column of a table holds what: by its heading row, or by what its cells look like."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from declarations.cells import Cell
from declarations.head_checks import IE_FLAGS
from declarations.headers import HEADING_ROWS_SEARCHED, field_of

# The order in which columns are expected where nothing else tells them.
FIELDS = ("hs_code", "g_name", "g_model", "ie_flag")
LABELS = {
    "hs_code": "商品编码",
    "g_name": "商品名称",
    "g_model": "规格型号",
    "ie_flag": "进出口标志",
}
NEEDED = ("hs_code", "g_model")
HEADINGS_NEEDED = 2
# How many rows are looked at to guess columns.
GUESSED_BY = 200
_CODE = re.compile(r"[0-9][0-9.\s]{6,16}[0-9]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")

Row = tuple[int, Sequence[Cell]]


@dataclass(frozen=True)
class Columns:
    """Where each field stands (column from 0), and at which row number the data begin.

    `unknown` are headings that name nothing that a self-check needs.
    """

    places: dict[str, int]
    first_row: int
    has_headings: bool
    unknown: tuple[str, ...] = field(default=())

    @property
    def missing(self) -> list[str]:
        """The labels of the needed columns that the table hasn't got."""
        return [LABELS[name] for name in NEEDED if name not in self.places]

    def cells_of(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """Return a row's cells by field name."""
        return {name: cells[place] for name, place in self.places.items() if place < len(cells)}


def find_columns(rows: Sequence[Row]) -> Columns:
    """Find the columns of a table; `rows` are (number from 1, cells), without blank ones."""
    for number, cells in rows[:HEADING_ROWS_SEARCHED]:
        found = _headings(cells)
        if len(found) >= HEADINGS_NEEDED:
            unknown = tuple(
                str(cell).strip()
                for index, cell in enumerate(cells)
                if index not in found.values() and str(cell or "").strip()
            )
            return Columns(found, number + 1, True, unknown)
    return Columns(_guess([cells for _, cells in rows[:GUESSED_BY]]), 1, False)


def _headings(cells: Sequence[Cell]) -> dict[str, int]:
    """Return the fields that a row's cells name; of two columns of one field the first."""
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        known = field_of(cell)
        if known is not None and known.name in FIELDS:
            found.setdefault(known.name, index)
    return found


def _guess(rows: Sequence[Sequence[Cell]]) -> dict[str, int]:
    """Guess columns by their cells: digits, bars, I or E, Chinese; else by the usual order."""
    width = max((len(cells) for cells in rows), default=0)
    columns = [[_as_text(cells[i]) for cells in rows if i < len(cells)] for i in range(width)]
    free = list(range(width))
    found: dict[str, int] = {}

    def take(name: str, looks_right: Callable[[str], bool]) -> None:
        shares = {i: _share(columns[i], looks_right) for i in free}
        best = max(shares, key=lambda i: shares[i], default=None)
        if best is not None and shares[best] > 0:
            found[name] = best
            free.remove(best)

    take("g_model", lambda text: "|" in text or "｜" in text)
    take("hs_code", lambda text: bool(_CODE.fullmatch(text)))
    take("ie_flag", lambda text: text.upper() in IE_FLAGS and not text.isdigit())
    take("g_name", lambda text: bool(_CHINESE.search(text)))
    for name in FIELDS[:3]:
        if name not in found and free:
            found[name] = free.pop(0)
    return found


def _share(column: Sequence[str], looks_right: Callable[[str], bool]) -> float:
    filled = [text for text in column if text]
    return sum(map(looks_right, filled)) / len(filled) if filled else 0.0


def _as_text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()
