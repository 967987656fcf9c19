"""Messages, their versions and who has read them in the administrators' site, to look at."""

from django.contrib import admin

from authorization.admin_base import ReadOnlyAdmin, ReadOnlyInline
from authorization.admin_search import of_enterprise
from messages_app.models import Message, MessageRead, MessageVersion


class VersionInline(ReadOnlyInline):
    """A message's versions."""

    model = MessageVersion
    ordering = ["-number"]


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """企业消息."""

    list_display = ["audit_month", "enterprise"]
    list_display_links = ["audit_month", "enterprise"]
    list_select_related = ["enterprise"]
    searches = of_enterprise()
    inlines = [VersionInline]


@admin.register(MessageVersion)
class MessageVersionAdmin(ReadOnlyAdmin):
    """企业消息版本."""

    list_display = [
        "message",
        "enterprise",
        "number",
        "cause",
        "pushed_at",
        "agent_audited",
        "agent_nonconforming",
        "trader_audited",
        "trader_nonconforming",
    ]
    list_select_related = ["message__enterprise"]
    searches = of_enterprise("message__enterprise")

    @admin.display(description="企业")
    def enterprise(self, version: MessageVersion) -> str:
        """Return whose message it is."""
        return str(version.message.enterprise)


@admin.register(MessageRead)
class MessageReadAdmin(ReadOnlyAdmin):
    """阅读记录."""

    list_display = ["version", "user", "read_at"]
    list_select_related = ["version__message", "user"]
    searches = of_enterprise("user__enterprise")
