"""The workbooks that audited rows are written into: what they hold, and that a sound row is sound."""

import zipfile
from datetime import date
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from openpyxl import load_workbook

from authorization.models import Role
from customs_audit import queueing
from customs_audit.checking import check_upload
from customs_audit.models import AuditKind, UploadFault
from customs_audit.template_fields import GUIDES, fields_of
from customs_audit.template_workbook import template_lists, template_workbook
from customs_audit.uploads import receive
from declarations import code_tables
from declarations.headers import FIELDS, LABELS, field_of
from tests.declarations.files import audited_row
from tests.factories import Listed, client_for, make_edition, make_user

# A sound row as somebody fills it in: names from the lists, a date, numbers.
WRITTEN = {
    "ie_flag": "进口",
    "declared_on": date(2025, 3, 14),
    "g_no": 1,
    "origin_country": "德国",
    "destination_country": "中国",
    "g_qty": 10,
    "g_unit": "件",
    "decl_price": 2.5,
    "decl_total": 25,
    "trade_curr": "美元",
    "verdict": "不规范",
    "reason_code": "R03",
    "reason_text": "未申报型号",
}


@pytest.fixture
def written(settings, tmp_path, monkeypatch):
    """Check a template with one row in it; returns the upload."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(queueing.current_app, "send_task", lambda *args, **options: None)

    def write(kind: AuditKind, **cells):
        book = load_workbook(BytesIO(template_workbook(kind)))
        sheet = book["审核数据"]
        row = audited_row(1) | WRITTEN | cells
        for column, known in enumerate(fields_of(kind), start=1):
            if row.get(known.name):
                sheet.cell(2, column, row[known.name])
        kept = BytesIO()
        book.save(kept)
        name = f"{kind.label}.xlsx"
        upload = receive(
            ContentFile(kept.getvalue(), name),
            name,
            audit_month=date(2025, 9, 1),
            audit_kind=kind,
            user=make_user(Role.OFFICER),
        ).upload
        assert check_upload(upload.pk)
        upload.refresh_from_db()
        return upload

    return write


@pytest.mark.django_db
@pytest.mark.parametrize("kind", AuditKind)
def test_a_sound_row_written_into_it_has_no_fault(written, kind):
    make_edition(2025, {"84821030": Listed("轴承", ["种类", "品牌", "型号"])})
    upload = written(kind)
    assert list(UploadFault.objects.values_list("rule", "field")) == []
    assert (upload.state, upload.rows_total, upload.report) == ("to_release", 1, [])


@pytest.mark.django_db
def test_as_it_is_downloaded_it_holds_no_row(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(queueing.current_app, "send_task", lambda *args, **options: None)
    client = client_for(make_user(Role.OFFICER))
    response = client.get("/customs/uploads/template/monthly/")
    assert "filename*=utf-8''%E6%9C%88%E5%BA%A6" in response.headers["Content-Disposition"]
    upload = receive(
        ContentFile(response.content, "空.xlsx"),
        "空.xlsx",
        audit_month=date(2025, 9, 1),
        audit_kind=AuditKind.MONTHLY,
        user=None,
    ).upload
    check_upload(upload.pk)
    upload.refresh_from_db()
    assert upload.state == "refused" and "没有数据行" in upload.message
    assert client.get("/customs/uploads/template/other/").status_code == 404


@pytest.mark.parametrize("kind", AuditKind)
def test_it_has_headings_that_are_known_lists_checks_and_text_cells(kind):
    book = load_workbook(BytesIO(template_workbook(kind)))
    sheet = book["审核数据"]
    headings = [cell.value for cell in sheet[1]]
    assert [field_of(heading).name for heading in headings] == [k.name for k in fields_of(kind)]
    required = {known.label for known in FIELDS if known.required}
    assert required <= set(headings) and sheet.freeze_panes == "B2" and sheet.max_row == 1
    assert book["下拉列表"].sheet_state == "hidden"
    assert {name: sheet.column_dimensions[name].width > 5 for name in ("A", "B")}
    letters = {heading: sheet.cell(1, n).column_letter for n, heading in enumerate(headings, 1)}
    style = sheet.column_dimensions[letters["报关单号"]]
    assert style.number_format == "@"
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert len(rules) == len(headings)
    entry = rules["A2"]
    assert entry.type == "custom" and "LEN(A2)=18" in entry.formula1
    assert str(entry.sqref) == "A2:A200001" and "18 位" in entry.prompt and entry.error
    assert rules[f"{letters['审核结论']}2"].type == "list"
    for rule in rules.values():
        assert len(rule.formula1 or "") < 255 and "{" not in (rule.formula1 or "")


def test_no_row_of_its_other_sheets_looks_like_headings():
    book = load_workbook(BytesIO(template_workbook(AuditKind.MONTHLY)))
    for name in ("填写说明", "代码对照", "下拉列表"):
        for row in book[name].iter_rows(values_only=True):
            assert sum(field_of(cell) is not None for cell in row) < 3


def test_every_value_of_its_lists_is_one_that_the_checker_takes():
    lists = template_lists()
    for name, read in {
        "unit": code_tables.unit_code,
        "currency": code_tables.currency_code,
        "country": code_tables.country_code,
    }.items():
        assert [value for value in lists[name] if read(value) is None] == []
    assert set(lists["trade_mode"]) <= set(code_tables.trade_modes())
    assert set(GUIDES) == set(LABELS)


def test_it_holds_no_macro_link_or_formula():
    with zipfile.ZipFile(BytesIO(template_workbook(AuditKind.MONTHLY))) as archive:
        names = archive.namelist()
        assert not [n for n in names if "vba" in n.lower() or "external" in n.lower()]
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
