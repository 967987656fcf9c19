"""Working the comparison: the outbox in increments, or everything anew.

A chapter's outbox is one piece of work; a full run is cut into pieces (comparison/pieces.py).
Contents of different eight-digit codes are never compared, so that any number of workers may each
take one. A batch is one transaction that takes its outbox rows and stores their marks, so that a
killed worker leaves both or neither.
"""

import time
from collections.abc import Collection, Iterable, Sequence, Set
from dataclasses import asdict
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from catalogue.models import Outbox
from comparison import failures, isolating, runs
from comparison.conflicts import store_conflicts
from comparison.groups import give_forms, whole_groups
from comparison.holding import chapter_for_increment
from comparison.marking import Cause, MarkCounts, mark_entries
from comparison.models import ComparisonRun
from comparison.nearest_marking import Near
from comparison.nearest_work import work_blocks
from comparison.outbox import take, waiting_chapters
from comparison.pieces import work_run
from comparison.projection import refresh_projections
from comparison.publication import lock_contents, switch_publication
from comparison.runs import Progress
from comparison.stages import Stage, timed

__all__ = [
    "compare_contents",
    "compare_for_full_run",
    "compare_soundly",
    "full_compare",
    "help_full_run",
    "waiting_chapters",
    "work_chapter",
    "work_outbox",
]

EDITION = Outbox.Cause.EDITION
# How often a command looks again while other workers do the last pieces of a run.
LOOK_AGAIN_SECONDS = 0.5


def compare_contents(
    content_ids: Iterable[int],
    causes: dict[int, Cause],
    without: Collection[int] = frozenset(),
    near: Near = Near.AT_ONCE,
) -> MarkCounts:
    """Compare these contents and all that say the same, in the caller's transaction.

    A content that comes along with its group has the cause of the group's first named content.
    Contents at which the program failed before, and those of `without`, are left out: they keep
    what they have, and nothing rests on them. `near`: when the entries are told their nearest
    content. Raises ContentsFailed.
    """
    named = sorted(set(content_ids))
    absent = failures.failing_among(named) | set(without)
    groups = whole_groups(named, give_forms([pk for pk in named if pk not in absent]))
    absent |= failures.failing_among(groups)
    by_group = {groups[pk]: causes[pk] for pk in reversed(named) if pk in groups}
    members = [pk for pk in groups if pk not in absent]
    if not members:
        return MarkCounts()
    fallback = causes[named[0]]
    lock_contents(members)
    switch_publication(members, may_open=True)
    refresh_projections(members)
    counts = mark_entries(
        members,
        {pk: causes.get(pk) or by_group.get(groups[pk], fallback) for pk in members},
        near=near,
    )
    store_conflicts(members)
    failures.forget(members)
    return counts


def compare_soundly(content_ids: Sequence[int], causes: dict[int, Cause]) -> MarkCounts:
    """Compare contents as compare_contents does; whatever raises, ContentsFailed says at which."""
    return isolating.compare_soundly(compare_contents, content_ids, causes)


def compare_for_full_run(content_ids: Sequence[int], causes: dict[int, Cause]) -> MarkCounts:
    """Compare contents as compare_soundly does; the nearest ones are sought when a piece is done."""
    compare = partial(compare_contents, near=Near.LATER)
    return isolating.compare_soundly(compare, content_ids, causes)


# --- increments ----------------------------------------------------------------------------------


@timed(Stage.REST)
def work_chapter(chapter: str) -> MarkCounts:
    """Work off the outbox of one chapter; returns at once where another worker is at it.

    Any number of calls may run at the same time, and be killed at any moment.
    """
    counts = MarkCounts()
    with chapter_for_increment(chapter) as held:
        run = runs.open_increment(chapter) if held else None
        if run is None:
            return counts
        try:
            while _work_batch(chapter, run, counts):
                pass
            for _ in work_blocks(chapter):
                runs.check_running(run)
        except runs.RunStopped:
            return counts
        except Exception as error:
            runs.end(run, runs.written(error))
            raise
        runs.end(run)
    return counts


def _work_batch(chapter: str, run: ComparisonRun, counts: MarkCounts) -> bool:
    """Work one batch of a chapter's outbox in a transaction; False when nothing is left to do."""

    def attempt(failed_now: Set[int]) -> MarkCounts | None:
        with transaction.atomic():
            runs.check_running(run)
            taken = take(chapter, settings.COMPARISON_BATCH)
            if not taken.rows:
                return None
            if not taken.causes:
                return MarkCounts()
            by_edition = {pk for pk, why in taken.causes.items() if why.kind == EDITION}
            failures.give_another_try(by_edition - failed_now)
            compared = compare_soundly(list(taken.causes), taken.causes)
            _note(run, len(taken.causes), compared)
        return compared

    compared = failures.until_sound(attempt, run)
    if compared is not None:
        counts.add(compared)
    return compared is not None


def _note(run: ComparisonRun, done: int, counts: MarkCounts) -> None:
    """Add a batch to the record, in the transaction of its marks."""
    ComparisonRun.objects.filter(pk=run.pk).update(
        contents_done=F("contents_done") + done,
        contents_total=Greatest(F("contents_total"), F("contents_done") + done),
        entries=F("entries") + counts.entries,
        stored=F("stored") + counts.stored,
        gone=F("gone") + counts.gone,
        marks_changed=F("marks_changed") + counts.changed,
    )


def work_outbox() -> dict[str, int]:
    """Work the whole outbox off in this process; returns the counts summed."""
    counts = MarkCounts()
    for chapter in runs.workable_chapters():
        counts.add(work_chapter(chapter))
    return asdict(counts)


# --- full runs -----------------------------------------------------------------------------------


def full_compare(progress: Progress | None = None) -> dict[str, int]:
    """Compute everything anew from lines, verdicts and choices: flags, forms, public set, marks.

    `progress` is called with (contents done, contents in all). Outbox rows that were there when
    their contents were compared are worked off by it too; those that come later stay. Where a full
    run is at work already, this helps it to its end. Returns the run's counts; raises RunFailed
    where it ended otherwise.
    """
    joined = runs.active_full_run()
    run = joined or runs.begin_full_run()
    try:
        help_full_run(run.pk, progress)
    except Exception as error:
        if joined is None:
            runs.end(run, runs.written(error))
        raise
    except KeyboardInterrupt:
        if joined is None:
            runs.cancel(run.pk, None)
        raise
    return runs.counts_of(run.pk)


def help_full_run(run_id: int, progress: Progress | None = None) -> None:
    """Work at a full run's pieces in this process until the run has ended."""
    while runs.is_active(run_id):
        work_run(run_id, compare_for_full_run, progress=progress)
        if runs.is_active(run_id):  # others do the last pieces
            time.sleep(LOOK_AGAIN_SECONDS)
