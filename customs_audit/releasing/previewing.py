"""What a release or a withdrawal would change, worked out by doing it and undoing it.

The real statements run in a transaction that is rolled back, so that the figures are exact for
everything that a release decides at once: verdicts, 规范 / 不规范, the public set. What follows by the
outbox (系统匹配 of others, nearest contents) is not told beforehand. A preview says which state of the
data it was worked out on, and is worked out again once that has changed.
"""

import dataclasses
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from customs_audit.holding import Work, held
from customs_audit.models import RuleLevel, UploadRelease
from customs_audit.queueing import queue_preview, queue_withdrawal_preview
from customs_audit.releasing import figures
from customs_audit.releasing.rows import RowsFaulty, store_verdicts_of
from declarations.loading import silent
from declarations.models import ImportRun, Release
from declarations.releases import CannotWithdraw, release_verdicts, withdraw

logger = logging.getLogger(__name__)

# Up to so many rows a page works a preview out itself: as long as a release takes.
AT_ONCE = 1_000
# How long a page waits for somebody else's locks before it leaves the work to a worker.
WAIT_SECONDS = 3
# A preview of a withdrawal is kept so long, if nothing changes.
_KEEP_SECONDS = 3_600
# A worker is asked again for a preview that did not come.
_ASK_AGAIN_SECONDS = 60


def data_state() -> str:
    """Name the state of what a release meets: the last release, withdrawal, import, rule's level."""
    last = Release.objects.aggregate(released=Max("released_at"), withdrawn=Max("withdrawn_at"))
    last |= RuleLevel.objects.aggregate(level=Max("changed_at"))
    last |= ImportRun.objects.aggregate(run=Max("pk"))
    return "/".join(str(value or "") for value in last.values())


def is_fresh(preview: dict[str, Any] | None) -> bool:
    """Whether a preview was worked out on the data as they are."""
    return preview is not None and preview.get("state") == data_state()


# --- of a release ----------------------------------------------------------------------------------


def see_preview(release: UploadRelease) -> None:
    """See to it that a release that is 待复核 has a fresh preview, at once or by a worker.

    Small ones are worked out here; larger ones, and those whose data somebody holds, by a worker.
    """
    if release.state != UploadRelease.State.TO_REVIEW or is_fresh(release.preview):
        return
    if release.row_count <= AT_ONCE and _at_once(lambda: run_preview(release.pk)):
        release.refresh_from_db(fields=["preview", "state"])
    elif cache.add(f"preview-asked:{release.pk}", True, _ASK_AGAIN_SECONDS):
        queue_preview(release)


def run_preview(upload_release_id: int) -> bool:
    """Work out and store what a release would change; returns whether this call did it.

    Returns at once where another is at it, it is not 待复核 any more, or its preview is fresh.
    """
    with held(Work.PREVIEWING, upload_release_id) as is_free:
        found = UploadRelease.objects.filter(
            pk=upload_release_id, state=UploadRelease.State.TO_REVIEW
        )
        release = found.select_related("upload", "release").first()
        if not is_free or release is None or is_fresh(release.preview):
            return False
        state, began_at = data_state(), timezone.now()
        try:
            said = dataclasses.asdict(_changes_of_release(release))
        except RowsFaulty as faulty:
            said = {"faulty": str(faulty)}
        took = (timezone.now() - began_at).total_seconds()
        said |= {"state": state, "at": began_at.isoformat(), "seconds": round(took, 2)}
        found.update(preview=said)
        cache.delete(f"preview-asked:{release.pk}")
    return True


def _changes_of_release(release: UploadRelease) -> figures.ReleaseChanges:
    with _undone():
        counts = store_verdicts_of(release, silent)
        before = figures.Before.of(release.release)
        release_verdicts(release.release)
        return figures.changes_of_release(release.release, counts, before)


# --- of a withdrawal -------------------------------------------------------------------------------


def see_withdrawal_preview(release: Release) -> dict[str, Any] | None:
    """Return what a withdrawal would change; None while a worker works it out."""
    kept: dict[str, Any] | None = cache.get(_withdrawal_key(release.pk))
    if is_fresh(kept):
        return kept
    if release.verdicts.count() <= AT_ONCE and _at_once(lambda: run_withdrawal_preview(release.pk)):
        return cache.get(_withdrawal_key(release.pk))
    if cache.add(f"withdrawal-preview-asked:{release.pk}", True, _ASK_AGAIN_SECONDS):
        queue_withdrawal_preview(release)
    return None


def run_withdrawal_preview(release_id: int) -> bool:
    """Work out and keep what a withdrawal would change; returns whether this call did it."""
    with held(Work.WITHDRAWING, release_id) as is_free:
        release = Release.objects.filter(pk=release_id).first()
        if not is_free or release is None or not release.counts:
            return False
        state, began_at = data_state(), timezone.now()
        with suppress(CannotWithdraw):
            said = dataclasses.asdict(_changes_of_withdrawal(release))
            said |= {"state": state, "at": began_at.isoformat()}
            cache.set(_withdrawal_key(release_id), said, _KEEP_SECONDS)
            cache.delete(f"withdrawal-preview-asked:{release_id}")
            return True
    return False


def _changes_of_withdrawal(release: Release) -> figures.WithdrawalChanges:
    with _undone():
        before = figures.Before.of(release)
        withdraw(release, "预览")
        return figures.changes_of_withdrawal(release, before)


def _withdrawal_key(release_id: int) -> str:
    return f"withdrawal-preview:{release_id}"


# --- both ------------------------------------------------------------------------------------------


@contextmanager
def _undone() -> Iterator[None]:
    """Undo at the block's end whatever it has stored."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def _at_once(work: Any) -> bool:
    """Do a small piece of work within a page, unless somebody holds what it needs."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_SECONDS}s"])
            return bool(work())
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        return False
