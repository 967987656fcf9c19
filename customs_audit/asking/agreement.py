"""How officers agree on the same contents, and on which they don't.

An officer's judgement of a content is his newest verdict of it (latest audit month, then latest
release) among those that count in their month; who judged is AuditVerdict.auditor, as the file said.
All of it is worked out from verdicts at once and kept in the cache until a release or withdrawal
changes them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, groupby
from typing import NamedTuple

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count, Max

from customs_audit.asking.kappa import Agreement
from declarations.models import AuditVerdict, Release

# The newest verdict of each officer on each content, content by content: one index in its order
# (verdict_judged). Pairs are made in Python: the same in SQL takes several times as long.
_JUDGED = """
WITH rated AS (
    SELECT DISTINCT ON (v.content_id, v.auditor)
           v.content_id, v.auditor, v.conforming, v.id
      FROM declarations_auditverdict v
     WHERE v.counts_in_month AND v.auditor <> ''
     ORDER BY v.content_id, v.auditor, v.audit_month DESC, v.id DESC)
SELECT r.content_id, r.auditor, r.conforming, r.id, c.hs_code, coalesce(v.reason_codes, '{}')
  FROM rated r
  JOIN declarations_content c ON c.id = r.content_id
  LEFT JOIN declarations_auditverdict v ON v.id = r.id AND NOT r.conforming
 ORDER BY r.content_id"""
_KEEP_SECONDS = 86_400
_CHUNK = 5_000


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
    """Return how all officers agree: from the cache, or one query over all verdicts."""
    return _worked_out().agreements


def differing() -> list[Differing]:
    """Return all contents that officers judged differently, those judged last first."""
    return _worked_out().differing


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


@dataclass
class WorkedOut:
    """All that is told of judgements, as it is kept in the cache."""

    agreements: Agreements
    differing: list[Differing]


def _worked_out() -> WorkedOut:
    key = f"audit-agreement:{_state_of_verdicts()}"
    held: WorkedOut | None = cache.get(key)
    if held is None:
        held = _work_out()
        cache.set(key, held, _KEEP_SECONDS)
    return held


class Judged(NamedTuple):
    """A row of _JUDGED."""

    content_id: int
    auditor: str
    conforming: bool
    verdict_id: int
    hs_code: str
    reasons: list[str]


def _work_out() -> WorkedOut:
    counts = Counting()
    found: list[tuple[int, Differing]] = []
    for content_id, rows in groupby(_judged(), key=lambda row: row.content_id):
        judged = sorted(rows, key=lambda row: row.auditor)
        if len(judged) < 2:
            continue
        counts.add(judged)
        conclusions = {row.conforming for row in judged}
        if len(conclusions) > 1 or len({tuple(sorted(row.reasons)) for row in judged}) > 1:
            officers = [row.auditor for row in judged]
            newest = max(row.verdict_id for row in judged)
            one = Differing(content_id, judged[0].hs_code, len(conclusions) > 1, officers)
            found.append((newest, one))
    found.sort(key=lambda item: -item[0])
    return WorkedOut(counts.agreements(), [one for _, one in found])


def _judged() -> Iterator[Judged]:
    """Read all judgements, a chunk at a time: memory stays the same for any number of them."""
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_JUDGED)
        while chunk := cursor.fetchmany(_CHUNK):
            yield from (Judged(*row) for row in chunk)


class Counting:
    """Counts what each two officers said of the same content, [both, first, second, neither]."""

    def __init__(self) -> None:
        self._chapters: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * 4)
        self._reasons: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0] * 4)

    def add(self, judged: Sequence[Judged]) -> None:
        """Count one content's judgements, in the order of the officers' names."""
        chapter = judged[0].hs_code[:2]
        for first, second in combinations(judged, 2):
            pair = (first.auditor, second.auditor)
            self._chapters[*pair, chapter][_cell(first.conforming, second.conforming)] += 1
            for code in {*first.reasons, *second.reasons}:
                cell = _cell(code in first.reasons, code in second.reasons)
                self._reasons[*pair, code][cell] += 1

    def agreements(self) -> Agreements:
        """Return the counts; of a reason, neither gave it for what else the two have in common."""
        found = Agreements()
        for (first, second, chapter), counts in self._chapters.items():
            found.chapters[Pair(first, second), chapter] = Agreement(*counts)
        totals = {pair: agreement.total for pair, agreement in found.pairs.items()}
        for (first, second, code), (both, one, other, _) in self._reasons.items():
            pair = Pair(first, second)
            neither = totals[pair] - both - one - other
            found.reasons[pair, code] = Agreement(both, one, other, neither)
        return found


def _cell(first: bool, second: bool) -> int:
    return 2 * (not first) + (not second)


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
