"""An operator's path through the 企业库, in a real browser, by mouse and by keyboard."""

import re
from datetime import date

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from comparison.models import Publication
from comparison.working import work_outbox
from tests.cards import revoke
from tests.enterprise_lib.library import BEARING, Library, make_library
from tests.shipped import load_shipped_headings
from tests.world import SOFA, Party, Row, Text, content, declare, mark_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TICKED = "[data-ticks-number]"
MORE = [
    Text("8481804090", "不锈钢球阀", "4|3|手动|输水管道用|不锈钢|VALVO牌|Q41F-16P"),
    Text("3926909090", "塑料扎带", "0|3|捆扎用|尼龙|无品牌|无型号"),
    Text("0306329000", "冻帝王蟹", "0|3|冻|整只|无品牌|10千克/箱"),
    Text("8517629990", "工业以太网交换机", "4|3|用于工业现场通信|数据交换|NETZO牌|NX-208G|无需入网许可"),
    Text("7318151001", "内六角高强度螺栓", "1|0|合金钢|抗拉强度830兆帕|FASTA牌|M24×110"),
]  # fmt: skip


@pytest.fixture
def library() -> Library:
    """The small library with 30 more lines, so that there are pages to turn."""
    load_shipped_headings()
    library = make_library()
    broker, trader = Party.of(library.broker), Party.of(library.trader)
    declare(
        *[
            Row(100 + n, broker, trader, MORE[n % len(MORE)], date(2026, 1, 1 + n % 28))
            for n in range(30)
        ]
    )
    work_outbox()
    return library


def tick(page: Page, key: str) -> None:
    page.check(f"input[name=tick][value={key}]")


def ticks(page: Page) -> list[str]:
    return page.eval_on_selector_all(
        "input[name=tick]:checked", "boxes => boxes.map(box => box.value)"
    )


def notice(page: Page) -> str:
    return page.locator(".notice-text").first.inner_text()


def test_a_query_is_a_url_that_can_be_kept_and_reset(library, open_as, shot):
    page = open_as(library.user, "/library/")
    shot(page, "library_list")
    page.check("text=未标记")
    page.fill("[name=hs_code]", "8482")
    page.select_option("[name=role]", label="申报单位")
    page.click("button:has-text('查询')")
    page.wait_for_url(re.compile("hs_code=8482"))
    expect(page.locator("tbody tr")).to_have_count(2)
    kept = page.url
    page.click("a:has-text('重置')")
    expect(page.locator(".pager-total strong")).to_have_text("39")
    page.goto(kept)
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_label("未标记")).to_be_checked()
    assert page.input_value("[name=hs_code]") == "8482"


def test_ticks_over_pages_and_the_detail_of_just_one(library, open_as, shot):
    page = open_as(library.user, "/library/?sort=-declared_on")
    tick(page, library.key("unmarked"))
    page.click("a[aria-label='第 2 页']")
    page.wait_for_url(re.compile("page=2"))
    tick(page, page.locator("input[name=tick]").first.get_attribute("value"))
    expect(page.locator(TICKED)).to_have_text("2")
    page.click("text=申报要素详情")
    assert "只能选择一行，现在勾选了 2 行" in notice(page)
    assert "page=2" in page.url, "the same page of the same query"
    assert len(ticks(page)) == 1, "the ticks are kept"
    shot(page, "library_two_ticked")
    page.uncheck("input[name=tick]:checked")
    page.click("text=申报要素详情")
    page.wait_for_url(re.compile(f"{library.key('unmarked')}/elements/"))
    main = page.locator("main")
    expect(main.get_by_text("4|3|深沟球|SKODO牌|6204")).to_be_visible()
    expect(main.get_by_role("row", name=re.compile("品牌类型.*境外品牌"))).to_be_visible()
    shot(page, "library_elements")
    page.click("a:has-text('返回列表')")
    page.wait_for_url(re.compile("page=2"))
    expect(page.locator(TICKED)).to_have_text("1")
    page.click("[data-ticks-clear]")
    page.click("text=申报要素详情")
    assert "请先在列表中勾选数据" in notice(page)


def test_why_a_row_is_marked(library, open_as, shot):
    page = open_as(library.user, "/library/?mark=system_matched")
    page.click("text=为何如此标记")
    expect(page.locator(".why-sentence")).to_contain_text("仅填报形式不同")
    expect(page.locator("main").get_by_text("逐项比对")).to_be_visible()
    shot(page, "library_why")
    page.click("a:has-text('返回列表')")
    page.wait_for_url(re.compile("mark=system_matched"))


def test_self_selection_by_the_rows_button_and_for_ticked_rows(library, open_as, shot):
    page = open_as(library.user, "/library/?keyword=轴承")
    key = library.key("unmarked")
    row = page.locator(f"tr:has(input[value={key}])")
    row.get_by_role("button", name="设为自选").click()
    assert "设为自选" in notice(page)
    expect(row.locator(".mark")).to_have_text("企业自选")
    shot(page, "library_selected")
    assert mark_of(library.broker, BEARING) == "self_selected"
    tick(page, key)
    page.locator(".toolbar").get_by_role("button", name="取消自选").click()
    assert "取消自选" in notice(page)
    assert ticks(page) == [], "done: the ticks are forgotten"
    assert mark_of(library.broker, BEARING) == "unmarked"
    page.goto("/library/?mark=conforming")
    tick(page, library.key("conforming"))
    page.locator(".toolbar").get_by_role("button", name="设为自选").click()
    assert "以海关审核结论为准" in notice(page)
    assert ticks(page) == [library.key("conforming")], "refused: the ticks stay"


