"""用户管理, for the legal representative: the users of his own enterprise and their history.

Every query starts from the enterprise of whoever is logged in; another's user is 404.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db import IntegrityError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from authorization import accounts, events, sessions, throttle
from authorization.account_forms import TAKEN, AddOperatorForm, UserSearch
from authorization.backends import may_use_password
from authorization.change_models import ChangeEvent
from authorization.events import By
from authorization.gate import as_user, roles
from authorization.models import Enterprise, Role, User

LEGAL_REPRESENTATIVE = roles(Role.LEGAL_REPRESENTATIVE)
USERS_PER_PAGE = 50
EVENTS_PER_PAGE = 50
EVENTS_OF_A_USER = 20


@require_safe
@LEGAL_REPRESENTATIVE
def user_list(request: HttpRequest) -> HttpResponse:
    """List the users of one's own enterprise: who may log in, who did, who failed to."""
    form = UserSearch(request.GET)
    users = _searched(_users(request), form).order_by("-role", "username")
    is_open = sessions.not_over("open_sessions__")
    users = users.annotate(session_count=Count("open_sessions", filter=is_open))
    page = page_of(users, request, USERS_PER_PAGE)
    locked = throttle.locked_for(user.username for user in page)
    waits = {name: throttle.in_words(seconds) for name, seconds in locked.items()}
    context = {
        "title": "用户管理",
        "form": form,
        "is_searched": any(request.GET.get(name) for name in form.fields),
        "page": page,
        "rows": [(user, waits.get(user.username, "")) for user in page],
    }
    return render(request, "authorization/users.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@LEGAL_REPRESENTATIVE
@never_cache
def user_add(request: HttpRequest) -> HttpResponse:
    """Add an operator and show, this once, the link by which he sets his password."""
    form = AddOperatorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, enterprise = By.of(request), _enterprise(request)
        try:
            user = accounts.add_operator(by, enterprise, **form.cleaned_data)
        except IntegrityError:  # taken between the look and the write
            form.add_error("username", TAKEN)
        else:
            return _added(request, user)
    context = {"title": "新增操作员", "form": form}
    return render(request, "authorization/user_add.html", context)


def _added(request: HttpRequest, user: User) -> HttpResponse:
    if may_use_password(user):
        return show_link(request, user, "authorization/link_made.html", is_new=True)
    sentence = f"已新增操作员{user.display_name}（{user.username}），请通知其通过单一窗口登录。"
    messages.success(request, sentence)
    return redirect("account:user", user.pk)


@require_safe
@LEGAL_REPRESENTATIVE
@never_cache
def user_detail(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show one user: his state, his open sessions, what was changed, what may be done."""
    user = _user(request, user_id)
    context = {
        "title": user.display_name,
        "may_manage": accounts.may_manage(as_user(request), user),
        **account_facts(request, user),
    }
    return render(request, "authorization/user.html", context)


def account_facts(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return what a page about an account shows, ours or the administrators': three queries."""
    locked = throttle.locked_for([user.username]).get(user.username, 0)
    newest = ChangeEvent.objects.filter(user=user).select_related("actor")
    return {
        "shown": user,
        "locked": throttle.in_words(locked) if locked else "",
        "may_use_password": may_use_password(user),
        "open_sessions": sessions.open_sessions(user),
        "own_session": sessions.own_number(request),
        "events": with_words(newest.order_by("-at", "-pk")[:EVENTS_OF_A_USER]),
    }


def with_words(rows: Any) -> list[tuple[ChangeEvent, list[str]]]:
    """Pair each event with what it changed, in words."""
    return [(event, events.told(event)) for event in rows]


Action = Callable[[By, User], bool]


def _action(action: Action, done: str, nothing: str) -> Callable[..., HttpResponse]:
    """Make a view that does one thing to one user by POST and goes back to his page."""

    @require_POST
    @LEGAL_REPRESENTATIVE
    def view(request: HttpRequest, user_id: int) -> HttpResponse:
        user = _user(request, user_id)
        do_and_say(request, user, action, done, nothing)
        return redirect("account:user", user.pk)

    return view


def do_and_say(request: HttpRequest, user: User, action: Action, done: str, nothing: str) -> None:
    """Do something to an account and tell how it went."""
    try:
        changed = action(By.of(request), user)
    except accounts.AccountRefusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, (done if changed else nothing).format(user.display_name))


# (what is done, the sentence when it was, the sentence when there was nothing to do)
DISABLE = (accounts.disable, "已停用{}的账号，其登录已全部结束。", "{}的账号此前已停用。")
ENABLE = (accounts.enable, "已启用{}的账号。", "{}的账号此前已启用。")
UNLOCK = (accounts.unlock, "已解除{}的登录锁定。", "{}的账号没有被锁定，无需解除。")

user_disable = _action(*DISABLE)
user_enable = _action(*ENABLE)
user_unlock = _action(*UNLOCK)


@require_POST
@LEGAL_REPRESENTATIVE
@never_cache
def user_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Make a new link for an operator and show it this once; earlier links end."""
    user = _user(request, user_id)
    try:
        return show_link(request, user, "authorization/link_made.html")
    except accounts.AccountRefusal as refusal:
        messages.error(request, str(refusal))
    return redirect("account:user", user.pk)


def show_link(
    request: HttpRequest, user: User, template: str, *, is_new: bool = False, **context: Any
) -> HttpResponse:
    """Make a link and answer with the only page that ever shows it; raises AccountRefusal."""
    link, token = accounts.make_link(By.of(request), user)
    address = request.build_absolute_uri(reverse("account:link", args=[token]))
    response = render(
        request,
        template,
        {
            "title": "设密链接",
            "shown": user,
            "link": link,
            "address": address,
            "minutes": settings.PASSWORD_LINK_MINUTES,
            "is_new": is_new,
            **context,
        },
    )
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
@LEGAL_REPRESENTATIVE
def user_sessions_end(request: HttpRequest, user_id: int) -> HttpResponse:
    """End one session of an operator, or all of them."""
    user = _user(request, user_id)
    end_sessions_as_asked(request, user)
    return redirect("account:user", user.pk)


def end_sessions_as_asked(request: HttpRequest, user: User) -> None:
    """End the session that the form names, or every one but the asker's own, and say so."""
    by, number = By.of(request), request.POST.get("session", "")
    try:
        if number:
            is_number = number.isascii() and number.isdecimal() and len(number) < 19
            ended = is_number and accounts.end_session(by, user, int(number))
            sentence = "已结束该登录。" if ended else "该登录此前已结束。"
        else:
            keep = sessions.own_number(request) if user.pk == as_user(request).pk else 0
            count = accounts.end_sessions(by, user, keep)
            sentence = f"已结束 {count} 个登录。" if count else "没有需要结束的登录。"
    except accounts.AccountRefusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, sentence)


