"""The columns of a table under check."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages.tables import (
    ActionsColumn,
    HsCodeColumn,
    LongTextColumn,
    NumberColumn,
    PlainColumn,
    PortalTable,
    TickColumn,
)


class StateColumn(PlainColumn):
    """What the self-check made of a row: words, and how many findings."""

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw the state; the first sentence below it."""
        count = f" {len(record.notes)} 处" if record.notes and not record.problem else ""
        said = record.problem or (record.notes[0].text if record.notes else "")
        below = format_html('<span class="cell-second">{}</span>', said) if said else ""
        return format_html(
            '<span class="check-state check-{}">{}{}</span>{}',
            value.value,
            value.label,
            count,
            below,
        )


class OutlookColumn(PlainColumn):
    """What conforming declaration says the same, if one does."""

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw 一致 or 仅形式不同, and whose it is."""
        if value.judged is None:
            return format_html('<span class="muted">{}</span>', "没有相同的")
        return format_html(
            '{}<span class="cell-second">{}</span>', value.judged.label, value.source.label
        )


class CheckTable(PortalTable):
    """One page of a table's rows."""

    tick = TickColumn(accessor="number")
    number = NumberColumn(verbose_name="行号")
    hs_code = HsCodeColumn(accessor="line__hs_code", verbose_name="商品编码")
    name = PlainColumn(accessor="line__name", verbose_name="商品名称", cell_class="cell-name")
    g_model = LongTextColumn(accessor="line__g_model", verbose_name="规格型号")
    state = StateColumn(verbose_name="自检结果", cell_class="cell-state")
    outlook = OutlookColumn(verbose_name="规范数据比对", cell_class="cell-short")
    actions = ActionsColumn("enterprise_lib/_check_actions.html")
