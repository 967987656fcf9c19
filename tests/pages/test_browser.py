"""The list page in a real browser: with JavaScript, without it, by keyboard."""

import re

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TICKED = "[data-ticks-number]"


@pytest.fixture
def open_page(visit):
    """Open a page as a logged-in operator."""
    return lambda path, **options: visit(path, make_user(), **options)


def tick(page: Page, key: int) -> None:
    page.check(f"input[name=tick][value='{key}']")


def test_ticks_are_kept_while_paging_and_posted_together(open_page):
    page = open_page("/lines/")
    tick(page, 0)
    tick(page, 2)
    page.click("a[aria-label='第 2 页']")
    page.wait_for_url("**/lines/?page=2")
    tick(page, 21)
    expect(page.locator(TICKED)).to_have_text("3")
    page.go_back()
    expect(page.locator("input[name=tick][value='2']")).to_be_checked()
    page.click("text=处理所选")
    expect(page.locator(".notice-text")).to_have_text(re.compile(r"^已处理 3 行：.*21"))
    expect(page.locator("[data-ticks-count]")).to_be_hidden()
    expect(page.locator("input[name=tick]:checked")).to_have_count(0)


def test_a_row_button_acts_on_its_row_only(open_page):
    page = open_page("/lines/")
    tick(page, 0)
    page.click("button[name=only][value='5']")
    expect(page.locator(".notice-text")).to_have_text("已处理 1 行：5。")


def test_the_head_box_ticks_the_page_and_clearing_forgets_all(open_page):
    page = open_page("/lines/?per_page=50")
    page.check("[data-tick-all]")
    expect(page.locator(TICKED)).to_have_text("50")
    page.click("[data-ticks-clear]")
    expect(page.locator("[data-ticks-count]")).to_be_hidden()
    page.reload()
    expect(page.locator("input[name=tick]:checked")).to_have_count(0)


def test_a_query_swaps_the_result_and_leaves_a_url_that_can_be_kept(open_page):
    page = open_page("/lines/")
    page.evaluate("window.notReloaded = true")
    page.fill("input[name=keyword]", "面包蟹")
    page.select_option("select[name=mark]", "conforming")
    page.click("button:has-text('查询')")
    page.wait_for_url("**/lines/?mark=conforming&keyword=*")
    assert page.evaluate("window.notReloaded") is True
    total = page.locator(".pager-total").inner_text()
    page.goto(page.url)
    assert page.locator(".pager-total").inner_text() == total
    assert page.input_value("input[name=keyword]") == "面包蟹"


def test_a_wrong_query_is_told_where_the_reader_is(open_page):
    page = open_page("/lines/")
    page.fill("input[name=hs_code]", "85x")
    page.press("input[name=hs_code]", "Enter")
    expect(page.locator("#query-problems")).to_be_focused()
    assert page.input_value("input[name=hs_code]") == "85x"
    page.click("#query-problems a")
    expect(page.locator("input[name=hs_code]")).to_be_focused()
    page.fill("input[name=hs_code]", "8542")
    page.press("input[name=hs_code]", "Enter")
    expect(page.locator("#query-problems")).to_have_count(0)
    expect(page.locator(".pager-total")).to_contain_text("65")


def test_a_session_that_ended_leads_to_the_whole_login_page(open_page):
    page = open_page("/lines/")
    page.route(
        "**/lines/?page=2",
        lambda route: route.fulfill(
            body="<title>x</title><h1>登录</h1>", content_type="text/html; charset=utf-8"
        ),
    )
    page.click("a[aria-label='第 2 页']")
    expect(page.locator("h1")).to_have_text("登录")
    expect(page.locator(".top-bar")).to_have_count(0)


@pytest.mark.parametrize("way", ["hover", "focus", "click"])
def test_the_way_out_opens_on_hover_focus_and_click(open_page, way):
    page = open_page("/lines/")
    leave = page.locator("text=退出登录")
    expect(leave).to_be_hidden()
    getattr(page.locator(".user-menu-button"), way)()
    expect(leave).to_be_visible()
    page.keyboard.press("Escape")
    if way != "hover":
        expect(leave).to_be_hidden()


def test_all_works_without_javascript(open_page):
    page = open_page("/lines/", java_script_enabled=False)
    page.click(".user-menu-button")
    expect(page.locator("text=退出登录")).to_be_visible()
    expect(page.locator("[data-tick-all]")).to_be_hidden()
    page.click("a[aria-label='第 2 页']")
    tick(page, 20)
    tick(page, 22)
    page.click("text=处理所选")
    expect(page.locator(".notice-text")).to_have_text("已处理 2 行：20、22。")
    assert page.url.endswith("/lines/?page=2")
    page.fill("input[name=hs_code]", "0306")
    page.click("button:has-text('查询')")
    expect(page.locator(".pager-total")).to_contain_text("65")
    page.locator(".long-text summary").first.click()
    expect(page.locator(".long-text[open]")).to_have_count(1)


def test_the_export_downloads_the_shown_page(open_page, tmp_path):
    page = open_page("/lines/?page=2&sort=declared_on")
    with page.expect_download() as download:
        page.click("text=导出本页数据")
    assert re.fullmatch(r"样例_第2页_\d{8}-\d{4}\.xlsx", download.value.suggested_filename)
    download.value.save_as(tmp_path / "page.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "page.xlsx").active
    shown = page.locator("td.cell-code").first.inner_text()
    assert sheet["B2"].value == shown
    assert sheet.max_row == 21


def test_a_long_text_unfolds_by_keyboard(open_page):
    page = open_page("/lines/")
    fold = page.locator(".long-text:not(.is-whole) summary").first
    cut = fold.bounding_box()["height"]
    fold.focus()
    page.keyboard.press("Enter")
    assert fold.bounding_box()["height"] > cut


@pytest.mark.parametrize("width", [1366, 1920])
def test_nothing_sticks_out_sideways(open_page, width):
    page = open_page("/lines/")
    page.set_viewport_size({"width": width, "height": 768})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_skip_link_leads_to_the_content(open_page):
    page = open_page("/lines/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
