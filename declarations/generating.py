"""Storing a generated province: the importer's own set-based loading, without reading a file.

The goods and parties are staged once each and resolved by the functions that an import uses. Lines
carry the ids that these have then. Where no line is stored yet they are copied straight to where
they stay (tests hold that this gives what an import of the same rows gives); else they are merged
as an import merges them. The audited months follow one by one, as imports of audited rows do, each
a release of its own.
"""

from __future__ import annotations

import datetime
import hashlib
import tempfile
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from catalogue.outbox import wake_comparison
from declarations.auditing import store_verdicts
from declarations.binary_copy import HEADER, TRAILER
from declarations.bulk import without_indexes
from declarations.demo.province import Province, Size
from declarations.faults import FaultLog
from declarations.generated_rows import (
    AUDIT_COLUMNS,
    GOODS_COLUMNS,
    LINE_COLUMNS,
    Ids,
    audit_rows,
    goods_rows,
    line_rows,
)
from declarations.goods_store import store_goods
from declarations.loading import FACTS, STAGED_LINES, store_lines, write_outbox
from declarations.locks import lock_declared_data
from declarations.models import DeclaredLine, ImportRun, Release
from declarations.parties import resolve_parties
from declarations.releases import release_verdicts
from declarations.staging import CREATE_ROWS, Staging

Progress = Callable[[str, int], None]
CHUNK = 5_000

_LINES = "declarations_declaredline"
_COLUMNS = ", ".join(LINE_COLUMNS)
_STAGED_GOODS = """
SELECT r.row_number, g.id, g.content_id
  FROM import_row r JOIN declarations_goods g ON g.goods_key = r.goods_key
 WHERE r.row_number <= %s
"""
_CREATE_LINES = f"""
DROP TABLE IF EXISTS generated_line;
CREATE TEMPORARY TABLE generated_line ON COMMIT DROP AS
SELECT {_COLUMNS} FROM {_LINES} WITH NO DATA
"""
# As loading.STAGED_LINES makes it of rows that are not resolved yet.
_MATCH_LINES = f"""
ANALYZE generated_line;
DROP TABLE IF EXISTS import_line;
CREATE TEMPORARY TABLE import_line ON COMMIT DROP AS
SELECT n.entry_id, n.g_no, {", ".join(f"n.{name}" for name in FACTS)},
       l.id AS line_id, l.declared_at
  FROM generated_line n
  LEFT JOIN {_LINES} l ON (l.entry_id, l.g_no) = (n.entry_id, n.g_no);
ANALYZE import_line
"""


def generate(size: Size, progress: Progress) -> dict[str, int]:
    """Store the province of `size`; returns how many of each thing are new.

    The same size again stores nothing. Each audited month is a transaction of its own, the
    declared lines are one; while they are the database's first, nobody else can read lines.
    `progress` is called with a stage's name and how many rows of it are done.
    """
    province = Province(size)
    with transaction.atomic():
        counts = _store_lines(province, progress)
    releases = verdicts = 0
    for month in province.audited:
        progress("审核", verdicts)
        with transaction.atomic():
            stored = _store_month(province, month)
        releases += stored > 0
        verdicts += stored
    return {**counts, "releases": releases, "verdicts": verdicts}


def _store_lines(province: Province, progress: Progress) -> dict[str, int]:
    now = timezone.now()
    lock_declared_data()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")  # sorts and joins of a million lines
        cursor.execute(CREATE_ROWS)
    declared = province.declared_goods()
    progress("商品", len(declared))
    _copy(GOODS_COLUMNS, goods_rows(province, declared))
    parties = _resolve(audited=False)
    goods, contents = store_goods()
    ids = _ids(province, declared)
    name = f"generate_lines {province.size.lines} seed {province.size.seed}"
    run = ImportRun.objects.create(file_name=name, file_hash="", started_at=now)
    if DeclaredLine.objects.exists():
        counts = _merge_lines(province, ids, run, now, progress)
    else:
        counts = _fill_lines(province, ids, run, now, progress)
    run.counts = counts
    run.save(update_fields=["counts"])
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {_LINES}, declarations_goods, declarations_content")
    wake_comparison()
    return {
        "lines": counts["new"],
        "goods": goods,
        "contents": contents,
        "enterprises": parties,
    }


