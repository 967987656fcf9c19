"""The table of releases, and columns that the officers' other tables share."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from authorization.models import User
from customs_audit.filters import ReleaseState, state_of, submission_of
from declarations.models import Release
from pages.tables import ActionsColumn, CodeColumn, PlainColumn, PortalTable


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
    """Where a release stands; withdrawn, returned or failed with the reason."""

    def render(self, record: Release) -> SafeString:
        """Draw the state in words."""
        state = state_of(record)
        badge = format_html('<span class="state-word is-{}">{}</span>', state.value, state.label)
        why = self.reason(record, state)
        if not why:
            return badge
        return format_html('{}<span class="cell-second">{}</span>', badge, f"原因：{why}")

    @staticmethod
    def reason(record: Release, state: ReleaseState) -> str:
        """Say why it is not in effect, where somebody or something has said so."""
        if state in (ReleaseState.WITHDRAWN, ReleaseState.WITHDRAWING):
            return record.withdrawal_reason
        submission = submission_of(record)
        return submission.message if submission else ""


class PersonColumn(PlainColumn):
    """Who did a step, and when."""

    cell_class = "cell-person"

    def render(self, value: Any, record: Release) -> SafeString | str:
        """Draw both; nothing where it was not done."""
        who, when = self.said(record)
        if when is None:
            return "—"
        return format_html(
            '{}<span class="cell-second figures">{}</span>',
            who or "系统",
            f"{timezone.localtime(when):%Y-%m-%d %H:%M}",
        )

    def said(self, record: Release) -> tuple[User | None, datetime | None]:
        """Return who and when."""
        raise NotImplementedError


class SubmittedColumn(PersonColumn):
    """Who submitted the rows."""

    def said(self, record: Release) -> tuple[User | None, datetime | None]:
        """Return who and when; a command imports and releases in one."""
        submission = submission_of(record)
        if submission is None:
            return None, record.created_at
        return submission.submitted_by, submission.submitted_at


class ReviewedColumn(PersonColumn):
    """Who released the rows, or returned them."""

    def said(self, record: Release) -> tuple[User | None, datetime | None]:
        """Return who and when."""
        if record.released_at is not None:
            return record.released_by, record.released_at
        submission = submission_of(record)
        if submission is None:
            return None, None
        return submission.reviewed_by, submission.reviewed_at


class RowsColumn(PlainColumn):
    """How many rows a release has, or would have."""

    cell_class = "cell-number"

    def render(self, value: Any, record: Release) -> str:
        """Write the number."""
        submission = submission_of(record)
        rows = submission.row_count if submission else record.figures.rows  # type: ignore[attr-defined]
        return f"{rows:,}"


class FigureColumn(PlainColumn):
    """A figure of a release that has verdicts."""

    cell_class = "cell-number"

    def render(self, value: Any, record: Release) -> str:
        """Write it; a dash before it is released."""
        return "—" if record.released_at is None else f"{value:,}"


class ReleaseTable(PortalTable):
    """One row for each release."""

    audit_month = MonthColumn(verbose_name="审核月份")
    pk = CodeColumn(verbose_name="发布编号")
    file_name = PlainColumn(verbose_name="文件", default="无")
    rows = RowsColumn(verbose_name="行数", accessor="pk")
    conforming = FigureColumn(verbose_name="规范", accessor="figures__conforming")
    nonconforming = FigureColumn(verbose_name="不规范", accessor="figures__nonconforming")
    submitted = SubmittedColumn(verbose_name="提交人", accessor="pk")
    reviewed = ReviewedColumn(verbose_name="复核人", accessor="pk")
    state = StateColumn(verbose_name="状态", accessor="pk", cell_class="cell-state")
    actions: Any = ActionsColumn("customs_audit/_release_actions.html")
