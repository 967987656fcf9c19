"""The officers' grid of an upload's rows, what it saves, and the page of one row."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from authorization.events import By
from authorization.gate import as_user
from authorization.ledger import note_read
from customs_audit.mending.changes import CellChange, Changed, How, change_cells
from customs_audit.mending.concerned import parties_of
from customs_audit.mending.grid import grid_fields, grid_rows, kinds_of_faults
from customs_audit.mending.grid_filters import TO_MEND, WARNED, GridFilterSet
from customs_audit.mending.grid_table import REACH, GridSource, GridTable, faulty_fields
from customs_audit.mending.history import history_of
from customs_audit.mending.locking import CannotMend, why_not
from customs_audit.mending.row_form import read_row_form
from customs_audit.mending.summing import grid_url, sum_of
from customs_audit.models import AuditUpload, UploadRow
from customs_audit.views import CUSTOMS_SIDE
from pages.forms import QueryForm
from pages.paging import Page, RowSource
from pages.tables import PortalTable
from pages.ticks import way_back
from pages.views import ListPage

# More cells than any page has; a script that sends more is none of ours.
MOST_CHANGES = 5_000
MOST_SHOWN = 100


def mendable_upload(upload_id: int) -> AuditUpload:
    """Return an upload whose rows are there to be seen; Http404 for none."""
    return get_object_or_404(AuditUpload.objects.select_related("uploaded_by"), pk=upload_id)


def all_fields(upload: AuditUpload) -> list[str]:
    """Return the columns of an upload's grid: its own, and those that only a fault names."""
    return grid_fields(upload, [field for _, _, field in kinds_of_faults(upload)])


def _what(upload: AuditUpload) -> str:
    return f"修正审核数据：上传 {upload.pk} {upload.file_name}"


@CUSTOMS_SIDE
class MendGrid(ListPage):
    """The rows of an upload that wait to be mended, cell by cell."""

    template_name = "customs_audit/mend.html"
    filterset_class = GridFilterSet
    table_class = GridTable
    reach = REACH
    count_limit = REACH
    notes_reads = True
    empty_title = "没有符合条件的行"
    nothing_yet_title = "没有待修正的行"
    nothing_yet_help = "所有行都已校验无误，可以返回上传页面提交发布。"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the upload that the address names."""
        super().setup(request, *args, **kwargs)
        self.upload = mendable_upload(kwargs["upload_id"])
        self.fields = all_fields(self.upload)

    def get_query(self) -> GridFilterSet:
        """Return the conditions, whose choices are what this upload has."""
        return GridFilterSet(self.request.GET, upload=self.upload, request=self.request)

    def get_source(self, query: GridFilterSet) -> RowSource[Any]:
        """Return the rows of a valid query, drawn."""
        return GridSource(self.upload, query.qs, self.fields)

    def get_table(self, page: Page[Any]) -> PortalTable:
        """Return the grid of one page."""
        fields = faulty_fields(page.rows, self.fields) if self._only_faulty() else self.fields
        return GridTable(page.rows, fields, self.upload, self.request.get_full_path())

    def _only_faulty(self) -> bool:
        return self.request.GET.get("columns") == "faulty"

    def concerned(self, page: Page[Any]) -> list[int]:
        """Return the enterprises that the shown rows name."""
        return parties_of(drawn.row for drawn in page.rows)

    def ledger_facts(self, form: QueryForm | None, page: Page[Any]) -> dict[str, Any]:
        """Name the upload to the ledger."""
        return super().ledger_facts(form, page) | {"what": _what(self.upload)}

    def get_extra_context(self) -> dict[str, Any]:
        """Add the sum, and whether anything can be changed now."""
        show = self.request.GET.get("show", "") or TO_MEND
        return {
            "title": f"修正：{self.upload.file_name}",
            "upload": self.upload,
            "sum": sum_of(self.upload),
            "why_not": why_not(self.upload),
            "show": show,
            "shows_warned": show == WARNED,
            "only_faulty_columns": self._only_faulty(),
            "fault_query": {
                name: self.request.GET.get(name, "") for name in ("rule", "field", "level")
            },
        }


@require_POST
@CUSTOMS_SIDE
def save(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Make the grid's changes; answer with the shown rows as they are now, and what was not done."""
    upload = mendable_upload(upload_id)
    try:
        changes = _read_changes(request.POST.get("changes", ""))
        shown = [int(number) for number in request.POST.get("shown", "").split(",") if number]
    except (ValueError, TypeError, KeyError):
        return HttpResponseBadRequest("请求有误，请刷新页面后重试。")
    problem, done = "", Changed()
    if len(changes) > MOST_CHANGES:
        problem = f"一次最多保存 {MOST_CHANGES:,} 个单元格，请分批粘贴和保存。"
    else:
        try:
            done = change_cells(upload, changes, how=How.GRID, by=as_user(request))
        except CannotMend as sentence:
            problem = str(sentence)
    numbers = {*shown[:MOST_SHOWN], *(one.change.number for one in done.stopped)}
    found = UploadRow.objects.filter(upload=upload, number__in=numbers)
    fields = all_fields(upload)
    rows = grid_rows(upload, list(found.select_related("set_aside_by").order_by("number")), fields)
    _note_stopped(rows, done)
    asked = request.POST.get("fields", "").split(",")
    if asked != [""]:
        rows = [row.with_fields([name for name in fields if name in asked]) for row in rows]
    context = {
        "upload": upload,
        "rows": rows,
        "done": done,
        "problem": problem,
        "here": way_back(request, grid_url(upload)),
        "sum": sum_of(upload),
        "why_not": why_not(upload),
    }
    response = render(request, "customs_audit/_mend_saved.html", context)
    response.headers["X-Portal-Part"] = "rows"
    return response


