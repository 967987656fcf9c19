"""Compound files ([MS-CFB]): which streams one holds, and a stream's bytes.

.xls workbooks are such files, and so are encrypted .xlsx workbooks, Word documents and installers.
Every chain of sectors is followed no further than the file has sectors, so that none can go round.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from declarations.files.refusing import damaged

EXCEL_STREAMS = ("Workbook", "Book")
ENCRYPTED_PACKAGE = "EncryptedPackage"
MACROS = "macros"
_MACRO_STORAGES = ("_VBA_PROJECT_CUR", "_VBA_PROJECT")
_LAST_SECTOR = 0xFFFFFFFA  # greater numbers mean no sector
_MOST_ENTRIES = 20_000
_MINI_SECTOR = 64
# Signature, class, versions, byte order and shifts, reserved, then counts and first sectors.
_HEADER = struct.Struct("<8s16s5H6s9I")


class Stream(NamedTuple):
    """A stream or storage in a compound file's directory."""

    name: str
    kind: int
    start: int
    size: int


class CompoundFile:
    """A compound file's directory. Raises Refused where it is damaged."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.seek(0)
        header = file.read(512)
        if len(header) < 512:
            raise damaged("文件不完整")
        fields = _HEADER.unpack_from(header)
        shift, mini_shift = fields[5], fields[6]
        if (shift, mini_shift) not in ((9, 6), (12, 6)):
            raise damaged("文件头不对")
        self._sector = 1 << shift
        self._sectors = os.fstat(file.fileno()).st_size // self._sector
        directory_start, self._small_limit, self._mini_start = fields[10], fields[12], fields[13]
        self._table = self._read_table(header, fields[15], fields[16])
        self.streams = list(self._read_directory(directory_start))

    def _read_sector(self, number: int) -> bytes:
        self._file.seek((number + 1) * self._sector)
        return self._file.read(self._sector)

    def _read_table(self, header: bytes, more_start: int, more_count: int) -> list[int]:
        """The chain table (FAT): each sector's successor."""
        numbers = list(struct.unpack_from("<109I", header, 76))
        sector, per_sector = more_start, self._sector // 4
        for _ in range(min(more_count, self._sectors)):
            if sector >= _LAST_SECTOR:
                break
            listed = self._numbers(sector)
            numbers += listed[: per_sector - 1]
            sector = listed[per_sector - 1]
        table: list[int] = []
        for number in numbers:
            if number < _LAST_SECTOR:
                if len(table) > self._sectors + per_sector:
                    raise damaged("扇区表不对")
                table += self._numbers(number)
        return table

    def _numbers(self, sector: int) -> list[int]:
        data = self._read_sector(sector)
        if len(data) < self._sector:
            raise damaged("文件不完整")
        return list(struct.unpack(f"<{self._sector // 4}I", data))

    def _chain(self, start: int, table: list[int]) -> Iterator[int]:
        sector = start
        for _ in range(len(table) + 1):
            if sector >= _LAST_SECTOR:
                return
            if sector >= len(table):
                raise damaged("扇区表不对")
            yield sector
            sector = table[sector]
        raise damaged("扇区表不对")

    def _read_directory(self, start: int) -> Iterator[Stream]:
        count = 0
        for sector in self._chain(start, self._table):
            data = self._read_sector(sector)
            for at in range(0, len(data) - 127, 128):
                length, kind = struct.unpack_from("<HB", data, at + 64)
                first, size = struct.unpack_from("<II", data, at + 116)
                count += 1
                if count > _MOST_ENTRIES:
                    raise damaged("目录过大")
                if kind and 2 <= length <= 64:
                    name = data[at : at + length - 2].decode("utf-16-le", "replace")
                    yield Stream(name, kind, first, size)

    def has(self, *names: str) -> bool:
        """Whether a stream or storage of one of these names is there."""
        return any(stream.name in names for stream in self.streams)

    def read(self, *names: str) -> bytes:
        """The bytes of the first stream of one of these names."""
        stream = next(found for found in self.streams if found.name in names and found.kind == 2)
        if stream.size >= self._small_limit:
            return self._read_chain(stream.start, stream.size)
        root = next((found for found in self.streams if found.kind == 5), None)
        if root is None:
            raise damaged("目录不对")
        mini = self._read_chain(root.start, root.size)
        mini_table: list[int] = []
        for sector in self._chain(self._mini_start, self._table):
            mini_table += self._numbers(sector)
        parts = [
            mini[sector * _MINI_SECTOR : (sector + 1) * _MINI_SECTOR]
            for sector in self._chain(stream.start, mini_table)
        ]
        return b"".join(parts)[: stream.size]

    def _read_chain(self, start: int, size: int) -> bytes:
        if size > self._sectors * self._sector:
            raise damaged("文件不完整")
        parts = [self._read_sector(sector) for sector in self._chain(start, self._table)]
        return b"".join(parts)[:size]


def kind_of_compound(file: IO[bytes]) -> str:
    """One of EXCEL_STREAMS, ENCRYPTED_PACKAGE, MACROS, or in words what the file is."""
    found = CompoundFile(file)
    if found.has("EncryptionInfo", ENCRYPTED_PACKAGE):
        return ENCRYPTED_PACKAGE
    for name in EXCEL_STREAMS:
        if found.has(name):
            return MACROS if found.has(*_MACRO_STORAGES) else name
    if found.has("WordDocument"):
        return "Word 文档"
    if found.has("PowerPoint Document"):
        return "演示文稿"
    return "其他程序的文件"
