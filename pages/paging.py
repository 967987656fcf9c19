"""Paging over any source of rows, safe for strange page numbers and for very long results."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row")
RowCovariant = TypeVar("RowCovariant", covariant=True)
ModelRow = TypeVar("ModelRow", bound=Model)

PAGE_SIZES = (20, 50, 100)
# Rows that can be reached by paging. OFFSET costs what it skips, so a page beyond this would take
# seconds on a million lines; a narrower query answers faster than any paging would.
REACH = 10_000
COUNT_LIMIT = 100_000


@dataclass(frozen=True)
class Count:
    """How many rows a query has; capped: counting stopped there, there are more."""

    value: int
    capped: bool = False

    def __str__(self) -> str:
        return f"超过 {self.value:,}" if self.capped else f"{self.value:,}"


class RowSource(Protocol[RowCovariant]):
    """What a list page asks: how many rows, and some of them in the shown order."""

    def count(self) -> Count:
        """Count the rows; a source may stop at a limit of its own and say so."""
        ...

    def rows(self, offset: int, limit: int) -> Sequence[RowCovariant]:
        """Return at most `limit` rows from `offset` (0-based), always in one fixed order."""
        ...


class ListSource(Generic[Row]):
    """Rows that are already in memory."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def count(self) -> Count:
        """Count the rows held."""
        return Count(len(self._rows))

    def rows(self, offset: int, limit: int) -> Sequence[Row]:
        """Return a slice of the rows held."""
        return list(self._rows[offset : offset + limit])


class QuerySetSource(Generic[ModelRow]):
    """Rows of an ordered queryset; counting costs one query that looks at `count_limit` rows."""

    def __init__(self, queryset: "QuerySet[ModelRow]", count_limit: int = COUNT_LIMIT) -> None:
        self._queryset = queryset
        self._count_limit = count_limit

    def count(self) -> Count:
        """Count up to the limit: one query."""
        found = self._queryset.order_by()[: self._count_limit + 1].count()
        return Count(min(found, self._count_limit), found > self._count_limit)

    def rows(self, offset: int, limit: int) -> Sequence[ModelRow]:
        """Return one slice: one query, and the prefetches the queryset asks for."""
        return list(self._queryset[offset : offset + limit])


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows, and what a pager needs to draw itself."""

    rows: Sequence[Row]
    number: int
    last: int
    size: int
    count: Count
    sizes: Sequence[int] = PAGE_SIZES
    note: str = ""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def first_row(self) -> int:
        """The number of the first shown row, from 1; 0 when nothing is shown."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """The number of the last shown row; 0 when nothing is shown."""
        return self.first_row + len(self.rows) - 1 if self.rows else 0

    @property
    def previous(self) -> int | None:
        """The page before this one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def following(self) -> int | None:
        """The page after this one."""
        return self.number + 1 if self.number < self.last else None

    @property
    def window(self) -> list[int | None]:
        """Page numbers to draw: both ends and the neighbours; None stands for a gap."""
        near = range(self.number - 2, self.number + 3)
        shown = sorted({1, self.last, *(n for n in near if 1 <= n <= self.last)})
        drawn: list[int | None] = []
        for number in shown:
            if drawn and drawn[-1] is not None and number - drawn[-1] > 1:
                # A gap of one page is that page, not an ellipsis.
                drawn.append(number - 1 if number - drawn[-1] == 2 else None)
            drawn.append(number)
        return drawn


class Paginator(Generic[Row]):
    """Cuts a row source into pages of one of the offered sizes."""

    def __init__(
        self,
        source: RowSource[Row],
        per_page: str | int | None = None,
        *,
        sizes: Sequence[int] = PAGE_SIZES,
        reach: int = REACH,
    ) -> None:
        """Take the size from a URL as it is; a size that is not offered means the first one."""
        self.source = source
        self.sizes = tuple(sizes)
        wanted = _whole_number(per_page)
        self.size = wanted if wanted in self.sizes else self.sizes[0]
        self.reach = max(reach, self.size)

    def page(self, number: str | int | None) -> Page[Row]:
        """Return the page of that number: one count and one read of the source.

        Anything that is not a number from 1 upwards gives the first page, a number that is too
        high gives the last reachable one; this never raises.
        """
        count = self.source.count()
        reachable = min(count.value, self.reach)
        # Only whole pages within reach, so that the last one is never cut short by the limit.
        pages = self.reach // self.size if count.value > self.reach else -(-reachable // self.size)
        last = max(pages, 1)
        wanted = min(max(_whole_number(number) or 1, 1), last)
        rows = self.source.rows((wanted - 1) * self.size, self.size) if count.value else []
        return Page(rows, wanted, last, self.size, count, self.sizes, self._note(count))

    def _note(self, count: Count) -> str:
        if count.value <= self.reach:
            return ""
        return f"最多翻看前 {self.reach:,} 条，请缩小查询条件查看其余数据。"


def _whole_number(text: str | int | None) -> int | None:
    """Read a number from a URL; None for what is none, or too long to be meant."""
    if isinstance(text, int):
        return text
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None
