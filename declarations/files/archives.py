"""The directory of a zip archive: how much it holds, how tightly, and what kind of file it makes.

Nothing is unpacked here. The sizes that a directory states are kept to by the reader of an entry,
which stops at them and compares the checksum, so that judging the directory judges the content.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO

from declarations.files.limits import MIB, Limits
from declarations.files.refusing import Refused, damaged
from declarations.zip_directory import NoDirectory, directory_of

MOST_ENTRIES = 5_000
_LARGEST_DIRECTORY = 2 * MIB
# Sheets unpack to 8 to 20 times their size, blank formatted ones to 50; deflate can do 1,032.
MOST_RATIO = 200
_SMALL = 16 * MIB
_LOCAL_HEADER = 30

WORKBOOK_IN_ZIP = "xlsx"
# Each error that the zipfile module is known to end in over an archive that is broken.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error,
              RuntimeError, ValueError, UnicodeError, KeyError, OverflowError)  # fmt: skip


def kind_of_zip(file: IO[bytes], limits: Limits) -> str:
    """WORKBOOK_IN_ZIP, or in words what else the archive is. Raises Refused where it is a danger."""
    _check_directory(file)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_entries(entries, limits)
            names = {entry.filename.replace("\\", "/").lower() for entry in entries}
            if len(names) != len(entries):
                raise damaged("压缩包里有重名的内容")
            return _kind_by_names(archive, names)
    except ZIP_ERRORS as error:
        raise damaged("压缩包不完整") from error


def _check_directory(file: IO[bytes]) -> None:
    """The directory's size, before a reader takes all of it into memory."""
    try:
        entries, length = directory_of(file)
    except NoDirectory as error:
        raise damaged("压缩包不完整") from error
    if length > _LARGEST_DIRECTORY or entries > MOST_ENTRIES:
        raise Refused("file.entries", limit=MOST_ENTRIES)


def _check_entries(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > MOST_ENTRIES:
        raise Refused("file.entries", limit=MOST_ENTRIES)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("file.encrypted")
    if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
        raise Refused("file.unpacked", limit=limits.unpacked_bytes // MIB)
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:  # one stretch of bytes unpacked many times over
            raise damaged("压缩包的内容互相重叠")
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size
        if entry.file_size > _SMALL and entry.file_size > MOST_RATIO * entry.compress_size:
            raise Refused("file.ratio", limit=MOST_RATIO)


def _kind_by_names(archive: zipfile.ZipFile, names: set[str]) -> str:
    if "mimetype" in names:
        return "OpenDocument 文件（.ods）"
    if "xl/workbook.bin" in names:
        return "二进制工作簿（.xlsb）"
    if any(name.startswith("word/") for name in names):
        return "Word 文档"
    if any(name.startswith("ppt/") for name in names):
        return "演示文稿"
    if "[content_types].xml" in names:
        return WORKBOOK_IN_ZIP
    return "zip 压缩包"
