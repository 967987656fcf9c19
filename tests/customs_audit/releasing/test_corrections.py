"""Corrections made on a page: an upload of one row, four eyes, the later release of its month."""

from dataclasses import replace

import pytest

from authorization.models import Role
from comparison.models import Mark
from comparison.working import work_outbox
from customs_audit.models import AuditUpload, UploadRelease, UploadRow
from customs_audit.releasing import (
    CannotRelease,
    approve,
    ask_for_withdrawal,
    give_back,
    run_release,
    run_withdrawal,
)
from customs_audit.releasing.corrections import CannotCorrect, Correction, cells_of, correct
from declarations.cell_json import from_json
from declarations.checks import Context, check_row
from declarations.models import AuditVerdict
from declarations.releases import withdraw
from tests.factories import client_for, make_enterprise, make_user
from tests.world import SOFA, SOFA_OTHER_FACT, Party, Row, audit, declare, mark_of

pytestmark = pytest.mark.django_db

WRONG = Correction(conforming=False, reason_codes=["R06"], reason_text="成分含量 填报不全")


@pytest.fixture
def officers():
    return [make_user(Role.OFFICER, display_name=name) for name in ("王审核", "李复核")]


@pytest.fixture
def enterprise():
    return make_enterprise("大连虚构家居")


@pytest.fixture
def party(enterprise):
    return Party.of(enterprise)


@pytest.fixture
def verdict(party) -> AuditVerdict:
    """Of a line that was declared with another text than the audited one."""
    row = Row(1, party, party)
    declare(row)
    return audit("2026-09", replace(row, text=SOFA_OTHER_FACT)).verdicts.get()


def release(submitted: UploadRelease, reviewer) -> UploadRelease:
    approve(submitted, reviewer)
    assert run_release(submitted.pk)
    submitted.refresh_from_db()
    assert submitted.state == "released", submitted.message
    return submitted


def test_a_verdicts_cells_are_read_as_the_row_that_it_came_from(verdict):
    cells = {name: from_json(cell) for name, cell in cells_of(verdict).items()}
    read = check_row(cells, Context(today=verdict.declared_on, audit_month=verdict.audit_month)).row
    assert (read.entry_id, read.g_no, read.g_model, read.conforming) == (
        verdict.line.entry_id,
        1,
        SOFA_OTHER_FACT.g_model,
        True,
    )
    assert (read.agent_uscc, read.declared_on) == (verdict.agent.uscc, verdict.declared_on)


def test_it_is_an_upload_of_one_row_that_a_second_officer_releases(verdict, officers, enterprise):
    submitted = correct(verdict, WRONG, officers[0])
    upload = submitted.upload
    assert (upload.source, upload.uploaded_by, upload.rows.count()) == (
        "correction",
        officers[0],
        1,
    )
    with pytest.raises(CannotRelease, match="须由另一位海关人员复核发布"):
        approve(submitted, officers[0])
    work_outbox()
    assert mark_of(enterprise, SOFA_OTHER_FACT) == Mark.CONFORMING
    release(submitted, officers[1])
    work_outbox()
    assert mark_of(enterprise, SOFA_OTHER_FACT) == Mark.NONCONFORMING
    new = AuditVerdict.objects.get(counts_in_month=True)
    assert (new.reason_codes, new.reason_text, new.auditor) == (
        ["R06"],
        "成分含量 填报不全",
        "王审核",
    )
    upload.refresh_from_db()
    assert upload.state == "done"
    ask_for_withdrawal(submitted.release, "误改", officers[0])
    run_withdrawal(submitted.release_id)
    work_outbox()
    assert mark_of(enterprise, SOFA_OTHER_FACT) == Mark.CONFORMING


def test_the_text_may_only_become_the_declared_one(verdict, officers, enterprise, party):
    wanted = Correction(conforming=True, takes_declared_text=True)
    release(correct(verdict, wanted, officers[0]), officers[1])
    work_outbox()
    assert mark_of(enterprise, SOFA) == Mark.CONFORMING
    assert mark_of(enterprise, SOFA_OTHER_FACT) == ""
    now = AuditVerdict.objects.get(counts_in_month=True)
    with pytest.raises(CannotCorrect, match="没有另外的申报文本"):
        correct(now, wanted, officers[0])


def test_what_is_no_correction_is_refused_and_stores_nothing(verdict, officers):
    for wanted, sentence in (
        (Correction(conforming=True), "没有改动任何内容"),
        (Correction(conforming=False), "审核结论：审核结论为不规范，但没有原因代码或原因说明"),
        (replace(WRONG, reason_text="字" * 1001), "原因说明：原因说明超过 1000 个字"),
    ):
        with pytest.raises(CannotCorrect, match=sentence):
            correct(verdict, wanted, officers[0])
    assert not AuditUpload.objects.exists() and not UploadRelease.objects.exists()


def test_only_one_at_a_time_and_only_of_what_counts(verdict, officers):
    submitted = correct(verdict, WRONG, officers[0])
    with pytest.raises(CannotCorrect, match=f"待复核或发布中（发布 {submitted.release_id}）"):
        correct(verdict, WRONG, officers[1])
    give_back(submitted, "理由不足", officers[1])
    again = correct(verdict, WRONG, officers[0])
    assert list(UploadRow.objects.order_by("pk").values_list("state", "set_aside_reason")) == [
        ("set_aside", "由之后的更正代替。"),
        ("in_release", ""),
    ]
    release(again, officers[1])
    with pytest.raises(CannotCorrect, match="被本月之后的发布替代"):
        correct(verdict, WRONG, officers[0])
    withdraw(verdict.release, "误传")
    with pytest.raises(CannotCorrect, match="已被撤回"):
        correct(verdict, WRONG, officers[0])


def test_the_page_shows_the_verdict_takes_a_correction_and_shows_it_to_the_reviewer(
    verdict, officers
):
    client = client_for(officers[0])
    url = f"/customs/verdicts/{verdict.pk}/correct/"
    page = client.get(url).content.decode()
    assert SOFA_OTHER_FACT.g_model in page and SOFA.g_model in page and "改为申报文本" in page
    page = client.post(url, {"verdict": "不规范"}).content.decode()
    assert "更正没有提交" in page and "没有原因代码或原因说明" in page
    assert "请选择审核结论。" in client.post(url, {}).content.decode()
    sent = {"verdict": "不规范", "reason_codes": ["R06"], "reason_text": "成分 <b>"}
    response = client.post(url, sent, follow=True)
    page = response.content.decode()
    assert "更正已提交复核" in page and "成分 &lt;b&gt;" in page and "更正前" in page
    assert "已有一次更正在待复核" in client.get(url).content.decode()
    assert "已有一次更正在待复核" in client.post(url, sent).content.decode()
    assert UploadRelease.objects.count() == 1
