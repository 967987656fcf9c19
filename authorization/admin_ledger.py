"""The ledger of reads and exports in the administrators' site: who saw or took whose data."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from authorization.admin_base import ANY_WORD, ReadOnlyAdmin, Search, shortened
from authorization.admin_search import of_enterprise
from authorization.ledger_models import LedgerEnterprise, LedgerEntry
from authorization.models import User


def _of_user(word: str) -> Q:
    """Ask for what a user of this name did."""
    return Q(user__in=list(User.objects.filter(username=word).values_list("pk", flat=True)))


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    """查询导出台账."""

    list_display = ["number", "at", "kind", "who", "what", "conditions", "case", "rows", "address"]
    list_display_links = ["number"]
    list_filter = ["kind"]
    searches = [
        Search(r"[0-9]{1,17}", "序号", "number"),
        Search(ANY_WORD, "用户名", _of_user),
    ]
    fields = [
        "number", "at", "kind", "who", "role", "address", "what", "conditions", "case",
        "concerned", "rows", "facts", "digest",
    ]  # fmt: skip

    @admin.display(description="查询条件")
    def conditions(self, entry: LedgerEntry) -> str:
        """Tell the conditions in words."""
        words = "；".join(f"{label}：{value}" for label, value in entry.query)
        return shortened(words, 200) or "无"

    @admin.display(description="涉及企业（当时）")
    def concerned(self, entry: LedgerEntry) -> str:
        """Name the enterprises as they were."""
        return "、".join(f"{name}（{code}）" for _, name, code in entry.enterprises) or "无"

    @admin.display(description="摘要")
    def digest(self, entry: LedgerEntry) -> str:
        """Show the hash, to be compared with one kept elsewhere."""
        return bytes(entry.hash).hex()


@admin.register(LedgerEnterprise)
class LedgerEnterpriseAdmin(ReadOnlyAdmin):
    """台账涉及的企业: which entries concern an enterprise."""

    list_display = ["entry", "enterprise", "at", "who"]
    list_display_links = ["entry"]
    list_select_related = ["entry", "enterprise"]
    searches = of_enterprise()

    @admin.display(description="时间")
    def at(self, row: LedgerEnterprise) -> Any:
        """When it was."""
        return row.entry.at

    @admin.display(description="用户（当时）")
    def who(self, row: LedgerEnterprise) -> str:
        """Who it was."""
        return row.entry.who

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerEnterprise]:
        """Bring the entries along."""
        rows: QuerySet[LedgerEnterprise] = super().get_queryset(request)
        return rows.select_related("entry", "enterprise")
