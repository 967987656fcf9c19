"""The list page that every room builds on: conditions, a table, a pager, an export.

A list is three named things and one view (the shape is NetBox's): a row source, a query form, a
table. A room writes:

    # filters.py
    class LineFilterSet(PortalFilterSet):
        hs_code = CodePrefixFilter(label="商品编码")
        declared_on = DateSpanFilter(label="申报日期")
        keyword = KeywordFilter(label="关键字", method="search")

    # tables.py
    class LineTable(PortalTable):
        tick = TickColumn(accessor="pk")
        mark = MarkColumn(verbose_name="标记类型", conflict="is_conflict")
        hs_code = CodeColumn(verbose_name="商品编码")
        g_model = LongTextColumn(verbose_name="规格型号")
        declared_on = DayColumn(verbose_name="申报日期")
        actions = ActionsColumn("enterprise_lib/_row_actions.html")

    # views.py
    class LineList(ListPage):
        title = "企业库"
        template_name = "enterprise_lib/list.html"
        filterset_class = LineFilterSet
        table_class = LineTable
        sorts = {"declared_on": ("declared_on", "pk"), "hs_code": ("hs_code", "pk")}
        default_sort = "-declared_on"
        export_name = "企业库"

        def get_queryset(self):
            return DeclaredLine.objects.visible_to(self.request.user.enterprise)

        def concerned(self, page):
            return [self.request.user.enterprise_id]

    {# templates/enterprise_lib/list.html #}
    {% extends "pages/list_page.html" %}
    {% block actions %}
      <button type="submit" class="btn btn-primary btn-sm"
              formaction="{% url 'enterprise_lib:open_elements' %}">申报要素详情</button>
    {% endblock %}

`actions` stands in one POST form (id row-actions) that carries the CSRF token, the ticks and
`next`; a button on a row joins it with form="row-actions" formaction=... name="only" value=KEY.
The view it posts to reads the ticks with pages.ticks. Rows that come from no single queryset:
override `get_source`. An officers' page of enterprises' rows says notes_reads = True; every export
stands in the ledger by itself. Who may see the page is the room's to state, as on any view.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views import View

from authorization.events import By
from authorization.ledger import note_export, note_read
from pages.excel import workbook_response
from pages.filters import PortalFilterSet
from pages.forms import QueryForm
from pages.paging import (
    COUNT_LIMIT,
    PAGE_SIZES,
    REACH,
    ListSource,
    Page,
    Paginator,
    QuerySetSource,
    RowSource,
)
from pages.query_words import in_words
from pages.tables import PortalTable

# Parameters of a list's URL that are not conditions of its query.
FRAME_PARAMETERS = frozenset({"page", "per_page", "sort", "export"})


class ListPage(View):
    """A list at one URL: GET shows it, `?export=xlsx` downloads the shown page of it.

    Parameters: the form's own, `page`, `per_page`, `sort` (a name of `sorts`, with "-" for
    descending). With a query that is not valid the page shows why, keeps what was typed, asks the
    database nothing and shows no rows (status 200: it is still the list). An htmx request whose
    target is the result gets that part only.
    """

    http_method_names = ["get", "head", "options"]

    title: ClassVar[str] = ""
    template_name: ClassVar[str] = "pages/list_page.html"
    table_class: ClassVar[type[PortalTable]]
    filterset_class: ClassVar[type[PortalFilterSet] | None] = None
    # Instead of a filter set, where the rows come from no single queryset.
    form_class: ClassVar[type[QueryForm] | None] = None
    # What may be sorted: a column's name -> order_by terms, the last one unique.
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    default_sort: ClassVar[str] = ""
    page_sizes: ClassVar[tuple[int, ...]] = PAGE_SIZES
    reach: ClassVar[int] = REACH
    count_limit: ClassVar[int] = COUNT_LIMIT
    # Each page shown stands in the ledger: for officers' pages of enterprises' rows. Exports always do.
    notes_reads: ClassVar[bool] = False
    # The name of the exported file, without date; empty: no export.
    export_name: ClassVar[str] = ""
    empty_title: ClassVar[str] = "没有符合条件的数据"
    empty_help: ClassVar[str] = "请减少或放宽查询条件后再查询，或点击“重置”查看全部数据。"
    # Shown instead when there are no conditions and still no rows.
    nothing_yet_title: ClassVar[str] = "暂无数据"
    nothing_yet_help: ClassVar[str] = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the page, its result part, or the workbook."""
        query = self.get_query()
        form = query.form if isinstance(query, PortalFilterSet) else query
        valid = form is None or form.is_valid()
        self.sort = self.get_sort()
        source: RowSource[Any] = self.get_source(query) if valid else ListSource([])
        paginator = Paginator(
            source, request.GET.get("per_page"), sizes=self.page_sizes, reach=self.reach
        )
        page = paginator.page(request.GET.get("page"))
        table = self.get_table(page)
        if request.GET.get("export") == "xlsx" and self.export_name and valid:
            if not page.rows:
                return self.refuse_export()
            stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
            return workbook_response(
                f"{self.export_name}_第{page.number}页_{stamp}",
                table.export_columns(),
                table.export_rows(),
                entry=note_export(By.of(request), **self.ledger_facts(form, page)),
            )
        if self.notes_reads and valid:
            self.note_read(form, page)
        context = self.get_context(form, page, table, valid)
        response = render(request, self.template_name, context)
        # The same URL answers a whole page and a part of one: no cache may mix them up.
        patch_vary_headers(response, ("HX-Request", "HX-Target"))
        if context["part"]:
            response.headers["X-Portal-Part"] = "result"
        return response

    # --- what a room fills in ---------------------------------------------------------------

    def get_queryset(self) -> Any:
        """Return the rows before any condition; only needed with a filter set."""
        raise ImproperlyConfigured(f"{type(self).__name__} needs get_queryset() or get_source()")

    def get_source(self, query: Any) -> RowSource[Any]:
        """Return where the rows come from, for a valid query (filter set, form or None).

        The rows must come in the order of `self.order_terms()`.
        """
        rows = query.qs if isinstance(query, PortalFilterSet) else self.get_queryset()
        terms = self.order_terms()
        return QuerySetSource(rows.order_by(*terms) if terms else rows, self.count_limit)

    def get_extra_context(self) -> dict[str, Any]:
        """Return what the room's own template needs besides the list."""
        return {}

    def refuse_export(self) -> HttpResponse:
        """Go back to the list, which says that it shows nothing to export."""
        messages.error(self.request, "本页没有数据可以导出，请放宽查询条件，查到数据后再导出。")
        query = self.request.GET.copy()
        query.pop("export")
        return redirect(f"{self.request.path}?{query.urlencode()}")

    # --- what the ledger is told -------------------------------------------------------------

    def concerned(self, page: Page[Any]) -> Iterable[int]:
        """Return the enterprises (ids) whose data the shown rows are; none where they name nobody."""
        return ()

    def note_read(self, form: QueryForm | None, page: Page[Any]) -> None:
        """Note that the page is being shown; without rows only where the query names somebody."""
        facts = self.ledger_facts(form, page)
        if page.rows or facts.get("named"):
            note_read(By.of(self.request), **facts)

    def ledger_facts(self, form: QueryForm | None, page: Page[Any]) -> dict[str, Any]:
        """Return what the ledger notes of a read or an export (authorization/ledger.py).

        A page that asks for a case reference adds `case`, and `named`.
        """
        return {
            "what": self.title,
            "query": in_words(form),
            "enterprises": self.concerned(page),
            "rows": len(page.rows),
            "facts": {"page": page.number, "per_page": page.size, "sort": self.sort},
        }

    # --- what it does with that -------------------------------------------------------------

    def get_query(self) -> Any:
        """Return the bound filter set or form, or None where the list has no conditions."""
        if self.filterset_class:
            return self.filterset_class(
                self.request.GET, queryset=self.get_queryset(), request=self.request
            )
        return self.form_class(self.request.GET) if self.form_class else None

    def get_sort(self) -> str:
        """Return the wanted sort where it is one of `sorts`, else the default."""
        wanted = self.request.GET.get("sort", "")
        return wanted if wanted.removeprefix("-") in self.sorts else self.default_sort

    def order_terms(self) -> tuple[str, ...]:
        """Return the order_by terms of the present sort, turned round for a descending one."""
        terms = self.sorts.get(self.sort.removeprefix("-"), ())
        if not self.sort.startswith("-"):
            return terms
        return tuple(term[1:] if term.startswith("-") else f"-{term}" for term in terms)

    def get_table(self, page: Page[Any]) -> PortalTable:
        """Return the table of this page's rows, with the sortable columns marked."""
        table = self.table_class(page.rows, request=None)
        for name in self.sorts:
            table.columns[name].column.orderable = True
        table.order_by = self.sort
        return table

    def get_context(
        self, form: QueryForm | None, page: Page[Any], table: PortalTable, valid: bool
    ) -> dict[str, Any]:
        """Return what templates/pages/list_page.html draws."""
        htmx: Any = getattr(self.request, "htmx", None) or None  # set by django-htmx's middleware
        part = htmx is not None and htmx.target == "result"
        asked = any(
            value for name, value in self.request.GET.items() if name not in FRAME_PARAMETERS
        )
        return {
            "title": self.title,
            "query_form": form,
            "query_is_valid": valid,
            "query_is_empty": not asked,
            "page": page,
            "table": table,
            "can_export": bool(self.export_name),
            "empty_title": self.empty_title if asked else self.nothing_yet_title,
            "empty_help": self.empty_help if asked else self.nothing_yet_help,
            "ticks_key": self.ticks_key(),
            "frame": "pages/part.html" if part else "base.html",
            "part": part,
            # A form sent by itself comes back with its faults marked; a pager leaves it alone.
            "swap_form": part and htmx.trigger == "query-form",
            **self.get_extra_context(),
        }

    def ticks_key(self) -> str:
        """Return what the kept ticks belong to: this path and its conditions, on any page."""
        query = self.request.GET.copy()
        for name in FRAME_PARAMETERS:
            query.pop(name, None)
        pairs = sorted((name, value) for name, values in query.lists() for value in values if value)
        who = getattr(self.request.user, "pk", None)
        text = f"{who}:{self.request.path}?{pairs!r}"
        # Hashed, because it names a place in the browser's storage and may hold keywords.
        return blake2b(text.encode(), digest_size=12).hexdigest()
