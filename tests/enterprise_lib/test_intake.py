"""Tables taken in: headings or none, Excel's damage, limits, and what is refused with which words."""

import io
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from enterprise_lib.checking.intake import (
    MOST_BYTES,
    MOST_ROWS,
    IntakeRefused,
    take_paste,
    take_workbook,
)
from enterprise_lib.checking.lines import Line, read_line

CODE = "8542399000"
MODEL = "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G"


def only(text: str, **options) -> Line:
    lines = take_paste(text, **options).lines
    assert len(lines) == 1
    return lines[0]


@pytest.mark.parametrize(
    "head",
    [
        "商品编码\t商品名称\t规格型号\t进出口标志",
        "商品编号（10位）\t品名\t申报要素\t进出口",
        "CODE_TS\tG_NAME\tG_MODEL\tI_E_FLAG",
        "codeTs\tgName\tgModel\tieFlag",
    ],
)
def test_headings_go_by_all_their_public_names(head):
    if "I_E_FLAG" in head:
        head = head.replace("I_E_FLAG", "IEFlag")
    line = only(f"{head}\n{CODE}\t集成电路\t{MODEL}\t进口")
    assert line == Line(2, CODE, "I", "集成电路", MODEL)


def test_columns_stand_in_any_order_and_a_title_above_them_is_told():
    taken = take_paste(
        f"2026 年 3 月出货\n规格型号\t单价\t进出口\t商品编码\t品名\n{MODEL}\t3\tE\t{CODE}\t集成电路"
    )
    assert taken.lines == [Line(3, CODE, "E", "集成电路", MODEL)]
    assert taken.remarks == ["表头上面有 1 行，未读取。", "自检不需要的列，未读取：单价。"]


@pytest.mark.parametrize(
    "row",
    [
        f"{CODE}\t集成电路\t{MODEL}\tI",
        f"1\t{CODE}\t集成电路\t{MODEL}\tI",
        f"I\t{MODEL}\t集成电路\t{CODE}",
        f"8542.3990.00\t集成电路\t{MODEL}\tI",
    ],
)
def test_without_headings_columns_are_told_by_what_they_hold(row):
    taken = take_paste(f"{row}\n{row}")
    assert {(x.hs_code, x.ie_flag, x.name, x.g_model) for x in taken.lines} == {
        (CODE, "I", "集成电路", MODEL)
    }
    assert [line.number for line in taken.lines] == [1, 2]
    assert "没有找到表头" in taken.remarks[0]


def test_code_and_g_model_alone_are_enough():
    line = only(f"{CODE}\t{MODEL}")
    assert (line.hs_code, line.name, line.g_model, line.error) == (CODE, "", MODEL, "")


def test_the_direction_is_told_by_the_second_part_or_chosen():
    assert only(f"{CODE}\t名\t4|3|甲").ie_flag == "I"
    assert only(f"{CODE}\t名\t4|0|甲").ie_flag == "E"
    assert only(f"{CODE}\t名\t4|0|甲", otherwise="I").ie_flag == "I"
    assert only(f"商品编码\t规格型号\t进出口\n{CODE}\t4|3|甲\t0", otherwise="I").ie_flag == "E"


def test_a_cell_with_line_breaks_is_one_line():
    line = only(f'商品编码\t品名\t规格型号\n{CODE}\t"集成\n电路"\t"4|3|\r\n甲"')
    assert (line.name, line.g_model) == ("集成 电路", "4|3| 甲")


@pytest.mark.parametrize(
    ("code", "read", "said"),
    [
        ("8542 3990 00", CODE, ""),
        ("８５４２３９９０００", CODE, ""),
        ("8542399000101", CODE, ""),
        ("306329000", "0306329000", ""),
        ("", "", "“商品编码”为空"),
        ("85423990", "85423990", "商品编码应为 10 位数字"),
        ("8.54239E+09", "8.54239E+09", "科学计数法"),
        ("7799999900", "7799999900", "不是税则的章"),
        ("abc", "abc", "商品编码应为 10 位数字"),
    ],
)
def test_what_becomes_of_a_code(code, read, said):
    line = only(f"商品编码\t商品名称\t规格型号\n{code}\t名\t{MODEL}")
    assert line.hs_code == read
    assert said in line.error
    assert bool(said) == bool(line.error)
    if code == "306329000":
        assert "丢了前导零" in line.notes[0]


