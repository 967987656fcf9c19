"""Judging rows of an upload by their own rules, and an upload by its rows."""

from collections.abc import Sequence

from django.db.models import Count
from django.utils import timezone

from customs_audit.models import AuditUpload, UploadRow
from declarations.cell_json import from_json
from declarations.checks import Checked, Context, check_row
from declarations.staging import editions_in_force


def row_context(upload: AuditUpload) -> Context:
    """What the rows are checked against now."""
    return Context(
        today=timezone.localdate(),
        audit_month=upload.audit_month,
        editions=editions_in_force(),
        typed=not upload.file_name.lower().endswith(".csv"),
    )


def checked(row: UploadRow, context: Context) -> Checked:
    """What the rules say of a row."""
    return check_row({name: from_json(cell) for name, cell in row.cells.items()}, context)


def recheck(upload: AuditUpload, numbers: Sequence[int]) -> None:
    """Judge these rows anew."""
    context = row_context(upload)
    for row in UploadRow.objects.filter(upload=upload, number__in=numbers):
        found = checked(row, context)
        row.errors = sum(f.level == "error" for f in found.findings)
        row.state = UploadRow.State.FAULTY if row.errors else UploadRow.State.CLEAN
        row.entry_id, row.g_no = found.entry_id, found.g_no or None
        row.save()
    refresh_state(upload)


def refresh_state(upload: AuditUpload) -> None:
    """Set the upload's state from its rows."""
    counts = dict(
        UploadRow.objects.filter(upload=upload).values_list("state").annotate(n=Count("pk"))
    )
    if counts.get("faulty"):
        state = AuditUpload.State.TO_MEND
    elif counts.get("clean") or counts.get("in_release"):
        state = AuditUpload.State.TO_RELEASE
    else:
        state = AuditUpload.State.DONE
    AuditUpload.objects.filter(pk=upload.pk).update(state=state)
    upload.state = state
