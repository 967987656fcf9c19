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
# Fields whose cells can't be another column's; agent and trader look alike, a 项号 is any small number.
_SURE = frozenset({"entry_id", "declared_on", "hs_code", "g_model", "verdict"})


def guessed(sheets: Mapping[int, tuple[str, Rows]]) -> list[Sheet]:
    """Lay out sheets (name and first rows, by index) of which no row bears known headings.

    The heading row is the widest, or the nearest above it that holds no data; where there is none,
    the sheet has no headings. Returns nothing where all sheets together have fewer columns than a
    file needs.
    """
    found = []
    for index, (name, first) in sheets.items():
        row = None if name in SHEETS_WITHOUT_ROWS else _heading_row(first)
        if row is None:
            continue
        sheet = relaid(Sheet(name, index, row, [], {}), first, row)
        sheet.doubts = [_DOUBT]
        found.append(sheet)
    if sum(len(sheet.headings) for sheet in found) < FEWEST_COLUMNS:
        return []
    for sheet in found:
        _fill(sheet)
    return found


def _heading_row(first: Rows) -> int | None:
    """The number of the row that may bear headings, or NO_HEADINGS; None where all are narrow."""
    rows = first[:HEADING_ROWS_SEARCHED]
    widths = [sum(1 for cell in cells if cell not in ("", None)) for _, cells in rows]
    most = max(widths, default=0)
    if most < HEADINGS_NEEDED:
        return None
    for place in range(widths.index(most), -1, -1):
        if widths[place] >= HEADINGS_NEEDED and not _is_data(rows[place][1]):
            return rows[place][0]
    return NO_HEADINGS


def _is_data(cells: Sequence[Cell]) -> bool:
    texts = [shown(cell).strip() for cell in cells if cell not in ("", None)]
    return any(looks_like(name, [text] * HEADINGS_NEEDED) for name in _DATA for text in texts)


def _fill(sheet: Sheet) -> None:
    """Choose the columns that can't be mistaken; a wrong guess would be confirmed unseen."""
    for _, _, names in missing_columns([sheet]):
        sure = [name for name in names if name in _SURE]
        column = best_field(sheet.headings, sheet.sample, sheet.columns, sure)
        if column is not None:
            place, name = column
            sheet.columns[place] = name
