"""The SQL of the officers' query of released verdicts: effective, superseded and withdrawn ones.

The same two ways as for declared lines (declared_sql.py). Verdicts are stored release by release,
so that the newest release comes first by going down the primary key; that is the order of the list
unless another is asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from customs_audit.asking.conditions import VerdictConditions, VerdictState
from customs_audit.asking.content_sql import (
    content_parameters,
    content_tests,
    of_content,
    party_test,
)

# What the list may be sorted by: columns of a verdict v, the last one unique.
ORDERS = {
    "release": ("v.id",),
    "audit_month": ("v.audit_month", "v.id"),
    "declared_on": ("v.declared_on", "v.id"),
}

# What each goes by before the id.
_KEYS = {
    "release": "0",
    "audit_month": "v.audit_month",
    "declared_on": "v.declared_on",
    "hs_code": "s.hs_code",
}
_CODE = " JOIN declarations_content s ON s.id = v.content_id"

_WALK = """
SELECT v.id FROM (
    SELECT v.* FROM declarations_auditverdict v WHERE {conditions}
     ORDER BY {order} LIMIT %(budget)s) v
 WHERE {tests} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s"""

_GATHER = """
{candidates}SELECT v.id FROM declarations_auditverdict v{join}
 WHERE {conditions} ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s"""

_ALL_OF = """
{candidates}SELECT v.id, {key} FROM declarations_auditverdict v{join}
 WHERE {conditions} LIMIT %(cap)s"""

_CANDIDATES = """WITH candidates AS MATERIALIZED (
    SELECT c.id FROM declarations_content c WHERE {tests})
"""


@dataclass(frozen=True)
class ReleaseIds:
    """The releases as they stand: ids of those that count, of the withdrawn, and of the rest."""

    counting: Sequence[int]
    withdrawn: Sequence[int]
    unreleased: Sequence[int]


class VerdictSql:
    """Writes the queries of released verdicts under some conditions."""

    def __init__(self, conditions: VerdictConditions, releases: ReleaseIds) -> None:
        self._conditions = conditions
        self._releases = releases
        content = content_parameters(conditions.content)
        self._content_tests = content_tests(conditions.content, content)
        self.parameters: dict[str, Any] = {
            **content,
            "enterprises": list(conditions.parties.enterprises or ()),
            "month": conditions.month,
            "conforming": conditions.conforming,
            "reasons": [conditions.reason],
            "auditor": conditions.auditor,
            "releases": list(conditions.releases or ()),
            "from": conditions.declared_from,
            "to": conditions.declared_to,
            "entry_ids": list(conditions.entry_ids),
            "counting": list(releases.counting),
            "withdrawn": list(releases.withdrawn),
            "unreleased": list(releases.unreleased),
        }

    @property
    def filters_contents(self) -> bool:
        """Whether verdicts are kept or not by their contents."""
        return bool(self._content_tests)

    def all_of(self, order: str) -> str:
        """Ask for (id, what the order goes by) of all verdicts that fit, at most %(cap)s."""
        return _ALL_OF.format(
            candidates=self._candidates(),
            key=_KEYS[order],
            join=_CODE if order == "hs_code" else "",
            conditions=self._gathered(),
        )

    def walk(self, order: str, *, descending: bool) -> str:
        """Ask for a page of ids, looking at no more than %(budget)s verdicts that pass the rest."""
        return _WALK.format(
            conditions=" AND ".join(self._tests()),
            tests=of_content(self._content_tests, "v") if self._content_tests else "true",
            order=_order(order, descending),
        )

    def gather(self, order: str, *, descending: bool) -> str:
        """Ask for a page of ids by looking at all verdicts that fit."""
        by_code = order == "hs_code"
        return _GATHER.format(
            candidates=self._candidates(),
            join=_CODE if by_code else "",
            conditions=self._gathered(),
            order=_order(order, descending),
        )

    # --- their parts ------------------------------------------------------------------------------

    def _gathered(self) -> str:
        tests = list(self._tests())
        if self._content_tests:
            tests.append("v.content_id IN (SELECT id FROM candidates)")
        return " AND ".join(tests)

    def _candidates(self) -> str:
        if not self._content_tests:
            return ""
        return _CANDIDATES.format(tests=" AND ".join(self._content_tests))

    def _tests(self) -> Iterator[str]:
        asked = self._conditions
        yield self._of_state()
        if asked.releases is not None:
            yield "v.release_id = ANY(%(releases)s)"
        if asked.month:
            yield "v.audit_month = %(month)s"
        if asked.conforming is not None:
            yield "v.conforming = %(conforming)s"
        if asked.reason:
            yield "v.reason_codes @> %(reasons)s::varchar[]"
        if asked.auditor:
            yield "v.auditor = %(auditor)s"
        if asked.declared_from:
            yield "v.declared_on >= %(from)s"
        if asked.declared_to:
            yield "v.declared_on <= %(to)s"
        if len(asked.entry_ids) > 1:
            yield "false"
        elif asked.entry_ids:
            yield (
                "v.line_id IN (SELECT id FROM declarations_declaredline"
                " WHERE entry_id = ANY(%(entry_ids)s))"
            )
        if asked.parties.enterprises is not None:
            yield party_test(asked.parties, "v")

    def _of_state(self) -> str:
        """Write the test of the state; of all, what waits for its release stays out."""
        state = self._conditions.state
        if state == VerdictState.EFFECTIVE:
            return "v.is_effective"
        if state == VerdictState.SUPERSEDED:
            return "NOT v.is_effective AND v.release_id = ANY(%(counting)s)"
        if state == VerdictState.WITHDRAWN:
            return "v.release_id = ANY(%(withdrawn)s)"
        if self._releases.unreleased:
            return "NOT (v.release_id = ANY(%(unreleased)s))"
        return "true"


def _order(by: str, descending: bool) -> str:
    if by == "hs_code":
        # The newest first within a code.
        return f"s.hs_code {_way(descending)}, v.id DESC"
    return ", ".join(f"{column} {_way(descending)}" for column in ORDERS[by])


def _way(descending: bool) -> str:
    return "DESC" if descending else "ASC"
