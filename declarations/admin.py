"""Declared lines, goods, contents, releases and verdicts in the administrators' site, to look at."""

from django.contrib import admin
from django.db.models import Q

from authorization.admin_base import ReadOnlyAdmin, Search, shortened
from authorization.admin_search import of_enterprise
from authorization.change_models import ChangeEvent
from declarations.code_tables import trade_mode_name
from declarations.models import (
    AuditVerdict,
    Content,
    DeclaredLine,
    DeclaredLineHistory,
    Goods,
    ImportRun,
    Release,
)

ENTRY_ID = r"[0-9]{8}[01IE][0-9]{9}"


def in_either_role(ids: list[int]) -> Q:
    """Return the condition for the rows that name an enterprise as agent or as trader."""
    return Q(agent__in=ids) | Q(trader__in=ids)


def shown_lines_of(ids: list[int]) -> Q:
    """Return the condition for an enterprise's lines; hidden ones stand in none of the indexes."""
    return in_either_role(ids) & Q(is_hidden=False)


@admin.register(Content)
class ContentAdmin(ReadOnlyAdmin):
    """申报内容."""

    list_display = ["hs_code", "ie_flag", "short_name", "short_g_model", "is_public"]
    searches = [
        Search(r"[0-9]{2,10}", "商品编码开头", "hs_code__startswith"),
    ]
    fields = ["hs_code", "ie_flag", "name", "g_model", "is_public", "key"]

    @admin.display(description="商品名称（归一）")
    def short_name(self, content: Content) -> str:
        """Return the name, cut."""
        return shortened(content.name, 30)

    @admin.display(description="规格型号（归一）")
    def short_g_model(self, content: Content) -> str:
        """Return the g_model, cut."""
        return shortened(content.g_model)

    @admin.display(description="内容指纹")
    def key(self, content: Content) -> str:
        """Return the content_key in hexadecimal digits."""
        return bytes(content.content_key).hex()


@admin.register(Goods)
class GoodsAdmin(ReadOnlyAdmin):
    """商品: the declared texts, byte for byte."""

    list_display = ["hs_code", "ie_flag", "short_name", "short_g_model", "content_id"]
    searches = [Search(r"[0-9]{2,10}", "商品编码开头", "content__hs_code__startswith")]
    list_select_related = False

    @admin.display(description="商品名称")
    def short_name(self, goods: Goods) -> str:
        """Return the name, cut."""
        return shortened(goods.name, 30)

    @admin.display(description="规格型号")
    def short_g_model(self, goods: Goods) -> str:
        """Return the g_model, cut."""
        return shortened(goods.g_model)


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    """申报数据装入."""

    list_display = ["id", "file_name", "started_at", "counts"]
    list_display_links = ["id", "file_name"]


@admin.register(DeclaredLine)
class DeclaredLineAdmin(ReadOnlyAdmin):
    """申报商品项."""

    list_display = [
        "entry_id",
        "g_no",
        "goods",
        "agent",
        "trader",
        "trade_mode_in_words",
        "declared_on",
        "origin",
    ]
    list_select_related = ["goods", "agent", "trader"]
    searches = [Search(ENTRY_ID, "完整报关单号", "entry_id"), *of_enterprise(shown_lines_of)]

    @admin.display(description="监管方式")
    def trade_mode_in_words(self, line: DeclaredLine) -> str:
        """Return the 监管方式's name."""
        return trade_mode_name(line.trade_mode)

    @admin.display(description="来源")
    def origin(self, line: DeclaredLine) -> str:
        """Say whether the line was declared, or is known from audits alone."""
        if line.declared_at is not None:
            return "申报"
        return "仅审核（已隐藏）" if line.is_hidden else "仅审核"


@admin.register(DeclaredLineHistory)
class DeclaredLineHistoryAdmin(ReadOnlyAdmin):
    """申报商品项改正记录."""

    list_display = ["line", "changed_at", "import_run"]
    list_select_related = ["line", "import_run"]
    searches = [Search(ENTRY_ID, "完整报关单号", "line__entry_id")]


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    """审核数据发布."""

    changes_of = ChangeEvent.Of.RELEASE

    list_display = [
        "id",
        "month",
        "file_name",
        "released_at",
        "released_by",
        "withdrawn_at",
        "withdrawal_reason",
    ]
    list_display_links = ["id", "month"]
    list_select_related = ["released_by"]

    @admin.display(description="审核月份")
    def month(self, release: Release) -> str:
        """Return the audit month."""
        return f"{release.audit_month:%Y-%m}"


@admin.register(AuditVerdict)
class AuditVerdictAdmin(ReadOnlyAdmin):
    """审核结论."""

    list_display = [
        "id",
        "line",
        "goods",
        "agent",
        "trader",
        "month",
        "verdict",
        "is_effective",
    ]
    list_display_links = ["id", "line"]
    list_select_related = ["line", "goods", "agent", "trader"]
    searches = [Search(ENTRY_ID, "完整报关单号", "line__entry_id"), *of_enterprise(in_either_role)]

    @admin.display(description="审核月份")
    def month(self, verdict: AuditVerdict) -> str:
        """Return the audit month."""
        return f"{verdict.audit_month:%Y-%m}"

    @admin.display(description="审核结论")
    def verdict(self, verdict: AuditVerdict) -> str:
        """Return the verdict in words."""
        return "规范" if verdict.conforming else "不规范"
