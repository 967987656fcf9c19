"""The records of an .xls workbook ([MS-XLS], BIFF8 and BIFF5) that calamine says nothing of.

Calamine gives a formula's last result and shows an error as blank; where either stands is found here,
and what no upload may hold: a password, Excel 4 macros, links to other files.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from declarations.files.refusing import Refused, damaged

_FORMULA, _END, _FILE_PASS, _BOUND_SHEET = 0x0006, 0x000A, 0x002F, 0x0085
_SUP_BOOK, _ERROR, _BEGIN = 0x01AE, 0x0205, 0x0809
_HEAD = struct.Struct("<HH")
_CELL = struct.Struct("<HH")
_SHEET = struct.Struct("<IBB")
_MACRO_SHEET = 1
# A link's own workbook, and its add-ins: the marks that stand instead of a file's name.
_OWN = (b"\x01\x04", b"\x01\x3a")
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_NO_ERROR = 0xFF


# Where a place's row begins in a number that holds row, column (from 0) and kind of error.
ROW_BITS = 16


class Found(NamedTuple):
    """A formula or error at a place, both from 0; `error` is "" for a formula with a result."""

    row: int
    column: int
    error: str


def unpacked(number: int) -> Found:
    """What one of `bad_cells` says."""
    code = number & 0xFF
    error = "" if code == _NO_ERROR else _ERRORS.get(code, "#ERROR!")
    return Found(number >> ROW_BITS, number >> 8 & 0xFF, error)


class Records:
    """The records of a workbook's stream. Raises Refused for what no upload may hold."""

    def __init__(self, stream: bytes) -> None:
        self._stream = stream
        self._starts: list[int] = []
        for kind, at, length in self._walk(0):
            if kind == _FILE_PASS:
                raise Refused("file.encrypted")
            if kind == _SUP_BOOK and length > 4 and stream[at + 2 : at + 4] not in _OWN:
                raise Refused("file.links")
            if kind == _BOUND_SHEET and length >= _SHEET.size:
                start, _, sheet_kind = _SHEET.unpack_from(stream, at)
                if sheet_kind == _MACRO_SHEET:
                    raise Refused("file.macros")
                self._starts.append(start)

    def bad_cells(self, sheet: int) -> array[int]:
        """The formulas and errors of a sheet (by its place among all sheets), row by row, packed."""
        found = array("I")
        stream = self._stream
        is_sorted, last = True, 0
        for kind, at, length in self._walk(self._starts[sheet]):
            if kind == _FORMULA and length >= 14:
                is_error = stream[at + 6] == 2 and stream[at + 12 : at + 14] == b"\xff\xff"
                error = stream[at + 8] if is_error else _NO_ERROR
            elif kind == _ERROR and length >= 8 and stream[at + 7]:
                error = stream[at + 6]
            else:
                continue
            row, column = _CELL.unpack_from(stream, at)
            packed = row << ROW_BITS | (column & 0xFF) << 8 | error
            is_sorted, last = is_sorted and packed >= last, packed
            found.append(packed)
        return found if is_sorted else array("I", sorted(found))

    def _walk(self, start: int) -> Iterator[tuple[int, int, int]]:
        """The records of one substream: kind, where its data begin, and how long they are.

        Charts and other substreams inside it are passed over.
        """
        stream, size, at, depth = self._stream, len(self._stream), start, 0
        unpack = _HEAD.unpack_from
        while at + 4 <= size:
            kind, length = unpack(stream, at)
            at += 4
            if kind == _BEGIN:
                depth += 1
            elif kind == _END:
                depth -= 1
                if depth <= 0:
                    return
            elif depth <= 1:
                yield kind, at, length
            at += length
        raise damaged("工作簿不完整")
