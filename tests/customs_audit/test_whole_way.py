"""A file's whole way with a real worker: sent, checked, mended, released, on the enterprise's page, back."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from authorization.models import Role
from comparison.models import LibraryEntry
from comparison.working import work_outbox
from customs_audit.models import AuditUpload, UploadRelease
from declarations.faults import FaultLog
from declarations.loading import import_declarations
from tests.declarations.files import (
    audited_row,
    declared_row,
    nonconforming_row,
    write_csv,
    write_xlsx,
)
from tests.factories import client_for, make_enterprise, make_user
from tests.worker import running_worker, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]

OTHER = {"g_model": "0|3|圆锥滚子轴承|无品牌|30206"}


def marks() -> dict[str, str]:
    """The trader's entries: the text after the last bar, and its mark."""
    entries = LibraryEntry.objects.filter(enterprise__name="大连虚构贸易有限公司")
    return {
        entry.content.g_model.rpartition("|")[2]: entry.get_mark_display()
        for entry in entries.select_related("content")
    }


def test_a_file_becomes_marks_and_is_taken_back(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    declared = [declared_row(1), declared_row(2, **OTHER)]
    make_enterprise("大连虚构贸易有限公司", uscc=declared[0]["trader_uscc"])
    with FaultLog(tmp_path, "faults") as log:
        import_declarations(write_csv(tmp_path / "declared.csv", declared), log)
    work_outbox()
    before = marks()
    assert set(before) == {"lb5c2c300bb", "30206"}
    rows = [audited_row(1, trade_mode="x"), nonconforming_row(2, **OTHER), audited_row(3)]
    file = write_xlsx(tmp_path / "九月.xlsx", rows)
    first, second = (client_for(make_user(Role.OFFICER)) for _ in range(2))
    environment = {"PORTAL_VAR": str(tmp_path), "UPLOADS_EVERY_SECONDS": "1"}
    with running_worker(tmp_path, **environment):
        sent = {"audit_month": "2025-09", "audit_kind": "monthly"}
        sent["file"] = SimpleUploadedFile(file.name, file.read_bytes())
        first.post("/customs/uploads/take/", sent)
        upload = AuditUpload.objects.get()
        wait_for(lambda: state_of(upload) == "to_mend", "the check", tmp_path)

        change = {"number": 1, "version": 1, "field": "trade_mode", "text": "0110"}
        first.post(
            f"/customs/uploads/{upload.pk}/mend/save/",
            {"changes": json.dumps([change]), "shown": "1"},
        )
        assert state_of(upload) == "to_release"
        first.post(f"/customs/uploads/{upload.pk}/submit/", {"all": "3"})
        release = UploadRelease.objects.get()
        page = f"/customs/releases/{release.release_id}/"
        seen = {"seen": release.preview["at"]}
        first.post(f"{page}approve/", seen)
        assert now(release).state == "to_review", "nobody approves what he submitted"
        second.post(f"{page}approve/", seen)
        wait_for(lambda: now(release).state == "released", "the release", tmp_path)
        assert marks() == {"lb5c2c300bb": "规范", "30206": "不规范"}
        assert state_of(upload) == "done"

        second.post(f"{page}withdraw/", {"reason": "误传"})
        wait_for(lambda: now(release).state == "withdrawn", "the withdrawal", tmp_path)
        wait_for(lambda: marks() == before, "the marks that were", tmp_path)


def wait_for(question, what, folder):
    wait_until(question, 60, what, folder)


def now(release: UploadRelease) -> UploadRelease:
    return UploadRelease.objects.get(pk=release.pk)


def state_of(upload: AuditUpload) -> str:
    return AuditUpload.objects.values_list("state", flat=True).get(pk=upload.pk)
