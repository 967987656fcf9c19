"""The table of the 公共库: what the projection shows, and nothing else."""

from collections.abc import Sequence
from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from comparison.models import PublicContent
from comparison.projection import shown_count, shown_month
from declarations.code_tables import trade_mode_name
from pages.tables import (
    ActionsColumn,
    HsCodeColumn,
    LongTextColumn,
    PlainColumn,
    PortalTable,
    TickColumn,
)


def named_mode(code: str) -> str:
    """Write a 监管方式 as code and name."""
    name = trade_mode_name(code)
    return code if name == code else f"{code} {name}"


class TradeModesColumn(PlainColumn):
    """The 监管方式 of a content's public lines: each code with its name."""

    cell_class = "cell-code"

    def render(self, value: Sequence[str]) -> SafeString:
        """Draw them one below the other."""
        return format_html_join(
            "", '<span class="trade-mode">{}</span>', ((named_mode(code),) for code in value)
        )

    def value(self, value: Sequence[str]) -> str:
        """Write them in one text."""
        return "、".join(map(named_mode, value))


class MonthColumn(PlainColumn):
    """审核月份; the quarter where fewer than three enterprises publish the content."""

    cell_class = "cell-date"

    def render(self, record: PublicContent) -> str:
        """Write the month as others may see it."""
        return shown_month(record.latest_month, record.enterprise_count)

    def value(self, record: PublicContent) -> str:
        """Write the same in a workbook."""
        return self.render(record)


class CountColumn(PlainColumn):
    """How many enterprises publish the content; below three only that it is fewer."""

    cell_class = "cell-number"

    def render(self, value: int) -> str:
        """Write the number as others may see it."""
        return shown_count(value)

    def value(self, value: int) -> str:
        """Write the same in a workbook."""
        return shown_count(value)


class PublicTable(PortalTable):
    """One row for each public content."""

    tick = TickColumn(accessor="pk")
    hs_code = HsCodeColumn(verbose_name="商品编码")
    name = PlainColumn(verbose_name="商品名称", cell_class="cell-name")
    g_model = LongTextColumn(verbose_name="规格型号")
    ie_flag = PlainColumn(
        accessor="get_ie_flag_display", verbose_name="进出口标志", cell_class="cell-short"
    )
    trade_modes = TradeModesColumn(verbose_name="监管方式")
    shown_month = MonthColumn(verbose_name="审核月份", accessor="pk")
    enterprise_count = CountColumn(verbose_name="公开企业数")
    actions: Any = ActionsColumn("public_lib/_row_actions.html")
