"""The error workbook: an upload's rows with their faults, to be mended in Excel and sent back.

Every cell is a text, so that Excel damages none again; a faulty one is coloured, and the row's
sentences stand beside its number. Rows are read and written part by part: memory stays flat.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO, Any

import xlsxwriter
from django.db.models import QuerySet

from customs_audit.mending.grid import GridRow, grid_rows
from customs_audit.mending.workbook_keys import (
    KEY_HEADINGS,
    MOST_ROWS,
    PLACE_HEADING,
    SENTENCE_HEADING,
    SHEET,
    RowKey,
)
from customs_audit.models import AuditUpload, UploadRow
from declarations import code_tables
from declarations.audit_checks import VERDICTS
from declarations.faults import Level
from declarations.headers import LABELS
from pages.excel import clean_text

PART = 500
_FIRST = len(KEY_HEADINGS) + 2  # the columns before an upload's own

NOTES = (
    "1. 有颜色的单元格有问题：红色为错误，改好才能发布；黄色为提醒，请核对。说明在“问题说明”列。",
    "2. 直接在单元格中改正；灰色的单元格有已装入的申报数据，只能改为申报的文本，请在页面上一键修改。",
    "3. 请勿增加行；不改的行可以保留，也可以整行删除。隐藏的列用来认出每一行，请勿改动。",
    "4. 改好后保存为 .xlsx，在原上传的页面点击“上传改好的修正表”；先显示有哪些改动，确认后才生效。",
    "5. 下载之后页面上又有人改过的行，会并排列出两边的内容，由您逐行决定。",
)
_WIDTHS = {"g_model": 46, "g_name": 22, "entry_id": 21, "reason_text": 26}


def rows_of_workbook(rows: QuerySet[UploadRow]) -> list[int]:
    """Return the ids of the first 20,000 of these rows, in the file's order."""
    return list(rows.order_by("number").values_list("pk", flat=True)[:MOST_ROWS])


