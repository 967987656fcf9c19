"""企业消息 in a real browser: the sign, reading, a withdrawal, the way to the rows, by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from authorization.models import Role
from comparison.working import work_outbox
from declarations.releases import withdraw
from tests.factories import make_enterprise, make_user
from tests.world import TABLE, Party, Row, audit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGN = "#message-sign .new-sign"


@pytest.fixture
def enterprise():
    return make_enterprise("大连虚构家居有限公司")


@pytest.fixture
def september(enterprise):
    """A month with one 规范 and one 不规范 line, after a smaller month before it."""
    broker, ours = Party.of(make_enterprise("大连虚构报关行", broker=True)), Party.of(enterprise)
    audit("2026-08", Row(7, broker, ours))
    release = audit(
        "2026-09",
        Row(1, broker, ours),
        Row(2, broker, ours, TABLE, conforming=False),
    )
    work_outbox()
    return release


def test_an_operator_reads_a_message_and_goes_on_to_the_rows_behind_it(
    enterprise, september, open_as, shot
):
    page = open_as(make_user(enterprise=enterprise))
    expect(page.locator(SIGN)).to_contain_text("2")
    page.click("#message-sign")
    expect(page.locator("tbody .is-unread")).to_have_count(2)
    shot(page, "messages_list")
    page.click("text=2026年09月海关规范申报审核情况")
    expect(page.locator(".message-text")).to_contain_text(
        "贵企业作为申报单位被审核 0 条，不规范 0 条；作为收发货人被审核 2 条，不规范 1 条。"
    )
    expect(page.locator(SIGN)).to_contain_text("1")
    shot(page, "message_detail")
    page.click("text=查看作为收发货人的不规范数据")
    page.wait_for_url(re.compile(r"/library/\?"))
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text(TABLE.name)


def test_a_withdrawal_makes_a_read_message_new_again_and_tells_the_reason(
    enterprise, september, open_as, shot
):
    page = open_as(make_user(enterprise=enterprise), "/messages/")
    page.click("text=全部标记为已读")
    expect(page.locator(".notice-success")).to_contain_text("已将 2 条消息标记为已读")
    expect(page.locator(SIGN)).to_have_count(0)
    withdraw(september, "审核文件传错月份")
    page.reload()
    expect(page.locator(SIGN)).to_contain_text("1")
    page.click("text=2026年09月海关规范申报审核情况")
    expect(page.locator(".notice-warning")).to_contain_text("撤回原因：审核文件传错月份")
    expect(page.locator(".version-list li")).to_have_count(2)
    shot(page, "message_withdrawn")


def test_the_query_by_state_and_marking_one_work_without_javascript(enterprise, september, open_as):
    page = open_as(make_user(enterprise=enterprise), "/messages/", java_script_enabled=False)
    page.select_option("[name=state]", "unread")
    page.click("button:has-text('查询')")
    page.wait_for_url(re.compile("state=unread"))
    page.locator("tbody input[name=tick]").first.check()
    page.click("button:text-is('标记为已读')")
    page.wait_for_url(re.compile("state=unread"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.select_option("[name=state]", "read")
    page.click("button:has-text('查询')")
    page.wait_for_url(re.compile("state=read"))
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_message_is_reached_and_opened_by_keyboard(enterprise, september, open_as):
    page = open_as(make_user(enterprise=enterprise), "/messages/")
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/messages/\d+/"))


def test_an_officer_sees_releases_and_runs(september, open_as, shot):
    withdraw(september, "审核文件传错月份")
    page = open_as(make_user(Role.OFFICER), "/customs/releases/")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody tr").first).to_contain_text("原因：审核文件传错月份")
    shot(page, "releases")
    page.locator("tbody a").first.click()
    expect(page.locator("h1")).to_contain_text("2026-09 审核数据")
    page.click("nav >> text=比对运行")
    # Contents wait for the comparison after the withdrawal: the page looks again by itself.
    waiting = page.locator(".ticks-count .figures")
    expect(waiting).not_to_have_text("0")
    shot(page, "runs")
    work_outbox()
    expect(waiting).to_have_text("0", timeout=15_000)
    expect(page.locator("[hx-trigger]")).to_have_count(0)
