"""Excel catalogues: columns told by their headings, rows refused by sheet and number."""

import re
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importing.held import Held
from catalogue.importing.result import ReadHeading, UnreadableCatalogue
from catalogue.importing.sheet import read_xlsx
from catalogue.importing.sheet_elements import catalogue_elements, odd_numbers, split_elements

COLUMNS = ["税则号列", "商品名称", "归类要素", "价格要素", "其他要素"]
BEARING = [
    "84821030",
    "角接触球轴承",
    "1.用途；2.结构类型",
    "3.品牌（中文或外文名称）；4.型号",
    "5.签约日期",
]


@pytest.fixture
def read(tmp_path):
    def read_(*rows, sheets=None, **options):
        path = tmp_path / "catalogue.xlsx"
        with xlsxwriter.Workbook(path) as book:
            for name, content in (sheets or {"目录": rows}).items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(content):
                    sheet.write_row(number, 0, row)
        return read_xlsx(path, **options)

    return read_


def lists(found) -> dict[str, list[tuple[int, str, str, str]]]:
    return {hs8: [tuple(e) for e in code.elements] for hs8, code in found.codes.items()}


def test_the_three_columns_of_the_annex(read):
    found = read(COLUMNS, BEARING)
    assert lists(found)["84821030"] == [
        (1, "用途", "classification", ""),
        (2, "结构类型", "classification", ""),
        (3, "品牌（中文或外文名称）", "price", ""),
        (4, "型号", "price", ""),
        (5, "签约日期", "other", ""),
    ]
    assert (found.codes["84821030"].heading, found.codes["84821030"].name) == (
        "84.82",
        "角接触球轴承",
    )
    assert found.report.lines == []


def test_columns_that_each_begin_at_one_are_as_regular(read):
    found = read(COLUMNS, ["84821030", "轴承", "1.用途", "1.品牌；2.型号", ""])
    assert [printed for _, _, _, printed in lists(found)["84821030"]] == ["", "", ""]


def test_a_number_out_of_order_is_kept_apart(read):
    found = read(COLUMNS, ["84821030", "轴承", "1.用途；3.结构类型", "4.品牌", ""])
    assert [(n, printed) for n, _, _, printed in lists(found)["84821030"]] == [(1, ""), (2, "3"), (3, "4")]  # fmt: skip


def test_one_column_of_all_elements_as_lookup_sites_print_them(read):
    text = "0:品牌类型;1:出口享惠情况;2:用途;3:品牌(中文或外文名称);4:型号;5:GTIN;6:CAS;7:其他"
    held = Held.of("2024 年版", [("84821030", "型号", "price")], [], {})
    found = read(["商品编码", "货品名称", "申报要素"], ["8482.10.30", "轴承", text], held=held)
    assert lists(found)["84821030"] == [
        (1, "用途", "classification", ""),
        (2, "品牌（中文或外文名称）", "classification", ""),
        (3, "型号", "price", ""),
    ]
    assert "参照2024 年版" in found.report.lines[0].text


def test_headings_above_the_table_other_columns_and_other_spellings(read):
    found = read(
        ["2025 年规范申报目录"],
        [],
        [
            "序号",
            " 税则 号列",
            "商品名称：",
            "归类要素",
            "价格要素",
            "审单及其他要素",
            "页码",
            "备注",
        ],
        ["1", "84.82", "滚动轴承", "", "", "", "", ""],
        ["2", "84821030", "轴承", "1.用途", "", "", 412, "暂定"],
    )
    code = found.codes["84821030"]
    assert (code.page, code.note) == (412, "暂定")
    assert found.headings == [ReadHeading("heading", "84.82", "84", "滚动轴承")]


def test_a_number_that_lost_the_zero_in_front_gets_it_back(read):
    found = read(COLUMNS, [1012100, "改良种用", "1.用途", "", ""], [84821030, "轴承", "", "", ""])
    assert list(found.codes) == ["01012100", "84821030"]


