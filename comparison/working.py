"""Working the comparison: the outbox in increments, or everything anew.

One chapter is one piece of work: contents of different chapters are never compared, so that any
number of workers may each take a chapter. A batch is one transaction that takes its outbox rows
and stores their marks, so that a killed worker leaves both or neither.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from catalogue.models import Outbox
from comparison.groups import (
    chapter_batches,
    content_ids_without_form,
    give_forms,
    whole_groups,
)
from comparison.marking import Cause, MarkCounts, mark_entries
from comparison.models import ComparisonRun
from comparison.nearest_marking import Near
from comparison.nearest_work import blocks_waiting, renew_blocks, work_blocks
from comparison.outbox import count_waiting_in, take, waiting_chapters
from comparison.projection import refresh_projections
from comparison.publication import lock_contents, switch_publication
from declarations.releases import recompute_all_verdicts

logger = logging.getLogger(__name__)

FORM_BATCH = 5_000
# First number of the advisory lock of a chapter; the second is the chapter.
CHAPTER_LOCK = 20_190_019

Progress = Callable[[int, int], None]


def compare_contents(
    content_ids: Iterable[int], causes: dict[int, Cause], near: Near = Near.AT_ONCE
) -> MarkCounts:
    """Compare these contents and all that say the same, in the caller's transaction.

    A content that comes along with its group has the cause of the group's first named content.
    `near`: when the entries are told their nearest content.
    """
    named = sorted(set(content_ids))
    groups = whole_groups(named, give_forms(named))
    members = list(groups)
    by_group = {groups[pk]: causes[pk] for pk in reversed(named) if pk in groups}
    fallback = causes[named[0]]
    lock_contents(members)
    switch_publication(members, may_open=True)
    refresh_projections(members)
    return mark_entries(
        members,
        {pk: causes.get(pk) or by_group.get(key, fallback) for pk, key in groups.items()},
        near=near,
    )


def work_chapter(chapter: str) -> MarkCounts:
    """Work off the outbox of one chapter; returns at once where another worker is at it.

    Any number of calls may run at the same time, and be killed at any moment.
    """
    counts = MarkCounts()
    with _chapter_held(chapter) as held:
        if not held:
            return counts
        if not Outbox.objects.filter(chapter=chapter).exists() and not blocks_waiting(chapter):
            return counts
        run = _start_run(ComparisonRun.Scope.INCREMENT, chapter)
        try:
            while _work_batch(chapter, run, counts):
                pass
            for _ in work_blocks(chapter):
                pass
        except Exception as error:
            _end_run(run, f"{type(error).__name__}: {error}")
            raise
        _end_run(run)
    return counts


def _work_batch(chapter: str, run: ComparisonRun, counts: MarkCounts) -> bool:
    """Work one batch of a chapter's outbox in a transaction; False when nothing is left to do."""
    with transaction.atomic():
        taken = take(chapter, settings.COMPARISON_BATCH)
        if not taken.rows:
            return False
        if taken.causes:
            counts.add(compare_contents(taken.causes, taken.causes))
            _note(run, len(taken.causes), counts.changed)
    return True


def work_outbox() -> dict[str, int]:
    """Work the whole outbox off in this process; returns the counts summed."""
    counts = MarkCounts()
    for chapter in waiting_chapters():
        counts.add(work_chapter(chapter))
    return asdict(counts)


def full_compare(progress: Progress | None = None) -> dict[str, int]:
    """Compute everything anew from lines, verdicts and choices: flags, forms, public set, marks.

    `progress` is called with (contents done, contents in all). The outbox's rows that were there
    at the start are worked off by it too; those that come meanwhile stay.
    """
    recompute_all_verdicts()
    counts = MarkCounts()
    chapters = _all_chapters()
    total = sum(chapters.values())
    run = _start_run(ComparisonRun.Scope.FULL, "", total)
    cause = Cause(Outbox.Cause.FULL, run.pk)
    try:
        for chapter in chapters:
            with _chapter_held(chapter, wait=True):
                for done in _compare_chapter(chapter, cause, counts):
                    _note(run, done, counts.changed)
                    if progress is not None:
                        progress(run.contents_done, total)
    except Exception as error:
        _end_run(run, f"{type(error).__name__}: {error}")
        raise
    _end_run(run)
    return asdict(counts)


def _compare_chapter(chapter: str, cause: Cause, counts: MarkCounts) -> Iterator[int]:
    """Compare all contents of a chapter anew; yields how many each batch had."""
    # Only rows seen before the chapter is read are worked off by it: later ones name what came
    # meanwhile.
    waiting = list(Outbox.objects.filter(chapter=chapter).values_list("id", flat=True))
    for batch in content_ids_without_form(chapter, FORM_BATCH):
        with transaction.atomic():
            give_forms(batch)
    for batch in chapter_batches(chapter, settings.COMPARISON_BATCH):
        with transaction.atomic():
            counts.add(compare_contents(batch, dict.fromkeys(batch, cause), Near.LATER))
        yield len(batch)
    for _ in renew_blocks(chapter):
        pass
    Outbox.objects.filter(id__in=waiting).delete()


@contextmanager
def _chapter_held(chapter: str, *, wait: bool = False) -> Iterator[bool]:
    """Hold a chapter against other workers; yields False where another holds it.

    The lock is the connection's, so that it goes with a killed worker.
    """
    numbers = [CHAPTER_LOCK, int(chapter)]
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", numbers)
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", numbers)
            if not cursor.fetchone()[0]:
                yield False
                return
        try:
            yield True
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", numbers)


def _all_chapters() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT left(hs_code, 2), count(*) FROM declarations_content GROUP BY 1 ORDER BY 1"
        )
        return dict(cursor.fetchall())


def _start_run(scope: ComparisonRun.Scope, chapter: str, total: int = 0) -> ComparisonRun:
    """Begin a run's record; earlier ones of the same work that never ended are closed as failed."""
    ComparisonRun.objects.filter(
        scope=scope, chapter=chapter, state=ComparisonRun.State.RUNNING
    ).update(
        state=ComparisonRun.State.FAILED,
        ended_at=timezone.now(),
        error="工作进程中断，未完成的部分已由之后的比对补上。",
    )
    if scope == ComparisonRun.Scope.INCREMENT:
        total = count_waiting_in(chapter)
    return ComparisonRun.objects.create(scope=scope, chapter=chapter, contents_total=total)


def _note(run: ComparisonRun, done: int, changed: int) -> None:
    run.contents_done += done
    run.contents_total = max(run.contents_total, run.contents_done)
    run.marks_changed = changed
    run.save(update_fields=["contents_done", "contents_total", "marks_changed"])


def _end_run(run: ComparisonRun, error: str = "") -> None:
    run.state = ComparisonRun.State.FAILED if error else ComparisonRun.State.DONE
    run.error = error
    run.ended_at = timezone.now()
    run.save(update_fields=["state", "error", "ended_at"])
