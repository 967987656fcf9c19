"""The URLs of this room."""

from django.urls import path, register_converter

from comparison.models import Publication
from enterprise_lib import customs_reads, draft_views, impact_views, views
from enterprise_lib.checking import views as checking


class RowKey:
    """A row's key in a URL: L and a line's id, or A and a verdict's (审核时文本)."""

    regex = "[LA][1-9][0-9]{0,17}"

    def to_python(self, value: str) -> str:
        """Leave it to the view, which knows whose rows may be found."""
        return value

    def to_url(self, value: str) -> str:
        """Return the key itself."""
        return value


class ContentNumber(RowKey):
    """A content's number in a URL."""

    regex = "[1-9][0-9]{0,17}"


register_converter(RowKey, "row")
register_converter(ContentNumber, "content")

app_name = "enterprise_lib"
urlpatterns = [
    path("", views.LibraryList.as_view(), name="list"),
    path("elements/", views.open_elements, name="open_elements"),
    path("check/", checking.CheckPage.as_view(), name="check"),
    path("check/table/", checking.take_table, name="check_take"),
    path("check/table/<slug:token>/", checking.TableList.as_view(), name="check_table"),
    path(
        "check/table/<slug:token>/rows/<int:number>/", checking.RowPage.as_view(), name="check_row"
    ),
    path("check/table/<slug:token>/export/", checking.export_table, name="check_export"),
    path("check/table/<slug:token>/drafts/", checking.table_drafts, name="check_drafts"),
    path("check/table/<slug:token>/forget/", checking.forget, name="check_forget"),
    path("drafts/", draft_views.DraftList.as_view(), name="drafts"),
    path("drafts/<int:pk>/", draft_views.DraftPage.as_view(), name="draft"),
    path("drafts/export/", draft_views.export_drafts, name="drafts_export"),
    path("drafts/delete/", draft_views.remove_drafts, name="drafts_delete"),
    path("<row:key>/elements/", views.elements, name="elements"),
    path("<row:key>/why/", views.why, name="why"),
    path("self-select/", views.self_select, {"chosen": True}, name="self_select"),
    path("self-select/undo/", views.self_select, {"chosen": False}, name="self_select_undo"),
    path(
        "publication/public/",
        views.publication,
        {"wanted": Publication.PUBLIC},
        name="publication",
    ),
    path(
        "publication/private/",
        views.publication,
        {"wanted": Publication.PRIVATE},
        name="publication_private",
    ),
    path("customs-reads/", customs_reads.CustomsReads.as_view(), name="customs_reads"),
    path("new-catalogue/", impact_views.ImpactList.as_view(), name="impact"),
    path("new-catalogue/export/", impact_views.impact_export, name="impact_export"),
    path("new-catalogue/drafts/", impact_views.impact_drafts, name="impact_drafts"),
    path(
        "new-catalogue/<content:content_id>/",
        impact_views.ImpactDetail.as_view(),
        name="impact_detail",
    ),
]
