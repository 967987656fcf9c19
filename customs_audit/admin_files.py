"""Error workbooks that came back, and files of watched folders, in the administrators' site."""

from django.contrib import admin

from authorization.admin_base import ReadOnlyAdmin, Search, shortened
from customs_audit.admin_uploads import NUMBER, OfUpload, cell_in_words, label_of
from customs_audit.inbox_models import InboxFile
from customs_audit.workbook_models import MendWorkbook, MendWorkbookRow


@admin.register(MendWorkbook)
class MendWorkbookAdmin(OfUpload, ReadOnlyAdmin):
    """修正表."""

    list_display = ["id", "upload_number", "file_name", "state", "rows_read", "taken_by", "taken_at", "ended_at"]  # fmt: skip
    list_display_links = ["id", "file_name"]
    list_select_related = ["taken_by"]
    searches = [Search(NUMBER, "上传编号", "upload")]
    exclude = ["refused"]


@admin.register(MendWorkbookRow)
class MendWorkbookRowAdmin(ReadOnlyAdmin):
    """修正表的行."""

    list_display = ["workbook_number", "number", "version", "in_words", "takes"]
    list_display_links = ["workbook_number", "number"]
    list_select_related = False
    ordering = ["-workbook", "-number"]
    fields = ["workbook", "number", "version", "in_words", "takes", "decided_version"]

    @admin.display(description="修正表编号")
    def workbook_number(self, row: MendWorkbookRow) -> int:
        """Return the workbook's number."""
        return int(row.workbook_id)

    @admin.display(description="改动")
    def in_words(self, row: MendWorkbookRow) -> str:
        """Return each field's text that was handed out and the one that came back."""
        return "；".join(
            f"{label_of(name)}：{cell_in_words(before)}→{cell_in_words(after)}"
            for name, (before, after) in row.texts.items()
        )


@admin.register(InboxFile)
class InboxFileAdmin(ReadOnlyAdmin):
    """收件文件夹中的文件."""

    list_display = ["taken_at", "folder", "file_name", "is_declared", "outcome", "upload", "short_message"]  # fmt: skip
    list_display_links = ["taken_at", "file_name"]
    list_select_related = ["upload"]
    ordering = ["-taken_at", "-pk"]

    @admin.display(description="说明")
    def short_message(self, file: InboxFile) -> str:
        """Return the message, cut."""
        return shortened(file.message)