def test_publication_is_set_for_ticked_rows(library, open_as, shot):
    page = open_as(library.user, "/library/?mark=conforming")
    page.check("[data-tick-all]")
    page.locator(".toolbar").get_by_role("button", name="设为不公开").click()
    assert "设为不公开" in notice(page)
    expect(page.locator("td:text-is('不公开')")).to_have_count(3)
    choices = library.broker.choices.filter(content=content(SOFA))
    assert choices.get().publication == Publication.PRIVATE
    page.locator("tbody tr").first.get_by_role("button", name="设为公开").click()
    expect(page.locator("td:text-is('公开')").first).to_be_visible()
    shot(page, "library_publication")


def test_the_export_is_the_shown_page(library, open_as, tmp_path):
    page = open_as(library.user, "/library/?sort=hs_code&page=2")
    shown = page.locator("tbody tr").count()
    first = page.locator("tbody tr").first.locator("td").nth(2).inner_text()
    with page.expect_download() as download:
        page.click("text=导出本页数据")
    path = tmp_path / "page.xlsx"
    download.value.save_as(path)
    assert download.value.suggested_filename.startswith("企业库_第2页_")
    sheet = openpyxl.load_workbook(path).active
    assert sheet.max_row == shown + 1
    assert sheet.cell(2, 3).value == first


@pytest.mark.parametrize("click", ["a page", "a part", "the export", "a form"])
def test_after_a_revocation_the_next_click_leads_to_the_notice(library, open_as, shot, click):
    page = open_as(library.user, "/library/?mark=system_matched")
    page.check("[data-tick-all]")
    revoke(library.broker)
    if click == "a page":
        page.get_by_role("navigation", name="功能菜单").get_by_role("link", name="公共库").click()
    elif click == "a part":
        page.get_by_role("button", name="查询").click()
    elif click == "the export":
        page.click("text=导出本页数据")
    else:
        page.locator(".toolbar").get_by_role("button", name="设为自选").click()
    expect(page.get_by_role("heading", name="贵企业的授权已撤销")).to_be_visible()
    not_taken = page.get_by_role("alert").filter(has_text="没有处理，也没有保存")
    expect(not_taken).to_have_count(1 if click == "a form" else 0)
    if click == "a form":
        shot(page, "unauthorized-not-taken")


def test_a_wrong_query_is_told_and_what_was_typed_stays(library, open_as, shot):
    page = open_as(library.user, "/library/")
    page.fill("[name=hs_code]", "84x")
    page.fill("[name=keyword]", "轴承")
    page.press("[name=keyword]", "Enter")
    expect(page.locator("#query-problems")).to_contain_text("应为 2 至 10 位数字")
    expect(page.locator("#query-problems")).to_be_focused()
    assert page.input_value("[name=hs_code]") == "84x"
    assert page.input_value("[name=keyword]") == "轴承"
    shot(page, "library_wrong_query")
    page.goto("/library/?keyword=没有这样的商品")
    expect(page.locator(".state-title")).to_have_text("没有符合条件的数据")
    shot(page, "library_empty")


def test_everything_is_reached_by_keyboard(library, open_as):
    page = open_as(library.user, "/library/?keyword=轴承")
    page.focus("[name=keyword]")
    page.keyboard.press("Control+A")
    page.keyboard.type("深沟球")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    press_until(page, "input[name=tick]", "Tab")
    page.keyboard.press("Space")
    assert ticks(page) == [library.key("unmarked")]
    press_until(page, "text=申报要素详情", "Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/elements/"))
    press_until(page, "a:has-text('返回列表')", "Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("keyword="))
    press_until(page, "tbody button:has-text('设为自选')", "Tab")
    page.keyboard.press("Enter")
    expect(page.locator("tbody .mark")).to_have_text("企业自选")


def press_until(page: Page, selector: str, key: str) -> None:
    """Press a key until what the selector names has the focus."""
    wanted = page.locator(selector).first
    for _ in range(60):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} is not reached by {key}")


def test_it_works_without_javascript(library, open_as):
    page = open_as(library.user, "/library/", java_script_enabled=False)
    page.fill("[name=keyword]", "深沟球")
    page.click("button:has-text('查询')")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.check("input[name=tick]")
    page.click("text=申报要素详情")
    assert "/elements/" in page.url
    page.click("a:has-text('返回列表')")
    page.locator("tbody tr").get_by_role("button", name="设为自选").click()
    assert "设为自选" in notice(page)
    assert page.locator("tbody .mark").inner_text() == "企业自选"


def test_the_list_fits_the_windows_that_operators_have(library, open_as):
    page = open_as(library.user, "/library/?per_page=50")
    for width, height in ((1366, 768), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
