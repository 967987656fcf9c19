"""An upload as mended: all its rows with their present cells and where each stands.

A workbook up to 200,000 rows (what a workbook may bring), a .csv beyond that or where asked for.
Rows are read part by part, so that memory stays flat; the file as it was uploaded is handed out by
upload_views.original.
"""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from tempfile import TemporaryFile

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from authorization.events import By
from authorization.ledger import note_export, noted
from customs_audit.mending.concerned import parties_of_upload
from customs_audit.mending.declared import cell_text
from customs_audit.mending.grid_views import all_fields
from customs_audit.models import AuditUpload, UploadRow
from customs_audit.views import CUSTOMS_SIDE
from declarations.cell_json import from_json
from declarations.faults import inert
from declarations.headers import LABELS
from pages.excel import CONTENT_TYPE, Column, write_workbook

MOST_OF_A_WORKBOOK = 200_000
_PART = 2_000
_FIRST_HEADS = ("序号", "文件行号", "状态", "所在发布", "暂不处理的原因")


@require_safe
@CUSTOMS_SIDE
def mended(request: HttpRequest, upload_id: int) -> HttpResponseBase:
    """Hand out all rows as they are now: `?as=csv` for a .csv, else a workbook where they fit."""
    upload = get_object_or_404(AuditUpload, pk=upload_id)
    rows = UploadRow.objects.filter(upload=upload).count()
    if not rows:
        return redirect("customs_audit:upload", upload.pk)
    as_csv = rows > MOST_OF_A_WORKBOOK or request.GET.get("as") == "csv"
    entry = note_export(
        By.of(request),
        what=f"审核数据上传（修正后）：上传 {upload.pk} {upload.file_name}",
        enterprises=parties_of_upload(upload.pk),
        rows=rows,
        facts={"upload": upload.pk},
    )
    stem = f"修正后_上传{upload.pk}_{timezone.localtime():%Y%m%d-%H%M}"
    answer = _csv(upload, stem) if as_csv else _workbook(upload, stem)
    answer.headers["Cache-Control"] = "private, no-store"
    return noted(answer, entry)


def _workbook(upload: AuditUpload, stem: str) -> HttpResponseBase:
    fields = all_fields(upload)
    heads = [*_FIRST_HEADS, *(LABELS[name] for name in fields)]
    target = TemporaryFile()  # noqa: SIM115 (the response closes it)
    write_workbook(target, "修正后", [Column(head) for head in heads], _rows(upload, fields))
    target.seek(0)
    return FileResponse(
        target, as_attachment=True, filename=f"{stem}.xlsx", content_type=CONTENT_TYPE
    )


def _csv(upload: AuditUpload, stem: str) -> HttpResponseBase:
    return StreamingHttpResponse(
        _csv_parts(upload),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, f"{stem}.csv") or ""},
    )


def _csv_parts(upload: AuditUpload) -> Iterator[str]:
    fields = all_fields(upload)
    target = StringIO("\ufeff")  # by its mark Excel takes the file for UTF-8
    target.seek(0, 2)
    writer = csv.writer(target)
    writer.writerow([*_FIRST_HEADS, *(LABELS[name] for name in fields)])
    for number, row in enumerate(_rows(upload, fields), start=1):
        writer.writerow([inert(str(value)) if value != "" else "" for value in row])
        if number % _PART == 0:
            yield target.getvalue()
            target.seek(0)
            target.truncate()
    yield target.getvalue()


def _rows(upload: AuditUpload, fields: Sequence[str]) -> Iterator[list[str | int]]:
    """Yield the rows in the file's order, every cell as the text that the grid shows."""
    rows = (
        UploadRow.objects.filter(upload=upload)
        .order_by("number")
        .only("number", "row_number", "state", "cells", "set_aside_reason", "release__release_id")
        .select_related("release")
    )
    after = 0
    while part := list(rows.filter(number__gt=after)[:_PART]):
        for row in part:
            yield [
                row.number,
                row.row_number or "",
                UploadRow.State(row.state).label,
                row.release.release_id or "" if row.release else "",
                row.set_aside_reason,
                *(cell_text(from_json(row.cells.get(name))) for name in fields),
            ]
        after = part[-1].number
