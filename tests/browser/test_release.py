"""A release's whole path: submitted, returned, released by a second officer, seen by the enterprise, withdrawn."""

import re

import pytest
from playwright.sync_api import expect

from authorization.models import Role
from comparison.working import work_outbox
from customs_audit import queueing
from customs_audit.models import UploadRelease
from customs_audit.releasing import run_release, run_withdrawal
from declarations.models import AuditVerdict
from tests.customs_audit.releasing.uploads import make_upload
from tests.factories import make_enterprise, make_user
from tests.world import SOFA_OTHER_FACT, TABLE, Party, Row, audit, declare

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    """The test does a worker's work itself, when it wants to."""
    monkeypatch.setattr(queueing.current_app, "send_task", lambda *args, **options: None)


def test_two_officers_release_and_withdraw_and_the_enterprise_sees_it(visit, shot):
    first = make_user(Role.OFFICER, display_name="王审核")
    second = make_user(Role.OFFICER, display_name="李复核")
    enterprise = make_enterprise("大连虚构家居有限公司")
    party, broker = Party.of(enterprise), Party.of(make_enterprise("大连虚构报关行", broker=True))
    declare(
        Row(1, broker, party), Row(2, party, party, TABLE), Row(3, broker, party, SOFA_OTHER_FACT)
    )
    audit("2026-08", Row(2, party, party, TABLE))
    work_outbox()
    upload = make_upload(
        "2026-09",
        Row(1, broker, party),
        Row(2, party, party, TABLE, conforming=False),
        Row(4, broker, party, SOFA_OTHER_FACT),
        by=first,
    )

    page = visit(f"/customs/uploads/{upload.pk}/", first)
    shot(page, "officer_upload_to_release")
    page.click("text=提交全部 3 行待发布的数据")
    expect(page.locator("h1")).to_contain_text("2026-09 审核数据")
    expect(page.locator("body")).to_contain_text("须由另一位海关人员复核发布")
    expect(page.get_by_role("button", name="复核发布")).to_be_disabled()
    shot(page, "officer_release_submitted")

    reviewer = visit("/customs/releases/", second)
    expect(reviewer.locator("tbody tr").first).to_contain_text("待复核")
    shot(reviewer, "officer_releases")
    reviewer.locator("tbody tr").first.get_by_role("link", name="复核").click()
    expect(reviewer.locator(".changes-marks tbody tr")).to_have_count(2)
    reviewer.get_by_role("button", name="复核发布").click()
    expect(reviewer.locator("#state-title")).to_have_text("发布中")
    shot(reviewer, "officer_release_running")
    submitted = UploadRelease.objects.get()
    assert run_release(submitted.pk)
    # The page asks by itself.
    expect(reviewer.locator("#state-title")).to_have_text("已发布", timeout=10_000)
    work_outbox()

    operator = visit("/library/?mark=nonconforming", make_user(enterprise=enterprise))
    expect(operator.locator("tbody tr")).to_have_count(1)
    expect(operator.locator("tbody tr")).to_contain_text(TABLE.name)

    verdict = AuditVerdict.objects.get(release=submitted.release_id, conforming=False)
    page.goto(f"/customs/verdicts/{verdict.pk}/correct/")
    shot(page, "officer_correct")

    reviewer.click("text=撤回整次发布")
    expect(reviewer.locator("#changes-title")).to_have_text("撤回会改变什么")
    shot(reviewer, "officer_withdraw")
    reviewer.fill("[name=reason]", "结论录入有误，将重新审核")
    reviewer.get_by_role("button", name="确认撤回").click()
    expect(reviewer.locator("#state-title")).to_have_text("撤回中")
    assert run_withdrawal(submitted.release_id)
    expect(reviewer.locator("#state-title")).to_have_text("已撤回", timeout=10_000)
    shot(reviewer, "officer_release_withdrawn")
    work_outbox()

    operator.reload()
    expect(operator.locator("body")).to_contain_text("没有符合条件的数据")
    operator.goto("/messages/")
    operator.locator("tbody a").first.click()
    expect(operator.locator(".message-text")).to_contain_text(
        re.compile("撤回原因：结论录入有误，将重新审核")
    )
    shot(operator, "operator_message_withdrawn")
