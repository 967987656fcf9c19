"""The rows of the 企业库: how many a query finds, and those of one page.

`LibraryRows` is the row source of the list (pages.paging.RowSource). It decides how to find a page
by what the entries say about it, because the planner gets that wrong (measured.md, "Pages").
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from django.db import connection

from authorization.models import Enterprise
from catalogue.models import Outbox
from comparison.models import Mark
from enterprise_lib.conditions import Conditions, Order, Sort
from enterprise_lib.rows import LibraryRow, RowId, fetch_rows
from enterprise_lib.sql import MARK_ORDER, LibrarySql
from pages.paging import REACH, Count

# Totals that the entries don't hold are counted up to here; where many contents fit and each of
# their rows must be looked at, up to what paging reaches.
COUNT_LIMIT = 100_000
COSTLY_COUNT_LIMIT = REACH
# So many rows are sorted faster than it takes to find out whether a walk would be better.
FEW = 5_000
# So many rows may be gathered for a page where a walk or a sum could do it too.
GATHERED = 20_000
# Rows that a walk may look at before it is given up: what fits may lie far back in time.
WALK_BUDGET = 40_000


class LibraryRows:
    """One enterprise's rows under some conditions, in some order.

    A count and a page together cost at most a dozen queries, whatever they find.
    """

    def __init__(
        self, enterprise: Enterprise, conditions: Conditions, order: Order | None = None
    ) -> None:
        self._enterprise = enterprise
        self._conditions = conditions
        self._order = order or Order()

    def count(self) -> Count:
        """Count the rows: from the entries where those tell it, else up to 100,000."""
        return self._count

    def rows(self, offset: int, limit: int) -> list[LibraryRow]:
        """Return at most `limit` rows from `offset` (0-based), newest first within equals."""
        return fetch_rows(self._enterprise, self.row_ids(offset, limit))

    def row_ids(self, offset: int, limit: int) -> list[RowId]:
        """Return the ids of those rows."""
        if self._order.by == Sort.DECLARED_ON:
            return self._by_date(offset, limit)
        if self._pending or (self._count.value <= GATHERED and not self._count.capped):
            return self._gather(offset, limit)
        if self._order.by == Sort.MARK:
            return self._by_mark(offset, limit)
        return self._by_code(offset, limit)

    # --- what is known about the query ---------------------------------------------------------

    @cached_property
    def _pending(self) -> bool:
        """Whether contents wait to be compared, so that entries may not tell everything.

        A catalogue's change alone (rows of codes) neither makes nor ends an entry.
        """
        return Outbox.objects.filter(content_id__isnull=False).exists()

    @cached_property
    def _sql(self) -> LibrarySql:
        return LibrarySql(self._enterprise.pk, self._conditions, pending=self._pending)

    @cached_property
    def _fitting(self) -> int:
        """How many rows the entries that fit count together, whatever their lines say."""
        return int(self._ask(self._sql, self._sql.summary())[0][0])

    @cached_property
    def _all_rows(self) -> int:
        """How many rows all entries of the enterprise count together."""
        sql = LibrarySql(self._enterprise.pk, Conditions(), pending=False)
        return int(self._ask(sql, sql.summary())[0][0])

    @property
    def _counts_by_entries(self) -> bool:
        return not (self._pending or self._conditions.of_row)

    @cached_property
    def _count(self) -> Count:
        if self._counts_by_entries:
            return Count(self._fitting)
        if not self._sql.filters_contents or self._fitting <= GATHERED:
            return self._counted(COUNT_LIMIT)
        return self._sampled(COSTLY_COUNT_LIMIT) or self._counted(COSTLY_COUNT_LIMIT)

    def _counted(self, limit: int) -> Count:
        found = self._ask(self._sql, self._sql.count(), cap=limit + 1)[0][0]
        return Count(min(found, limit), capped=found > limit)

    def _sampled(self, limit: int) -> Count | None:
        """Count among the newest rows, where that tells it: all of them, or more than the limit.

        Worth a try only where most contents fit, since each row's content is asked for.
        """
        if self._fitting * 2 < self._all_rows:
            return None
        budget = 2 * limit + 1
        found, seen = self._ask(self._sql, self._sql.sample(), budget=budget)[0]
        if seen == budget and found <= limit:
            return None
        return Count(min(found, limit), capped=found > limit)

    # --- ways to find a page -------------------------------------------------------------------

    def _by_date(self, offset: int, limit: int) -> list[RowId]:
        if self._conditions.entry_ids:
            return self._gather(offset, limit)
        if not self._sql.filters_contents:
            return self._walk(offset, limit, offset + limit)
        if not self._walk_is_shorter(offset + limit):
            return self._gather(offset, limit)
        found = self._walk(offset, limit, WALK_BUDGET)
        # Fewer than there are: they lie further back than the walk looked.
        if len(found) < min(limit, self._count.value - offset):
            return self._gather(offset, limit)
        return found

    def _walk_is_shorter(self, needed: int) -> bool:
        """Whether walking to `needed` fitting rows looks at fewer rows than gathering all."""
        if self._fitting <= FEW:
            return False
        walked = needed * self._all_rows / self._fitting
        return walked < min(self._fitting, WALK_BUDGET)

    def _walk(self, offset: int, limit: int, budget: int) -> list[RowId]:
        text = self._sql.walk(descending=self._order.descending)
        return self._ask_ids(self._sql, text, offset, limit, budget=budget)

    def _gather(self, offset: int, limit: int) -> list[RowId]:
        return self._ask_ids(self._sql, self._sql.gather(self._order), offset, limit)

    def _by_mark(self, offset: int, limit: int) -> list[RowId]:
        """Take each mark's rows by date: how many it has tells where it ends in the list."""
        wanted = self._conditions.marks or set(MARK_ORDER)
        marks = [mark for mark in MARK_ORDER if mark in wanted]
        found: list[RowId] = []
        for mark in reversed(marks) if self._order.descending else marks:
            part = LibraryRows(
                self._enterprise, replace(self._conditions, marks=frozenset({Mark(mark)}))
            )
            part._pending = False
            rows = part.count().value
            if offset < rows:
                found += part.row_ids(offset, limit - len(found))
            if len(found) == limit:
                break
            offset = max(offset - rows, 0)
        return found

    def _by_code(self, offset: int, limit: int) -> list[RowId]:
        """Gather codes in their order, as many at a time as should fill the page."""
        needed = offset + limit
        found: list[RowId] = []
        for codes in self._code_ranges(max(2 * needed, FEW)):
            sql = LibrarySql(self._enterprise.pk, self._conditions, pending=False, codes=codes)
            found += self._ask_ids(sql, sql.gather(self._order), 0, needed - len(found))
            if len(found) == needed:
                break
        return found[offset:]

    def _code_ranges(self, rows: int) -> Iterator[tuple[str, str]]:
        """Cut the codes into ranges of about `rows` rows, each twice as many as the one before."""
        text = self._sql.rows_by_code(descending=self._order.descending)
        codes: list[str] = []
        held = 0
        for code, count in self._ask(self._sql, text):
            codes.append(code)
            held += count
            if held >= rows:
                yield min(codes), max(codes)
                codes, held, rows = [], 0, 2 * rows
        if codes:
            yield min(codes), max(codes)

    # --- asking --------------------------------------------------------------------------------

    def _ask_ids(
        self, sql: LibrarySql, text: str, offset: int, limit: int, **more: int
    ) -> list[RowId]:
        found = self._ask(sql, text, offset=offset, limit=limit, **more)
        return [RowId(kind, number) for kind, number in found]

    def _ask(self, sql: LibrarySql, text: str, **more: int) -> Sequence[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(text, sql.parameters | more)
            return cursor.fetchall()
