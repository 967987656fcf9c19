"""Released verdicts: how many a query finds, and those of one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from customs_audit.asking.conditions import VerdictConditions, VerdictState
from customs_audit.asking.declared_rows import FEW, LINES_FOR_ONE, WALK_BUDGET, coded
from customs_audit.asking.parties import codes_of, name_of
from customs_audit.asking.verdict_sql import ReleaseIds, VerdictSql
from declarations.code_tables import reason_name, trade_mode_name
from declarations.models import AuditVerdict, IEFlag, Release
from pages.paging import Count


@dataclass(frozen=True)
class VerdictRow:
    """A released verdict with what it stands for today."""

    verdict: AuditVerdict
    trader_code: str
    agent_code: str

    @property
    def mark(self) -> str:
        """The verdict as a mark's code."""
        return "conforming" if self.verdict.conforming else "nonconforming"

    @property
    def state(self) -> VerdictState:
        """Where it stands today."""
        if self.verdict.release.withdrawn_at is not None:
            return VerdictState.WITHDRAWN
        return VerdictState.EFFECTIVE if self.verdict.is_effective else VerdictState.SUPERSEDED

    @property
    def trader_name(self) -> str:
        """收发货人 of the audited row."""
        return name_of(self.verdict.trader, self.trader_code)

    @property
    def agent_name(self) -> str:
        """申报单位 of the audited row."""
        return name_of(self.verdict.agent, self.agent_code)

    @property
    def reason(self) -> str:
        """Why it does not conform: codes with their words, and text."""
        words = [f"{reason_name(code)}（{code}）" for code in self.verdict.reason_codes]
        if self.verdict.reason_text:
            words.append(self.verdict.reason_text)
        return "；".join(words)

    @property
    def trade_mode_text(self) -> str:
        """监管方式: code and name."""
        return coded(self.verdict.trade_mode, trade_mode_name(self.verdict.trade_mode))

    @property
    def ie_flag(self) -> IEFlag:
        """进出口标志."""
        return IEFlag(self.verdict.goods.ie_flag)

    @property
    def upload_id(self) -> int | None:
        """The upload that it came by; None where it came by another way."""
        found = getattr(self.verdict.release, "of_upload", None)
        return found.upload_id if found else None


def release_ids() -> ReleaseIds:
    """Return the releases as they stand: one query."""
    counting, withdrawn, unreleased = [], [], []
    for number, released_at, withdrawn_at in Release.objects.values_list(
        "pk", "released_at", "withdrawn_at"
    ):
        if released_at is None:
            unreleased.append(number)
        elif withdrawn_at is None:
            counting.append(number)
        else:
            withdrawn.append(number)
    return ReleaseIds(counting, withdrawn, unreleased)


class VerdictRows:
    """The verdicts under some conditions, in one of verdict_sql.ORDERS or by hs_code."""

    def __init__(
        self, conditions: VerdictConditions, order: str = "release", *, descending: bool = True
    ) -> None:
        self._conditions = conditions
        self._order = order
        self._descending = descending
        self._sql = VerdictSql(conditions, release_ids())

    def count(self) -> Count:
        """Count the verdicts, up to 20,000."""
        return self._count

    def rows(self, offset: int, limit: int) -> list[VerdictRow]:
        """Return at most `limit` rows from `offset` (0-based)."""
        return fetch(self.ids(offset, limit))

    def ids(self, offset: int, limit: int) -> list[int]:
        """Return the ids of those verdicts."""
        if self._few is not None:
            return self._few[offset : offset + limit]
        if self._order == "hs_code":
            return self._gather(offset, limit)
        if not self._sql.filters_contents:
            return self._walk(offset, limit, offset + limit)
        budget = max(LINES_FOR_ONE * (offset + limit), WALK_BUDGET)
        found = self._walk(offset, limit, budget)
        # More fit than paging reaches: what is missing lies further back than the walk looked.
        return found if len(found) == limit else self._gather(offset, limit)

    @cached_property
    def _few(self) -> list[int] | None:
        """The ids of all verdicts in their order, where these are few; None where they are not."""
        found = list(self._ask(self._sql.all_of(self._order), cap=FEW + 1))
        if len(found) > FEW:
            return None
        by_code = self._order == "hs_code"
        found.sort(key=lambda row: row[0], reverse=by_code or self._descending)
        found.sort(key=lambda row: row[1], reverse=self._descending)
        return [row[0] for row in found]

    @property
    def _count(self) -> Count:
        return Count(FEW, capped=True) if self._few is None else Count(len(self._few))

    def _walk(self, offset: int, limit: int, budget: int) -> list[int]:
        text = self._sql.walk(self._order, descending=self._descending)
        return self._ask_ids(text, offset=offset, limit=limit, budget=budget)

    def _gather(self, offset: int, limit: int) -> list[int]:
        text = self._sql.gather(self._order, descending=self._descending)
        return self._ask_ids(text, offset=offset, limit=limit)

    def _ask_ids(self, text: str, **more: int) -> list[int]:
        return [number for (number,) in self._ask(text, **more)]

    def _ask(self, text: str, **more: int) -> Sequence[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(text, self._sql.parameters | more)
            return cursor.fetchall()


def fetch(ids: Sequence[int]) -> list[VerdictRow]:
    """Fetch verdicts in the given order, with goods, lines, parties, releases: two queries."""
    verdicts = AuditVerdict.objects.select_related(
        "goods", "line", "agent", "trader", "release__of_upload"
    ).in_bulk(ids)
    codes = codes_of(
        one for verdict in verdicts.values() for one in (verdict.agent_id, verdict.trader_id)
    )
    return [
        VerdictRow(verdict, codes[verdict.trader_id], codes[verdict.agent_id])
        for verdict in (verdicts[number] for number in ids if number in verdicts)
    ]
