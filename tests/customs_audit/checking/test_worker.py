"""An upload checked by a real worker, killed in the middle of it: another goes on, nothing is doubled."""

import pytest
from django.db.models import Count

from customs_audit.models import AuditUpload, UploadFault, UploadRow
from customs_audit.queueing import queue_check
from tests.customs_audit.checking.uploads import upload_of
from tests.declarations.files import audited_row, write_csv
from tests.worker import kill, running_worker, start_worker, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]

ROWS = 20_000
FAULTY = range(1, ROWS + 1, 100)


@pytest.mark.slow
def test_a_worker_killed_during_a_check_is_followed_by_another_and_nothing_is_doubled(
    settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "files"
    rows = [audited_row(n, trade_mode="x" if n in FAULTY else "0110") for n in range(1, ROWS + 1)]
    upload = upload_of(write_csv(tmp_path / "data.csv", rows))

    def now() -> AuditUpload:
        return AuditUpload.objects.get(pk=upload.pk)

    environment = {"PORTAL_VAR": str(tmp_path), "UPLOADS_EVERY_SECONDS": "1"}
    worker = start_worker(tmp_path, **environment)
    queue_check(upload)
    wait_until(lambda: now().rows_done > 0, 120, "the first rows", tmp_path)
    kill(worker)
    held = now()
    assert held.state == AuditUpload.State.CHECKING, "it was too quick to be killed"
    assert 0 < held.rows_done < ROWS
    assert not UploadRow.objects.exists()
    with running_worker(tmp_path, **environment):
        wait_until(lambda: now().state == "to_mend", 180, "the end by another worker", tmp_path)
    held = now()
    assert (held.attempts, held.rows_done, held.rows_total) == (2, ROWS, ROWS)
    assert UploadRow.objects.filter(upload=upload).count() == ROWS
    assert not UploadRow.objects.values("number").annotate(n=Count("pk")).filter(n__gt=1).exists()
    assert UploadRow.objects.filter(state="faulty").count() == len(FAULTY)
    assert UploadFault.objects.filter(rule="trade_mode.form").count() == len(FAULTY)
