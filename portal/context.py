"""What the frame of every page shows: the foot's service lines, the menu, the new-message sign."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Give every template the service lines of the foot."""
    return {
        "service_hotline": settings.SERVICE_HOTLINE,
        "service_qq_group": settings.SERVICE_QQ_GROUP,
    }
