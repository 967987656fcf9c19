"""目录查询 in a real browser: browsing, searching, copying, comparing editions, from list to code."""

import re

import pytest
from playwright.sync_api import expect

from comparison.working import work_outbox
from tests.catalogue.shelf import earlier, newest
from tests.factories import make_line, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def both():
    earlier()
    newest()


@pytest.fixture
def reader():
    return make_user()


def test_a_reader_goes_from_the_sections_down_to_a_code(both, reader, open_as, shot):
    page = open_as(reader, "/catalogue/")
    expect(page.locator(".side-menu [aria-current]")).to_have_text("目录查询")
    shot(page, "catalogue_index")
    page.click("text=电机、电气设备及其零件")
    page.wait_for_url(re.compile("/chapters/85/"))
    code = page.locator("a", has_text="8542.3990")
    expect(code).to_be_hidden()
    page.click("summary:has-text('85.42')")
    expect(code).to_be_visible()
    shot(page, "catalogue_chapter")
    page.click("a:has-text('要素一览')")
    page.wait_for_url(re.compile("/headings/8542/"))
    shot(page, "catalogue_heading")
    page.click("a:text-is('8542.3990')")
    page.wait_for_url(re.compile("/codes/85423990/"))
    expect(page.locator("h1")).to_have_text("8542.3990 其他")
    expect(page.locator(".element-column").first).to_contain_text("应用场景")
    shot(page, "catalogue_code")
    page.click("a[rel=next]")
    page.wait_for_url(re.compile("/codes/85429000/"))
    page.go_back()
    expect(page.locator("h1")).to_have_text("8542.3990 其他")


def test_slash_goes_to_the_box_and_enter_searches(both, reader, open_as, shot):
    page = open_as(reader, "/catalogue/codes/85423990/")
    page.keyboard.press("/")
    page.keyboard.type("轴承 种类")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/catalogue/search/"))
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("mark").first).to_have_text("轴承")
    shot(page, "catalogue_search")
    page.fill("#id_q", "8542.39.90.00")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/codes/85423990/"))


def test_a_wrong_code_says_so_and_offers_the_nearest(both, reader, open_as, shot):
    page = open_as(reader, "/catalogue/")
    page.fill("#id_q", "8542399")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.fill("#id_q", "85423999")
    page.keyboard.press("Enter")
    expect(page.locator(".state-title")).to_have_text("2025 年版中没有商品编码 85423999")
    (fault,) = open_as.faults
    assert "404" in fault
    open_as.faults.clear()
    shot(page, "catalogue_unknown")
    page.click(".code-tree a >> nth=0")
    expect(page.locator("h1")).to_contain_text("8542.")


def test_the_order_of_the_parts_is_copied(both, reader, open_as):
    page = open_as(
        reader, "/catalogue/codes/85423990/", permissions=["clipboard-read", "clipboard-write"]
    )
    page.click("button:has-text('复制')")
    expect(page.locator("button:has-text('已复制')")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == (
        "品牌类型|出口享惠情况|应用场景|功能|品牌|型号|是否量产|GTIN|CAS|其他"
    )


def test_two_editions_are_compared_for_a_code_and_as_a_whole(both, reader, open_as, shot):
    page = open_as(reader, "/catalogue/codes/85423990/")
    expect(page.locator(".against-table")).to_contain_text("更名")
    page.click(".edition-switch a:has-text('2024 年版')")
    expect(page.locator(".element-columns")).to_contain_text("批号")
    page.click("nav.side-menu >> text=目录查询")
    page.click("text=版本变化")
    page.wait_for_url(re.compile("/changes/2024/2025/"))
    expect(page.locator("tbody tr")).to_have_count(5)
    shot(page, "catalogue_changes")
    page.click(".change-summary a:has-text('要素更名')")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.select_option("#id_kind", "new")
    page.select_option("#id_chapter", "84")
    page.click("button:has-text('查询')")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("8482.1010")
    with page.expect_download() as download:
        page.click("text=导出全部变化")
    assert download.value.suggested_filename.startswith("目录变化_2024至2025_")


def test_a_code_in_the_enterprises_own_list_leads_to_the_catalogue(both, open_as):
    user = make_user()
    make_line(trader=user.enterprise, hs_code="8482102000")
    work_outbox()
    page = open_as(user, "/library/")
    link = page.locator("tbody .code-link")
    color = "el => getComputedStyle(el).color"
    assert link.evaluate(color) == page.locator("tbody .cell-name").first.evaluate(color)
    page.locator("tbody input[name=tick]").check()
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/catalogue/codes/84821020/"))
    page.click("text=企业库中此编码")
    page.wait_for_url(re.compile("hs_code=84821020"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    page.go_back()
    expect(page.locator("tbody input[name=tick]")).to_be_checked()


def test_everything_but_copying_works_without_javascript(both, reader, open_as):
    page = open_as(reader, "/catalogue/chapters/85/", java_script_enabled=False)
    page.click("summary:has-text('85.42')")
    page.click("a:has-text('8542.3990')")
    expect(page.locator("button:has-text('复制')")).to_be_hidden()
    expect(page.locator(".skeleton")).to_contain_text("品牌类型|出口享惠情况|应用场景")
    page.fill("#id_q", "轴承")
    page.click(".catalogue-search button")
    expect(page.locator("tbody tr")).to_have_count(3)
