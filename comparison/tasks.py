"""Celery tasks of the comparison: thin calls of comparison/working.py and comparison/runs.py.

A message is never more than a word that somebody should look: what is to be done stands in the
outbox and in the record of runs. So one that waited long is stale, and one that was lost is sent
again by the next look (beat).
"""

from celery import shared_task
from django.conf import settings

from comparison import failures, pieces, runs, working

# The next look sends what has not been begun by then.
STALE_SECONDS = 60


@shared_task(name="comparison.work_outbox", ignore_result=True)
def work_outbox() -> None:
    """Look what is to be done, and send a task for each thing that a worker may take."""
    failures.retry_by_newer_code()
    for chapter in runs.workable_chapters():
        work_chapter.apply_async([chapter], expires=STALE_SECONDS)
    run = runs.active_full_run()
    if run is not None:
        for _ in range(runs.hands_wanted(run)):
            work_run.apply_async([run.pk], expires=STALE_SECONDS)


@shared_task(name="comparison.work_chapter", ignore_result=True)
def work_chapter(chapter: str) -> None:
    """Work off one chapter's outbox."""
    working.work_chapter(chapter)


@shared_task(name="comparison.work_run", ignore_result=True)
def work_run(run_id: int) -> None:
    """Take pieces of a full run for a while, then let other tasks have their turn."""
    if not runs.is_active(run_id):
        return
    seconds = settings.COMPARISON_TURN_SECONDS
    if pieces.work_run(run_id, working.compare_for_full_run, seconds=seconds):
        work_run.apply_async([run_id], expires=STALE_SECONDS)
