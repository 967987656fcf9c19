"""The officer's paths: conflicts and their verdicts; a run that is cancelled and retried; failures."""

import re
from dataclasses import replace

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from authorization.models import Role
from comparison.failures import code_version
from comparison.models import ComparisonRun, FailedContent, RunPiece
from comparison.working import work_outbox
from tests.factories import make_enterprise, make_user
from tests.world import SOFA, TABLE, Party, Row, audit, content, declare

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


@pytest.fixture
def conflicts():
    broker = Party.of(make_enterprise("大连虚构报关行有限公司", broker=True))
    traders = [Party.of(make_enterprise(f"大连虚构{word}家居有限公司")) for word in "东南西北"]
    long = replace(
        SOFA,
        g_model="0|3|家居用，客厅及卧室摆放|100%涤纶绒布面|落叶松木框架|装软垫|无品牌|型号 SF-2206",
    )
    audit("2026-08", Row(1, broker, traders[0]), Row(2, broker, traders[0], conforming=False))
    audit(
        "2026-09",
        *(Row(10 + n, broker, t, TABLE, conforming=n % 2 == 0) for n, t in enumerate(traders)),
        *(Row(20 + n, t, t, long, conforming=n != 3) for n, t in enumerate(traders)),
    )
    declare(*(Row(30 + n, broker, traders[n % 4], TABLE) for n in range(9)))
    work_outbox()


def test_an_officer_finds_the_widest_conflict_and_looks_at_its_verdicts(
    officer, conflicts, open_as, shot
):
    page = open_as(officer, "/customs/releases/")
    page.click("nav >> text=结论冲突")
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("tbody tr").first).to_contain_text(TABLE.name)
    shot(page, "conflicts_list")
    page.select_option("[name=audit_month]", label="2026-08")
    page.click("#query-form button[type=submit]")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.locator("tbody tr").first.locator("text=查看结论").click()
    expect(page.locator("h1")).to_have_text("结论冲突详情")
    expect(page.locator(".list-table tbody tr")).to_have_count(4)
    shot(page, "conflict_detail")
    page.locator("text=/发布 \\d+/").first.click()
    expect(page.locator("h1")).to_contain_text("2026-09 审核数据")


def test_an_officer_cancels_a_run_and_retries_it(officer, open_as, shot):
    run = ComparisonRun.objects.create(scope="full", contents_total=41_700, contents_done=23_904)
    ComparisonRun.objects.create(
        scope="increment", chapter="94", state="done", contents_total=120, contents_done=120,
        failed_contents=1, ended_at=timezone.now(),
    )  # fmt: skip
    for number, state in enumerate(["done", "running", "waiting"], 1):
        RunPiece.objects.create(
            run=run, number=number, chapter="84", first_code=f"84{number}10000",
            last_code=f"84{number}99000", state=state, contents_total=10_000,
            contents_done={"done": 10_000, "running": 3_904}.get(state, 0),
            worker="" if state == "waiting" else f"host{number}:4711", taken=int(state != "waiting"),
            seconds=30.2, python_seconds=12.4,
        )  # fmt: skip
    page = open_as(officer, "/customs/runs/")
    shot(page, "runs_list")
    page.click(f"tbody >> a:text-is('{run.pk}')")
    expect(page.locator("#run-title")).to_have_text("进行中")
    shot(page, "run_detail")
    page.click("text=取消运行")
    expect(page.locator("body")).to_contain_text(f"运行 {run.pk} 已取消")
    expect(page.locator("#run-title")).to_have_text("已取消")
    page.get_by_role("button", name="重试").click()
    expect(page.locator("#run-title")).to_have_text(re.compile("等待|进行中"))
    # It looks again by itself.
    ComparisonRun.objects.filter(pk=run.pk).update(state="done", contents_done=41_700)
    expect(page.locator("#run-title")).to_have_text("完成", timeout=10_000)


def test_an_officer_has_a_failed_content_tried_again_by_keyboard(officer, conflicts, open_as, shot):
    FailedContent.objects.create(
        content=content(SOFA), error="ValueError: 规格型号第 3 项无法读取", version=code_version()
    )
    page = open_as(officer, "/customs/runs/")
    page.click("text=比对失败的内容 1 条")
    shot(page, "failures_list")
    page.focus("[name=tick]")
    page.keyboard.press("Space")
    page.get_by_role("button", name="重试").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("1 条内容将在后台重新比对")
    expect(page.locator("tbody")).to_contain_text("等待重试")
