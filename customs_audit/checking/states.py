"""An upload's state, which its rows decide once they are checked."""

from __future__ import annotations

from django.utils import timezone

from customs_audit.models import AuditUpload, UploadRow
from customs_audit.upload_queries import row_counts

State = AuditUpload.State
RowState = UploadRow.State
# Before its rows are checked, and where it was refused, rows decide nothing.
CHECKED = (State.TO_MEND, State.TO_RELEASE, State.DONE)


def state_by(counts: dict[str, int]) -> AuditUpload.State:
    """The state of an upload whose rows are in these states: something to mend comes first."""
    if counts[RowState.FAULTY]:
        return State.TO_MEND
    if counts[RowState.CLEAN] or counts[RowState.IN_RELEASE]:
        return State.TO_RELEASE
    return State.DONE


def refresh_state(upload: AuditUpload) -> None:
    """Set the state of a checked upload from its rows, in the caller's transaction."""
    counts = row_counts(upload)
    wanted = state_by(counts)
    if upload.state in CHECKED and upload.state != wanted:
        upload.state = wanted
        upload.save(update_fields=["state"])


def end_checking(upload: AuditUpload, total: int) -> None:
    """Note that every row is stored and checked, in the transaction that stored them."""
    upload.state = state_by(row_counts(upload))
    upload.rows_done = upload.rows_total = total
    upload.message = ""
    upload.ended_at = timezone.now()
    upload.save(
        update_fields=[
            "state", "rows_done", "rows_total", "message", "ended_at", "sheets", "report",
            "is_typed",
        ]
    )  # fmt: skip
