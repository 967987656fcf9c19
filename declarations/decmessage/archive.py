"""The files of a .zip of DecMessages, one after the other, in memory only.

Nothing is unpacked to the disk, so that what the archive calls its files names nothing but the
place of a fault. All sizes are looked at before a byte is unpacked, and a file yields no more than
the size it claims.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from declarations.decmessage.limits import (
    MOST_BYTES,
    MOST_FILES,
    MOST_PACKED,
    MOST_RATIO,
    MOST_UNPACKED,
    RATIO_COUNTS_FROM,
)
from declarations.decmessage.message import node_fault
from declarations.faults import Fault, RejectedFile
from declarations.zip_directory import NoDirectory, directory_of

# A file's record in the archive's directory, with a name and extras of usual length.
LONGEST_RECORD = 46 + 1_024
_OFFICE_PART = "[Content_Types].xml"
_LEFT_OUT = frozenset({".ds_store", "thumbs.db", "desktop.ini"})  # what file managers leave behind
_MAC_FOLDER = "__MACOSX/"
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_ARCHIVE_NAMES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz")
# What the standard library raises for archives that were changed or cut (tests).
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)

Held = tuple[str, bytes]


def open_archive(path: Path) -> Iterator[Held | Fault]:
    """Each message of the archive as (name, content), in its order, and a fault for what is none.

    Raises RejectedFile before anything is unpacked where the archive as a whole can't be taken.
    """
    _look_at_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not _is_left_out(entry)]
    except _DAMAGED as error:
        raise _rejected(path, "zip.unreadable", str(error)) from error
    if len(entries) > MOST_FILES:
        raise _rejected(path, "zip.count")
    if any(entry.filename == _OFFICE_PART for entry in entries):
        raise _rejected(path, "zip.office")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise _rejected(path, "zip.unpacked")
    if not any(_name(entry).lower().endswith(".xml") for entry in entries):
        raise _rejected(path, "zip.empty")
    return _held(path, entries)


def _rejected(path: Path, rule: str, value: str = "") -> RejectedFile:
    return RejectedFile([node_fault(path.name, 0, "", rule, value)])


def _held(path: Path, entries: list[zipfile.ZipInfo]) -> Iterator[Held | Fault]:
    with zipfile.ZipFile(path) as archive:
        for entry in entries:
            name = _name(entry)
            if rule := _refusal(entry, name):
                yield node_fault(name, 0, "", rule)
                continue
            try:
                with archive.open(entry) as file:
                    data = file.read(MOST_BYTES + 1)
            except _DAMAGED as error:
                why = str(error) or type(error).__name__
                yield node_fault(name, 0, "", "zip.unreadable", why)
                continue
            if data.startswith(_ARCHIVES):
                yield node_fault(name, 0, "", "zip.nested")
            else:
                yield name, data


def _refusal(entry: zipfile.ZipInfo, name: str) -> str:
    """The rule by which a file can't be a message as the directory describes it, or ""."""
    if entry.flag_bits & 0x1:
        return "zip.encrypted"
    if name.lower().endswith(_ARCHIVE_NAMES):
        return "zip.nested"
    if not name.lower().endswith(".xml"):
        return "zip.other_file"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "zip.method"
    if entry.file_size > MOST_BYTES:
        return "xml.size"
    if entry.file_size > max(RATIO_COUNTS_FROM, MOST_RATIO * entry.compress_size):
        return "zip.ratio"
    return ""


def _is_left_out(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.rpartition("/")[2].lower()
    return entry.is_dir() or entry.filename.startswith(_MAC_FOLDER) or name in _LEFT_OUT


def _name(entry: zipfile.ZipInfo) -> str:
    """The file's name as it was meant, for showing only: GBK where Windows did not mark it UTF-8."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            name = name.encode("cp437").decode("gb18030")
        except UnicodeError:
            name = entry.filename
    return "".join(letter if letter.isprintable() else "�" for letter in name)


def _look_at_directory(path: Path) -> None:
    """Refuse an archive by its size and by the size of its directory, before that is read."""
    if path.stat().st_size > MOST_PACKED:
        raise _rejected(path, "zip.size")
    try:
        with path.open("rb") as file:
            count, length = directory_of(file)
    except NoDirectory as error:
        raise _rejected(path, "zip.unreadable", str(error)) from error
    if count > MOST_FILES or length > MOST_FILES * LONGEST_RECORD:
        raise _rejected(path, "zip.count")
