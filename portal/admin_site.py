"""The administrators' site: Django's admin behind the portal's own login."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from authorization.models import Role, User


class PortalAdminSite(AdminSite):
    """Django's admin; logging in and changing one's password are the portal's pages."""

    site_title = "系统管理"
    site_header = "规范申报企业专属库 · 系统管理"
    index_title = "数据与用户"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Let administrators in, as the gate does."""
        user = request.user
        return isinstance(user, User) and user.is_active and user.role == Role.ADMINISTRATOR

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the portal's login, which is slowed down against guessing."""
        return redirect("admin:index" if self.has_permission(request) else "login")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the portal's page for one's own password."""
        return redirect("password_change")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the portal's page for one's own password."""
        return redirect("password_change")
