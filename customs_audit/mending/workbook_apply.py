"""Deciding on a workbook that came back, and applying it: all of it in one transaction."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection, transaction
from django.utils import timezone

from authorization.models import User
from customs_audit.mending.changes import CellChange, Changed, How, change_cells
from customs_audit.mending.locking import CannotMend, lock_rows, lock_upload
from customs_audit.models import UploadRow
from customs_audit.workbook_models import MendWorkbook, MendWorkbookRow

# So many of what could not be applied are kept to be shown.
KEPT_REFUSALS = 200

# Rows that somebody changed since the workbook was written, or since it was decided about them.
_CONFLICTS = """
SELECT w.number, r.version
  FROM customs_audit_mendworkbookrow w
  JOIN customs_audit_mendworkbook b ON b.id = w.workbook_id
  JOIN customs_audit_uploadrow r ON r.upload_id = b.upload_id AND r.number = w.number
 WHERE w.workbook_id = %(book)s AND r.version <> w.version
"""
_UNDECIDED = _CONFLICTS + " AND (w.takes IS NULL OR w.decided_version <> r.version)"


def conflicts(book: MendWorkbook) -> dict[int, int]:
    """Return the rows that changed since the workbook was written, with their versions now."""
    return _versions(_CONFLICTS, book)


def undecided(book: MendWorkbook) -> dict[int, int]:
    """Return those of them that nobody has decided as they are now."""
    return _versions(_UNDECIDED, book)


def decide(
    book: MendWorkbook, takes: bool, numbers: Collection[int] | None, versions: dict[int, int]
) -> int:
    """Say of conflicts whether the workbook's texts are taken; None for all. Returns how many.

    `versions` are the rows' versions that the decision was made on.
    """
    wanted = [number for number in versions if numbers is None or number in numbers]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customs_audit_mendworkbookrow w SET takes = %s, decided_version = n.version"
            "  FROM unnest(%s::int[], %s::int[]) AS n(number, version)"
            " WHERE w.workbook_id = %s AND w.number = n.number",
            [takes, wanted, [versions[number] for number in wanted], book.pk],
        )
        return int(cursor.rowcount)


def apply(book: MendWorkbook, *, by: User | None) -> Changed:
    """Make the workbook's changes, but for rows decided to stay; one transaction.

    Raises CannotMend where a conflict is undecided, the workbook is no longer open, or the upload
    can't be changed now.
    """
    with transaction.atomic():
        upload = lock_upload(book.upload)
        held = MendWorkbook.objects.select_for_update(of=("self",)).get(pk=book.pk)
        if held.state != MendWorkbook.State.OPEN:
            raise CannotMend(f"这张修正表{held.get_state_display()}，不能再次应用。")
        sent = list(MendWorkbookRow.objects.filter(workbook=held).order_by("number"))
        rows = lock_rows(upload, [one.number for one in sent])
        if open_ := undecided(held):
            raise CannotMend(
                f"还有 {len(open_):,} 行在页面上也有改动；请逐行选择采用哪一边，再应用。"
            )
        changes = [
            CellChange(one.number, rows[one.number].version, field, texts[1])
            for one in sent
            if one.number in rows and _is_taken(one, rows[one.number])
            for field, texts in one.texts.items()
        ]
        done = change_cells(upload, changes, how=How.WORKBOOK, by=by)
        held.state, held.ended_at = MendWorkbook.State.APPLIED, timezone.now()
        held.refused = [
            [one.change.number, one.change.field, one.change.text[:255], one.sentence]
            for one in done.stopped[:KEPT_REFUSALS]
        ]
        held.save(update_fields=["state", "ended_at", "refused"])
    return done


def drop(book: MendWorkbook) -> None:
    """Give a workbook up; nothing of it was changed."""
    MendWorkbook.objects.filter(pk=book.pk, state=MendWorkbook.State.OPEN).update(
        state=MendWorkbook.State.DROPPED, ended_at=timezone.now()
    )


def _is_taken(sent: MendWorkbookRow, row: UploadRow) -> bool:
    return row.version == sent.version or bool(sent.takes)


def _versions(query: str, book: MendWorkbook) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"book": book.pk})
        return dict(cursor.fetchall())
