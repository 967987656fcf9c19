"""An uploaded file's sheets and rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from declarations.headers import HEADING_ROWS_SEARCHED
from declarations.reading import open_sheets, peek


@dataclass(frozen=True)
class Preview:
    """A sheet's name and first rows."""

    name: str
    first: list[Any]


class Opened:
    """A file that is read in this process."""

    def __init__(self, path: Path, name: str) -> None:
        self.typed = not name.lower().endswith(".csv")
        self.notes: list[Any] = []
        self.share = 0.0
        self._opened = open_sheets(path)
        self.sheets = [
            Preview(sheet.name, peek(sheet.rows, HEADING_ROWS_SEARCHED)) for sheet in self._opened
        ]

    def rows(self, index: int) -> Iterator[Any]:
        """All rows of a sheet."""
        return chain(self.sheets[index].first, self._opened[index].rows)


@contextmanager
def read_upload(path: Path, name: str) -> Iterator[Opened]:
    """Open a file."""
    yield Opened(path, name)
