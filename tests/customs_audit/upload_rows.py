"""Uploads in every state for tests of pages, stored as checking and releasing leave them."""

from datetime import date
from typing import Any

from authorization.models import User
from customs_audit.models import AuditUpload, UploadFault, UploadRelease, UploadRow
from declarations.models import Release

MARCH = date(2026, 3, 1)


def make_upload(by: User | None = None, *, state: str = "to_mend", **fields: Any) -> AuditUpload:
    """Store an upload without rows."""
    return AuditUpload.objects.create(
        **{
            "state": state,
            "audit_month": MARCH,
            "file_name": "三月.xlsx",
            "file_hash": "0" * 64,
            "file_size": 12_345,
            "uploaded_by": by,
            **fields,
        }
    )


def make_release(upload: AuditUpload, state: str = "to_review", **fields: Any) -> UploadRelease:
    """Store a release of an upload, without rows."""
    verdicts = Release.objects.create(audit_month=upload.audit_month)
    return UploadRelease.objects.create(upload=upload, release=verdicts, state=state, **fields)


def add_rows(upload: AuditUpload, **counts: int) -> None:
    """Store so many rows of each state: add_rows(upload, faulty=2, clean=5)."""
    number = upload.rows.count()
    rows = []
    for state, count in counts.items():
        release = None
        if state in ("in_release", "released"):
            release = make_release(upload, "released" if state == "released" else "to_review")
        for _ in range(count):
            number += 1
            rows.append(
                UploadRow(
                    upload=upload,
                    number=number,
                    state=state,
                    cells={},
                    release=release,
                    errors=1 if state == "faulty" else 0,
                    set_aside_reason="重复" if state == "set_aside" else "",
                )
            )
    UploadRow.objects.bulk_create(rows)
    AuditUpload.objects.filter(pk=upload.pk).update(rows_total=number, rows_done=number)
    upload.refresh_from_db()


def add_fault(upload: AuditUpload, rule: str, field: str = "entry_id", level="error") -> None:
    """Have the upload's first row break a rule."""
    row = upload.rows.order_by("number").first()
    UploadFault.objects.create(row=row, upload=upload, field=field, rule=rule, level=level)


def found_sheet(headings: list[str], fields: list[str], **more: Any) -> dict[str, Any]:
    """A sheet as the checking room finds it; a field is "" where the heading is not known."""
    columns = {str(index): name for index, name in enumerate(fields)}
    return {
        "name": "Sheet1",
        "index": 0,
        "row": 1,
        "headings": headings,
        "columns": columns,
        "use": True,
        "certain": False,
        "sample": [[f"值{index}" for index in range(len(headings))]],
        **more,
    }
