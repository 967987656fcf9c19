"""The columns of the 企业库's list."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from pages.tables import (
    ActionsColumn,
    CodeColumn,
    DayColumn,
    HsCodeColumn,
    LongTextColumn,
    MarkColumn,
    PlainColumn,
    PortalTable,
    SheetOnlyColumn,
    TickColumn,
)

NOT_COMPARED = "待比对"


class LibraryMarkColumn(MarkColumn):
    """A row's mark; a content that was not compared yet has none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(empty_values=(), **kwargs)

    def render(self, value: Any, record: Any) -> str | SafeString:
        """Draw the badge, and below it that the row is an audited text."""
        if value is None:
            note = format_html('<span class="mark-note">{}</span>', record.text_note)
            return format_html(
                '<span class="mark mark-unmarked" title="数据刚装入，比对完成后显示标记">{}</span>{}',
                NOT_COMPARED,
                note if record.text_note else "",
            )
        return super().render(value, record)

    def value(self, value: Any) -> str:
        """Return the words of the mark."""
        return NOT_COMPARED if value is None else super().value(value)


class TradeModeColumn(CodeColumn):
    """监管方式: the code, and its name below; together in a workbook."""

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw the code and its name."""
        code, _, name = value.partition(" ")
        if not name:
            return format_html("{}", code)
        return format_html('{}<span class="cell-second">{}</span>', code, name)


class LibraryTable(PortalTable):
    """One page of an enterprise's rows."""

    tick = TickColumn(accessor="key")
    mark = LibraryMarkColumn(
        accessor="mark", verbose_name="标记类型", conflict="has_conflict", note="text_note"
    )
    text_note = SheetOnlyColumn(accessor="text_note", verbose_name="文本来源")
    hs_code = HsCodeColumn(accessor="goods__hs_code", verbose_name="商品编码")
    name = PlainColumn(accessor="goods__name", verbose_name="商品名称", cell_class="cell-name")
    g_model = LongTextColumn(accessor="goods__g_model", verbose_name="规格型号")
    trade_mode = TradeModeColumn(accessor="trade_mode_text", verbose_name="监管方式")
    ie_flag = PlainColumn(accessor="ie_flag__label", verbose_name="进出口", cell_class="cell-short")
    declared_on = DayColumn(accessor="declared_on", verbose_name="申报日期")
    entry_id = CodeColumn(
        accessor="entry_id", verbose_name="报关单号", second="g_no", second_label="项号"
    )
    g_no = SheetOnlyColumn(accessor="g_no", verbose_name="项号")
    roles = PlainColumn(accessor="roles", verbose_name="企业类别", cell_class="cell-short")
    publication = PlainColumn(
        accessor="publication__label", verbose_name="公开状态", cell_class="cell-short"
    )
    actions = ActionsColumn("enterprise_lib/_row_actions.html")
