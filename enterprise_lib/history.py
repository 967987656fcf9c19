"""What was marked and chosen before for one content in one enterprise's library, in words."""

from dataclasses import dataclass
from datetime import datetime

from authorization.models import Enterprise
from comparison.models import Mark, MarkHistory, Publication

SHOWN = 50
_YES_NO = {"yes": "已自选", "no": "未自选", "": "未自选"}


@dataclass(frozen=True)
class Change:
    """One change: of what, from and to (in words), why, by whom, when."""

    subject: str
    before: str
    after: str
    cause: str
    user: str
    changed_at: datetime


def history_of(enterprise: Enterprise, content_id: int) -> list[Change]:
    """Return the newest 50 changes, newest first: one query."""
    changes = (
        MarkHistory.objects.filter(enterprise=enterprise, content_id=content_id)
        .select_related("user")
        .order_by("-id")[:SHOWN]
    )
    return [
        Change(
            change.get_subject_display(),
            _words(change.subject, change.before),
            _words(change.subject, change.after),
            change.get_cause_display(),
            str(change.user) if change.user else "系统",
            change.changed_at,
        )
        for change in changes
    ]


def _words(subject: str, code: str) -> str:
    if subject == MarkHistory.Subject.SELF_SELECTED:
        return _YES_NO.get(code, code)
    if subject == MarkHistory.Subject.PUBLICATION:
        return Publication(code).label if code else "未设置"
    return Mark(code).label if code else "无"
