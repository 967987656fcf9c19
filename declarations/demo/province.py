"""A whole province's trade for load tests: who declares what how often, by a seed alone.

Skewed as real data is: a few brokers hold a large part of all lines, traders are of very unequal
size, each repeats its few goods again and again, some goods are many traders' same words, and some
are near copies of others. Nothing here touches the database.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import NamedTuple

from declarations.code_tables import unit_code
from declarations.demo.facts import change_fact
from declarations.demo.forms import vary_form
from declarations.demo.misdeclaring import spoil
from declarations.demo.parties import Party, make_parties
from declarations.demo.phrasebook import Entry, Goods, entries, make_goods

# 关区 of Liaoning with their rough share of declarations.
_CUSTOMS = ("0901", "0903", "0906", "0902", "0905", "0801", "0807", "0802", "0805")
_CUSTOMS_CUM = tuple(accumulate((40, 18, 9, 9, 6, 8, 4, 3, 3)))
_MODES = {"I": ("0110", "0615", "0214", "1233", "5034"), "E": ("0110", "0615", "0214", "3010")}
_MODES_CUM = {"I": (72, 88, 93, 97, 100), "E": (74, 92, 98, 100)}
_LINES_A_DECLARATION = (1, 1, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12, 20)
_QUANTITIES = (10, 20, 50, 60, 100, 120, 200, 300, 500, 800, 1000, 1500, 2000, 5000, 10000)
MOST_ENTERPRISES = 10_000  # each seed has serial numbers of its own for so many
_GOODS_A_LINE = 0.065  # distinct goods for each line, so that contents repeat as in real data


class Stocked(NamedTuple):
    """One trader's good: its text, why customs would refuse it (codes, sentence), its trade facts.

    `price` is in ten-thousandths of a US dollar for one `unit` (three digits).
    """

    goods: Goods
    reason: tuple[str, str] | None
    unit: str
    price: int
    country: str


@dataclass(slots=True)
class Trader:
    """A 收发货人: its agents (itself where it declares alone), and its stock by direction."""

    party: Party
    agents: list[Party]
    stock: dict[str, list[int]] = field(default_factory=lambda: {"I": [], "E": []})
    cumulative: dict[str, list[float]] = field(default_factory=dict)


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


class Audited(NamedTuple):
    """One audited line: the good as customs saw it, the verdict, and its reason if 不规范."""

    line: Line
    good: int
    reason: tuple[str, str] | None
    auditor: str


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
    """The goods, traders and lines that one `Size` stands for; the same size gives the same ones.

    Iterate `lines()` once; `audited` then holds the audited rows by audit month (its first day).
    """

    def __init__(self, size: Size) -> None:
        self.size = size
        self._rng = Random(f"{size.seed}/{size.lines}/{size.enterprises}")  # noqa: S311
        self.goods: list[Stocked] = []
        self.audited: dict[date, list[Audited]] = {}
        self._by_entry: dict[int, list[int]] = {}
        brokers = max(1, round(size.enterprises * 0.06)) if size.enterprises > 1 else 0
        self.brokers, traders = make_parties(
            self._rng, brokers, size.enterprises - brokers, 1000 + size.seed % 99 * MOST_ENTERPRISES
        )
        self._brokers_cum = list(accumulate(1 / (rank + 1.5) ** 1.1 for rank in range(brokers)))
        self.traders = [self._trader(party) for party in traders]
        weights = [1 / (rank + 1.5) ** 1.05 for rank in range(len(self.traders))]
        self._traders_cum = list(accumulate(weights))
        self._stock_all(weights)
        self._serials: dict[tuple[str, int, str], int] = {}

    @property
    def parties(self) -> list[Party]:
        """Every enterprise of the province."""
        return [*self.brokers, *(trader.party for trader in self.traders)]

    def _trader(self, party: Party) -> Trader:
        rng = self._rng
        if not self.brokers or rng.random() < 0.1:
            return Trader(party, [party])
        ranks = [_pick(rng, self._brokers_cum) for _ in range(rng.choice((1, 1, 2)))]
        return Trader(party, [self.brokers[rank] for rank in ranks])

    def _stock_all(self, weights: Sequence[float]) -> None:
        total = sum(weights)
        for trader, weight in zip(self.traders, weights, strict=True):
            count = max(2, round(self.size.lines * weight / total * _GOODS_A_LINE))
            kinds = self._rng.sample(range(len(entries())), min(2 + count.bit_length(), 16))
            for _ in range(count):
                place = self._rng.choice(kinds)
                good = self._stock(place)
                trader.stock[entries()[place].ie_flag].append(good)
            for flag, stock in trader.stock.items():
                trader.cumulative[flag] = list(
                    accumulate(1 / (rank + 2) ** 0.9 for rank in range(len(stock)))
                )

    def _stock(self, place: int) -> int:
        """A good of one phrasebook entry: new, another trader's, or a near copy."""
        rng, entry = self._rng, entries()[place]
        known = self._by_entry.setdefault(place, [])
        chance = rng.random()
        if known and chance < 0.42:
            like = rng.choice(known)
            if chance < 0.2:
                return like
            stocked = self.goods[like]
            if stocked.reason is None:
                change = vary_form if chance < 0.32 else change_fact
                goods, _ = change(stocked.goods, rng)
                return self._keep(known, stocked._replace(goods=goods))
        back = timedelta(days=rng.randrange(self.size.years * 365))
        goods = make_goods(rng, entry, self.size.until - back)
        reason = None
        if rng.random() < 0.13:
            goods, code, text = spoil(goods, rng)
            reason = (code, text)
        return self._keep(known, trade_facts(rng, entry, goods, reason))

    def _keep(self, known: list[int], stocked: Stocked) -> int:
        self.goods.append(stocked)
        known.append(len(self.goods) - 1)
        return known[-1]

    def lines(self) -> Iterator[Line]:
        """Every declared line, declaration by declaration; fills `audited` on the way."""
        made = 0
        while made < self.size.lines:
            for line in self._declaration(min(_LINES_A_DECLARATION[-1], self.size.lines - made)):
                made += 1
                if self._audit(line):
                    yield line
        self._audit_again()

    def _declaration(self, most: int) -> list[Line]:
        rng = self._rng
        trader = self.traders[_pick(rng, self._traders_cum)]
        imports, exports = (len(trader.stock[flag]) for flag in "IE")
        flag = "I" if rng.random() * (imports + exports) < imports else "E"
        agent = trader.agents[0] if rng.random() < 0.8 else trader.agents[-1]
        customs = _CUSTOMS[_pick(rng, _CUSTOMS_CUM)]
        mode = _MODES[flag][_pick(rng, _MODES_CUM[flag])]
        # Trade grows: more days near the end than at the beginning.
        back = int(self.size.years * 365 * (1 - rng.random() ** 0.8))
        declared_on = self.size.until - timedelta(days=back)
        entry_id = self._entry_id(customs, declared_on.year, flag)
        stock, cumulative = trader.stock[flag], trader.cumulative[flag]
        return [
            Line(
                entry_id,
                g_no,
                stock[_pick(rng, cumulative)],
                agent,
                trader.party,
                mode,
                declared_on,
                rng.choice(_QUANTITIES),
            )
            for g_no in range(1, min(rng.choice(_LINES_A_DECLARATION), most) + 1)
        ]

    def _entry_id(self, customs: str, year: int, flag: str) -> str:
        """报关单号: 关区, year, 1 or 0, and a serial number that begins with the seed's last digits."""
        key = (customs, year, flag)
        serial = self._serials[key] = self._serials.get(key, 0) + 1
        return f"{customs}{year}{1 if flag == 'I' else 0}{self.size.seed % 900:03d}{serial:06d}"

    def _audit(self, line: Line) -> bool:
        """Perhaps have the line audited; False for the rare line that only the audit brings."""
        rng = self._rng
        month = _months_later(line.declared_on, 1)
        last = _months_later(self.size.until, 0)
        oldest = _months_later(last, 1 - self.size.audit_months)
        if not oldest <= month <= last or rng.random() >= self.size.audit_share:
            return True
        good = line.good
        chance = rng.random()
        if chance < 0.01 and self.goods[good].reason is None:
            goods, _ = change_fact(self.goods[good].goods, rng)
            self.goods.append(self.goods[good]._replace(goods=goods))
            good = len(self.goods) - 1
        row = Audited(line, good, self._verdict(good), f"A{rng.randrange(1, 40):03d}")
        self.audited.setdefault(month, []).append(row)
        return chance < 0.995

    def _verdict(self, good: int) -> tuple[str, str] | None:
        """The good's own fault, seldom overlooked; seldom a fault that others did not find."""
        reason = self.goods[good].reason
        chance = self._rng.random()
        if reason is not None:
            return None if chance < 0.04 else reason
        return ("R08", "用途填报不够具体，请补充适用机型或适用场合。") if chance < 0.015 else None

    def _audit_again(self) -> None:
        """A few audited lines are audited anew two months later, perhaps with another verdict."""
        last = _months_later(self.size.until, 0)
        for month in sorted(self.audited):
            later = _months_later(month, 2)
            if later <= last:
                again = [row for row in self.audited[month] if self._rng.random() < 0.03]
                self.audited.setdefault(later, []).extend(
                    row._replace(reason=self._verdict(row.good)) for row in again
                )
        for month, rows in self.audited.items():
            # A line audited twice in one month stands once in that month's file.
            self.audited[month] = list({row.line[:2]: row for row in rows}.values())


def trade_facts(rng: Random, entry: Entry, goods: Goods, reason: tuple[str, str] | None) -> Stocked:
    """A good with a unit price, a unit and a country that its phrasebook entry allows."""
    low, high = entry.prices
    price = round(rng.uniform(low, high) * 10_000)
    unit = unit_code(entry.unit) or ""
    return Stocked(goods, reason, unit, price, rng.choice(entry.countries))


def _pick(rng: Random, cumulative: Sequence[float]) -> int:
    """An index by cumulative weights."""
    return bisect(cumulative, rng.random() * cumulative[-1], 0, len(cumulative) - 1)


def _months_later(day: date, months: int) -> date:
    """The first day of the month that lies so many months after (or before) the day's."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