def _fill_lines(
    province: Province, ids: Ids, run: ImportRun, now: datetime.datetime, progress: Progress
) -> dict[str, int]:
    """Copy the lines straight to where they stay."""
    with without_indexes(_LINES):
        new = _copy_lines(_LINES, province, ids, now, progress)
        progress("索引", new)
    outbox = write_outbox(run, now, f"SELECT content_id FROM {_LINES}")
    unchanged = dict.fromkeys(("corrected", "became_declared", "unchanged"), 0)
    return {"new": new, **unchanged, "outbox": outbox}


def _merge_lines(
    province: Province, ids: Ids, run: ImportRun, now: datetime.datetime, progress: Progress
) -> dict[str, int]:
    """Have the lines compared with what is stored, as an import's are."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE_LINES)
        new = _copy_lines("generated_line", province, ids, now, progress)
        progress("装入", new)
        cursor.execute(_MATCH_LINES)
    return store_lines(run, now)


def _copy_lines(
    table: str, province: Province, ids: Ids, now: datetime.datetime, progress: Progress
) -> int:
    """Copy the declared lines into a table; returns how many there are."""
    done = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({_COLUMNS}) FROM STDIN (FORMAT binary)") as copy,
    ):
        copy.write(HEADER)
        for count, rows in line_rows(province, ids, now):
            copy.write(rows)
            done += count
            progress("明细", done)
        copy.write(TRAILER)
    return done


def _store_month(province: Province, month: datetime.date) -> int:
    """Release one audited month, as import_audit does; returns how many verdicts that stores."""
    made_from = hashlib.sha256(f"{province.size} {month}".encode()).hexdigest()
    if Release.objects.filter(file_hash=made_from).exists():
        return 0
    rows = province.audited[month]
    with connection.cursor() as cursor:
        cursor.execute(CREATE_ROWS)
    _copy(AUDIT_COLUMNS, audit_rows(rows, province.goods))
    lock_declared_data()
    _resolve(audited=True)
    store_goods()
    with connection.cursor() as cursor:
        cursor.execute(STAGED_LINES)
        cursor.execute("ANALYZE import_line")
    release = Release.objects.create(
        audit_month=month, file_name="generate_lines", file_hash=made_from
    )
    store_verdicts(release)
    release_verdicts(release)
    return len(rows)


def _ids(province: Province, declared: list[int]) -> Ids:
    """What the staged goods and parties are stored as."""
    goods, contents = (np.zeros(len(province.goods), np.int64) for _ in range(2))
    with connection.chunked_cursor() as cursor:
        cursor.execute(_STAGED_GOODS, [len(declared)])
        for row_number, goods_id, content_id in cursor:
            place = declared[row_number - 1]
            goods[place], contents[place] = goods_id, content_id
    with connection.cursor() as cursor:
        cursor.execute("SELECT uscc, enterprise_id FROM import_party")
        stored = dict(cursor.fetchall())
    return Ids(goods, contents, np.array([stored[party.uscc] for party in province.parties]))


def _resolve(audited: bool) -> int:
    """Fill import_party from the staged rows; invented codes contradict nothing, so no faults."""
    with FaultLog(Path(tempfile.gettempdir()), "generate_lines") as log:
        return resolve_parties(Staging(log), audited).enterprises


def _copy(columns: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Copy rows into the staging table, in PostgreSQL's text form."""
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY import_row ({columns}) FROM STDIN") as copy:
            source = iter(rows)
            while chunk := list(islice(source, CHUNK)):
                # No text of ours holds a tab, a backslash or a line break.
                copy.write("".join("\t".join(map(str, row)) + "\n" for row in chunk))
        cursor.execute("ANALYZE import_row")
