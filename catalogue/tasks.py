"""Celery tasks of the catalogue: thin calls of catalogue/uploads.py."""

from celery import shared_task

from catalogue import uploads


@shared_task(name=uploads.IMPORT_TASK, ignore_result=True)
def import_file(upload_id: int) -> None:
    """Read one uploaded catalogue file."""
    uploads.work_upload(upload_id)


@shared_task(name="catalogue.resume_imports", ignore_result=True)
def resume_imports() -> None:
    """Ask again for uploads that nobody works at any more."""
    for upload_id in uploads.lost_uploads():
        # One that waits longer than this is asked for again anyway.
        import_file.apply_async([upload_id], expires=60)
