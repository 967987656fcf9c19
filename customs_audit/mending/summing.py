"""What an upload's page says of its faults: how many by rule, by column and by level, with links.

Counted are the rows that can still be mended: those that wait to be mended, and clean ones with
warnings. What is set aside, in a release or released is not asked for any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse

from customs_audit.checking.repairs import offered
from customs_audit.mending.locking import RowState, why_not
from customs_audit.mending.workbook_keys import MOST_ROWS
from customs_audit.models import AuditUpload, UploadRow
from customs_audit.upload_queries import row_counts
from customs_audit.upload_rules import rule_words
from customs_audit.workbook_models import MendWorkbook
from declarations.faults import Level
from declarations.headers import LABELS

# Two index-only scans joined by hash: a fault's row is never fetched (docs/decisions/mending.md).
_FAULTS_TO_SEE = """
SELECT f.level, f.rule, f.field, count(*)
  FROM customs_audit_uploadfault f
  JOIN customs_audit_uploadrow r ON r.id = f.row_id
 WHERE f.upload_id = %(upload)s AND r.upload_id = %(upload)s
   AND (r.state = 'faulty' OR (r.state = 'clean' AND r.warnings > 0))
 GROUP BY f.level, f.rule, f.field
"""


@dataclass(frozen=True)
class Part:
    """One state of rows in the sum that makes up the file."""

    state: RowState
    rows: int
    url: str


@dataclass(frozen=True)
class Sum:
    """The file's rows as what became of them; they always add up, for they are counted together."""

    total: int
    parts: list[Part]

    def rows(self, state: RowState) -> int:
        """The rows in one state."""
        return next(part.rows for part in self.parts if part.state == state)


@dataclass(frozen=True)
class WorkbookPart:
    """An error workbook that can be downloaded: a part of the rows to mend."""

    words: str
    url: str


@dataclass(frozen=True)
class FaultGroup:
    """So many faults of a kind, and where the grid lists their rows."""

    words: str
    level: Level
    count: int
    url: str
    field: str = ""


def sum_of(upload: AuditUpload) -> Sum:
    """Count an upload's rows by state, from what is finished to what is left to do: one query."""
    counts = row_counts(upload)
    order = (
        RowState.RELEASED,
        RowState.IN_RELEASE,
        RowState.CLEAN,
        RowState.SET_ASIDE,
        RowState.FAULTY,
    )
    parts = [Part(state, counts[state], grid_url(upload, show=state.value)) for state in order]
    return Sum(sum(counts.values()), parts)


def grid_url(upload: AuditUpload, **query: str) -> str:
    """Return the address of an upload's grid with these conditions; empty ones are left out."""
    asked = {name: value for name, value in query.items() if value}
    address = reverse("customs_audit:mend", args=[upload.pk])
    return f"{address}?{urlencode(asked)}" if asked else address


def summary(upload: AuditUpload) -> dict[str, Any]:
    """Return what customs_audit/_upload_mend.html draws of an upload, as `mend`.

    A fixed number of queries; none while the upload is not checked yet.
    """
    if sentence := why_not(upload):
        return {"why_not": sentence}
    counted = _counted(upload)
    faulty = UploadRow.objects.filter(upload=upload, state=RowState.FAULTY)
    return {
        "by_rule": [
            FaultGroup(
                rule_words(rule, LABELS.get(field, "")),
                level,
                count,
                grid_url(upload, rule=rule, field=field, show=_show(level)),
                LABELS.get(field, ""),
            )
            for (level, rule, field), count in counted
        ],
        "by_field": _by_field(upload, counted),
        "by_level": _by_level(upload, counted),
        "repairs": offered(upload),
        "url": grid_url(upload),
        "all_url": grid_url(upload, show="all"),
        "to_look_at": faulty.filter(errors=0).count(),
        "workbook_parts": _workbook_parts(upload),
        "open_workbooks": list(
            MendWorkbook.objects.filter(upload=upload, state=MendWorkbook.State.OPEN)
            .defer("refused")
            .order_by("-pk")
        ),
    }


_LAST_OF_PARTS = """
SELECT number, place FROM (
    SELECT number, row_number() OVER (ORDER BY number) AS place, count(*) OVER () AS total
      FROM customs_audit_uploadrow WHERE upload_id = %(upload)s AND state = 'faulty') AS numbered
 WHERE place %% %(size)s = 0 OR place = total
 ORDER BY number
"""


def _workbook_parts(upload: AuditUpload) -> list[WorkbookPart]:
    """Offer the rows to mend as workbooks of a size that Excel opens at once: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_OF_PARTS, {"upload": upload.pk, "size": MOST_ROWS})
        ends: list[tuple[int, int]] = cursor.fetchall()
    address = reverse("customs_audit:mend_workbook", args=[upload.pk])
    if len(ends) == 1:
        return [WorkbookPart(f"下载修正表（{ends[0][1]:,} 行）", address)]
    parts, after, done = [], 0, 0
    for number, place in ends:
        words = f"修正表 {done + 1:,} — {place:,}"
        parts.append(WorkbookPart(words, f"{address}?after={after}"))
        after, done = number, place
    return parts


Counted = list[tuple[tuple[Level, str, str], int]]


def _counted(upload: AuditUpload) -> Counted:
    with connection.cursor() as cursor:
        cursor.execute(_FAULTS_TO_SEE, {"upload": upload.pk})
        found = [((Level(level), rule, field), count) for level, rule, field, count in cursor]
    return sorted(found, key=lambda one: (one[0][0] != Level.ERROR, -one[1], one[0]))


def _by_field(upload: AuditUpload, counted: Counted) -> list[FaultGroup]:
    sums: Counter[str] = Counter()
    errors: set[str] = set()
    for (level, _, field), count in counted:
        sums[field] += count
        if level is Level.ERROR:
            errors.add(field)
    return [
        FaultGroup(
            LABELS.get(field, field),
            Level.ERROR if field in errors else Level.WARNING,
            count,
            grid_url(upload, field=field, show="" if field in errors else "warned"),
        )
        for field, count in _most_first(sums)
    ]


def _by_level(upload: AuditUpload, counted: Counted) -> list[FaultGroup]:
    sums = Counter(dict.fromkeys(Level, 0))
    for (level, _, _), count in counted:
        sums[level] += count
    return [
        FaultGroup(
            level.label, level, sums[level], grid_url(upload, level=level.value, show=_show(level))
        )
        for level in Level
    ]


def _most_first(sums: Counter[str]) -> Iterable[tuple[str, int]]:
    return sorted(sums.items(), key=lambda one: (-one[1], one[0]))


def _show(level: Level) -> str:
    return "" if level is Level.ERROR else "warned"
