"""Contents whose comparison raises: each fails alone, is listed, and the rest goes on.

Only a content's own fault is listed. What fails whatever the content (a lost connection to the
database or the cache, a full disk, a deadlock) ends the batch, which is done again later.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol, TypeVar

from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from redis.exceptions import RedisError

from catalogue.models import Outbox
from catalogue.outbox import wake_comparison
from comparison.run_models import ComparisonRun, FailedContent

Made = TypeVar("Made")
Answer = TypeVar("Answer")


class HasNumber(Protocol):
    """A content, or what of it a step needs."""

    @property
    def pk(self) -> int:
        """Its number."""
        ...


Numbered = TypeVar("Numbered", bound=HasNumber)

# What is never a content's fault. The cache is asked for element lists while contents are read.
SURROUNDINGS = (OperationalError, InterfaceError, OSError, MemoryError, RedisError)

# A run at which more contents fail than this is at fault itself: it ends, and says so.
MOST_FAILURES = 200
ERROR_LENGTH = 2_000
# The rooms whose rules decide how a content is compared.
_ROOMS = ("comparison", "declarations", "catalogue")

_NOTE = """
INSERT INTO comparison_failedcontent AS f (
    content_id, error, first_failed_at, last_failed_at, tries, version, run_id)
SELECT content_id, error, %(now)s, %(now)s, 1, %(version)s, %(run)s
  FROM unnest(%(contents)s::bigint[], %(errors)s::text[]) AS t(content_id, error)
 ORDER BY content_id
ON CONFLICT (content_id) DO UPDATE SET
    error = excluded.error, last_failed_at = excluded.last_failed_at, tries = f.tries + 1,
    version = excluded.version, run_id = excluded.run_id
"""


class ContentsFailed(Exception):
    """The comparison of these contents raised; `errors` says what, by content id."""

    def __init__(self, errors: Mapping[int, Exception]) -> None:
        super().__init__(f"{len(errors)} contents")
        self.errors = dict(errors)


class TooManyFailures(Exception):
    """So many contents of one run failed that it is the run's own fault."""


class Stopwatch:
    """Adds up how long something took in this process; `seconds` only grows."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time that the block takes."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began


# The part of the comparison that Python does: forms, readings, likeness. Workers share it out.
PYTHON = Stopwatch()


def each(contents: Sequence[Numbered], make: Callable[[Numbered], Made]) -> list[Made]:
    """Make something of each content, in their order.

    Raises ContentsFailed, once all are tried, with those for which `make` raised.
    """
    made: list[Made] = []
    errors: dict[int, Exception] = {}
    with PYTHON.running():
        for content in contents:
            try:
                made.append(make(content))
            except (Error, *SURROUNDINGS):
                raise
            except Exception as error:
                errors[content.pk] = error
    if errors:
        raise ContentsFailed(errors)
    return made


@cache
def code_version() -> str:
    """Name the running program: 16 hexadecimal digits of a hash of its rules and word lists."""
    digest = hashlib.blake2b(digest_size=8)
    project = Path(__file__).resolve().parent.parent
    for room in _ROOMS:
        for path in sorted((project / room).rglob("*")):
            if path.suffix in {".py", ".tsv"} and "migrations" not in path.parts:
                digest.update(path.relative_to(project).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def failing_among(content_ids: Iterable[int]) -> set[int]:
    """Return those contents at which the running program failed, and that nobody retries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT content_id FROM comparison_failedcontent"
            " WHERE version = %s AND content_id = ANY(%s)",
            [code_version(), list(content_ids)],
        )
        return {pk for (pk,) in cursor.fetchall()}


def forget(content_ids: Collection[int]) -> None:
    """Take contents off the list that were compared, in the transaction that did it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM comparison_failedcontent WHERE content_id = ANY(%s)", [list(content_ids)]
        )


def until_sound(attempt: Callable[[Set[int]], Answer], run: ComparisonRun) -> Answer:
    """Repeat a batch until none of its contents fails; those that do are listed and left out.

    `attempt` is a transaction of its own, and raises ContentsFailed when contents fail; it is told
    which failed in the attempts before. Raises TooManyFailures where more failed in this run than
    may be the contents' fault.
    """
    failed_now: set[int] = set()
    while True:
        try:
            return attempt(failed_now)
        except ContentsFailed as failed:
            note(failed.errors, run)
            failed_now |= set(failed.errors)
        run.refresh_from_db(fields=["failed_contents"])
        if run.failed_contents > MOST_FAILURES:
            raise TooManyFailures(
                f"已有 {run.failed_contents} 条内容比对失败，可能是程序或数据库的问题，运行已停止；"
                "请查看失败内容的错误信息，处理后重试。"
            )


def note(errors: Mapping[int, Exception], run: ComparisonRun) -> None:
    """List contents that failed in a run, so that the next batch leaves them out."""
    found = sorted(errors)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                _NOTE,
                {
                    "contents": found,
                    "errors": [_written(errors[pk]) for pk in found],
                    "now": timezone.now(),
                    "version": code_version(),
                    "run": run.pk,
                },
            )
        ComparisonRun.objects.filter(pk=run.pk).update(
            failed_contents=F("failed_contents") + len(found)
        )


def give_another_try(content_ids: Collection[int]) -> None:
    """Have listed contents compared in the caller's transaction: what they rest on has changed."""
    if content_ids:
        FailedContent.objects.filter(content_id__in=content_ids).update(version="")


def retry(content_ids: Iterable[int]) -> int:
    """Have listed contents compared again, by the outbox; returns how many those are."""
    with transaction.atomic():
        rows = list(
            FailedContent.objects.select_for_update(of=["self"])
            .filter(content_id__in=list(content_ids))
            .exclude(version="")
            .select_related("content")
            .order_by("content_id")
        )
        _send_again(rows)
    return len(rows)


def retry_by_newer_code() -> int:
    """Try contents again at which another version of the program failed; returns how many."""
    listed = FailedContent.objects.exclude(version__in=["", code_version()])
    found = list(listed.values_list("content_id", flat=True)[:10_000])
    return retry(found) if found else 0


def _send_again(rows: Sequence[FailedContent]) -> None:
    FailedContent.objects.filter(pk__in=[row.pk for row in rows]).update(version="")
    Outbox.objects.bulk_create(
        Outbox(
            chapter=row.content.hs_code[:2],
            content_id=row.content_id,
            cause=Outbox.Cause.FULL,
            cause_id=row.run_id,
        )
        for row in rows
    )
    if rows:
        wake_comparison()


def _written(error: Exception) -> str:
    """Write an error down for people; PostgreSQL takes no NUL, UTF-8 no lone surrogate."""
    said = f"{type(error).__name__}: {error}"[:ERROR_LENGTH]
    return said.replace("\0", "").encode("utf-8", "backslashreplace").decode()
