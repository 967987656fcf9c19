"""How long cells, rows and files may be in text, however small the file is that says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from declarations.files.limits import LONGEST_CELL, LONGEST_ROW, MIB
from declarations.files.refusing import Refused

# Characters that all long rows of a file may hold together, however often one text is repeated.
_MOST_TEXT = 256 * MIB


class Lengths:
    """Measures rows of one file."""

    def __init__(self) -> None:
        self._seen = 0

    def check(self, number: int, row: Sequence[Any]) -> None:
        """See that a row's texts are no longer than they may be. Raises Refused."""
        lengths = [len(cell) for cell in row if isinstance(cell, str)]
        if lengths and max(lengths) > LONGEST_CELL:
            raise Refused("sheet.long_cell", row=number, limit=LONGEST_CELL)
        length = sum(lengths)
        if length > LONGEST_ROW:
            raise Refused("sheet.long_row", row=number, limit=LONGEST_ROW)
        self._seen += length
        if self._seen > _MOST_TEXT:
            raise Refused("file.unpacked", limit=_MOST_TEXT // MIB)
