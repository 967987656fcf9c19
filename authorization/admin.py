"""Enterprises, customs codes and users in the administrators' site."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from authorization.admin_base import (
    ANY_WORD,
    BigTableAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    Search,
)
from authorization.models import CustomsCode, Enterprise, Role, User

USCC = r"[0-9A-HJ-NPQRTUWXY]{18}"
CUSTOMS_CODE = r"[0-9]{4}[0-9A-Z][0-9][0-9A-Z]{4}"


def of_enterprise(rows: str | Callable[[list[int]], Q] = "enterprise") -> list[Search]:
    """Return the searches that find the rows of one enterprise by either of its codes.

    `rows` is the field that names the enterprise, or turns the enterprise's id (a list of one, or
    none for an unknown code) into a condition. The enterprise is looked up first, so that the big
    table is entered by its own index.
    """

    def having(ids: QuerySet[Any, int]) -> Q:
        return Q(**{f"{rows}__in": list(ids)}) if isinstance(rows, str) else rows(list(ids))

    def by_uscc(word: str) -> Q:
        return having(Enterprise.objects.filter(uscc=word).values_list("pk", flat=True))

    def by_customs_code(word: str) -> Q:
        return having(CustomsCode.objects.filter(code=word).values_list("enterprise_id", flat=True))

    return [
        Search(USCC, "统一社会信用代码", by_uscc),
        Search(CUSTOMS_CODE, "海关注册编码", by_customs_code),
    ]


class CustomsCodeInline(ReadOnlyInline):
    """The enterprise's customs codes."""

    model = CustomsCode


@admin.register(Enterprise)
class EnterpriseAdmin(BigTableAdmin):
    """Enterprises, to look at: only a card authorizes one (authorizing.py)."""

    list_display = ["name", "uscc", "is_authorized", "authorized_at", "created_at"]
    list_display_links = ["name", "uscc"]
    list_filter = ["is_authorized"]
    search_fields = ["name"]  # Django asks for it where an autocomplete field leads here
    searches = [
        Search(USCC, "统一社会信用代码", "uscc"),
        Search(CUSTOMS_CODE, "海关注册编码", "customs_codes__code"),
        Search(ANY_WORD, "企业名称中的字", "name__contains"),
    ]
    readonly_fields = [
        "name",
        "uscc",
        "is_authorized",
        "authorized_at",
        "authorized_until",
        "created_at",
    ]
    fields = [*readonly_fields]
    inlines = [CustomsCodeInline]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Enterprises come with the data."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """What data has named stays."""
        return False


@admin.register(CustomsCode)
class CustomsCodeAdmin(ReadOnlyAdmin):
    """海关注册编码."""

    list_display = ["code", "enterprise"]
    list_select_related = ["enterprise"]
    searches = of_enterprise()


class NewUserForm(BaseUserCreationForm):
    """A new user with a password that the administrator hands over."""

    class Meta:
        model = User
        fields = ["username", "display_name", "role", "enterprise"]


class UserForm(UserChangeForm):
    """What an administrator may change about a user."""

    # Set by UserAdmin.get_form: who is changing.
    administrator: User | None = None

    class Meta:
        model = User
        fields = ["username", "display_name", "role", "enterprise", "is_active"]
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}

    def clean(self) -> dict[str, Any]:
        """Keep administrators from locking themselves out."""
        cleaned = super().clean() or {}
        if self.administrator is not None and self.instance.pk == self.administrator.pk:
            if not cleaned.get("is_active", True):
                raise ValidationError("不能停用自己的账号，请由其他管理员操作。")
            if cleaned.get("role", Role.ADMINISTRATOR) != Role.ADMINISTRATOR:
                raise ValidationError("不能更改自己的角色，请由其他管理员操作。")
        return cleaned


@admin.register(User)
class PortalUserAdmin(BigTableAdmin, UserAdmin):
    """Users: add, disable, set role, enterprise and password; never delete."""

    form = UserForm
    add_form = NewUserForm
    add_form_template = None
    list_display = ["username", "display_name", "role", "enterprise", "is_active", "last_login"]
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
    ordering = ["-pk"]
    filter_horizontal = []
    autocomplete_fields = ["enterprise"]
    readonly_fields = ["last_login", "created_at"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        ("身份", {"fields": ["display_name", "role", "enterprise", "is_active"]}),
        ("时间", {"fields": ["last_login", "created_at"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": [
                    "username",
                    "display_name",
                    "role",
                    "enterprise",
                    "password1",
                    "password2",
                ],
                "description": "企业操作员和企业法人必须选择企业，海关人员和管理员不选企业。",
            },
        )
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Users stay, since history names them; disable them instead."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """A name stays as well: texts that a card has signed hold it."""
        return [*self.readonly_fields, *(["username"] if obj else [])]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Tell the form who is changing."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            return form
        return type(form.__name__, (form,), {"administrator": request.user})
