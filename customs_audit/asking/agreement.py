"""How officers agree on the same contents, and on which they don't.

An officer's judgement of a content is his newest verdict of it (latest audit month, then latest
release) among those that count in their month; who judged is AuditVerdict.auditor, as the file said.
All of it is worked out from verdicts at once and kept in the cache until a release or withdrawal
changes them.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Max

from customs_audit.asking.kappa import Agreement
from declarations.models import AuditVerdict, Release

# The newest verdict of each officer on each content: by one index, in its order.
_RATED = """
WITH rated AS MATERIALIZED (
    SELECT DISTINCT ON (v.content_id, v.auditor)
           v.content_id, v.auditor, v.conforming, v.id
      FROM declarations_auditverdict v
     WHERE v.counts_in_month AND v.auditor <> ''
     ORDER BY v.content_id, v.auditor, v.audit_month DESC, v.id DESC)
"""
_PAIRS = (
    _RATED
    + """
SELECT a.auditor, b.auditor, left(c.hs_code, 2),
       count(*) FILTER (WHERE a.conforming AND b.conforming),
       count(*) FILTER (WHERE a.conforming AND NOT b.conforming),
       count(*) FILTER (WHERE NOT a.conforming AND b.conforming),
       count(*) FILTER (WHERE NOT a.conforming AND NOT b.conforming)
  FROM rated a
  JOIN rated b ON b.content_id = a.content_id AND b.auditor > a.auditor
  JOIN declarations_content c ON c.id = a.content_id
 GROUP BY 1, 2, 3"""
)
# A reason's counts: who of a pair gave it; that neither did is what is left of the pair's contents.
_REASONS = (
    _RATED
    + """, reasoned AS (
    SELECT a.auditor AS first, b.auditor AS second, va.reason_codes AS said, vb.reason_codes AS other
      FROM rated a
      JOIN rated b ON b.content_id = a.content_id AND b.auditor > a.auditor
      JOIN declarations_auditverdict va ON va.id = a.id
      JOIN declarations_auditverdict vb ON vb.id = b.id
     WHERE NOT (a.conforming AND b.conforming))
SELECT first, second, code,
       count(*) FILTER (WHERE code = ANY(said) AND code = ANY(other)),
       count(*) FILTER (WHERE code = ANY(said) AND NOT code = ANY(other)),
       count(*) FILTER (WHERE NOT code = ANY(said) AND code = ANY(other))
  FROM reasoned CROSS JOIN LATERAL (
           SELECT DISTINCT unnest(said || other) AS code) u
 GROUP BY 1, 2, 3"""
)
# Contents on which the newest verdicts of two officers differ: by conclusion, or by reasons alone.
_DIFFERING = (
    _RATED
    + """
SELECT r.content_id, c.hs_code, bool_or(r.conforming) AND NOT bool_and(r.conforming),
       array_agg(r.auditor ORDER BY r.auditor)
  FROM rated r
  JOIN declarations_content c ON c.id = r.content_id
  JOIN declarations_auditverdict v ON v.id = r.id
 GROUP BY r.content_id, c.hs_code
HAVING bool_or(r.conforming) AND NOT bool_and(r.conforming)
    OR count(DISTINCT ARRAY(SELECT unnest(v.reason_codes) ORDER BY 1)) > 1
 ORDER BY max(r.id) DESC"""
)
_KEEP_SECONDS = 86_400
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Pair:
    """Two officers, in the order of their names."""

    first: str
    second: str

    def names(self, officer: str) -> bool:
        """Whether one of them is this officer."""
        return officer in (self.first, self.second)


@dataclass
class Agreements:
    """How officers agree: by pair and chapter on the conclusion, by pair and reason on each reason."""

    chapters: dict[tuple[Pair, str], Agreement] = field(default_factory=dict)
    reasons: dict[tuple[Pair, str], Agreement] = field(default_factory=dict)

    @property
    def pairs(self) -> dict[Pair, Agreement]:
        """Return each pair's agreement on conclusions over all chapters."""
        found: dict[Pair, Agreement] = defaultdict(Agreement)
        for (pair, _), agreement in self.chapters.items():
            found[pair] += agreement
        return dict(found)

    @property
    def officers(self) -> list[str]:
        """Name all officers who have judged a content that another has judged too."""
        return sorted({name for pair in self.pairs for name in (pair.first, pair.second)})

    def among(self, officers: Sequence[str], chapter: str = "") -> "Agreements":
        """Return the same of the pairs that these officers (one or two) are in, and of one chapter.

        Reasons are not told by chapter: with a chapter there are none.
        """

        def fits(pair: Pair) -> bool:
            return all(pair.names(officer) for officer in officers)

        return Agreements(
            {
                (pair, of): agreement
                for (pair, of), agreement in self.chapters.items()
                if fits(pair) and chapter in ("", of)
            },
            {key: agreement for key, agreement in self.reasons.items() if fits(key[0])}
            if not chapter
            else {},
        )

    def by_chapter(self) -> dict[str, Agreement]:
        """Sum the pairs' agreements by chapter."""
        return _summed(self.chapters)

    def by_reason(self) -> dict[str, Agreement]:
        """Sum the pairs' agreements by reason, over all contents that the pairs have in common."""
        pairs = self.pairs
        reasons = {code for _, code in self.reasons}
        whole = {
            (pair, code): self.reasons.get((pair, code), Agreement(neither=agreement.total))
            for pair, agreement in pairs.items()
            for code in reasons
        }
        return _summed(whole)


