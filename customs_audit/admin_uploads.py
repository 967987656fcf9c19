"""Uploads, their rows and what became of them in the administrators' site, to look at."""

from typing import Any

from django.contrib import admin

from authorization.admin_base import ReadOnlyAdmin, Search, shortened
from customs_audit.checking import sentence_of
from customs_audit.models import (
    AuditUpload,
    HeadingMap,
    UploadFault,
    UploadRelease,
    UploadRow,
    UploadRowChange,
)
from declarations.admin import ENTRY_ID
from declarations.cell_json import from_json
from declarations.faults import Level, shown
from declarations.headers import LABELS

NUMBER = r"[0-9]{1,9}"
_CELL_LENGTH = 40


def label_of(field: str) -> str:
    """Return a field's label, itself where it has none."""
    return LABELS.get(field, field)


def cell_in_words(cell: Any) -> str:
    """Return a kept cell (JSON) for a list, cut."""
    return shortened(shown(from_json(cell)), _CELL_LENGTH) if cell is not None else ""


class OfUpload:
    """A list whose rows belong to an upload: its number in a column."""

    @admin.display(description="上传编号")
    def upload_number(self, row: Any) -> int:
        """Return the upload's number."""
        return int(row.upload_id)


@admin.register(AuditUpload)
class AuditUploadAdmin(ReadOnlyAdmin):
    """审核数据上传; officers work at it on their own pages."""

    list_display = ["id", "file_name", "month", "audit_kind", "source", "state", "uploaded_by", "uploaded_at"]  # fmt: skip
    list_display_links = ["id", "file_name"]
    list_select_related = ["uploaded_by"]
    searches = [
        Search(NUMBER, "上传编号", "pk"),
        Search(r"[0-9a-f]{64}", "文件指纹", "file_hash"),
    ]
    exclude = ["sheets", "file"]

    @admin.display(description="审核月份")
    def month(self, upload: AuditUpload) -> str:
        """Return the audit month."""
        return f"{upload.audit_month:%Y-%m}"


@admin.register(UploadRow)
class UploadRowAdmin(OfUpload, ReadOnlyAdmin):
    """审核数据行."""

    list_display = ["upload_number", "number", "row_number", "state", "entry_id", "g_no", "errors", "warnings", "version"]  # fmt: skip
    list_display_links = ["upload_number", "number"]
    list_select_related = False
    ordering = ["-upload", "-number"]
    searches = [
        Search(NUMBER, "上传编号", "upload"),
        Search(ENTRY_ID, "完整报关单号", "entry_id"),
    ]
    fields = ["upload", "number", "row_number", "state", "version", "in_words", "errors", "warnings", "release", "set_aside_reason", "set_aside_by", "set_aside_at"]  # fmt: skip

    @admin.display(description="内容")
    def in_words(self, row: UploadRow) -> str:
        """Return the row's cells, each with its label."""
        return "；".join(
            f"{label_of(name)}：{shown(from_json(cell))}"
            for name, cell in row.cells.items()
            if cell not in (None, "")
        )


@admin.register(UploadFault)
class UploadFaultAdmin(ReadOnlyAdmin):
    """校验发现."""

    list_display = ["row", "label", "rule_in_words", "level_in_words", "short_value"]
    list_select_related = ["row"]
    searches = [
        Search(NUMBER, "上传编号", "upload"),
        Search(ENTRY_ID, "完整报关单号", "row__entry_id"),
    ]

    @admin.display(description="字段")
    def label(self, fault: UploadFault) -> str:
        """Return the field's label."""
        return label_of(fault.field)

    @admin.display(description="规则")
    def rule_in_words(self, fault: UploadFault) -> str:
        """Return the fault's sentence, cut."""
        return shortened(sentence_of(fault))

    @admin.display(description="级别")
    def level_in_words(self, fault: UploadFault) -> str:
        """Return the level in a word."""
        return str(Level(fault.level).label)

    @admin.display(description="原值")
    def short_value(self, fault: UploadFault) -> str:
        """Return the value, cut."""
        return shortened(fault.value, _CELL_LENGTH)


@admin.register(UploadRowChange)
class UploadRowChangeAdmin(ReadOnlyAdmin):
    """修改记录."""

    list_display = ["at", "row", "label", "before_in_words", "after_in_words", "how", "by"]
    list_select_related = ["row", "by"]
    searches = [Search(ENTRY_ID, "完整报关单号", "row__entry_id")]

    @admin.display(description="字段")
    def label(self, change: UploadRowChange) -> str:
        """Return the field's label."""
        return label_of(change.field)

    @admin.display(description="修改前")
    def before_in_words(self, change: UploadRowChange) -> str:
        """Return what stood there, cut."""
        return cell_in_words(change.before)

    @admin.display(description="修改后")
    def after_in_words(self, change: UploadRowChange) -> str:
        """Return what stands there since, cut."""
        return cell_in_words(change.after)


@admin.register(UploadRelease)
class UploadReleaseAdmin(OfUpload, ReadOnlyAdmin):
    """上传的发布."""

    list_display = ["release_number", "upload_number", "state", "row_count", "submitted_by", "submitted_at", "reviewed_by", "reviewed_at"]  # fmt: skip
    list_select_related = ["submitted_by", "reviewed_by"]
    searches = [Search(NUMBER, "上传编号", "upload")]
    exclude = ["preview"]

    @admin.display(description="发布编号")
    def release_number(self, release: UploadRelease) -> int:
        """Return the number by which people call it."""
        return int(release.release_id)


@admin.register(HeadingMap)
class HeadingMapAdmin(ReadOnlyAdmin):
    """表头对应."""

    list_display = ["signature_start", "in_words", "saved_by", "saved_at"]
    list_select_related = ["saved_by"]
    fields = ["signature", "all_in_words", "saved_by", "saved_at"]

    @admin.display(description="表头指纹")
    def signature_start(self, kept: HeadingMap) -> str:
        """Return the beginning of the signature."""
        return str(kept)

    @admin.display(description="对应关系")
    def in_words(self, kept: HeadingMap) -> str:
        """Return which heading is which field, cut."""
        return shortened(self.all_in_words(kept), 80)

    @admin.display(description="对应关系")
    def all_in_words(self, kept: HeadingMap) -> str:
        """Return which heading is which field."""
        return "；".join(
            f"{heading}→{label_of(name) if name else '不读取'}"
            for heading, name in kept.columns.items()
        )
