"""Text copied from Excel, cut into cells as Excel would. Never raises, loses no row."""

import re

# Longer than a cell of Excel can be: a quotation mark then belongs to the text.
_LONGEST_CELL = 32_767
# Excel puts a cell that holds a line break between quotation marks and doubles those inside. A
# cell that only begins with one is text; a tab never stands inside.
_QUOTED = re.compile(rf'"((?:[^"\t]|""){{0,{_LONGEST_CELL}}}+)"(?=\t|\r\n|\r|\n|\Z)')
_PLAIN = re.compile(r"[^\t\r\n]*")
_END = re.compile(r"\t|\r\n|\r|\n|\Z")


def split_cells(text: str) -> list[list[str]]:
    """Cut a copied table into rows of cells; blank lines stay, as rows of one empty cell.

    A line break at the very end ends the last row and begins no other.
    """
    rows: list[list[str]] = []
    row: list[str] = []
    place = 0
    while True:
        cell, place = _cell(text, place)
        row.append(cell)
        end = _END.match(text, place)
        if end is None:  # not reached: a cell ends where _END begins
            break
        place = end.end()
        if end[0] == "\t":
            continue
        rows.append(row)
        row = []
        if place >= len(text):
            break
    return rows


def _cell(text: str, place: int) -> tuple[str, int]:
    """Return the cell that begins here, and where it ends."""
    quoted = _QUOTED.match(text, place)
    if quoted and any(mark in quoted[1] for mark in ("\n", "\r", '""')):
        return quoted[1].replace('""', '"'), quoted.end()
    plain = _PLAIN.match(text, place)
    return (plain[0], plain.end()) if plain else ("", place)
