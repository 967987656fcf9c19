"""Declared lines of all enterprises: how many a query finds, and those of one page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from comparison.models import LibraryEntry, Mark
from customs_audit.asking.conditions import DeclaredConditions, PartyRole
from customs_audit.asking.declared_sql import DeclaredSql
from customs_audit.asking.parties import codes_of, name_of
from declarations.code_tables import customs_district_name, trade_mode_name
from declarations.models import DeclaredLine, IEFlag
from pages.paging import COUNT_LIMIT, Count

# So many lines are gathered and sorted faster than a walk finds them: they are less than 2 % of a
# million, and a walk to the end of what paging reaches would look at a quarter of all.
FEW = 20_000
# Lines that a walk may look at before it is given up: what fits may lie far back in time.
WALK_BUDGET = 40_000
# Where more than FEW fit, one line in so many does, or the data are many times a million.
LINES_FOR_ONE = 50
# Rows that can be reached by paging; further back a narrower query answers faster.
REACH = 5_000
# Contents of the codes that are gathered together for a page by 商品编码, at first.
CODE_CONTENTS = 100


@dataclass(frozen=True)
class DeclaredRow:
    """A line with the marks that its two parties' entries have; None while not compared yet."""

    line: DeclaredLine
    trader_entry: LibraryEntry | None
    agent_entry: LibraryEntry | None
    trader_code: str
    agent_code: str

    @property
    def trader_name(self) -> str:
        """收发货人, by name where one is known."""
        return name_of(self.line.trader, self.trader_code)

    @property
    def agent_name(self) -> str:
        """申报单位, by name where one is known."""
        return name_of(self.line.agent, self.agent_code)

    @property
    def mark(self) -> Mark | None:
        """The 收发货人's mark: the goods are his."""
        return Mark(self.trader_entry.mark) if self.trader_entry else None

    @property
    def agent_mark(self) -> Mark | None:
        """The 申报单位's mark."""
        return Mark(self.agent_entry.mark) if self.agent_entry else None

    @property
    def has_conflict(self) -> bool:
        """Whether verdicts disagree inside a party's deciding month."""
        return any(entry and entry.has_conflict for entry in (self.trader_entry, self.agent_entry))

    @property
    def mark_note(self) -> str:
        """The 申报单位's mark where it is another one."""
        if self.agent_mark == self.mark:
            return ""
        words = self.agent_mark.label if self.agent_mark else "待比对"
        return f"{PartyRole.AGENT.label}：{words}"

    @property
    def trade_mode_text(self) -> str:
        """监管方式: code and name."""
        return coded(self.line.trade_mode, trade_mode_name(self.line.trade_mode))

    @property
    def district_text(self) -> str:
        """申报地海关: code and name."""
        return coded(self.line.custom_master, customs_district_name(self.line.custom_master))

    @property
    def ie_flag(self) -> IEFlag:
        """进出口标志."""
        return IEFlag(self.line.goods.ie_flag)


def coded(code: str, name: str) -> str:
    """Write a code with its name, where it has one."""
    return code if name in ("", code) else f"{code} {name}"


