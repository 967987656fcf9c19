"""Reading .csv and .xlsx files into sheets of rows, with what a cell was still to be seen.

An .xlsx is read by calamine, which gives numbers, dates and text as what they are but shows a
formula's last result and hides errors; both are looked for in the sheet's XML beside. A .csv is
read as a stream; its encoding is UTF-8 (with or without BOM), UTF-16 with BOM (Excel's “Unicode
文本”) or GB18030, told apart by whether the whole file decodes.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from declarations.cells import BadCell, Cell
from declarations.faults import Fault, RejectedFile
from declarations.headers import HEADING_ROWS_SEARCHED, find_layout
from declarations.rules import RULES, sentence

MEGABYTE = 2**20
CSV_LIMIT = 4096 * MEGABYTE
XLSX_LIMIT = 256 * MEGABYTE
XLSX_UNPACKED_LIMIT = 2048 * MEGABYTE
CHUNK = MEGABYTE

Row = tuple[int, Sequence[Cell]]


@dataclass
class Sheet:
    """A sheet's name ("" for a CSV file) and its rows: (number counted from 1, cells)."""

    name: str
    rows: Iterator[Row]


def rejected(rule: str, **facts: object) -> RejectedFile:
    """The exception for a file that can't be read at all."""
    text = sentence(rule, **facts)
    value = str(facts.get("value", ""))
    return RejectedFile([Fault(0, "", value, rule, RULES[rule].level, text)])


def open_sheets(path: Path) -> list[Sheet]:
    """The visible sheets of a .xlsx file, or the one table of a .csv file.

    Blank rows are left out, numbers stay the file's own. Raises RejectedFile for another type of
    file, one that is damaged, empty or too large, and while rows are read for a CSV whose quotes
    don't match; OSError where the file can't be opened.
    """
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise rejected("file.type")
    size = path.stat().st_size
    if size == 0:
        raise rejected("file.empty")
    limit = CSV_LIMIT if suffix == ".csv" else XLSX_LIMIT
    if size > limit:
        raise rejected("file.size", limit=limit // MEGABYTE)
    return [Sheet("", _csv_rows(path))] if suffix == ".csv" else _xlsx_sheets(path)


# --- csv -------------------------------------------------------------------------------------


def csv_encoding(path: Path) -> str:
    """The codec that decodes the whole file. Raises RejectedFile where none does."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        if _decodes(path, encoding):
            return encoding
    raise rejected("file.encoding")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _csv_rows(path: Path) -> Iterator[Row]:
    encoding = csv_encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        delimiter = _delimiter(file.read(MEGABYTE).splitlines()[:HEADING_ROWS_SEARCHED])
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter)
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                if any(cells):
                    yield number, cells
        except csv.Error as error:
            # The one thing that makes the reader give up: a field that never ends.
            raise rejected("file.quotes", value=number + 1) from error


def _delimiter(lines: list[str]) -> str:
    """Comma or tab: the one that gives a heading row more fields (values may hold either)."""

    def fields_found(delimiter: str) -> int:
        try:
            layout = find_layout("", list(enumerate(csv.reader(lines, delimiter=delimiter))))
        except csv.Error:
            return 0
        return len(layout.headings) if layout else 0

    return "\t" if fields_found("\t") > fields_found(",") else ","


# --- xlsx ------------------------------------------------------------------------------------


def _xlsx_sheets(path: Path) -> list[Sheet]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > XLSX_UNPACKED_LIMIT:
                raise rejected("file.size", limit=XLSX_UNPACKED_LIMIT // MEGABYTE)
            parts = _sheet_parts(archive)
        workbook = CalamineWorkbook.from_path(str(path))
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
    except (CalamineError, zipfile.BadZipFile, ElementTree.ParseError, KeyError) as error:
        raise rejected("file.unreadable", value=str(error) or type(error).__name__) from error
    return [Sheet(name, _xlsx_rows(path, workbook, name, parts.get(name))) for name in names]


def _xlsx_rows(
    path: Path, workbook: CalamineWorkbook, name: str, part: str | None
) -> Iterator[Row]:
    try:
        sheet = workbook.get_sheet_by_name(name)
        bad = _bad_cells(path, part) if part else {}
    except (CalamineError, zipfile.BadZipFile, KeyError) as error:
        raise rejected("file.unreadable", value=str(error) or type(error).__name__) from error
    if sheet.start is None:
        return
    first_column = sheet.start[1]
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        row: list[Cell] = [*[""] * first_column, *cells] if first_column else list(cells)
        for column, cell in bad.get(number, ()):
            if column < len(row):
                row[column] = cell
        if any(cell != "" for cell in row):
            yield number, row


_WORKBOOK_PART = "xl/workbook.xml"
_RELATIONS_PART = "xl/_rels/workbook.xml.rels"


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name → name of its XML part."""
    targets = {
        relation.get("Id", ""): relation.get("Target", "")
        for relation in _parse(archive, _RELATIONS_PART)
    }
    parts = {}
    for element in _parse(archive, _WORKBOOK_PART).iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        relation = next((v for k, v in element.attrib.items() if k.rpartition("}")[2] == "id"), "")
        target = targets.get(relation, "")
        parts[element.get("name", "")] = (
            target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        )
    return parts


def _parse(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    """A small part of the package. Raises BadZipFile where it is none: no DTD, no giant."""
    if archive.getinfo(part).file_size > 16 * MEGABYTE:
        raise zipfile.BadZipFile(part)
    text = archive.read(part)
    if b"<!DOCTYPE" in text:  # OOXML has none, and only a DTD makes parsing dangerous
        raise zipfile.BadZipFile(part)
    return ElementTree.fromstring(text)  # noqa: S314


# A cell element with t="e", or one followed by a formula; prefixes as some writers add them.
_BAD_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?P<attributes>[^>]*)>\s*(?:<(?:\w+:)?f[\s/>]|(?<=t="e">))'
    rb'|<(?:\w+:)?c\b(?P<error>[^>]*\bt="e"[^>]*)>'
)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_ERROR_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]{1,20})<")
_LONGEST_CELL = 70_000  # a cell's text has at most 32,767 characters, a formula 8,192


