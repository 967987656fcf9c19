"""Reading .csv and .xlsx files: encodings, delimiters, cell types, formulas, damaged files."""

import datetime
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from declarations.cells import BadCell
from declarations.faults import Fault, RejectedFile
from declarations.files.text_tables import encoding_of
from declarations.reading import open_sheets
from declarations.rows import Table
from tests.declarations.files import declared_row, entry_id, write_csv, write_xlsx
from tests.declarations.reading_files.hostile import CORPUS

HEAD_FIELDS = ["entry_id", "ie_flag", "trade_mode", "declared_on", "agent_code", "trader_uscc"]
LINE_FIELDS = ["entry_id", "g_no", "hs_code", "g_name", "g_model"]


def all_rows(path):
    return [row for sheet in open_sheets(path) for row in sheet.rows]


def rejection(path):
    with pytest.raises(RejectedFile) as caught:
        all_rows(path)
    [fault] = caught.value.faults
    assert fault.text.endswith(("。", "”。"))
    return fault.rule


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_it_tells_encodings_and_delimiters_of_a_csv_file_apart(tmp_path, encoding, delimiter):
    row = declared_row(g_name="轮毂轴承，带密封\U00020bb7", g_model="0|3|角接触,球\t轴承|无品牌|X")
    path = write_csv(tmp_path / "a.csv", [row], encoding=encoding, delimiter=delimiter)
    [raw] = list(Table(path, audited=False).rows())
    assert raw.cells["g_name"] == row["g_name"]
    assert raw.cells["g_model"] == row["g_model"]
    assert raw.number == 2


def test_a_tab_separated_file_may_have_a_title_line_with_commas(tmp_path):
    path = write_csv(tmp_path / "a.csv", [declared_row()], delimiter="\t", title="数据,一,二,三")
    assert len(list(Table(path, audited=False).rows())) == 1


def test_a_multibyte_character_across_the_chunk_border_is_no_decoding_error(tmp_path):
    path = tmp_path / "a.csv"
    for encoding in ("utf-8", "gb18030"):
        path.write_bytes(("a" * (2**20 - 1) + "轴").encode(encoding))
        with path.open("rb") as file:
            assert encoding_of(file).removesuffix("-sig") == encoding


def test_blank_rows_are_left_out_and_numbers_stay_the_file_s(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n\n,\n1,2\n", encoding="utf-8")
    assert all_rows(path) == [(1, ["a", "b"]), (4, ["1", "2"])]


def test_another_encoding_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("报关单号".encode() + b"\xff\xff\x00\xff")
    assert rejection(path) == "file.encoding"


def test_a_quote_that_never_closes_is_named_with_its_row(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,2\n3,"4' + "\n5,6" * 60_000, encoding="utf-8")
    with pytest.raises(RejectedFile, match="从第 3 行起引号不成对"):
        all_rows(path)


def test_an_empty_file_and_other_types_are_refused(tmp_path):
    for name, rule in (
        ("a.csv", "file.empty"),
        ("a.xlsx", "file.empty"),
        ("a.xls", "file.empty"),
        ("a.txt", "file.type"),
    ):
        (tmp_path / name).touch()
        assert rejection(tmp_path / name) == rule


def test_a_file_of_headings_without_rows_is_refused_as_empty(tmp_path):
    path = write_csv(tmp_path / "a.csv", [declared_row()])
    first = path.read_text(encoding="utf-8-sig").splitlines()[0]
    path.write_text(first, encoding="utf-8")
    assert list(Table(path, audited=False).rows()) == []


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"not a zip file", "file.content"), (b"PK\x03\x04 torn", "file.unreadable")],
)
def test_a_damaged_workbook_is_refused(tmp_path, content, rule):
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    assert rejection(path) == rule


