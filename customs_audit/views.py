"""The officers' pages of releases."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from authorization.gate import roles
from authorization.models import Role
from customs_audit import queries
from customs_audit.filters import ReleaseFilterSet, state_of
from customs_audit.tables import ReleaseTable
from declarations.models import Release
from pages.paging import COUNT_LIMIT, QuerySetSource, RowSource
from pages.views import ListPage

CUSTOMS_SIDE = roles(Role.OFFICER)


class ReleasesWithFigures(QuerySetSource[Release]):
    """Releases of a queryset, each shown one with its `figures`."""

    def rows(self, offset: int, limit: int) -> Sequence[Release]:
        """Return one slice, and the figures of just these."""
        shown = super().rows(offset, limit)
        figures = queries.figures_of(shown)
        for release in shown:
            release.figures = figures[release.pk]  # type: ignore[attr-defined]
        return shown


@CUSTOMS_SIDE
class ReleaseList(ListPage):
    """Where officers begin: every release, the newest first."""

    title = "审核数据发布"
    template_name = "customs_audit/releases.html"
    filterset_class = ReleaseFilterSet
    table_class = ReleaseTable
    sorts = {
        "audit_month": ("audit_month", "pk"),
        "pk": ("pk",),
    }
    default_sort = "-pk"
    nothing_yet_title = "还没有发布过审核数据"
    nothing_yet_help = "审核数据装入并发布后，会显示在这里。"

    def get_queryset(self) -> "QuerySet[Release]":
        """Return all releases."""
        return Release.objects.select_related("released_by")

    def get_source(self, query: ReleaseFilterSet) -> RowSource[Release]:
        """Return the releases of a valid query, with figures."""
        return ReleasesWithFigures(query.qs.order_by(*self.order_terms()), COUNT_LIMIT)


@require_safe
@CUSTOMS_SIDE
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    """Show one release with its figures."""
    found = get_object_or_404(
        Release.objects.select_related("released_by", "withdrawn_by"), pk=release_id
    )
    figures = queries.figures_of([found])[found.pk]
    counting = queries.counting_rows(found)
    context = {
        "title": f"{found.audit_month:%Y-%m} 审核数据（发布 {found.pk}）",
        "release": found,
        "state": state_of(found),
        "figures": figures,
        "counting": counting,
        "superseded": figures.rows - counting if found.counts else 0,
    }
    return render(request, "customs_audit/release.html", context)
