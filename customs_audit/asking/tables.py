"""The columns of the officers' queries: those of the 企业库, and whose they are."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from customs_audit.asking.verdict_rows import VerdictRow
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
)

NOT_COMPARED = "待比对"


class LineMarkColumn(MarkColumn):
    """The 收发货人's mark, and the 申报单位's below where it is another; 待比对 where there is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(empty_values=(), conflict="has_conflict", note="mark_note", **kwargs)

    def render(self, value: Any, record: Any) -> str | SafeString:
        """Draw the badge."""
        if value is None:
            return format_html('<span class="mark mark-unmarked">{}</span>', NOT_COMPARED)
        return super().render(value, record)

    def value(self, value: Any) -> str:
        """Return the words of the mark."""
        return NOT_COMPARED if value is None else super().value(value)


class NamedCodeColumn(CodeColumn):
    """A code with its name below; together in a workbook."""

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw the code and its name."""
        code, _, name = value.partition(" ")
        if not name:
            return format_html("{}", code)
        return format_html('{}<span class="cell-second">{}</span>', code, name)


class PartyColumn(PlainColumn):
    """An enterprise by name, with its code below."""

    def __init__(self, party: str, **kwargs: Any) -> None:
        self.party = party
        super().__init__(accessor=f"{party}_name", cell_class="cell-name", **kwargs)

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw name and code."""
        code = getattr(record, f"{self.party}_code")
        if code in ("", value):
            return format_html("{}", value)
        return format_html('{}<span class="cell-second figures">{}</span>', value, code)

    def value(self, value: Any) -> str:
        """Return the name."""
        return str(value)


class PartiesColumn(PlainColumn):
    """Both parties by name, the 申报单位 below; 自理报关 where they are one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            accessor="trader_name", cell_class="cell-name", exclude_from_export=True, **kwargs
        )

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw both names."""
        agent = record.agent_name
        below = "自理报关" if record.agent_code == record.trader_code else agent
        return format_html('{}<span class="cell-second">{}</span>', value, below)


class EntryColumn(CodeColumn):
    """A 报关单号 with its 项号."""

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw both."""
        line = record.line if hasattr(record, "line") else record.verdict.line
        return format_html('{}<span class="cell-second">项号 {}</span>', value, line.g_no)


class DeclaredTable(PortalTable):
    """One row for each declared line."""

    mark = LineMarkColumn(accessor="mark", verbose_name="标记类型")
    mark_note = SheetOnlyColumn(accessor="mark_note", verbose_name="另一方标记")
    hs_code = HsCodeColumn(accessor="line__goods__hs_code", verbose_name="商品编码")
    name = PlainColumn(
        accessor="line__goods__name", verbose_name="商品名称", cell_class="cell-name"
    )
    g_model = LongTextColumn(accessor="line__goods__g_model", verbose_name="规格型号")
    trader = PartyColumn("trader", verbose_name="收发货人")
    trader_code = SheetOnlyColumn(accessor="trader_code", verbose_name="收发货人代码")
    agent = PartyColumn("agent", verbose_name="申报单位")
    agent_code = SheetOnlyColumn(accessor="agent_code", verbose_name="申报单位代码")
    entry_id = EntryColumn(accessor="line__entry_id", verbose_name="报关单号")
    g_no = SheetOnlyColumn(accessor="line__g_no", verbose_name="项号")
    trade_mode = NamedCodeColumn(accessor="trade_mode_text", verbose_name="监管方式")
    ie_flag = PlainColumn(accessor="ie_flag__label", verbose_name="进出口", cell_class="cell-short")
    declared_on = DayColumn(accessor="line__declared_on", verbose_name="申报日期")
    district = SheetOnlyColumn(accessor="district_text", verbose_name="申报地海关")


class VerdictColumn(MarkColumn):
    """A verdict as a mark, and below it where it stands."""

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw both."""
        mark = super().render(value, record)
        state = format_html(
            '<span class="state-word is-{}">{}</span>', record.state.value, record.state.label
        )
        return format_html('{}<span class="cell-second">{}</span>', mark, state)


class ReleaseColumn(PlainColumn):
    """The release, which opens it, and the upload that it came by."""

    cell_class = "cell-short"

    def render(self, record: VerdictRow) -> SafeString:
        """Draw the links."""
        release = record.verdict.release_id
        link = format_html(
            '<a href="{}">发布 {}</a>', reverse("customs_audit:release", args=[release]), release
        )
        upload = record.upload_id
        if upload is None:
            return link
        return format_html('{}<span class="cell-second">上传 {}</span>', link, upload)

    def value(self, record: VerdictRow) -> str:
        """Return the release's number."""
        return str(record.verdict.release_id)


class MonthColumn(PlainColumn):
    """An audit month, and below it who audited."""

    cell_class = "cell-date"

    def render(self, value: Any, record: VerdictRow) -> SafeString:
        """Write both."""
        auditor = record.verdict.auditor
        if not auditor:
            return format_html("{}", f"{value:%Y-%m}")
        return format_html('{}<span class="cell-second">{}</span>', f"{value:%Y-%m}", auditor)

    def value(self, value: Any) -> str:
        """Return the month as text."""
        return f"{value:%Y-%m}"


class VerdictTable(PortalTable):
    """One row for each released verdict."""

    mark = VerdictColumn(accessor="mark", verbose_name="审核结论")
    state = SheetOnlyColumn(accessor="state__label", verbose_name="结论状态")
    audit_month = MonthColumn(accessor="verdict__audit_month", verbose_name="审核月份")
    hs_code = HsCodeColumn(accessor="verdict__goods__hs_code", verbose_name="商品编码")
    name = PlainColumn(
        accessor="verdict__goods__name", verbose_name="商品名称", cell_class="cell-name"
    )
    g_model = LongTextColumn(accessor="verdict__goods__g_model", verbose_name="规格型号")
    reason = LongTextColumn(accessor="reason", verbose_name="不规范原因")
    parties = PartiesColumn(verbose_name="收发货人 / 申报单位")
    trader = SheetOnlyColumn(accessor="trader_name", verbose_name="收发货人")
    trader_code = SheetOnlyColumn(accessor="trader_code", verbose_name="收发货人代码")
    agent = SheetOnlyColumn(accessor="agent_name", verbose_name="申报单位")
    agent_code = SheetOnlyColumn(accessor="agent_code", verbose_name="申报单位代码")
    entry_id = EntryColumn(accessor="verdict__line__entry_id", verbose_name="报关单号")
    g_no = SheetOnlyColumn(accessor="verdict__line__g_no", verbose_name="项号")
    trade_mode = SheetOnlyColumn(accessor="trade_mode_text", verbose_name="监管方式")
    ie_flag = SheetOnlyColumn(accessor="ie_flag__label", verbose_name="进出口")
    declared_on = DayColumn(accessor="verdict__declared_on", verbose_name="申报日期")
    auditor = SheetOnlyColumn(accessor="verdict__auditor", verbose_name="审核人员")
    release = ReleaseColumn(accessor="verdict__release_id", verbose_name="发布")
    upload = SheetOnlyColumn(accessor="upload_id", verbose_name="上传编号")
    actions: Any = ActionsColumn("customs_audit/_verdict_row_actions.html")
