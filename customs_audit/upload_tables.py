"""The table of uploads: one row an upload, with where it stands and its rows by state."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from customs_audit.models import AuditUpload
from customs_audit.tables import MomentColumn
from pages.tables import ActionsColumn, NumberColumn, PlainColumn, PortalTable, SheetOnlyColumn

State = AuditUpload.State
MOVING = (State.RECEIVED, State.CHECKING)
CHECKED = (State.TO_MEND, State.TO_RELEASE, State.DONE)


class FileColumn(PlainColumn):
    """An upload's file, which opens its page; below it its number and where it came from."""

    cell_class = "cell-file"

    def render(self, value: str, record: AuditUpload) -> SafeString:
        """Draw the link."""
        below = f"上传 {record.pk}"
        if record.source != AuditUpload.Source.PAGE:
            below += f" · {record.get_source_display()}"
        if record.file_size:
            below += f" · {filesizeformat(record.file_size)}"
        url = reverse("customs_audit:upload", args=[record.pk])
        return format_html(
            '<a href="{}">{}</a><span class="cell-second">{}</span>', url, value, below
        )

    def value(self, value: str) -> str:
        """Return the file's name."""
        return value


class MonthColumn(PlainColumn):
    """The month that was audited, and below it the kind of audit."""

    cell_class = "cell-date"

    def render(self, value: Any, record: AuditUpload) -> SafeString:
        """Draw both."""
        return format_html(
            '{}<span class="cell-second">{}</span>',
            f"{value:%Y-%m}",
            record.get_audit_kind_display(),
        )

    def value(self, value: Any) -> str:
        """Return the month as text."""
        return f"{value:%Y-%m}"


class UploadStateColumn(PlainColumn):
    """Where an upload stands: words, how far the checking is, why it was refused."""

    cell_class = "cell-state"

    def render(self, record: AuditUpload) -> SafeString:
        """Draw the state in words, with a bar while it is checked."""
        return SafeString(render_to_string("customs_audit/_upload_state.html", {"upload": record}))

    def value(self, record: AuditUpload) -> str:
        """Return the words."""
        return record.get_state_display()


class RowsColumn(NumberColumn):
    """Rows of one state."""

    def render(self, value: int) -> SafeString:
        """Draw the number, a zero paler than others."""
        return format_html('<span class="{}">{}</span>', "" if value else "is-zero", f"{value:,}")


def row_id(record: AuditUpload) -> str:
    """Name a row of the page, so that it can be replaced alone."""
    return f"upload-{record.pk}"


def _in_place(record: AuditUpload) -> str:
    return "true"


class UploadTable(PortalTable):
    """One row for each upload."""

    file_name = FileColumn(verbose_name="文件")
    pk = SheetOnlyColumn(verbose_name="上传编号")
    audit_month = MonthColumn(verbose_name="审核月份")
    audit_kind = SheetOnlyColumn(verbose_name="审核类别", accessor="get_audit_kind_display")
    state = UploadStateColumn(verbose_name="状态", accessor="pk")
    total = RowsColumn(verbose_name="行数", accessor="counts__total")
    faulty = RowsColumn(verbose_name="待修正", accessor="counts__faulty")
    clean = RowsColumn(verbose_name="待发布", accessor="counts__clean")
    set_aside = RowsColumn(verbose_name="暂不处理", accessor="counts__set_aside")
    in_release = RowsColumn(verbose_name="在发布中", accessor="counts__in_release")
    released = RowsColumn(verbose_name="已发布", accessor="counts__released")
    uploaded_by = PlainColumn(verbose_name="上传人", default="系统", cell_class="cell-short")
    uploaded_at = MomentColumn(verbose_name="上传时间")
    message = SheetOnlyColumn(verbose_name="结果")
    actions: Any = ActionsColumn("customs_audit/_upload_actions.html")

    class Meta:
        attrs = {"class": "list-table upload-table"}
        row_attrs = {"id": row_id}


class MovingRows(UploadTable):
    """Rows that take the place of the same rows on a page that shows them (htmx)."""

    class Meta(UploadTable.Meta):
        row_attrs = {"id": row_id, "hx-swap-oob": _in_place}
