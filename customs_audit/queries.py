"""What the officers' pages ask: releases with their figures, runs of the comparison."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Q

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


def _key(release: Release) -> str:
    """Name a release's figures in the cache; empty while rows may still be added."""
    if release.released_at is None:
        return ""
    return f"release-figures:{release.pk}:{release.released_at.timestamp()}"