def _bad_cells(path: Path, part: str) -> dict[int, list[tuple[int, BadCell]]]:
    """Formula and error cells of a sheet's XML: row number → (column from 0, what it is)."""
    found: dict[int, list[tuple[int, BadCell]]] = {}
    with zipfile.ZipFile(path) as archive, archive.open(part) as file:
        for chunk in _overlapping_chunks(file):
            if b"f" not in chunk:
                continue
            for match in _BAD_CELL.finditer(chunk):
                attributes = match["attributes"] or match["error"] or b""
                reference = _REFERENCE.search(attributes)
                if not reference:
                    continue
                is_error = b't="e"' in attributes
                value = _ERROR_VALUE.search(chunk, match.end()) if is_error else None
                cell = (
                    BadCell("cell.error", value[1].decode() if value else "#ERROR!")
                    if is_error
                    else BadCell("cell.formula", "公式")
                )
                entry = (_column_index(reference[1]), cell)
                cells = found.setdefault(int(reference[2]), [])
                if entry not in cells:
                    cells.append(entry)
    return found


def _overlapping_chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The file in chunks that each end where a cell starts, so that no cell is cut in two."""
    rest = b""
    while data := file.read(CHUNK):
        data = rest + data
        cut = max(data.rfind(b"<c "), data.rfind(b":c "))
        cut = data.rfind(b"<", 0, cut + 1) if cut > 0 else len(data)
        yield data[:cut]
        rest = data[cut:]
    yield rest


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


def peek(rows: Iterator[Row], count: int) -> list[Row]:
    """The next rows of a sheet, at most so many."""
    return list(islice(rows, count))
