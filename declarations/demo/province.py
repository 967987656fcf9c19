"""A whole province's trade for load tests: who declares what how often, by a seed alone.

Skewed as real data is: a few brokers hold a large part of all lines, traders are of very unequal
size, each repeats its few goods again and again, some goods are many traders' same words, and some
are near copies of others. Nothing here touches the database.
"""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random

import numpy as np

from declarations.demo.audited import Audits
from declarations.demo.declaring import Block, Line, Market, Trade
from declarations.demo.facts import change_fact
from declarations.demo.forms import vary_form
from declarations.demo.misdeclaring import spoil
from declarations.demo.parties import Party, make_parties
from declarations.demo.phrasebook import entries, make_goods
from declarations.demo.stock import GoodsBook, trade_facts

# Each seed has serial numbers of its own for so many enterprises, until the six digits are used up.
MOST_ENTERPRISES = 20_000
_SERIALS = range(1000, 1_000_000 - MOST_ENTERPRISES, MOST_ENTERPRISES)
_GOODS_A_LINE = 0.065  # distinct goods for each line, so that contents repeat as in real data


@dataclass(frozen=True)
class Size:
    """How much to make: lines, enterprises, the seed, the last day, years back from it."""

    lines: int
    enterprises: int
    seed: int
    until: date = date(2025, 12, 31)
    years: int = 4
    audit_share: float = 0.1
    audit_months: int = 12


class Province:
    """The goods, enterprises and lines that one `Size` stands for; the same size gives the same.

    Enterprises and goods are made at once, lines and audits when they are first asked for.
    """

    def __init__(self, size: Size) -> None:
        self.size = size
        self._rng = Random(f"{size.seed}/{size.lines}/{size.enterprises}")  # noqa: S311
        self.goods = GoodsBook()
        brokers = max(1, round(size.enterprises * 0.06)) if size.enterprises > 1 else 0
        self.brokers, self._traders = make_parties(
            self._rng, brokers, size.enterprises - brokers, _SERIALS[size.seed % len(_SERIALS)]
        )
        self._market = self._make_market()
        self._draws = np.random.Generator(np.random.PCG64(self._rng.getrandbits(128)))

    @property
    def parties(self) -> list[Party]:
        """Every enterprise of the province, brokers first."""
        return self._market.parties

    @cached_property
    def trade(self) -> Trade:
        """Every line, those too that only the audit brings."""
        size = self.size
        return Trade(self._market, self._draws, size.lines, size.seed, size.until, size.years)

    @cached_property
    def audited(self) -> Audits:
        """The audited rows by audit month (its first day)."""
        last = _months_later(self.size.until, 0)
        months = _months_later(last, 1 - self.size.audit_months), last
        random = self._rng, self._draws
        return Audits(self.trade, self.goods, random, self.size.audit_share, months)

    def blocks(self) -> Iterator[Block]:
        """Every declared line in the order of 申报日期, 报关单号 and 项号, many at a time."""
        declared = np.ones(len(self.trade), np.bool_)
        declared[self.audited.not_declared] = False
        for block in self.trade.blocks():
            yield self.trade.block(block.line[declared[block.line]])

    def lines(self) -> Iterator[Line]:
        """Every declared line, one by one."""
        for block in self.blocks():
            yield from self.trade.lines(block)

    def declared_goods(self) -> list[int]:
        """The places of the goods that a declared line names."""
        declared = np.zeros(len(self.goods), np.bool_)
        for block in self.blocks():
            declared[block.good] = True
        return np.flatnonzero(declared).tolist()

    def _make_market(self) -> Market:
        """Traders with their agents, and their goods by direction, the commonest first."""
        brokers = len(self.brokers)
        traders = np.arange(len(self._traders)) + brokers
        weights = 1 / (np.arange(len(traders)) + 1.5) ** 1.05
        cumulative = list(accumulate(1 / (rank + 1.5) ** 1.1 for rank in range(brokers)))
        agents = [self._agents(cumulative, trader) for trader in traders.tolist()]
        stock, counts = array("i"), array("i")
        known: list[array[int]] = [array("i") for _ in entries()]
        for share in (weights / weights.sum()).tolist():
            for goods in self._stock_trader(round(self.size.lines * share * _GOODS_A_LINE), known):
                stock.extend(goods)
                counts.append(len(goods))
        held = np.array(counts).reshape(-1, 2)
        starts = (np.cumsum(held) - held.ravel()).reshape(-1, 2)
        parties = [*self.brokers, *self._traders]
        return Market(parties, weights, traders, np.array(agents), starts, held, np.array(stock))

    def _agents(self, cumulative: Sequence[float], trader: int) -> tuple[int, int]:
        """A trader's usual agent and another: itself where it declares alone."""
        rng = self._rng
        if not cumulative or rng.random() < 0.1:
            return trader, trader
        ranks = [_pick(rng, cumulative) for _ in range(rng.choice((1, 1, 2)))]
        return ranks[0], ranks[-1]

    def _stock_trader(self, count: int, known: list[array[int]]) -> tuple[list[int], list[int]]:
        """A trader's goods, for export and for import."""
        count = max(2, count)
        kinds = self._rng.sample(range(len(known)), min(2 + count.bit_length(), 16))
        exported: list[int] = []
        imported: list[int] = []
        for _ in range(count):
            place = self._rng.choice(kinds)
            goods = imported if entries()[place].ie_flag == "I" else exported
            goods.append(self._stock(place, known[place]))
        return exported, imported

    def _stock(self, place: int, known: array[int]) -> int:
        """A good of one phrasebook entry: new, another trader's, or a near copy."""
        rng, entry = self._rng, entries()[place]
        chance = rng.random()
        if known and chance < 0.42:
            like = rng.choice(known)
            if chance < 0.2:
                return like
            stocked = self.goods[like]
            if stocked.reason is None:
                change = vary_form if chance < 0.32 else change_fact
                goods, _ = change(stocked.goods, rng)
                known.append(self.goods.append(stocked._replace(goods=goods)))
                return known[-1]
        back = timedelta(days=rng.randrange(self.size.years * 365))
        goods = make_goods(rng, entry, self.size.until - back)
        reason = None
        if rng.random() < 0.13:
            goods, code, text = spoil(goods, rng)
            reason = (code, text)
        known.append(self.goods.append(trade_facts(rng, entry, goods, reason)))
        return known[-1]


def _pick(rng: Random, cumulative: Sequence[float]) -> int:
    """An index by cumulative weights."""
    return bisect(cumulative, rng.random() * cumulative[-1], 0, len(cumulative) - 1)


def _months_later(day: date, months: int) -> date:
    """The first day of the month that lies so many months after (or before) the day's."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