def test_texts_beyond_what_a_declaration_takes_are_told_and_kept():
    line = only(f"{CODE}\t{'名' * 256}\t4|3|{'长' * 300}")
    assert not line.error
    assert [note[-22:] for note in line.notes] != []
    assert "商品名称有 256 个字" in line.notes[0]
    assert "规格型号有 304 个字" in line.notes[1]
    beyond = only(f"{CODE}\t名\t4|3|{'长' * 2_000}")
    assert "2,004 个字" in beyond.error


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "请先粘贴表格"),
        (" \n\t\n", "请先粘贴表格"),
        ("商品编码\t商品名称\t规格型号\n", "没有数据行"),
        ("商品名称\t规格型号\n甲\t4|3", "没有“商品编码”列"),
        ("商品编码\t商品名称\n8542399000\t甲", "没有“规格型号”列"),
        ("8542399000", "没有“规格型号”列"),
        (f"{CODE}\t{MODEL}\n" * (MOST_ROWS + 1), "最多自检 5,000 行"),
        ("甲" * (MOST_BYTES // 3 + 1), "超过 10 MB"),
    ],
)
def test_what_is_no_such_table_is_refused_with_one_sentence(text, said):
    with pytest.raises(IntakeRefused, match=said) as refused:
        take_paste(text)
    assert str(refused.value).count("。") == 1


def test_just_as_many_rows_as_allowed_are_taken():
    assert len(take_paste(f"{CODE}\t{MODEL}\n" * MOST_ROWS).lines) == MOST_ROWS


@given(st.dictionaries(st.sampled_from(["hs_code", "g_name", "g_model", "ie_flag"]), st.text()))
def test_any_cells_become_a_line(cells):
    line = read_line(7, cells, typed=False)
    assert line.number == 7
    if not line.error:
        assert len(line.hs_code) == 10
        assert line.ie_flag in {"I", "E"}
        assert line.g_model


# --- workbooks ---------------------------------------------------------------------------------


def workbook(*rows: list, sheet: str = "清单", name: str = "清单.xlsx") -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["这张表是给报关行的"])
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    target = io.BytesIO()
    book.save(target)
    return SimpleUploadedFile(name, target.getvalue())


HEAD = ["商品编码", "商品名称", "规格型号", "进出口标志"]


def test_the_sheet_with_headings_is_read_and_rows_keep_excels_numbers():
    taken = take_workbook(workbook([], HEAD, [CODE, "集成电路", MODEL, "I"]))
    assert taken.lines == [Line(3, CODE, "I", "集成电路", MODEL)]


def test_excels_damage_is_named_as_an_import_names_it():
    lines = take_workbook(
        workbook(
            HEAD,
            [8542399000, "数字编码", MODEL, "I"],
            [306329000, "丢零", MODEL, "I"],
            [CODE, "公式", "=A1&B1", "I"],
            [CODE, "数字型号", 6204, "I"],
            ["8.54E+09", "科学", MODEL, "I"],
        )
    ).lines
    assert (lines[0].hs_code, lines[0].error) == (CODE, "")
    assert "存成了数字，已读作 8542399000" in lines[0].notes[0]
    assert "丢了前导零" in lines[1].notes[0]
    assert "公式" in lines[2].error
    assert "存成了数字或日期" in lines[3].error
    assert "科学计数法" in lines[4].error


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (SimpleUploadedFile("a.csv", b"1"), "只能上传 .xlsx"),
        (SimpleUploadedFile("a.xls", b"1"), "只能上传 .xlsx"),
        (SimpleUploadedFile("a.xlsx", b"not a workbook"), "文件打不开"),
        (SimpleUploadedFile("a.xlsx", b"x" * (MOST_BYTES + 1)), "超过 10 MB"),
    ],
)
def test_another_file_is_refused_with_one_sentence(file, said):
    with pytest.raises(IntakeRefused, match=said) as refused:
        take_workbook(file)
    assert str(refused.value).count("。") == 1


def test_a_truncated_workbook_is_refused():
    whole = workbook(HEAD, [CODE, "甲", MODEL, "I"]).read()
    with pytest.raises(IntakeRefused, match="文件打不开"):
        take_workbook(SimpleUploadedFile("a.xlsx", whole[: len(whole) // 2]))


def test_another_archive_that_is_called_xlsx_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(IntakeRefused) as refused:
        take_workbook(SimpleUploadedFile("a.xlsx", target.getvalue()))
    assert "内容却是 zip 压缩包" in str(refused.value)


def test_a_workbook_with_another_table_is_refused():
    with pytest.raises(IntakeRefused, match="没有“"):
        take_workbook(workbook(["姓名"], ["张三"]))
    with pytest.raises(IntakeRefused, match="没有“商品编码”列"):
        take_workbook(workbook(["商品名称", "规格型号"], ["甲", "4|3"]))


def test_one_filled_cell_far_away_does_not_take_the_memory():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "商品编码", "x"
    target = io.BytesIO()
    book.save(target)
    with pytest.raises(IntakeRefused, match="1,048,576 行"):
        take_workbook(SimpleUploadedFile("a.xlsx", target.getvalue()))


def test_what_unpacks_beyond_measure_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(80 * 2**20))
    assert len(target.getvalue()) < MOST_BYTES
    with pytest.raises(IntakeRefused, match="解开后太大"):
        take_workbook(SimpleUploadedFile("a.xlsx", target.getvalue()))