class DeclaredRows:
    """The lines under some conditions, by 申报日期 or by 商品编码 (pages.paging.RowSource)."""

    def __init__(
        self, conditions: DeclaredConditions, *, by_code: bool = False, descending: bool = True
    ) -> None:
        self._conditions = conditions
        self._by_code = by_code
        self._descending = descending
        self._sql = DeclaredSql(conditions)

    def count(self) -> Count:
        """Count the lines up to 20,000, or up to 100,000 where that is cheap."""
        return self._count

    def rows(self, offset: int, limit: int) -> list[DeclaredRow]:
        """Return at most `limit` rows from `offset` (0-based)."""
        return fetch(self.ids(offset, limit))

    def ids(self, offset: int, limit: int) -> list[int]:
        """Return the ids of those lines."""
        if self._few is not None:
            return self._few[offset : offset + limit]
        if self._by_code:
            return self._in_code_order(offset, limit)
        if self._conditions.entry_ids:
            return self._gather(offset, limit)
        if not self._sql.filters_contents:
            return self._walk(offset, limit, offset + limit)
        found = self._walk(offset, limit, max(LINES_FOR_ONE * (offset + limit), WALK_BUDGET))
        # More fit than paging reaches: what is missing lies further back than the walk looked.
        return found if len(found) == limit else self._gather(offset, limit)

    # --- what is known about the query ------------------------------------------------------------

    @cached_property
    def _few(self) -> list[int] | None:
        """The ids of all lines in their order, where these are few; None where they are not.

        Only asked where contents tell which lines fit: finding those is what costs, so that they
        are counted and sorted out of one look.
        """
        if not self._sql.filters_contents:
            return None
        text = self._sql.all_of(by_code=self._by_code)
        found = list(self._ask(self._sql, text, cap=FEW + 1))
        if len(found) > FEW:
            return None
        found.sort(key=lambda row: (row[1], row[0]), reverse=self._by_code or self._descending)
        if self._by_code:
            found.sort(key=lambda row: row[2], reverse=self._descending)
        return [row[0] for row in found]

    @cached_property
    def _count(self) -> Count:
        if self._few is not None:
            return Count(len(self._few))
        if self._sql.filters_contents:
            return Count(FEW, capped=True)
        found = self._ask(self._sql, self._sql.count(), cap=COUNT_LIMIT + 1)[0][0]
        return Count(min(found, COUNT_LIMIT), capped=found > COUNT_LIMIT)

    # --- ways to find a page ----------------------------------------------------------------------

    def _walk(self, offset: int, limit: int, budget: int) -> list[int]:
        text = self._sql.walk(descending=self._descending)
        return self._ask_ids(self._sql, text, offset=offset, limit=limit, budget=budget)

    def _gather(self, offset: int, limit: int) -> list[int]:
        text = self._sql.gather(descending=self._descending)
        return self._ask_ids(self._sql, text, offset=offset, limit=limit)

    def _in_code_order(self, offset: int, limit: int) -> list[int]:
        if not self._count.capped and self._count.value <= FEW:
            text = self._sql.gather_by_code(descending=self._descending)
            return self._ask_ids(self._sql, text, offset=offset, limit=limit)
        needed = offset + limit
        found: list[int] = []
        for codes in self._code_ranges():
            sql = DeclaredSql(self._conditions, codes)
            text = sql.gather_by_code(descending=self._descending)
            found += self._ask_ids(sql, text, offset=0, limit=needed - len(found))
            if len(found) == needed:
                break
        return found[offset:]

    def _code_ranges(self) -> Iterator[tuple[str, str]]:
        """Cut the codes into ranges, each of twice as many contents as the one before."""
        wanted = CODE_CONTENTS
        codes: list[str] = []
        held = 0
        for code, contents in self._ask(self._sql, self._sql.codes(descending=self._descending)):
            codes.append(code)
            held += contents
            if held >= wanted:
                yield min(codes), max(codes)
                codes, held, wanted = [], 0, 2 * wanted
        if codes:
            yield min(codes), max(codes)

    # --- asking -----------------------------------------------------------------------------------

    def _ask_ids(self, sql: DeclaredSql, text: str, **more: int) -> list[int]:
        return [number for (number,) in self._ask(sql, text, **more)]

    def _ask(self, sql: DeclaredSql, text: str, **more: int) -> Sequence[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(text, sql.parameters | more)
            return cursor.fetchall()


def fetch(ids: Sequence[int]) -> list[DeclaredRow]:
    """Fetch lines in the given order, with goods, parties and marks: three queries."""
    lines = DeclaredLine.objects.select_related("goods", "agent", "trader").in_bulk(ids)
    wanted = {(line.agent_id, line.content_id) for line in lines.values()}
    wanted |= {(line.trader_id, line.content_id) for line in lines.values()}
    codes = codes_of(one for one, _ in wanted)
    entries = {
        (entry.enterprise_id, entry.content_id): entry
        for entry in LibraryEntry.objects.filter(
            enterprise__in={one for one, _ in wanted}, content__in={one for _, one in wanted}
        )
    }
    return [
        DeclaredRow(
            line,
            trader_entry=entries.get((line.trader_id, line.content_id)),
            agent_entry=entries.get((line.agent_id, line.content_id)),
            trader_code=codes[line.trader_id],
            agent_code=codes[line.agent_id],
        )
        for line in (lines[number] for number in ids if number in lines)
    ]
