"""The officers' list of releases."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from authorization.gate import roles
from authorization.models import Role
from customs_audit import queries
from customs_audit.filters import ReleaseFilterSet
from customs_audit.models import UploadRelease
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
    """Every release: those that wait for a second officer first, then the newest."""

    title = "审核数据发布"
    template_name = "customs_audit/releases.html"
    filterset_class = ReleaseFilterSet
    table_class = ReleaseTable
    sorts = {
        "audit_month": ("audit_month", "pk"),
        "pk": ("waits", "pk"),
    }
    default_sort = "-pk"
    nothing_yet_title = "还没有发布过审核数据"
    nothing_yet_help = "审核数据上传、校验并提交复核后，会显示在这里。"

    def get_queryset(self) -> "QuerySet[Release]":
        """Return all releases."""
        waits = Exists(
            UploadRelease.objects.filter(
                release=OuterRef("pk"), state=UploadRelease.State.TO_REVIEW
            )
        )
        return Release.objects.annotate(waits=waits).select_related(
            "released_by", "of_upload__submitted_by", "of_upload__reviewed_by"
        )

    def get_source(self, query: ReleaseFilterSet) -> RowSource[Release]:
        """Return the releases of a valid query, with figures."""
        return ReleasesWithFigures(query.qs.order_by(*self.order_terms()), COUNT_LIMIT)
