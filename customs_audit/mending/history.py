"""A row's history, as its page tells it."""

from __future__ import annotations

from dataclasses import dataclass

from customs_audit.mending.declared import cell_text
from customs_audit.models import UploadRow, UploadRowChange
from declarations.cell_json import from_json
from declarations.headers import LABELS


@dataclass(frozen=True)
class HistoryLine:
    """One change of a cell (label, before, after), or what was done with the row (label empty)."""

    change: UploadRowChange
    label: str
    before: str = ""
    after: str = ""


def history_of(row: UploadRow) -> list[HistoryLine]:
    """Return what happened to a row since it was read from the file, the newest first: one query."""
    changes = UploadRowChange.objects.filter(row=row).select_related("by").order_by("-pk")
    return [
        HistoryLine(
            change,
            LABELS.get(change.field, ""),
            cell_text(from_json(change.before)),
            cell_text(from_json(change.after)),
        )
        for change in changes
    ]
