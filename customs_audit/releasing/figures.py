"""Counting what a release or withdrawal has changed, inside its own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Max

from catalogue.models import Outbox
from comparison.models import MarkHistory
from comparison.publication import switch_publication
from declarations.models import AuditVerdict, Release

_SAID_BEFORE = """
SELECT count(*) FILTER (WHERE month.conforming IS NOT NULL),
       count(*) FILTER (WHERE month.conforming <> v.conforming),
       count(*) FILTER (WHERE month.conforming IS NULL AND earlier.conforming <> v.conforming)
  FROM declarations_auditverdict v
  LEFT JOIN LATERAL (
       SELECT p.conforming FROM declarations_auditverdict p
        WHERE p.line_id = v.line_id AND p.audit_month = v.audit_month AND p.counts_in_month
          AND p.release_id <> v.release_id) month ON true
  LEFT JOIN LATERAL (
       SELECT p.conforming FROM declarations_auditverdict p
        WHERE p.line_id = v.line_id AND p.content_id = v.content_id AND p.is_effective
          AND p.audit_month < v.audit_month) earlier ON true
 WHERE v.release_id = %(release)s
"""
# How marks changed, by the history that the release itself has written, since the number `last`.
_MARKS = """
SELECT before, after, count(*) FROM comparison_markhistory
 WHERE id > %(last)s AND subject = 'mark' AND cause = %(cause)s AND cause_id = %(release)s
 GROUP BY before, after ORDER BY before, after
"""
# The contents that the release decides anew, with their public flags.
_PUBLIC = """
SELECT c.id, c.is_public FROM declarations_content c
 WHERE c.id IN (SELECT content_id FROM declarations_auditverdict WHERE line_id = ANY(%(lines)s))
"""
_PUBLIC_NOW = "SELECT id, is_public FROM declarations_content WHERE id = ANY(%(contents)s)"
# Pairs that the lines' verdicts name and that none of them decides any more: their entries wait for
# the outbox, which marks them by choices and matches.
_UNDECIDED = """
WITH named AS MATERIALIZED (
    SELECT v.agent_id AS enterprise_id, v.content_id
      FROM declarations_auditverdict v WHERE v.line_id = ANY(%(lines)s)
    UNION
    SELECT v.trader_id, v.content_id
      FROM declarations_auditverdict v WHERE v.line_id = ANY(%(lines)s)
)
SELECT e.mark, count(*)
  FROM named n JOIN comparison_libraryentry e USING (enterprise_id, content_id)
 WHERE e.mark IN ('conforming', 'nonconforming')
   AND NOT EXISTS (SELECT FROM declarations_auditverdict v
                    WHERE v.content_id = n.content_id AND v.is_effective
                      AND n.enterprise_id IN (v.agent_id, v.trader_id))
 GROUP BY e.mark
"""
_ROWS = """
SELECT count(*), count(*) FILTER (WHERE conforming), count(DISTINCT content_id),
       count(*) FILTER (WHERE NOT is_effective),
       (SELECT count(DISTINCT party) FROM declarations_auditverdict p
         CROSS JOIN LATERAL (VALUES (p.agent_id), (p.trader_id)) AS named (party)
         WHERE p.release_id = %(release)s)
  FROM declarations_auditverdict WHERE release_id = %(release)s
"""
_HIDDEN = """
SELECT count(*) FROM declarations_declaredline WHERE id = ANY(%(lines)s) AND is_hidden
"""
_TAKEN_OVER = """
SELECT count(*) FROM declarations_auditverdict v
 WHERE v.line_id = ANY(%(lines)s) AND v.audit_month = %(month)s AND v.counts_in_month
   AND v.release_id <> %(release)s
