"""The administrators' site: Django's admin behind the portal's own login."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from authorization.models import Role, User

# Pages that are no table's: the group they are listed under, name in the address, and in words.
_PAGES = (
    ("法人卡与授权", "card_trust", "卡证书与吊销列表"),
    ("申报数据", "code_tables", "代码表"),
    ("海关审核", "rules", "校验规则"),
)
# Tables of a room that make a group of their own.
_CARDS = {
    "CardAuthorization",
    "CardSignature",
    "CardAttempt",
    "CardChallenge",
    "KeptCertificate",
    "KeptProof",
}


class PortalAdminSite(AdminSite):
    """Django's admin; logging in and changing one's password are the portal's pages."""

    site_title = "系统管理"
    site_header = "规范申报企业专属库 · 系统管理"
    index_title = "系统管理"
    index_template = "admin/dashboard.html"
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

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the pages that are no table's."""
        own = [
            path("card-trust/", self.admin_view(self.card_trust), name="card_trust"),
            path("code-tables/", self.admin_view(self.code_tables), name="code_tables"),
            path("rules/", self.admin_view(self.rules), name="rules"),
        ]
        return own + super().get_urls()

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """List the tables in groups, and beside them the pages that are no table's."""
        groups = []
        for app in super().get_app_list(request, app_label):
            cards = [model for model in app["models"] if model["object_name"] in _CARDS]
            others = [model for model in app["models"] if model not in cards]
            groups.append(app | {"models": others})
            if cards:
                groups.append(app | {"name": "法人卡与授权", "models": cards})
        for group in groups:
            group["models"] += [
                {
                    "name": words,
                    "object_name": name,
                    "admin_url": reverse(f"admin:{name}"),
                    "add_url": None,
                    "view_only": True,
                    "perms": {"view": True},
                    "model": None,
                }
                for listed_under, name, words in _PAGES
                if listed_under == group["name"]
            ]
        return groups

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """Show what needs looking at, and the way to everything."""
        # Here, since no room's models are loaded when the site is made.
        from portal.admin_dashboard import dashboard

        return super().index(request, dashboard() | (extra_context or {}))

    def card_trust(self, request: HttpRequest) -> HttpResponse:
        """Show what cards are believed by."""
        from authorization.admin_trust import trust_view

        return trust_view(request, self.each_context(request))

    def code_tables(self, request: HttpRequest) -> HttpResponse:
        """Show the customs code tables."""
        from declarations.admin_code_tables import code_tables_view

        return code_tables_view(request, self.each_context(request))

    def rules(self, request: HttpRequest) -> HttpResponse:
        """Show the rules that audited rows are checked by, and set their levels."""
        from customs_audit.admin_rules import rules_view

        return rules_view(request, self.each_context(request))
