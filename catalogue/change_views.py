"""The page of changes between two editions, and the choice of the two."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from authorization.events import By
from authorization.gate import as_user, roles
from authorization.ledger import note_export
from authorization.models import Role
from catalogue.browsing import (
    Level,
    earlier_edition,
    edition_key,
    edition_named,
    editions_for,
    path_of,
    titles_of,
)
from catalogue.changes import ChangeKind, CodeChange, CodeChangeKind, edition_changes
from catalogue.forms import ChangesForm, EditionsForm
from catalogue.models import CatalogueCode, Edition
from catalogue.tables import Changed, ChangesTable
from pages.excel import Column, workbook_response
from pages.paging import Count, RowSource
from pages.query_words import in_words
from pages.views import ListPage

EVERYONE = roles(*Role)
TITLE = "目录版本变化"
# Pairs of editions whose changes one process keeps: 0.5 s to find, 3 MiB to hold.
_PAIRS_KEPT = 4
SHEET = (
    Column("商品编码", 12),
    Column("货品名称", 36),
    Column("编码变化", 10),
    Column("要素变化", 10),
    Column("原序号", 8),
    Column("原要素", 32),
    Column("原类别", 10),
    Column("新序号", 8),
    Column("新要素", 32),
    Column("新类别", 10),
)


def changes_between(old: Edition, new: Edition) -> list[CodeChange]:
    """All codes that two editions treat differently, by code.

    Each process keeps what it found: editions never change once they are stored.
    """
    return _changes_between(old.pk, new.pk)


@lru_cache(maxsize=_PAIRS_KEPT)
def _changes_between(old: int, new: int) -> list[CodeChange]:
    editions = Edition.objects.defer("report").in_bulk((old, new))
    return edition_changes(editions[old], editions[new])


def is_of_kind(change: CodeChange, kind: str) -> bool:
    """Whether a code's change is of a kind of the form: the code's own, or of one element of it."""
    if kind in CodeChangeKind.values:
        return change.kind == kind
    return change.kind == CodeChangeKind.CHANGED and any(
        element.kind == kind for element in change.changes
    )


def summary_of(changes: Sequence[CodeChange]) -> list[tuple[str, str, int, str]]:
    """Count as (kind for the form, label, number, unit): codes by what became of them, elements."""
    codes = Counter(CodeChangeKind(change.kind) for change in changes)
    elements = Counter(
        ChangeKind(element.kind)
        for change in changes
        if change.kind == CodeChangeKind.CHANGED
        for element in change.changes
    )
    return [
        *((kind.value, kind.label, codes[kind], "个编码") for kind in CodeChangeKind),
        *(
            (kind.value, f"要素{kind.label}", elements[kind], "处")
            for kind in ChangeKind
            if kind != ChangeKind.KEPT
        ),
    ]


class ChangedRows:
    """The changes under some conditions (a RowSource): the shown codes' paths cost four queries."""

    def __init__(
        self, changes: Sequence[CodeChange], old: Edition, new: Edition, editions: list[Edition]
    ) -> None:
        """Take the changes between two of the editions that the user sees."""
        self._changes, self._old, self._new = changes, old, new
        newest = editions[0].pk
        self._queries = {
            edition.pk: "" if edition.pk == newest else f"?edition={edition_key(edition)}"
            for edition in (old, new)
        }

    def count(self) -> Count:
        """Count the changed codes."""
        return Count(len(self._changes))

    def rows(self, offset: int, limit: int) -> list[Changed]:
        """Return at most `limit` rows from `offset` (0-based)."""
        shown = self._changes[offset : offset + limit]
        paths = {
            edition.pk: self._paths(edition, [change.hs8 for change in shown])
            for edition in (self._old, self._new)
        }
        rows = []
        for change in shown:
            edition = self._old if change.kind == CodeChangeKind.GONE else self._new
            path = paths[edition.pk].get(change.hs8, [])
            rows.append(Changed(change, path, self._queries[edition.pk]))
        return rows

    def _paths(self, edition: Edition, hs8s: list[str]) -> dict[str, list[str]]:
        """What stands above each code: its heading's name, then its sub-headings."""
        codes = list(CatalogueCode.objects.filter(edition=edition, hs8__in=hs8s))
        titles = titles_of(edition, Level.HEADING, code__in={code.heading for code in codes})
        names = {title: row.name for title, row in titles.items()}
        return {
            code.hs8: [name for name in (names.get(code.heading, ""), *path_of(code)) if name]
            for code in codes
        }

    def sheet_rows(self) -> "list[list[Any]]":
        """Return all of them for a workbook: a row for each element that changed."""
        lines: list[list[Any]] = []
        for row in self.rows(0, len(self._changes)):
            change = row.change
            kind = CodeChangeKind(change.kind)
            name = " > ".join([*row.path, change.name])
            told = [one for one in change.changes if one.is_change]
            for element in told:
                label = (
                    "换栏" if element.kind == ChangeKind.KEPT else ChangeKind(element.kind).label
                )
                old, new = element.old, element.new
                lines.append(
                    [change.hs8, name, kind.label, label]
                    + ([old.number, old.name, old.category] if old else ["", "", ""])
                    + ([new.number, new.name, new.category] if new else ["", "", ""])
                )
            if not told:
                lines.append([change.hs8, name, kind.label, *[""] * 7])
        return lines