def _summed(agreements: dict[tuple[Pair, str], Agreement]) -> dict[str, Agreement]:
    found: dict[str, Agreement] = defaultdict(Agreement)
    for (_, key), agreement in agreements.items():
        found[key] += agreement
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class Differing:
    """A content that these officers judged differently.

    `by_conclusion`: some say 规范 and some 不规范; else they differ by their reasons alone.
    """

    content_id: int
    hs_code: str
    by_conclusion: bool
    officers: list[str]


@dataclass(frozen=True)
class Judgement:
    """An officer's newest verdict of a content."""

    auditor: str
    conforming: bool
    reason_codes: list[str]
    audit_month: date


def agreements() -> Agreements:
    """Return how all officers agree: from the cache, or two queries over all verdicts."""
    return _kept("agreements", _work_agreements_out)


def differing() -> list[Differing]:
    """Return all contents that officers judged differently, those judged last first."""
    return _kept("differing", _find_differing)


def judgements_of(contents: Sequence[int]) -> dict[int, list[Judgement]]:
    """Return each officer's newest verdict of each of these contents: one query."""
    verdicts = (
        AuditVerdict.objects.filter(content__in=contents, counts_in_month=True)
        .exclude(auditor="")
        .order_by("content", "auditor", "-audit_month", "-pk")
        .distinct("content", "auditor")
        .values_list("content", "auditor", "conforming", "reason_codes", "audit_month")
    )
    found: dict[int, list[Judgement]] = defaultdict(list)
    for content, *values in verdicts:
        found[content].append(Judgement(*values))  # type: ignore[arg-type]
    return dict(found)


def _work_agreements_out() -> Agreements:
    found = Agreements()
    for first, second, chapter, *counts in _asked(_PAIRS):
        found.chapters[Pair(first, second), chapter] = Agreement(*counts)
    totals = {pair: agreement.total for pair, agreement in found.pairs.items()}
    for first, second, code, *counts in _asked(_REASONS):
        pair = Pair(first, second)
        found.reasons[pair, code] = Agreement(*counts, totals[pair] - sum(counts))
    return found


def _find_differing() -> list[Differing]:
    return [Differing(*row) for row in _asked(_DIFFERING)]


def _asked(text: str) -> Sequence[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall()


def _kept(name: str, make: Callable[[], Kept]) -> Kept:
    key = f"audit-{name}:{_state_of_verdicts()}"
    held: Kept | None = cache.get(key)
    if held is None:
        held = make()
        cache.set(key, held, _KEEP_SECONDS)
    return held


def _state_of_verdicts() -> str:
    """Name what releases and withdrawals have made of the verdicts: one query over releases."""
    facts = Release.objects.aggregate(
        released=Count("released_at"),
        withdrawn=Count("withdrawn_at"),
        last_released=Max("released_at"),
        last_withdrawn=Max("withdrawn_at"),
    )
    moments = (facts["last_released"], facts["last_withdrawn"])
    return ":".join(
        [str(facts["released"]), str(facts["withdrawn"])]
        + [str(moment.timestamp()) if moment else "-" for moment in moments]
    )
