"""Old workbooks (.xls): written by xlwt, and taken apart where none would be written so."""

import datetime
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlwt
from xlwt.CompoundDoc import XlsDoc

_DIRECTORY_ENTRY = 128


def old_book(rows: Sequence[Sequence[Any]] = (("报关单号", "项号"), ("1", "2"))) -> xlwt.Workbook:
    """A workbook of one sheet; blank texts are left out, dates are dates."""
    book = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    sheet = book.add_sheet("数据")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime.date):
                sheet.write(number, column, cell, day)
            elif cell != "":
                sheet.write(number, column, cell)
    return book


def old_stream(rows: Sequence[Sequence[Any]] = (("报关单号", "项号"), ("1", "2"))) -> bytes:
    """The records of such a workbook."""
    stream: bytes = old_book(rows).get_biff_data()
    return stream


def after_start(stream: bytes, record: bytes) -> bytes:
    """The stream with a record put in after its first; places of sheets are set right."""
    length = 4 + struct.unpack_from("<H", stream, 2)[0]
    changed = bytearray(stream[:length] + record + stream[length:])
    at = length + len(record)
    while True:
        kind, size = struct.unpack_from("<HH", changed, at)
        if kind == 0x0A:
            return bytes(changed)
        if kind == 0x85:
            place = struct.unpack_from("<I", changed, at + 4)[0]
            struct.pack_into("<I", changed, at + 4, place + len(record))
        at += 4 + size


def write_compound(
    path: Path, stream: bytes, names: Mapping[str, tuple[str, int]] | None = None
) -> Path:
    """A compound file of one stream "Workbook"; `names` (old → new and kind) change its directory.

    The old name "" is an entry that is not in use.
    """
    with path.open("wb") as file:
        XlsDoc().save(file, stream)
    data = bytearray(path.read_bytes())
    root = data.index("Root Entry".encode("utf-16-le"))
    entries = {"Workbook": root + _DIRECTORY_ENTRY, "": root + 2 * _DIRECTORY_ENTRY}
    for old, (new, kind) in (names or {}).items():
        at = entries[old]
        encoded = new.encode("utf-16-le")
        data[at : at + 64] = encoded.ljust(64, b"\0")
        struct.pack_into("<HB", data, at + 64, len(encoded) + 2, kind)
    path.write_bytes(data)
    return path
