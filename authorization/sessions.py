"""Sessions that are noted, listed and ended, each login by itself.

A session carries the number of its UserSession row in its own data, on the server; a request whose
session has no such row, or one that is over, is answered as a stranger's. So whoever deletes the
row has ended the session from its next request on. It is over SESSION_HOURS after the login, and
before that once nothing was asked for SESSION_IDLE_MINUTES.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from authorization.account_models import UserSession
from authorization.addresses import browser_name, known_address
from authorization.models import User

NOTE = "noted_session"
# How old "last seen" may be before it is written again: not a write for every request.
SEEN_EVERY = timedelta(minutes=5)


def not_over(prefix: str = "") -> Q:
    """Return the condition of a session that is not over; `prefix` leads to it: "open_sessions__"."""
    now = timezone.now()
    idle = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    return Q(**{f"{prefix}expires_at__gt": now, f"{prefix}last_seen_at__gt": now - idle})


def begin(request: HttpRequest, user: User, way: str = "password") -> None:
    """Note the session that a login has just begun, and forget the user's that are over."""
    now = timezone.now()
    UserSession.objects.filter(user=user).exclude(not_over()).delete()
    noted = UserSession.objects.create(
        user=user,
        address=known_address(request),
        browser=browser_name(request.headers.get("User-Agent", "")),
        way=way,
        started_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=settings.SESSION_COOKIE_AGE),
    )
    request.session[NOTE] = noted.pk


def own_number(request: HttpRequest) -> int:
    """Return the number of the request's own noted session; 0 where it has none."""
    return int(request.session.get(NOTE) or 0)


def open_sessions(user: User) -> list[UserSession]:
    """Return a user's sessions that are not over, the last used first: one query."""
    rows = UserSession.objects.filter(not_over(), user=user)
    return list(rows.order_by("-last_seen_at", "-pk"))


def _is_open(request: HttpRequest) -> bool:
    """Whether the request's session is noted and not over; one query, seldom a write."""
    now = timezone.now()
    rows = UserSession.objects.filter(
        not_over(), pk=own_number(request), user_id=request.session[SESSION_KEY]
    )
    seen = rows.values_list("last_seen_at", flat=True).first()
    if seen is None:
        return False
    if now - seen > min(SEEN_EVERY, timedelta(minutes=settings.SESSION_IDLE_MINUTES) / 4):
        rows.update(last_seen_at=now)
    return True


class NotedSessionsMiddleware:
    """Makes a stranger of whoever's session was ended; stands between login and the gate."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look the session up before anything asks who the user is."""
        was_ended = SESSION_KEY in request.session and not _is_open(request)
        if was_ended:
            request.session.flush()
        request.session_was_ended = was_ended  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> None:
        """Tell the user; messages can be stored from here on only."""
        if request.session_was_ended:  # type: ignore[attr-defined]
            messages.warning(request, "您的登录已失效或已被结束，请重新登录。")
