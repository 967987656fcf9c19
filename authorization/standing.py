"""How an enterprise stands: may its users enter, and if not, why, since when, and what then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import TextChoices
from django.utils import timezone

from authorization.models import CardAuthorization, Enterprise


class State(TextChoices):
    """The state of an enterprise's authorization; the labels are what pages say."""

    VALID = "valid", "已授权"
    NEVER = "never", "未授权"
    EXPIRED = "expired", "授权已到期"
    REVOKED_BY_CARD = "revoked_by_card", "授权已撤销"
    REVOKED_BY_ADMINISTRATOR = "revoked_by_administrator", "授权已撤销"


@dataclass(frozen=True)
class Standing:
    """`since`: when it came to this; `until`: the end of what is in force; `reason` of an end."""

    state: State
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""

    @property
    def ends_soon(self) -> bool:
        """Whether it is time to renew (AUTHORIZATION_REMINDER_DAYS ahead)."""
        ahead = timedelta(days=settings.AUTHORIZATION_REMINDER_DAYS)
        return self.until is not None and timezone.now() >= self.until - ahead

    @property
    def days_left(self) -> int:
        """Whole days that it will still be in force; at least 0."""
        return 0 if self.until is None else max(0, (self.until - timezone.now()).days)


def standing_of(enterprise: Enterprise) -> Standing:
    """Say how an enterprise stands; asks the database (once) only where it may not be entered."""
    if enterprise.may_be_entered():
        return Standing(State.VALID, enterprise.authorized_at, enterprise.authorized_until)
    if enterprise.is_authorized:
        return Standing(State.EXPIRED, enterprise.authorized_until)
    last = enterprise.authorizations.order_by("-valid_from", "-pk").first()
    if last is None:
        return Standing(State.NEVER)
    if last.end == CardAuthorization.End.ADMINISTRATOR:
        return Standing(State.REVOKED_BY_ADMINISTRATOR, last.ended_at, reason=last.end_reason)
    return Standing(State.REVOKED_BY_CARD, last.ended_at)
