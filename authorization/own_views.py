"""One's own account, open to every role and before authorization; and setting a password by link."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from authorization import accounts, sessions
from authorization.account_forms import LinkPasswordForm
from authorization.account_models import PasswordLink
from authorization.account_views import account_facts, end_sessions_as_asked
from authorization.addresses import known_address
from authorization.gate import as_user, open_before_authorization, open_to_everyone, roles
from authorization.models import Role

_LINK = "password_link"


@require_safe
@roles(*Role)
@open_before_authorization
@never_cache
def own_account(request: HttpRequest) -> HttpResponse:
    """Show one's own account: who one is here, where one is logged in, what was changed."""
    context: dict[str, Any] = {"title": "我的账号", **account_facts(request, as_user(request))}
    return render(request, "authorization/own.html", context)


@require_POST
@roles(*Role)
@open_before_authorization
def own_sessions_end(request: HttpRequest) -> HttpResponse:
    """End one's other sessions, one by one or all; ending the present one is logging out."""
    if request.POST.get("session") == str(sessions.own_number(request)):
        messages.error(request, "要结束当前登录，请使用右上角的“退出登录”。")
    else:
        end_sessions_as_asked(request, as_user(request))
    return redirect("account:own")


@require_safe
@open_to_everyone
@never_cache
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address at once, so that neither history nor Referer keeps it.

    Nothing is used up by opening: programs that look at links in messages open them too.
    """
    link = accounts.link_of(token)
    if link is None:
        return _guarded(render(request, "authorization/link_gone.html", status=404))
    request.session[_LINK] = link.pk
    return _guarded(redirect("account:link_set"))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to_everyone
@never_cache
def set_by_link(request: HttpRequest) -> HttpResponse:
    """Let the holder of an opened link set the password, once."""
    number = int(request.session.get(_LINK) or 0)
    link = accounts.usable_links().select_related("user").filter(pk=number).first()
    if link is None:
        return _gone(request)
    form = LinkPasswordForm(link.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _set(request, link, form.cleaned_data["new_password1"])
    context = {"title": "设置密码", "form": form, "shown": link.user}
    return _no_store(render(request, "authorization/link_set.html", context))


def _set(request: HttpRequest, link: PasswordLink, password: str) -> HttpResponse:
    if not accounts.set_password_by_link(link, password, known_address(request)):
        return _gone(request)
    # Whoever was logged in here goes, so that the login page comes next, for the account set.
    logout(request)
    messages.success(request, "密码已设置，请用新密码登录。")
    return redirect("login")


def _gone(request: HttpRequest) -> HttpResponse:
    request.session.pop(_LINK, None)
    return _guarded(render(request, "authorization/link_gone.html", status=404))


def _no_store(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _guarded(response: HttpResponse) -> HttpResponse:
    """Keep an address with a token out of caches and Referer headers."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return _no_store(response)