def test_a_torn_workbook_is_refused(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", [declared_row()])
    path.write_bytes(path.read_bytes()[:-200])
    assert rejection(path) == "file.unreadable"


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    assert rejection(path) == "file.content"


def test_a_workbook_with_a_document_type_is_refused(tmp_path):
    path, changed = write_xlsx(tmp_path / "a.xlsx", [declared_row()]), tmp_path / "b.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for entry in old.infolist():
            text = old.read(entry)
            if entry.filename == "xl/workbook.xml":
                text = text.replace(b"<workbook", b'<!DOCTYPE w [<!ENTITY a "b">]><workbook', 1)
            new.writestr(entry, text)
    assert rejection(changed) == "file.doctype"


def test_a_workbook_s_cells_keep_their_types(tmp_path):
    day = datetime.date(2025, 3, 14)
    path = write_xlsx(tmp_path / "a.xlsx", [{"entry_id": "0110", "g_no": 110, "declared_on": day}])
    assert all_rows(path)[1] == (2, ["0110", 110.0, day])


def test_formulas_and_errors_are_seen_though_a_result_is_stored(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet()
    sheet.write_row(2, 1, ["甲", "乙", "丙"])
    sheet.write_formula(3, 1, "=1+1", None, 2)
    sheet.write_formula(3, 2, "=NA()", None, "#N/A")
    sheet.write_string(3, 3, "=1+1")
    workbook.close()
    assert all_rows(path) == [
        (3, ["", "甲", "乙", "丙"]),
        (4, ["", BadCell("cell.formula", "公式"), BadCell("cell.error", "#N/A"), "=1+1"]),
    ]


def test_a_formula_is_seen_wherever_it_stands_in_a_large_sheet(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet()
    for row in range(30_000):
        if row % 100:
            sheet.write_row(row, 0, [row, "文本", row])
        else:
            sheet.write_formula(row, 1, f"=A{row + 1}&REPT(1,2)", None, "x")
    workbook.close()
    bad = [n for n, cells in all_rows(path) if any(isinstance(c, BadCell) for c in cells)]
    assert bad == list(range(1, 30_001, 100))


def test_hidden_sheets_are_not_read(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    workbook.add_worksheet("显示").write(0, 0, "甲")
    hidden = workbook.add_worksheet("隐藏")
    hidden.write(0, 0, "乙")
    hidden.hide()
    workbook.close()
    assert [sheet.name for sheet in open_sheets(path)] == ["显示"]


# --- from sheets to rows ---------------------------------------------------------------------


def parts(rows):
    heads = {row["entry_id"]: {name: row[name] for name in HEAD_FIELDS} for row in rows}
    return {
        "表头": list(heads.values()),
        "表体": [{name: row[name] for name in LINE_FIELDS} for row in rows],
    }


def test_head_and_line_sheets_are_joined_by_the_report_number(tmp_path):
    rows = [declared_row(1, 1), declared_row(1, 2), declared_row(2, 1, trade_mode="1039")]
    path = write_xlsx(tmp_path / "a.xlsx", parts(rows))
    found = list(Table(path, audited=False).rows())
    assert [
        (raw.cells["entry_id"], raw.cells["g_no"], raw.cells["trade_mode"]) for raw in found
    ] == [
        (entry_id(1), "1", "0110"),
        (entry_id(1), "2", "0110"),
        (entry_id(2), "1", "1039"),
    ]


def test_a_line_without_its_head_is_an_error_on_that_row(tmp_path):
    sheets = parts([declared_row(1), declared_row(2)])
    del sheets["表头"][0]
    path = write_xlsx(tmp_path / "a.xlsx", sheets)
    fault = next(row for row in Table(path, audited=False).rows() if isinstance(row, Fault))
    assert (fault.rule, fault.sheet, fault.row) == ("head.missing", "表体", 2)
    assert entry_id(1) in fault.text


def test_a_head_that_stands_twice_is_an_error(tmp_path):
    sheets = parts([declared_row(1)])
    sheets["表头"] *= 2
    path = write_xlsx(tmp_path / "a.xlsx", sheets)
    fault = next(row for row in Table(path, audited=False).rows() if isinstance(row, Fault))
    assert (fault.rule, fault.sheet, fault.row) == ("head.repeated", "表头", 3)


def test_a_sheet_without_headings_is_left_out_with_a_warning(tmp_path):
    path = tmp_path / "a.xlsx"
    write_xlsx(path, {"数据": [declared_row()], "说明": [{"auditor": "随便写写"}]})
    table = Table(path, audited=False)
    assert len(list(table.rows())) == 1
    assert [(fault.rule, fault.value) for fault in table.notes] == [("sheet.ignored", "说明")]


def test_a_file_without_any_headings_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("一,二,三\n1,2,3\n", encoding="utf-8")
    with pytest.raises(RejectedFile, match="没有找到表头"):
        Table(path, audited=False)


def test_a_file_with_several_bad_headings_names_them_all(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("报关单号,海关编号,项号,商品名称,规格型号\n", encoding="utf-8")
    with pytest.raises(RejectedFile) as caught:
        Table(path, audited=False)
    rules = [fault.rule for fault in caught.value.faults]
    assert rules.count("column.duplicate") == 1
    assert rules.count("column.missing") == 6


XML_NAMES = {
    "entry_id": "EntryId", "g_no": "GNo", "ie_flag": "IEFlag", "trade_mode": "TradeMode",
    "declared_on": "DDate", "agent_code": "AgentCode", "trader_uscc": "TradeCoScc",
    "hs_code": "CodeTS", "g_name": "GName", "g_model": "GModel",
    "origin_country": "OriginCountry", "destination_country": "DestinationCountry",
}  # fmt: skip


@pytest.mark.parametrize(("flag", "origin"), [("I", "DEU"), ("E", "CHN")])
def test_xml_names_mean_the_other_country_for_exports(tmp_path, flag, origin):
    row = declared_row(ie_flag=flag)
    row = {name: row[name] for name in XML_NAMES}
    path = write_csv(tmp_path / "a.csv", [row], headings=XML_NAMES)
    [raw] = Table(path, audited=False).rows()
    assert raw.cells["origin_country"] == origin


def test_chinese_names_mean_what_they_say_for_exports_too(tmp_path):
    path = write_csv(tmp_path / "a.csv", [declared_row(ie_flag="E")])
    [raw] = Table(path, audited=False).rows()
    assert raw.cells["origin_country"] == "DEU"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    for name in ("a.csv", "a.xlsx"):
        path = tmp_path_factory.getbasetemp() / name
        path.write_bytes(content)
        try:
            for sheet in open_sheets(path):
                list(sheet.rows)
        except RejectedFile as refused:
            assert refused.faults


TORN_OR_FORBIDDEN = [
    hostile
    for hostile in CORPUS
    if hostile.rule in ("file.unreadable", "file.doctype", "file.links", "file.macros")
]


@pytest.mark.parametrize("hostile", TORN_OR_FORBIDDEN, ids=lambda hostile: hostile.name)
def test_the_commands_refuse_what_is_torn_or_what_no_upload_may_hold(hostile, tmp_path):
    assert rejection(hostile.make(tmp_path)) == hostile.rule
