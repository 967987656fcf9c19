"""What the administrators' first page shows: each an index away, and no more rows than are listed."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from authorization.cards.trust_report import Problem, report
from authorization.change_models import ChangeEvent
from authorization.events import told
from authorization.evidence_words import refusal_words
from authorization.models import CardAttempt, Enterprise, User
from catalogue.models import CatalogueImport
from comparison.models import ComparisonRun, LibraryEntry

ROWS = 8
# Of today's refused tries, and of enterprises without an authorization, so many are looked at.
LOOKED_AT = 500
FAILED_DAYS = 7


@dataclass(frozen=True)
class Refused:
    """An enterprise whose card was refused today: how often, and why the last time."""

    enterprise: Enterprise
    times: int
    last: CardAttempt

    @property
    def why(self) -> str:
        """What the page said the last time."""
        return refusal_words(self.last.refusal)


def dashboard() -> dict[str, Any]:
    """Return what stands on the first page: at most nine queries, none over a whole table."""
    now = timezone.now()
    return {
        "refused": refused_today(now),
        "waiting": waiting_with_data(),
        "ending": ending_soon(now),
        "trust_problems": trust_problems(now),
        "failed_runs": failed_runs(now),
        "failed_uploads": CatalogueImport.objects.filter(
            state=CatalogueImport.State.FAILED, uploaded_at__gte=now - timedelta(days=FAILED_DAYS)
        ).order_by("-pk")[:ROWS],
        "changes": [
            (event, told(event))
            for event in ChangeEvent.objects.select_related("actor").order_by("-pk")[:ROWS]
        ],
    }


def refused_today(now: datetime) -> list[Refused]:
    """List the enterprises whose cards were refused today, the last refused first."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    tries = list(
        CardAttempt.objects.exclude(refusal="")
        .filter(tried_at__gte=midnight)
        .order_by("-tried_at")
        .defer("detail")[:LOOKED_AT]
    )
    times = Counter(attempt.enterprise_id for attempt in tries)
    last: dict[int, CardAttempt] = {}
    for attempt in tries:
        last.setdefault(attempt.enterprise_id, attempt)
    listed = list(last)[:ROWS]
    enterprises = Enterprise.objects.in_bulk(listed)
    return [Refused(enterprises[pk], times[pk], last[pk]) for pk in listed]


def waiting_with_data() -> list[Enterprise]:
    """List enterprises that have data and users but no authorization, the newest first.

    Those without users wait for nothing.
    """
    newest: QuerySet[Enterprise] = Enterprise.objects.filter(is_authorized=False).filter(
        Exists(User.objects.filter(enterprise=OuterRef("pk"), is_active=True))
    )
    looked_at = newest.order_by("-pk").values("pk")[:LOOKED_AT]
    with_data = Exists(LibraryEntry.objects.filter(enterprise=OuterRef("pk")))
    rows = Enterprise.objects.filter(pk__in=looked_at).filter(with_data)
    return list(rows.order_by("-pk")[:ROWS])


def ending_soon(now: datetime) -> list[Enterprise]:
    """List the enterprises whose authorization ends within the days of the reminder, or ended so."""
    days = timedelta(days=settings.AUTHORIZATION_REMINDER_DAYS)
    rows = Enterprise.objects.filter(
        is_authorized=True, authorized_until__gte=now - days, authorized_until__lte=now + days
    )
    return list(rows.order_by("authorized_until")[:ROWS])


def trust_problems(now: datetime) -> list[tuple[str, Problem]]:
    """List what is wrong with configured certificates and lists, each with its file."""
    return report(now).all_problems[:ROWS]


def failed_runs(now: datetime) -> list[ComparisonRun]:
    """List the comparison runs of the last week that failed."""
    since = now - timedelta(days=FAILED_DAYS)
    rows = ComparisonRun.objects.filter(started_at__gte=since, state=ComparisonRun.State.FAILED)
    return list(rows.order_by("-started_at")[:ROWS])
