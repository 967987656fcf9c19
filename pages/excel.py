"""Workbooks (.xlsx) that keep every text a text: no cell ever becomes a formula or a number."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from math import isfinite
from typing import IO, Any

import xlsxwriter
from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from authorization.ledger import noted
from authorization.ledger_models import LedgerEntry

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Limits of the format ("Excel specifications and limits", Microsoft): characters of a cell counted
# in UTF-16 units, rows of a sheet with its header, characters of a sheet's name.
MAX_CELL = 32_767
MAX_ROWS = 1_048_576
MAX_SHEET_NAME = 31

# XML 1.0 has no way to write these, not even escaped; Excel calls such a file damaged.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\n")
_NARROWEST, _WIDEST = 8, 60
_EARLIEST = date(1900, 3, 1)  # Excel takes 1900 for a leap year: earlier days are off by one


class TooManyRows(Exception):
    """More rows than a sheet can hold; the text is a sentence for the user."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading, and its width in half-width characters (None: by content)."""

    title: str
    width: float | None = None


def clean_text(text: str) -> str:
    """Return the text as a cell can hold it: no forbidden characters, at most 32,767 units."""
    text = _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))
    if len(text) * 2 <= MAX_CELL:
        return text
    units = text.encode("utf-16-le")
    if len(units) // 2 <= MAX_CELL:
        return text
    # Cutting inside a surrogate pair leaves a half, which "ignore" drops.
    return units[: (MAX_CELL - 1) * 2].decode("utf-16-le", "ignore") + "…"


def write_workbook(
    target: IO[bytes],
    sheet_name: str,
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Any]],
) -> int:
    """Write one sheet to an open binary file, row by row, and return the number of rows.

    Strings are written as text whatever they look like; numbers and dates keep their type, except
    numbers of more than 15 digits, which Excel would round. Memory stays the same for any number
    of rows. Raises TooManyRows.
    """
    heads = [Column(column) if isinstance(column, str) else column for column in columns]
    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    try:
        return _write_sheet(book, _sheet_name(sheet_name), heads, rows)
    finally:
        book.close()  # also on an error: it removes the temporary files of its rows


def _write_sheet(
    book: Any, name: str, heads: Sequence[Column], rows: Iterable[Sequence[Any]]
) -> int:
    sheet = book.add_worksheet(name)
    formats = _Formats(book)
    for index, head in enumerate(heads):
        sheet.write_string(0, index, clean_text(head.title), formats.head)
    sheet.set_row(0, 22)
    sheet.freeze_panes(1, 0)
    widths = [_display_width(head.title) for head in heads]
    number = 0
    for number, row in enumerate(rows, start=1):
        if number >= MAX_ROWS:
            raise TooManyRows(
                f"数据超过 {MAX_ROWS - 1:,} 行，一个工作表放不下，请缩小查询条件后再导出。"
            )
        for index, value in enumerate(row):
            shown = _write_cell(sheet, number, index, value, formats)
            if number <= 200:  # widths need a look at the content, not all of it
                widths[index] = max(widths[index], _display_width(shown))
    for index, head in enumerate(heads):
        fitted = min(max(widths[index] + 2, _NARROWEST), _WIDEST)
        sheet.set_column(index, index, head.width or fitted)
    if heads:
        sheet.autofilter(0, 0, number, len(heads) - 1)
    return number


def workbook_response(
    filename: str,
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Any]],
    *,
    entry: LedgerEntry,
) -> HttpResponse:
    """Return a download of one sheet; the name may be Chinese and needs no ending.

    `entry`: where the ledger notes it (authorization.ledger.note_export). Raises TooManyRows.
    """
    target = BytesIO()
    stem = re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "_", filename.removesuffix(".xlsx")).strip() or "导出"
    write_workbook(target, stem, columns, rows)
    response = HttpResponse(
        target.getvalue(),
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": content_disposition_header(True, f"{stem}.xlsx"),
            "Cache-Control": "private, no-store",
        },
    )
    return noted(response, entry)


class _Formats:
    """The few cell formats of a workbook."""

    def __init__(self, book: Any) -> None:
        plain = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
        self.head = book.add_format(
            plain
            | {"bold": True, "valign": "vcenter", "font_color": "#FFFFFF", "bg_color": "#1B3A63"}
            | {"border": 1, "border_color": "#B9C4D0"}
        )
        self.text = book.add_format(plain | {"num_format": "@"})
        # A formula's first character survives an edit in Excel only behind a quote prefix.
        self.quoted = book.add_format(plain | {"num_format": "@", "quote_prefix": True})
        self.number = book.add_format(plain | {"align": "right"})
        self.day = book.add_format(plain | {"num_format": "yyyy-mm-dd", "align": "left"})
        self.moment = book.add_format(plain | {"num_format": "yyyy-mm-dd hh:mm", "align": "left"})


def _write_cell(sheet: Any, row: int, column: int, value: Any, formats: _Formats) -> str:
    """Write one value by its type and return what it will look like (for the width)."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        value = "是" if value else "否"
    if isinstance(value, datetime):
        local = timezone.make_naive(value) if timezone.is_aware(value) else value
        if local.date() >= _EARLIEST:
            sheet.write_datetime(row, column, local, formats.moment)
            return "2000-01-01 00:00"
        value = local.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        if value >= _EARLIEST:
            sheet.write_datetime(row, column, value, formats.day)
            return "2000-01-01"
        value = value.isoformat()
    if isinstance(value, int | float | Decimal) and _fits_a_number(value):
        sheet.write_number(row, column, value, formats.number)
        return str(value)
    text = clean_text(str(value))
    if not text:
        return ""
    quoted = text.startswith(_STARTS_A_FORMULA)
    sheet.write_string(row, column, text, formats.quoted if quoted else formats.text)
    return text


def _fits_a_number(value: int | float | Decimal) -> bool:
    """Whether Excel keeps this number exactly: finite, and at most 15 significant digits."""
    if isinstance(value, float):
        return isfinite(value)
    number = Decimal(value)
    return number.is_finite() and len(number.as_tuple().digits) <= 15


def _display_width(text: str) -> int:
    """Return the width of the longest line in half-width characters; a Chinese one counts two."""
    lines = text[:400].split("\n")
    return max(sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in x) for x in lines)


def _sheet_name(name: str) -> str:
    """Return a name that Excel accepts for a sheet."""
    return re.sub(r"[\[\]:*?/\\]", " ", clean_text(name)).strip(" '")[:MAX_SHEET_NAME] or "数据"
