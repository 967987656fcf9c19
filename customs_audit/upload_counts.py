"""How many rows of each state the uploads of one page have, by one query however many rows that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from customs_audit.models import AuditUpload, UploadRow

RowState = UploadRow.State


@dataclass(frozen=True)
class RowCounts:
    """An upload's rows by state; they always make up the file."""

    faulty: int = 0
    clean: int = 0
    set_aside: int = 0
    in_release: int = 0
    released: int = 0

    @property
    def total(self) -> int:
        """The rows of the file."""
        return self.faulty + self.clean + self.set_aside + self.in_release + self.released


def counts_of(uploads: Iterable[AuditUpload]) -> dict[int, RowCounts]:
    """Return the counts of these uploads by id: one query, answered by an index alone.

    Of one that is done nearly every row is released: only the others are counted, the rest of its
    `rows_total` is released. So a page of a year's uploads does not read all their rows.
    """
    shown = list(uploads)
    done = [one.pk for one in shown if one.state == AuditUpload.State.DONE]
    working = [one.pk for one in shown if one.state != AuditUpload.State.DONE]
    counted = (
        UploadRow.objects.filter(
            Q(upload__in=working)
            | Q(upload__in=done, state__in=[s for s in RowState if s != RowState.RELEASED])
        )
        .values_list("upload", "state")
        .order_by()
        .annotate(Count("pk"))
    )
    found: dict[int, dict[str, int]] = {one.pk: {} for one in shown}
    for upload_id, state, number in counted:
        found[upload_id][state] = number
    for one in shown:
        if one.pk in done:
            found[one.pk]["released"] = one.rows_total - sum(found[one.pk].values())
    return {pk: RowCounts(**counts) for pk, counts in found.items()}