"""


@dataclass
class MarkChange:
    """So many marks that become another; `before` is "" for an entry that is new."""

    before: str
    after: str
    count: int


@dataclass
class ReleaseChanges:
    """What a release changes at once.

    `superseding` rows replace an earlier verdict of the same month, `contradicting` of them say the
    contrary; `contradicting_earlier` rows say the contrary of an earlier month's effective verdict;
    `outdated` rows have no effect, since a later month has judged the same. `undecided` entries
    lose their last verdict and are marked by the comparison.
    """

    rows: int
    conforming: int
    enterprises: int
    new_enterprises: int
    contents: int
    new_contents: int
    audited_only: int
    superseding: int
    contradicting: int
    contradicting_earlier: int
    outdated: int
    opened: int
    closed: int
    undecided: int
    marks: list[MarkChange] = field(default_factory=list)


@dataclass
class WithdrawalChanges:
    """What a withdrawal changes at once.

    `taken_over` rows are decided by an earlier release of the same month again, `hidden` lines were
    brought by this release alone; `undecided` entries, by mark, are marked by the comparison.
    """

    rows: int
    enterprises: int
    contents: int
    taken_over: int
    hidden: int
    opened: int
    closed: int
    undecided: int
    marks: list[MarkChange] = field(default_factory=list)


@dataclass
class Before:
    """What is noted beforehand: lines, the public flags of their contents, contrary verdicts.

    `hidden` counts the lines that are hidden, `last` is the newest number of the marks' history.
    """

    lines: list[int]
    public: dict[int, bool]
    superseding: int
    contradicting: int
    contradicting_earlier: int
    hidden: int
    last: int

    @classmethod
    def of(cls, release: Release) -> "Before":
        """Note it for the verdicts that are stored under a release."""
        verdicts = AuditVerdict.objects.filter(release=release)
        lines = list(verdicts.values_list("line_id", flat=True))
        with connection.cursor() as cursor:
            cursor.execute(_SAID_BEFORE, {"release": release.pk})
            superseding, contradicting, contradicting_earlier = cursor.fetchone()
            cursor.execute(_PUBLIC, {"lines": lines})
            public = dict(cursor.fetchall())
            last = MarkHistory.objects.aggregate(last=Max("pk"))["last"]
        hidden = _count(_HIDDEN, lines=lines)
        said = superseding, contradicting, contradicting_earlier
        return cls(lines, public, *said, hidden, last or 0)


def changes_of_release(release: Release, counts: dict[str, int], before: Before) -> ReleaseChanges:
    """Count what has changed since `before`."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"release": release.pk})
        rows, conforming, contents, outdated, enterprises = cursor.fetchone()
    opened, closed = _switched(before)
    return ReleaseChanges(
        rows=rows,
        conforming=conforming,
        enterprises=enterprises,
        new_enterprises=counts["enterprises"],
        contents=contents,
        new_contents=counts["contents"],
        audited_only=counts["not_declared"],
        superseding=before.superseding,
        contradicting=before.contradicting,
        contradicting_earlier=before.contradicting_earlier,
        outdated=outdated,
        opened=opened,
        closed=closed,
        undecided=_undecided(before.lines),
        marks=_marks(release, Outbox.Cause.RELEASE, before),
    )


def changes_of_withdrawal(release: Release, before: Before) -> WithdrawalChanges:
    """Count what has changed since `before`."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"release": release.pk})
        rows, _, contents, _, enterprises = cursor.fetchone()
    opened, closed = _switched(before)
    return WithdrawalChanges(
        rows=rows,
        enterprises=enterprises,
        contents=contents,
        taken_over=_count(
            _TAKEN_OVER, lines=before.lines, month=release.audit_month, release=release.pk
        ),
        hidden=_count(_HIDDEN, lines=before.lines) - before.hidden,
        opened=opened,
        closed=closed,
        undecided=_undecided(before.lines),
        marks=_marks(release, Outbox.Cause.WITHDRAWAL, before),
    )


def _switched(before: Before) -> tuple[int, int]:
    """Count the contents that are public now and were not, and the other way round.

    Those that open only by the outbox are opened here.
    """
    contents = sorted(before.public)
    switch_publication(contents, may_open=True)
    with connection.cursor() as cursor:
        cursor.execute(_PUBLIC_NOW, {"contents": contents})
        now = dict(cursor.fetchall())
    opened = sum(now[pk] and not was for pk, was in before.public.items())
    closed = sum(was and not now[pk] for pk, was in before.public.items())
    return opened, closed


def _marks(release: Release, cause: Outbox.Cause, before: Before) -> list[MarkChange]:
    names: dict[str, Any] = {"last": before.last, "cause": cause.value, "release": release.pk}
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, names)
        return [MarkChange(*row) for row in cursor.fetchall()]


def _undecided(lines: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_UNDECIDED, {"lines": list(lines)})
        return sum(count for _, count in cursor.fetchall())


def _count(query: str, **names: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, names)
        return int(cursor.fetchone()[0])
