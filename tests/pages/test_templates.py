"""The frame, the notices and the error pages."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory

from authorization.models import Enterprise, Role, User

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "static"


def user(role=Role.OPERATOR, authorized=True) -> User:
    enterprise = None
    if role in {Role.OPERATOR, Role.LEGAL_REPRESENTATIVE}:
        enterprise = Enterprise(name="大连虚构贸易有限公司", is_authorized=authorized)
    return User(pk=1, username="u", display_name="张小明", role=role, enterprise=enterprise)


def rendered(template: str, who=None, **context) -> str:
    request = RequestFactory().get("/help/")
    request.user = who or AnonymousUser()
    return render_to_string(template, context, request=request)


def test_the_frame_names_the_user_and_the_way_out():
    text = rendered("help.html", user())
    assert "张小明" in text
    assert "大连虚构贸易有限公司" in text
    assert re.search(r'<form method="post" action="/logout/">.*?退出登录', text, re.S)
    assert 'aria-current="page"' in text


def test_the_foot_shows_the_service_lines_of_the_settings(settings):
    settings.SERVICE_HOTLINE = "0411-00000000"
    settings.SERVICE_QQ_GROUP = "123456"
    text = rendered("help.html", user())
    assert "0411-00000000" in text
    assert "123456" in text


def test_an_unauthorized_enterprise_sees_no_functions():
    text = rendered("unauthorized.html", user(authorized=False))
    menu = re.search(r'<nav class="side-menu".*?</nav>', text, re.S)
    assert menu
    assert re.findall(r"<span>(.*?)</span>", menu[0]) == ["授权确认", "帮助"]
    assert "法人卡" in text
    assert "没有统一社会信用代码" in text, "the sample enterprise has none"


def test_nobody_logged_in_sees_no_menu():
    assert "side-menu" not in rendered("help.html")


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_no_context_at_all(code):
    text = render_to_string(f"{code}.html")
    assert "返回首页" in text
    assert 'lang="zh-CN"' in text


def test_what_users_write_is_escaped():
    who = user()
    who.display_name = "<script>alert(1)</script>"
    assert "<script>alert" not in rendered("help.html", who)


def test_login_keeps_the_next_page_and_says_why_it_failed():
    class Form:
        errors = {"__all__": ["x"]}
        non_field_errors = ["用户名或密码不正确，请检查后重试。"]
        username = {"value": "dl01"}

    text = rendered("registration/login.html", form=Form(), next="/library/?page=2")
    assert 'name="next" value="/library/?page=2"' in text
    assert "用户名或密码不正确" in text
    assert 'value="dl01"' in text


def test_home_shows_each_function_with_what_is_new():
    functions = [
        {
            "title": "企业库",
            "url": "/library/",
            "icon": "library",
            "summary": "查询",
            "facts": [("数据总量", 12846), ("最新月份", "2025-09")],
            "news": [("新增规范 214 条", "/library/?mark=conforming")],
        },
        {"title": "企业消息", "url": "/messages/", "icon": "bell", "summary": "消息"},
    ]
    text = rendered("home.html", user(), functions=functions)
    assert "12,846" in text
    assert "2025-09" in text
    assert '<a href="/library/?mark=conforming">新增规范 214 条</a>' in text
    assert text.count("暂无新动态") == 1


def test_every_static_file_that_a_template_names_exists():
    for template in TEMPLATES.rglob("*.html"):
        for name in re.findall(r"{% static '([^']+)' %}", template.read_text()):
            assert finders.find(name), f"{template.name}: {name}"


def test_every_icon_that_a_template_names_exists():
    sprite = (STATIC / "portal/icons.svg").read_text()
    held = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    named = {
        name
        for template in TEMPLATES.rglob("*.html")
        for name in re.findall(r"""{% icon "([\w-]+)\"""", template.read_text())
    }
    assert named
    assert named <= held
    assert {f"mark-{m}" for m in ("conforming", "nonconforming", "unmarked", "conflict")} <= held


def test_nothing_is_asked_of_another_host_and_nothing_is_inline():
    """The Content-Security-Policy allows neither; a page that needs one would break silently."""
    for template in TEMPLATES.rglob("*.html"):
        text = template.read_text()
        assert not re.search(r'(src|href)="(https?:)?//', text), template
        assert not re.search(r"<style|\sstyle=|\son(click|load|change|submit)=", text), template
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), template
    for sheet in (STATIC / "portal").iterdir():
        assert not re.search(r"url\(\s*['\"]?https?:|@import", sheet.read_text()), sheet


def test_style_sheets_use_nothing_newer_than_chrome_109():
    newer = r":has\(|color-mix\(|oklch\(|subgrid|text-wrap|@layer|@container style|^\s+&"
    for sheet in (STATIC / "portal").glob("*.css"):
        rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.S)
        assert not re.search(newer, rules, re.M), sheet
