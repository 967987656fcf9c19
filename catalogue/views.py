"""The pages of 目录查询: the tree of an edition, searching it, one code with all its editions.

Open to every role (an enterprise must be authorized): what the catalogue says is published.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from authorization.gate import as_user, roles
from authorization.models import Role
from catalogue import browsing, codepage
from catalogue.forms import SearchForm
from catalogue.models import CatalogueCode, CatalogueHeading
from catalogue.searching import Hit, Query, index_of
from catalogue.shelf import Shelf, shelf_of
from catalogue.tables import Found, FoundTable
from pages.paging import Count, Page, RowSource
from pages.tables import PortalTable
from pages.views import ListPage

EVERYONE = roles(*Role)
TITLE = "目录查询"
# Chapters and headings named above what a search found.
_TITLES_SHOWN = 8


def no_edition(request: HttpRequest) -> HttpResponse:
    """Say that no edition is in force yet."""
    return render(request, "catalogue/no_edition.html", {"title": TITLE})


def frame(shelf: Shelf, **more: Any) -> dict[str, Any]:
    """Return what every page of the room draws."""
    return {"title": TITLE, "shelf": shelf, "search": SearchForm(), **more}


@require_safe
@EVERYONE
def index(request: HttpRequest) -> HttpResponse:
    """Show the sections with their chapters."""
    shelf = shelf_of(request)
    if shelf is None:
        return no_edition(request)
    sections = browsing.sections(shelf.edition)
    context = frame(shelf, sections=sections, total=sum(section.count for section in sections))
    return render(request, "catalogue/index.html", context)


@require_safe
@EVERYONE
def chapter(request: HttpRequest, digits: str) -> HttpResponse:
    """Show a chapter's headings, each with its codes one click away."""
    shelf = shelf_of(request)
    if shelf is None:
        return no_edition(request)
    if len(digits) != 2:
        return elsewhere(shelf, digits)
    headings = browsing.headings_of(shelf.edition, digits)
    if not headings:
        return unknown(request, shelf, digits, f"没有第 {digits} 章")
    trees: dict[str, list[CatalogueCode]] = {}
    for one in browsing.codes_below(shelf.edition, digits):
        trees.setdefault(one.heading, []).append(one)
    context = frame(
        shelf,
        place=browsing.place_of(shelf.edition, digits),
        headings=[(one, list(browsing.tree_of(trees.get(one.code, ())))) for one in headings],
        total=sum(one.count for one in headings),
        is_open="open" in request.GET,
    )
    return render(request, "catalogue/chapter.html", context)


@require_safe
@EVERYONE
def heading(request: HttpRequest, digits: str) -> HttpResponse:
    """Show a heading's codes below their sub-headings, with the elements of each."""
    shelf = shelf_of(request)
    if shelf is None:
        return no_edition(request)
    if len(digits) != 4:
        return elsewhere(shelf, digits)
    codes = list(browsing.codes_below(shelf.edition, digits))
    if not codes:
        return unknown(request, shelf, digits, f"没有品目 {digits[:2]}.{digits[2:]}")
    elements = browsing.elements_of(codes)
    context = frame(
        shelf,
        place=browsing.place_of(shelf.edition, digits),
        rows=[
            (row, elements[row.code.pk] if row.code else None) for row in browsing.tree_of(codes)
        ],
        total=len(codes),
    )
    return render(request, "catalogue/heading.html", context)


@require_safe
@EVERYONE
def code(request: HttpRequest, digits: str) -> HttpResponse:
    """Show one code: by the asked edition, else by the newest that has it."""
    shelf = shelf_of(request)
    if shelf is None:
        return no_edition(request)
    if len(digits) != 8:
        return elsewhere(shelf, digits)
    held = browsing.in_editions(shelf.editions, digits)
    if shelf.edition.pk not in held and (shelf.is_asked or not held):
        return unknown(request, shelf, digits, f"没有商品编码 {digits}", held)
    page = codepage.page_of(shelf, digits, held, request.GET.get("against", ""))
    libraries = as_user(request).is_enterprise_user
    context = frame(page.shelf, page=page, place=page.place, has_libraries=libraries)
    return render(request, "catalogue/code.html", context)


def elsewhere(shelf: Shelf, digits: str) -> HttpResponse:
    """Lead digits to the page that they belong to: a chapter, a heading, a code, or the search."""
    pages = {2: "chapter", 4: "heading", 8: "code", 9: "code", 10: "code", 13: "code"}
    name = pages.get(len(digits))
    if name is None:
        return redirect(f"{reverse('catalogue:search')}?{urlencode({'q': digits})}")
    page = reverse(f"catalogue:{name}", args=[digits[:8]])
    asked = browsing.edition_key(shelf.edition) if shelf.is_asked else ""
    return redirect(f"{page}?{urlencode({'edition': asked})}" if asked else page)


