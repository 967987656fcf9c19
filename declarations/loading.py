"""Importing declared lines: one file, one transaction, all of it or nothing.

The same line again changes nothing; a corrected line is updated and keeps what it said before; a
line that only audits had brought becomes declared and takes its facts from this import for good.
Every content that a change touches gets an outbox row in the same transaction.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from catalogue.outbox import wake_comparison
from declarations.checks import Context
from declarations.decmessage.rows import SUFFIXES, Messages
from declarations.differing import note_differences
from declarations.faults import FaultLog, ImportRefused, RejectedFile
from declarations.goods_store import store_goods
from declarations.locks import lock_declared_data
from declarations.models import ImportRun
from declarations.parties import resolve_parties
from declarations.rows import Table
from declarations.staging import Progress, Staging, editions_in_force, file_hash

# The facts of a line beside its name, in the order of declarations_declaredline's columns.
FACTS = (
    "goods_id", "content_id", "agent_id", "trader_id", "trade_mode", "declared_on",
    "custom_master", "origin_country", "destination_country", "g_qty", "g_unit",
    "decl_price", "decl_total", "trade_curr",
)  # fmt: skip
_COLUMNS = ", ".join(FACTS)
_OF_LINE = ", ".join(f"l.{name}" for name in FACTS)
_OF_NEW = ", ".join(f"n.{name}" for name in FACTS)

# The staged rows with what they resolve to, and the stored line of the same name if there is one.
# Amounts are rounded to the columns' scale, so that they compare equal to what was stored.
STAGED_LINES = """
DROP TABLE IF EXISTS import_line;
CREATE TEMPORARY TABLE import_line ON COMMIT DROP AS
SELECT r.row_number, r.sheet, r.entry_id, r.g_no, g.id AS goods_id, g.content_id,
       agent.enterprise_id AS agent_id, trader.enterprise_id AS trader_id,
       r.trade_mode, r.declared_on, r.custom_master, r.origin_country, r.destination_country,
       r.g_qty::numeric(19, 5) AS g_qty, r.g_unit,
       r.decl_price::numeric(19, 4) AS decl_price, r.decl_total::numeric(19, 2) AS decl_total,
       r.trade_curr, l.id AS line_id, l.declared_at
  FROM import_row r
  JOIN declarations_goods g ON g.goods_key = r.goods_key
  JOIN import_party agent ON (agent.uscc, agent.code) = (r.agent_uscc, r.agent_code)
  JOIN import_party trader ON (trader.uscc, trader.code) = (r.trader_uscc, r.trader_code)
  LEFT JOIN declarations_declaredline l ON (l.entry_id, l.g_no) = (r.entry_id, r.g_no)
"""
_CHANGED = f"""
DROP TABLE IF EXISTS import_changed;
CREATE TEMPORARY TABLE import_changed ON COMMIT DROP AS
SELECT n.line_id, l.content_id AS old_content_id, n.content_id, l.declared_at,
       ({_OF_LINE}) IS DISTINCT FROM ({_OF_NEW}) AS differs
  FROM import_line n JOIN declarations_declaredline l ON l.id = n.line_id
 WHERE l.declared_at IS NULL OR ({_OF_LINE}) IS DISTINCT FROM ({_OF_NEW})
"""
_KEEP_HISTORY = """
INSERT INTO declarations_declaredlinehistory (line_id, import_run_id, changed_at, before)
SELECT l.id, %(run)s, %(now)s,
       to_jsonb(l) - 'id' - 'entry_id' - 'g_no' - 'is_hidden'
       || jsonb_build_object(
            'hs_code', g.hs_code, 'g_name', g.name, 'g_model', g.g_model,
            'agent_uscc', agent.uscc, 'agent_name', agent.name,
            'trader_uscc', trader.uscc, 'trader_name', trader.name)
  FROM import_changed c
  JOIN declarations_declaredline l ON l.id = c.line_id
  JOIN declarations_goods g ON g.id = l.goods_id
  JOIN authorization_enterprise agent ON agent.id = l.agent_id
  JOIN authorization_enterprise trader ON trader.id = l.trader_id
 WHERE c.declared_at IS NOT NULL
"""
_UPDATE = f"""
UPDATE declarations_declaredline l
   SET ({_COLUMNS}) = ROW({_OF_NEW}),
       declared_at = coalesce(l.declared_at, %(now)s), is_hidden = false
  FROM import_changed c JOIN import_line n ON n.line_id = c.line_id
 WHERE l.id = c.line_id
"""
_INSERT = f"""
INSERT INTO declarations_declaredline
       (entry_id, g_no, {_COLUMNS}, declared_at, is_hidden)
SELECT n.entry_id, n.g_no, {_OF_NEW}, %(now)s, false
  FROM import_line n WHERE n.line_id IS NULL
 ORDER BY n.declared_on, n.entry_id, n.g_no
