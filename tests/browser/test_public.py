"""公共库 in a real browser: query, detail, export, and a content that closes meanwhile."""

import re

import openpyxl
import pytest
from playwright.sync_api import expect

from comparison.choices import set_publication
from comparison.models import Publication
from tests.factories import make_enterprise, make_user
from tests.public_lib.world import g_model, publish, row, store_edition
from tests.world import Text, content

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def parties():
    return make_enterprise("大连锦鲤湾报关行", broker=True), make_enterprise("大连鲸落岬轴承公司")


@pytest.fixture
def published(parties, tmp_path):
    store_edition()
    long = "机床主轴用，适用于数控车床、加工中心、磨床，转速高，精度等级为四级以上的场合"
    publish(
        tmp_path,
        "2025-05",
        row(1, *parties),
        row(2, *parties, g_name="深沟球轴承", g_model=g_model(use=long, model="6204")),
        row(3, *parties, g_name="阀门", hs_code="8481804090", g_model="1|3|船用|铜|海浪牌"),
    )


@pytest.fixture
def reader():
    return make_user(enterprise=make_enterprise("营口虚构旁观者"))


def test_a_reader_queries_opens_the_elements_and_comes_back_to_the_query(
    published, reader, open_as, shot
):
    page = open_as(reader, "/public/")
    expect(page.locator("tbody tr")).to_have_count(3)
    page.fill("[name=keyword]", "轴承 海浪")
    page.fill("[name=hs_code]", "8482")
    page.press("[name=keyword]", "Enter")
    page.wait_for_url(re.compile("keyword="))
    expect(page.locator("tbody tr")).to_have_count(2)
    shot(page, "public_list")
    page.locator("tbody tr", has_text="6204").locator("input[name=tick]").check()
    page.click("button:has-text('申报要素详情')")
    page.wait_for_url(re.compile(r"/public/\d+/elements/"))
    elements = page.locator(".elements-table tbody tr")
    expect(elements.filter(has_text="生产厂商")).to_contain_text("已隐去")
    expect(elements.filter(has_text="签约日期")).to_contain_text("2025")
    expect(page.locator("main")).not_to_contain_text("鲸落岬")
    shot(page, "public_elements")
    page.click("text=返回列表")
    page.wait_for_url(re.compile("keyword="))
    expect(page.locator("tbody tr")).to_have_count(2)


def test_none_or_two_ticked_rows_get_a_sentence(published, reader, open_as):
    page = open_as(reader, "/public/")
    page.click("button:has-text('申报要素详情')")
    expect(page.locator(".notice-error")).to_contain_text("请先在列表中勾选数据")
    for tick in page.locator("tbody input[name=tick]").all()[:2]:
        tick.check()
    page.click("button:has-text('申报要素详情')")
    expect(page.locator(".notice-error")).to_contain_text("只能选择一行")


def test_the_shown_page_is_exported(published, reader, open_as, tmp_path):
    page = open_as(reader, "/public/?keyword=阀门")
    with page.expect_download() as download:
        page.click("text=导出本页数据")
    path = tmp_path / "public.xlsx"
    download.value.save_as(path)
    assert download.value.suggested_filename.startswith("公共库_第1页_")
    _, line = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    assert line[:2] == ("8481804090", "阀门")


def test_a_content_that_closes_while_it_is_listed_says_so_when_opened(
    published, parties, reader, open_as, shot
):
    page = open_as(reader, "/public/?keyword=阀门")
    valve = content(Text("8481804090", "阀门", "1|3|船用|铜|海浪牌"))
    user = make_user(enterprise=parties[1])
    set_publication(parties[1], [valve.pk], Publication.PRIVATE, user)
    with page.expect_response(re.compile("/elements/")) as answer:
        page.locator("tbody a:has-text('申报要素详情')").click()
    assert answer.value.status == 404
    expect(page.locator("main")).to_contain_text("该参考数据已不公开")
    shot(page, "public_gone")
    (fault,) = open_as.faults
    assert "404" in fault
    open_as.faults.clear()
    page.click("a:text-is('返回公共库')")
    expect(page.locator("tbody tr")).to_have_count(2)
