"""A worksheet's XML as rows, read as a stream: its size never becomes memory.

Nearly every row of nearly every workbook is written in the same few forms. Such rows are taken out
of the XML by one expression, as fast as calamine reads them; a row that holds anything else (a
formula, rich text, line breaks between elements) is read by expat alone, and so is a whole sheet
where rows can't be told apart for certain (prefixed elements, comments, another encoding). Both ways
give the same cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from declarations.files.cell_forms import NUMBER, SHARED, CellForms, OddAttributes
from declarations.files.limits import LAST_ROW, LONGEST_CELL, MIB
from declarations.files.refusing import damaged
from declarations.files.sheet_elements import COLUMNS, RowsReader, place, too_wide
from declarations.files.xml_parts import CHUNK, Part

Row = tuple[int, list[Any]]

# One cell of the usual forms: column, other attributes, and the value or the text.
_CELL = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]+"([^<>]*)>'
    r'(?:<v>([^<]*)</v></c>|</c>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is></c>|(?<=/>))'
)
_ROW = re.compile(r' r="([0-9]{1,7})"[^<>]*>')
_SHEET_START = re.compile(
    rb"\s*(?:<\?xml version=[\"']1\.0[\"'](?: encoding=[\"'](?:UTF-8|utf-8)[\"'])?"
    rb"(?: standalone=[\"']yes[\"'])?\s?\?>\s*)?<worksheet\b"
)
_ROWS_END = b"</sheetData>"
# What may stand before the rows, and how much one row may take, for the fast way.
_LONGEST_START = 4 * MIB
_LONGEST_ROW = 4 * MIB


class _OtherForm(Exception):
    """The sheet is not of the form that the fast way reads."""


def read_sheet(
    part: str, open_part: Callable[[], AbstractContextManager[Part]], forms: CellForms
) -> Iterator[Row]:
    """The rows of a sheet that hold anything: (number counted from 1, cells from column A on).

    Raises Refused where the sheet is damaged or too wide, or a row too long.
    """
    last = 0
    try:
        with open_part() as file:
            for row in _read_fast(part, file, forms):
                last = row[0]
                yield row
    except _OtherForm:
        with open_part() as file:
            for row in _read_by_expat(part, file, forms):
                if row[0] > last:
                    yield row


def _read_by_expat(part: str, file: Part, forms: CellForms) -> Iterator[Row]:
    reader = RowsReader(part, forms)
    while data := file.read(CHUNK):
        reader.feed(data)
        yield from reader.taken()
    reader.feed(b"", last=True)
    yield from reader.taken()


# --- the fast way ----------------------------------------------------------------------------


def _read_fast(part: str, file: Part, forms: CellForms) -> Iterator[Row]:
    buffer = _skip_to_rows(file)
    last = 0
    while buffer is not None:
        end = buffer.find(_ROWS_END)
        cut = end if end >= 0 else buffer.rfind(b"<row")
        if cut > 0:
            rows = _Block(part, buffer[:cut], forms, last)
            yield from rows
            last = rows.last
            buffer = buffer[cut:]
        if end >= 0:
            break
        if len(buffer) > _LONGEST_ROW:
            raise _OtherForm
        data = file.read(CHUNK)
        if not data:
            raise damaged(f"{part}：不完整")
        buffer += data
    while file.read(CHUNK):  # to the end, where the checksum is compared
        pass


def _skip_to_rows(file: Part) -> bytes | None:
    """What follows <sheetData> in the first pieces of the part; None where there are no rows."""
    data = file.read(CHUNK)
    if not _SHEET_START.match(data):
        raise _OtherForm
    while (at := data.find(b"<sheetData")) < 0 or (end := data.find(b">", at)) < 0:
        more = file.read(CHUNK)
        if not more or len(data) > _LONGEST_START:
            raise _OtherForm
        data += more
    if b"<!" in data[:at] or not data[at:end].strip(b"/ ") == b"<sheetData":
        raise _OtherForm
    return None if data[end - 1 : end] == b"/" else data[end + 1 :]


class _Block:
    """Rows of a sheet, from the start of one to the end of another; `last` is the last's number."""

    def __init__(self, part: str, block: bytes, forms: CellForms, last: int) -> None:
        self._part = part
        self._forms = forms
        self.last = last
        try:
            text = block.decode()
        except UnicodeDecodeError as error:
            raise damaged(f"{part}：不是 UTF-8") from error
        if "<!" in text or "<?" in text:
            raise _OtherForm
        if "\r" in text:  # as XML reads line ends
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._text = text

    def __iter__(self) -> Iterator[Row]:
        text = self._text
        if _is_blank(text) and (final := _ROW.match(text, text.rfind("<row") + 4)):
            self.last = max(self.last, int(final[1]))
            return
        before, *rows = text.split("<row")
        if before.strip():
            raise _OtherForm
        for text in rows:
            number, row = self._read_row(text)
            if not self.last < number <= LAST_ROW:
                raise damaged(f"{self._part}：行号不对")
            self.last = number
            if row:
                if self._forms.has_long_strings or len(text) > LONGEST_CELL:
                    self._forms.lengths.check(number, row)
                yield number, row

    def _read_row(self, text: str) -> Row:
        start = _ROW.match(text)
        if not start:
            return self._read_row_by_expat(text)
        body = text[start.end() :].rstrip()
        if not body.endswith("</row>"):
            if body or not start[0].endswith("/>"):
                return self._read_row_by_expat(text)
            return int(start[1]), []
        if _is_blank(body):
            return int(start[1]), []
        cells = _CELL.findall(body)
        # Every opening bracket is accounted for, so that nothing stands between these cells.
        brackets = 2 * (len(cells) + body.count("<v>")) + 4 * body.count("<is>") + 1
        if body.count("<") != brackets - body.count("/>"):
            return self._read_row_by_expat(text)
        try:
            return int(start[1]), self._make(cells)
        except OddAttributes:
            return self._read_row_by_expat(text)
        except (IndexError, ValueError) as error:
            raise damaged(f"{self._part}：单元格的内容不对") from error

    def _make(self, cells: list[tuple[str, str, str, str]]) -> list[Any]:
        """The cells of a row. Every fourth instruction here is a second of a large file."""
        forms = self._forms
        kinds, strings, columns = forms.kinds, forms.strings, COLUMNS
        row: list[Any] = []
        for letters, attributes, value, inline in cells:
            if not value and not inline:
                continue
            make = kinds[attributes]
            if make is SHARED:
                index = int(value)
                cell: Any = strings[index] if index >= 0 else forms.string(value)
            elif make is NUMBER:
                cell = float(value)
                if cell - cell != 0 or "_" in value:
                    cell = forms.number(value, "")
            else:
                cell = make(value or inline)
            column = columns.get(letters)
            if column is None:
                raise too_wide(letters)
            if column == len(row):
                row.append(cell)
            else:
                place(row, column, cell)
        while row and row[-1] == "":  # a shared string may be empty
            row.pop()
        return row

    def _read_row_by_expat(self, text: str) -> Row:
        reader = RowsReader(self._part, self._forms, self.last)
        reader.feed(f"<worksheet><sheetData><row{text}</sheetData></worksheet>".encode(), last=True)
        return reader.only()


def _is_blank(text: str) -> bool:
    """Whether a stretch of rows has nothing but rows and cells that hold nothing."""
    if "<v" in text or "<is" in text:
        return False
    brackets = text.count("<")
    known = text.count("<row") + text.count("</row>") + text.count("<c ") + text.count("</c>")
    return brackets == known == text.count(">")
