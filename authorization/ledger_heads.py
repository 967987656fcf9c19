"""The end of the ledger as this host last wrote it, kept in a file outside the database.

A chain proves every link but its last: entries cut off at the end leave a shorter chain that is
whole. So each process that wrote an entry keeps its number and hash in LEDGER_HEADS, one file for a
database. A file is never overwritten by the end of a chain that has lost what the file names, so
that the loss stays provable whatever is written afterwards.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Head:
    """The number of an entry and its hash."""

    number: int
    hash: bytes


def kept_head() -> Head | None:
    """Return what the file of this database names; None where there is no file.

    Raises ValueError, with a Chinese sentence, where the file can't be read.
    """
    try:
        text = _path().read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as problem:
        raise _unreadable() from problem
    return _read(text)


def keep(number: int, hashed: bytes) -> None:
    """Keep the end of the chain that was just stored; for right after its commit.

    What can't be kept is logged: the entry itself is stored already.
    """
    try:
        with _held() as file:
            known = _read(file.read())
            if known is not None and known.number >= number:
                # Another process was quicker, or the chain was cut: verify_ledger tells which.
                return
            if known is not None and _hash_of(known.number) != known.hash:
                logger.error("The ledger has lost entry %s; run verify_ledger", known.number)
                return
            file.seek(0)
            file.write(json.dumps({"number": number, "hash": hashed.hex()}) + "\n")
            file.truncate()
    except (OSError, ValueError):
        logger.exception("The end of the ledger (%s) could not be kept in a file", number)


@contextmanager
def _held() -> Iterator[IO[str]]:
    """Open the file for reading and writing, for one process and thread at a time."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _path() -> Path:
    return Path(settings.LEDGER_HEADS) / f"{connection.settings_dict['NAME']}.json"


def _read(text: str) -> Head | None:
    if not text.strip():
        return None
    try:
        held = json.loads(text)
        return Head(int(held["number"]), bytes.fromhex(held["hash"]))
    except (ValueError, TypeError, KeyError) as problem:
        raise _unreadable() from problem


def _unreadable() -> ValueError:
    return ValueError(f"链尾文件无法读取：{_path()}，请从备份恢复该文件")


def _hash_of(number: int) -> bytes | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM authorization_ledgerentry WHERE number = %s", [number])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None
