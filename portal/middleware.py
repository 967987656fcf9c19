"""Headers that every answer carries, and a page for an answer that has none."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

# Only our own files; htmx adds no inline code when its indicator styles are off.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), usb=()"


class ContentSecurityPolicyMiddleware:
    """Adds the Content-Security-Policy, and keeps an enterprise's pages out of shared caches.

    A view that talks to something else than us names it in `request.csp_connect_to`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers set, unless the view has set its own."""
        response = self.get_response(request)
        policy = CONTENT_SECURITY_POLICY
        if address := getattr(request, "csp_connect_to", ""):
            policy += f"; connect-src 'self' {address}"
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class NotAllowedPageMiddleware:
    """Shows a page where the address of an action is opened: Django's own answer 405 is empty."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 405 with a page in Chinese; any other answer passes as it is."""
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        page = render(request, "405.html", status=response.status_code)
        page.headers["Allow"] = response.headers["Allow"]
        return page