"""
_WRITE_OUTBOX = """
INSERT INTO catalogue_outbox (chapter, content_id, cause, cause_id, written_at)
SELECT left(c.hs_code, 2), c.id, 'import', %(run)s, %(now)s
  FROM declarations_content c
 WHERE c.id IN ({contents})
 ORDER BY c.id
"""
_TOUCHED = """
SELECT content_id FROM import_line WHERE line_id IS NULL
UNION SELECT content_id FROM import_changed
UNION SELECT old_content_id FROM import_changed
"""


def silent(stage: str, done: int) -> None:
    """Show no progress."""


def fault_folder() -> Path:
    """Where the lists of faults are written."""
    return Path(settings.VAR_DIR) / "import_errors"


def import_declarations(path: Path, log: FaultLog, progress: Progress = silent) -> dict[str, int]:
    """Import a file of declared lines and return what it did, as counts.

    Every fault goes to `log`. Raises ImportRefused where there is an error among them; nothing is
    stored then. Raises OSError where the file can't be opened.
    """
    context = Context(
        today=timezone.localdate(),
        editions=editions_in_force(),
        typed=path.suffix.lower() != ".csv",
    )
    with transaction.atomic():
        counts = stage_and_resolve(path, context, Staging(log), progress)
        progress("装入", counts["lines"])
        now = timezone.now()
        run = ImportRun.objects.create(
            file_name=path.name[-255:], file_hash=file_hash(path), started_at=now
        )
        counts |= store_lines(run, now)
        run.counts = counts
        run.save(update_fields=["counts"])
        if counts["outbox"]:
            wake_comparison()
    return counts


def stage_and_resolve(
    path: Path, context: Context, staging: Staging, progress: Progress
) -> dict[str, int]:
    """Check and stage a file, and resolve its parties, goods and stored lines (import_line).

    Must run inside the caller's transaction, which holds the lock on declared data from then on.
    Raises ImportRefused once all errors are known.
    """
    log = staging.log
    try:
        table = _table(path, context)
        for fault in table.notes:
            log.add(fault)
        staging.stage(table, context, progress)
    except RejectedFile as rejected:
        for fault in rejected.faults:
            log.add(fault)
        raise ImportRefused(log) from rejected
    return resolve_staged(staging, context.audited, progress)


def resolve_staged(staging: Staging, audited: bool, progress: Progress) -> dict[str, int]:
    """Check staged rows together, and resolve their parties, goods and stored lines (import_line).

    Must run inside the caller's transaction, which holds the lock on declared data from then on.
    Raises ImportRefused once all errors are known.
    """
    log = staging.log
    progress("核对", staging.count)
    staging.check_across_rows()
    lock_declared_data()
    parties = resolve_parties(staging, audited)
    if log.errors:
        raise ImportRefused(log)
    progress("归并", staging.count)
    goods, contents = store_goods()
    with connection.cursor() as cursor:
        cursor.execute(STAGED_LINES)
        cursor.execute("ANALYZE import_line")
    return {
        "lines": staging.count,
        "goods": goods,
        "contents": contents,
        "enterprises": parties.enterprises,
        "customs_codes": parties.codes,
        "joined": parties.joined,
        "warnings": log.warnings,
    }


def _table(path: Path, context: Context) -> Table | Messages:
    """The file's rows; DecMessages hold declarations only, never verdicts."""
    if path.suffix.lower() in SUFFIXES and not context.audited:
        return Messages(path)
    return Table(path, context.audited)


def store_lines(run: ImportRun, now: datetime.datetime) -> dict[str, int]:
    """Store the staged lines (import_line) as declared at `now` by `run`; return counts.

    Keeps what a corrected line said before, and writes the outbox.
    """
    names: dict[str, int | datetime.datetime] = {"run": run.pk, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED)
        cursor.execute("SELECT count(*) FROM import_changed WHERE declared_at IS NULL")
        became_declared = cursor.fetchone()[0]
        cursor.execute(_KEEP_HISTORY, names)
        corrected = cursor.rowcount
        cursor.execute(_UPDATE, names)
        cursor.execute("SELECT line_id FROM import_changed")
        note_differences(lines=[line_id for (line_id,) in cursor.fetchall()])
        cursor.execute(_INSERT, names)
        new = cursor.rowcount
        outbox = write_outbox(run, now, _TOUCHED)
        cursor.execute("SELECT count(*) FROM import_line")
        total = cursor.fetchone()[0]
    return {
        "new": new,
        "corrected": corrected,
        "became_declared": became_declared,
        "unchanged": total - new - corrected - became_declared,
        "outbox": outbox,
    }


def write_outbox(run: ImportRun, now: datetime.datetime, contents: str) -> int:
    """Have the contents whose ids the query `contents` gives compared; returns how many they are."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_OUTBOX.format(contents=contents), {"run": run.pk, "now": now})
        return cursor.rowcount
