"""The SQL of the officers' query of declared lines: all enterprises' lines that are not hidden.

Two ways to find a page (as the 企业库 does, docs/decisions/library-list.md):

- `walk` reads lines newest (or oldest) first and keeps those that fit, until the page is full or
  the budget is spent. Fast where many fit.
- `all_of` finds the contents that fit, then all their lines, up to a cap; those of a page are then
  sorted out of them. Fast where few fit, and it counts them by the way.

declared_rows.py chooses. A mark belongs to an enterprise and a content: a line has a wanted mark
where its agent's or its trader's entry has it.
"""

from collections.abc import Iterator
from typing import Any

from customs_audit.asking.conditions import DeclaredConditions, PartyRole
from customs_audit.asking.content_sql import (
    content_parameters,
    content_tests,
    of_content,
    party_test,
)

_LINES = """
SELECT l.id, l.declared_on, l.content_id, l.agent_id, l.trader_id
  FROM declarations_declaredline l WHERE NOT l.is_hidden{conditions}"""

_BY_DATE = " ORDER BY l.declared_on {way}, l.id {way} LIMIT %(budget)s"

_WALK = """
SELECT w.id FROM ({rows}) w WHERE {tests}
 ORDER BY w.declared_on {way}, w.id {way} LIMIT %(limit)s OFFSET %(offset)s"""

_CODE = " JOIN declarations_content s ON s.id = l.content_id"

_ALL_OF = """
{candidates}SELECT l.id, l.declared_on, {code} FROM declarations_declaredline l{join}
 WHERE NOT l.is_hidden{conditions} LIMIT %(cap)s"""

_GATHER = """
{candidates}SELECT l.id FROM declarations_declaredline l{join}
 WHERE NOT l.is_hidden{conditions}
 ORDER BY {first}l.declared_on {way}, l.id {way} LIMIT %(limit)s OFFSET %(offset)s"""

_COUNT = """
{candidates}SELECT count(*) FROM (
    SELECT FROM declarations_declaredline l WHERE NOT l.is_hidden{conditions} LIMIT %(cap)s) u"""

_CANDIDATES = """WITH candidates AS MATERIALIZED (
    SELECT c.id FROM declarations_content c WHERE {tests})
"""

_MARKED = """EXISTS (SELECT FROM comparison_libraryentry e
    WHERE e.content_id = {row}.content_id AND e.mark = ANY(%(marks)s)
      AND e.enterprise_id = ANY(ARRAY[{row}.agent_id, {row}.trader_id]))"""
# In a walk it must stay a look-up for each row.
_MARKED_IN_WALK = """coalesce((SELECT true FROM comparison_libraryentry e
    WHERE e.content_id = {row}.content_id AND e.mark = ANY(%(marks)s)
      AND e.enterprise_id = ANY(ARRAY[{row}.agent_id, {row}.trader_id]) LIMIT 1), false)"""
_CONTENT_MARKED = """EXISTS (SELECT FROM comparison_libraryentry e
    WHERE e.content_id = c.id AND e.mark = ANY(%(marks)s))"""


