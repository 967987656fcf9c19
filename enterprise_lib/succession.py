"""Which edition a declared content was made by, beside the newest in force: what 新目录影响 compares.

A content counts by the lines of the last 24 months. It was made by the edition of the day that it
was last declared on; where that is the newest already, by the one before it, as long as nobody
could know the newest here when the content was first declared. A revision of a year also takes the
place of the revision before it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.core.cache import cache
from django.utils import timezone

from catalogue.changes import ChangeKind, CodeChange, CodeChangeKind, edition_changes
from catalogue.models import Edition
from catalogue.reading.held import edition_among

WINDOW_MONTHS = 24
# How long the kinds of change between two editions are kept, in seconds; stored editions never
# change, so this only bounds what the cache holds.
_KEPT_FOR = 7 * 24 * 3600
# What a code's change is filtered by, besides the kinds of element change.
CATEGORY_CHANGED = "category"

Kinds = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Span:
    """Contents last declared from `first` to `last` (both included) were made by `old`.

    `in_newest_time` tells contents that were first declared in the newest edition's own time from
    older ones.
    """

    first: date
    last: date
    in_newest_time: bool
    old: Edition


@dataclass(frozen=True)
class Succession:
    """The newest edition in force and what came before it.

    Contents last declared before `since` don't count any more; contents first declared from
    `known_from` on were made by the newest edition.
    """

    newest: Edition
    spans: tuple[Span, ...]
    since: date
    known_from: date

    @cached_property
    def olds(self) -> list[Edition]:
        """The editions that contents are compared from, the latest first; may be none."""
        found = {span.old.pk: span.old for span in self.spans}
        return sorted(
            found.values(), key=lambda old: (old.effective_from, old.revision), reverse=True
        )

    @cached_property
    def kinds(self) -> dict[int, Kinds]:
        """By old edition's id: each code whose list is another in the newest, with what changed."""
        return {old.pk: code_kinds(old, self.newest) for old in self.olds}

    def old_of(self, first_declared_on: date, last_declared_on: date) -> Edition | None:
        """Tell by which edition a content was made; None where by the newest, or long ago."""
        if last_declared_on < self.since or first_declared_on >= self.known_from:
            return None
        in_newest_time = first_declared_on >= self.newest.effective_from
        for span in self.spans:
            if (
                span.in_newest_time == in_newest_time
                and span.first <= last_declared_on <= span.last
            ):
                return span.old
        return None


def window_start(today: date) -> date:
    """Return the first day of the last 24 months: the same day two years before."""
    years = WINDOW_MONTHS // 12
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # the 29th of February
        return today.replace(year=today.year - years, day=28)


def succession(today: date | None = None) -> Succession | None:
    """Say what the newest edition in force took over from; None where no edition is in force.

    `spans` is empty where it is the first one. One query, two where the newest is a revision.
    """
    today = today or timezone.localdate()
    held = list(Edition.objects.filter(in_force=True).order_by("-effective_from"))
    if not held:
        return None
    newest = held[0]
    older = [edition for edition in held if edition.effective_from < newest.effective_from]
    replaced = None
    if newest.revision > 1:
        earlier = Edition.objects.filter(year=newest.year, revision__lt=newest.revision)
        replaced = earlier.order_by("-revision").first()
    before = older or [edition for edition in [replaced] if edition is not None]
    within = [replaced] if replaced is not None else before
    since = window_start(today)
    spans = [*_spans(before, since, today, False), *_spans(within, since, today, True)]
    return Succession(newest, tuple(spans), since, _known_from(newest))


def _known_from(newest: Edition) -> date:
    """From this day on contents are made by the newest edition: in force, and known here."""
    if newest.in_force_since is None:
        return newest.effective_from
    put_in_force = timezone.localdate(newest.in_force_since)
    return max(newest.effective_from, put_in_force + timedelta(days=1))


def _spans(
    editions: Sequence[Edition], since: date, today: date, in_newest_time: bool
) -> Iterator[Span]:
    """Cut the days of the window by the edition that each belongs to, of some, newest first."""
    first, old = since, edition_among(editions, since)
    if old is None:
        return
    day = since
    while day <= today:
        current = edition_among(editions, day)
        if current is not None and current != old:
            yield Span(first, day - timedelta(days=1), in_newest_time, old)
            first, old = day, current
        day += timedelta(days=1)
    # Open at the end: a day that is not over may bring more.
    yield Span(first, date.max, in_newest_time, old)


def code_kinds(old: Edition, new: Edition) -> Kinds:
    """Tell for each code that two editions treat differently what kinds of change it has.

    Kinds are values of ChangeKind and CodeChangeKind, and CATEGORY_CHANGED. From the cache where
    it was asked before; else as costly as `edition_changes`.
    """
    key = f"code-kinds:{old.pk}:{new.pk}"
    found: Kinds | None = cache.get(key)
    if found is None:
        found = {change.hs8: _kinds_of(change) for change in edition_changes(old, new)}
        cache.set(key, found, _KEPT_FOR)
    return found


def _kinds_of(change: CodeChange) -> frozenset[str]:
    if change.kind is not CodeChangeKind.CHANGED:
        return frozenset({change.kind.value})
    kinds = {one.kind.value for one in change.changes if one.kind is not ChangeKind.KEPT}
    if any(one.category_changed for one in change.changes):
        kinds.add(CATEGORY_CHANGED)
    return frozenset(kinds)
