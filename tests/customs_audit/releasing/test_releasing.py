"""A release from its submission to its withdrawal: rows, verdicts, marks, who may, what is told."""

from dataclasses import replace

import pytest

from authorization.models import Role
from catalogue.models import Outbox
from comparison.models import Mark
from comparison.working import work_outbox
from customs_audit.models import UploadRelease, UploadRow
from customs_audit.releasing import (
    CannotRelease,
    approve,
    ask_for_withdrawal,
    give_back,
    prepare,
    run_release,
    run_withdrawal,
)
from declarations.models import AuditVerdict, Release
from declarations.releases import CannotWithdraw, withdraw
from messages_app.models import MessageVersion
from tests.customs_audit.releasing.uploads import make_upload, release_upload, states_of
from tests.factories import make_enterprise, make_user
from tests.world import SOFA, SOFA_OTHER_FACT, TABLE, Party, Row, audit, declare, mark_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def officers():
    return [make_user(Role.OFFICER, display_name=name) for name in ("王审核", "李复核")]


@pytest.fixture
def enterprise():
    return make_enterprise("大连虚构家居")


@pytest.fixture
def party(enterprise):
    return Party.of(enterprise)


class TestSubmitting:
    def test_all_clean_rows_are_taken_and_stand_in_one_release(self, officers, party):
        wrong = replace(TABLE, hs_code="12")
        upload = make_upload(
            "2026-09", Row(1, party, party), Row(2, party, party, wrong), by=officers[0]
        )
        submitted = prepare(upload, officers[0])
        assert (submitted.row_count, submitted.state) == (1, "to_review")
        assert submitted.submitted_by == officers[0]
        assert states_of(upload) == {"in_release": 1, "faulty": 1}
        assert submitted.release.released_at is None and not AuditVerdict.objects.exists()
        with pytest.raises(CannotRelease, match="没有“待发布”的行"):
            prepare(upload, officers[0])
        assert UploadRelease.objects.count() == Release.objects.count() == 1

    def test_ticked_rows_alone_or_none_at_all(self, officers, party):
        upload = make_upload("2026-09", *(Row(n, party, party) for n in (1, 2, 3)))
        first = prepare(upload, officers[0], [2])
        assert first.row_count == 1
        with pytest.raises(CannotRelease, match="勾选的行中有 1 行已不是“待发布”"):
            prepare(upload, officers[0], [2, 3])
        assert states_of(upload) == {"in_release": 1, "clean": 2}
        assert prepare(upload, officers[0]).row_count == 2

    def test_what_is_not_checked_yet_cannot_be_submitted(self, officers, party):
        upload = make_upload("2026-09", Row(1, party, party))
        upload.state = "checking"
        upload.save()
        with pytest.raises(CannotRelease, match="“校验中”"):
            prepare(upload, officers[0])


class TestFourEyes:
    def test_neither_uploader_nor_submitter_releases(self, officers, party):
        third = make_user(Role.OFFICER)
        upload = make_upload("2026-09", Row(1, party, party), by=officers[0])
        submitted = prepare(upload, officers[1])
        for user, word in ((officers[0], "上传"), (officers[1], "提交")):
            with pytest.raises(CannotRelease, match=f"由您{word}，须由另一位海关人员复核发布"):
                approve(submitted, user)
        assert approve(submitted, third).state == "running"

    def test_one_officer_does_all_where_it_is_off(self, officers, party, settings):
        settings.AUDIT_FOUR_EYES = False
        upload = make_upload("2026-09", Row(1, party, party), by=officers[0])
        assert release_upload(upload, officers[0], officers[0]).state == "released"

    def test_returned_rows_are_clean_again_and_the_reason_stands(self, officers, party):
        upload = make_upload("2026-09", Row(1, party, party))
        submitted = prepare(upload, officers[0])
        with pytest.raises(CannotRelease, match="退回必须写明原因"):
            give_back(submitted, " ", officers[1])
        returned = give_back(submitted, "第 1 行\n请再核对", officers[1])
        assert (returned.state, returned.message) == ("returned", "第 1 行 请再核对")
        assert states_of(upload) == {"clean": 1}
        for again in (
            lambda: give_back(submitted, "再退", officers[1]),
            lambda: approve(submitted, officers[1]),
        ):
            with pytest.raises(CannotRelease, match="现在是“已退回”"):
                again()
        assert prepare(upload, officers[0]).state == "to_review"


