"""Seeing from outside when a release's marks and public flags are right: by SQL of our own.

What is right is computed from lines and verdicts after a first release of the same file into a clone,
and carried to the next clone by content keys, so that nothing is computed while the clock runs. A
mark counts as right with its conflict flag and the month that its reason names.
"""

import time
from typing import Any, NamedTuple

import psycopg

LOOK_SECONDS = 0.1
LIMIT_SECONDS = 3_600.0

_NAMED = """
named AS (
    SELECT DISTINCT of_line.content_id
      FROM declarations_auditverdict v
      JOIN declarations_auditverdict of_line ON of_line.line_id = v.line_id
     WHERE v.release_id = %(release)s
), effective AS (
    SELECT v.* FROM declarations_auditverdict v JOIN named USING (content_id) WHERE v.is_effective
), party AS (
    SELECT content_id, agent_id AS enterprise_id, audit_month, conforming FROM effective
    UNION ALL
    SELECT content_id, trader_id, audit_month, conforming FROM effective
), newest AS (
    SELECT *, rank() OVER (PARTITION BY content_id, enterprise_id ORDER BY audit_month DESC) AS place
      FROM party
), official AS (
    SELECT content_id, enterprise_id, audit_month, bool_and(conforming) AS conforming,
           bool_or(conforming) AND NOT bool_and(conforming) AS has_conflict
      FROM newest WHERE place = 1 GROUP BY content_id, enterprise_id, audit_month
)"""

_MARKS = f"""
WITH {_NAMED}
SELECT o.enterprise_id, c.content_key,
       CASE WHEN o.conforming THEN 'conforming' ELSE 'nonconforming' END,
       o.has_conflict, to_char(o.audit_month, 'YYYY-MM')
  FROM official o JOIN declarations_content c ON c.id = o.content_id
"""

_FLAGS = f"""
WITH {_NAMED}, of_month AS (
    SELECT content_id, audit_month, bool_and(conforming) AS conforming,
           rank() OVER (PARTITION BY content_id ORDER BY audit_month DESC) AS place
      FROM effective GROUP BY content_id, audit_month
), publishing AS (
    SELECT DISTINCT e.content_id FROM effective e
     WHERE e.conforming
       AND EXISTS (SELECT FROM of_month m
                    WHERE m.content_id = e.content_id AND m.place = 1 AND m.conforming)
       AND NOT EXISTS (SELECT FROM official o
                        WHERE o.content_id = e.content_id AND NOT o.conforming
                          AND o.enterprise_id IN (e.agent_id, e.trader_id))
)
SELECT c.content_key, p.content_id IS NOT NULL
  FROM named n JOIN declarations_content c ON c.id = n.content_id
  LEFT JOIN publishing p ON p.content_id = n.content_id
"""

# What is right is taken off, so that a look costs the less the more is done.
_TAKE_MARKS = """
DELETE FROM benchmark_marks w USING declarations_content c, comparison_libraryentry e
 WHERE c.content_key = w.content_key AND e.content_id = c.id
   AND e.enterprise_id = w.enterprise_id AND e.mark = w.mark
   AND e.has_conflict = w.has_conflict AND e.reason ->> 'month' = w.month
"""
_TAKE_FLAGS = """
DELETE FROM benchmark_flags w USING declarations_content c
 WHERE c.content_key = w.content_key AND c.is_public = w.is_public
"""
_LEFT = "SELECT (SELECT count(*) FROM benchmark_marks), (SELECT count(*) FROM benchmark_flags)"

_BUSY = """
SELECT EXISTS (SELECT FROM catalogue_outbox) OR EXISTS (SELECT FROM comparison_nearestwork)
    OR EXISTS (SELECT FROM comparison_nearestpublic WHERE NOT is_told)
    OR EXISTS (SELECT FROM comparison_comparisonrun WHERE state IN ('waiting', 'running'))
"""


class Wanted(NamedTuple):
    """What a release must lead to: official marks of named contents, public flags."""

    marks: list[tuple[Any, ...]]
    flags: list[tuple[Any, ...]]


class WrongMarks(Exception):
    """Marks or flags that did not become right."""


def wanted_of(connection: "psycopg.Connection[Any]", release: int) -> Wanted:
    """Compute what is right after a release that was committed."""
    names = {"release": release}
    return Wanted(
        connection.execute(_MARKS, names).fetchall(), connection.execute(_FLAGS, names).fetchall()
    )


def lay_out(connection: "psycopg.Connection[Any]", wanted: Wanted) -> None:
    """Write what is wanted into the database where it is watched for."""
    connection.execute("DROP TABLE IF EXISTS benchmark_marks, benchmark_flags")
    connection.execute(
        "CREATE TABLE benchmark_marks (enterprise_id bigint, content_key bytea, mark text,"
        " has_conflict boolean, month text)"
    )
    connection.execute("CREATE TABLE benchmark_flags (content_key bytea, is_public boolean)")
    for table, rows in (("benchmark_marks", wanted.marks), ("benchmark_flags", wanted.flags)):
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        connection.execute(f"ANALYZE {table}")
    # Few rows looked up in great tables: by their indexes, whatever the planner thinks.
    for setting in ("enable_hashjoin", "enable_mergejoin", "enable_seqscan"):
        connection.execute(f"SET {setting} = off")


def left_over(connection: "psycopg.Connection[Any]") -> tuple[int, int]:
    """Look how many of the marks and flags that were laid out are not right yet."""
    connection.execute(_TAKE_MARKS)
    connection.execute(_TAKE_FLAGS)
    row = connection.execute(_LEFT).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def wait_until_right(connection: "psycopg.Connection[Any]") -> float:
    """Wait for what was laid out; returns when all was right, by `time.time()`.

    Raises WrongMarks where it has not come about in an hour.
    """
    until = time.time() + LIMIT_SECONDS
    while time.time() < until:
        looked_at = time.time()
        left = left_over(connection)
        if left == (0, 0):
            return looked_at
        time.sleep(LOOK_SECONDS)
    raise WrongMarks(f"marks and flags that are not right: {left}")


def wait_until_idle(connection: "psycopg.Connection[Any]") -> float:
    """Wait until nothing is left to compare; returns when, by `time.time()`."""
    until = time.time() + LIMIT_SECONDS
    while time.time() < until:
        looked_at = time.time()
        row = connection.execute(_BUSY).fetchone()
        if row is not None and not row[0]:
            return looked_at
        time.sleep(LOOK_SECONDS)
    raise WrongMarks("the outbox is not empty after an hour")
