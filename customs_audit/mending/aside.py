"""Rows that wait outside of what is mended and released, and rows that are found right as they are.

Nothing is dropped: a row that is set aside keeps its cells, its faults and the reason, is counted
on every page of its upload, and can be taken back at any time.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from authorization.models import User
from customs_audit.checking import recheck, refresh_state
from customs_audit.mending.locking import EDITABLE, CannotMend, RowState, lock_upload
from customs_audit.models import AuditUpload, UploadRow, UploadRowChange

How = UploadRowChange.How
LONGEST_REASON = 500

_KEEP = """
INSERT INTO customs_audit_uploadrowchange (row_id, field, version, before, after, how, by_id, at)
SELECT id, '', 0, NULL, to_jsonb(%s::text), %s, %s, %s FROM unnest(%s::bigint[]) AS id ORDER BY id
"""


def set_aside(
    upload: AuditUpload, rows: QuerySet[UploadRow], *, reason: str, by: User | None
) -> int:
    """Set those of these rows aside that wait to be mended or released; return how many.

    `rows` narrows the upload's rows in any way. Raises CannotMend, also for a reason that is empty
    or longer than 500 characters. Rows that rules tie to them are checked again: the other of two
    rows that repeated each other repeats none any more.
    """
    words = " ".join(reason.split())
    if not words:
        raise CannotMend("请填写暂不处理的原因，再确认。")
    if len(words) > LONGEST_REASON:
        raise CannotMend(f"原因最多 {LONGEST_REASON} 个字，请删减后再确认。")
    with transaction.atomic():
        locked = lock_upload(upload)
        found = _lock(rows.filter(upload=locked, state__in=EDITABLE))
        now = timezone.now()
        UploadRow.objects.filter(pk__in=[pk for pk, _ in found]).update(
            state=RowState.SET_ASIDE,
            set_aside_reason=words,
            set_aside_by=by,
            set_aside_at=now,
        )
        return _finish(upload, locked, found, How.SET_ASIDE, by, words)


def take_back(upload: AuditUpload, rows: QuerySet[UploadRow], *, by: User | None) -> int:
    """Take set-aside rows back: they are checked again and stand where the check puts them."""
    with transaction.atomic():
        locked = lock_upload(upload)
        found = _lock(rows.filter(upload=locked, state=RowState.SET_ASIDE))
        UploadRow.objects.filter(pk__in=[pk for pk, _ in found]).update(
            state=RowState.FAULTY, set_aside_reason="", set_aside_by=None, set_aside_at=None
        )
        return _finish(upload, locked, found, How.TAKEN_BACK, by, "")


def find_right(upload: AuditUpload, rows: QuerySet[UploadRow], *, by: User | None) -> int:
    """Let rows that wait to be mended without any error go on: an officer looked at them.

    These are the rows of a withdrawn release. Returns how many.
    """
    with transaction.atomic():
        locked = lock_upload(upload)
        found = _lock(rows.filter(upload=locked, state=RowState.FAULTY, errors=0))
        UploadRow.objects.filter(pk__in=[pk for pk, _ in found]).update(state=RowState.CLEAN)
        _keep(found, How.FOUND_RIGHT, by, "")
        refresh_state(locked)
        upload.state = locked.state
        return len(found)


def _lock(rows: QuerySet[UploadRow]) -> list[tuple[int, int]]:
    """Lock rows in the order of their numbers; return their ids and numbers."""
    locked = rows.order_by("number").select_for_update(of=("self",))
    return list(locked.values_list("pk", "number"))


def _finish(
    upload: AuditUpload,
    locked: AuditUpload,
    found: Sequence[tuple[int, int]],
    how: How,
    by: User | None,
    reason: str,
) -> int:
    _keep(found, how, by, reason)
    recheck(locked, [number for _, number in found])
    refresh_state(locked)
    upload.state = locked.state
    return len(found)


def _keep(found: Sequence[tuple[int, int]], how: How, by: User | None, reason: str) -> None:
    """Record what was done with each row: one statement."""
    with connection.cursor() as cursor:
        ids = [pk for pk, _ in found]
        cursor.execute(_KEEP, [reason, how, by.pk if by else None, timezone.now(), ids])
