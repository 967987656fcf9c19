"""The columns of 新目录影响: on the page and in the workbook."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalogue.carrying import Carried
from catalogue.tables import drawn_changes
from enterprise_lib.new_catalogue import Impact
from pages.excel import Column as SheetColumn
from pages.tables import (
    ActionsColumn,
    HsCodeColumn,
    NumberColumn,
    PlainColumn,
    PortalTable,
    TickColumn,
)

# More changes than these are told by their number; the detail lists them all.
SHOWN_CHANGES = 4
_MISSING = SafeString('<span class="part-missing">待补</span>')
_BAR = SafeString('<span class="part-bar">|</span><wbr>')

SHEET_COLUMNS = [
    SheetColumn("商品编码", 13),
    SheetColumn("商品名称", 24),
    SheetColumn("进出口标志", 11),
    SheetColumn("原规格型号", 50),
    SheetColumn("变化", 44),
    SheetColumn("新规格型号草稿", 50),
    SheetColumn("待补要素", 30),
    SheetColumn("近24个月条数", 14),
]


class NameColumn(PlainColumn):
    """商品名称, and 进口 or 出口 below it."""

    cell_class = "cell-name"

    def render(self, value: Any, record: Impact) -> SafeString:
        """Draw both."""
        return format_html('{}<span class="cell-second">{}</span>', value, record.ie_flag.label)


class ChangesColumn(PlainColumn):
    """What changes, an element in a line."""

    cell_class = "cell-changes"

    def render(self, record: Impact) -> SafeString:
        """Draw the changes, or what became of the code."""
        if record.is_gone or not record.changed:
            return format_html_join("", '<span class="change-line">{}</span>', _each(record))
        drawn = drawn_changes(record.changed[:SHOWN_CHANGES])
        more = len(record.changed) - SHOWN_CHANGES
        if more > 0:
            drawn += format_html('<span class="change-line muted">另有 {} 处变化</span>', more)
        return drawn


def _each(record: Impact) -> Iterator[tuple[str]]:
    return ((sentence,) for sentence in record.sentences)


class TextsColumn(PlainColumn):
    """The old string, and the new one's draft below it with the places that must be filled."""

    cell_class = "cell-texts"

    def render(self, record: Impact) -> SafeString:
        """Draw both; where the code is gone the old one alone."""
        old = format_html(
            '<span class="text-line"><span class="text-label">原</span>{}</span>',
            _broken(record.goods.g_model),
        )
        if record.carried is None:
            return old
        new = format_html(
            '<span class="text-line is-new"><span class="text-label">新</span>{}</span>',
            drawn_draft(record.carried),
        )
        return old + new


def drawn_draft(carried: Carried) -> SafeString:
    """Draw a draft with a sign in each place that is missing, to be looked at and not copied."""
    count = carried.text.count("|") + 1
    places = [_MISSING if part.is_missing else part.value for part in carried.parts[:count]]
    return format_html_join(_BAR, "{}", ((place,) for place in places))


def _broken(text: str) -> SafeString:
    return format_html_join(_BAR, "{}", ((part,) for part in text.split("|")))


class MissingColumn(PlainColumn):
    """The elements that must be filled."""

    cell_class = "cell-missing"

    def render(self, record: Impact) -> SafeString | str:
        """Draw one in a line; say where there is nothing to fill."""
        if record.is_gone:
            return "—"
        if not record.missing:
            said = "原文已符合新版" if record.is_newest_already else "无"
            return format_html('<span class="muted">{}</span>', said)
        return format_html_join(
            "", '<span class="missing-name">{}</span>', ((name,) for name in record.missing)
        )


class ImpactTable(PortalTable):
    """One page of the contents that a new catalogue touches."""

    tick = TickColumn(accessor="content_id")
    hs_code = HsCodeColumn(accessor="goods__hs_code", verbose_name="商品编码")
    name = NameColumn(accessor="goods__name", verbose_name="商品名称")
    changes = ChangesColumn(accessor="content_id", verbose_name="变化")
    texts = TextsColumn(accessor="goods__g_model", verbose_name="规格型号与新草稿")
    missing = MissingColumn(accessor="content_id", verbose_name="待补要素")
    rows_held = NumberColumn(accessor="rows", verbose_name="近24个月条数")
    actions = ActionsColumn("enterprise_lib/_impact_actions.html")

    class Meta:
        attrs = {"class": "list-table impact-table"}


def sheet_rows(impacts: Iterable[Impact]) -> Iterator[list[Any]]:
    """Yield the values of SHEET_COLUMNS."""
    for impact in impacts:
        yield [
            impact.goods.hs_code,
            impact.goods.name,
            impact.ie_flag.label,
            impact.goods.g_model,
            "；".join(impact.sentences),
            impact.draft,
            "；".join(impact.missing),
            impact.rows,
        ]