class DeclaredSql:
    """Writes the queries of declared lines under some conditions.

    `codes` narrows to a range of ten-digit codes, both included.
    """

    def __init__(
        self, conditions: DeclaredConditions, codes: tuple[str, str] | None = None
    ) -> None:
        self._conditions = conditions
        self._codes = codes
        content = content_parameters(conditions.content)
        self._content_tests = content_tests(conditions.content, content)
        if codes:
            # The operators of the index, which orders by bytes.
            self._content_tests += ["c.hs_code ~>=~ %(first_code)s", "c.hs_code ~<=~ %(last_code)s"]
        first, last = codes or ("", "")
        self.parameters: dict[str, Any] = {
            **content,
            "enterprises": list(conditions.parties.enterprises or ()),
            "marks": sorted(mark.value for mark in conditions.marks),
            "mode": conditions.trade_mode,
            "from": conditions.declared_from,
            "to": conditions.declared_to,
            "entry_ids": list(conditions.entry_ids),
            "first_code": first,
            "last_code": last,
        }

    @property
    def filters_contents(self) -> bool:
        """Whether lines are kept or not by their contents or marks."""
        return bool(self._content_tests or self._conditions.marks)

    def count(self) -> str:
        """Count the lines, at most %(cap)s."""
        return _COUNT.format(
            candidates=self._candidates(), conditions=self._of_rows() + self._of_candidates()
        )

    def walk(self, *, descending: bool) -> str:
        """Ask for a page of ids by 申报日期, looking at no more than %(budget)s lines."""
        way = _way(descending)
        return _WALK.format(tests=self._walk_tests(), rows=self._by_date(way), way=way)

    def all_of(self, *, by_code: bool) -> str:
        """Ask for (id, 申报日期, 商品编码) of all lines that fit, in no order, at most %(cap)s.

        The code is empty unless it is asked for.
        """
        return _ALL_OF.format(
            candidates=self._candidates(),
            code="s.hs_code" if by_code else "''",
            join=_CODE if by_code else "",
            conditions=self._of_rows() + self._of_candidates(),
        )

    def gather(self, *, descending: bool) -> str:
        """Ask for a page of ids by 申报日期, by looking at all lines that fit."""
        return _GATHER.format(
            candidates=self._candidates(),
            join="",
            conditions=self._of_rows() + self._of_candidates(),
            first="",
            way=_way(descending),
        )

    def gather_by_code(self, *, descending: bool) -> str:
        """Ask for a page of ids by 商品编码, the newest first within a code."""
        return _GATHER.format(
            candidates=self._candidates(),
            join=_CODE,
            conditions=self._of_rows() + self._of_candidates(),
            first=f"s.hs_code {_way(descending)}, ",
            way="DESC",
        )

    def codes(self, *, descending: bool) -> str:
        """Ask for the 商品编码 of the contents that fit, in their order."""
        tests = " AND ".join([*self._content_tests, *self._marked_contents()]) or "true"
        return (
            f"SELECT c.hs_code, count(*) FROM declarations_content c WHERE {tests}"
            f" GROUP BY c.hs_code ORDER BY c.hs_code {_way(descending)}"
        )

    # --- their parts ------------------------------------------------------------------------------

    def _of_rows(self) -> str:
        return "".join(f" AND {test}" for test in self._row_tests())

    def _row_tests(self) -> Iterator[str]:
        asked = self._conditions
        if asked.trade_mode:
            yield "l.trade_mode = %(mode)s"
        if asked.declared_from:
            yield "l.declared_on >= %(from)s"
        if asked.declared_to:
            yield "l.declared_on <= %(to)s"
        if len(asked.entry_ids) > 1:
            yield "false"
        elif asked.entry_ids:
            yield "l.entry_id = ANY(%(entry_ids)s)"
        if asked.parties.enterprises is not None:
            yield party_test(asked.parties, "l")

    def _marked_contents(self) -> list[str]:
        return [_CONTENT_MARKED] if self._conditions.marks else []

    def _candidates(self) -> str:
        if not self.filters_contents:
            return ""
        tests = [*self._content_tests, *self._marked_contents()]
        return _CANDIDATES.format(tests=" AND ".join(tests))

    def _of_candidates(self) -> str:
        text = " AND l.content_id IN (SELECT id FROM candidates)" if self.filters_contents else ""
        return text + (" AND " + _MARKED.format(row="l") if self._conditions.marks else "")

    def _by_date(self, way: str) -> str:
        """Write the lines in the order of their dates, as far as the budget goes.

        Of one enterprise, each role is an index of its own, read in its order and merged.
        """
        parties = self._conditions.parties
        tail = _BY_DATE.format(way=way)
        if parties.enterprises is None or len(parties.enterprises) != 1:
            return _LINES.format(conditions=self._of_rows()) + tail
        roles = [parties.role] if parties.role else list(PartyRole)
        others = "".join(
            f" AND {test}" for test in self._row_tests() if "%(enterprises)s" not in test
        )
        branches = []
        for role in roles:
            own = f" AND l.{role.value}_id = (%(enterprises)s::bigint[])[1]"
            if parties.role is None and role == PartyRole.TRADER:
                # Lines that name it in both roles are the other branch's.
                own += " AND l.agent_id <> (%(enterprises)s::bigint[])[1]"
            branches.append(f"({_LINES.format(conditions=own + others)}{tail})")
        merged = " UNION ALL ".join(branches)
        return f"SELECT l.* FROM ({merged}) l{tail}"

    def _walk_tests(self) -> str:
        tests = []
        if self._conditions.marks:
            tests.append(_MARKED_IN_WALK.format(row="w"))
        if self._content_tests:
            tests.append(of_content(self._content_tests, "w"))
        return " AND ".join(tests) or "true"


def _way(descending: bool) -> str:
    return "DESC" if descending else "ASC"
