"""Logging in by the Single Window: the way there and the way back."""

import logging

from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from authorization import openid, single_window
from authorization.addresses import known_address
from authorization.gate import open_to_everyone

logger = logging.getLogger(__name__)
_NEXT = "single_window_next"
_BACKEND = "authorization.backends.PortalBackend"


@require_safe
@open_to_everyone
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """Send the visitor to the Single Window's login."""
    _refuse_unless_configured()
    if request.user.is_authenticated:
        return redirect("home")
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        # A link on another site must log nobody in: our own page asks for the click.
        return redirect_to_login(request.GET.get("next", ""), reverse("login"))
    request.session[_NEXT] = request.GET.get("next", "")
    callback = request.build_absolute_uri(reverse("account:single_window_back"))
    try:
        return openid.send_to_provider(request, callback)
    except openid.ProviderError as error:
        logger.warning("Single Window: %s", error)
        return _refused(request, "暂时无法连接单一窗口，请稍后再试。")


@require_safe
@open_to_everyone
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """Log in whom the Single Window has proved, or say in one sentence why not."""
    _refuse_unless_configured()
    wanted = request.session.pop(_NEXT, "")
    try:
        claims = openid.claims_of(request)
        user = single_window.user_of(claims, known_address(request))
    except openid.ProviderError as error:
        logger.warning("Single Window: %s", error)
        return _refused(request, "单一窗口登录未完成，请重新登录。")
    except single_window.NotAdmitted as refusal:
        return _refused(request, str(refusal))
    # Whoever was here before must leave nothing behind.
    logout(request)
    request.came_by_single_window = True  # type: ignore[attr-defined]
    login(request, user, backend=_BACKEND)
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return redirect(wanted if is_ours else "home")


def _refused(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("login")


def _refuse_unless_configured() -> None:
    if not openid.is_configured():
        raise Http404("没有配置单一窗口登录")
