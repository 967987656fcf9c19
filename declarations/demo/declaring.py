"""Who declares which good when and how often: a province's declarations and lines, as arrays.

Ten million lines are drawn column by column; a `Line` is made of one where somebody looks at it.
Of the generator only `random()` is asked, whose doubles stay the same from one numpy to the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from declarations.demo.parties import Party

Array = NDArray[Any]

# 关区 of Liaoning with their rough share of declarations, and 监管方式 of exports and of imports.
_CUSTOMS = np.array([801, 802, 805, 807, 901, 902, 903, 905, 906])
_CUSTOMS_CUM = np.cumsum([8, 3, 3, 4, 40, 9, 18, 6, 9])
_MODES = np.array([["0110", "0615", "0214", "3010", ""], ["0110", "0615", "0214", "1233", "5034"]])
_MODES_CUM = np.array([[74, 92, 98, 100, 100], [72, 88, 93, 97, 100]])
_LINES_A_DECLARATION = np.array([1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12, 20])
_QUANTITIES = np.array(
    [10, 20, 50, 60, 100, 120, 200, 300, 500, 800, 1000, 1500, 2000, 5000, 10000]
)
_SERIALS = 1_000_000  # of one seed, for one 关区, year and direction
BLOCK = 200_000  # how many lines are held as wide columns at once


class Line(NamedTuple):
    """One declared line; `good` is an index into the province's goods."""

    entry_id: str
    g_no: int
    good: int
    agent: Party
    trader: Party
    trade_mode: str
    declared_on: date
    quantity: int


@dataclass(frozen=True)
class Market:
    """The enterprises, and what each trader sells how often.

    Trader t has the place `trader[t]` in `parties`, his agents (the usual one, another) the places
    `agents[t]`. His goods for export [0] and for import [1], the commonest first, are the
    `counts[t]` that stand in `stock` from `starts[t]` on.
    """

    parties: list[Party]
    weights: Array
    trader: Array
    agents: Array
    starts: Array
    counts: Array
    stock: Array


class Block(NamedTuple):
    """Lines as columns: their places, their declarations' places, 项号, goods, quantities."""

    line: Array
    head: Array
    g_no: Array
    good: Array
    quantity: Array


class _Heads(NamedTuple):
    """Declarations as columns; `row` is the trader's place in the market's arrays."""

    day: Array
    is_import: Array
    customs: Array
    row: Array
    agent: Array
    mode: Array


class Trade:
    """All lines of a province in the order of 申报日期, 报关单号 and 项号."""

    def __init__(
        self,
        market: Market,
        rng: np.random.Generator,
        lines: int,
        seed: int,
        until: date,
        years: int,
    ) -> None:
        self.parties = market.parties
        counts = _line_counts(rng, lines)
        last = np.datetime64(until)
        drawn = [
            _draw_heads(market, rng, min(BLOCK, len(counts) - start), last, years)
            for start in range(0, len(counts), BLOCK)
        ]
        heads = _Heads(*map(np.concatenate, zip(*drawn, strict=True)))
        order = np.lexsort((heads.is_import, heads.customs, heads.day))
        heads = _Heads(*(column[order] for column in heads))
        self.day, self.agent, self.trader = heads.day, heads.agent, market.trader[heads.row]
        self._heads = heads
        self._numbers = _entry_numbers(heads, seed)
        self._starts = np.concatenate(([0], np.cumsum(counts[order])))
        self._good, self._quantity = self._draw_goods(market, rng)

    def __len__(self) -> int:
        return len(self._good)

    def blocks(self) -> Iterator[Block]:
        """Every line, many at a time."""
        for start in range(0, len(self), BLOCK):
            yield self.block(np.arange(start, min(start + BLOCK, len(self))))

    def block(self, lines: Array) -> Block:
        """The lines at some places."""
        head = self._head_of(lines)
        g_no = lines - self._starts[head] + 1
        return Block(lines, head, g_no, self._good[lines], _QUANTITIES[self._quantity[lines]])

    def lines(self, block: Block) -> Iterator[Line]:
        """A block line by line."""
        parties, head = self.parties, block.head
        columns = (
            self.entry_ids(head).astype("U"), block.g_no, block.good, self.agent[head],
            self.trader[head], self.trade_modes(head).astype("U"), self.day[head], block.quantity,
        )  # fmt: skip
        for entry_id, g_no, good, agent, trader, *rest in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            yield Line(entry_id, g_no, good, parties[agent], parties[trader], *rest)

    def entry_ids(self, heads: Array) -> Array:
        """报关单号 of declarations: 关区, year, 1 or 0, nine digits that begin with the seed's last."""
        of = self._heads
        year = _years(of.day[heads])
        front = (_CUSTOMS[of.customs[heads]] * 10_000 + year) * 10 + of.is_import[heads]
        return _digits(front * 1_000_000_000 + self._numbers[heads], 18)

    def customs(self, heads: Array) -> Array:
        """申报地海关 of declarations, four digits."""
        return _digits(_CUSTOMS, 4)[self._heads.customs[heads]]

    def trade_modes(self, heads: Array) -> Array:
        """监管方式 of declarations, four digits."""
        is_import = self._heads.is_import[heads].astype(np.intp)
        return _MODES.astype("S4")[is_import, self._heads.mode[heads]]

    def _head_of(self, lines: Array) -> Array:
        return np.searchsorted(self._starts, lines, side="right") - 1

    def _draw_goods(self, market: Market, rng: np.random.Generator) -> tuple[Array, Array]:
        """Which good each line is, and the place of its quantity."""
        count = int(self._starts[-1])
        goods, quantities = np.empty(count, np.int32), np.empty(count, np.uint8)
        # A trader's goods are wanted by their rank: these are the sums of the weights up to each.
        ranks = np.arange(market.counts.max(initial=0))
        upto = np.concatenate(([0], np.cumsum(1 / (ranks + 2) ** 0.9)))
        for start in range(0, count, BLOCK):
            lines = np.arange(start, min(start + BLOCK, count))
            head = self._head_of(lines)
            of = self._heads.row[head], self._heads.is_import[head].astype(np.intp)
            held = market.counts[of]
            rank = np.searchsorted(upto, rng.random(len(lines)) * upto[held], side="right") - 1
            goods[lines] = market.stock[market.starts[of] + np.minimum(rank, held - 1)]
            quantities[lines] = rng.random(len(lines)) * len(_QUANTITIES)
        return goods, quantities