@require_safe
@LEGAL_REPRESENTATIVE
def event_list(request: HttpRequest) -> HttpResponse:
    """Show every change of the enterprise's accounts, the newest first."""
    accounts_only = ChangeEvent.objects.filter(of=ChangeEvent.Of.ACCOUNT)
    rows = accounts_only.filter(enterprise=_enterprise(request))
    rows = rows.select_related("user", "actor").order_by("-at", "-pk")
    page = page_of(rows, request, EVENTS_PER_PAGE)
    context = {"title": "账号变更记录", "page": page, "events": with_words(page)}
    return render(request, "authorization/events.html", context)


def page_of(rows: "QuerySet[Any]", request: HttpRequest, size: int) -> "Page[Any]":
    """Return the page that the URL asks for; a strange number means the first or the last."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def _enterprise(request: HttpRequest) -> Enterprise:
    """Return the enterprise of a legal representative, who always has one."""
    return as_user(request).enterprise  # type: ignore[return-value]


def _users(request: HttpRequest) -> "QuerySet[User]":
    return User.objects.filter(enterprise=_enterprise(request))


def _user(request: HttpRequest, user_id: int) -> User:
    return get_object_or_404(_users(request), pk=user_id)


def _searched(users: "QuerySet[User]", form: UserSearch) -> "QuerySet[User]":
    form.is_valid()
    for word in form.cleaned_data.get("keyword", "").split():
        users = users.filter(Q(username__icontains=word) | Q(display_name__icontains=word))
    state = form.cleaned_data.get("state", "")
    return users.filter(is_active=state == "active") if state else users
