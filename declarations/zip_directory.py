"""How large a zip archive's directory is, before a reader takes all of it into memory."""

from __future__ import annotations

import os
import struct
from typing import IO

_END = struct.Struct("<4s4H2LH")
_END_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT = 65_535


class NoDirectory(Exception):
    """The archive has no whole directory; the message says so in a few words."""


def directory_of(file: IO[bytes]) -> tuple[int, int]:
    """Return how many entries an archive's directory claims, and how many bytes it takes.

    What it claims is read from its end alone (PKWARE's APPNOTE, 4.3.14 to 4.3.16). Raises NoDirectory.
    """
    size = os.fstat(file.fileno()).st_size
    tail_at = max(0, size - _END.size - _LONGEST_COMMENT - _END_LOCATOR.size)
    file.seek(tail_at)
    tail = file.read()
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or found + _END.size > len(tail):
        raise NoDirectory("没有目录，可能没有传完")
    _, _, _, _, entries, length, _, _ = _END.unpack_from(tail, found)
    locator = found - _END_LOCATOR.size
    if locator >= 0 and tail[locator:].startswith(b"PK\x06\x07"):
        file.seek(max(tail_at + locator - _END_64.size, 0))
        record = file.read(_END_64.size)
        if len(record) < _END_64.size or not record.startswith(b"PK\x06\x06"):
            raise NoDirectory("目录不完整")
        entries, length = _END_64.unpack(record)[7:9]
    return entries, length
