"""What an operator does when a new catalogue comes into force, in a real browser."""

import re

import openpyxl
import pytest
from playwright.sync_api import expect

from authorization.models import User
from enterprise_lib.models import Draft
from tests.enterprise_lib.two_editions import NEW, OLD, TODAY, declare_all
from tests.factories import make_edition, make_enterprise, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILLED = "4|3|用于平板电脑|逻辑|已封装|未切割|ON牌|NL27WZU04DTT1G|量产|||非加密"


@pytest.fixture
def user() -> User:
    """An operator whose enterprise has contents that the newest edition touches."""
    make_edition(TODAY.year - 1, OLD)
    make_edition(TODAY.year, NEW)
    user = make_user(enterprise=make_enterprise("大连虚构电子有限公司"), display_name="李操作")
    declare_all(user.enterprise)
    return user


def test_from_the_sign_to_a_checked_draft(user, open_as, shot):
    page = open_as(user, "/")
    shot(page, "home_new_catalogue")
    page.get_by_role("link", name=re.compile("项申报内容受《规范申报目录》")).click()
    page.wait_for_url("**/new-catalogue/")
    expect(page.locator("tbody tr")).to_have_count(3)
    shot(page, "new_catalogue_list")
    row = page.locator("tr", has_text="集成电路")
    expect(row.locator(".part-missing")).to_have_text("待补")
    row.get_by_role("link", name="对照查看").click()
    missing = page.get_by_role("textbox", name="是否切割")
    expect(missing).to_be_empty()
    shot(page, "new_catalogue_detail")
    missing.fill("未切割")
    page.get_by_role("button", name="申报前自检").click()
    page.wait_for_url("**/check/")
    expect(page.locator("[name=g_model]")).to_have_value(FILLED)
    page.go_back()
    expect(missing).to_have_value("未切割")
    missing.press("Enter")
    expect(page.locator(".notice-text").first).to_contain_text("已保留为草稿")
    assert Draft.objects.get().g_model == FILLED
    page.get_by_role("link", name="返回列表").click()
    page.wait_for_url("**/new-catalogue/")


def test_ticked_rows_and_the_workbook_without_a_mouse_or_script(user, open_as, tmp_path):
    page = open_as(user, "/library/new-catalogue/", java_script_enabled=False)
    page.get_by_label("变化类型").select_option(label="新增要素")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody input[name=tick]").press("Space")
    page.get_by_role("button", name="保留为草稿").first.press("Enter")
    expect(page.locator(".notice-text").first).to_contain_text("已将 1 项保留为草稿")
    assert "kind=added" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 Excel").click()
    file = tmp_path / "影响.xlsx"
    download.value.save_as(file)
    rows = list(openpyxl.load_workbook(file).active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["商品编码", "8542399000"]
    assert rows[1][6] == "是否切割"
