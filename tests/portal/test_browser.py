"""Logging in and out, the notice, the home page and the administrators' site in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from authorization.models import Role, User
from tests.browsing import chromium, keep_screenshot, visit
from tests.factories import (
    PASSWORD,
    code_of,
    make_audit,
    make_authenticator,
    make_enterprise,
    make_line,
    make_user,
    next_serial,
)

__all__ = ["chromium", "visit"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def log_in(page, user, password=PASSWORD):
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def test_an_operator_logs_in_after_a_slip_and_out_again_by_the_user_menu(visit):
    enterprise = make_enterprise("大连虚构海产有限公司")
    user = make_user(enterprise=enterprise, display_name="王小明")
    make_audit(make_line(trader=enterprise))
    page = visit("/help/?from=bookmark")
    page.goto("/")
    keep_screenshot(page, "login")
    log_in(page, user, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不正确")
    # The name stays, and the cursor waits where the password goes.
    expect(page.get_by_label("用户名")).to_have_value(user.username)
    expect(page.get_by_label("密码")).to_be_focused()
    keep_screenshot(page, "login-failed")
    log_in(page, user)
    expect(page.get_by_role("heading", name="王小明，您好")).to_be_visible()
    expect(page.locator(".message-sign")).to_contain_text("1")
    keep_screenshot(page, "home")
    leave = page.get_by_role("button", name="退出登录")
    expect(leave).to_be_hidden()
    page.hover(".user-menu")
    expect(leave).to_be_visible()
    leave.click()
    expect(page).to_have_url(re.compile("/login/$"))
    page.goto("/")
    expect(page).to_have_url(re.compile(r"/login/\?next=/$"))


def test_one_leaves_by_keyboard_too(visit):
    page = visit("/help/", make_user())
    page.locator(".user-menu-button").focus()
    leave = page.get_by_role("button", name="退出登录")
    expect(leave).to_be_visible()
    for _ in range(page.locator(".user-menu-item").count()):
        page.keyboard.press("Tab")
    expect(leave).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/login/$"))


def test_login_and_logout_work_without_javascript(visit):
    user = make_user()
    page = visit("/login/", java_script_enabled=False)
    log_in(page, user)
    expect(page).to_have_url(re.compile(r"/$"))
    page.locator(".user-menu-button").focus()
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(re.compile("/login/$"))


def test_an_operator_who_must_wait_sees_the_notice_and_nothing_else(visit):
    enterprise = make_enterprise("大连虚构机电有限公司", authorized=False)
    make_user(Role.LEGAL_REPRESENTATIVE, enterprise, display_name="欧阳小三")
    page = visit("/login/?next=/public/")
    log_in(page, make_user(enterprise=enterprise))
    expect(page.get_by_role("heading", name="尚未完成授权确认")).to_be_visible()
    expect(page.get_by_text("欧**三")).to_be_visible()
    expect(page.get_by_role("navigation").get_by_role("link")).to_have_text(["授权确认", "帮助"])
    keep_screenshot(page, "unauthorized")


def test_a_password_is_changed(visit):
    user = make_user()
    page = visit("/password/", user)
    page.get_by_label("原密码").fill(PASSWORD)
    page.get_by_label("新密码", exact=True).fill("qing-shan-lv-shui-3")
    page.get_by_label("再次输入新密码").fill("qing-shan-lv-shui-3")
    page.get_by_role("button", name="保存新密码").click()
    expect(page.get_by_role("status").filter(has_text="密码已修改")).to_be_visible()
    keep_screenshot(page, "password")
    user.refresh_from_db()
    assert user.check_password("qing-shan-lv-shui-3")


def test_an_administrator_adds_a_user_of_an_enterprise(visit):
    """The strict Content-Security-Policy lets the admin's own scripts work, select2 included."""
    enterprise = make_enterprise("大连虚构新来有限公司", authorized=False)
    page = visit("/login/")
    administrator = make_user(Role.ADMINISTRATOR)
    device = make_authenticator(administrator)
    log_in(page, administrator)
    page.get_by_role("textbox", name="动态口令").fill(code_of(device))
    page.get_by_role("button", name="验证").click()
    expect(page.get_by_role("heading", name="系统管理")).to_be_visible()
    keep_screenshot(page, "admin")
    name = f"new{next_serial()}"
    page.goto("/admin/authorization/user/add/")
    page.locator("#id_username").fill(name)
    page.locator("#id_display_name").fill("新操作员")
    page.locator("#id_role").select_option(label="企业操作员")
    page.locator(".select2-selection").click()
    page.locator(".select2-search__field").fill("虚构新来")
    page.locator(".select2-results__option", has_text="大连虚构新来有限公司").click()
    keep_screenshot(page, "admin-add-user")
    page.locator("input[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_contain_text("新操作员")
    assert User.objects.get(username=name).enterprise == enterprise
    page.goto(f"/admin/authorization/enterprise/{enterprise.pk}/change/")
    # A card authorizes, no administrator does.
    expect(page.get_by_role("link", name="撤销授权")).to_have_count(0)
    expect(page.get_by_text("管理员不能代为授权")).to_be_visible()
    page.get_by_role("button", name="注销").click()
    expect(page).to_have_url(re.compile("/login/$"))
