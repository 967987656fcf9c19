"""A .csv file as rows: its encoding told by whether the whole file decodes, then read as a stream.

UTF-8 (with or without BOM), UTF-16 with BOM (Excel's “Unicode 文本”) or GB18030. Which of comma, tab
and semicolon parts the cells is for the caller to say: each reading of the first rows is a "sheet".
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, Any

from declarations.files.lengths import Lengths
from declarations.files.limits import FIRST_ROWS, LONGEST_CELL, MOST_COLUMNS
from declarations.files.refusing import Refused

Row = tuple[int, list[Any]]

DELIMITERS = (",", "\t", ";")
ENCODINGS = ("utf-8-sig", "gb18030", "utf-16")
_CHUNK = 2**20
# A line that no file ends in by itself: where it does not come back whole, quotes were still open.
_END = "\x00end\x00"


class TextTable:
    """An opened .csv; `sheets` are the delimiters it could be read by."""

    hidden: tuple[str, ...] = ()

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._encoding = encoding_of(file)
        self.sheets = list(DELIMITERS)

    def first_rows(self) -> list[list[Row]]:
        """The first rows by each delimiter. Raises Refused where no reading comes that far.

        A reading by the wrong delimiter may end soon, since quotes count only where cells begin.
        """
        readings: list[list[Row]] = []
        refusals: list[Refused] = []
        for at in range(len(DELIMITERS)):
            readings.append([])
            try:
                readings[at].extend(islice(self.rows(at), FIRST_ROWS))
            except Refused as refused:
                refusals.append(refused)
        if len(refusals) == len(DELIMITERS):
            raise refusals[0]
        return readings

    def rows(self, index: int) -> Iterator[Row]:
        """The rows that hold anything, parted by one of the delimiters. Raises Refused."""
        self._file.seek(0)
        text = io.TextIOWrapper(self._file, encoding=self._encoding, newline="")
        try:
            yield from _rows(text, DELIMITERS[index])
        finally:
            text.detach()


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    number = 0
    held: Row | None = None
    cells: list[str] = []
    try:
        for number, cells in enumerate(csv.reader(chain(lines, [_END]), delimiter=delimiter), 1):
            if held:
                yield held
            held = (number, cells) if any(cells) else None
            if len(cells) > MOST_COLUMNS or sum(map(len, cells)) > LONGEST_CELL:
                _check(number, cells)
    except csv.Error as error:
        # The one thing that makes the reader give up: a field that never ends.
        raise Refused("file.quotes", value=number + 1) from error
    if cells != [_END]:
        raise Refused("file.quotes", value=number)


def _check(number: int, cells: list[str]) -> None:
    """See that a row is no wider or longer than it may be. Raises Refused."""
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > MOST_COLUMNS:
        raise Refused("sheet.columns", value=len(cells), limit=MOST_COLUMNS)
    for cell in cells:
        if len(cell) > LONGEST_CELL and "\n" in cell:  # it swallowed the rows that follow
            raise Refused("file.quotes", value=number)
    Lengths().check(number, cells)


def encoding_of(file: IO[bytes]) -> str:
    """The codec that decodes the whole file. Raises Refused where none does."""
    file.seek(0)
    start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates: Sequence[str] = ENCODINGS[2:]
    else:
        candidates = ENCODINGS[:2]
    for encoding in candidates:
        if _decodes(file, encoding):
            return encoding
    raise Refused("file.encoding")


def _decodes(file: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    has_nul = False
    try:
        while chunk := file.read(_CHUNK):
            has_nul = "\0" in decoder.decode(chunk) or has_nul
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    if has_nul:
        raise Refused("file.nul")
    return True