@EVERYONE
class EditionChanges(ListPage):
    """What changed from one edition to another: summary, conditions, list, export of all of it."""

    title = TITLE
    template_name = "catalogue/changes.html"
    form_class = ChangesForm
    table_class = ChangesTable
    empty_title = "没有符合条件的变化"
    nothing_yet_title = "两个版本的商品编码和申报要素完全相同"
    page_sizes: ClassVar[tuple[int, ...]] = (20, 50, 100)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the page, its result part, or the workbook; 404 for an unknown edition."""
        self.editions = editions_for(as_user(request))
        old = edition_named(self.editions, kwargs["old"])
        new = edition_named(self.editions, kwargs["new"])
        if old is None or new is None or old.pk == new.pk:
            return cannot_compare(request, self.editions, (kwargs["old"], kwargs["new"]), old, new)
        self.old, self.new = old, new
        self.changes = changes_between(old, new)
        if request.GET.get("export") == "all":
            return self.export()
        return super().get(request, *args, **kwargs)

    def get_query(self) -> ChangesForm:
        """Return the bound form, which offers the chapters that have changes."""
        counted = Counter(change.hs8[:2] for change in self.changes)
        names = titles_of(self.new, Level.CHAPTER)
        chapters = []
        for chapter, count in sorted(counted.items()):
            name = names[chapter].name if chapter in names else ""
            chapters.append((chapter, f"第 {chapter} 章（{count}） {name}".rstrip()))
        return ChangesForm(self.request.GET, chapters=chapters)

    def get_source(self, query: ChangesForm) -> RowSource[Changed]:
        """Return the changes that fit the conditions."""
        asked = query.cleaned_data
        starts = tuple(filter(None, (asked["chapter"], asked["hs_code"])))
        shown = [
            change
            for change in self.changes
            if all(change.hs8.startswith(start) for start in starts)
            and (not asked["kind"] or is_of_kind(change, asked["kind"]))
        ]
        return ChangedRows(shown, self.old, self.new, self.editions)

    def get_extra_context(self) -> dict[str, Any]:
        """Return the summary, and the form to choose two other editions."""
        total = CatalogueCode.objects.filter(edition=self.new).count()
        old, new = edition_key(self.old), edition_key(self.new)
        return {
            "old": self.old,
            "new": self.new,
            "summary": summary_of(self.changes),
            "kind": self.request.GET.get("kind", ""),
            "total": total,
            "choice": choice_form(self.editions, {"old": old, "new": new}),
            "turned": reverse("catalogue:changes", args=[new, old]),
        }

    def export(self) -> HttpResponse:
        """Answer with all changes under the conditions, or go back where there are none."""
        form = self.get_query()
        rows: Any = self.get_source(form) if form.is_valid() else None
        if rows is None or not rows.count().value:
            return self.refuse_export()
        stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
        name = f"目录变化_{edition_key(self.old)}至{edition_key(self.new)}_{stamp}"
        sheet = rows.sheet_rows()
        entry = note_export(
            By.of(self.request),
            what=f"目录变化：{self.old} 至 {self.new}",
            query=in_words(form),
            rows=len(sheet),
        )
        return workbook_response(name, SHEET, sheet, entry=entry)


def choice_form(editions: Sequence[Edition], data: Any = None) -> EditionsForm:
    """Return the form that offers the editions that a user sees, the two newest first."""
    names = [
        (edition_key(edition), str(edition) + ("" if edition.in_force else "（未启用）"))
        for edition in editions
    ]
    newest = editions[0] if editions else None
    earlier = earlier_edition(editions, newest) if newest else None
    first = {"old": edition_key(earlier), "new": edition_key(newest)} if newest and earlier else {}
    return EditionsForm(data, editions=names, initial=first)


@require_safe
@EVERYONE
def choose_editions(request: HttpRequest) -> HttpResponse:
    """Go to the changes between the two editions of the form, or between the two newest."""
    editions = editions_for(as_user(request))
    if "old" in request.GET or "new" in request.GET:
        form = choice_form(editions, request.GET)
        if form.is_valid():
            chosen = form.cleaned_data
            return redirect("catalogue:changes", chosen["old"], chosen["new"])
        return cannot_compare(request, editions, form=form)
    newest = editions[0] if editions else None
    earlier = earlier_edition(editions, newest) if newest else None
    if newest is None or earlier is None:
        return cannot_compare(request, editions, status=200)
    return redirect("catalogue:changes", edition_key(earlier), edition_key(newest))


def cannot_compare(
    request: HttpRequest,
    editions: Sequence[Edition],
    asked: tuple[str, str] = ("", ""),
    old: Edition | None = None,
    new: Edition | None = None,
    *,
    form: EditionsForm | None = None,
    status: int = 404,
) -> HttpResponse:
    """Say why there is nothing to compare, and offer the editions that there are."""
    missing = [key for key, found in zip(asked, (old, new), strict=True) if key and found is None]
    if missing:
        sentence = f"没有可供对比的 {'、'.join(dict.fromkeys(missing))} 年版目录"
    elif old is not None:
        sentence = "两个版本相同，请选择两个不同的版本"
    elif len(editions) < 2:
        sentence = (
            "目前只有一个可查询的目录版本，还没有可以对比的版本"
            if editions
            else ("还没有启用的目录版本")
        )
    else:
        sentence = "请选择要对比的两个版本"
    context = {
        "title": TITLE,
        "sentence": sentence,
        "editions": editions,
        "choice": form or choice_form(editions),
    }
    return render(request, "catalogue/cannot_compare.html", context, status=status)
