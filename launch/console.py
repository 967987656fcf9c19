"""What quickstart says: numbered steps, one sentence for a failure, tables that line up."""

from __future__ import annotations

import contextlib
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

MEBIBYTE = 1024 * 1024


class Failure(Exception):
    """Quickstart cannot go on; its text is the one Chinese sentence that the user sees."""


class Steps:
    """Prints `[1/7] …` lines; flushed at once, so that a log shows where it stands."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def next(self, sentence: str) -> None:
        """Announce the next step."""
        self.done += 1
        say(f"[{self.done}/{self.total}] {sentence}")


def say(text: str = "") -> None:
    """Print one line to stdout."""
    _write(sys.stdout, text)


def complain(text: str) -> None:
    """Print one line to stderr."""
    _write(sys.stderr, text)


def _write(stream: TextIO, text: str) -> None:
    """Print a line; a reader that is gone (a closed terminal, `| head`) must not stop the work."""
    with contextlib.suppress(OSError):
        print(text, file=stream, flush=True)


def width(text: str) -> int:
    """Columns that `text` takes on a terminal: a full-width character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay out a head and rows of text as lines whose columns line up."""
    wide = [max(width(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return [
        "  ".join(
            cell + " " * (wide[column] - width(cell)) for column, cell in enumerate(row)
        ).rstrip()
        for row in [head, *rows]
    ]


def require_space(folder: Path, mebibytes: int, purpose: str) -> None:
    """Raise Failure when the file system of `folder` has less than `mebibytes` left."""
    free = shutil.disk_usage(folder).free // MEBIBYTE
    if free < mebibytes:
        raise Failure(
            f"磁盘空间不足：{folder} 所在的磁盘只剩 {free} MiB，{purpose}至少需要 "
            f"{mebibytes} MiB，请清理后再试。"
        )
