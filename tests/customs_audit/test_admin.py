"""The customs side's tables in the administrators' site: lists and rows, in words."""

import pytest
from django.urls import reverse

from authorization.models import Role
from customs_audit.inbox_models import InboxFile
from customs_audit.mending.changes import CellChange, change_cells
from customs_audit.models import HeadingMap, UploadFault, UploadRow, UploadRowChange
from customs_audit.workbook_models import MendWorkbook, MendWorkbookRow
from tests.customs_audit.checking.uploads import check_cells
from tests.declarations.files import audited_row
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload():
    upload = check_cells([audited_row(1, trade_mode="9999"), audited_row(2)])
    change = CellChange(number=2, version=1, field="auditor", text="王审核")
    assert change_cells(upload, [change], how="grid", by=None).cells == 1
    return upload


def pages_of(row):
    """The list that finds a row, and its own page."""
    client = client_for(make_user(Role.ADMINISTRATOR))
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
    listed = client.get(reverse(f"{name}_changelist"))
    shown = client.get(reverse(f"{name}_change", args=[row.pk]))
    assert (listed.status_code, shown.status_code) == (200, 200)
    return listed.content.decode(), shown.content.decode()


def test_an_upload_and_its_rows(upload):
    listed, _ = pages_of(upload)
    assert upload.file_name in listed
    row = UploadRow.objects.get(upload=upload, number=2)
    listed, shown = pages_of(row)
    assert row.entry_id in listed
    assert "审核人员：王审核" in shown


def test_rows_of_an_upload_are_found_by_its_number(upload):
    check_cells([audited_row(3)])
    client = client_for(make_user(Role.ADMINISTRATOR))
    page = client.get(
        reverse("admin:customs_audit_uploadrow_changelist"), {"q": str(upload.pk)}
    ).context["cl"]
    assert {row.upload_id for row in page.result_list} == {upload.pk}
    assert len(page.result_list) == 2


def test_faults_and_changes_are_told_in_words(upload):
    fault = UploadFault.objects.get(upload=upload, field="trade_mode")
    listed, _ = pages_of(fault)
    assert "监管方式" in listed and "9999" in listed and "trade_mode." not in listed
    change = UploadRowChange.objects.get(row__upload=upload)
    listed, _ = pages_of(change)
    assert "审核人员" in listed and "王审核" in listed and "页面修正" in listed


def test_headings_workbooks_and_files_of_the_inbox(upload):
    kept = HeadingMap.objects.create(signature="0" * 64, columns={"单号": "entry_id", "备注": ""})
    listed, _ = pages_of(kept)
    assert "单号→报关单号；备注→不读取" in listed
    workbook = MendWorkbook.objects.create(upload=upload, file_name="修正.xlsx", rows_read=1)
    assert "修正.xlsx" in pages_of(workbook)[0]
    row = MendWorkbookRow.objects.create(
        workbook=workbook, number=1, version=1, texts={"trade_mode": ["9999", "0110"]}
    )
    assert "监管方式：9999→0110" in pages_of(row)[0]
    file = InboxFile.objects.create(claim="1", folder="审核", file_name="三月.csv")
    assert "三月.csv" in pages_of(file)[0]
