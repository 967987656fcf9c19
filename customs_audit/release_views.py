"""The officers' pages of one release: submitting rows, looking, releasing, returning, taking back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from authorization.events import By
from authorization.gate import as_user, is_for_part
from authorization.ledger import note_read
from customs_audit import queries
from customs_audit.filters import ReleaseState, state_of, submission_of
from customs_audit.mending.concerned import parties_of
from customs_audit.models import AuditUpload, UploadRelease, UploadRow
from customs_audit.releasing import (
    CannotRelease,
    approve,
    ask_for_withdrawal,
    give_back,
    prepare,
)
from customs_audit.releasing.corrections import changes_of
from customs_audit.releasing.four_eyes import why_not
from customs_audit.releasing.preparing import REASON_LENGTH
from customs_audit.releasing.previewing import is_fresh, see_preview, see_withdrawal_preview
from customs_audit.releasing.progress import step_of
from customs_audit.releasing.summaries import told_changes, told_withdrawal
from customs_audit.views import CUSTOMS_SIDE
from declarations.models import Release
from declarations.releases import CannotWithdraw
from pages.ticks import TickError, ticked_keys, way_back

_MOVING = (ReleaseState.RUNNING, ReleaseState.WITHDRAWING)


@require_POST
@CUSTOMS_SIDE
def submit(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Submit clean rows of an upload: those that are ticked, or with `all` as many as were shown."""
    upload = get_object_or_404(AuditUpload, pk=upload_id)
    back = way_back(request, reverse("customs_audit:releases"))
    try:
        numbers = _ticked_rows(request, upload)
        submitted = prepare(upload, as_user(request), numbers)
    except (CannotRelease, TickError) as refused:
        messages.error(request, str(refused))
        return redirect(back)
    see_preview(submitted)
    messages.success(
        request,
        f"已提交 {submitted.row_count:,} 行复核（发布 {submitted.release_id}），复核发布后才会生效。",
    )
    return redirect("customs_audit:release", submitted.release_id)


def _ticked_rows(request: HttpRequest, upload: AuditUpload) -> list[int] | None:
    """Read which rows are meant; None for all. Raises TickError, CannotRelease."""
    shown = request.POST.get("all", "")
    if not shown:
        keys = ticked_keys(request)
        if not all(key.isascii() and key.isdecimal() and len(key) < 10 for key in keys):
            raise TickError("勾选的数据有误，请刷新页面后重新勾选。")
        return [int(key) for key in keys]
    clean = upload.rows.filter(state=UploadRow.State.CLEAN).count()
    if shown != str(clean):
        raise CannotRelease(f"待发布的行已变为 {clean:,} 行，没有提交任何行；请看过后再提交。")
    return None


@require_safe
@CUSTOMS_SIDE
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    """Show one release: where it stands, what it would change or has brought, what may be done."""
    found = _release(release_id)
    submission = submission_of(found)
    if submission is not None:
        see_preview(submission)
    state = state_of(found)
    figures = queries.figures_of([found])[found.pk]
    counting = queries.counting_rows(found)
    preview = submission.preview if submission else {}
    waits = state is ReleaseState.TO_REVIEW
    corrected = changes_of(submission) if submission else []
    if submission and corrected and not is_for_part(request):
        note_read(
            By.of(request),
            what="更正的复核",
            query=[("发布编号", str(found.pk))],
            enterprises=parties_of(submission.upload.rows.all()),
            rows=1,
        )
    context = {
        "title": f"{found.audit_month:%Y-%m} 审核数据（发布 {found.pk}）",
        "release": found,
        "submission": submission,
        "state": state,
        "figures": figures,
        "counting": counting,
        "superseded": figures.rows - counting if found.counts else 0,
        "preview": told_changes(preview) if preview else None,
        "is_fresh": not waits or is_fresh(preview),
        "why_not": why_not(submission, as_user(request)) if submission and waits else "",
        "step": step_of(submission) if submission and state is ReleaseState.RUNNING else None,
        "corrected": corrected,
        "is_moving": state in _MOVING or (waits and not is_fresh(preview)),
    }
    return render(request, "customs_audit/release.html", context)