def pick(rng: np.random.Generator, cumulative: Array, count: int) -> Array:
    """So many indexes by cumulative weights."""
    found = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    return np.minimum(found, len(cumulative) - 1)


def _line_counts(rng: np.random.Generator, lines: int) -> Array:
    """How many lines each declaration has, all together `lines`."""
    drawn: list[Array] = []
    missing = lines
    while missing > 0:
        places = rng.random(BLOCK) * len(_LINES_A_DECLARATION)
        drawn.append(_LINES_A_DECLARATION[places.astype(np.intp)])
        missing -= int(drawn[-1].sum())
    counts = np.concatenate(drawn)
    upto = np.cumsum(counts)
    last = int(np.searchsorted(upto, lines))
    counts[last] -= upto[last] - lines
    return counts[: last + 1]


def _draw_heads(
    market: Market, rng: np.random.Generator, count: int, last: np.datetime64, years: int
) -> _Heads:
    row = pick(rng, np.cumsum(market.weights), count)
    exported, imported = market.counts[row, 0], market.counts[row, 1]
    is_import = rng.random(count) * (exported + imported) < imported
    agent = market.agents[row, (rng.random(count) >= 0.8).astype(np.intp)]
    customs = pick(rng, _CUSTOMS_CUM, count)
    wanted = rng.random(count) * 100
    mode = (wanted[:, None] >= _MODES_CUM[is_import.astype(np.intp)]).sum(axis=1)
    # Trade grows: more days near the end than at the beginning.
    back = (years * 365 * (1 - rng.random(count) ** 0.8)).astype(np.int32)
    return _Heads(
        last - back,
        is_import,
        customs.astype(np.uint8),
        row.astype(np.int32),
        agent,
        mode.astype(np.uint8),
    )


def _entry_numbers(heads: _Heads, seed: int) -> Array:
    """The last nine digits of each 报关单号; numbers of one 关区, year and direction ascend.

    Beyond a million of them (some 60 million lines) they go on in the next seed's.
    """
    key = (_years(heads.day) * 100 + heads.customs) * 2 + heads.is_import
    order = np.argsort(key, kind="stable")
    of_order = key[order]
    first = np.searchsorted(of_order, of_order, side="left")
    numbers = np.empty(len(key), np.int64)
    numbers[order] = np.arange(len(key)) - first + 1
    return (seed % 900 * _SERIALS + numbers) % 1_000_000_000


def _years(days: Array) -> Array:
    return days.astype("datetime64[Y]").astype(np.int64) + 1970


def _digits(numbers: Array, width: int) -> Array:
    """Numbers in so many digits, with zeros before them."""
    text = np.empty((len(numbers), width), np.uint8)
    rest = numbers.astype(np.int64)
    for place in reversed(range(width)):
        rest, digit = np.divmod(rest, 10)
        text[:, place] = digit + ord("0")
    return text.view(f"S{width}").ravel()
