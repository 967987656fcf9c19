"""The officers' pages of conflicts: contents on which the verdicts of a month disagree."""

from datetime import date

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from authorization.events import By
from authorization.ledger import concerned, note_read
from comparison.display import display_text
from comparison.models import ContentConflict
from customs_audit import queries
from customs_audit.conflict_tables import ConflictTable, VerdictTable
from customs_audit.filters import ConflictFilterSet
from customs_audit.views import CUSTOMS_SIDE
from pages.views import ListPage


@CUSTOMS_SIDE
class ConflictList(ListPage):
    """Conflicts, those first that touch the most enterprises, then the most lines."""

    title = "结论冲突"
    template_name = "customs_audit/conflicts.html"
    filterset_class = ConflictFilterSet
    table_class = ConflictTable
    sorts = {
        "enterprises": ("enterprises", "lines", "pk"),
        "lines": ("lines", "enterprises", "pk"),
        "audit_month": ("audit_month", "enterprises", "pk"),
    }
    default_sort = "-enterprises"
    export_name = "结论冲突"
    nothing_yet_title = "没有结论冲突"
    nothing_yet_help = "同一申报内容在同一审核月份既有规范又有不规范的结论时，会列在这里。"

    def get_queryset(self) -> "QuerySet[ContentConflict]":
        """Return all conflicts with their contents."""
        return ContentConflict.objects.select_related("content")


@require_safe
@CUSTOMS_SIDE
def conflict(request: HttpRequest, content_id: int, month: str) -> HttpResponse:
    """Show a content with the verdicts of the month that disagree, and their releases."""
    try:
        first_day = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Http404("没有这个审核月份") from None
    found = get_object_or_404(
        ContentConflict.objects.select_related("content"),
        content_id=content_id,
        audit_month=first_day,
    )
    verdicts = list(queries.deciding_verdicts(found)[: queries.SHOWN_VERDICTS])
    note_read(
        By.of(request),
        what="结论冲突详情",
        query=[("商品编码", found.hs_code), ("审核月份", month)],
        enterprises=concerned(verdicts),
        rows=len(verdicts),
    )
    context = {
        "title": "结论冲突详情",
        "conflict": found,
        "name": display_text(found.content.name),
        "g_model": display_text(found.content.g_model),
        "table": VerdictTable(verdicts),
        "verdicts": verdicts,
        "not_shown": max(found.conforming_rows + found.nonconforming_rows - len(verdicts), 0),
    }
    return render(request, "customs_audit/conflict.html", context)
