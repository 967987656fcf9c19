"""The tables of conflicts, and of the verdicts of one."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from comparison.models import ContentConflict
from customs_audit.filters import Disagreement
from customs_audit.run_tables import ContentNameColumn, ContentTextColumn
from declarations.code_tables import reason_name
from declarations.models import AuditVerdict
from pages.tables import (
    ActionsColumn,
    CodeColumn,
    DayColumn,
    HsCodeColumn,
    LongTextColumn,
    MarkColumn,
    NumberColumn,
    PlainColumn,
    PortalTable,
)


class MonthColumn(PlainColumn):
    """An audit month."""

    cell_class = "cell-date"

    def render(self, value: Any) -> str:
        """Write the month."""
        return f"{value:%Y-%m}"

    def value(self, value: Any) -> str:
        """Return the month as text."""
        return f"{value:%Y-%m}"


class KindColumn(PlainColumn):
    """Between whom the verdicts disagree."""

    def render(self, record: ContentConflict) -> str:
        """Write it, and of how many enterprises the own verdicts disagree."""
        return self.value(record)

    def value(self, record: ContentConflict) -> str:
        """Return the same words."""
        if not record.divided_enterprises:
            return Disagreement.BETWEEN.label
        return f"{Disagreement.WITHIN.label}（{record.divided_enterprises:,} 家）"


class ConflictTable(PortalTable):
    """One row for each content and month on which verdicts disagree."""

    hs_code = HsCodeColumn(verbose_name="商品编码")
    ie_flag = PlainColumn(
        verbose_name="进出口", accessor="content__get_ie_flag_display", cell_class="cell-short"
    )
    name = ContentNameColumn(verbose_name="商品名称", accessor="content__name")
    g_model = ContentTextColumn(verbose_name="规格型号", accessor="content__g_model")
    audit_month = MonthColumn(verbose_name="审核月份")
    conforming_rows = NumberColumn(verbose_name="规范")
    nonconforming_rows = NumberColumn(verbose_name="不规范")
    kind = KindColumn(verbose_name="冲突类型", accessor="pk")
    enterprises = NumberColumn(verbose_name="涉及企业")
    lines = NumberColumn(verbose_name="涉及商品项")
    actions: Any = ActionsColumn("customs_audit/_conflict_actions.html")


class ReasonColumn(LongTextColumn):
    """Why a verdict does not conform: codes and text."""

    def render(self, record: AuditVerdict) -> SafeString:
        """Draw the reason."""
        return super().render(_reason(record))


class ReleaseColumn(PlainColumn):
    """The release that brought a verdict."""

    cell_class = "cell-short"

    def render(self, record: AuditVerdict) -> SafeString:
        """Draw the link."""
        url = reverse("customs_audit:release", args=[record.release_id])
        return format_html('<a href="{}">发布 {}</a>', url, record.release_id)


class VerdictMarkColumn(MarkColumn):
    """A verdict as a mark."""

    def render(self, value: Any, record: AuditVerdict) -> str:
        """Draw the badge."""
        return super().render("conforming" if record.conforming else "nonconforming", record)


class EntryColumn(CodeColumn):
    """A 报关单号 with its 项号."""

    def render(self, value: Any, record: AuditVerdict) -> SafeString:
        """Draw both."""
        return format_html('{}<span class="cell-second">项号 {}</span>', value, record.line.g_no)


class VerdictTable(PortalTable):
    """One row for each verdict of a conflict."""

    verdict = VerdictMarkColumn(verbose_name="审核结论", accessor="pk")
    entry_id = EntryColumn(verbose_name="报关单号", accessor="line__entry_id")
    agent = PlainColumn(verbose_name="申报单位", cell_class="cell-name")
    trader = PlainColumn(verbose_name="收发货人", cell_class="cell-name")
    declared_on = DayColumn(verbose_name="申报日期")
    reason = ReasonColumn(verbose_name="不规范原因", accessor="pk")
    auditor = PlainColumn(verbose_name="审核人员", cell_class="cell-short", default="无")
    release = ReleaseColumn(verbose_name="所属发布", accessor="pk")
    actions: Any = ActionsColumn("customs_audit/_verdict_actions.html")


def _reason(verdict: AuditVerdict) -> str:
    words = [f"{reason_name(code)}（{code}）" for code in verdict.reason_codes]
    if verdict.reason_text:
        words.append(verdict.reason_text)
    return "；".join(words)
