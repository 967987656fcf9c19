"""An administrator's usual tasks: find an enterprise, see why nobody gets in, complete, revoke."""

import re

import pytest
from playwright.sync_api import expect

from authorization import accounts
from authorization.cards.refusals import Refused
from authorization.events import By
from authorization.models import Enterprise, Role
from tests.cards import OPERATOR, authorize, installed_world
from tests.factories import client_for, make_enterprise, make_user, valid_uscc

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def administrator():
    return make_user(Role.ADMINISTRATOR, display_name="李管理")


def test_an_enterprise_whose_users_called_is_found_by_initials_and_explained(
    visit, shot, administrator
):
    enterprise = make_enterprise("大连虚构海产有限公司", authorized=False)
    holder = make_user(Role.LEGAL_REPRESENTATIVE, enterprise, display_name="欧阳小三")
    accounts.add_operator(By(administrator), enterprise, "wangxinlai", "王新来")
    card = installed_world().rsa.card(enterprise.uscc, eport={"5.3": OPERATOR})
    with pytest.raises(Refused):
        authorize(enterprise, holder, card=card)
    page = visit("/admin/", administrator)
    expect(page.get_by_role("region", name="今日刷卡被拒")).to_contain_text("大连虚构海产")
    shot(page, "admin_dashboard")
    page.get_by_label("找企业").fill("xghc")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/enterprise/{enterprise.pk}/change/$"))
    why = page.get_by_role("region", name="为何不能进入")
    for words in ("从未授权", "操作员卡不能授权", "王新来", "没有可用的设密链接"):
        expect(why).to_contain_text(words)
    shot(page, "admin_enterprise")
    why.get_by_role("link", name="到账号页处理").click()
    page.get_by_role("button", name="生成设密链接").click()
    expect(page.locator("input[readonly]")).to_have_value(re.compile("/account/password-link/"))


def test_an_authorization_is_looked_into_and_revoked(visit, shot, administrator):
    enterprise = make_enterprise("大连虚构撤销有限公司")
    operator = client_for(make_user(enterprise=enterprise))
    page = visit(f"/admin/authorization/enterprise/{enterprise.pk}/change/", administrator)
    page.get_by_role("link", name="查看证据").click()
    expect(page.locator(".signed-text")).to_contain_text(enterprise.uscc)
    shot(page, "admin_evidence")
    page.get_by_role("link", name="撤销授权").click()
    expect(page.get_by_text("1 名启用用户")).to_be_visible()
    second = page.context.new_page()
    second.goto(page.url)
    page.get_by_role("button", name="确定撤销授权").click()
    expect(page.get_by_text("请填写撤销原因")).to_be_visible()
    page.get_by_label("撤销原因").fill("证照过期，企业已知悉")
    shot(page, "admin_revoke")
    page.get_by_role("button", name="确定撤销授权").click()
    expect(page.locator(".messagelist .success")).to_contain_text("已撤销")
    assert operator.get("/").url == "/unauthorized/"
    second.get_by_label("撤销原因").fill("再次撤销")
    second.get_by_role("button", name="确定撤销授权").click()
    expect(second.locator(".messagelist .warning")).to_contain_text("现在没有授权，无需撤销")
    page.get_by_role("link", name="变更记录", exact=True).first.click()
    expect(page.locator("#result_list")).to_contain_text("证照过期，企业已知悉")
    shot(page, "admin_log")


def test_a_missing_code_is_completed_after_a_slip_without_javascript(visit, administrator):
    enterprise, uscc = make_enterprise("大连虚构补全有限公司", uscc=None), valid_uscc()
    address = f"/admin/authorization/enterprise/{enterprise.pk}/change/"
    page = visit(address, administrator, java_script_enabled=False)
    page.get_by_role("link", name="补全代码").first.click()
    page.get_by_label("统一社会信用代码").fill(uscc[:-1])
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".errorlist")).to_contain_text("应为 18 位")
    page.get_by_label("统一社会信用代码").fill(uscc)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("region", name="企业", exact=True)).to_contain_text(uscc)
    assert Enterprise.objects.get(pk=enterprise.pk).uscc == uscc


def test_what_cards_are_believed_by_and_the_code_tables_are_read(visit, shot, administrator):
    installed_world()
    page = visit("/admin/", administrator)
    page.get_by_role("link", name="卡证书与吊销列表").last.click()
    page.get_by_role("button", name="重新检查").click()
    expect(page.locator(".messagelist .success")).to_contain_text("已重新检查全部文件")
    expect(page.get_by_role("region", name="可信根证书")).to_contain_text("测试专用根证书")
    shot(page, "admin_trust")
    page.goto("/admin/code-tables/")
    page.get_by_label("查找").fill("一般贸易")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="0110 一般贸易")).to_be_visible()
    shot(page, "admin_code_tables")
