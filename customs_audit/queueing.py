"""Having workers check uploads and run releases, and finding again what the queue lost.

What is to be done stands in the database; the queue only says that it may be done now. So a queue
that can't be reached, forgets or delivers twice changes nothing: beat asks again, and a worker
holds what it works at (holding.py).
"""

import logging
from datetime import timedelta

from celery import current_app
from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError as QueueError

from customs_audit.holding import Work, is_held
from customs_audit.models import AuditUpload, RuleLevel, UploadRelease
from declarations.models import Release

logger = logging.getLogger(__name__)

CHECK_TASK = "customs_audit.check_upload"
RELEASE_TASK = "customs_audit.run_release"
WITHDRAWAL_TASK = "customs_audit.withdraw_release"
PREVIEW_TASK = "customs_audit.preview_release"
WITHDRAWAL_PREVIEW_TASK = "customs_audit.preview_withdrawal"
LEVELS_TASK = "customs_audit.apply_levels"
RESUME_TASK = "customs_audit.resume"

# Up to here an upload or a release is done in seconds and goes where operators' work is done;
# larger ones wait behind the comparison, so that a monthly run never blocks anybody: files in a queue
# of their own, which only workers take who have the folder of uploads.
SMALL_FILE = 2 * 2**20  # bytes
SMALL_RELEASE = 5_000  # rows
# What waits is asked for again after this time, in case the queue lost it.
LOST_AFTER = timedelta(seconds=60)
# One that waited longer in the queue than this was asked for again meanwhile.
EXPIRES = 60  # seconds

UploadState = AuditUpload.State
ReleaseState = UploadRelease.State


def queue_check(upload: AuditUpload) -> None:
    """Have a worker check an upload; call it after the transaction that stored it.

    Whoever queues anew (headings confirmed) sets the state back to 已上传 first.
    """
    is_small = upload.file_size <= SMALL_FILE
    _send(CHECK_TASK, upload.pk, "interactive" if is_small else "files")


def queue_release(release: UploadRelease) -> None:
    """Have a worker run a release that is 发布中; call it after the transaction that said so."""
    _send(RELEASE_TASK, release.pk, _queue_for(release.row_count))


def queue_preview(release: UploadRelease) -> None:
    """Have a worker work out what a release would change; a page asks again while it is not there."""
    _send(PREVIEW_TASK, release.pk, _queue_for(release.row_count))


def queue_withdrawal(release: Release) -> None:
    """Have a worker take back a release that this was asked for."""
    _send(WITHDRAWAL_TASK, release.pk, _queue_for(release.verdicts.count()))


def queue_withdrawal_preview(release: Release) -> None:
    """Have a worker work out what a withdrawal would change; a page asks again."""
    _send(WITHDRAWAL_PREVIEW_TASK, release.pk, _queue_for(release.verdicts.count()))


def queue_levels() -> None:
    """Have a worker judge rows by rules whose level changed; call it after that transaction."""
    _send(LEVELS_TASK, None, "batch")


def queue_lost() -> int:
    """Ask again for what nobody works at though it waits; returns how many were asked for.

    Their worker was killed, or the queue lost them.
    """
    lost_uploads = _lost_uploads()
    lost_releases = _lost_releases()
    lost_withdrawals = _lost_withdrawals()
    if RuleLevel.objects.filter(applied_at=None, changed_at__lt=timezone.now() - LOST_AFTER):
        queue_levels()
    for upload in lost_uploads:
        queue_check(upload)
    for release in lost_releases:
        queue_release(release)
    for withdrawal in lost_withdrawals:
        queue_withdrawal(withdrawal)
    return len(lost_uploads) + len(lost_releases) + len(lost_withdrawals)


def _lost_uploads() -> list[AuditUpload]:
    since = timezone.now() - LOST_AFTER
    waiting = AuditUpload.objects.filter(
        Q(state=UploadState.CHECKING) | Q(state=UploadState.RECEIVED, uploaded_at__lt=since)
    )
    waiting = waiting.exclude(file="").only("pk", "state", "file_size").order_by("pk")
    return [
        upload for upload in waiting if _is_due(upload) and not is_held(Work.CHECKING, upload.pk)
    ]


def _is_due(upload: AuditUpload) -> bool:
    """Whether to ask again: one that only waits, once in the time that an asking lasts."""
    if upload.state == UploadState.CHECKING:
        return True
    return bool(cache.add(f"upload-asked-{upload.pk}", True, EXPIRES))


def _lost_releases() -> list[UploadRelease]:
    since = timezone.now() - LOST_AFTER
    running = UploadRelease.objects.filter(state=ReleaseState.RUNNING)
    running = running.filter(Q(reviewed_at=None) | Q(reviewed_at__lt=since))
    running = running.only("pk", "row_count").order_by("pk")
    return [release for release in running if not is_held(Work.RELEASING, release.pk)]


def _lost_withdrawals() -> list[Release]:
    since = timezone.now() - LOST_AFTER
    asked = Release.objects.filter(withdrawal_asked_at__lt=since, withdrawn_at=None).order_by("pk")
    return [release for release in asked if not is_held(Work.WITHDRAWING, release.pk)]


def _queue_for(rows: int) -> str:
    return "interactive" if rows <= SMALL_RELEASE else "batch"


def _send(task: str, number: int | None, queue: str) -> None:
    """Tell the queue; one that can't be reached loses nothing, since beat asks again."""
    try:
        current_app.send_task(
            task, [] if number is None else [number], queue=queue, expires=EXPIRES, retry=False
        )
    except QueueError as error:
        logger.warning("队列暂时连不上，%s %s 将由定时任务补上：%s", task, number, error)
