"""Layouts of files whose headings nobody knows: proposed, so that an officer can say what they mean.

An officer's word is needed in any case; what is guessed here only saves him clicks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from customs_audit.checking.likeness import best_field, looks_like
from customs_audit.checking.sheets import NO_HEADINGS, Rows, Sheet, missing_columns, relaid
from customs_audit.template_fields import SHEETS_WITHOUT_ROWS
from declarations.cells import Cell
from declarations.faults import shown
from declarations.headers import FIELDS, HEADING_ROWS_SEARCHED, HEADINGS_NEEDED, PARTY_CODES

# So many columns a file must have: a field a column, one for each party.
FEWEST_COLUMNS = sum(known.required for known in FIELDS) + len(PARTY_CODES)
_DOUBT = "没有认出表头；请指定表头在哪一行，每一列是什么内容。"
# What only data says, never a heading.
_DATA = ("entry_id", "g_model", "trader_uscc")


def guessed(sheets: Mapping[int, tuple[str, Rows]]) -> list[Sheet]:
    """Lay out sheets (name and first rows, by index) of which no row bears known headings.

    The heading row is the first of the widest; where it holds data, the sheet has none. Returns
    nothing where all sheets together have fewer columns than a file needs.
    """
    found = []
    for index, (name, first) in sheets.items():
        place = _widest(first)
        if place is None or name in SHEETS_WITHOUT_ROWS:
            continue
        number, cells = first[place]
        row = NO_HEADINGS if place == 0 and _is_data(cells) else number
        sheet = relaid(Sheet(name, index, number, [], {}), first, row)
        sheet.doubts = [_DOUBT]
        found.append(sheet)
    if sum(len(sheet.headings) for sheet in found) < FEWEST_COLUMNS:
        return []
    for sheet in found:
        _fill(sheet)
    return found


def _widest(first: Rows) -> int | None:
    """The place of the first row with the most cells that are not blank; None where all are narrow."""
    widths = [
        sum(1 for cell in cells if cell not in ("", None))
        for _, cells in first[:HEADING_ROWS_SEARCHED]
    ]
    most = max(widths, default=0)
    return widths.index(most) if most >= HEADINGS_NEEDED else None


def _is_data(cells: Sequence[Cell]) -> bool:
    texts = [shown(cell).strip() for cell in cells if cell not in ("", None)]
    return any(looks_like(name, [text] * HEADINGS_NEEDED) for name in _DATA for text in texts)


def _fill(sheet: Sheet) -> None:
    """Choose for each column that is needed the one whose heading or cells come nearest to it."""
    for _, _, names in missing_columns([sheet]):
        column = best_field(sheet.headings, sheet.sample, sheet.columns, names)
        if column is not None:
            place, name = column
            sheet.columns[place] = name
