"""What every room's admin.py builds on: tables that are looked at, never changed, at any size.

It stands in the lowest room, since every room registers its tables. The sizes it is made for are
millions of rows, so a list never counts a whole table, never sorts by a column without an index,
and searches only by what an index answers: a search box says what may be typed into it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode

from authorization.change_models import ChangeEvent

# Nobody pages further than this by hand, and OFFSET costs what it skips.
MOST_LISTED = 10_000

# The form of a search that takes any word.
ANY_WORD = r".+"


class CappedPaginator(Paginator):
    """Counts up to MOST_LISTED rows and lists no more; a bigger table costs no more than that."""

    @cached_property
    def count(self) -> int:
        """The number of rows to page through."""
        rows = self.object_list
        if isinstance(rows, QuerySet):
            # The order is of no use to a count, and may keep the planner from the cheap way.
            return rows.order_by().values("pk")[:MOST_LISTED].count()
        return min(len(rows), MOST_LISTED)


@dataclass(frozen=True)
class Search:
    """One kind of word for the search box: its form, its name for people, and what it asks."""

    form: str
    label: str
    ask: str | Callable[[str], Q]

    def condition(self, word: str) -> Q | None:
        """Return what the word asks for, or None when it has not this form."""
        if not re.fullmatch(self.form, word):
            return None
        return Q(**{self.ask: word}) if isinstance(self.ask, str) else self.ask(word)


class BigTableAdmin(admin.ModelAdmin):
    """An admin list that stays quick on a million rows.

    `searches` say what may be typed; each must be answered by an index.
    """

    searches: Sequence[Search] = ()
    # Under what the log of changes knows these rows; None: nobody changes them by hand.
    changes_of: ChangeEvent.Of | None = None

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    # A column may be sorted where its table says so, that is, where it has an index.
    sortable_by = ()
    ordering = ["-pk"]
    empty_value_display = "—"
    actions = None

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse what no link of the list makes and PostgreSQL takes for a broken text."""
        if any("\0" in value for value in request.GET.values()):
            raise BadRequest("NUL in the query")
        title = {"title": str(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    @property
    def most_listed(self) -> int:
        """After how many rows the list ends."""
        return MOST_LISTED

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the row's changes in the log, which knows before and after."""
        if self.changes_of is None or not object_id.isdecimal():
            raise Http404("这里的数据不由人工修改，没有变更记录。")
        query = {"of": str(self.changes_of), "number": object_id}
        if self.changes_of == ChangeEvent.Of.ENTERPRISE:
            # What was changed of its users belongs to it too.
            query = {"enterprise__id__exact": object_id}
        return redirect(
            f"{reverse('admin:authorization_changeevent_changelist')}?{urlencode(query)}"
        )

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Offer the row's changes where the log has any, and one way to save."""
        name = str(self.opts.verbose_name)
        if not context.get("has_change_permission") or add:
            context["title"] = f"新增{name}" if add else name
        context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
        if obj is not None and self.changes_of is not None:
            address = f"admin:{self.opts.app_label}_{self.opts.model_name}_history"
            context["changes_url"] = reverse(address, args=[obj.pk])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave Django's own log empty: it knows no before and after (authorization/events.py)."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave Django's own log empty."""

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Show the search box where there is something to search by."""
        return ("pk",) if self.searches else ()

    @property
    def search_help_text(self) -> str:  # type: ignore[override]
        """Say what may be typed."""
        if not self.searches:
            return ""
        kinds = "、".join(search.label for search in self.searches)
        return f"可按{kinds}查找；列表最多显示 {MOST_LISTED:,} 条。"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the rows that every typed word finds; a word of no known form finds none."""
        for word in search_term.split():
            condition = self._condition(word)
            if condition is None:
                kinds = "、".join(search.label for search in self.searches)
                self.message_user(
                    request, f"“{word}”无法查找，请输入{kinds}。", level=messages.WARNING
                )
                return queryset.none(), False
            queryset = queryset.filter(condition)
        return queryset, False

    def _condition(self, word: str) -> Q | None:
        """Return what a typed word asks for, or None when it has no known form.

        Of several forms (18 digits may be a 报关单号 or a 统一社会信用代码) each is asked for; what
        takes any word only where it has no other.
        """
        asked = [search for search in self.searches if search.form != ANY_WORD]
        for searches in (asked, self.searches):
            conditions = [search.condition(word) for search in searches]
            known = [condition for condition in conditions if condition is not None]
            if known:
                return reduce(or_, known)
        return None


class ReadOnly:
    """Nothing is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody adds rows by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes rows by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes rows by hand."""
        return False


class ReadOnlyAdmin(ReadOnly, BigTableAdmin):
    """A table that may only be looked at."""


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Rows of a row, to look at."""

    extra = 0
    can_delete = False
    show_change_link = False


def shortened(text: str, length: int = 60) -> str:
    """Cut a long text for a list."""
    return text if len(text) <= length else text[: length - 1] + "…"
