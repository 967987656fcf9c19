"""Sheets and headings: read at once where they are certain, shown to be confirmed where not."""

import pytest

from authorization.models import Role
from customs_audit.checking import check_upload
from customs_audit.checking.sheets import (
    Sheet,
    doubt_missing,
    heading_problems,
    heading_signature,
    missing_columns,
    recognise,
)
from customs_audit.models import AuditUpload, HeadingMap, UploadRow
from declarations.headers import FIELDS, LABELS
from tests.customs_audit.checking.uploads import check
from tests.declarations.files import audited_row, entry_id, nonconforming_row, write_csv
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db

State = AuditUpload.State
NAMES = list(audited_row())
XML_NAMES = {
    known.name: next(
        (name for name in known.names if name.isascii() and name[0].isupper()), known.label
    )
    for known in FIELDS
}
DATABASE_NAMES = LABELS | {
    "entry_id": "ENTRY_ID", "g_no": "G_NO", "ie_flag": "I_E_FLAG", "trade_mode": "TRADE_MODE",
    "custom_master": "DECL_PORT", "declared_on": "D_DATE", "agent_code": "AGENT_CODE",
    "agent_name": "AGENT_NAME", "trader_uscc": "TAXY_RG_NO", "trader_code": "TRADE_CO",
    "trader_name": "TRADE_NAME", "hs_code": "CODE_TS", "g_name": "G_NAME", "g_model": "G_MODEL",
}  # fmt: skip


def rows_of(headings, *rows, above=()):
    """First rows of a sheet: what stands above, a heading row, cells in the order of NAMES."""
    cells = [*above, headings, *([row.get(name, "") for name in NAMES] for row in rows)]
    return list(enumerate(cells, 1))


def found(headings, *rows, above=()):
    rows = rows or [audited_row(n) for n in range(1, 6)]
    return recognise(0, "数据", rows_of(headings, *rows, above=above))


def labels(**other):
    """The Chinese headings, but for those that are given."""
    return [other.get(name, LABELS[name]) for name in NAMES]


@pytest.mark.parametrize("layer", [LABELS, XML_NAMES, DATABASE_NAMES], ids=["zh", "xml", "db"])
def test_each_layer_of_names_is_certain(layer):
    sheet = found([layer[name] for name in NAMES])
    assert sheet.certain, sheet.doubts
    assert set(sheet.fields) == set(NAMES)
    assert missing_columns([sheet]) == []


def test_a_title_above_the_headings_is_no_doubt():
    sheet = found(labels(), above=[["2025 年 9 月审核数据", *[""] * 5]])
    assert (sheet.row, sheet.certain) == (2, True)
    assert sheet.sample[0][0] == entry_id(1)


UNCERTAIN = [
    ("“品名”都像“商品名称”", labels(g_model="品名"), ()),
    ("第 1、2 行都像表头", [XML_NAMES[name] for name in NAMES], [labels()]),
    ("“商品编号”列的内容像是“报关单号”", labels(hs_code="报关单号", entry_id="商品编号"), ()),
    ("“原因代码”列的内容像是“审核结论”", labels(verdict="原因代码", reason_code="审核结论"), ()),
]


@pytest.mark.parametrize(("doubt", "headings", "above"), UNCERTAIN)
def test_headings_that_may_mean_something_else_are_doubted(doubt, headings, above):
    sheet = found(headings, above=above)
    assert not sheet.certain
    assert any(doubt in said for said in sheet.doubts), sheet.doubts
    assert all(said.endswith(("。", "。”")) for said in sheet.doubts)


def test_of_two_heading_rows_the_data_begin_below_the_last():
    sheet = found([XML_NAMES[name] for name in NAMES], above=[labels()])
    assert sheet.row == 2


@pytest.mark.parametrize(
    ("field", "heading"),
    [("entry_id", "单号"), ("g_model", "要素"), ("hs_code", "HS 十位"), ("g_name", "商品名程")],
)
def test_a_missing_column_is_proposed_by_its_cells_or_its_near_name(field, heading):
    sheet = found(labels(**{field: heading}))
    assert doubt_missing([sheet])
    assert sheet.fields[field] == NAMES.index(field)
    assert not sheet.certain
    assert f"“{heading}”列像是它" in sheet.doubts[-1]


def test_a_missing_column_that_nothing_looks_like_may_be_named_by_an_officer():
    sheet = found(labels(g_name="甲乙丙丁"), *[audited_row(n) for n in (1, 2)])
    assert doubt_missing([sheet])
    assert "g_name" not in sheet.fields
    assert "请指定哪一列是它" in sheet.doubts[-1]


def test_no_officer_can_help_where_every_column_is_known():
    headings = [label for name, label in zip(NAMES, labels(), strict=True) if name != "g_name"]
    sheet = found(headings)
    sheet.doubts = []
    assert doubt_missing([sheet]) is False


