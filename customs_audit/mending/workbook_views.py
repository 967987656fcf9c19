"""The error workbook's pages: handed out, taken back, looked at, decided and applied."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from authorization.events import By
from authorization.gate import as_user
from authorization.ledger import note_export, note_read, noted
from comparison.marked import Pieces, mark_differences
from customs_audit.mending import workbook_apply
from customs_audit.mending.concerned import parties_of, parties_of_ids
from customs_audit.mending.grid_filters import GridFilterSet
from customs_audit.mending.grid_views import all_fields, mendable_upload
from customs_audit.mending.locking import EDITABLE, WHY_NOT_ROW, CannotMend, RowState, why_not
from customs_audit.mending.summing import grid_url, sum_of
from customs_audit.mending.workbook_in import UnusableWorkbook, handed_out, take_workbook
from customs_audit.mending.workbook_out import rows_of_workbook, write_error_workbook
from customs_audit.models import AuditUpload, UploadRow, UploadRowChange
from customs_audit.views import CUSTOMS_SIDE
from customs_audit.workbook_models import MendWorkbook, MendWorkbookRow
from declarations.headers import LABELS
from pages.excel import CONTENT_TYPE
from pages.paging import Paginator, QuerySetSource
from pages.query_words import in_words
from pages.ticks import way_back

MEBIBYTE = 2**20
LARGEST = 50 * MEBIBYTE


@require_safe
@CUSTOMS_SIDE
def error_workbook(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Hand out the rows of the grid's query as an error workbook, beyond row `after` where given."""
    upload = mendable_upload(upload_id)
    query = GridFilterSet(request.GET, upload=upload, request=request)
    if not query.form.is_valid():
        messages.error(request, "查询条件有误，没有生成修正表；请返回列表重新选择。")
        return redirect(grid_url(upload))
    after = request.GET.get("after", "")
    rows = query.qs
    if after.isascii() and after.isdecimal() and len(after) < 10:
        rows = rows.filter(number__gt=int(after))
    keys = rows_of_workbook(rows)
    if not keys:
        messages.error(request, "没有符合条件的行，没有生成修正表。")
        return redirect(grid_url(upload))
    entry = note_export(
        By.of(request),
        what=f"修正表：上传 {upload.pk} {upload.file_name}",
        enterprises=parties_of_ids(keys),
        query=in_words(query.form),
        rows=len(keys),
    )
    target = BytesIO()
    write_error_workbook(target, upload, keys, all_fields(upload))
    stem = Path(upload.file_name).stem[:80] or f"上传{upload.pk}"
    response = HttpResponse(
        target.getvalue(),
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": content_disposition_header(True, f"修正表_{stem}.xlsx"),
            "Cache-Control": "private, no-store",
        },
    )
    return noted(response, entry)


