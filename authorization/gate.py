"""The gate: one place decides who may enter which view.

Every view states its roles with `@roles(...)`, or that anybody may enter with
`@open_to_everyone`; a view that says nothing is closed. Enterprise users of an enterprise that is
not authorized, or no longer, may enter only the views marked `@open_before_authorization`;
administrators who have not given their second factor, only those marked `@open_before_second_factor`.
"""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from authorization import second_factor
from authorization.models import Role, User

View = TypeVar("View", bound=Callable[..., Any])

NOT_TAKEN = (
    "您刚才提交的内容没有处理，也没有保存：贵企业的授权目前无效。重新授权后，请再次填写并提交。"
)


def roles(*allowed: Role) -> Callable[[View], View]:
    """State which roles may enter a view function or class."""

    def mark(view: View) -> View:
        view.allowed_roles = frozenset(allowed)  # type: ignore[attr-defined]
        return view

    return mark


def open_to_everyone(view: View) -> View:
    """State that a view needs no login."""
    view.is_open_to_everyone = True  # type: ignore[attr-defined]
    return view


def open_before_authorization(view: View) -> View:
    """State that a view stays open while the user's enterprise is not authorized."""
    view.is_open_before_authorization = True  # type: ignore[attr-defined]
    return view


def open_before_second_factor(view: View) -> View:
    """State that an administrator's view stays open until the second factor is given."""
    view.is_open_before_second_factor = True  # type: ignore[attr-defined]
    return view


def opens_before_authorization(address: str) -> bool:
    """Whether an address of ours leads to a page that stays open without an authorization."""
    try:
        view = resolve(urlsplit(address).path).func
    except (Resolver404, ValueError):
        return False
    return bool(stated(view, "is_open_before_authorization"))


def stated(view: Callable[..., Any], name: str) -> Any:
    """Read what a view states, on itself or on the class that it was made of."""
    own = getattr(view, name, None)
    return own if own is not None else getattr(getattr(view, "view_class", None), name, None)


def must_wait(user: User) -> bool:
    """Whether a user acts for an enterprise that may not be entered now.

    Asked on every request of what the database says then: an authorization that ends shuts out
    every open session at its next request.
    """
    return user.is_enterprise_user and (
        user.enterprise is None or not user.enterprise.may_be_entered()
    )


def as_user(request: HttpRequest) -> User:
    """Return who is logged in, for a view that the gate guards.

    Raises PermissionDenied where nobody is: the view was opened to everyone by mistake.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied("请先登录。")
    return request.user


def to_login(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the login page, to come back afterwards to the page he was on.

    Only a page that was opened can be opened again: after a form or a part of a page, the page
    that it stood on. The login page checks that this is one of ours.
    """
    page = request.get_full_path()
    if is_for_part(request):
        page = _path_of(request.headers.get("HX-Current-URL", ""))
    elif request.method not in {"GET", "HEAD"}:
        page = _path_of(request.headers.get("Referer", ""))
    return whole_page(request, redirect_to_login(page) if page else redirect("login"))


def is_for_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the shown page."""
    return request.headers.get("HX-Request") == "true"


def whole_page(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Make a redirect lead the whole window on where only a part of the page was asked for."""
    if not is_for_part(request):
        return response
    return HttpResponse(status=204, headers={"HX-Redirect": response.headers["Location"]})


def _to_second_factor(request: HttpRequest) -> HttpResponse:
    """Ask an administrator for the second factor, to come back to the page afterwards."""
    page = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    asking = reverse("account:second_factor")
    wanted = f"{asking}?{urlencode({'next': page})}" if page else asking
    return whole_page(request, redirect(wanted))


def _to_notice(request: HttpRequest) -> HttpResponse:
    """Lead to the notice before authorization, which also says that what was sent was not taken."""
    if request.method not in {"GET", "HEAD"}:
        messages.error(request, NOT_TAKEN)
    return whole_page(request, redirect("unauthorized"))


def _path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class GateMiddleware:
    """Lets a request through to its view, or answers for the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; process_view does the work once the view is known."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Return None to let the request in, or a redirect; raises PermissionDenied."""
        if stated(view, "is_open_to_everyone"):
            return None
        match = request.resolver_match
        in_admin = match is not None and match.app_name == "admin"
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return to_login(request)
        allowed = frozenset({Role.ADMINISTRATOR}) if in_admin else stated(view, "allowed_roles")
        if not allowed or user.role not in allowed:
            raise PermissionDenied("您的角色无权打开此页面。")
        if second_factor.is_missing(request, user) and not stated(
            view, "is_open_before_second_factor"
        ):
            return _to_second_factor(request)
        if stated(view, "is_open_before_authorization") or not user.is_enterprise_user:
            return None
        if must_wait(user):
            return _to_notice(request)
        return None
