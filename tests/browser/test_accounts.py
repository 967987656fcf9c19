"""The paths of people and their accounts, as their own eyes see them; screenshots for the manual."""

import re
import time

import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from authorization.authenticators import Authenticator
from authorization.models import Role, User
from tests.authorization.test_single_window import process, provider
from tests.browsing import chromium, visit
from tests.factories import (
    PASSWORD,
    code_of,
    make_authenticator,
    make_enterprise,
    make_user,
    next_serial,
)

__all__ = ["chromium", "process", "provider", "visit"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "gao-shan-liu-shui-5"


@pytest.fixture
def legal():
    enterprise = make_enterprise("大连虚构蓝桥报关有限公司")
    return make_user(Role.LEGAL_REPRESENTATIVE, enterprise, display_name="王法人")


def test_a_legal_representative_adds_an_operator_who_sets_his_password_and_gets_in(
    open_as, visit, shot, legal
):
    failed = {"failures": 2, "last_failure_at": timezone.now(), "last_failure_from": "10.1.2.3"}
    for name, display in (("lanqiao_zhao", "赵一鸣"), ("lanqiao_qian", "钱多多")):
        make_user(
            enterprise=legal.enterprise,
            username=f"{name}{next_serial()}",
            display_name=display,
            **(failed if display == "钱多多" else {}),
        )
    page = open_as(legal)
    page.get_by_role("navigation", name="功能菜单").get_by_role("link", name="用户管理").click()
    expect(page.get_by_role("heading", name="用户管理")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(5)  # heading, two, himself, the card's holder
    shot(page, "users")
    page.get_by_role("link", name="新增操作员").click()
    page.get_by_label("用户名").fill("孙")
    page.get_by_label("姓名").fill("孙新人")
    page.get_by_role("button", name="新增并生成设密链接").click()
    expect(page.get_by_role("alert")).to_contain_text("用户名须为 3 至 64 位")
    shot(page, "user-add-refused")
    name = f"lanqiao_sun{next_serial()}"
    page.get_by_label("用户名").fill(name)
    page.get_by_role("button", name="新增并生成设密链接").click()
    expect(page.get_by_role("heading", name="设密链接", exact=True)).to_be_visible()
    link = page.locator("#link-address").input_value()
    page.get_by_role("button", name="复制").click()
    expect(page.locator("[data-copy-said]")).not_to_be_empty()
    shot(page, "password-link")
    page.get_by_role("link", name="返回该用户").click()
    expect(page.get_by_text("未设密码")).to_be_visible()
    # The page that showed the link is not kept: going back would mean sending the form again.
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        page.go_back()

    his = visit(re.sub(r"^http://[^/]+", "", link))
    expect(his.get_by_role("heading", name="设置密码")).to_be_visible()
    assert link.rstrip("/").rpartition("/")[2] not in his.url
    shot(his, "password-by-link")
    his.get_by_label("新密码", exact=True).fill(NEW)
    his.get_by_label("再次输入新密码").fill(NEW)
    his.get_by_role("button", name="保存密码").click()
    expect(his.get_by_text("密码已设置，请用新密码登录。")).to_be_visible()
    his.fill("[name=username]", name)
    his.fill("[name=password]", NEW)
    his.press("[name=password]", "Enter")
    expect(his.get_by_role("link", name="企业库").first).to_be_visible()

    user = User.objects.get(username=name)
    page.goto(f"/account/users/{user.pk}/")
    expect(page.get_by_text("当前登录", exact=True)).to_be_visible()
    shot(page, "user")
    page.get_by_role("button", name="停用账号").click()
    expect(page.get_by_role("status").filter(has_text="已停用孙新人的账号")).to_be_visible()
    his.get_by_role("link", name="企业库").first.click()
    expect(his.get_by_role("heading", name="用户登录")).to_be_visible()
    expect(his.get_by_text("您的登录已失效或已被结束")).to_be_visible()
    page.goto("/account/users/events/")
    expect(page.get_by_text("启用：是 → 否")).to_be_visible()
    shot(page, "account-events")

    visit.faults.clear()
    gone = visit(re.sub(r"^http://[^/]+", "", link))
    expect(gone.get_by_text("该链接已使用、已过期或已被新链接取代")).to_be_visible()
    shot(gone, "password-link-gone")
    visit.faults[:] = [fault for fault in visit.faults if "404" not in fault]


def test_one_ends_ones_other_logins_without_javascript(open_as, visit, shot):
    user = make_user()
    page = open_as(user, "/account/", java_script_enabled=False)
    other = visit("/", user)
    page.reload()
    shot(page, "own-account")
    page.get_by_role("button", name="结束其他全部登录").click()
    expect(page.get_by_role("status").filter(has_text="已结束 1 个登录。")).to_be_visible()
    other.goto("/")
    expect(other.get_by_role("heading", name="用户登录")).to_be_visible()


def test_an_administrator_enrols_saves_his_codes_and_is_asked_at_the_next_login(
    open_as, visit, shot
):
    administrator = make_user(Role.ADMINISTRATOR, display_name="李管理")
    page = open_as(administrator, "/admin/")
    expect(page.get_by_role("heading", name="绑定动态口令")).to_be_visible()
    picture = page.get_by_role("img", name="动态口令二维码")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    shot(page, "second-factor-enrol")
    page.get_by_role("textbox", name="动态口令").fill("000000")
    page.get_by_role("button", name="完成绑定").click()
    expect(page.get_by_role("alert")).to_contain_text("动态口令不正确")
    device = Authenticator.objects.get(user=administrator)
    device.throttle_reset()
    page.get_by_role("textbox", name="动态口令").fill(code_of(device))
    page.get_by_role("button", name="完成绑定").click()
    expect(page.locator(".codes li")).to_have_count(8)
    recovery = page.locator(".codes li").first.inner_text()
    shot(page, "recovery-codes")
    page.get_by_role("link", name="已保存，继续").click()
    expect(page.get_by_role("heading", name="系统管理", exact=True)).to_be_visible()

    again = open_as(administrator, "/admin/authorization/user/")
    expect(again.get_by_role("heading", name="动态口令")).to_be_visible()
    shot(again, "second-factor")
    again.get_by_role("textbox", name="动态口令").fill(recovery)
    again.get_by_role("button", name="验证").click()
    again.wait_for_url("**/admin/authorization/user/")
    page.goto("/account/second-factor/")
    shot(page, "second-factor-state")
    device.refresh_from_db()
    device.throttle_reset()
    page.get_by_role("textbox", name="动态口令").fill(code_of(device, time.time() + 30))
    page.get_by_role("button", name="重新生成恢复码").click()
    expect(page.get_by_role("heading", name="请保存恢复码")).to_be_visible()
    assert recovery not in page.locator(".codes").inner_text()


def test_an_administrator_sees_why_a_user_cannot_get_in(visit, shot):
    administrator = make_user(Role.ADMINISTRATOR, display_name="李管理")
    make_authenticator(administrator)
    user = make_user(
        enterprise=make_enterprise("大连虚构海产有限公司", authorized=False),
        display_name="周操作",
    )
    visit("/", user)
    User.objects.filter(pk=user.pk).update(
        failures=3, last_failure_at=timezone.now(), last_failure_from="10.1.2.3"
    )
    page = visit("/admin/authorization/user/", administrator)
    shot(page, "admin-users")
    page.goto(f"/admin/authorization/user/{user.pk}/change/")
    page.get_by_role("link", name="登录与密码").click()
    expect(page.get_by_text("无有效授权")).to_be_visible()
    shot(page, "admin-account")
    page.get_by_role("button", name="生成设密链接").click()
    expect(page.locator("#link-address")).to_have_value(re.compile("/account/password-link/"))
    shot(page, "admin-link")
    page.goto(f"/admin/authorization/user/{user.pk}/account/")
    page.get_by_role("button", name=re.compile("^结束 .+ 的登录$")).click()
    expect(page.get_by_text("已结束该登录。")).to_be_visible()


def test_the_login_page_shows_the_way_by_the_single_window(visit, shot, settings):
    settings.OIDC_ISSUER = "https://sw.example.cn"
    page = visit("/login/")
    expect(page.get_by_role("link", name="前往单一窗口登录")).to_be_visible()
    shot(page, "login-single-window")
    settings.LOCAL_PASSWORDS = False
    page.reload()
    expect(page.get_by_text("海关人员、管理员使用密码登录")).to_be_visible()
    shot(page, "login-single-window-only")
    page.fill("[name=username]", make_user().username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("alert")).to_contain_text("用户名或密码不正确")


def test_an_operator_comes_by_the_single_window_and_is_told_why_if_not(visit, shot, provider):
    user = make_user(display_name="赵一鸣")
    provider.next(user, fault="denied")
    page = visit("/library/")
    page.get_by_role("link", name="前往单一窗口登录").click()
    expect(page.get_by_role("alert")).to_contain_text("单一窗口登录未完成，请重新登录。")
    shot(page, "login-single-window-refused")
    provider.next(user)
    page.goto("/login/?next=/library/")
    page.get_by_role("link", name="前往单一窗口登录").click()
    expect(page.get_by_role("heading", name="企业库")).to_be_visible()
    page.goto("/account/")
    logins = page.get_by_role("region", name="当前登录")
    expect(logins.get_by_role("row").filter(has_text="单一窗口")).to_be_visible()
    # The provider is another host, and the only one.
    visit.faults[:] = [fault for fault in visit.faults if not fault.startswith(provider.issuer)]
