"""Who may change an upload's rows now, and the order in which that is locked.

Every change first locks the upload, then its rows in the order of their numbers: two officers who
mend one upload wait for each other and never stand in each other's way for good.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from django.db import connection

from customs_audit.checking.rechecking import hold
from customs_audit.models import AuditUpload, UploadRow

State = AuditUpload.State
RowState = UploadRow.State

# While it is received, confirmed or checked its rows are not there yet, or are being made anew.
MENDABLE = frozenset({State.TO_MEND, State.TO_RELEASE, State.DONE})
EDITABLE = frozenset({RowState.FAULTY, RowState.CLEAN})

WHY_NOT = {
    State.RECEIVED: "这个文件还在等待校验，请在校验完成后再修正。",
    State.TO_CONFIRM: "这个文件的表头还没有确认，请先确认表头，校验完成后再修正。",
    State.CHECKING: "这个文件正在校验，请在校验完成后再修正。",
    State.REFUSED: "这个文件没有通过校验，没有可以修正的数据，请按说明改好后重新上传。",
}
WHY_NOT_ROW = {
    RowState.SET_ASIDE: "这一行已设为暂不处理，请先恢复处理，再修正。",
    RowState.IN_RELEASE: "这一行在发布中，不能修正；请等待发布完成，或请复核人退回。",
    RowState.RELEASED: "这一行已发布，不能修正；请撤回发布，或在发布页面更正。",
}


class CannotMend(Exception):
    """Nothing of this upload can be changed now; the text is one sentence for the user."""


def why_not(upload: AuditUpload) -> str:
    """Say why nobody can mend this upload now; empty where they can."""
    return WHY_NOT.get(State(upload.state), "")


def lock_upload(upload: AuditUpload) -> AuditUpload:
    """Lock an upload in the caller's transaction, and return it as it is now. Raises CannotMend.

    Who checks or repairs it holds it first, too: both ways end in the same order.
    """
    hold(upload)
    locked = AuditUpload.objects.select_for_update(no_key=True).get(pk=upload.pk)
    if sentence := why_not(locked):
        raise CannotMend(sentence)
    return locked


def lock_rows(upload: AuditUpload, numbers: Collection[int]) -> dict[int, UploadRow]:
    """Lock rows of an upload in the order of their numbers, and return them by number."""
    rows = UploadRow.objects.filter(upload=upload, number__in=numbers).order_by("number")
    return {row.number: row for row in rows.select_for_update(of=("self",))}


def store_cells(rows: Collection[UploadRow]) -> None:
    """Store the cells and versions of locked rows: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customs_audit_uploadrow r SET cells = n.cells::jsonb, version = n.version"
            "  FROM unnest(%s::bigint[], %s::text[], %s::int[]) AS n(id, cells, version)"
            " WHERE r.id = n.id",
            [
                [row.pk for row in rows],
                [json.dumps(row.cells, ensure_ascii=False) for row in rows],
                [row.version for row in rows],
            ],
        )
