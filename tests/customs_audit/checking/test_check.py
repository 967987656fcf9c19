"""A check of an upload: what is stored, in which state it ends, what it says."""

import pytest
from django.db import connection

from customs_audit.checking import check_upload, sentence_of
from customs_audit.models import AuditUpload, UploadFault, UploadRow
from customs_audit.upload_queries import fault_counts, row_counts
from tests.customs_audit.checking.uploads import check, check_rows, faults_of, upload_of
from tests.declarations.files import audited_row, nonconforming_row, write_csv, write_xlsx

pytestmark = pytest.mark.django_db

State = AuditUpload.State


def test_sound_rows_wait_to_be_released(tmp_path):
    upload = check_rows(tmp_path, [audited_row(1), nonconforming_row(2)])
    assert upload.state == State.TO_RELEASE
    assert upload.rows_done == upload.rows_total == 2
    rows = list(UploadRow.objects.filter(upload=upload).order_by("number"))
    assert [row.state for row in rows] == ["clean", "clean"]
    assert [(row.number, row.row_number) for row in rows] == [(1, 2), (2, 3)]
    assert rows[0].cells["g_model"] == audited_row()["g_model"]
    assert (rows[0].entry_id, rows[0].g_no, rows[0].conforming) == ("090120251000000001", 1, True)
    assert rows[1].conforming is False
    assert rows[0].auditor == "李审核"


def test_faulty_rows_keep_their_faults_at_their_fields(tmp_path):
    upload = check_rows(tmp_path, [audited_row(1), audited_row(2, hs_code="1", trade_mode="x")])
    assert upload.state == State.TO_MEND
    assert faults_of(upload) == {
        (2, "hs_code.form", "hs_code"),
        (2, "trade_mode.form", "trade_mode"),
    }
    row = UploadRow.objects.get(upload=upload, number=2)
    assert (row.state, row.errors) == ("faulty", 2)
    fault = UploadFault.objects.get(row=row, field="hs_code")
    assert (fault.value, fault.level) == ("1", "error")
    assert sentence_of(fault) == "商品编号应为 10 位数字（带检验检疫编码时 13 位）；请改正。"


def test_it_counts_rows_by_state_and_faults_by_rule(tmp_path):
    upload = check_rows(
        tmp_path, [audited_row(1), audited_row(2, hs_code="1"), audited_row(3, g_name="零件")]
    )
    counts = row_counts(upload)
    assert (counts["clean"], counts["faulty"], sum(counts.values())) == (2, 1, 3)
    counted = [(one.rule, one.field, one.rows) for one in fault_counts(upload)]
    assert counted == [("hs_code.form", "hs_code", 1), ("g_name.vague", "g_name", 1)]


def test_the_planner_knows_the_rows_at_once(tmp_path):
    """A page that is opened at once must not wait for autovacuum's statistics."""
    upload = check_rows(tmp_path, [audited_row(1), audited_row(2, hs_code="1")])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT most_common_vals::text FROM pg_stats"
            " WHERE tablename = 'customs_audit_uploadrow' AND attname = 'upload_id'"
        )
        assert str(upload.pk) in cursor.fetchone()[0]


def test_an_upload_is_checked_once(tmp_path):
    upload = check_rows(tmp_path, [audited_row(1)])
    assert check_upload(upload.pk) is False
    assert UploadRow.objects.filter(upload=upload).count() == 1


def test_a_file_without_rows_is_refused_in_one_sentence(tmp_path):
    path = tmp_path / "none.csv"
    write_csv(path, [audited_row(1)])
    path.write_text(path.read_text("utf-8-sig").splitlines()[0], encoding="utf-8")
    upload = check(path)
    assert upload.state == State.REFUSED
    assert upload.message == "文件里没有数据行；请确认导出时选中了数据。"
    assert not UploadRow.objects.filter(upload=upload).exists()


def test_heads_and_lines_in_sheets_of_their_own_are_joined(tmp_path):
    head_fields = ["entry_id", "ie_flag", "trade_mode", "declared_on", "agent_uscc", "trader_uscc"]
    line_fields = ["entry_id", "g_no", "hs_code", "g_name", "g_model", "verdict"]
    rows = [audited_row(1), audited_row(2)]
    sheets = {
        "表头": [{name: rows[0][name] for name in head_fields}],
        "表体": [{name: row[name] for name in line_fields} for row in rows],
    }
    upload = check(write_xlsx(tmp_path / "joined.xlsx", sheets))
    assert upload.state == State.TO_MEND
    first, second = UploadRow.objects.filter(upload=upload).order_by("number")
    assert (first.state, first.cells["trade_mode"]) == ("clean", "0110")
    assert second.state == "faulty"
    missing = {(2, "cell.no_head", name) for name in ("ie_flag", "trade_mode", "declared_on")}
    assert missing <= faults_of(upload)


def test_an_upload_at_which_workers_died_too_often_is_given_up(tmp_path):
    path = write_csv(tmp_path / "data.csv", [audited_row(1)])
    upload = upload_of(path, attempts=3, state=State.CHECKING)
    assert check_upload(upload.pk)
    upload.refresh_from_db()
    assert upload.state == State.REFUSED
    assert "连续 3 次中断" in upload.message
