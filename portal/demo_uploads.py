"""The demo's customs side: an upload with faults to mend, and a release that waits for a second officer.

Both go the way of a real upload: received, checked from the file in a process of its own, submitted.
"""

from datetime import date
from pathlib import Path

from django.core.files.base import File

from authorization.models import User
from customs_audit.checking import check_upload
from customs_audit.models import AuditKind, AuditUpload
from customs_audit.releasing import prepare
from customs_audit.uploads import receive
from declarations.demo.damaging import damage, write_audit_workbook
from declarations.demo.story import Story

TO_MEND, TO_REVIEW = "demo_待修正.xlsx", "demo_待复核.xlsx"
_ROWS_TO_MEND, _ROWS_TO_REVIEW = 180, 60
_SHARE_WITH_FAULTS = 0.25
_SEED = 20_260_902


def write_uploads(folder: Path, demo: Story) -> None:
    """Write the two workbooks; whoever is killed in between leaves no half one."""
    rows, _ = damage(demo.waiting_rows(_ROWS_TO_MEND), _SHARE_WITH_FAULTS, _SEED)
    sound, _ = damage(demo.waiting_rows(_ROWS_TO_REVIEW, skipped=_ROWS_TO_MEND), 0, _SEED)
    for name, written in ((TO_MEND, rows), (TO_REVIEW, sound)):
        part = folder / f"{name}.part"
        write_audit_workbook(part, written)
        part.replace(folder / name)


def load_uploads(folder: Path, month: date, officer: User) -> dict[str, int]:
    """Upload what was not uploaded before, as a month's audits; returns how many that was."""
    done = 0
    for name, kind in ((TO_MEND, AuditKind.SPECIAL), (TO_REVIEW, AuditKind.MONTHLY)):
        if not (folder / name).exists() or AuditUpload.objects.filter(file_name=name).exists():
            continue
        with (folder / name).open("rb") as file:
            received = receive(
                File(file, name), name, audit_month=month, audit_kind=kind, user=officer
            )
        check_upload(received.upload.pk)
        received.upload.refresh_from_db()
        if name == TO_REVIEW and received.upload.state == AuditUpload.State.TO_RELEASE:
            prepare(received.upload, officer)
        done += 1
    return {"uploads": done}