def write_error_workbook(
    target: IO[bytes], upload: AuditUpload, keys: Sequence[int], fields: Sequence[str]
) -> None:
    """Write an .xlsx of rows of an upload (their ids) with these columns to an open binary file."""
    book = xlsxwriter.Workbook(
        target,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    try:
        sheet = book.add_worksheet(SHEET)
        lists = _write_lists(book)
        formats = _Formats(book)
        _write_head(sheet, fields, formats)
        number = 0
        for number, row in enumerate(_drawn(upload, keys, fields), start=1):
            _write_row(sheet, number, row, formats)
        _finish(sheet, number, fields, lists)
        _write_notes(book, formats)
    finally:
        book.close()  # also on an error: it removes the temporary files of its rows


def _drawn(upload: AuditUpload, keys: Sequence[int], fields: Sequence[str]) -> Iterator[GridRow]:
    for place in range(0, len(keys), PART):
        part = UploadRow.objects.filter(pk__in=keys[place : place + PART]).order_by("number")
        yield from grid_rows(upload, list(part), fields)


class _Formats:
    """The few cell formats of the workbook."""

    def __init__(self, book: Any) -> None:
        plain = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
        text = plain | {"num_format": "@"}
        self.head = book.add_format(
            plain
            | {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1B3A63", "valign": "vcenter"}
            | {"border": 1, "border_color": "#B9C4D0"}
        )
        self.text = book.add_format(text)
        self.wrapped = book.add_format(plain | {"text_wrap": True, "font_color": "#8A1F18"})
        self.note = book.add_format(plain | {"text_wrap": True})
        edge = {"border": 1, "border_color": "#E2B8B4"}
        self.error = book.add_format(text | edge | {"bg_color": "#FBDAD7", "font_color": "#8A1F18"})
        self.warning = book.add_format(text | edge | {"bg_color": "#FFF0CC"})
        self.kept = book.add_format(text | {"bg_color": "#ECEFF2", "font_color": "#566472"})

    def of(self, level: str, is_kept: bool) -> Any:
        """The format of a cell with its worst fault."""
        if level == Level.ERROR:
            return self.error
        if level == Level.WARNING:
            return self.warning
        return self.kept if is_kept else self.text


def _write_head(sheet: Any, fields: Sequence[str], formats: _Formats) -> None:
    names = [*KEY_HEADINGS, PLACE_HEADING, SENTENCE_HEADING, *(LABELS[name] for name in fields)]
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, formats.head)
    sheet.set_row(0, 22)
    # Widths before the first row: a sheet of constant memory has written its head by then.
    sheet.set_column(0, len(KEY_HEADINGS) - 1, None, None, {"hidden": True})
    sheet.set_column(_FIRST - 2, _FIRST - 2, 9)
    sheet.set_column(_FIRST - 1, _FIRST - 1, 52)
    for place, name in enumerate(fields, start=_FIRST):
        sheet.set_column(place, place, _WIDTHS.get(name, 14 if len(LABELS[name]) < 7 else 20))
    sheet.freeze_panes(1, _FIRST)


def _write_row(sheet: Any, number: int, drawn: GridRow, formats: _Formats) -> None:
    row = drawn.row
    for column, text in enumerate(RowKey(row.upload_id, row.number, row.version).cells()):
        sheet.write_string(number, column, text, formats.text)
    sheet.write_string(number, _FIRST - 2, str(row.row_number or row.number), formats.text)
    sheet.write_string(number, _FIRST - 1, clean_text(_sentences(drawn)), formats.wrapped)
    for column, cell in enumerate(drawn.cells, start=_FIRST):
        look = formats.of(cell.level, bool(cell.locked))
        text = clean_text(cell.text)
        if text:
            sheet.write_string(number, column, text, look)
        else:
            sheet.write_blank(number, column, None, look)


def _sentences(drawn: GridRow) -> str:
    """What is wrong with a row: one line a fault, errors first, each named by its column."""
    said = [(fault, "") for fault in drawn.faults]
    said += [(fault, cell.label) for cell in drawn.cells for fault in cell.faults]
    said.sort(key=lambda one: not one[0].is_error)
    return "\n".join(
        f"{'' if fault.is_error else '提醒，'}{label}：{fault.sentence}"
        if label
        else fault.sentence
        for fault, label in said
    )


def _finish(sheet: Any, rows: int, fields: Sequence[str], lists: dict[str, str]) -> None:
    sheet.autofilter(0, _FIRST - 2, max(rows, 1), _FIRST + len(fields) - 1)
    for place, name in enumerate(fields, start=_FIRST):
        if rows and name in lists:
            # A code that the list lacks may be typed all the same: the portal decides.
            sheet.data_validation(
                1,
                place,
                rows,
                place,
                {
                    "validate": "list",
                    "source": lists[name],
                    "error_type": "warning",
                    "error_title": LABELS[name],
                    "error_message": "这个代码不在代码表中，请核对。",
                },
            )


def _write_lists(book: Any) -> dict[str, str]:
    """Write the code tables on a sheet of their own; return where each field's list stands."""
    sheet = book.add_worksheet("代码表")
    tables = {
        "ie_flag": ({"I": "进口", "E": "出口"}, ("ie_flag",)),
        "trade_mode": (code_tables.trade_modes(), ("trade_mode",)),
        "country": (code_tables.countries(), ("origin_country", "destination_country")),
        "unit": (code_tables.units(), ("g_unit", "unit_1", "unit_2")),
        "currency": (code_tables.currencies(), ("trade_curr",)),
        "verdict": (dict.fromkeys(VERDICTS, ""), ("verdict",)),
        "reason": (code_tables.reasons(), ("reason_code",)),
    }
    columns = [(sorted(codes.items()), names) for codes, names in tables.values()]
    for number in range(max(len(codes) for codes, _ in columns)):
        for place, (codes, _) in enumerate(columns):
            if number < len(codes):
                sheet.write_string(number, 2 * place, codes[number][0])
                sheet.write_string(number, 2 * place + 1, codes[number][1])
    found = {}
    for place, (codes, names) in enumerate(columns):
        letter = chr(ord("A") + 2 * place)
        for name in names:
            found[name] = f"=代码表!${letter}$1:${letter}${len(codes)}"
    return found


def _write_notes(book: Any, formats: _Formats) -> None:
    sheet = book.add_worksheet("填写说明")
    sheet.set_column(0, 0, 96)
    for number, note in enumerate(NOTES):
        sheet.write_string(number, 0, note, formats.note)
