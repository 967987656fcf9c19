"""What the officers' pages ask: releases with their figures, runs of the comparison, conflicts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.utils import timezone

from comparison.models import ComparisonRun, ContentConflict, RunPiece
from comparison.outbox import count_waiting
from declarations.models import AuditVerdict, Release
from pages.paging import Count as RowCount

# How long the figures of a released file are kept: they never change (AuditVerdict).
_KEEP_SECONDS = 7 * 86_400
# Waiting contents are counted up to here: more than that is "many" to whoever waits.
OUTBOX_LIMIT = 100_000


@dataclass(frozen=True)
class ReleaseFigures:
    """How many audited rows a release brought, and how many of them conform."""

    rows: int = 0
    conforming: int = 0

    @property
    def nonconforming(self) -> int:
        """The rows that do not conform."""
        return self.rows - self.conforming


def figures_of(releases: Iterable[Release]) -> dict[int, ReleaseFigures]:
    """Return the figures of these releases by id: one query for those that no page asked before.

    A page of releases stands for millions of verdicts; what was counted once is kept in the
    cache, under a key that names the moment of the release.
    """
    keys = {release.pk: _key(release) for release in releases}
    held: dict[str, ReleaseFigures] = cache.get_many(filter(None, keys.values()))
    found = {pk: held[key] for pk, key in keys.items() if key in held}
    missing = [pk for pk in keys if pk not in found]
    if missing:
        counted = (
            AuditVerdict.objects.filter(release__in=missing)
            .values("release")
            .order_by()
            .annotate(rows=Count("pk"), good=Count("pk", filter=Q(conforming=True)))
        )
        fresh = {one["release"]: ReleaseFigures(one["rows"], one["good"]) for one in counted}
        found |= {pk: fresh.get(pk, ReleaseFigures()) for pk in missing}
        kept = {keys[pk]: found[pk] for pk in missing if keys[pk]}
        cache.set_many(kept, _KEEP_SECONDS)
    return found


def counting_rows(release: Release) -> int:
    """Count the rows of a release that count in its month today: one query."""
    return AuditVerdict.objects.filter(release=release, counts_in_month=True).count()


def waiting_contents() -> RowCount:
    """Count the contents that wait to be compared, up to 100,000."""
    found = count_waiting(OUTBOX_LIMIT + 1)
    return RowCount(min(found, OUTBOX_LIMIT), capped=found > OUTBOX_LIMIT)


# A run's page lists so many pieces, those that somebody may want to look at first.
SHOWN_PIECES = 200
# A conflict's page lists so many verdicts.
SHOWN_VERDICTS = 200


@dataclass(frozen=True)
class Host:
    """What one worker process did of a run: pieces it took last, contents, seconds."""

    worker: str
    pieces: int
    contents: int
    seconds: float
    python_seconds: float


def length_of(run: ComparisonRun) -> timedelta:
    """Return how long a run took, or has taken so far."""
    return (run.ended_at or timezone.now()) - run.started_at


def pieces_of(run: ComparisonRun) -> Sequence[RunPiece]:
    """Return pieces of a full run: running and failed ones first, then waiting, then done."""
    place = Case(
        When(state__in=["running", "failed"], then=Value(0)),
        When(state="waiting", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return list(RunPiece.objects.filter(run=run).order_by(place, "number")[:SHOWN_PIECES])


def hosts_of(run: ComparisonRun) -> Sequence[Host]:
    """Return what each worker process did of a full run."""
    rows = (
        RunPiece.objects.filter(run=run)
        .exclude(worker="")
        .values("worker")
        .order_by("worker")
        .annotate(
            pieces=Count("pk"),
            contents=Sum("contents_done"),
            spent=Sum("seconds"),
            python=Sum("python_seconds"),
        )
    )
    return [
        Host(row["worker"], row["pieces"], row["contents"], row["spent"], row["python"])
        for row in rows
    ]


def deciding_verdicts(conflict: ContentConflict) -> "QuerySet[AuditVerdict]":
    """Return the verdicts of a conflict: its month's, where no newer month decides for a party."""
    of_content = AuditVerdict.objects.filter(is_effective=True, content_id=conflict.content_id)
    newer = of_content.filter(audit_month__gt=conflict.audit_month)

    def decided_later(party: str) -> Exists:
        named = Q(agent=OuterRef(party)) | Q(trader=OuterRef(party))
        return Exists(newer.filter(named))

    return (
        of_content.filter(audit_month=conflict.audit_month)
        .exclude(Q(decided_later("agent")) & Q(decided_later("trader")))
        .select_related("line", "agent", "trader", "release", "goods")
        .order_by("conforming", "-declared_on", "pk")
    )


def _key(release: Release) -> str:
    """Name a release's figures in the cache; empty while rows may still be added."""
    if release.released_at is None:
        return ""
    return f"release-figures:{release.pk}:{release.released_at.timestamp()}"
