"""How the lists of all rooms find, and lead to, the rows of one enterprise."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from authorization.admin_base import Search
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


class NamesEnterprise:
    """A list whose rows belong to an enterprise: its column leads to the enterprise's page."""

    @admin.display(description="企业")
    def of_enterprise(self, row: Any) -> SafeString:
        """Return the enterprise's name, linked."""
        address = reverse("admin:authorization_enterprise_change", args=[row.enterprise_id])
        return format_html('<a href="{}">{}</a>', address, row.enterprise)
