"""Which contents of an enterprise a new catalogue touches: counted, and a page of them, largest first.

The entries tell which contents those are, by code and by first and last 申报日期, and bound how many
rows each has; only where an entry reaches back beyond the 24 months are its rows counted, and only
for as many entries as may come before the end of the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection

from authorization.models import Enterprise
from declarations.models import IEFlag
from enterprise_lib.succession import Succession
from pages.paging import Count

# Entries looked at first for a page; four times as many where those don't settle its order.
FIRST_LOOK = 400

_TOUCHED = """
SELECT e.content_id, e.hs_code, e.row_count, e.first_declared_on, e.last_declared_on
  FROM comparison_libraryentry e
 WHERE e.enterprise_id = %(enterprise)s AND e.last_declared_on >= %(since)s
   AND e.first_declared_on < %(known_from)s AND ({spans}){conditions}"""

_SPAN = """(e.first_declared_on {side} %(newest_from)s
        AND e.last_declared_on BETWEEN %(first{n})s AND %(last{n})s
        AND left(e.hs_code, 8) = ANY(%(codes{n})s))"""

_COUNT = "SELECT count(*) FROM ({touched} LIMIT %(cap)s) t"

# Rows as the 企业库 shows them: lines, and audited rows that are no longer their line's.
_LARGEST = """
WITH looked AS MATERIALIZED (
SELECT t.*, count(*) OVER () AS total FROM ({touched}) t
 ORDER BY t.row_count DESC, t.content_id LIMIT %(look)s),
audited AS MATERIALIZED (
SELECT v.content_id, count(*) AS rows FROM declarations_auditverdict v
  JOIN declarations_declaredline d ON d.id = v.line_id
 WHERE v.is_effective AND v.differs_from_line AND v.declared_on >= %(since)s
   AND (v.agent_id = %(enterprise)s OR v.trader_id = %(enterprise)s)
   AND NOT (d.content_id = v.content_id AND %(enterprise)s IN (d.agent_id, d.trader_id))
 GROUP BY v.content_id)
