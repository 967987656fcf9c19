"""What the pages ask about messages: the newest version of each, what is unread, the figures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.core.cache import cache
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from authorization.models import Enterprise, User
from declarations.models import AuditVerdict, Release
from messages_app.models import MessageRead, MessageVersion

_KEEP_SECONDS = 86_400


def newest_versions(enterprise: Enterprise) -> QuerySet[MessageVersion]:
    """Return the newest version of each message of an enterprise: what the messages say now."""
    newer = MessageVersion.objects.filter(
        message=OuterRef("message"), number__gt=OuterRef("number")
    )
    return MessageVersion.objects.filter(~Exists(newer), message__enterprise=enterprise)


def list_for(user: User) -> QuerySet[MessageVersion]:
    """Return the messages of a user's enterprise as newest versions, each with `is_read`.

    `is_read` says whether this user has read this very version. Nothing for a user without an
    enterprise. Costs one query, the messages themselves included.
    """
    if user.enterprise is None:
        return MessageVersion.objects.none()
    return (
        newest_versions(user.enterprise)
        .annotate(is_read=Exists(_reads_of(user)))
        .select_related("message")
    )


def unread_count(user: User) -> int:
    """Count the messages whose newest version this user has not read: one indexed query.

    An enterprise has one message a month, so this looks at a hundred rows after eight years.
    """
    if user.enterprise_id is None:
        return 0
    return list_for(user).filter(Q(is_read=False)).count()


def mark_read(user: User, version_ids: Collection[int]) -> int:
    """Note that a user has read these versions; return how many were not read before.

    Versions of another enterprise are passed over, as if they did not exist.
    """
    if user.enterprise_id is None:
        return 0
    unread = MessageVersion.objects.filter(
        ~Exists(_reads_of(user)),
        pk__in=version_ids,
        message__enterprise_id=user.enterprise_id,
    ).values_list("pk", flat=True)
    reads = [MessageRead(version_id=pk, user=user) for pk in unread]
    # Two tabs of one user may mark the same message at once.
    MessageRead.objects.bulk_create(reads, ignore_conflicts=True)
    return len(reads)


def _reads_of(user: User) -> QuerySet[MessageRead]:
    return MessageRead.objects.filter(version=OuterRef("pk"), user=user)


@dataclass(frozen=True)
class MonthFigures:
    """How many lines customs audited in a month, over all enterprises; each line once."""

    audited: int
    conforming: int

    @property
    def nonconforming(self) -> int:
        """The lines that did not conform."""
        return self.audited - self.conforming

    @property
    def rate(self) -> Decimal | None:
        """规范申报率 in per cent (conforming ÷ audited), two places; None when none was audited.

        Rounded half up, but 100 is shown only where all conform.
        """
        if not self.audited:
            return None
        exact = Decimal(100 * self.conforming) / self.audited
        rounded = exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        return min(rounded, Decimal("99.99")) if self.nonconforming else rounded


def month_figures(audit_month: date) -> MonthFigures:
    """Count the verdicts of a month that count now; `audit_month` is its first day.

    Every enterprise opens its message in the same days, so the count of a hundred thousand rows is
    kept in the cache. Only a release or withdrawal of this month changes it, and the key names the
    last of both.
    """
    said = Release.objects.filter(audit_month=audit_month).aggregate(
        released=Max("released_at"), withdrawn=Max("withdrawn_at")
    )
    moments = (moment.timestamp() if moment else 0 for moment in said.values())
    key = ":".join(map(str, ("month-figures", audit_month, *moments)))
    figures: MonthFigures | None = cache.get(key)
    if figures is None:
        figures = _counted(audit_month)
        cache.set(key, figures, _KEEP_SECONDS)
    return figures


def _counted(audit_month: date) -> MonthFigures:
    counted = AuditVerdict.objects.filter(audit_month=audit_month, counts_in_month=True).aggregate(
        audited=Count("pk"), conforming=Count("pk", filter=Q(conforming=True))
    )
    return MonthFigures(**counted)
