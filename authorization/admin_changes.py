"""The log of changes in the administrators' site: who changed what, with before and after."""

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from authorization import events
from authorization.admin_base import ANY_WORD, ReadOnlyAdmin, Search
from authorization.admin_search import of_enterprise
from authorization.change_models import ChangeEvent
from authorization.models import User

_PAGES = {
    ChangeEvent.Of.ACCOUNT: "admin:authorization_user_account",
    ChangeEvent.Of.ENTERPRISE: "admin:authorization_enterprise_change",
    ChangeEvent.Of.EDITION: "admin:catalogue_edition_change",
    ChangeEvent.Of.UPLOAD: "admin:catalogue_catalogueimport_change",
    ChangeEvent.Of.RELEASE: "admin:declarations_release_change",
}


def _on_day(word: str) -> Q:
    """Ask for a day of this place's time; a date that is none finds nothing."""
    try:
        day = datetime.strptime(word, "%Y-%m-%d").date()
    except ValueError:
        return Q(pk__in=())
    start = timezone.make_aware(datetime.combine(day, time()))
    return Q(at__gte=start, at__lt=start + timedelta(days=1))


def _of_user(word: str) -> Q:
    """Ask for what was done to, or by, a user of this name."""
    ids = list(User.objects.filter(username=word).values_list("pk", flat=True))
    return Q(user__in=ids) | Q(actor__in=ids)


@admin.register(ChangeEvent)
class ChangeEventAdmin(ReadOnlyAdmin):
    """变更记录."""

    list_display = ["at", "of", "what", "kind", "changes", "actor", "address"]
    list_display_links = ["at"]
    list_select_related = ["actor"]
    list_filter = ["of", "kind"]
    searches = [
        *of_enterprise(),
        Search(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "日期（如 2026-03-05）", _on_day),
        Search(ANY_WORD, "用户名", _of_user),
    ]
    change_form_template = "admin/authorization/changeevent/change_form.html"

    @admin.display(description="对象")
    def what(self, event: ChangeEvent) -> SafeString | str:
        """Name what was changed, as it was called then, and lead to it."""
        if event.number is None:
            return event.subject
        address = reverse(_PAGES[ChangeEvent.Of(event.of)], args=[event.number])
        return format_html('<a href="{}">{}</a>', address, event.subject)

    @admin.display(description="变更内容")
    def changes(self, event: ChangeEvent) -> str:
        """Tell what changed, in words."""
        return "；".join(events.told(event))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show before and after side by side."""
        context = extra_context or {}
        event = self.get_object(request, object_id)
        if isinstance(event, ChangeEvent):
            context |= {
                "event": event,
                "what": self.what(event),
                "sides": events.told_in_two(event),
            }
        return super().change_view(request, object_id, form_url, context)
