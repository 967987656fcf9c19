"""The page on which an officer corrects one verdict."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from authorization.events import By
from authorization.gate import as_user
from authorization.ledger import concerned, note_read
from customs_audit.releasing.correction_form import CorrectionForm
from customs_audit.releasing.corrections import (
    CannotCorrect,
    correct,
    may_take_declared_text,
    why_not,
)
from customs_audit.releasing.previewing import see_preview
from customs_audit.views import CUSTOMS_SIDE
from declarations.code_tables import reason_name
from declarations.models import AuditVerdict


@require_http_methods(["GET", "HEAD", "POST"])
@CUSTOMS_SIDE
def correct_verdict(request: HttpRequest, verdict_id: int) -> HttpResponse:
    """Show a verdict and what may be corrected; by POST store it as an upload that is submitted."""
    verdict = get_object_or_404(
        AuditVerdict.objects.select_related("release", "line__goods", "goods", "agent", "trader"),
        pk=verdict_id,
    )
    note_read(
        By.of(request),
        what="更正审核结论",
        query=[("报关单号", verdict.line.entry_id), ("发布编号", str(verdict.release_id))],
        enterprises=concerned([verdict]),
        rows=1,
    )
    form = CorrectionForm(request.POST) if request.method == "POST" else CorrectionForm.of(verdict)
    problems: list[str] = []
    if form.is_valid():
        try:
            submitted = correct(verdict, form.wanted(), as_user(request))
        except CannotCorrect as refused:
            problems = list(refused.sentences)
        else:
            see_preview(submitted)
            messages.success(
                request, f"更正已提交复核（发布 {submitted.release_id}），复核发布后才会生效。"
            )
            return redirect("customs_audit:release", submitted.release_id)
    context = {
        "title": "更正审核结论",
        "verdict": verdict,
        "reasons": [f"{code} {reason_name(code)}" for code in verdict.reason_codes],
        "declared": verdict.line.goods if may_take_declared_text(verdict) else None,
        "why_not": why_not(verdict),
        "form": form,
        "problems": problems,
    }
    return render(request, "customs_audit/correct.html", context)