SELECT t.content_id, t.hs_code, t.row_count, t.first_declared_on, t.last_declared_on,
       CASE WHEN t.first_declared_on >= %(since)s THEN t.row_count
            ELSE counted.rows + coalesce(a.rows, 0) END AS recent,
       t.total
  FROM looked t
  LEFT JOIN audited a ON a.content_id = t.content_id
  LEFT JOIN LATERAL (
    SELECT (SELECT count(*) FROM declarations_declaredline l
             WHERE l.agent_id = %(enterprise)s AND l.content_id = t.content_id
               AND l.declared_on >= %(since)s AND NOT l.is_hidden)
         + (SELECT count(*) FROM declarations_declaredline l
             WHERE l.trader_id = %(enterprise)s AND l.content_id = t.content_id
               AND l.declared_on >= %(since)s AND NOT l.is_hidden
               AND l.agent_id <> %(enterprise)s) AS rows
    ) counted ON t.first_declared_on < %(since)s
 ORDER BY recent DESC, t.row_count DESC, t.content_id"""


@dataclass(frozen=True)
class Wanted:
    """The conditions of a query; an empty one is not asked for, those given must all hold.

    `kinds`: values of ChangeKind, CodeChangeKind or succession.CATEGORY_CHANGED, of which the
    code's change must have one of each set. `content_ids`: only these.
    """

    hs_prefix: str = ""
    ie_flag: IEFlag | None = None
    kinds: tuple[frozenset[str], ...] = field(default=())
    content_ids: tuple[int, ...] | None = None


class Touched(NamedTuple):
    """A touched content: `rows` of the last 24 months, `row_count` of all time, its dates."""

    content_id: int
    hs_code: str
    row_count: int
    first_declared_on: date
    last_declared_on: date
    rows: int


class TouchedContents:
    """One enterprise's contents that the newest catalogue in force touches.

    A row source (pages.paging.RowSource) of Touched, the most rows of the last 24 months first.
    """

    def __init__(
        self, enterprise: Enterprise, succession: Succession, wanted: Wanted | None = None
    ) -> None:
        self._succession = succession
        self._wanted = wanted or Wanted()
        self._parameters = self._make_parameters(enterprise)

    def count(self) -> Count:
        """Count the contents: one query, which finds the first page too."""
        return Count(0 if self._is_empty else self._first_look.total)

    def up_to(self, cap: int) -> Count:
        """Count the contents, but no further than `cap`: one query."""
        if self._is_empty:
            return Count(0)
        found = self._ask(_COUNT, cap=cap + 1)[0][0]
        return Count(min(found, cap), capped=found > cap)

    def rows(self, offset: int, limit: int) -> list[Touched]:
        """Return at most `limit` contents from `offset` (0-based).

        Costs nothing more than `count` near the beginning, else usually one query.
        """
        if self._is_empty:
            return []
        needed = offset + limit
        looked = self._first_look
        while not looked.settles(needed):
            looked = self._look(max(4 * len(looked.found), 2 * needed))
        return looked.found[offset:needed]

    # --- its SQL -------------------------------------------------------------------------------

    @cached_property
    def _first_look(self) -> "_Looked":
        return self._look(FIRST_LOOK)

    def _look(self, look: int) -> "_Looked":
        """Count the rows of the entries that have the most of all time."""
        rows = self._ask(_LARGEST, look=look)
        return _Looked([Touched(*row[:-1]) for row in rows], rows[0][-1] if rows else 0)

    @cached_property
    def _codes(self) -> list[list[str]]:
        """For each span the codes that are wanted."""
        return [
            [
                hs8
                for hs8, kinds in self._succession.kinds[span.old.pk].items()
                if all(kinds & asked for asked in self._wanted.kinds)
            ]
            for span in self._succession.spans
        ]

    @property
    def _is_empty(self) -> bool:
        return not any(self._codes)

    def _make_parameters(self, enterprise: Enterprise) -> dict[str, Any]:
        succession, wanted = self._succession, self._wanted
        parameters: dict[str, Any] = {
            "enterprise": enterprise.pk,
            "since": succession.since,
            "known_from": succession.known_from,
            "newest_from": succession.newest.effective_from,
            "hs": f"{wanted.hs_prefix}%",
            "ie": wanted.ie_flag and wanted.ie_flag.value,
            "contents": list(wanted.content_ids or ()),
        }
        for n, (span, codes) in enumerate(zip(succession.spans, self._codes, strict=True)):
            parameters |= {f"first{n}": span.first, f"last{n}": span.last, f"codes{n}": codes}
        return parameters

    def _touched(self) -> str:
        spans = " OR ".join(
            _SPAN.format(n=n, side=">=" if span.in_newest_time else "<")
            for n, span in enumerate(self._succession.spans)
            if self._codes[n]
        )
        conditions = ""
        if self._wanted.hs_prefix:
            conditions += " AND e.hs_code LIKE %(hs)s"
        if self._wanted.ie_flag:
            conditions += " AND e.ie_flag = %(ie)s"
        if self._wanted.content_ids is not None:
            conditions += " AND e.content_id = ANY(%(contents)s)"
        return _TOUCHED.format(spans=spans, conditions=conditions)

    def _ask(self, text: str, **more: int) -> Sequence[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(text.format(touched=self._touched()), self._parameters | more)
            return cursor.fetchall()


@dataclass(frozen=True)
class _Looked:
    """The contents that were looked at, in order, and how many there are in all."""

    found: list[Touched]
    total: int

    def settles(self, needed: int) -> bool:
        """Whether no content that was not looked at can be among the first `needed`.

        Each of those has at most as many rows as any looked at has of all time.
        """
        if len(self.found) == self.total:
            return True
        bound = min(one.row_count for one in self.found)
        return len(self.found) >= needed and self.found[needed - 1].rows >= bound
