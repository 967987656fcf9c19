"""Running a release: its rows become verdicts that count, in one transaction of one worker.

A worker holds the release by a lock of its connection, which goes with the worker. Verdicts, marks,
messages, the rows' states and the release's are one transaction: killed anywhere, all of it or
nothing is there, and the next worker either does it or finds it done.
"""

import logging

from django.db import OperationalError, transaction
from django.utils import timezone

from customs_audit.checking import recheck, refresh_state
from customs_audit.holding import Work, held
from customs_audit.models import UploadRelease, UploadRow
from customs_audit.releasing.preparing import lock_upload, rows_back
from customs_audit.releasing.progress import noting
from customs_audit.releasing.rows import RowsFaulty, store_verdicts_of
from declarations.releases import release_verdicts

logger = logging.getLogger(__name__)

# A release at which workers were killed as often is not tried again.
MOST_ATTEMPTS = 3
GAVE_UP = (
    f"发布时工作进程连续 {MOST_ATTEMPTS} 次中断，已停止，没有发布任何数据；"
    "各行已退回，请联系维护人员后重新提交。"
)
BROKE = "发布时系统出错，没有发布任何数据；各行已退回，请联系维护人员后重新提交。"

State = UploadRelease.State


def run_release(upload_release_id: int) -> bool:
    """Store and release the rows of a release that is 发布中; returns whether this call ended it.

    Returns at once where another worker is at it or it is done. Rows that have errors now end it
    with one sentence; they are then what the rules make of them. OperationalError (the database is
    gone, a deadlock) leaves it to be done again.
    """
    with held(Work.RELEASING, upload_release_id) as is_free:
        release = (
            UploadRelease.objects.select_related("upload", "release", "reviewed_by")
            .filter(pk=upload_release_id, state=State.RUNNING)
            .first()
        )
        if not is_free or release is None:
            return False
        if release.attempts >= MOST_ATTEMPTS:
            _fail(release, GAVE_UP)
            return True
        release.attempts, release.started_at = release.attempts + 1, timezone.now()
        release.save(update_fields=["attempts", "started_at"])
        try:
            with transaction.atomic():
                _run(release)
        except RowsFaulty as faulty:
            _fail(release, str(faulty))
        except OperationalError:
            raise
        except Exception:
            logger.exception("release %s", release.pk)
            _fail(release, BROKE)
    return True


def _run(release: UploadRelease) -> None:
    store_verdicts_of(release, noting(release))
    release_verdicts(release.release, release.reviewed_by)
    upload = lock_upload(release.upload_id)
    released = UploadRow.objects.filter(release=release, state=UploadRow.State.IN_RELEASE).update(
        state=UploadRow.State.RELEASED
    )
    ended = UploadRelease.objects.filter(pk=release.pk, state=State.RUNNING).update(
        state=State.RELEASED, ended_at=timezone.now()
    )
    if released != release.row_count or not ended:
        raise RuntimeError(f"release {release.pk} changed while it ran: {released} rows, {ended}")
    refresh_state(upload)


def _fail(release: UploadRelease, message: str) -> None:
    """End a release without verdicts; its rows are what the rules make of them now."""
    with transaction.atomic():
        ended = UploadRelease.objects.filter(pk=release.pk, state=State.RUNNING).update(
            state=State.FAILED, message=message, ended_at=timezone.now()
        )
        if ended:
            numbers = rows_back(release)
            upload = lock_upload(release.upload_id)
            recheck(upload, numbers)
            refresh_state(upload)
