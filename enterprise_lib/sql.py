"""The SQL of the 企业库's rows.

A row is a line that names the enterprise, or an audited row that does and whose text or party is no
longer the line's (审核时文本). Both as agent and as trader: four branches, each read from an index of
its own, because one OR over both roles reads everything (measured.md, "Pages"). Every row is
(kind, id, line_id, declared_on, content_id); kind is L or A. An audited row stands beside its line:
both have the line's id as the second key of every order.

Two ways to find the rows of a page:

- `walk` reads the enterprise's rows newest (or oldest) first and keeps those whose content fits,
  until the page is full. Fast where many fit.
- `gather` finds the contents that fit, then all their rows, and sorts those. Fast where few fit.

queries.py chooses. Conditions on the content stand in scalar subqueries in a walk: PostgreSQL never
turns those into a join, which would lose the order and read everything.
"""

from collections.abc import Iterator
from typing import Any

from comparison.models import Mark
from declarations.normalise import keyword_grams
from enterprise_lib.conditions import Conditions, Order, PartyRole, Sort

# Marks in the order in which a sort by mark shows them; rows not compared yet come last.
MARK_ORDER = [mark.value for mark in Mark]

_LINES = """
SELECT 'L' AS kind, l.id, l.id AS line_id, l.declared_on, l.content_id
  FROM declarations_declaredline l
 WHERE l.{party}_id = %(enterprise)s AND NOT l.is_hidden{conditions}"""

_AUDITED = """
SELECT 'A' AS kind, l.id, l.line_id, l.declared_on, l.content_id
  FROM declarations_auditverdict l
 WHERE l.{party}_id = %(enterprise)s AND l.is_effective AND l.differs_from_line
   AND coalesce((SELECT NOT (d.content_id = l.content_id
                             AND %(enterprise)s IN (d.agent_id, d.trader_id))
                   FROM declarations_declaredline d WHERE d.id = l.line_id), false){conditions}"""

_BY_DATE = """
    SELECT u.* FROM ({branches}) u
     ORDER BY u.declared_on {way}, u.line_id {way} LIMIT %(budget)s"""

_WALK = """
SELECT w.kind, w.id FROM ({rows}) w
 WHERE {tests}
 ORDER BY w.declared_on {way}, w.line_id {way}, w.kind DESC, w.id {way}
 LIMIT %(limit)s OFFSET %(offset)s"""

_SAMPLE = "SELECT count(*) FILTER (WHERE {tests}), count(*) FROM ({rows}) w"

_GATHER = """
{candidates}SELECT u.kind, u.id FROM ({branches}) u{join}
 ORDER BY {first}u.declared_on {way}, u.line_id {way}, u.kind DESC, u.id {way}
 LIMIT %(limit)s OFFSET %(offset)s"""

_COUNT = "{candidates}SELECT count(*) FROM ({branches} LIMIT %(cap)s) u"

# A content that was not compared yet has no entry, but a row in the outbox.
_CANDIDATES = """WITH candidates AS MATERIALIZED (
SELECT e.content_id FROM comparison_libraryentry e{join_content}
 WHERE e.enterprise_id = %(enterprise)s{conditions}{pending})
"""
_PENDING = """
UNION SELECT o.content_id FROM catalogue_outbox o
  JOIN declarations_content c ON c.id = o.content_id WHERE true{conditions}"""

_JOIN_CONTENT = " JOIN declarations_content c ON c.id = e.content_id"

_JOIN_ENTRY = """
  LEFT JOIN comparison_libraryentry k
    ON k.enterprise_id = %(enterprise)s AND k.content_id = u.content_id"""
# The content itself is asked only where there is no entry yet.
_CODE = """coalesce(
    k.hs_code, (SELECT c.hs_code FROM declarations_content c WHERE c.id = u.content_id))"""
_PLACE_OF_MARK = "array_position(%(mark_order)s::text[], k.mark::text)"


