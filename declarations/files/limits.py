"""How large a file may be, what it may unpack to, and what reading it may cost."""

from __future__ import annotations

from typing import NamedTuple

MIB = 2**20


class Limits(NamedTuple):
    """What one file may be and cost; bytes, rows that are not blank, seconds.

    A workbook's rows count over all its sheets that are read.
    """

    workbook_bytes: int = 50 * MIB
    workbook_rows: int = 200_000
    csv_bytes: int = 200 * MIB
    csv_rows: int = 1_000_000
    # What an .xlsx may unpack to: 200,000 rows of 150 cells.
    unpacked_bytes: int = 1024 * MIB
    memory_bytes: int = 1024 * MIB
    # Processor time from the start until the first rows of all sheets are known, and altogether.
    opening_seconds: int = 15
    cpu_seconds: int = 240
    # Time that the reader of the rows waits for the next of them, and for all of them together.
    silent_seconds: float = 600.0
    waiting_seconds: float = 3600.0


UPLOAD_LIMITS = Limits()
# Files that somebody with a shell imports: his own machine, his own memory.
COMMAND_LIMITS = Limits(
    workbook_bytes=256 * MIB,
    workbook_rows=10_000_000,
    csv_bytes=4096 * MIB,
    csv_rows=1_000_000_000,
    unpacked_bytes=2048 * MIB,
)

# Columns that may hold anything, of Excel's 16,384; the widest table of declarations has 60.
MOST_COLUMNS = 500
LAST_ROW = 1_048_576
MOST_SHEETS = 200
# Characters in a cell (Excel's own limit), and in all cells of one row.
LONGEST_CELL = 32_767
LONGEST_ROW = 262_144
# Rows of a sheet that are shown before it is chosen; declarations.headers searches as many.
FIRST_ROWS = 20
