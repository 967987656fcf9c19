"""Taking a release back whole: asked for on a page with a reason, done by a worker.

`declarations.releases.withdraw` restores what counts, and its listeners marks, publications and
messages, in one transaction; the rows of the upload follow in the same one, whoever began it.
"""

import logging
from typing import Any

from django.db import transaction
from django.dispatch import receiver

from authorization.models import User
from catalogue.models import Outbox
from customs_audit.checking import refresh_state
from customs_audit.holding import Work, held
from customs_audit.models import UploadRelease, UploadRow
from customs_audit.queueing import queue_withdrawal
from customs_audit.releasing.preparing import lock_upload
from declarations.models import Release
from declarations.releases import ask_withdrawal, verdicts_changed, withdraw

logger = logging.getLogger(__name__)


def ask_for_withdrawal(release: Release, reason: str, user: User | None) -> None:
    """Have a worker take a release back. Raises CannotWithdraw."""
    with transaction.atomic():
        ask_withdrawal(release, reason, user)
        transaction.on_commit(lambda: queue_withdrawal(release))


def run_withdrawal(release_id: int) -> bool:
    """Take back a release that this was asked for; returns whether this call did it.

    Returns at once where another worker is at it or it is done. Whatever breaks leaves it to be
    done again: beat asks until it is done.
    """
    with held(Work.WITHDRAWING, release_id) as is_free:
        release = (
            Release.objects.select_related("withdrawal_asked_by")
            .filter(pk=release_id, withdrawal_asked_at__isnull=False, withdrawn_at=None)
            .first()
        )
        if not is_free or release is None:
            return False
        withdraw(release, release.withdrawal_reason, release.withdrawal_asked_by)
    return True


@receiver(verdicts_changed)
def take_rows_back(
    sender: type[Release], release: Release, cause: Outbox.Cause, **kwargs: Any
) -> None:
    """Let the rows of a withdrawn release be 待修正 again, in the withdrawal's transaction."""
    if cause != Outbox.Cause.WITHDRAWAL:
        return
    found = UploadRelease.objects.filter(release=release).first()
    if found is None:
        return
    upload = lock_upload(found.upload_id)
    UploadRow.objects.filter(release=found).update(state=UploadRow.State.FAULTY, release=None)
    UploadRelease.objects.filter(pk=found.pk).update(state=UploadRelease.State.WITHDRAWN)
    refresh_state(upload)
