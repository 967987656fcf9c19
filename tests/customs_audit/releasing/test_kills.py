"""Workers killed in the last moment of a release and of a withdrawal: done again, nothing doubled."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from authorization.models import Role
from comparison.models import MarkHistory
from customs_audit.holding import Work, is_held
from customs_audit.models import UploadRelease
from customs_audit.releasing import approve, ask_for_withdrawal, prepare, run_withdrawal
from declarations.models import AuditVerdict, Release
from messages_app.models import MessageVersion
from tests.customs_audit.releasing.uploads import make_upload, states_of
from tests.factories import make_enterprise, make_user
from tests.threads import in_thread
from tests.worker import kill, running_worker, wait_until
from tests.world import Party, Row, declare

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]

ROWS = 30
OFTEN = {"UPLOADS_EVERY_SECONDS": "1"}


def waits_for_us() -> bool:
    """Whether some other connection waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


@contextmanager
def upload_held(upload):
    """Hold the upload's row, which a release and a withdrawal take last."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            "SELECT FROM customs_audit_auditupload WHERE id = %s FOR UPDATE", [upload.pk]
        )
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def test_killed_workers_leave_nothing_half_done_and_nothing_doubled(tmp_path):
    officers = [make_user(Role.OFFICER), make_user(Role.OFFICER)]
    party = Party.of(make_enterprise())
    rows = [Row(n, party, party, conforming=n % 3 > 0) for n in range(1, ROWS + 1)]
    declare(*rows[::2])
    upload = make_upload("2026-09", *rows)
    submitted = approve(prepare(upload, officers[0]), officers[1])
    # As if the minute had passed after which the queue is believed to have lost it.
    past = timezone.now() - timedelta(minutes=2)
    UploadRelease.objects.update(reviewed_at=past)

    with upload_held(upload), running_worker(tmp_path, **OFTEN) as worker:
        wait_until(waits_for_us, 90, "the release's last step", tmp_path)
        kill(worker)
    wait_until(lambda: not is_held(Work.RELEASING, submitted.pk), 30, "its end", tmp_path)
    submitted.refresh_from_db()
    assert (submitted.state, submitted.attempts) == ("running", 1)
    assert not AuditVerdict.objects.exists() and not MessageVersion.objects.exists()
    assert states_of(upload) == {"in_release": ROWS}

    with running_worker(tmp_path, **OFTEN) as worker:
        wait_until(lambda: states_of(upload) == {"released": ROWS}, 90, "the release", tmp_path)
        submitted.refresh_from_db()
        assert (submitted.state, submitted.attempts) == ("released", 2)
        assert AuditVerdict.objects.count() == ROWS
        assert MessageVersion.objects.count() == 1
        marks = MarkHistory.objects.filter(cause="release")
        assert marks.count() == marks.values("enterprise", "content").distinct().count() == 1
        with upload_held(upload):
            ask_for_withdrawal_beside(submitted.release, officers[0])
            wait_until(waits_for_us, 90, "the withdrawal's last step", tmp_path)
            kill(worker)
    number = submitted.release_id
    wait_until(lambda: not is_held(Work.WITHDRAWING, number), 30, "its end", tmp_path)
    assert not Release.objects.exclude(withdrawn_at=None).exists()
    assert states_of(upload) == {"released": ROWS} and MessageVersion.objects.count() == 1

    # What the next worker does.
    assert run_withdrawal(number) and not run_withdrawal(number)
    submitted.refresh_from_db()
    assert (submitted.state, states_of(upload)) == ("withdrawn", {"faulty": ROWS})
    assert MessageVersion.objects.count() == 2
    assert not AuditVerdict.objects.filter(counts_in_month=True).exists()


def ask_for_withdrawal_beside(release, officer) -> None:
    """Ask for it by another connection, for this one holds a row in a transaction."""
    errors = []
    in_thread(lambda: ask_for_withdrawal(release, "误传", officer), errors).join()
    assert errors == []
