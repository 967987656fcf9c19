"""Who works at what: advisory locks that go with the connection of a killed worker.

A chapter's contents are compared by one increment, or by any number of pieces of a full run,
which have no eight-digit code in common: at no time do two workers compare one code.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, OperationalError, connection

# First numbers of our locks; the second is the chapter or the piece.
CHAPTER_LOCK = 20_190_019
INCREMENT_LOCK = 20_190_020
PIECE_LOCK = 20_190_021
# Of a run: who plans it.
PLAN_LOCK = 20_190_022
# Of one number: who begins a full run.
RUN_LOCK = 20_190_023

# How long an increment waits for the pieces of a full run that are at its chapter. While it
# waits, no further piece of the chapter is begun.
SECONDS_FOR_CHAPTER = 60

_HELD_PIECES = """
SELECT objid::bigint FROM pg_locks
 WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@contextmanager
def chapter_for_increment(chapter: str) -> Iterator[bool]:
    """Hold a chapter against all other workers; yields False where another is at it.

    Pieces of a full run that are at the chapter are waited for.
    """
    number = int(chapter)
    if not _ask("pg_try_advisory_lock", INCREMENT_LOCK, number):
        yield False
        return
    try:
        if not _wait_for_chapter(number):
            yield False
            return
        try:
            yield True
        finally:
            _release("pg_advisory_unlock", CHAPTER_LOCK, number)
    finally:
        _release("pg_advisory_unlock", INCREMENT_LOCK, number)


@contextmanager
def piece_held(piece_id: int, chapter: str) -> Iterator[bool]:
    """Hold a piece of a full run; yields False where it, or its chapter, is another's."""
    number = int(chapter)
    if not _ask("pg_try_advisory_lock", PIECE_LOCK, _half(piece_id)):
        yield False
        return
    try:
        if not _ask("pg_try_advisory_lock_shared", CHAPTER_LOCK, number):
            yield False
            return
        _notice_a_dead_client()
        try:
            yield True
        finally:
            _release("pg_advisory_unlock_shared", CHAPTER_LOCK, number)
    finally:
        _release("pg_advisory_unlock", PIECE_LOCK, _half(piece_id))


@contextmanager
def planning_held(run_id: int) -> Iterator[bool]:
    """Hold the planning of a full run; yields False where another plans it."""
    if not _ask("pg_try_advisory_lock", PLAN_LOCK, _half(run_id)):
        yield False
        return
    try:
        yield True
    finally:
        _release("pg_advisory_unlock", PLAN_LOCK, _half(run_id))


def held_pieces() -> set[int]:
    """Return the pieces that some worker holds, by the lower 31 bits of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD_PIECES, [PIECE_LOCK])
        return {number for (number,) in cursor.fetchall()}


def lock_runs() -> None:
    """Wait until no other transaction begins or retries a full run, until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RUN_LOCK])


def _half(number: int) -> int:
    """Bring a 64-bit number into the 31 bits of a lock's second number."""
    return number % 2**31


def _ask(function: str, first: int, second: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [first, second])
        return bool(cursor.fetchone()[0])


def _release(function: str, first: int, second: int) -> None:
    """Give a lock back; with a broken connection it is gone already."""
    if connection.connection is None or connection.connection.closed:
        return
    with suppress(Error), connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [first, second])


def _wait_for_chapter(number: int) -> bool:
    _notice_a_dead_client()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{SECONDS_FOR_CHAPTER}s"])
        try:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [CHAPTER_LOCK, number])
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
                raise
            return False
        finally:
            with suppress(Error):
                cursor.execute("RESET lock_timeout")
    return True


def _notice_a_dead_client() -> None:
    """Have the server look, while a statement runs, whether we are still there.

    Else the statement of a killed worker runs to its end, and holds its locks for so long; and
    that of a host that lost its network for hours. Where the server's system can't, nothing is
    lost but time.
    """
    if connection.in_atomic_block:  # a refusal would end the transaction
        return
    with suppress(Error), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('tcp_keepalives_idle', '20', false),"
            " set_config('tcp_keepalives_interval', '5', false),"
            " set_config('tcp_keepalives_count', '4', false)"
        )
        cursor.execute("SELECT set_config('client_connection_check_interval', '2s', false)")
