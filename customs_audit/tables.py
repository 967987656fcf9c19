"""The tables of the officers' lists."""

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from comparison.models import ComparisonRun
from customs_audit.filters import ReleaseState, state_of
from declarations.models import Release
from pages.tables import ActionsColumn, CodeColumn, NumberColumn, PlainColumn, PortalTable


class MomentColumn(PlainColumn):
    """A point in time, to the minute."""

    cell_class = "cell-date"

    def render(self, value: datetime) -> str:
        """Write the local time."""
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


class MonthColumn(PlainColumn):
    """An audit month, which opens its release."""

    cell_class = "cell-date"

    def render(self, value: Any, record: Release) -> SafeString:
        """Draw the link."""
        url = reverse("customs_audit:release", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, f"{value:%Y-%m}")


class StateColumn(PlainColumn):
    """Where a release stands; withdrawn with the reason."""

    def render(self, record: Release) -> SafeString:
        """Draw the state in words."""
        state = state_of(record)
        badge = format_html('<span class="state-word is-{}">{}</span>', state.value, state.label)
        if state is not ReleaseState.WITHDRAWN:
            return badge
        return format_html(
            '{}<span class="cell-second">{}</span>', badge, f"原因：{record.withdrawal_reason}"
        )


class ReleaseTable(PortalTable):
    """One row for each release."""

    audit_month = MonthColumn(verbose_name="审核月份")
    pk = CodeColumn(verbose_name="发布编号")
    file_name = PlainColumn(verbose_name="文件", default="无")
    rows = NumberColumn(verbose_name="行数", accessor="figures__rows")
    conforming = NumberColumn(verbose_name="规范", accessor="figures__conforming")
    nonconforming = NumberColumn(verbose_name="不规范", accessor="figures__nonconforming")
    released_at = MomentColumn(verbose_name="发布时间", default="未发布")
    released_by = PlainColumn(verbose_name="发布人", default="系统")
    state = StateColumn(verbose_name="状态", accessor="pk", cell_class="cell-state")
    actions: Any = ActionsColumn("customs_audit/_release_actions.html")


class ProgressColumn(PlainColumn):
    """How far a run is, as a bar and in figures."""

    def render(self, record: ComparisonRun) -> SafeString:
        """Draw both."""
        done, total = record.contents_done, record.contents_total
        if not total:
            return format_html("{}", "无需比对" if record.ended_at else "准备中")
        return format_html(
            '<span class="run-progress"><progress max="{}" value="{}" aria-label="进度"></progress>'
            '<span class="figures">{} / {}</span></span>',
            total,
            done,
            f"{done:,}",
            f"{total:,}",
        )


class DurationColumn(PlainColumn):
    """How long a run took, or has taken so far."""

    cell_class = "cell-number"

    def render(self, record: ComparisonRun) -> str:
        """Write hours, minutes and seconds."""
        return written_duration((record.ended_at or timezone.now()) - record.started_at)


class RunStateColumn(PlainColumn):
    """Where a run stands; failed with the error."""

    def render(self, record: ComparisonRun) -> SafeString:
        """Draw the state in words."""
        badge = format_html(
            '<span class="state-word is-{}">{}</span>', record.state, record.get_state_display()
        )
        if not record.error:
            return badge
        return format_html('{}<span class="cell-second">{}</span>', badge, record.error[:300])


class RunTable(PortalTable):
    """One row for each run of the comparison."""

    pk = CodeColumn(verbose_name="运行编号")
    scope = PlainColumn(accessor="get_scope_display", verbose_name="范围")
    chapter = CodeColumn(verbose_name="商品章", default="全部")
    state = RunStateColumn(verbose_name="状态", accessor="pk", cell_class="cell-state")
    progress = ProgressColumn(verbose_name="进度（内容）", accessor="pk")
    marks_changed = NumberColumn(verbose_name="变更标记")
    started_at = MomentColumn(verbose_name="开始")
    ended_at = MomentColumn(verbose_name="结束")
    duration = DurationColumn(verbose_name="用时", accessor="pk")


def written_duration(length: timedelta) -> str:
    """Write a duration in Chinese, its two largest units: 1 小时 05 分."""
    seconds = max(int(length.total_seconds()), 0)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours} 小时 {minutes:02} 分"
    return f"{minutes} 分 {seconds % 60:02} 秒" if minutes else f"{seconds} 秒"
