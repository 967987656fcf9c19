"""Users and their history in the administrators' site.

What an administrator does to an account (disable, unlock, link, sessions, second factor) is done by
authorization/accounts.py, as the enterprise's own pages do it; the form changes who a user is.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from authorization import account_views, accounts, second_factor
from authorization.account_forms import TAKEN, USERNAME_FORM
from authorization.account_models import (
    PasswordLink,
    RecoveryCode,
    SingleWindowIdentity,
    UserSession,
)
from authorization.admin_base import ANY_WORD, BigTableAdmin, ReadOnlyAdmin, Search
from authorization.admin_search import of_enterprise
from authorization.barriers import barriers_of_users
from authorization.change_models import ChangeEvent
from authorization.events import By
from authorization.models import Role, User


class UserForm(forms.ModelForm):
    """Who a user is; whether he may log in is switched on his account's page."""

    # Set by UserAdmin.get_form: who is changing.
    administrator: User | None = None

    class Meta:
        model = User
        fields = ["username", "display_name", "role", "enterprise"]

    def clean_username(self) -> str:
        """Refuse strange letters, and a name that somebody has, in whatever case."""
        name: str = self.cleaned_data["username"]
        if name == self.instance.username:
            return name
        USERNAME_FORM(name)
        if User.objects.filter(username__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(TAKEN)
        return name

    def clean(self) -> dict[str, Any]:
        """Keep administrators from locking themselves out."""
        cleaned = super().clean() or {}
        is_own = self.administrator is not None and self.instance.pk == self.administrator.pk
        if is_own and cleaned.get("role", Role.ADMINISTRATOR) != Role.ADMINISTRATOR:
            raise ValidationError("不能更改自己的角色，请由其他管理员操作。")
        return cleaned


@admin.register(User)
class PortalUserAdmin(BigTableAdmin):
    """Users: add, change who they are; their account page does the rest; never delete."""

    form = UserForm
    list_display = [
        "username",
        "display_name",
        "role",
        "enterprise",
        "is_active",
        "last_login",
        "failures",
        "account_link",
    ]
    list_select_related = ["enterprise"]
    list_filter = ["role", "is_active"]
    search_fields = ["username"]
    searches = [
        *of_enterprise(),
        Search(
            ANY_WORD,
            "用户名或姓名开头",
            lambda word: Q(username__startswith=word) | Q(display_name__startswith=word),
        ),
    ]
    autocomplete_fields = ["enterprise"]
    readonly_fields = ["is_active", "last_login", "failures", "last_failure_at", "created_at"]
    change_form_template = "admin/authorization/user/change_form.html"
    changes_of = ChangeEvent.Of.ACCOUNT
    add_fieldsets = [
        (
            None,
            {
                "fields": ["username", "display_name", "role", "enterprise"],
                "description": "企业操作员和企业法人必须选择企业，海关人员和管理员不选企业；"
                "保存后在账号页生成设密链接，交给用户本人设置密码。",
            },
        )
    ]
    fieldsets = [
        ("身份", {"fields": ["username", "display_name", "role", "enterprise"]}),
        (
            "登录情况",
            {"fields": ["is_active", "last_login", "failures", "last_failure_at", "created_at"]},
        ),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out of a new user what only an old one has."""
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep a user's name as it was given: signed texts name him by it."""
        return [*self.readonly_fields, *(["username"] if obj is not None else [])]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Users stay, since history names them; disable them instead."""
        return False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Tell the form who is changing."""
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"administrator": request.user})

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Store with an entry in the history; Django's admin has opened the transaction."""
        by = By.of(request)
        if not change:
            obj.set_unusable_password()
            super().save_model(request, obj, form, change)
            accounts.note_added(by, obj)
            return
        before = accounts.facts_of(User.objects.select_for_update(of=("self",)).get(pk=obj.pk))
        super().save_model(request, obj, form, change)
        accounts.note_changed(by, obj, before)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Go on to the account's page, where the link for the password is made."""
        messages.success(request, f"已新增用户“{obj}”，请生成设密链接并交给用户本人。")
        return redirect("admin:authorization_user_account", obj.pk)

    def formfield_for_foreignkey(self, *args: Any, **kwargs: Any) -> Any:
        """Leave out the icons beside the field of the enterprise: it has a page of its own."""
        field = super().formfield_for_foreignkey(*args, **kwargs)
        if field is not None and hasattr(field.widget, "can_view_related"):
            field.widget.can_view_related = False
        return field

    @admin.display(description="账号")
    def account_link(self, user: User) -> SafeString:
        """Lead to the account's page."""
        return format_html(
            '<a href="{}">登录与密码</a>',
            reverse("admin:authorization_user_account", args=[user.pk]),
        )

    # --- the account's page ---------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Add the account's page and what is done there."""
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:user_id>/account/",
                view(self.account_view),
                name="authorization_user_account",
            ),
            path(
                "<int:user_id>/account/<slug:action>/",
                view(self.action_view),
                name="authorization_user_account_action",
            ),
        ]
        return own + super().get_urls()

    def account_view(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """Show why a user can or can't get in, and what may be done about it."""
        user = get_object_or_404(User.objects.select_related("enterprise"), pk=user_id)
        context = {
            **self.admin_site.each_context(request),
            **account_views.account_facts(request, user),
            "opts": self.opts,
            "title": f"账号：{user}（{user.username}）",
            "may_enter": user.enterprise is None or user.enterprise.may_be_entered(),
            "barriers": barriers_of_users([user])[user.pk],
            "needs_factor": user.role == Role.ADMINISTRATOR,
            "has_factor": second_factor.authenticator_of(user) is not None,
            "end_url": reverse(
                "admin:authorization_user_account_action", args=[user.pk, "sessions"]
            ),
        }
        return render(request, "admin/authorization/user/account.html", context)

    def action_view(self, request: HttpRequest, user_id: int, action: str) -> HttpResponse:
        """Do one thing to an account by POST, and go back to its page or show the link."""
        if request.method != "POST" or action not in {*_ACTIONS, "link", "sessions"}:
            raise Http404("不是账号的操作")
        user = get_object_or_404(User, pk=user_id)
        if action == "link":
            return self._link(request, user)
        if action == "sessions":
            account_views.end_sessions_as_asked(request, user)
        else:
            account_views.do_and_say(request, user, *_ACTIONS[action])
        return redirect("admin:authorization_user_account", user.pk)

    def _link(self, request: HttpRequest, user: User) -> HttpResponse:
        template = "admin/authorization/user/link.html"
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        try:
            return account_views.show_link(request, user, template, **context)
        except accounts.AccountRefusal as refusal:
            messages.error(request, str(refusal))
        return redirect("admin:authorization_user_account", user.pk)


# (what is done, the sentence when it was, the sentence when there was nothing to do)
_ACTIONS: dict[str, tuple[account_views.Action, str, str]] = {
    "disable": account_views.DISABLE,
    "enable": account_views.ENABLE,
    "unlock": account_views.UNLOCK,
    "second-factor": (
        second_factor.reset,
        "已重置{}的动态口令，其登录已全部结束，下次登录时重新绑定。",
        "{}还没有绑定动态口令，无需重置。",
    ),
}


class ShownAdmin(ReadOnlyAdmin):
    """A row's own page shows what its list shows: hashes are of use to nobody who reads."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the columns of the list."""
        return self.list_display


class OfUserAdmin(ShownAdmin):
    """What belongs to a user."""

    list_select_related = ["user"]
    searches = [
        Search(ANY_WORD, "用户名", "user__username"),
    ]


@admin.register(UserSession)
class UserSessionAdmin(OfUserAdmin):
    """登录会话; ended on the user's account page."""

    list_display = ["user", "address", "browser", "way", "started_at", "last_seen_at", "expires_at"]


@admin.register(PasswordLink)
class PasswordLinkAdmin(OfUserAdmin):
    """密码链接."""

    list_display = ["user", "made_at", "expires_at", "used_at"]


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(OfUserAdmin):
    """恢复码."""

    list_display = ["user", "used_at"]


@admin.register(SingleWindowIdentity)
class SingleWindowIdentityAdmin(OfUserAdmin):
    """单一窗口账号."""

    list_display = ["user", "issuer", "subject", "linked_at"]
