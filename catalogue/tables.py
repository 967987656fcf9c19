"""The tables of 目录查询: what a search found, and what changed between two editions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalogue.browsing import path_of
from catalogue.changes import ChangeKind, CodeChange, CodeChangeKind, ElementChange
from catalogue.models import CatalogueCode
from catalogue.searching import IndexedElement
from catalogue.wording import dotted, highlighted
from pages.tables import CodeColumn, PlainColumn, PortalTable, long_text

ARROW = SafeString('<span class="path-arrow" aria-hidden="true">›</span>')


def drawn_name(name: str, path: Iterable[str], words: Iterable[str] = ()) -> SafeString:
    """Draw a code's name with its sub-headings in small type above."""
    wanted = list(words)
    lines = [highlighted(line, wanted) for line in path]
    above = format_html_join(ARROW, "{}", ((line,) for line in lines))
    shown = highlighted(name, wanted)
    return format_html('<span class="path-above">{}</span>{}', above, shown) if lines else shown


@dataclass(frozen=True)
class Found:
    """A code that a search found, with what is needed to draw it.

    `digits` and `words` are what was looked for, `query` what its link adds to keep the edition.
    """

    code: CatalogueCode
    heading_name: str
    elements: tuple[IndexedElement, ...]
    digits: str
    words: tuple[str, ...]
    query: str


class FoundCodeColumn(CodeColumn):
    """A found code with its first digits marked, leading to its page."""

    def render(self, value: str, record: Found) -> SafeString:
        """Draw the code as printed."""
        shown = dotted(record.code.hs8)
        typed = dotted(record.code.hs8)[: _with_dot(len(record.digits))] if record.digits else ""
        marked = highlighted(shown, [typed]) if typed else highlighted(shown, record.words)
        url = reverse("catalogue:code", args=[record.code.hs8])
        return format_html('<a href="{}{}">{}</a>', url, record.query, marked)


def _with_dot(digits: int) -> int:
    return min(digits, 8) + (digits > 4)


class FoundNameColumn(PlainColumn):
    """A found code's name below its sub-headings."""

    cell_class = "cell-name"

    def render(self, record: Found) -> SafeString:
        """Draw both with the words marked."""
        return drawn_name(record.code.name, path_of(record.code), record.words)


class FoundHeadingColumn(PlainColumn):
    """The heading: its number, and its name with the words marked."""

    def render(self, record: Found) -> SafeString:
        """Draw the heading as a link to its tree."""
        url = reverse("catalogue:heading", args=[record.code.heading.replace(".", "")])
        return format_html(
            '<a class="heading-link figures" href="{}{}">{}</a> {}',
            url,
            record.query,
            record.code.heading,
            highlighted(record.heading_name, record.words),
        )


class FoundElementsColumn(PlainColumn):
    """The elements whose names hold a word."""

    def render(self, record: Found) -> SafeString:
        """Draw them with their numbers; nothing where the words stand in the names of goods."""
        return format_html_join(
            "",
            '<span class="found-element"><span class="figures">{}</span> {}</span>',
            ((e.number, highlighted(e.name, record.words)) for e in record.elements),
        )


class FoundTable(PortalTable):
    """What a search found."""

    hs8: Any = FoundCodeColumn(accessor="code__hs8", verbose_name="商品编码")
    name: Any = FoundNameColumn(accessor="code__name", verbose_name="货品名称")
    heading: Any = FoundHeadingColumn(
        accessor="code__heading", verbose_name="品目", cell_class="cell-heading"
    )
    elements: Any = FoundElementsColumn(accessor="code__pk", verbose_name="匹配的要素")

    class Meta:
        attrs = {"class": "list-table found-table"}


# --- changes between editions --------------------------------------------------------------------


@dataclass(frozen=True)
class Changed:
    """A changed code with its full name; `query` names the edition that still or already has it."""

    change: CodeChange
    path: list[str]
    query: str


class ChangedCodeColumn(CodeColumn):
    """A changed code, leading to its page."""

    def render(self, value: str, record: Changed) -> SafeString:
        """Draw the code as printed."""
        url = reverse("catalogue:code", args=[record.change.hs8])
        return format_html('<a href="{}{}">{}</a>', url, record.query, dotted(record.change.hs8))


class ChangedNameColumn(PlainColumn):
    """A changed code's name below its sub-headings."""

    cell_class = "cell-name"

    def render(self, record: Changed) -> SafeString:
        """Draw both."""
        return drawn_name(record.change.name, record.path)


class CodeChangeColumn(PlainColumn):
    """What became of the code."""

    cell_class = "cell-short"

    def render(self, record: Changed) -> SafeString:
        """Draw it as a sign with words."""
        kind = CodeChangeKind(record.change.kind)
        return format_html('<span class="change-sign is-{}">{}</span>', kind.value, kind.label)


class ElementChangesColumn(PlainColumn):
    """What became of its elements, each in a line; of a whole list only its names."""

    def render(self, record: Changed) -> SafeString:
        """Draw the changes."""
        change = record.change
        if change.kind == CodeChangeKind.CHANGED:
            return drawn_changes(one for one in change.changes if one.is_change)
        names = [one.new or one.old for one in change.changes]
        text = "　".join(
            f"{name.number}\N{NO-BREAK SPACE}{name.name}" for name in names if name is not None
        )
        return long_text(text or "没有申报要素")


def drawn_changes(changes: Iterable[ElementChange]) -> SafeString:
    """Draw changes one below the other: what, which number, and old → new."""
    return format_html_join(
        "", '<span class="change-line">{}</span>', ((_line(c),) for c in changes)
    )


def change_sign(change: ElementChange) -> SafeString:
    """Draw what became of an element in words; nothing where it is as it was."""
    if not change.is_change:
        return SafeString("")
    kind = ChangeKind(change.kind)
    name, label = ("column", "换栏") if kind is ChangeKind.KEPT else (kind.value, kind.label)
    return format_html('<span class="change-sign is-{}">{}</span>', name, label)


def _line(change: ElementChange) -> SafeString:
    old, new, sign = change.old, change.new, change_sign(change)
    if new is None or old is None:
        only = new or old
        if only is None:
            return sign
        tag = SafeString("<del>{}</del>") if new is None else SafeString("<ins>{}</ins>")
        return format_html("{} {} " + tag, sign, _number(only.number), only.name)
    text = format_html("{} {} ", sign, _number(new.number))
    if old.name != new.name:
        text += format_html("<del>{}</del> → <ins>{}</ins>", old.name, new.name)
    else:
        text += format_html("{}", new.name)
    if change.kind is ChangeKind.MOVED:
        text += format_html('<span class="muted">（原第 {} 项）</span>', old.number)
    if change.category_changed:
        text += format_html('<span class="muted">（{} → {}）</span>', old.category, new.category)
    return text


def _number(number: int) -> SafeString:
    return format_html('<span class="figures">{}</span>', number)


class ChangesTable(PortalTable):
    """The codes that two editions treat differently."""

    hs8: Any = ChangedCodeColumn(accessor="change__hs8", verbose_name="商品编码")
    name: Any = ChangedNameColumn(accessor="change__name", verbose_name="货品名称")
    kind: Any = CodeChangeColumn(accessor="change__kind", verbose_name="变化")
    changes: Any = ElementChangesColumn(
        accessor="change__hs8", verbose_name="申报要素的变化", cell_class="cell-changes"
    )

    class Meta:
        attrs = {"class": "list-table changes-table"}
