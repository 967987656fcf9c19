"""The officers' pages of uploads: the list with its drop zone, one upload, its file, templates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from authorization.events import By
from authorization.gate import as_user, is_for_part
from authorization.ledger import note_export, noted, without_data
from customs_audit import releasing
from customs_audit.mending.concerned import parties_of_upload
from customs_audit.mending.summing import summary as mend_summary
from customs_audit.models import AuditKind, AuditUpload
from customs_audit.template_workbook import template_response
from customs_audit.upload_counts import counts_of
from customs_audit.upload_filters import UploadFilterSet
from customs_audit.upload_forms import Taken, UploadForm, take_files
from customs_audit.upload_showing import bar_of, steps_of
from customs_audit.upload_tables import CHECKED, MOVING, MovingRows, UploadTable
from customs_audit.uploads import MEBIBYTE
from customs_audit.views import CUSTOMS_SIDE
from declarations.files.limits import UPLOAD_LIMITS
from pages.paging import COUNT_LIMIT, PAGE_SIZES, QuerySetSource, RowSource
from pages.ticks import way_back
from pages.views import ListPage

NO_FILE = "没有选择文件；请选择一个或几个文件后再上传。"


class UploadsWithCounts(QuerySetSource[AuditUpload]):
    """Uploads of a queryset, each shown one with its `counts`."""

    def rows(self, offset: int, limit: int) -> Sequence[AuditUpload]:
        """Return one slice, and the counts of just these."""
        return with_counts(super().rows(offset, limit))


def with_counts(shown: Sequence[AuditUpload]) -> Sequence[AuditUpload]:
    """Give each of these uploads its `counts`, None until it is checked: one query."""
    counts = counts_of(one for one in shown if one.state in CHECKED)
    for one in shown:
        one.counts = counts.get(one.pk)  # type: ignore[attr-defined]
    return shown


def all_uploads() -> QuerySet[AuditUpload]:
    """Return all uploads with who uploaded them, without what no list shows."""
    return AuditUpload.objects.select_related("uploaded_by").defer("sheets", "report")


@CUSTOMS_SIDE
class UploadList(ListPage):
    """Where officers begin: the drop zone, and every upload, the newest first."""

    title = "审核数据上传"
    template_name = "customs_audit/uploads.html"
    filterset_class = UploadFilterSet
    table_class = UploadTable
    sorts = {
        "uploaded_at": ("uploaded_at", "pk"),
        "audit_month": ("audit_month", "pk"),
        "file_name": ("file_name", "pk"),
    }
    default_sort = "-uploaded_at"
    export_name = "审核数据上传"
    nothing_yet_title = "还没有上传过审核数据"

    def get_queryset(self) -> QuerySet[AuditUpload]:
        """Return all uploads."""
        return all_uploads()

    def get_source(self, query: UploadFilterSet) -> RowSource[AuditUpload]:
        """Return the uploads of a valid query, with counts."""
        return UploadsWithCounts(query.qs.order_by(*self.order_terms()), COUNT_LIMIT)

    def get_context(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the form, the limits that it names, and which shown rows move."""
        context = super().get_context(*args, **kwargs)
        return context | {
            "upload_form": UploadForm(),
            "kinds": AuditKind.choices,
            "limits": UPLOAD_LIMITS,
            "workbook_megabytes": UPLOAD_LIMITS.workbook_bytes // MEBIBYTE,
            "csv_megabytes": UPLOAD_LIMITS.csv_bytes // MEBIBYTE,
            "moving": [upload for upload in context["page"].rows if upload.state in MOVING],
        }


@require_safe
@CUSTOMS_SIDE
def moving_rows(request: HttpRequest) -> HttpResponse:
    """Give the rows of the list that a page says were moving, as they are now."""
    wanted = [int(key) for key in request.GET.getlist("row") if key.isascii() and key.isdecimal()]
    shown = with_counts(list(all_uploads().filter(pk__in=wanted[: PAGE_SIZES[-1]])))
    context = {
        "rows": list(MovingRows(shown).drawn_rows()),
        "moving": [upload for upload in shown if upload.state in MOVING],
    }
    response = render(request, "customs_audit/_upload_moving.html", context)
    response.headers["X-Portal-Part"] = "rows"
    return response


@require_safe
@CUSTOMS_SIDE
def upload(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Show one upload: how far it is, what its rows are, and what is to be done with them.

    While it moves the page asks for itself; once it has stopped it is opened anew as a whole.
    """
    found = get_object_or_404(
        AuditUpload.objects.select_related("uploaded_by").defer("sheets"), pk=upload_id
    )
    releases = releasing.summary(found, as_user(request)) if found.state in CHECKED else None
    is_moving = found.state in MOVING or bool(releases and releases["is_moving"])
    if is_for_part(request) and not is_moving:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    counts = counts_of([found])[found.pk]
    context = {
        "title": found.file_name,
        "upload": found,
        "is_moving": is_moving,
        "steps": steps_of(found),
        "counts": counts,
        "bar": bar_of(counts),
        "notes": [note["text"] for note in found.report],
        "releases": releases,
    }
    if found.state in CHECKED:
        context["mend"] = mend_summary(found)
    response = render(request, "customs_audit/upload.html", context)
    if is_for_part(request):
        response.headers["X-Portal-Part"] = "upload"
    return response


@require_POST
@CUSTOMS_SIDE
def take(request: HttpRequest) -> HttpResponse:
    """Receive files: told as JSON to the script that sends them, else as notices of the list."""
    form = UploadForm(request.POST)
    files = request.FILES.getlist("file")
    if not files:
        taken = [Taken("", "error", NO_FILE)]
    elif not form.is_valid():
        taken = [Taken("", "error", f"{form.sentence}没有收下任何文件。")]
    else:
        taken = take_files(files, form, as_user(request))
    if request.accepts("text/html"):
        for one in taken:
            link = format_html(' <a href="{}">打开</a>', one.url) if one.url else ""
            level = messages.DEFAULT_LEVELS[one.level.upper()]
            messages.add_message(request, level, format_html("{}{}", one.sentence, link))
        return redirect(way_back(request, reverse("customs_audit:uploads")))
    return JsonResponse({"files": [one.as_json() for one in taken]})


@require_safe
@CUSTOMS_SIDE
def original(request: HttpRequest, upload_id: int) -> HttpResponseBase:
    """Hand out a file as it was uploaded."""
    upload = get_object_or_404(AuditUpload, pk=upload_id)
    stored = Path(upload.file.path) if upload.file else None
    if stored is None or not stored.is_file():
        raise Http404("文件已不在。")
    entry = note_export(
        By.of(request),
        what=f"审核数据上传（原文件）：{upload.file_name}",
        enterprises=parties_of_upload(upload.pk),
        rows=upload.rows_total,
        facts={"upload": upload.pk, "sha256": upload.file_hash},
    )
    response = FileResponse(stored.open("rb"), as_attachment=True, filename=upload.file_name)
    return noted(response, entry)


@require_safe
@CUSTOMS_SIDE
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Hand out the workbook that audited rows of a kind are best written into."""
    if kind not in AuditKind.values:
        raise Http404("没有这个审核类别")
    return without_data(template_response(AuditKind(kind)))
