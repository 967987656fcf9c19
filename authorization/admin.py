"""Enterprises, customs codes and users in the administrators' site."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from authorization.admin_base import (
    ANY_WORD,
    BigTableAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    Search,
)
from authorization.models import CustomsCode, Enterprise

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


# The rest of this room's tables; below, since they build on what stands above.
from authorization import admin_users  # noqa: E402, F401
