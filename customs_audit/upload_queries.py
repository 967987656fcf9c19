"""What pages ask of an upload: how many rows are in which state, which rules they break."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from customs_audit.models import AuditUpload, UploadFault, UploadRow
from declarations.faults import Level


@dataclass(frozen=True)
class FaultCount:
    """How many rows break a rule in a field."""

    rule: str
    field: str
    level: Level
    rows: int


def row_counts(upload: AuditUpload) -> dict[str, int]:
    """How many of an upload's rows are in each state; their sum is the file's rows. One query."""
    counted = (
        UploadRow.objects.filter(upload=upload)
        .values("state")
        .annotate(rows=Count("pk"))
        .order_by()
        .values_list("state", "rows")
    )
    return dict.fromkeys(UploadRow.State.values, 0) | dict(counted)


def fault_counts(upload: AuditUpload) -> list[FaultCount]:
    """How many rows break which rule in which field, errors first, the most frequent first."""
    counted = (
        UploadFault.objects.filter(upload=upload)
        .values("rule", "field", "level")
        .annotate(rows=Count("pk"))
        .order_by()
        .values_list("rule", "field", "level", "rows")
    )
    found = [FaultCount(rule, field, Level(level), rows) for rule, field, level, rows in counted]
    return sorted(found, key=lambda one: (one.level != Level.ERROR, -one.rows, one.rule, one.field))


def level_counts(upload: AuditUpload) -> dict[Level, int]:
    """How many faults of each level an upload's rows have."""
    counts = dict.fromkeys(Level, 0)
    for one in fault_counts(upload):
        counts[one.level] += one.rows
    return counts
