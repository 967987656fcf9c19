"""Importing a month's audited rows: a release whose verdicts count from that moment on.

An audited row never changes a declared line; a line that was never declared is stored with it,
without `declared_at`, and takes its facts from its newest effective verdict
(declarations/releases.py).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from authorization.models import User
from declarations.checks import Context
from declarations.faults import FaultLog
from declarations.loading import FACTS, resolve_staged, silent, stage_and_resolve
from declarations.models import Release
from declarations.releases import release_verdicts
from declarations.staging import Progress, SoundRow, Staging, editions_in_force, file_hash

_COLUMNS = ", ".join(FACTS)
_INSERT_LINES = f"""
INSERT INTO declarations_declaredline (entry_id, g_no, {_COLUMNS}, is_hidden)
SELECT entry_id, g_no, {_COLUMNS}, false
  FROM import_line WHERE line_id IS NULL
 ORDER BY declared_on, entry_id, g_no
"""
_NAME_LINES = """
UPDATE import_line n SET line_id = l.id
  FROM declarations_declaredline l
 WHERE n.line_id IS NULL AND (l.entry_id, l.g_no) = (n.entry_id, n.g_no)
"""
# With the flags that nearly all of them have once they are released, which is in this transaction:
# release_verdicts sets the others right, and to write every row twice takes a second for 10,000.
_INSERT_VERDICTS = """
INSERT INTO declarations_auditverdict
       (release_id, line_id, goods_id, content_id, agent_id, trader_id, audit_month, trade_mode,
        declared_on, row_number, facts, conforming, reason_codes, reason_text, auditor,
        counts_in_month, is_effective)
SELECT %(release)s, n.line_id, n.goods_id, n.content_id, n.agent_id, n.trader_id, %(month)s,
       n.trade_mode, n.declared_on, n.row_number,
       jsonb_strip_nulls(jsonb_build_object(
           'custom_master', r.custom_master, 'origin_country', r.origin_country,
           'destination_country', r.destination_country,
           'g_qty', r.g_qty, 'g_unit', r.g_unit, 'qty_1', r.qty_1, 'unit_1', r.unit_1,
           'qty_2', r.qty_2, 'unit_2', r.unit_2, 'decl_price', r.decl_price,
           'decl_total', r.decl_total, 'trade_curr', r.trade_curr,
           'agent_uscc', r.agent_uscc, 'agent_code', r.agent_code, 'agent_name', r.agent_name,
           'trader_uscc', r.trader_uscc, 'trader_code', r.trader_code,
           'trader_name', r.trader_name)),
       r.conforming, r.reason_codes, r.reason_text, r.auditor, true, true
  FROM import_line n
  JOIN import_row r ON (r.sheet, r.row_number) = (n.sheet, n.row_number)
 ORDER BY n.line_id
"""
_TEXT_DIFFERS = """
SELECT n.row_number, n.sheet, r.g_model, ''
  FROM import_line n
  JOIN import_row r ON (r.sheet, r.row_number) = (n.sheet, n.row_number)
  JOIN declarations_declaredline l ON l.id = n.line_id
 WHERE l.declared_at IS NOT NULL AND l.goods_id <> n.goods_id
 ORDER BY n.sheet, n.row_number
"""
_BOTH_VERDICTS = """
SELECT n.row_number, n.sheet, r.g_name, ''
  FROM import_line n
  JOIN import_row r ON (r.sheet, r.row_number) = (n.sheet, n.row_number)
 WHERE n.content_id IN (
       SELECT n.content_id
         FROM import_line n
         JOIN import_row r ON (r.sheet, r.row_number) = (n.sheet, n.row_number)
        GROUP BY n.content_id HAVING bool_or(r.conforming) AND NOT bool_and(r.conforming))
 ORDER BY n.sheet, n.row_number
"""
_COUNT_CONFORMING = "SELECT count(*) FILTER (WHERE conforming) FROM import_row WHERE sound"


def import_audit(
    path: Path,
    audit_month: datetime.date,
    log: FaultLog,
    progress: Progress = silent,
    user: User | None = None,
) -> dict[str, int]:
    """Import a file of audited rows as a release of `audit_month` (any day of that month).

    Returns what it did, as counts, with the release's id as `release`. Every fault goes to `log`.
    Raises ImportRefused where there is an error among them; nothing is stored then. Raises
    OSError where the file can't be opened.
    """
    month = audit_month.replace(day=1)
    context = Context(
        today=timezone.localdate(),
        audit_month=month,
        editions=editions_in_force(),
        typed=path.suffix.lower() == ".xlsx",
    )
    with transaction.atomic():
        staging = Staging(log)
        counts = stage_and_resolve(path, context, staging, progress)
        progress("发布", counts["lines"])
        release = Release.objects.create(
            audit_month=month, file_name=path.name[-255:], file_hash=file_hash(path)
        )
        counts |= store_verdicts(release)
        staging.report("line.text_differs", "g_model", _TEXT_DIFFERS)
        staging.report("content.both_verdicts", "g_name", _BOTH_VERDICTS)
        release_verdicts(release, user)
    return {"release": release.pk, **counts, "warnings": log.warnings}


def store_rows(
    release: Release,
    parts: Iterable[Sequence[SoundRow]],
    log: FaultLog,
    progress: Progress = silent,
) -> dict[str, int]:
    """Store audited rows that were checked already as the verdicts of `release`; return counts.

    The rows come in parts, each with its place in the file. Must run inside the caller's
    transaction; `release_verdicts` then makes them effective. Faults that rows have together, or
    with what is stored, go to `log`; raises ImportRefused where there is an error among them.
    """
    staging = Staging(log)
    staging.stage_sound(parts)
    counts = resolve_staged(staging, True, progress)
    progress("发布", staging.count)
    return counts | store_verdicts(release)


def store_verdicts(release: Release) -> dict[str, int]:
    """Store the staged rows (import_row, import_line) as verdicts of `release`; return counts."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_LINES)
        audited_only = cursor.rowcount
        cursor.execute(_NAME_LINES)
        cursor.execute(_INSERT_VERDICTS, {"release": release.pk, "month": release.audit_month})
        verdicts = cursor.rowcount
        cursor.execute(_COUNT_CONFORMING)
        conforming = cursor.fetchone()[0]
    return {
        "conforming": conforming,
        "nonconforming": verdicts - conforming,
        "not_declared": audited_only,
    }
