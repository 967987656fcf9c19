"""The portal's own pages: login, home, the notice before authorization, help, errors."""

import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template import loader
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from authorization import openid
from authorization.accounts import note_password_changed
from authorization.events import By
from authorization.forms import PortalLoginForm, PortalPasswordChangeForm
from authorization.gate import (
    as_user,
    must_wait,
    open_before_authorization,
    open_to_everyone,
    opens_before_authorization,
    roles,
)
from authorization.masking import masked_name
from authorization.models import Role, User
from authorization.sessions import own_number
from authorization.standing import standing_of
from authorization.throttle import client_address
from portal import home as home_page

logger = logging.getLogger(__name__)


@open_to_everyone
class PortalLoginView(LoginView):
    """Log in and go to the page that was asked for, else to the role's own first page."""

    authentication_form = PortalLoginForm
    redirect_authenticated_user = True
    extra_context = {"single_window_register_url": settings.SINGLE_WINDOW_REGISTER_URL}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say which ways of logging in this installation has."""
        ways = {
            "by_single_window": openid.is_configured(),
            "local_passwords": settings.LOCAL_PASSWORDS,
        }
        return {**super().get_context_data(**kwargs), **ways}

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Return the page asked for, if it is ours and not one of logging in or out."""
        wanted: str = super().get_redirect_url()
        turning = {reverse("login"), reverse("logout")}
        return "" if urlsplit(wanted).path in turning else wanted

    def get_success_url(self) -> str:
        """Return where to go now: of an enterprise that must wait, to a page open before that."""
        user = as_user(self.request)
        wanted = self.get_redirect_url()
        if must_wait(user):
            return wanted if opens_before_authorization(wanted) else reverse("unauthorized")
        return wanted or home_page.first_page(user)


@open_to_everyone
class PortalLogoutView(LogoutView):
    """Log out by POST; whoever only opens the address stays logged in."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change nothing: a link from another site must log nobody out."""
        return redirect("home")


@roles(*Role)
@open_before_authorization
class PortalPasswordChangeView(PasswordChangeView):
    """Change one's own password; every other session of the account ends with it."""

    form_class = PortalPasswordChangeForm
    template_name = "registration/password.html"
    success_url = reverse_lazy("password_change")
    extra_context = {"title": "修改密码"}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form where the request comes from."""
        return {**super().get_form_kwargs(), "address": client_address(self.request)}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Store the new password and say so."""
        response = super().form_valid(form)
        note_password_changed(
            By.of(self.request), as_user(self.request), keep=own_number(self.request)
        )
        messages.success(self.request, "密码已修改，其他设备上的登录已失效。")
        return response


@require_safe
@roles(*Role)
def home(request: HttpRequest) -> HttpResponse:
    """Show the three functions of an enterprise or of officers and what is new in each.

    Administrators go to their own site.
    """
    user = as_user(request)
    if user.role == Role.ADMINISTRATOR:
        return redirect(home_page.first_page(user))
    context: dict[str, Any] = {
        "functions": home_page.functions_for(user),
        "standing": home_page.standing_for(user),
    }
    if user.role == Role.OFFICER:
        context |= {"news_title": "等待您处理", "no_news": "没有等待您处理的事项"}
    return render(request, "home.html", context)


@require_safe
@roles(Role.OPERATOR, Role.LEGAL_REPRESENTATIVE)
@open_before_authorization
@never_cache
def unauthorized(request: HttpRequest) -> HttpResponse:
    """Say what is missing before the enterprise may be entered, who can mend it and how."""
    user = as_user(request)
    if user.enterprise is None or not must_wait(user):
        return redirect("home")
    representatives = User.objects.filter(
        enterprise=user.enterprise, role=Role.LEGAL_REPRESENTATIVE, is_active=True
    ).order_by("pk")
    names = [masked_name(one.display_name) for one in representatives]
    return render(
        request,
        "unauthorized.html",
        {"legal_representatives": names, "standing": standing_of(user.enterprise)},
    )


@require_safe
@open_to_everyone
def help_page(request: HttpRequest) -> HttpResponse:
    """Show how the portal is used and whom to ask."""
    days = settings.AUTHORIZATION_REMINDER_DAYS
    return render(request, "help.html", {"title": "帮助", "authorization_reminder_days": days})


# --- answers to what went wrong ----------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: a request that can't be understood, or that brings more than is taken."""
    too_big = isinstance(exception, RequestDataTooBig)
    return render(request, "400.html", {"too_big": too_big}, status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: a page of another role."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404; also for what belongs to another enterprise, which must not be confirmed."""
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form without a valid CSRF token: too old, or of another site."""
    logger.warning("CSRF: %s %s", request.path, reason)
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer 500 with a page that asks neither database nor cache, since either may be down."""
    return HttpResponse(
        loader.get_template("500.html").render({"is_demo": settings.DEMO_MODE}), status=500
    )