@require_POST
@CUSTOMS_SIDE
def approve_release(request: HttpRequest, release_id: int) -> HttpResponse:
    """Release submitted rows, after a look at the preview that is stored."""
    submission = _submission(release_id)
    try:
        _check_seen(submission, request.POST.get("seen", ""))
        approve(submission, as_user(request))
    except CannotRelease as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"发布 {release_id} 已通过复核，正在发布；完成后立即生效。")
    return redirect("customs_audit:release", release_id)


def _check_seen(submission: UploadRelease, seen: str) -> None:
    """Raise CannotRelease where the page did not show the preview that is stored."""
    if submission.state != UploadRelease.State.TO_REVIEW:
        return  # what it is instead is told by approve()
    if "faulty" in submission.preview:
        raise CannotRelease("这些行按现在的规则有错误，不能发布；请退回修正。")
    if not submission.preview or submission.preview["at"] != seen:
        raise CannotRelease("预览已按新的数据重新计算，没有发布；请看过新的预览再复核发布。")


@require_http_methods(["GET", "HEAD", "POST"])
@CUSTOMS_SIDE
def return_release(request: HttpRequest, release_id: int) -> HttpResponse:
    """Ask why submitted rows are returned; with a reason, return them."""
    submission = _submission(release_id)
    if submission.state != UploadRelease.State.TO_REVIEW:
        messages.error(request, f"发布 {release_id} 已不是“待复核”，不能退回；没有改变任何数据。")
        return redirect("customs_audit:release", release_id)
    reason, problem = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            give_back(submission, reason, as_user(request))
        except CannotRelease as refused:
            problem = str(refused)
        else:
            messages.success(request, f"发布 {release_id} 已退回，各行恢复为“待发布”。")
            return redirect("customs_audit:release", release_id)
    context = {
        "title": f"退回发布 {release_id}",
        "release": submission.release,
        "submission": submission,
        "reason": reason,
        "problem": problem,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "customs_audit/release_return.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@CUSTOMS_SIDE
def withdraw_release(request: HttpRequest, release_id: int) -> HttpResponse:
    """Show what a withdrawal changes and ask why; with a reason, have it done."""
    found = _release(release_id)
    state = state_of(found)
    if state is not ReleaseState.EFFECTIVE:
        messages.error(
            request, f"发布 {release_id} 现在是“{state.label}”，不能撤回；没有改变任何数据。"
        )
        return redirect("customs_audit:release", release_id)
    reason, problem = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            _check_length(reason)
            ask_for_withdrawal(found, reason, as_user(request))
        except CannotWithdraw as refused:
            problem = str(refused)
        else:
            messages.success(request, f"发布 {release_id} 正在撤回，完成后各行恢复为“待修正”。")
            return redirect("customs_audit:release", release_id)
    preview = see_withdrawal_preview(found)
    context = {
        "title": f"撤回发布 {release_id}",
        "release": found,
        "preview": told_withdrawal(preview) if preview else None,
        "reason": reason,
        "problem": problem,
        "reason_length": REASON_LENGTH,
    }
    return render(request, "customs_audit/release_withdraw.html", context)


def _check_length(reason: str) -> None:
    if len(reason.strip()) > REASON_LENGTH:
        raise CannotWithdraw(f"撤回原因最多 {REASON_LENGTH} 个字，请精简后再撤回。")


def _release(release_id: int) -> Release:
    return get_object_or_404(
        Release.objects.select_related(
            "released_by",
            "withdrawn_by",
            "withdrawal_asked_by",
            "of_upload__upload__uploaded_by",
            "of_upload__submitted_by",
            "of_upload__reviewed_by",
        ),
        pk=release_id,
    )


def _submission(release_id: int) -> UploadRelease:
    return get_object_or_404(
        UploadRelease.objects.select_related("release", "upload", "submitted_by"),
        release_id=release_id,
    )
