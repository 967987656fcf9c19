"""Who works at an upload or a release: a lock of the worker's connection, which goes with the worker.

Whoever is killed at it, another begins again, and two never work at one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Work(IntEnum):
    """First numbers of our advisory locks: of receiving, and of what a worker holds by its id."""

    RECEIVING = 20_190_031
    CHECKING = 20_190_032
    RELEASING = 20_190_033
    PREVIEWING = 20_190_036
    WITHDRAWING = 20_190_037
    TAKING = 20_190_038


@contextmanager
def held(work: Work, number: int) -> Iterator[bool]:
    """Hold an upload (CHECKING), an upload's release (RELEASING, PREVIEWING), a release of verdicts
    (WITHDRAWING) or a file of a watched folder (TAKING) while the block runs.

    Yields False where another connection holds it already; nothing is held then.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [work, number])
        is_free = bool(cursor.fetchone()[0])
        try:
            yield is_free
        finally:
            if is_free:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [work, number])


def is_held(work: Work, number: int) -> bool:
    """Whether some worker is at it now."""
    with held(work, number) as is_free:
        return not is_free
