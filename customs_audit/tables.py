"""The table of releases, and columns that the officers' other tables share."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
