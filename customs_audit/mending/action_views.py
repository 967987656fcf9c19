"""What officers do with many rows of an upload at once: the same correction, set aside, go on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from authorization.gate import as_user
from customs_audit.checking import repairs
from customs_audit.mending import aside, same
from customs_audit.mending.changes import CellChange, How, change_cells
from customs_audit.mending.declared import GOODS_FIELDS
from customs_audit.mending.grid import grid_fields, grid_rows
from customs_audit.mending.grid_filters import GridFilterSet
from customs_audit.mending.grid_views import mendable_upload
from customs_audit.mending.locking import EDITABLE, CannotMend, lock_upload, why_not
from customs_audit.mending.summing import grid_url, sum_of
from customs_audit.models import AuditUpload, UploadRow
from customs_audit.upload_rules import rule_words
from customs_audit.views import CUSTOMS_SIDE
from declarations.headers import LABELS
from declarations.rules import RULES
from pages.ticks import TickError, done, one_ticked_key, ticked_keys, way_back

# A request works so long; what is left the page asks for by itself.
SECONDS = 5.0
SAMPLES = 5


@require_http_methods(["GET", "HEAD", "POST"])
@CUSTOMS_SIDE
def same_correction(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Preview the same correction for all rows with one fault and value; make it at a click."""
    upload = mendable_upload(upload_id)
    sent = request.POST if request.method == "POST" else request.GET
    fault = same.SameFault.asked(sent.dict())
    if fault is None:
        raise Http404("没有这种问题")
    declared = sent.get("declared") == "1"
    so_far = _number(sent.get("rows"))
    if request.method == "POST":
        try:
            corrected = same.correct(
                upload,
                fault,
                None if declared else sent.get("text", ""),
                by=as_user(request),
                seconds=SECONDS,
                after=_number(sent.get("after")),
            )
        except CannotMend as sentence:
            messages.error(request, str(sentence))
            return redirect(grid_url(upload))
        so_far += corrected.rows
        if not corrected.left:
            _tell(request, fault, so_far, corrected)
            return redirect(way_back(request, grid_url(upload)))
    else:
        corrected = same.Corrected()
    rows = fault.rows(upload).filter(number__gt=corrected.last)
    samples = list(rows.order_by("number")[:SAMPLES])
    fields = list(dict.fromkeys(["g_name", "g_model", fault.field]))
    context = {
        "title": "同值批量修正",
        "upload": upload,
        "sum": sum_of(upload),
        "why_not": why_not(upload),
        "fault": fault,
        "label": LABELS[fault.field],
        "words": rule_words(fault.rule, LABELS[fault.field]),
        "count": rows.count(),
        "samples": grid_rows(upload, samples, fields),
        "sample_labels": [LABELS[name] for name in fields],
        "is_goods": fault.field in GOODS_FIELDS,
        "declared_count": (
            same.with_declared_line(upload, fault) if fault.field in GOODS_FIELDS else 0
        ),
        "text": sent.get("text", fault.value),
        "declared": declared,
        "corrected": corrected,
        "so_far": so_far,
        "next": _safe(request, sent.get("next", "")),
        "grid_url": grid_url(upload),
    }
    return render(request, "customs_audit/mend_same.html", context)


def _tell(
    request: HttpRequest, fault: same.SameFault, rows: int, corrected: same.Corrected
) -> None:
    if rows:
        messages.success(
            request, f"已修正 {rows:,} 行的“{LABELS[fault.field]}”，并重新校验了这些行。"
        )
    if corrected.refused:
        messages.warning(request, f"另有 {corrected.refused:,} 行没有修改：{corrected.why}")
    if not rows and not corrected.refused:
        messages.warning(request, "没有可以修正的行：这些行刚被别人改过，或新内容与原来相同。")


