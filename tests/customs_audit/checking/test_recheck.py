"""After any edits, checking the edited rows again gives what a full check of all cells gives."""

import pytest

from customs_audit.checking import recheck, refresh_state
from customs_audit.models import UploadRow
from tests.customs_audit.checking.uploads import check_rows, faults_of
from tests.declarations.files import audited_row

pytestmark = pytest.mark.django_db


def edit(upload, number, **cells):
    row = UploadRow.objects.get(upload=upload, number=number)
    row.cells |= cells
    row.save(update_fields=["cells"])
    recheck(upload, [number])


def test_a_mended_row_is_clean(tmp_path):
    upload = check_rows(tmp_path, [audited_row(1), audited_row(2, hs_code="1")])
    edit(upload, 2, hs_code="8482103000")
    refresh_state(upload)
    assert faults_of(upload) == set()
    assert UploadRow.objects.get(upload=upload, number=2).state == "clean"
    assert upload.state == "to_release"
