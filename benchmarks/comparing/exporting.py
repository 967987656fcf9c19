"""The same loaded lines and verdicts for DuckDB: written to a DuckDB database file beforehand.

A line has its declared text in full, as an analyst's table of declarations has it. This is loading,
and not timed on either side.
"""

from pathlib import Path
from typing import Any

import duckdb
import psycopg

_GOODS = "SELECT id, content_id, hs_code, ie_flag, name, g_model FROM declarations_goods"
_LINES = """
SELECT id, goods_id, agent_id, trader_id, declared_on, is_hidden FROM declarations_declaredline
 ORDER BY id
"""
_VERDICTS = """
SELECT id, release_id, line_id, goods_id, agent_id, trader_id, audit_month, declared_on, conforming
  FROM declarations_auditverdict ORDER BY id
"""
_RELEASES = "SELECT id, released_at::timestamp, withdrawn_at::timestamp FROM declarations_release"

_TABLES = {
    "goods": (
        _GOODS,
        "id BIGINT, content_id BIGINT, hs_code VARCHAR, ie_flag VARCHAR, name VARCHAR,"
        " g_model VARCHAR",
    ),
    "line_rows": (
        _LINES,
        "id BIGINT, goods_id BIGINT, agent_id BIGINT, trader_id BIGINT, declared_on DATE,"
        " is_hidden BOOLEAN",
    ),
    "verdict_rows": (
        _VERDICTS,
        "id BIGINT, release_id BIGINT, line_id BIGINT, goods_id BIGINT, agent_id BIGINT,"
        " trader_id BIGINT, audit_month DATE, declared_on DATE, conforming BOOLEAN",
    ),
    "releases": (_RELEASES, "id BIGINT, released_at TIMESTAMP, withdrawn_at TIMESTAMP"),
}
# Empty texts stay empty, and are not NULL.
_READ = "COPY {} FROM '{}' (FORMAT csv, HEADER false, NULLSTR '\\N', QUOTE '\"', ESCAPE '\"')"
_TEXT = "g.hs_code, g.ie_flag, g.name, g.g_model"


def export(connection: "psycopg.Connection[Any]", path: Path) -> None:
    """Write the DuckDB database; raises ValueError where enterprises have made choices.

    Choices are left out of the comparison with DuckDB, so that there may be none.
    """
    chosen = connection.execute("SELECT count(*) FROM comparison_entrychoice").fetchone()
    if chosen and chosen[0]:
        raise ValueError("the province has choices of enterprises, which this benchmark knows not")
    with duckdb.connect(str(path), config={"threads": 2}) as duck:
        duck.execute("SET preserve_insertion_order = true")
        for name, (query, columns) in _TABLES.items():
            bring(connection, duck, name, query, columns, path.parent)
        duck.execute(
            f"CREATE TABLE lines AS SELECT l.* EXCLUDE (goods_id), {_TEXT}"
            "  FROM line_rows l JOIN goods g ON g.id = l.goods_id ORDER BY l.id"
        )
        duck.execute(
            f"CREATE TABLE verdicts AS SELECT v.* EXCLUDE (goods_id), {_TEXT}"
            "  FROM verdict_rows v JOIN goods g ON g.id = v.goods_id ORDER BY v.id"
        )
        duck.execute("DROP TABLE line_rows")
        duck.execute("DROP TABLE verdict_rows")
        duck.execute("CHECKPOINT")


def bring(
    connection: "psycopg.Connection[Any]",
    duck: duckdb.DuckDBPyConnection,
    table: str,
    query: str,
    columns: str,
    folder: Path,
) -> None:
    """Bring the rows of a PostgreSQL query into a new table of DuckDB, by a file in between."""
    file = folder / f"{table}.csv"
    copy = f"COPY ({query}) TO STDOUT (FORMAT csv, NULL '\\N', FORCE_QUOTE *)"
    if "VARCHAR" not in columns:
        copy = f"COPY ({query}) TO STDOUT (FORMAT csv, NULL '\\N')"
    with file.open("wb") as out, connection.cursor() as cursor, cursor.copy(copy) as rows:
        for block in rows:
            out.write(block)
    duck.execute(f"CREATE TABLE {table} ({columns})")
    duck.execute(_READ.format(table, file))
    file.unlink()
