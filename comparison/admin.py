"""Marks, choices, their history and the public projection in the administrators' site, to look at."""

from django.contrib import admin

from authorization.admin_base import ReadOnlyAdmin, Search, shortened
from authorization.admin_search import of_enterprise
from comparison import admin_nearest as admin_nearest
from comparison.admin_runs import ComparisonRunAdmin, FailedContentAdmin
from comparison.models import (
    ComparisonRun,
    ContentConflict,
    ContentForm,
    EntryChoice,
    FailedContent,
    LibraryEntry,
    Mark,
    MarkHistory,
    Publication,
    PublicContent,
    RunPiece,
)

admin.site.register(ComparisonRun, ComparisonRunAdmin)
admin.site.register(FailedContent, FailedContentAdmin)

# What the history holds, in words: marks, 公开状态, and 自选 or not.
VALUES = {**dict(Mark.choices), **dict(Publication.choices), "yes": "是", "no": "否"}


@admin.register(ContentForm)
class ContentFormAdmin(ReadOnlyAdmin):
    """内容形式."""

    list_display = ["content", "version", "key"]
    list_select_related = ["content"]
    fields = ["content", "version", "key"]
    searches = [Search(r"[0-9]+", "内容编号", "pk")]

    @admin.display(description="形式指纹")
    def key(self, form: ContentForm) -> str:
        """Return the form_key in hexadecimal digits."""
        return bytes(form.form_key).hex()


@admin.register(LibraryEntry)
class LibraryEntryAdmin(ReadOnlyAdmin):
    """企业库条目."""

    list_display = [
        "id",
        "enterprise",
        "content",
        "mark",
        "has_conflict",
        "match_source",
        "row_count",
        "last_declared_on",
    ]
    list_display_links = ["id", "content"]
    list_select_related = ["enterprise", "content"]
    searches = of_enterprise()


@admin.register(EntryChoice)
class EntryChoiceAdmin(ReadOnlyAdmin):
    """企业选择."""

    list_display = [
        "id",
        "enterprise",
        "content",
        "self_selected",
        "self_selected_at",
        "publication",
        "publication_at",
    ]
    list_display_links = ["id", "content"]
    list_select_related = ["enterprise", "content"]
    searches = of_enterprise()


@admin.register(MarkHistory)
class MarkHistoryAdmin(ReadOnlyAdmin):
    """标记与选择变更."""

    list_display = [
        "changed_at",
        "enterprise",
        "content",
        "subject",
        "before_label",
        "after_label",
        "cause",
        "user",
    ]
    list_select_related = ["enterprise", "content", "user"]
    searches = of_enterprise()

    @admin.display(description="变更前")
    def before_label(self, change: MarkHistory) -> str:
        """Return the old value in words."""
        return VALUES.get(change.before, change.before)

    @admin.display(description="变更后")
    def after_label(self, change: MarkHistory) -> str:
        """Return the new value in words."""
        return VALUES.get(change.after, change.after)


@admin.register(PublicContent)
class PublicContentAdmin(ReadOnlyAdmin):
    """公共库数据."""

    list_display = ["hs_code", "name", "short_g_model", "latest_month", "enterprise_count", "shown"]
    list_select_related = ["content"]
    searches = [Search(r"[0-9]{2,10}", "商品编码开头", "hs_code__startswith")]
    fields = [
        "content",
        "hs_code",
        "ie_flag",
        "name",
        "g_model",
        "trade_modes",
        "latest_month",
        "enterprise_count",
        "shown",
    ]

    @admin.display(description="规格型号")
    def short_g_model(self, content: PublicContent) -> str:
        """Return the g_model, cut."""
        return shortened(content.g_model)

    @admin.display(description="现在公开", boolean=True)
    def shown(self, content: PublicContent) -> bool:
        """Whether others see it now."""
        return content.content.is_public


@admin.register(RunPiece)
class RunPieceAdmin(ReadOnlyAdmin):
    """比对分片."""

    list_display = [
        "id",
        "run",
        "number",
        "first_code",
        "last_code",
        "state",
        "contents_done",
        "contents_total",
        "worker",
        "taken",
        "errors",
    ]
    list_select_related = ["run"]
    searches = [Search(r"[0-9]+", "运行编号", "run_id")]
    # Where it is, in bytes: nothing to look at.
    exclude = ["after_key", "stages"]


@admin.register(ContentConflict)
class ContentConflictAdmin(ReadOnlyAdmin):
    """结论冲突."""

    list_display = [
        "hs_code",
        "content",
        "audit_month",
        "conforming_rows",
        "nonconforming_rows",
        "divided_enterprises",
        "enterprises",
        "lines",
    ]
    list_select_related = ["content"]
    ordering = ["-enterprises", "-lines", "-pk"]
    searches = [Search(r"[0-9]{2,10}", "商品编码开头", "hs_code__startswith")]
