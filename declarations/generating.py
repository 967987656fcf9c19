"""Storing a generated province: the importer's own set-based loading, without reading a file.

The goods and parties are staged once each and resolved by the functions that an import uses; then
the lines, which name their goods by key alone. The audited months follow one by one, as imports of
audited rows do, each a release of its own.
"""

from __future__ import annotations

import datetime
import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from catalogue.outbox import wake_comparison
from declarations.auditing import store_verdicts
from declarations.demo.province import Audited, Line, Province, Size, Stocked
from declarations.faults import FaultLog
from declarations.goods_store import goods_key, store_goods
from declarations.loading import STAGED_LINES, store_lines
from declarations.locks import lock_declared_data
from declarations.models import ImportRun, Release
from declarations.parties import resolve_parties
from declarations.releases import release_verdicts
from declarations.staging import CREATE_ROWS, Staging

Progress = Callable[[str, int], None]
CHUNK = 5_000

# What a row says; goods rows and line rows each fill the columns that the loading reads of them.
_GOODS_COLUMNS = (
    "row_number, sheet, sound, goods_key, entry_id, g_no, hs_code, ie_flag, g_name, g_model, "
    "agent_uscc, agent_code, agent_name, trader_uscc, trader_code, trader_name"
)
_LINE_COLUMNS = (
    "row_number, sheet, sound, goods_key, entry_id, g_no, trade_mode, declared_on, custom_master, "
    "agent_uscc, agent_code, agent_name, trader_uscc, trader_code, trader_name, "
    "origin_country, destination_country, g_qty, g_unit, decl_price, decl_total, trade_curr"
)
_AUDIT_COLUMNS = (
    f"{_LINE_COLUMNS}, hs_code, ie_flag, g_name, g_model, "
    "conforming, reason_codes, reason_text, auditor"
)


def generate(size: Size, progress: Progress) -> dict[str, int]:
    """Store the province of `size`; returns how many of each thing are new.

    The same size again stores nothing. Each audited month is a transaction of its own, the
    declared lines are one. `progress` is called with a stage's name and how many rows of it are
    done.
    """
    province = Province(size)
    keys = [goods_key(*stocked.goods) for stocked in province.goods]
    with transaction.atomic():
        counts = _store_lines(province, keys, progress)
    releases = verdicts = 0
    for month in sorted(province.audited):
        progress("审核", verdicts)
        with transaction.atomic():
            stored = _store_month(province, month)
        releases += stored > 0
        verdicts += stored
    return {**counts, "releases": releases, "verdicts": verdicts}


def _store_lines(province: Province, keys: list[bytes], progress: Progress) -> dict[str, int]:
    now = timezone.now()
    lock_declared_data()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")  # sorts and joins of a million lines
        cursor.execute(CREATE_ROWS)
    progress("商品", len(keys))
    _copy(_GOODS_COLUMNS, _goods_rows(province, keys))
    parties = _resolve(audited=False)
    goods, contents = store_goods()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE import_row")
    # Goods that only an audit knows are made while the lines are: their keys are not needed here.
    rows = (_line_row(line, province.goods, keys[line.good]) for line in province.lines())
    _copy(_LINE_COLUMNS, _numbered(rows, progress))
    progress("装入", province.size.lines)
    with connection.cursor() as cursor:
        cursor.execute(STAGED_LINES)
        cursor.execute("ANALYZE import_line")
    name = f"generate_lines {province.size.lines} seed {province.size.seed}"
    run = ImportRun.objects.create(file_name=name, file_hash="", started_at=now)
    counts = store_lines(run, now)
    run.counts = counts
    run.save(update_fields=["counts"])
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE declarations_declaredline, declarations_goods, declarations_content"
        )
    wake_comparison()
    return {
        "lines": counts["new"],
        "goods": goods,
        "contents": contents,
        "enterprises": parties,
    }


def _store_month(province: Province, month: datetime.date) -> int:
    """Release one audited month, as import_audit does; returns how many verdicts that stores."""
    rows = province.audited[month]
    made_from = hashlib.sha256(f"{province.size} {month}".encode()).hexdigest()
    if Release.objects.filter(file_hash=made_from).exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(CREATE_ROWS)
    _copy(_AUDIT_COLUMNS, _numbered(_audit_row(row, province.goods) for row in rows))
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


def _numbered(
    rows: Iterable[tuple[object, ...]], progress: Progress | None = None
) -> Iterator[tuple[object, ...]]:
    for number, row in enumerate(rows, start=1):
        if progress and number % (20 * CHUNK) == 0:
            progress("明细", number)
        yield (number, *row)


def _goods_rows(province: Province, keys: list[bytes]) -> Iterator[tuple[object, ...]]:
    """Every good and every party at least once; which stand in one row means nothing here."""
    parties = province.parties
    count = max(len(keys), len(parties))
    pairs = zip(cycle(zip(keys, province.goods, strict=True)), cycle(parties), strict=False)
    for number, ((key, stocked), party) in enumerate(islice(pairs, count), start=1):
        named = (party.uscc, party.customs_code, party.name)
        yield (number, 0, True, f"\\\\x{key.hex()}", "", 0, *stocked.goods, *named, *named)


def _line_row(line: Line, goods: list[Stocked], key: bytes) -> tuple[object, ...]:
    """The columns of _LINE_COLUMNS but the first."""
    stocked = goods[line.good]
    agent, trader = line.agent, line.trader
    is_import = stocked.goods.ie_flag == "I"
    cents = (stocked.price * line.quantity + 50) // 100
    return (
        0,
        True,
        f"\\\\x{key.hex()}",
        line.entry_id,
        line.g_no,
        line.trade_mode,
        line.declared_on,
        line.entry_id[:4],
        agent.uscc,
        agent.customs_code,
        agent.name,
        trader.uscc,
        trader.customs_code,
        trader.name,
        stocked.country if is_import else "CHN",
        "CHN" if is_import else stocked.country,
        line.quantity,
        stocked.unit,
        f"{stocked.price / 10_000:.4f}",
        f"{cents // 100}.{cents % 100:02d}",
        "USD",
    )


def _audit_row(row: Audited, goods: list[Stocked]) -> tuple[object, ...]:
    """The columns of _AUDIT_COLUMNS but the first."""
    seen = goods[row.good].goods
    codes, text = row.reason or ("", "")
    return (
        *_line_row(row.line, goods, goods_key(*seen)),
        *seen,
        row.reason is None,
        f"{{{codes}}}",
        text,
        row.auditor,
    )
