"""Real strings end to end: declared, audited, compared, opened element by element."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from comparison.working import work_outbox
from tests.factories import make_enterprise, make_user
from tests.shipped import load_shipped_headings
from tests.world import Party, Row, Text, audit, declare

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CIRCUIT = Text(
    "8542399000",
    "集成电路",
    "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G|无批号|量产|||非加密",
)
PART = Text(
    "8708309990",
    "制动软管",
    "4|3|适用于凌川牌LC7201小轿车|非成套散件,非毛坯件|非通用零件|凌川牌,LINGCHUAN牌|KK1C2420AE|S/KK1C2420AE",
)


@pytest.fixture
def broker():
    load_shipped_headings()
    return make_enterprise("大连虚构报关行有限公司", broker=True)


def open_only(page: Page, name: str) -> None:
    page.locator("tr", has_text=name).get_by_role("checkbox").check()
    page.get_by_role("button", name="申报要素详情").click()
    expect(page.get_by_role("heading", name="申报要素详情")).to_be_visible()


def shown(page: Page) -> dict[str, str]:
    """What the page shows: the element's name without its hint → its value."""
    found = {}
    for row in page.locator(".detail-table tbody tr").all():
        name = row.locator("th").inner_text().splitlines()[0].split("（")[0]
        found[name.strip()] = row.locator(".cell-value").inner_text().strip()
    return found


def test_a_circuit_of_an_older_list_is_placed_by_what_it_says(broker, open_as, shot):
    trader = make_enterprise("大连虚构电子有限公司")
    row = Row(1, Party.of(broker), Party.of(trader), CIRCUIT)
    declare(row)
    audit("2026-08", row)
    work_outbox()
    page = open_as(make_user(enterprise=trader), "/library/")
    open_only(page, "集成电路")
    values = shown(page)
    assert values["品牌类型"].startswith("4")
    assert values["出口享惠情况"].startswith("3")
    assert values["应用场景"] == "用于平板电脑"
    assert values["功能"] == "逻辑"
    assert values["是否封装"] == "已封装"
    assert values["是否切割"] == "未填报"
    assert values["品牌"] == "ON牌"
    assert values["型号"] == "NL27WZU04DTT1G"
    assert values["是否量产"] == "量产"
    assert "无批号" in values.values()
    assert "非加密" in values.values()
    shot(page, "elements_circuit")


def test_a_vehicle_part_with_shifted_parts_is_explained(broker, open_as, shot):
    row = Row(2, Party.of(broker), Party.of(broker), PART)
    declare(row)
    work_outbox()
    page = open_as(make_user(enterprise=broker), "/library/")
    open_only(page, "制动软管")
    values = shown(page)
    assert values["适用车型"] == "适用于凌川牌LC7201小轿车"
    assert values["品牌"] == "凌川牌,LINGCHUAN牌"
    assert values["零部件编号"] == "KK1C2420AE"
    assert page.locator(".element-badge", has_text="旧版要素").count() == 3
    assert "未对应要素" not in values
    shot(page, "elements_shifted")


def test_the_page_needs_no_script_and_leads_to_the_self_check(broker, open_as):
    declare(Row(3, Party.of(broker), Party.of(broker), CIRCUIT))
    work_outbox()
    page = open_as(make_user(enterprise=broker), "/library/", java_script_enabled=False)
    open_only(page, "集成电路")
    assert page.locator("[data-copy]:visible").count() == 0, "a button that does nothing"
    page.get_by_role("link", name="用此内容自检").click()
    expect(page.locator("[name=g_model]")).to_have_value(CIRCUIT.g_model)


def test_the_string_and_a_value_are_copied_as_they_stand(broker, open_as):
    other = make_enterprise()
    mine = Row(4, Party.of(broker), Party.of(broker), CIRCUIT)
    text = "4|3|用于手机|存储|已封装|已切割|海豚牌|HT-1|量产"
    declare(mine)
    audited = Row(5, Party.of(other), Party.of(other), replace(CIRCUIT, g_model=text))
    audit("2026-09", audited)
    work_outbox()
    allowed = ["clipboard-read", "clipboard-write"]
    page = open_as(make_user(enterprise=broker), "/library/", permissions=allowed)
    open_only(page, "集成电路")
    page.click(".copy-whole")
    expect(page.locator(".copy-whole")).to_have_text("已复制")
    assert page.evaluate("navigator.clipboard.readText()") == CIRCUIT.g_model
    page.get_by_role("button", name="复制“海豚牌”").click()
    assert page.evaluate("navigator.clipboard.readText()") == "海豚牌"
    # An intranet without HTTPS has no clipboard to write to.
    page.reload()
    page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.evaluate(
        "document.addEventListener('copy', () => { window.taken = document.activeElement.value; })"
    )
    page.click(".copy-whole")
    expect(page.locator(".copy-whole")).to_have_text("已复制")
    assert page.evaluate("window.taken") == CIRCUIT.g_model