def test_several_sheets_are_one_catalogue_and_hidden_or_other_ones_are_left_out(read, tmp_path):
    sheets = {
        "说明": [["本表由某单位整理"]],
        "一": [COLUMNS, BEARING],
        "二": [COLUMNS, ["94016190", "坐具", "1.用途", "", ""]],
    }
    assert list(read(sheets=sheets).codes) == ["84821030", "94016190"]
    path = tmp_path / "catalogue.xlsx"
    book = openpyxl.load_workbook(path)
    book["二"].sheet_state = "hidden"
    book.save(path)
    assert list(read_xlsx(path).codes) == ["84821030"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "工作簿是空的"),
        ([["报关单号", "项号", "商品编码"], ["0908", "1", "84821030"]], "没有目录的表头"),
        ([COLUMNS], "表头之下没有税则号列"),
        ([COLUMNS, BEARING, BEARING], "第 3 行税则号列 84821030 与工作表“目录”第 2 行重复"),
        ([COLUMNS, ["8482103", "轴承", "1.用途", "", ""]], "第 2 行税则号列“8482103”不是 8 位数字"),
        ([COLUMNS, ["8482103000", "轴承", "", "", ""]], "第 2 行税则号列“8482103000”不是 8 位数字"),
        ([COLUMNS, [8482.5, "轴承", "", "", ""]], "第 2 行税则号列“8482.5”不是 8 位数字"),
        ([COLUMNS, ["轴承", "84821030", "", "", ""]], "第 2 行税则号列“轴承”不是 8 位数字"),
        ([COLUMNS, ["", "轴承", "1.用途", "", ""]], "第 2 行有申报要素而没有 8 位税则号列"),
        ([COLUMNS, ["84.82", "轴承", "1.用途", "", ""]], "第 2 行有申报要素而没有 8 位税则号列"),
        ([COLUMNS, ["84821030", "", "1.用途", "", ""]], "第 2 行商品名称是空的"),
        ([[*COLUMNS, "品目"], [*BEARING, "84.81"]], "第 2 行品目 84.81 与税则号列 84821030 不符"),
        ([[*COLUMNS, "页码"], [*BEARING, "上"]], "第 2 行页码“上”不是数字"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_one_sentence(read, rows, words):
    with pytest.raises(UnreadableCatalogue, match=re.escape(words)) as refused:
        read(*rows)
    assert str(refused.value).count("。") == 1
    assert "没有导入" in str(refused.value)


def test_a_cell_with_an_error_is_no_empty_list(tmp_path):
    path = tmp_path / "catalogue.xlsx"
    book = openpyxl.Workbook()
    book.active.append(COLUMNS)
    book.active.append(BEARING)
    book.active["C2"] = "#REF!"
    book.active["C2"].data_type = "e"
    book.save(path)
    with pytest.raises(UnreadableCatalogue, match="单元格 C2 是错误值"):
        read_xlsx(path)


def test_a_broken_workbook_is_refused(tmp_path, read):
    read(COLUMNS, BEARING)
    path = tmp_path / "catalogue.xlsx"
    whole = path.read_bytes()
    for broken in (whole[: len(whole) // 2], b"PK\x03\x04" + b"x" * 200, b"not a workbook"):
        path.write_bytes(broken)
        with pytest.raises(UnreadableCatalogue, match="工作簿已损坏"):
            read_xlsx(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(UnreadableCatalogue, match="工作簿已损坏"):
        read_xlsx(path)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1.用途；2.品牌", ["用途", "品牌"]),
        ("1.用途\n2.品牌（中文\n或外文名称）", ["用途", "品牌（中文或外文名称）"]),
        ("1、用途 2、品牌", ["用途", "品牌"]),
        ("用途;品牌", ["用途", "品牌"]),
        ("1.规格（如1.5米；2.5米）；2.型号", ["规格（如1.5米；2.5米）", "型号"]),
        ("1:用途|2:品牌", ["用途", "品牌"]),
        ("  ；；", []),
        ("", []),
    ],
)
def test_elements_of_a_cell(text, names):
    assert [name for name, _ in split_elements(text)] == names


@given(st.text(max_size=200))
def test_any_cell_gives_names_without_white_space_around(text):
    names = odd_numbers(catalogue_elements(split_elements(text)))
    assert all(name and name == name.strip() for name, _ in names)
