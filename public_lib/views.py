"""The pages of the 公共库: open to every authorized enterprise, showing only the projection."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_POST, require_safe

from authorization.gate import roles
from authorization.models import Role
from comparison.models import PublicContent
from comparison.projection import HIDDEN, NO_LONGER_PUBLIC, shown_count, shown_month
from pages.paging import RowSource
from pages.ticks import TickError, one_ticked_key, way_back
from pages.views import ListPage
from public_lib.filters import PublicFilterSet
from public_lib.queries import REACH, PublicRows
from public_lib.tables import PublicTable, named_mode

ENTERPRISE_SIDE = roles(Role.OPERATOR, Role.LEGAL_REPRESENTATIVE)


@ENTERPRISE_SIDE
class PublicList(ListPage):
    """公共库: query, page, tick, export; the newest month first."""

    title = "公共库"
    template_name = "public_lib/list.html"
    filterset_class = PublicFilterSet
    table_class = PublicTable
    export_name = "公共库"
    reach = REACH
    nothing_yet_title = "公共库中还没有数据"
    nothing_yet_help = "海关发布审核结果后，审核规范且企业未设为不公开的数据会显示在这里。"

    def get_queryset(self) -> object:
        """Return all that is public now."""
        return PublicContent.objects.visible()

    def get_source(self, query: PublicFilterSet) -> RowSource[PublicContent]:
        """Return the rows of a valid query."""
        return PublicRows(query.qs, query.words)


@require_POST
@ENTERPRISE_SIDE
def open_elements(request: HttpRequest) -> HttpResponse:
    """Go to the 申报要素详情 of the one ticked row; the list says what to do about none or two."""
    back = way_back(request, reverse("public_lib:list"))
    try:
        key = one_ticked_key(request)
        page = reverse("public_lib:elements", args=[int(key)])
    except (TickError, ValueError, NoReverseMatch) as error:
        sentence = (
            str(error) if isinstance(error, TickError) else "请在列表中重新勾选一行后再查看。"
        )
        messages.error(request, sentence)
        return redirect(back)
    return redirect(f"{page}?{urlencode({'back': back})}")


def list_url(request: HttpRequest) -> str:
    """Return the list with the query that led here, as the link to this page named it."""
    listing = reverse("public_lib:list")
    back = request.GET.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if safe and back.partition("?")[0] == listing else listing


@require_safe
@ENTERPRISE_SIDE
def elements(request: HttpRequest, content_id: int) -> HttpResponse:
    """Show a public content element by element.

    One that is not public, or no longer, or never was, gets the same 404 page: whether it exists
    is nobody's business.
    """
    content = (
        PublicContent.objects.visible()
        .filter(pk=content_id)
        .defer("search_text", "search_grams")
        .first()
    )
    if content is None:
        gone = {"title": "申报要素详情", "sentence": NO_LONGER_PUBLIC}
        return render(request, "public_lib/not_public.html", gone, status=404)
    context = {
        "title": "申报要素详情",
        "content": content,
        "trade_modes": [named_mode(code) for code in content.trade_modes],
        "month": shown_month(content.latest_month, content.enterprise_count),
        "count": shown_count(content.enterprise_count),
        "hidden": HIDDEN,
        "has_hidden": any(element["value"] == HIDDEN for element in content.elements),
        "back": list_url(request),
    }
    return render(request, "public_lib/elements.html", context)
