"""Celery tasks of the customs side: thin calls of what can be called without Celery."""

from celery import shared_task

from customs_audit import checking, queueing, releasing


@shared_task(name=queueing.CHECK_TASK, ignore_result=True)
def check_upload(upload_id: int) -> None:
    """Read and check one uploaded file."""
    checking.check_upload(upload_id)


@shared_task(name=queueing.RELEASE_TASK, ignore_result=True)
def run_release(upload_release_id: int) -> None:
    """Store the verdicts of one release."""
    releasing.run_release(upload_release_id)


@shared_task(name=queueing.PREVIEW_TASK, ignore_result=True)
def preview_release(upload_release_id: int) -> None:
    """Work out what one release would change."""
    releasing.run_preview(upload_release_id)


@shared_task(name=queueing.WITHDRAWAL_TASK, ignore_result=True)
def withdraw_release(release_id: int) -> None:
    """Take one release back."""
    releasing.run_withdrawal(release_id)


@shared_task(name=queueing.WITHDRAWAL_PREVIEW_TASK, ignore_result=True)
def preview_withdrawal(release_id: int) -> None:
    """Work out what one withdrawal would change."""
    releasing.run_withdrawal_preview(release_id)


@shared_task(name=queueing.LEVELS_TASK, ignore_result=True)
def apply_levels() -> None:
    """Judge rows that wait by rules whose level an administrator changed."""
    checking.apply_levels()


@shared_task(name=queueing.RESUME_TASK, ignore_result=True)
def resume() -> None:
    """Ask again for uploads and releases that nobody works at any more."""
    queueing.queue_lost()