def test_what_a_page_gives_back_is_judged_before_it_is_queued():
    sheet = found(labels())
    assert heading_problems([sheet.as_json()]) == []
    sheet.columns[NAMES.index("g_name")] = ""
    sheet.columns[NAMES.index("auditor")] = "entry_id"
    problems = heading_problems([sheet.as_json()])
    assert any("缺少必填列“商品名称”" in problem for problem in problems)
    assert any("两列都对应“报关单号”" in problem for problem in problems)
    sheet.use = False
    assert heading_problems([sheet.as_json()]) == ["没有选用含商品项的工作表；请至少选用一张。"]


def test_a_sheet_is_the_same_after_it_was_kept():
    sheet = found(labels(g_model="品名"))
    assert Sheet.from_json(sheet.as_json()) == sheet


def test_an_uncertain_file_waits_for_an_officer_and_goes_on_as_confirmed(tmp_path):
    rows = [audited_row(1), nonconforming_row(2), audited_row(3)]
    headings = LABELS | {"entry_id": "单号"}
    upload = check(write_csv(tmp_path / "data.csv", rows, headings=headings))
    assert upload.state == State.TO_CONFIRM
    assert not UploadRow.objects.filter(upload=upload).exists()
    (sheet,) = upload.sheets
    assert sheet["columns"]["0"] == "entry_id"
    assert sheet["sample"][0][0] == entry_id(1)
    sheet["certain"] = True
    upload.state = State.RECEIVED
    upload.save()
    assert check_upload(upload.pk)
    upload.refresh_from_db()
    assert upload.state == State.TO_RELEASE
    assert UploadRow.objects.filter(upload=upload).count() == 3


def test_headings_that_were_confirmed_before_are_certain(tmp_path):
    rows = [audited_row(1), audited_row(2)]
    headings = LABELS | {"entry_id": "单号"}
    written = [headings[name] for name in NAMES]
    columns = {headings[name]: name for name in NAMES}
    HeadingMap.objects.create(signature=heading_signature(written), columns=columns)
    upload = check(write_csv(tmp_path / "data.csv", rows, headings=headings))
    assert upload.state == State.TO_RELEASE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("甲,乙,丙\n1,2,3\n", "没有找到表头"),
        ("报关单号,项号,商品编号\n1,2,3\n", "缺少必填列"),
    ],
)
def test_a_file_that_nobody_could_map_is_refused_in_one_sentence(tmp_path, text, message):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    upload = check(path)
    assert upload.state == State.REFUSED
    assert message in upload.message
    assert upload.message.count("。") == 1


def rows_without_headings(tmp_path, first="") -> AuditUpload:
    """A file that nobody's names are in: a heading row of letters, or none."""
    path = write_csv(tmp_path / "data.csv", [audited_row(1), nonconforming_row(2), audited_row(3)])
    lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    path.write_text(first + "".join(lines[1:]), encoding="utf-8")
    return check(path)


def confirm(upload: AuditUpload, row: int, client) -> None:
    sent = {f"field-0-{at}": name for at, name in enumerate(NAMES)}
    page = {"use-0": "1", "drawn-0": str(row), "row-0": str(row), "remember": "1"}
    client.post(f"/customs/uploads/{upload.pk}/headings/", sent | page)
    upload.refresh_from_db()
    assert upload.state == State.RECEIVED
    assert check_upload(upload.pk)
    upload.refresh_from_db()


@pytest.mark.parametrize("row", [0, 1])
def test_headings_that_nobody_knows_are_told_by_an_officer(tmp_path, row):
    first = ",".join(f"甲{at}" for at in range(len(NAMES))) + "\n" if row else ""
    upload = rows_without_headings(tmp_path, first)
    assert upload.state == State.TO_CONFIRM
    (sheet,) = upload.sheets
    assert sheet["row"] == row
    assert sheet["columns"][str(NAMES.index("entry_id"))] == "entry_id"
    assert sheet["columns"][str(NAMES.index("g_model"))] == "g_model"
    client = client_for(make_user(Role.OFFICER))
    page = client.get(f"/customs/uploads/{upload.pk}/headings/").content.decode()
    assert "没有认出表头" in page
    assert "没有表头，第一行就是数据" in page
    confirm(upload, row, client)
    assert upload.state == State.TO_RELEASE
    assert UploadRow.objects.filter(upload=upload).count() == 3
    # A sheet without headings says nothing of the next.
    assert HeadingMap.objects.count() == row


def test_what_is_not_read_is_reported(tmp_path):
    rows = [audited_row(1) | {"remark": "x"}]
    upload = check(write_csv(tmp_path / "data.csv", rows, headings=LABELS | {"remark": "备注甲"}))
    assert [(note["rule"], note["value"]) for note in upload.report] == [
        ("column.unknown", "备注甲")
    ]
