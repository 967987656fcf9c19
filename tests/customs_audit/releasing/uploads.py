"""Uploads of audited rows as a check leaves them, for tests of what comes after it."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from authorization.models import User
from customs_audit.checking import recheck, refresh_state
from customs_audit.models import AuditUpload, UploadRelease, UploadRow
from customs_audit.releasing import approve, prepare, run_release
from declarations.cell_json import to_json
from declarations.headers import field_of
from tests.world import Row


def cells_of(row: Row) -> dict[str, object]:
    """An audited row's cells by field name, as JSON."""
    return {
        field_of(heading).name: to_json(cell)
        for heading, cell in row.cells(audited=True).items()
        if cell
    }


def make_upload(month: str, *rows: Row, by: User | None = None, **fields) -> AuditUpload:
    """Store a checked upload of a month (YYYY-MM)."""
    upload = AuditUpload.objects.create(
        **{
            "audit_month": date.fromisoformat(f"{month}-01"),
            "file_name": "审核数据.xlsx",
            "uploaded_by": by,
            "rows_total": len(rows),
            "state": AuditUpload.State.TO_MEND,
            **fields,
        }
    )
    UploadRow.objects.bulk_create(
        UploadRow(
            upload=upload,
            number=number,
            row_number=number + 1,
            state=UploadRow.State.FAULTY,
            cells=cells_of(row),
        )
        for number, row in enumerate(rows, 1)
    )
    with transaction.atomic():
        recheck(upload, range(1, len(rows) + 1))
        refresh_state(upload)
    return upload


def release_upload(
    upload: AuditUpload, by: User, reviewer: User, numbers: Sequence[int] | None = None
) -> UploadRelease:
    """Submit, approve and run a release of an upload."""
    submitted = prepare(upload, by, numbers)
    approve(submitted, reviewer)
    assert run_release(submitted.pk)
    submitted.refresh_from_db()
    return submitted


def states_of(upload: AuditUpload) -> dict[str, int]:
    """How many rows are in each state."""
    counts: dict[str, int] = {}
    for state in upload.rows.values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    return counts
