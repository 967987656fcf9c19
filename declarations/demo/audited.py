"""Which declared lines of a province customs audited, in which month, and what it found."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from random import Random
from typing import NamedTuple

import numpy as np

from declarations.demo.declaring import Array, Line, Trade
from declarations.demo.facts import change_fact
from declarations.demo.stock import CONFORMING, GoodsBook

# A fault that others did not find.
_SELDOM = ("R08", "用途填报不够具体，请补充适用机型或适用场合。")


class Audited(NamedTuple):
    """One audited line: the good as customs saw it, the verdict, and its reason if 不规范."""

    line: Line
    good: int
    reason: tuple[str, str] | None
    auditor: str


class _Rows(NamedTuple):
    """Audited rows as columns: month, place of the line, good, number of the reason, auditor."""

    month: Array
    line: Array
    good: Array
    reason: Array
    auditor: Array


class Audits(Mapping[date, list[Audited]]):
    """The audited rows by audit month (its first day), made of arrays when they are asked for.

    `not_declared` are the places of the rare lines that only the audit brings.
    """

    def __init__(
        self,
        trade: Trade,
        goods: GoodsBook,
        random: tuple[Random, np.random.Generator],
        share: float,
        months: tuple[date, date],
    ) -> None:
        """Audit a `share` of the lines declared before the first to the last of `months`.

        Goods that customs saw otherwise than they were declared are appended to `goods`.
        """
        self._trade, self._goods = trade, goods
        self._changing, self._rng = random
        self._seldom = goods.reasons.number(_SELDOM)
        oldest, newest = np.array(months, "datetime64[M]")
        first, self.not_declared = self._draw(share, oldest, newest)
        rows = _Rows(*map(np.concatenate, zip(first, *self._again(first, newest), strict=True)))
        order = np.argsort(rows.month, kind="stable")
        self._rows = _Rows(*(column[order] for column in rows))
        found, starts = np.unique(self._rows.month, return_index=True)
        ends = [*starts.tolist(), len(order)]
        self._places = dict(
            zip(found.astype("datetime64[D]").tolist(), pairwise(ends), strict=True)
        )

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[date]:
        return iter(self._places)

    def __getitem__(self, month: date) -> list[Audited]:
        rows = _Rows(*(column[slice(*self._places[month])] for column in self._rows))
        lines = self._trade.lines(self._trade.block(rows.line))
        reasons = self._goods.reasons.values
        return [
            Audited(line, good, reasons[reason], f"A{auditor:03d}")
            for line, good, reason, auditor in zip(
                lines, rows.good.tolist(), rows.reason.tolist(), rows.auditor.tolist(), strict=True
            )
        ]

    def _draw(self, share: float, oldest: Array, newest: Array) -> tuple[_Rows, Array]:
        """The month after its declaration a line may be audited, once."""
        drawn, rare = [], []
        for block in self._trade.blocks():
            month = self._trade.day[block.head].astype("datetime64[M]") + 1
            chosen = self._rng.random(len(month)) < share
            chosen &= (month >= oldest) & (month <= newest)
            chance = self._rng.random(int(chosen.sum()))
            line, good = block.line[chosen], block.good[chosen]
            for place in np.flatnonzero(chance < 0.01).tolist():
                good[place] = self._seen_otherwise(int(good[place]))
            auditor = 1 + (self._rng.random(len(line)) * 39).astype(np.uint8)
            drawn.append(_Rows(month[chosen], line, good, self._verdicts(good), auditor))
            rare.append(line[chance >= 0.995])
        return _Rows(*map(np.concatenate, zip(*drawn, strict=True))), np.concatenate(rare)

    def _seen_otherwise(self, good: int) -> int:
        """A conforming good as customs saw it: one fact is another than was declared."""
        stocked = self._goods[good]
        if stocked.reason is not None:
            return good
        goods, _ = change_fact(stocked.goods, self._changing)
        return self._goods.append(stocked._replace(goods=goods))

    def _verdicts(self, good: Array) -> Array:
        """The good's own fault, seldom overlooked; seldom a fault that others did not find."""
        reason = self._goods.reason_numbers(good)
        chance = self._rng.random(len(good))
        found = np.where(chance < 0.015, self._seldom, CONFORMING)
        overlooked = np.where(chance < 0.04, CONFORMING, reason)
        return np.where(reason == CONFORMING, found, overlooked)

    def _again(self, rows: _Rows, newest: Array) -> Iterator[_Rows]:
        """A few audited lines are audited anew two months later, perhaps with another verdict."""
        while len(rows.line):
            chosen = (self._rng.random(len(rows.line)) < 0.03) & (rows.month + 2 <= newest)
            rows = _Rows(*(column[chosen] for column in rows))
            rows = rows._replace(month=rows.month + 2, reason=self._verdicts(rows.good))
            yield rows