@require_http_methods(["GET", "HEAD", "POST"])
@CUSTOMS_SIDE
def set_aside(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Ask for the reason why rows are set aside (ticked ones, or all of a query); then do it."""
    upload = mendable_upload(upload_id)
    rows, keys = _wanted_rows(request, upload)
    if rows is None:
        return redirect(way_back(request, grid_url(upload)))
    rows = rows.filter(state__in=EDITABLE)
    sentence = why_not(upload)
    if request.POST.get("confirmed") == "1":
        try:
            count = aside.set_aside(
                upload, rows, reason=request.POST.get("reason", ""), by=as_user(request)
            )
            done(request, f"已将 {count:,} 行设为暂不处理，随时可以恢复。")
            return redirect(way_back(request, grid_url(upload)))
        except CannotMend as problem:
            sentence = str(problem)
    context = {
        "title": "暂不处理",
        "upload": upload,
        "sum": sum_of(upload),
        "sentence": sentence,
        "keys": keys,
        "query": "" if keys else request.POST.get("query", request.GET.urlencode()),
        "count": rows.count(),
        "reason": request.POST.get("reason", ""),
        "longest": aside.LONGEST_REASON,
        "next": _safe(request, request.POST.get("next", "")),
        "grid_url": grid_url(upload),
    }
    return render(request, "customs_audit/mend_aside.html", context)


@require_POST
@CUSTOMS_SIDE
def take_back(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Take ticked rows back that were set aside."""
    return _with_rows(request, upload_id, aside.take_back, "已恢复处理 {:,} 行，并重新校验。")


@require_POST
@CUSTOMS_SIDE
def find_right(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Let ticked rows without errors go on, or all of the upload where `all` says so."""
    return _with_rows(
        request, upload_id, aside.find_right, "已核对 {:,} 行，现在待发布。", may_be_all=True
    )


@require_POST
@CUSTOMS_SIDE
def accept_repair(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Repair what Excel did to one column, for all rows where that is proven."""
    upload = mendable_upload(upload_id)
    column, rule = request.POST.get("column", ""), request.POST.get("rule", "")
    back = redirect("customs_audit:upload", upload.pk)
    if column not in LABELS or rule not in RULES:
        messages.error(request, "没有这种修复，请刷新页面后重试。")
        return back
    try:
        with transaction.atomic():
            count = repairs.accept(lock_upload(upload), column, rule, as_user(request))
    except CannotMend as sentence:
        messages.error(request, str(sentence))
        return back
    if count:
        messages.success(request, f"已修复 {count:,} 行的“{LABELS[column]}”，并重新校验。")
        if count == repairs.MOST_AT_ONCE:  # how many are left, the page itself says
            messages.warning(request, f"一次最多修复 {count:,} 行；还有的请再次点击“接受”。")
    else:
        messages.warning(request, "没有可以修复的行：刚被别人修复或改过。")
    return back


@require_POST
@CUSTOMS_SIDE
def take_declared(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Give one cell the text of its declared line: `only` names it as number:version:field."""
    upload = mendable_upload(upload_id)
    back = way_back(request, grid_url(upload))
    try:
        number, version, field = one_ticked_key(request).split(":")
        rows = UploadRow.objects.filter(upload=upload, number=int(number))
        found = grid_rows(upload, list(rows), grid_fields(upload, GOODS_FIELDS))
        change = CellChange(
            int(number),
            int(version),
            field,
            found[0].declared.of(field),  # type: ignore[union-attr]
        )
        changed = change_cells(upload, [change], how=How.GRID, by=as_user(request))
    except (TickError, ValueError, IndexError, AttributeError):
        messages.error(request, "没有找到这一行已申报的文本，请刷新页面后重试。")
        return redirect(back)
    except CannotMend as sentence:
        messages.error(request, str(sentence))
        return redirect(back)
    if changed.stopped:
        messages.error(request, changed.stopped[0].sentence)
    else:
        messages.success(request, f"第 {number} 行的“{LABELS[field]}”已改为申报的文本。")
    return redirect(back)


def _with_rows(
    request: HttpRequest, upload_id: int, action: Any, sentence: str, *, may_be_all: bool = False
) -> HttpResponse:
    upload = mendable_upload(upload_id)
    back = way_back(request, grid_url(upload))
    try:
        if may_be_all and request.POST.get("all") == "1":
            rows = UploadRow.objects.filter(upload=upload)
        else:
            rows = _ticked_rows(request, upload)
        count = action(upload, rows, by=as_user(request))
    except (TickError, CannotMend) as problem:
        messages.error(request, str(problem))
        return redirect(back)
    done(request, sentence.format(count))
    return redirect(back)


def _ticked_rows(request: HttpRequest, upload: AuditUpload) -> QuerySet[UploadRow]:
    """Return the ticked rows of an upload. Raises TickError."""
    keys = ticked_keys(request)
    if not all(key.isascii() and key.isdecimal() and len(key) < 10 for key in keys):
        raise TickError("勾选的数据有误，请刷新页面后重新勾选。")
    return UploadRow.objects.filter(upload=upload, number__in=[int(key) for key in keys])


def _wanted_rows(
    request: HttpRequest, upload: AuditUpload
) -> tuple[QuerySet[UploadRow] | None, list[str]]:
    """Return the rows of the query that the address names, else the ticked ones with their keys."""
    query = request.GET.dict() if request.method != "POST" else None
    if request.POST.get("query"):
        query = QueryDict(request.POST["query"]).dict()
    if query:
        found = GridFilterSet(query, upload=upload, request=request)
        if found.form.is_valid():
            return found.qs, []
        messages.error(request, "查询条件有误，请返回列表重新选择。")
        return None, []
    try:
        rows = _ticked_rows(request, upload)
    except TickError as problem:
        messages.error(request, str(problem))
        return None, []
    return rows, [str(number) for number in rows.values_list("number", flat=True)]


def _number(text: str | None) -> int:
    """Read a number that our own form sent; 0 for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _safe(request: HttpRequest, address: str) -> str:
    """Return an address of this site as it is, and nothing for any other."""
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else ""
