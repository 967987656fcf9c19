"""The table of the message list."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from messages_app.models import MessageVersion
from messages_app.wording import heading
from pages.tables import ActionsColumn, NumberColumn, PlainColumn, PortalTable, TickColumn


class ReadStateColumn(PlainColumn):
    """未读 or 已读, by words and by weight."""

    def render(self, value: bool) -> SafeString:
        """Draw the state."""
        if value:
            return format_html('<span class="read-state">{}</span>', "已读")
        return format_html('<span class="read-state is-unread">{}</span>', "未读")


class HeadingColumn(PlainColumn):
    """The message's name, which opens it; below it what made this version, unless it is the first."""

    def render(self, record: MessageVersion) -> SafeString:
        """Draw the link."""
        return format_html(
            '<a href="{}">{}</a>{}',
            reverse("messages_app:detail", args=[record.message_id]),
            heading(record.message.audit_month),
            ""
            if record.number == 1
            else format_html(
                '<span class="cell-second">第 {} 版，因{}更新</span>',
                record.number,
                record.get_cause_display(),
            ),
        )


class MomentColumn(PlainColumn):
    """A point in time, to the minute."""

    cell_class = "cell-date"

    def render(self, value: Any) -> str:
        """Write the local time."""
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"


class MessageTable(PortalTable):
    """One row for each message: its newest version, with this enterprise's own figures."""

    class Meta:
        row_attrs = {"class": lambda record: "" if record.is_read else "is-unread-row"}

    tick = TickColumn(accessor="pk")
    is_read = ReadStateColumn(verbose_name="状态")
    heading = HeadingColumn(accessor="pk", verbose_name="消息")
    agent_audited = NumberColumn(verbose_name="申报单位审核")
    agent_nonconforming = NumberColumn(verbose_name="申报单位不规范")
    trader_audited = NumberColumn(verbose_name="收发货人审核")
    trader_nonconforming = NumberColumn(verbose_name="收发货人不规范")
    pushed_at = MomentColumn(verbose_name="推送时间")
    actions: Any = ActionsColumn("messages_app/_row_actions.html")
