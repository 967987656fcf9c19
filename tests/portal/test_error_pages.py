import re

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse

from authorization.gate import open_to_everyone
from authorization.models import Role
from portal.urls import handler400, handler403, handler404, handler500
from tests.factories import client_for, make_user

pytestmark = pytest.mark.django_db


@open_to_everyone
def suspicious(request):
    raise SuspiciousOperation("no")


@open_to_everyone
def broken(request):
    raise ZeroDivisionError("secret detail")


@open_to_everyone
def accepts(request):
    return HttpResponse("in")


urlpatterns = [
    path("suspicious/", suspicious),
    path("broken/", broken),
    path("form/", accepts),
    path("", include("portal.urls")),
]
# Django reads the handlers from the root URLconf.
handlers = (handler400, handler403, handler404, handler500)
__all__ = ["handler400", "handler403", "handler404", "handler500", "handlers", "urlpatterns"]

here = override_settings(ROOT_URLCONF=__name__)


def heading(response):
    return re.search(r"<h1>(.*?)</h1>", response.content.decode())[1]


@here
@pytest.mark.parametrize("role", [None, Role.OPERATOR, Role.OFFICER])
@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        ("/suspicious/", 400, "请求有误"),
        ("/nowhere/", 404, "页面不存在"),
        ("/broken/", 500, "系统暂时出错"),
    ],
)
def test_each_error_has_a_page_in_chinese_for_everybody(role, url, status, words):
    client = client_for(make_user(role) if role else None, raise_request_exception=False)
    response = client.get(url)
    assert (response.status_code, heading(response)) == (status, words)
    page = response.content.decode()
    assert 'lang="zh-CN"' in page and "返回首页" in page
    assert "secret detail" not in page and "Traceback" not in page


def test_a_page_of_another_role_says_so():
    response = client_for(make_user(Role.OFFICER)).get("/unauthorized/")
    assert (response.status_code, heading(response)) == (403, "无权访问")


def test_the_address_of_an_action_opened_as_a_page_says_so_and_changes_nothing():
    operator = client_for(make_user())
    for name in ("enterprise_lib:self_select", "public_lib:open", "messages_app:mark_read"):
        response = operator.get(reverse(name))
        assert (response.status_code, heading(response)) == (405, "这个网址不能直接打开")
        assert response["Allow"] == "POST" and "Content-Security-Policy" in response


def test_a_host_that_is_not_ours_is_refused_with_a_page():
    response = client_for().get("/login/", headers={"host": "evil.example"})
    assert (response.status_code, heading(response)) == (400, "请求有误")


@here
def test_a_form_without_its_token_is_refused_and_says_what_to_do():
    client = Client(enforce_csrf_checks=True)
    response = client.post("/form/")
    assert (response.status_code, heading(response)) == (403, "页面已过期")
    assert "刷新后重新提交" in response.content.decode()


@here
def test_a_form_from_another_site_is_refused():
    client = client_for(enforce_csrf_checks=True)
    client.get("/login/")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    assert client.post("/form/", {"csrfmiddlewaretoken": token}).status_code == 200
    response = client.post(
        "/form/", {"csrfmiddlewaretoken": token}, headers={"origin": "https://evil.example"}
    )
    assert response.status_code == 403


@here
def test_the_500_page_asks_neither_database_nor_cache(django_assert_num_queries):
    client = client_for(raise_request_exception=False)
    with django_assert_num_queries(0):
        assert client.get("/broken/").status_code == 500


@here
@pytest.mark.parametrize("url", ["/login/", "/nowhere/", "/suspicious/", "/broken/"])
def test_every_answer_carries_the_security_headers(url):
    response = client_for(raise_request_exception=False).get(url)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    for part in ("object-src 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert part in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]


def test_pages_of_a_logged_in_user_stay_out_of_shared_caches():
    response = client_for(make_user()).get("/help/")
    assert response.headers["Cache-Control"] == "private, no-store"


def test_no_page_names_another_host_for_its_files():
    for client in (client_for(), client_for(make_user())):
        for url in ("/login/", "/help/", "/nowhere/", "/"):
            page = client.get(url).content.decode()
            assert (
                re.findall(
                    r"""(?:src|href)=["'](?:https?:)?//[^"']*\.(?:js|css|woff2?|png|svg)""", page
                )
                == []
            )
