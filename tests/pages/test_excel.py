"""Workbooks: what goes in comes back, and nothing becomes a formula."""

import datetime
import re
import zipfile
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from authorization.ledger_models import LedgerEntry
from pages import excel
from pages.excel import Column, TooManyRows, clean_text, workbook_response, write_workbook

ANY_TEXT = st.text(st.characters(), min_size=1, max_size=60) | st.builds(
    "{}{}".format, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "_x000D_", "'"]), st.text()
)


def book_of(rows, columns=("商品名称",)):
    target = BytesIO()
    write_workbook(target, "数据", columns, rows)
    target.seek(0)
    return openpyxl.load_workbook(target)


@settings(max_examples=200, deadline=None)
@given(st.lists(ANY_TEXT, min_size=1, max_size=8))
@example(["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://example.invalid")'])
@example(["0123", "1e5", "TRUE", "2025-09-30", "{=A1}", "http://example.invalid/", "_x0041_"])
def test_any_text_comes_back_as_text_and_never_as_a_formula(texts):
    sheet = book_of([[text] for text in texts]).active
    for row, text in enumerate(texts, start=2):
        cell = sheet.cell(row, 1)
        expected = clean_text(text)
        if not expected:
            assert cell.value is None
            continue
        assert cell.data_type in {"s", "inlineStr"}, cell.value
        assert unescape(cell.value) == expected
        assert cell.number_format == "@"


def test_a_formula_like_text_stays_text_after_an_edit_in_excel():
    sheet = book_of([["=1+1"], ["冻面包蟹"]]).active
    assert sheet["A2"].quotePrefix is True
    assert not sheet["A3"].quotePrefix


def test_no_formula_is_in_the_file_itself():
    target = BytesIO()
    write_workbook(target, "数据", ["甲"], [["=cmd|' /C calc'!A0"], ["@SUM(1)"]])
    with zipfile.ZipFile(target) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert re.search(r"<hyperlink", sheet) is None


def test_codes_keep_their_zeros_and_all_their_digits():
    sheet = book_of([["0306329000", "090820251000000001"]], ["商品编码", "报关单号"]).active
    assert [cell.value for cell in sheet[2]] == ["0306329000", "090820251000000001"]


def test_numbers_and_dates_keep_their_type():
    moment = timezone.make_aware(datetime.datetime(2025, 9, 30, 8, 15))
    row = [1234, Decimal("12.50"), 0.25, datetime.date(2025, 9, 30), moment, None, True]
    sheet = book_of([row], list("abcdefg")).active
    assert [cell.value for cell in sheet[2]] == [
        1234,
        12.5,
        0.25,
        datetime.datetime(2025, 9, 30),
        datetime.datetime(2025, 9, 30, 8, 15),
        None,
        "是",
    ]
    assert sheet["D2"].number_format == "yyyy-mm-dd"


@pytest.mark.parametrize("value", [10**15 + 1, Decimal("1234567890123456.5"), float("nan")])
def test_a_number_that_excel_would_change_is_written_as_text(value):
    assert book_of([[value]]).active["A2"].value == str(value)


def test_a_day_before_excels_calendar_is_written_as_text():
    assert book_of([[datetime.date(1899, 5, 1)]]).active["A2"].value == "1899-05-01"


def test_control_characters_are_removed_and_line_ends_kept():
    assert clean_text("甲\x00乙\x0b\x1f丙\r\n丁\r戊\ufffe\ud800") == "甲乙丙\n丁\n戊"


def test_a_text_is_cut_at_the_length_that_a_cell_holds():
    assert clean_text("甲" * 32_767) == "甲" * 32_767
    cut = clean_text("甲" * 32_768)
    assert (len(cut), cut[-1]) == (32_767, "…")
    wide = clean_text("𠮷" * 20_000)  # two UTF-16 units each
    assert len(wide.encode("utf-16-le")) // 2 <= 32_767
    assert wide == "𠮷" * 16_383 + "…"


def test_the_head_is_frozen_and_columns_fit_chinese_text():
    sheet = book_of(
        [["集成电路，用于平板电脑", "0"]], ["商品名称", Column("进出口标志", width=12)]
    ).active
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert 24 <= sheet.column_dimensions["A"].width <= 27
    assert 12 <= sheet.column_dimensions["B"].width <= 13


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(excel, "MAX_ROWS", 4)
    assert write_workbook(BytesIO(), "数据", ["甲"], [["1"]] * 3) == 3
    with pytest.raises(TooManyRows, match=r"请缩小查询条件后再导出。$"):
        write_workbook(BytesIO(), "数据", ["甲"], [["1"]] * 4)


@pytest.mark.parametrize("name", ["企业库", "a/b:c[1]?*", "'", "", "长" * 40])
def test_any_name_gives_an_openable_sheet(name):
    target = BytesIO()
    write_workbook(target, name, ["甲"], [["1"]])
    target.seek(0)
    assert len(openpyxl.load_workbook(target).sheetnames[0]) <= 31


def test_the_download_has_a_chinese_name_and_is_kept_out_of_caches():
    response = workbook_response("企业库_第1页", ["甲"], [["1"]], entry=LedgerEntry(number=1))
    assert response.headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E4%BC%81%E4%B8%9A%E5%BA%93_%E7%AC%AC1%E9%A1%B5.xlsx"
    )
    assert response.headers["Content-Type"] == excel.CONTENT_TYPE
    assert response.headers["Cache-Control"] == "private, no-store"
    assert openpyxl.load_workbook(BytesIO(response.content)).active["A2"].value == "1"


def test_a_name_can_not_leave_its_folder_or_its_header():
    header = workbook_response("../a\r\nb", ["甲"], [], entry=LedgerEntry(number=1)).headers[
        "Content-Disposition"
    ]
    assert "/" not in header
    assert "\n" not in header
