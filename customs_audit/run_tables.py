"""The tables of runs of the comparison, and of contents that failed in them."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from comparison.display import display_text
from comparison.models import ComparisonRun, FailedContent
from customs_audit.tables import MomentColumn
from pages.tables import (
    ActionsColumn,
    CodeColumn,
    HsCodeColumn,
    LongTextColumn,
    NumberColumn,
    PlainColumn,
    PortalTable,
    TickColumn,
)


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
    """Where a run stands; with the error, and what else there is to know."""

    def render(self, record: ComparisonRun) -> SafeString:
        """Draw the state in words."""
        badge = format_html(
            '<span class="state-word is-{}">{}</span>', record.state, record.get_state_display()
        )
        notes = run_notes(record)
        if not notes:
            return badge
        return format_html('{}<span class="cell-second">{}</span>', badge, "；".join(notes))


class RunColumn(CodeColumn):
    """A run's number, which opens it."""

    def render(self, value: Any, record: Any) -> SafeString:
        """Draw the link."""
        url = reverse("customs_audit:run", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, value)


class RunTable(PortalTable):
    """One row for each run of the comparison."""

    pk = RunColumn(verbose_name="运行编号")
    scope = PlainColumn(accessor="get_scope_display", verbose_name="范围")
    chapter = CodeColumn(verbose_name="商品章", default="全部")
    state = RunStateColumn(verbose_name="状态", accessor="pk", cell_class="cell-state")
    progress = ProgressColumn(verbose_name="进度（内容）", accessor="pk")
    marks_changed = NumberColumn(verbose_name="变更标记")
    started_at = MomentColumn(verbose_name="开始")
    ended_at = MomentColumn(verbose_name="结束")
    duration = DurationColumn(verbose_name="用时", accessor="pk")
    actions: Any = ActionsColumn("customs_audit/_run_actions.html")


class ContentTextColumn(LongTextColumn):
    """A normalised text of a content, spelled for showing."""

    def render(self, value: Any) -> SafeString:
        """Draw the text."""
        return super().render(display_text(str(value)))

    def value(self, value: Any) -> str:
        """Return the text as it is shown."""
        return display_text(super().value(value))


class ContentNameColumn(PlainColumn):
    """A content's normalised name, spelled for showing."""

    def render(self, value: Any) -> str:
        """Write the name."""
        return display_text(str(value))

    def value(self, value: Any) -> str:
        """Return the name as it is shown."""
        return display_text(str(value))


class RetryColumn(PlainColumn):
    """Whether a failed content is left out, or waits to be tried again."""

    def render(self, record: FailedContent) -> SafeString:
        """Draw the state in words."""
        state, word = ("waiting", "等待重试") if record.waits_for_retry else ("failed", "已跳过")
        return format_html('<span class="state-word is-{}">{}</span>', state, word)

    def value(self, record: FailedContent) -> str:
        """Return the words."""
        return "等待重试" if record.waits_for_retry else "已跳过"


class FailureTable(PortalTable):
    """One row for each content whose comparison raises."""

    tick = TickColumn(accessor="pk")
    hs_code = HsCodeColumn(verbose_name="商品编码", accessor="content__hs_code")
    ie_flag = PlainColumn(
        verbose_name="进出口", accessor="content__get_ie_flag_display", cell_class="cell-short"
    )
    name = ContentNameColumn(verbose_name="商品名称", accessor="content__name")
    g_model = ContentTextColumn(verbose_name="规格型号", accessor="content__g_model")
    error = LongTextColumn(verbose_name="错误信息")
    first_failed_at = MomentColumn(verbose_name="首次失败")
    last_failed_at = MomentColumn(verbose_name="最近失败")
    tries = NumberColumn(verbose_name="次数")
    state = RetryColumn(verbose_name="处理状态", accessor="pk", cell_class="cell-short")
    actions: Any = ActionsColumn("customs_audit/_failure_actions.html")


def run_notes(run: ComparisonRun) -> list[str]:
    """Say what there is to know of a run besides its state: each a short sentence."""
    notes = []
    if run.error:
        notes.append(run.error[:300])
    if run.state == ComparisonRun.State.CANCELLED:
        notes.append(f"取消人：{run.cancelled_by or '系统'}")
    if run.failed_contents:
        notes.append(f"{run.failed_contents:,} 条内容比对失败，已跳过")
    if run.interruptions:
        notes.append(
            f"中断 {run.interruptions} 次，已接着完成"
            if run.ended_at
            else f"中断 {run.interruptions} 次，已接着进行"
        )
    return notes


def written_duration(length: timedelta) -> str:
    """Write a duration in Chinese, its two largest units: 1 小时 05 分."""
    seconds = max(int(length.total_seconds()), 0)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours} 小时 {minutes:02} 分"
    return f"{minutes} 分 {seconds % 60:02} 秒" if minutes else f"{seconds} 秒"
