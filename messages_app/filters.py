"""The conditions of the message list: 标记类别 and 推送时间."""

import django_filters
from django.db import models
from django.db.models import Q, QuerySet

from messages_app.models import MessageVersion
from pages.filters import DateSpanFilter, PortalFilterSet


class ReadState(models.TextChoices):
    """标记类别."""

    UNREAD = "unread", "未读"
    READ = "read", "已读"


class MessageFilterSet(PortalFilterSet):
    """Conditions on the rows of messages_app.queries.list_for."""

    state = django_filters.ChoiceFilter(
        label="标记类别", choices=ReadState.choices, method="of_state"
    )
    pushed_at = DateSpanFilter(label="推送时间", field_name="pushed_at__date")

    def of_state(
        self, qs: "QuerySet[MessageVersion]", name: str, value: str
    ) -> "QuerySet[MessageVersion]":
        """Narrow to what this user has read, or has not."""
        return qs.filter(Q(is_read=value == ReadState.READ))
