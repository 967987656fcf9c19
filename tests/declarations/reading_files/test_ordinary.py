"""One table as many programs write it: the same cells each time, and no word about anything."""

import datetime

import pytest

from declarations.cells import BadCell
from declarations.files.reading import read_upload
from declarations.headers import find_layout
from tests.declarations.reading_files.ordinary import HEAD, ORDINARY, TABLE
from tests.declarations.reading_files.packages import (
    inline_row,
    sheet_xml,
    strings_xml,
    workbook_parts,
    write_parts,
    write_rows,
)


def read(path):
    """The rows of each sheet by its name, and the notes."""
    with read_upload(path, path.name) as file:
        found = {sheet.name: list(file.rows(at)) for at, sheet in enumerate(file.sheets)}
        for at, sheet in enumerate(file.sheets):
            assert list(sheet.first) == found[sheet.name][:20]
            assert file.rows(at)  # not begun, so that it costs nothing
        return found, file.notes


def rows_of(path):
    found, _ = read(path)
    [rows] = found.values()
    return rows


@pytest.mark.parametrize(("name", "make"), ORDINARY, ids=[name for name, _ in ORDINARY])
def test_it_is_read_without_a_word(name, make, tmp_path):
    found, notes = read(make(tmp_path))
    assert found == {"数据": list(enumerate(TABLE, start=1))}
    assert notes == []
    assert len(find_layout("数据", found["数据"]).headings) == len(HEAD)


def test_there_are_thirty_and_more():
    assert len(ORDINARY) >= 30


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_of_any_encoding_and_delimiter_is_read(tmp_path, encoding, delimiter):
    path = tmp_path / "a.CSV"
    text = '报关单号;项号;商品名称\r\n0901;1;"轴""承\n带，；逗,号\t"\r\n\r\n0902;;\U00020bb7'
    path.write_bytes(text.replace(";", delimiter).encode(encoding))
    with read_upload(path, "a.CSV") as file:
        assert (file.kind, file.typed, file.notes) == ("csv", False, [])
        assert list(file.rows(0)) == [
            (1, ["报关单号", "项号", "商品名称"]),
            (2, ["0901", "1", '轴"承\n带，；逗,号\t'.replace(";", delimiter)]),
            (4, ["0902", "", "\U00020bb7"]),
        ]


def test_merged_cells_keep_their_value_in_the_first_alone(tmp_path):
    rows = inline_row(1, ["申报单位", "", "商品"]) + inline_row(2, ["代码", "名称", "商品名称"])
    rows += inline_row(3, ["1", "甲", "乙"]) + inline_row(4, ["", "丙", "丁"])
    after = '<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A3:A4"/></mergeCells>'
    path = write_parts(tmp_path / "a.xlsx", workbook_parts({"数据": sheet_xml(rows, after=after)}))
    assert rows_of(path) == [
        (1, ["申报单位", "", "商品"]),
        (2, ["代码", "名称", "商品名称"]),
        (3, ["1", "甲", "乙"]),
        (4, ["", "丙", "丁"]),
    ]


def test_of_two_heading_rows_the_one_with_more_known_headings_counts(tmp_path):
    path = write_rows(
        tmp_path / "a.xlsx", inline_row(1, ["单证", "", "商品"]) + inline_row(2, HEAD)
    )
    assert find_layout("", rows_of(path)).row == 2


def test_hidden_sheets_are_not_read_but_named(tmp_path):
    sheets = {name: sheet_xml(inline_row(1, [name])) for name in ("甲", "乙", "丙", "丁")}
    states = {"乙": ' state="hidden"', "丁": ' state="veryHidden"'}
    path = write_parts(tmp_path / "a.xlsx", workbook_parts(sheets, states=states))
    found, notes = read(path)
    assert list(found) == ["甲", "丙"]
    assert [(note.rule, note.value) for note in notes] == [
        ("sheet.hidden", "乙"),
        ("sheet.hidden", "丁"),
    ]


def test_formulas_and_errors_are_named_whatever_result_is_stored(tmp_path):
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="e"><f>NA()</f><v>#N/A</v></c>'
        '<c r="C1" t="str"><f t="shared" si="0"/><v>甲</v></c><c r="D1" t="e"><v>#REF!</v></c>'
        '<c r="E1"><f>A1</f></c><c r="F1" t="inlineStr"><is><t>=1+1</t></is></c></row>'
    )
    formula = BadCell("cell.formula", "公式")
    assert rows_of(write_rows(tmp_path / "a.xlsx", rows)) == [
        (
            1,
            [
                formula,
                BadCell("cell.error", "#N/A"),
                formula,
                BadCell("cell.error", "#REF!"),
                formula,
                "=1+1",
            ],
        )
    ]


def test_a_cell_of_32767_characters_is_read_whole(tmp_path):
    text = "长" * 32_767
    assert rows_of(write_rows(tmp_path / "a.xlsx", inline_row(1, [text]))) == [(1, [text])]


def test_half_characters_come_out_as_they_are_and_pairs_as_one(tmp_path):
    escapes = [
        "_xD800_甲",
        "_xD83D__xDE00_",
        "a_x000D__x000A_b",
        "_x005F_x0041_",
        "_x0000_",
        "_xZZZZ_",
    ]
    cells = "".join(f'<c r="{"ABCDEF"[at]}1" t="s"><v>{at}</v></c>' for at in range(6))
    rows = f'<row r="1">{cells}</row>' + inline_row(2, escapes)
    path = write_rows(tmp_path / "a.xlsx", rows, strings=strings_xml(escapes))
    expected = ["\ud800甲", "\U0001f600", "a\r\nb", "_x0041_", "\x00", "_xZZZZ_"]
    assert rows_of(path) == [(1, expected), (2, expected)]


def test_a_table_may_begin_anywhere(tmp_path):
    path = write_rows(tmp_path / "a.xlsx", inline_row(7, HEAD, first=2))
    assert rows_of(path) == [(7, ["", "", *HEAD])]


def test_times_and_durations_are_what_they_are(tmp_path):
    formats = {
        164: "h:mm",
        165: "[h]:mm:ss",
        166: "yyyy-mm-dd hh:mm",
        167: '0.00"days"',
        168: "[Red]@",
    }
    styles = (
        "<styleSheet><numFmts>"
        + "".join(f"<numFmt numFmtId='{at}' formatCode='{code}'/>" for at, code in formats.items())
        + "</numFmts><cellXfs>"
        + "".join(f"<xf numFmtId='{at}'/>" for at in formats)
        + "</cellXfs></styleSheet>"
    )
    cells = "".join(
        f'<c r="{"ABCDEF"[at]}1" s="{at % 5}"><v>{value}</v></c>'
        for at, value in enumerate((0.5, 1.5, 45000.75, 1.5, 1.5, -1))
    )
    path = write_rows(tmp_path / "a.xlsx", f'<row r="1">{cells}</row>', styles=styles)
    assert rows_of(path) == [
        (
            1,
            [
                datetime.time(12),
                datetime.timedelta(hours=36),
                datetime.datetime(2023, 3, 15, 18),
                1.5,
                1.5,
                -1.0,
            ],
        )
    ]
