"""Celery tasks of the comparison: thin calls of comparison/working.py."""

from celery import shared_task

from comparison import outbox, working


@shared_task(name="comparison.work_outbox", ignore_result=True)
def work_outbox() -> None:
    """Send one task for each chapter that has something to compare."""
    for chapter in outbox.waiting_chapters():
        work_chapter.delay(chapter)


@shared_task(name="comparison.work_chapter", ignore_result=True)
def work_chapter(chapter: str) -> None:
    """Work off one chapter's outbox."""
    working.work_chapter(chapter)
