"""What the frame of every page shows: the foot's service lines and the new-message sign."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from authorization.gate import must_wait
from authorization.models import User
from messages_app.queries import unread_count


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Give every template the service lines of the foot, and the number of unread messages.

    The number is asked for only where a page shows it, once. Error pages come here too, some of
    them before anybody knows who the user is.
    """
    return {
        "service_hotline": settings.SERVICE_HOTLINE,
        "service_qq_group": settings.SERVICE_QQ_GROUP,
        "is_demo": settings.DEMO_MODE,
        # A template calls it where it shows it; the cache is this page's own.
        "unread_messages": cache(lambda: _unread(getattr(request, "user", None))),
    }


def _unread(user: Any) -> int:
    """Count for users who may open their messages; nobody else has any."""
    if not isinstance(user, User) or must_wait(user):
        return 0
    return unread_count(user)