@require_POST
@CUSTOMS_SIDE
def take(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Take a mended workbook in, and show what it would change."""
    upload = mendable_upload(upload_id)
    back = way_back(request, _upload_url(upload))
    file = request.FILES.get("file")
    sentence = why_not(upload)
    if not sentence and (file is None or not file.size):
        sentence = "没有选择文件，或文件是空的；请选择改好的修正表（.xlsx）后再上传。"
    if not sentence and file is not None:
        if not (file.name or "").lower().endswith(".xlsx"):
            sentence = "修正表应为 .xlsx 文件；请在 Excel 中保存为 .xlsx 后再上传。"
        elif (file.size or 0) > LARGEST:
            sentence = f"修正表超过 {LARGEST // MEBIBYTE} MB；请分成几张后再上传。"
    if sentence or file is None:
        messages.error(request, sentence)
        return redirect(back)
    try:
        book = _take(upload, file, request)
    except UnusableWorkbook as unusable:
        messages.error(request, str(unusable))
        return redirect(back)
    return redirect("customs_audit:mend_workbook_page", upload.pk, book.pk)


def _take(upload: AuditUpload, file: UploadedFile, request: HttpRequest) -> MendWorkbook:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "workbook.xlsx"
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        return take_workbook(upload, path, file.name or "", as_user(request))


@dataclass(frozen=True)
class ShownChange:
    """One cell that a workbook changes: from, to, and what stands there now where that is another."""

    label: str
    was: str
    pieces: Pieces
    now: str
    is_other: bool


@dataclass(frozen=True)
class ShownRow:
    """One row of a workbook's page."""

    sent: MendWorkbookRow
    row: UploadRow
    changes: list[ShownChange]
    is_conflict: bool
    is_decided: bool
    last: UploadRowChange | None
    locked: str


@require_safe
@CUSTOMS_SIDE
def workbook_page(request: HttpRequest, upload_id: int, workbook_id: int) -> HttpResponse:
    """Show what a workbook would change, row by row, conflicts first where only they are asked for."""
    upload = mendable_upload(upload_id)
    book = _book(upload, workbook_id)
    is_open = book.state == MendWorkbook.State.OPEN
    conflicts = workbook_apply.conflicts(book) if is_open else {}
    rows = MendWorkbookRow.objects.filter(workbook=book).order_by("number")
    only = is_open and request.GET.get("only") == "conflicts"
    if only:
        rows = rows.filter(number__in=list(conflicts))
    source = QuerySetSource(rows)
    page = Paginator(source, request.GET.get("per_page")).page(request.GET.get("page"))
    shown = _shown(upload, page.rows, is_open=is_open)
    note_read(
        By.of(request),
        what=f"修正表：上传 {upload.pk} {upload.file_name}",
        enterprises=parties_of(one.row for one in shown),
        rows=len(shown),
    )
    context = {
        "title": f"修正表：{book.file_name}",
        "upload": upload,
        "sum": sum_of(upload),
        "book": book,
        "is_open": is_open,
        "why_not": why_not(upload),
        "page": page,
        "rows": shown,
        "changed": MendWorkbookRow.objects.filter(workbook=book).count(),
        "conflicts": len(conflicts),
        "undecided": len(workbook_apply.undecided(book)) if conflicts else 0,
        "only": only,
        "refused": [
            (number, LABELS.get(field, field), text, sentence)
            for number, field, text, sentence in book.refused
        ],
        "grid_url": grid_url(upload),
    }
    return render(request, "customs_audit/mend_workbook.html", context)


def _shown(upload: AuditUpload, sent: Any, *, is_open: bool) -> list[ShownRow]:
    numbers = [one.number for one in sent]
    rows = {row.number: row for row in UploadRow.objects.filter(upload=upload, number__in=numbers)}
    last: dict[int, UploadRowChange] = {}
    changes = UploadRowChange.objects.filter(row__in=[row.pk for row in rows.values()])
    for change in changes.exclude(field="").select_related("by").order_by("pk"):
        last[change.row_id] = change
    shown = []
    for one in sent:
        row = rows[one.number]
        is_conflict = is_open and row.version != one.version
        shown.append(
            ShownRow(
                one,
                row,
                [_change(row, field, *texts) for field, texts in one.texts.items()],
                is_conflict,
                one.takes is not None and one.decided_version == row.version,
                last.get(row.pk) if is_conflict else None,
                "" if row.state in EDITABLE else WHY_NOT_ROW[RowState(row.state)],
            )
        )
    return shown


def _change(row: UploadRow, field: str, was: str, text: str) -> ShownChange:
    now = handed_out(row.cells.get(field))
    pieces = mark_differences(was, text)[1]
    return ShownChange(LABELS.get(field, field), was, pieces, now, now != was)


@require_POST
@CUSTOMS_SIDE
def decide(request: HttpRequest, upload_id: int, workbook_id: int) -> HttpResponse:
    """Note what was decided of conflicts: `takes-N` of single rows, or `all` of every one."""
    upload = mendable_upload(upload_id)
    book = _book(upload, workbook_id)
    versions = workbook_apply.conflicts(book)
    back = way_back(request, _book_url(book))
    for_all = request.POST.get("all", "")
    if for_all in ("1", "0"):
        count = workbook_apply.decide(book, for_all == "1", None, versions)
    else:
        count = sum(
            workbook_apply.decide(book, takes, _decided(request, takes, versions), versions)
            for takes in (True, False)
        )
    if count:
        messages.success(request, f"已记下 {count:,} 行的选择。")
    else:
        messages.warning(request, "没有记下选择：请先选择，或这些行刚又被改过，请看过现在的内容。")
    return redirect(back)


def _decided(request: HttpRequest, takes: bool, versions: dict[int, int]) -> set[int]:
    """Return the rows of this decision whose version is still the one that was looked at."""
    sent = request.POST
    return {
        number
        for number, version in versions.items()
        if sent.get(f"takes-{number}") == ("1" if takes else "0")
        and sent.get(f"version-{number}") == str(version)
    }


@require_POST
@CUSTOMS_SIDE
def apply(request: HttpRequest, upload_id: int, workbook_id: int) -> HttpResponse:
    """Make a workbook's changes."""
    upload = mendable_upload(upload_id)
    book = _book(upload, workbook_id)
    try:
        done = workbook_apply.apply(book, by=as_user(request))
    except CannotMend as sentence:
        messages.error(request, str(sentence))
        return redirect(_book_url(book))
    messages.success(request, f"已应用 {done.cells:,} 处修改，{len(done.numbers):,} 行重新校验。")
    if done.stopped:
        messages.warning(request, f"有 {len(done.stopped):,} 处没有应用，原因列在下面。")
        return redirect(_book_url(book))
    return redirect(grid_url(upload))


@require_POST
@CUSTOMS_SIDE
def drop(request: HttpRequest, upload_id: int, workbook_id: int) -> HttpResponse:
    """Give a workbook up."""
    upload = mendable_upload(upload_id)
    workbook_apply.drop(_book(upload, workbook_id))
    messages.success(request, "已放弃这张修正表，没有改动任何数据。")
    return redirect(_upload_url(upload))


def _book(upload: AuditUpload, workbook_id: int) -> MendWorkbook:
    books = MendWorkbook.objects.select_related("upload", "taken_by")
    return get_object_or_404(books, upload=upload, pk=workbook_id)


def _book_url(book: MendWorkbook) -> str:
    return reverse("customs_audit:mend_workbook_page", args=[book.upload_id, book.pk])


def _upload_url(upload: AuditUpload) -> str:
    return reverse("customs_audit:upload", args=[upload.pk])
