"""What was marked and chosen before for one content in one enterprise's library, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from authorization.models import Enterprise
from catalogue.models import Outbox
from comparison.models import Mark, MarkHistory, Publication
from declarations.models import Release

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
    """Return the newest 50 changes, newest first: one query, and one more for why customs took back."""
    changes = list(
        MarkHistory.objects.filter(enterprise=enterprise, content_id=content_id)
        .select_related("user")
        .order_by("-id")[:SHOWN]
    )
    reasons = _withdrawal_reasons(changes)
    return [
        Change(
            change.get_subject_display(),
            _words(change.subject, change.before),
            _words(change.subject, change.after),
            _cause(change, reasons),
            str(change.user) if change.user else "系统",
            change.changed_at,
        )
        for change in changes
    ]


def _withdrawal_reasons(changes: Sequence[MarkHistory]) -> dict[int, str]:
    """Say by release why it was withdrawn, for those that changed something here."""
    withdrawn = {
        change.cause_id
        for change in changes
        if change.cause == Outbox.Cause.WITHDRAWAL and change.cause_id is not None
    }
    if not withdrawn:
        return {}
    found = Release.objects.filter(pk__in=withdrawn)
    return dict(found.values_list("pk", "withdrawal_reason"))


def _cause(change: MarkHistory, reasons: dict[int, str]) -> str:
    reason = reasons.get(change.cause_id or 0) if change.cause == Outbox.Cause.WITHDRAWAL else ""
    cause = change.get_cause_display()
    return f"{cause}（原因：{reason}）" if reason else cause


def _words(subject: str, code: str) -> str:
    if subject == MarkHistory.Subject.SELF_SELECTED:
        return _YES_NO.get(code, code)
    if subject == MarkHistory.Subject.PUBLICATION:
        return Publication(code).label if code else "未设置"
    return Mark(code).label if code else "无"
