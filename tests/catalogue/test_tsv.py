"""Tab-separated catalogues: read as they are printed, refused with one sentence that names the row."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.importing.held import Held
from catalogue.importing.result import ReadHeading, UnreadableCatalogue
from catalogue.importing.tsv import COLUMNS, read_tsv

HEAD = "\t".join(COLUMNS)
MARE = "01012100\t01.01\t改良种用\t01.01\t1\t1:是否改良种用;2:品种"
CLOCK = "97061000\t97.06\t超过二百五十年的\t\t534\t"


@pytest.fixture
def read(tmp_path):
    def read_(text: str | bytes, **options):
        path = tmp_path / "catalogue.tsv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_tsv(path, **options)

    return read_


def test_a_code_is_read_with_its_list(read):
    found = read(f"{HEAD}\n{MARE}\n{CLOCK}\n")
    assert list(found.codes) == ["01012100", "97061000"]
    code = found.codes["01012100"]
    assert (code.heading, code.name, code.inherited_from, code.page) == (
        "01.01",
        "改良种用",
        "01.01",
        1,
    )
    assert [(e.number, e.name, e.printed_number) for e in code.elements] == [
        (1, "是否改良种用", ""),
        (2, "品种", ""),
    ]
    assert found.codes["97061000"].elements == ()
    assert found.pages == 534


def test_a_number_that_is_not_the_position_is_kept_apart(read):
    code = read(f"{HEAD}\n01012100\t01.01\t马\t\t1\t1:用途;3:品种;3:状态\n").codes["01012100"]
    assert [(e.number, e.printed_number) for e in code.elements] == [(1, ""), (2, "3"), (3, "")]


def test_a_name_may_hold_what_parts_elements(read):
    line = "01012100\t01.01\t马\t\t1\t1:规格;型号（如10:20）;2:比例1:2"
    code = read(f"{HEAD}\n{line}\n").codes["01012100"]
    assert [e.name for e in code.elements] == ["规格;型号（如10:20）", "比例1:2"]


def test_line_ends_of_windows_a_mark_of_order_and_blank_lines_are_no_trouble(read):
    found = read(b"\xef\xbb\xbf" + f"{HEAD}\r\n{MARE}\r\n\r\n{CLOCK}\r\n".encode())
    assert found.codes["01012100"].elements[-1].name == "品种"
    assert len(found.codes) == 2


def test_progress_goes_up_to_all_rows(read):
    seen = []
    lines = [f"0101{n:04d}\t01.01\t马\t\t1\t1:用途" for n in range(1200)]
    read("\n".join([HEAD, *lines]), progress=lambda *pair: seen.append(pair))
    assert len(seen) == 3
    assert seen[-1] == (1200, 1200)


HELD = Held.of(
    "2024 年版",
    [
        ("01012100", "品种", "other"),
        ("84821030", "品种", "price"),
        ("84821020", "品种", "price"),
        ("84821020", "用途", "classification"),
    ],
    [
        ReadHeading("section", "01", "", "活动物"),
        ReadHeading("section", "02", "", "植物产品"),
        ReadHeading("chapter", "01", "01", "活动物"),
        ReadHeading("heading", "01.01", "01", "马、驴、骡"),
        ReadHeading("heading", "01.02", "01", "牛"),
    ],
    {"01012100": ("马", "改良种用")},
)


def test_categories_headings_and_sub_headings_come_from_the_held_edition(read):
    found = read(f"{HEAD}\n{MARE}\n97061000\t97.06\t钟\t\t1\t1:用途;2:品种;3:某新要素\n", held=HELD)
    mare, clock = found.codes.values()
    # The same code first, then the name anywhere, then the column of the element before.
    assert [e.category for e in mare.elements] == ["classification", "other"]
    assert [e.category for e in clock.elements] == ["classification", "price", "price"]
    assert [(h.level, h.code) for h in found.headings] == [
        ("section", "01"),
        ("chapter", "01"),
        ("heading", "01.01"),
    ]
    assert mare.path == ("马", "改良种用")
    assert "参照2024 年版" in found.report.lines[0].text


def test_without_a_held_edition_every_element_is_of_the_first_column_and_it_says_so(read):
    found = read(f"{HEAD}\n{MARE}\n")
    assert {e.category for e in found.codes["01012100"].elements} == {"classification"}
    assert "没有其他版本可以参照" in found.report.lines[0].text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "文件是空的"),
        (b" \n\n", "文件是空的"),
        (HEAD, "只有表头"),
        ("报关单号\t项号\n1\t2\n", "第 1 行不是目录的表头"),
        (HEAD.replace("\t", ",") + "\n" + MARE.replace("\t", ","), "第 1 行不是目录的表头"),
        (f"{HEAD}\n{MARE}\n{MARE}\n", "第 3 行税则号列 01012100 与第 2 行重复"),
        (
            f"{HEAD}\n{MARE.replace('01012100', '1012100')}\n",
            "第 2 行税则号列“1012100”不是 8 位数字",
        ),
        (
            f"{HEAD}\n{MARE.replace('01012100', '0101210000')}\n",
            "第 2 行税则号列“0101210000”不是 8 位",
        ),
        (f"{HEAD}\n{MARE.replace('01012100', '０１０１２１００')}\n", "不是 8 位数字"),
        (
            f"{HEAD}\n{MARE.replace('01.01', '01.02')}\n",
            "第 2 行品目“01.02”与税则号列 01012100 不符",
        ),
        (f"{HEAD}\n{MARE}\textra\n", "第 2 行有 7 列，应为 6 列"),
        (f"{HEAD}\n{MARE.replace('改良种用', '', 1)}\n", "第 2 行货品名称是空的"),
        (HEAD + "\n" + MARE.replace("\t1\t", "\tx\t"), "第 2 行页码“x”不是数字"),
        (f"{HEAD}\n{MARE.replace('1:', '')}\n", "第 2 行申报要素“是否改良种用”应写成"),
        (f"{HEAD}\n{MARE};3: \n", "第 2 行申报要素"),
        (f"{HEAD}\n{MARE}\n{CLOCK}".encode("gb18030"), "第 2 行不是 UTF-8 编码"),
        (f"{HEAD}\n{MARE}\x00\n", "第 2 行含有控制字符"),
        (bytes(range(128, 256)), "不是 UTF-8 编码"),
    ],
)
def test_anything_else_is_refused_with_one_sentence(read, text, words):
    with pytest.raises(UnreadableCatalogue, match=re.escape(words)) as refused:
        read(text)
    sentence = str(refused.value)
    assert sentence.endswith("。") and sentence.count("。") == 1
    assert "没有导入" in sentence


@given(content=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_file_makes_it_fail_in_another_way(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.tsv"
    for start in (b"", HEAD.encode() + b"\n"):
        path.write_bytes(start + content)
        try:
            assert read_tsv(path).codes
        except UnreadableCatalogue as refused:
            assert "没有导入" in str(refused)