def _read_changes(text: str) -> list[CellChange]:
    return [
        CellChange(int(one["number"]), int(one["version"]), str(one["field"]), str(one["text"]))
        for one in json.loads(text or "[]")
    ]


def _note_stopped(rows: list[Any], done: Changed) -> None:
    """Give each cell that was not changed what was typed there, and why it was not taken."""
    by_number = {row.row.number: row for row in rows}
    for stopped in done.stopped:
        row = by_number.get(stopped.change.number)
        cell = row.by_field.get(stopped.change.field) if row else None
        if cell is not None:
            cell.typed, cell.stopped = stopped.change.text, stopped.sentence


@require_http_methods(["GET", "HEAD", "POST"])
@CUSTOMS_SIDE
def row_page(request: HttpRequest, upload_id: int, number: int) -> HttpResponse:
    """Show one row with all its cells and its history; change it by a plain form."""
    upload = mendable_upload(upload_id)
    done = Changed()
    if request.method == "POST":
        found = _row_of(upload, number)
        try:
            changes = read_row_form(request.POST, found)
            done = change_cells(upload, changes, how=How.GRID, by=as_user(request))
        except CannotMend as sentence:
            messages.error(request, str(sentence))
        if done.cells:
            messages.success(request, f"已保存 {done.cells} 处修改，并重新校验了这一行。")
        if not done.stopped:
            return redirect("customs_audit:mend_row", upload.pk, number)
    found = _row_of(upload, number)
    note_read(
        By.of(request),
        what=f"{_what(upload)} 第 {number} 行",
        enterprises=parties_of([found]),
        rows=1,
    )
    drawn = grid_rows(upload, [found], all_fields(upload))
    _note_stopped(drawn, done)
    context = {
        "title": f"第 {number} 行",
        "upload": upload,
        "sum": sum_of(upload),
        "row": drawn[0],
        "done": done,
        "why_not": why_not(upload),
        "history": history_of(found),
        "neighbours": _neighbours(upload, number),
    }
    return render(request, "customs_audit/mend_row.html", context)


def _row_of(upload: AuditUpload, number: int) -> UploadRow:
    rows = UploadRow.objects.filter(upload=upload, number=number)
    found: UploadRow | None = rows.select_related("set_aside_by", "release").first()
    if found is None:
        raise Http404("没有这一行")
    return found


def _neighbours(upload: AuditUpload, number: int) -> dict[str, str]:
    """Return the pages of the rows to mend before and after this one: two short queries."""
    faulty: QuerySet[UploadRow] = UploadRow.objects.filter(upload=upload, state=TO_MEND)
    before = faulty.filter(number__lt=number).order_by("-number").values_list("number", flat=True)
    after = faulty.filter(number__gt=number).order_by("number").values_list("number", flat=True)
    return {
        way: reverse("customs_audit:mend_row", args=[upload.pk, numbers[0]])
        for way, found in (("before", before), ("after", after))
        if (numbers := list(found[:1]))
    }