class LibrarySql:
    """Writes the queries of one enterprise's rows under some conditions.

    `pending` says that contents wait in the outbox, so that entries may be missing or stale.
    `codes` narrows to a range of ten-digit codes, both included.
    """

    def __init__(
        self,
        enterprise_id: int,
        conditions: Conditions,
        *,
        pending: bool,
        codes: tuple[str, str] | None = None,
    ) -> None:
        self._conditions = conditions
        self._pending = pending
        self._codes = codes
        self._grams = sorted({gram for word in conditions.words for gram in keyword_grams(word)})
        self.parameters: dict[str, Any] = {
            "enterprise": enterprise_id,
            "marks": sorted(mark.value for mark in conditions.marks),
            "hs": f"{conditions.hs_prefix}%",
            "ie": conditions.ie_flag and conditions.ie_flag.value,
            "grams": self._grams,
            "modes": sorted(conditions.trade_modes),
            "from": conditions.declared_from,
            "to": conditions.declared_to,
            "entry_ids": list(conditions.entry_ids),
            "mark_order": MARK_ORDER,
        }
        self.parameters |= {f"word{i}": word for i, word in enumerate(conditions.words)}
        if codes:
            self.parameters |= {"first_code": codes[0], "last_code": codes[1]}

    @property
    def filters_contents(self) -> bool:
        """Whether some contents of the enterprise don't fit."""
        return bool(self._conditions.marks or self._conditions.of_content or self._codes)

    # --- the queries ---------------------------------------------------------------------------

    def summary(self) -> str:
        """Ask how many rows the entries that fit count together."""
        return (
            "SELECT coalesce(sum(e.row_count), 0) FROM comparison_libraryentry e"
            f"{self._join_content()} WHERE e.enterprise_id = %(enterprise)s{self._of_entries()}"
        )

    def count(self) -> str:
        """Count the rows, at most %(cap)s."""
        return _COUNT.format(candidates=self._candidates(), branches=self._gathered())

    def sample(self) -> str:
        """Count the rows that fit and all that were looked at, among the newest %(budget)s."""
        return _SAMPLE.format(tests=self._walk_tests(), rows=self._by_date("DESC"))

    def walk(self, *, descending: bool) -> str:
        """Ask for a page of rows by 申报日期, looking at no more than %(budget)s rows."""
        way = _way(descending)
        return _WALK.format(tests=self._walk_tests(), rows=self._by_date(way), way=way)

    def gather(self, order: Order) -> str:
        """Ask for a page of rows in any order, by looking at all rows that fit."""
        join, first, way = _JOIN_ENTRY, "", "DESC"
        if order.by == Sort.HS_CODE:
            first = f"{_CODE} {_way(order.descending)}, "
        elif order.by == Sort.MARK:
            first = f"{_PLACE_OF_MARK} {_way(order.descending)} NULLS LAST, "
        else:
            join, way = "", _way(order.descending)
        return _GATHER.format(
            candidates=self._candidates(),
            branches=self._gathered(),
            join=join,
            first=first,
            way=way,
        )

    def rows_by_code(self, *, descending: bool) -> str:
        """Ask how many rows each 商品编码 has, in its order, by the entries that fit."""
        return (
            "SELECT e.hs_code, sum(e.row_count) FROM comparison_libraryentry e"
            f"{self._join_content()} WHERE e.enterprise_id = %(enterprise)s{self._of_entries()}"
            f" GROUP BY e.hs_code ORDER BY e.hs_code {_way(descending)}"
        )

    # --- their parts ---------------------------------------------------------------------------

    def _branches(self, of_contents: str) -> Iterator[tuple[str, str]]:
        """Yield each branch with the column that holds its line's id."""
        role = self._conditions.role
        parties = [role] if role else list(PartyRole)
        for template, line, audited in ((_LINES, "l.id", False), (_AUDITED, "l.line_id", True)):
            for party in parties:
                conditions = "".join(self._of_rows(audited)) + of_contents
                if role is None and party == PartyRole.TRADER:
                    # Rows that name the enterprise in both roles are the other branch's.
                    conditions += " AND l.agent_id <> %(enterprise)s"
                yield template.format(party=party.value, conditions=conditions), line

    def _gathered(self) -> str:
        inside = ""
        if self.filters_contents:
            inside = " AND l.content_id IN (SELECT content_id FROM candidates)"
        return " UNION ALL ".join(text for text, _ in self._branches(inside))

    def _of_rows(self, audited: bool) -> Iterator[str]:
        conditions = self._conditions
        if conditions.trade_modes:
            yield " AND l.trade_mode = ANY(%(modes)s)"
        if conditions.declared_from:
            yield " AND l.declared_on >= %(from)s"
        if conditions.declared_to:
            yield " AND l.declared_on <= %(to)s"
        if len(conditions.entry_ids) > 1:
            yield " AND false"
        elif conditions.entry_ids and audited:
            yield (
                " AND l.line_id IN (SELECT id FROM declarations_declaredline"
                " WHERE entry_id = ANY(%(entry_ids)s))"
            )
        elif conditions.entry_ids:
            yield " AND l.entry_id = ANY(%(entry_ids)s)"

    def _of_contents(self, facts: str = "c") -> Iterator[str]:
        """Yield the tests of a content c; an entry may give its facts instead."""
        if self._conditions.hs_prefix:
            yield f"{facts}.hs_code LIKE %(hs)s"
        if self._conditions.ie_flag:
            yield f"{facts}.ie_flag = %(ie)s"
        if self._codes:
            # The operators of the index, which orders by bytes.
            yield f"{facts}.hs_code ~>=~ %(first_code)s AND {facts}.hs_code ~<=~ %(last_code)s"
        if self._grams:
            yield "c.search_grams @> %(grams)s::text[]"
        for i, _ in enumerate(self._conditions.words):
            # Having all grams is not having the word: 不锈 and 锈钢 may stand apart.
            yield f"strpos(c.search_text, %(word{i})s) > 0"

    def _join_content(self) -> str:
        return _JOIN_CONTENT if self._conditions.words else ""

    def _of_entries(self) -> str:
        """Write the tests of an entry e, joined to its content c only where there are words."""
        tests = []
        if self._conditions.marks:
            tests.append("e.mark = ANY(%(marks)s)")
        tests += self._of_contents("e")
        return "".join(f" AND {test}" for test in tests)

    def _candidates(self) -> str:
        if not self.filters_contents:
            return ""
        pending = ""
        if self._pending and not self._conditions.marks:
            pending = _PENDING.format(
                conditions="".join(f" AND {test}" for test in self._of_contents())
            )
        return _CANDIDATES.format(
            join_content=self._join_content(), conditions=self._of_entries(), pending=pending
        )

    def _by_date(self, way: str) -> str:
        """Write the rows in the order of their dates, each branch as long as its index goes."""
        tail = f" ORDER BY l.declared_on {way}, {{line}} {way} LIMIT %(budget)s"
        branches = " UNION ALL ".join(
            f"({text}{tail.format(line=line)})" for text, line in self._branches("")
        )
        return _BY_DATE.format(branches=branches, way=way)

    def _walk_tests(self) -> str:
        """Write the tests of a row w that are its content's."""
        tests = []
        if self._conditions.marks:
            tests.append(
                "coalesce((SELECT e.mark = ANY(%(marks)s) FROM comparison_libraryentry e"
                " WHERE e.enterprise_id = %(enterprise)s AND e.content_id = w.content_id), false)"
            )
        of_contents = list(self._of_contents())
        if of_contents:
            tests.append(
                f"coalesce((SELECT {' AND '.join(of_contents)} FROM declarations_content c"
                " WHERE c.id = w.content_id), false)"
            )
        return " AND ".join(tests) or "true"


def _way(descending: bool) -> str:
    return "DESC" if descending else "ASC"