def unknown(
    request: HttpRequest,
    shelf: Shelf,
    digits: str,
    sentence: str,
    held: dict[int, CatalogueCode] | None = None,
) -> HttpResponse:
    """Answer 404 for what the edition hasn't: which edition has it, and what may be meant."""
    others = [shelf.drawn(edition) for edition in shelf.editions if edition.pk in (held or {})]
    padded = digits.ljust(8, "0")
    context = frame(
        shelf,
        digits=digits,
        sentence=f"{shelf.edition}中{sentence}",
        others=others,
        near=browsing.nearest_codes(shelf.edition, padded),
        place=browsing.place_of(shelf.edition, digits[:4]) if len(digits) == 8 else None,
    )
    return render(request, "catalogue/unknown.html", context, status=404)


# --- searching -----------------------------------------------------------------------------------


class FoundRows:
    """What a search found, best first (a RowSource): the shown codes cost two queries."""

    def __init__(self, shelf: Shelf, query: Query, hits: list[Hit]) -> None:
        """Take all that was found."""
        self._shelf, self._query, self._hits = shelf, query, hits

    def count(self) -> Count:
        """Count what was found."""
        return Count(len(self._hits))

    def rows(self, offset: int, limit: int) -> list[Found]:
        """Return at most `limit` rows from `offset` (0-based)."""
        hits = self._hits[offset : offset + limit]
        edition = self._shelf.edition
        codes = CatalogueCode.objects.filter(edition=edition, hs8__in=[hit.hs8 for hit in hits])
        held = {one.hs8: one for one in codes}
        titles = browsing.titles_of(
            edition,
            CatalogueHeading.Level.HEADING,
            code__in={one.heading for one in held.values()},
        )
        names = {title: row.name for title, row in titles.items()}
        return [
            Found(
                held[hit.hs8],
                names.get(held[hit.hs8].heading, ""),
                hit.elements,
                self._query.digits,
                self._query.words,
                self._shelf.query,
            )
            for hit in hits
        ]


@EVERYONE
class CatalogueSearch(ListPage):
    """What the one box finds; a whole code goes straight to its page."""

    title = TITLE
    template_name = "catalogue/search.html"
    form_class = SearchForm
    table_class = FoundTable
    shelf: Shelf
    more: dict[str, Any]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with what was found, or lead on to the one page that is meant."""
        shelf = shelf_of(request)
        if shelf is None:
            return no_edition(request)
        self.shelf, self.more = shelf, {}
        if not request.GET.get("q", "").strip():
            return redirect(f"{reverse('catalogue:index')}{self.shelf.query}")
        form = SearchForm(request.GET)
        if form.is_valid() and form.cleaned_data["q"].hs8:
            return elsewhere(self.shelf, form.cleaned_data["q"].hs8 + "00")
        return super().get(request, *args, **kwargs)

    def get_source(self, query: SearchForm) -> RowSource[Found]:
        """Search the shown edition."""
        wanted: Query = query.cleaned_data["q"]
        asked = query.cleaned_data
        hits = index_of(self.shelf.edition).search(wanted, asked["scope"], asked["chapter"])
        self.more = {
            "titles": browsing.titles_named(
                self.shelf.edition, wanted.digits, wanted.words, _TITLES_SHOWN
            )
        }
        if not hits:
            self.more |= self.nothing_found(wanted, asked["chapter"])
        return FoundRows(self.shelf, wanted, hits)

    def nothing_found(self, query: Query, chapter: str) -> dict[str, Any]:
        """Say that nothing was found, and which edition or wider search would find something."""
        edition = self.shelf.edition
        what = f"以 {query.digits} 开头的商品编码" if query.digits else "符合的商品编码"
        where = f"第 {chapter} 章" if chapter else ""
        says = {
            "empty_title": f"{edition}{where}中没有{what}",
            "empty_help": "请减少词数或换一种说法，也可以按类、章、品目浏览。",
        }
        asked = self.request.GET.copy()
        asked.pop("page", None)
        if chapter:
            asked.pop("chapter")
            return says | {"empty_url": f"?{asked.urlencode()}", "empty_action": "在所有章中查询"}
        for other in self.shelf.editions:
            if other.pk != edition.pk and (count := len(index_of(other).search(query))):
                asked["edition"] = browsing.edition_key(other)
                words = f"{other}中有 {count:,} 个，按 {other}查询"
                return says | {"empty_url": f"?{asked.urlencode()}", "empty_action": words}
        return says

    def get_table(self, page: Page[Any]) -> PortalTable:
        """Return the table, without the column of elements where none of them was found."""
        table = super().get_table(page)
        if not any(row.elements for row in page.rows):
            table.columns.hide("elements")
        return table

    def get_extra_context(self) -> dict[str, Any]:
        """Return the box as it was filled, and where the words are titles."""
        asked: QueryDict = self.request.GET
        box = {
            "shelf": self.shelf,
            "search": SearchForm(asked),
            "in_chapter": asked.get("chapter", ""),
        }
        return box | self.more
