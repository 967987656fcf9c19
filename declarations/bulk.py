"""Filling an empty table fast: what it costs to keep up row by row is made once at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# Not the primary key and not the checks: other tables stand on the one, and the others are cheap.
_CONSTRAINTS = """
SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid = %s::regclass AND contype IN ('f', 'u') ORDER BY contype DESC, conname
"""
_INDEXES = """
SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
  FROM pg_index i
 WHERE i.indrelid = %s::regclass
   AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid
                                                 AND c.conrelid = i.indrelid)
 ORDER BY 1
"""


@contextmanager
def without_indexes(table: str) -> Iterator[None]:
    """Take a table's indexes, unique constraints and references away, and give them back at the end.

    They are the same again, each proved for all rows at once. Runs inside the caller's transaction,
    which nobody can read the table beside until it ends: for a table that holds nothing yet. An
    error inside leaves the restoring to the transaction's end.
    """
    with connection.cursor() as cursor:
        # What was written before in this transaction and is not proved yet forbids it.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(_CONSTRAINTS, [table])
        constraints = cursor.fetchall()
        cursor.execute(_INDEXES, [table])
        indexes = cursor.fetchall()
        for name, _ in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _, definition in indexes:
            cursor.execute(definition)
        for name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