class TestRunning:
    def test_verdicts_marks_messages_and_states_are_there_at_once(
        self, officers, party, enterprise
    ):
        declare(Row(1, party, party))
        upload = make_upload(
            "2026-09",
            Row(1, party, party),
            Row(2, party, party, TABLE, conforming=False),
            by=officers[0],
        )
        done = release_upload(upload, officers[0], officers[1])
        upload.refresh_from_db()
        assert (done.state, upload.state, states_of(upload)) == (
            "released",
            "done",
            {"released": 2},
        )
        assert (done.release.released_by, done.reviewed_by) == (officers[1], officers[1])
        assert mark_of(enterprise, SOFA) == Mark.CONFORMING
        assert mark_of(enterprise, TABLE) == Mark.NONCONFORMING
        message = MessageVersion.objects.get()
        assert (message.agent_audited, message.agent_nonconforming) == (2, 1)
        assert Outbox.objects.filter(cause="release", cause_id=done.release_id).exists()

    def test_a_verdict_leads_to_its_row_and_keeps_the_files_number(self, officers, party):
        upload = make_upload("2026-09", Row(7, party, party))
        done = release_upload(upload, *officers)
        verdict = AuditVerdict.objects.get()
        assert verdict.row_number == 2
        row = UploadRow.objects.get(
            release=verdict.release.of_upload,
            entry_id=verdict.line.entry_id,
            g_no=verdict.line.g_no,
        )
        assert row == upload.rows.get() and row.release == done

    def test_a_second_delivery_does_nothing(self, officers, party):
        done = release_upload(make_upload("2026-09", Row(1, party, party)), *officers)
        assert not run_release(done.pk)
        assert AuditVerdict.objects.count() == MessageVersion.objects.count() == 1

    def test_rows_that_have_errors_now_stop_it_and_stand_as_they_are(self, officers, party):
        upload = make_upload("2026-09", *(Row(n, party, party) for n in range(1, 8)))
        submitted = approve(prepare(upload, officers[0]), officers[1])
        row = upload.rows.get(number=3)
        row.cells["declared_on"] = "2026-12-31"
        row.save()
        assert run_release(submitted.pk)
        submitted.refresh_from_db()
        assert submitted.state == "failed"
        assert submitted.message.startswith("序号 3 共 1 行按现在的规则有错误，没有发布任何数据")
        assert states_of(upload) == {"clean": 6, "faulty": 1}
        assert not AuditVerdict.objects.exists() and not MessageVersion.objects.exists()

    def test_a_code_that_another_enterprise_holds_by_now_stops_it(self, officers, party):
        named = Party(code="2102260001", name="大连虚构贸易")
        upload = make_upload("2026-09", Row(1, named, named))
        submitted = approve(prepare(upload, officers[0]), officers[1])
        both = Party(uscc=party.uscc, code=named.code, name="大连虚构家居")
        declare(Row(9, both, both))
        row = upload.rows.get()
        row.cells["agent_uscc"] = make_enterprise().uscc
        row.save()
        assert run_release(submitted.pk)
        submitted.refresh_from_db()
        assert submitted.state == "failed" and "文件第 2 行：海关注册编码" in submitted.message

    def test_after_three_kills_it_gives_up_and_gives_the_rows_back(self, officers, party):
        upload = make_upload("2026-09", Row(1, party, party))
        submitted = approve(prepare(upload, officers[0]), officers[1])
        UploadRelease.objects.update(attempts=3)
        assert run_release(submitted.pk)
        submitted.refresh_from_db()
        assert submitted.state == "failed" and "连续 3 次中断" in submitted.message
        assert states_of(upload) == {"clean": 1}


class TestWithdrawing:
    def test_rows_are_to_mend_again_and_may_be_released_anew(self, officers, party, enterprise):
        declare(Row(1, party, party))
        upload = make_upload("2026-09", Row(1, party, party, conforming=False), by=officers[0])
        done = release_upload(upload, officers[0], officers[1])
        ask_for_withdrawal(done.release, "传错文件", officers[0])
        assert run_withdrawal(done.release_id) and not run_withdrawal(done.release_id)
        done.refresh_from_db()
        upload.refresh_from_db()
        assert (done.state, upload.state, states_of(upload)) == (
            "withdrawn",
            "to_mend",
            {"faulty": 1},
        )
        release = done.release
        assert (release.withdrawal_reason, release.withdrawn_by) == ("传错文件", officers[0])
        assert upload.rows.get().errors == 0
        work_outbox()
        assert mark_of(enterprise, SOFA) == Mark.UNMARKED
        newest = MessageVersion.objects.order_by("-number").first()
        assert (newest.cause, newest.agent_audited) == ("withdrawal", 0)
        UploadRow.objects.update(state="clean")
        upload.refresh_from_db()
        upload.state = "to_release"
        upload.save()
        assert release_upload(upload, officers[0], officers[1]).state == "released"

    def test_the_commands_withdrawal_gives_the_rows_back_too(self, officers, party):
        upload = make_upload("2026-09", Row(1, party, party))
        done = release_upload(upload, *officers)
        withdraw(done.release, "误传")
        done.refresh_from_db()
        assert (done.state, states_of(upload)) == ("withdrawn", {"faulty": 1})

    def test_it_is_refused_in_one_sentence(self, officers, party):
        done = release_upload(make_upload("2026-09", Row(1, party, party)), *officers)
        for reason, word in (("  ", "必须写明原因"), ("误传", ""), ("误传", "正在撤回")):
            if word:
                with pytest.raises(CannotWithdraw, match=word):
                    ask_for_withdrawal(done.release, reason, officers[0])
            else:
                ask_for_withdrawal(done.release, reason, officers[0])
        run_withdrawal(done.release_id)
        with pytest.raises(CannotWithdraw, match="已经撤回"):
            ask_for_withdrawal(done.release, "误传", officers[0])

    def test_one_that_a_command_released_is_taken_back_the_same_way(self, officers, party):
        release = audit("2026-09", Row(1, party, party, SOFA_OTHER_FACT))
        ask_for_withdrawal(release, "误传", officers[0])
        assert run_withdrawal(release.pk)
        release.refresh_from_db()
        assert release.withdrawn_at is not None
