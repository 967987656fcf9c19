"""The pages of the 企业库. Every one starts from the enterprise of whoever is logged in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_POST, require_safe

from authorization.gate import as_user, roles
from authorization.models import Enterprise, Role, User
from comparison.choices import ChoiceRefused, ChoiceResult, set_publication, set_self_selected
from comparison.models import Publication
from comparison.reasons import explain
from declarations.models import Goods
from enterprise_lib.conditions import Order, Sort
from enterprise_lib.detail import DECLARED, NEWEST, read_elements
from enterprise_lib.forms import LibraryQueryForm
from enterprise_lib.history import history_of
from enterprise_lib.queries import LibraryRows
from enterprise_lib.rows import LibraryRow, UnknownRow, find_rows
from enterprise_lib.tables import LibraryTable
from pages.paging import Page, RowSource
from pages.ticks import TickError, done, one_ticked_key, ticked_keys, way_back
from pages.views import ListPage

ENTERPRISE_SIDE = roles(Role.OPERATOR, Role.LEGAL_REPRESENTATIVE)


def enterprise_of(request: HttpRequest) -> Enterprise:
    """Return the enterprise that the gate has let in."""
    enterprise = as_user(request).enterprise
    if enterprise is None:
        raise Http404
    return enterprise


def row_of(request: HttpRequest, key: str) -> LibraryRow:
    """Return the row of this enterprise that a key names; raises Http404 for any other."""
    return rows_of(request, [key])[0]


def rows_of(request: HttpRequest, keys: list[str]) -> list[LibraryRow]:
    """Return the rows of this enterprise that keys name; raises Http404 where one is another's."""
    try:
        return find_rows(enterprise_of(request), keys)
    except UnknownRow as unknown:
        raise Http404(f"企业库中没有这一行：{unknown}") from unknown


def list_url(request: HttpRequest) -> str:
    """Return the list's URL that a page was reached from, with its query, if it names one."""
    listing = reverse("enterprise_lib:list")
    back = request.GET.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if safe and back.partition("?")[0] == listing else listing


@ENTERPRISE_SIDE
class LibraryList(ListPage):
    """企业库: query, sort, page, tick, export."""

    title = "企业库"
    template_name = "enterprise_lib/list.html"
    form_class = LibraryQueryForm
    table_class = LibraryTable
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {sort.value: () for sort in Sort}
    default_sort = f"-{Sort.DECLARED_ON.value}"
    export_name = "企业库"
    nothing_yet_title = "企业库中还没有数据"
    nothing_yet_help = (
        "本企业作为申报单位或收发货人的申报数据、海关审核数据装入后，会自动显示在这里。"
    )

    def get_source(self, query: LibraryQueryForm) -> RowSource[LibraryRow]:
        """Return this enterprise's rows."""
        order = Order(Sort(self.sort.removeprefix("-")), self.sort.startswith("-"))
        return LibraryRows(enterprise_of(self.request), query.conditions(), order)

    def concerned(self, page: Page[LibraryRow]) -> Iterable[int]:
        """Return this enterprise."""
        return [enterprise_of(self.request).pk]


@require_POST
@ENTERPRISE_SIDE
def open_elements(request: HttpRequest) -> HttpResponse:
    """Go to the 申报要素详情 of the one ticked row; the list says what to do about none or two."""
    back = way_back(request, reverse("enterprise_lib:list"))
    try:
        row = row_of(request, one_ticked_key(request))
    except TickError as error:
        messages.error(request, str(error))
        return redirect(back)
    page = reverse("enterprise_lib:elements", args=[row.key])
    return redirect(f"{page}?{urlencode({'back': back})}")


# A web server takes no more than some 4,000 characters as the first line of a request.
_LONGEST_QUERY = 3_000


@dataclass(frozen=True)
class CheckText:
    """A declared text that the page hands to the self-check."""

    goods: Goods

    @property
    def fields(self) -> dict[str, str]:
        """What the self-check's form is filled with."""
        goods = self.goods
        return {
            "hs_code": goods.hs_code,
            "ie_flag": goods.ie_flag,
            "name": goods.name,
            "g_model": goods.g_model,
        }

    @property
    def query(self) -> str:
        """The same as a URL's query; empty where it is too long for one."""
        query = urlencode(self.fields)
        return query if len(query) <= _LONGEST_QUERY else ""


@require_safe
@ENTERPRISE_SIDE
def elements(request: HttpRequest, key: str) -> HttpResponse:
    """Show a row's 规格型号 element by element, by the newest catalogue in force.

    `?edition=declared` shows it by the edition of the declaration's date.
    """
    row = row_of(request, key)
    shown = DECLARED if request.GET.get("edition") == DECLARED else NEWEST
    context = {
        "title": "申报要素详情",
        "row": row,
        "detail": read_elements(
            row.goods, row.declared_on, shown=shown, enterprise=enterprise_of(request)
        ),
        "check": CheckText(row.goods),
        "back": list_url(request),
    }
    return render(request, "enterprise_lib/elements.html", context)


@require_safe
@ENTERPRISE_SIDE
def why(request: HttpRequest, key: str) -> HttpResponse:
    """Show why a row is marked as it is, and what was marked and chosen before."""
    row = row_of(request, key)
    context = {
        "title": "为何如此标记",
        "row": row,
        "explanation": explain(row.entry) if row.entry else None,
        "history": history_of(enterprise_of(request), row.content_id),
        "back": list_url(request),
    }
    return render(request, "enterprise_lib/why.html", context)


@require_POST
@ENTERPRISE_SIDE
def self_select(request: HttpRequest, chosen: bool) -> HttpResponse:
    """设为自选 or 取消自选 for the ticked rows, or the one whose button was pressed."""
    return choose(
        request,
        lambda enterprise, contents, user: set_self_selected(enterprise, contents, chosen, user),
    )


@require_POST
@ENTERPRISE_SIDE
def publication(request: HttpRequest, wanted: Publication) -> HttpResponse:
    """Set the 公开状态 of the ticked rows, or of the one whose button was pressed."""
    return choose(
        request,
        lambda enterprise, contents, user: set_publication(enterprise, contents, wanted, user),
    )


def choose(
    request: HttpRequest, setting: Callable[[Enterprise, list[int], User], ChoiceResult]
) -> HttpResponse:
    """Apply a choice to the contents of the ticked rows, say how far it went, and go back."""
    back = way_back(request, reverse("enterprise_lib:list"))
    try:
        rows = rows_of(request, ticked_keys(request))
        contents = list(dict.fromkeys(row.content_id for row in rows))
        result = setting(enterprise_of(request), contents, as_user(request))
    except (TickError, ChoiceRefused) as refused:
        messages.error(request, str(refused))
        return redirect(back)
    if request.POST.get("only"):
        messages.success(request, result.sentence)  # a row's own button: the ticks stay
    else:
        done(request, result.sentence)
    return redirect(back)
