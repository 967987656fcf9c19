"""Elements of older lists and of vehicle parts: what a part may be that the list has no place for.

The table is data/older_elements.tsv; every row says where it is from.
"""

import csv
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from catalogue.reading.signals import SIGNAL_COUNT, Signal
from catalogue.reading.units import Dimension

OLDER_FILE = Path(__file__).parent.parent / "data" / "older_elements.tsv"


class OlderElement(NamedTuple):
    """An element that older lists had.

    It is recognised by one of `words` in the part, or by one of `signals` (the text's own form)
    among codes of `scope` (prefixes; empty for all); `first` where it only stood first. `cost` is
    how little is known: the less, the surer. `source` is a Chinese clause for the reader.
    """

    name: str
    scope: tuple[str, ...]
    words: tuple[str, ...]
    signals: frozenset[int]
    first: bool
    cost: float
    source: str


@cache
def older_elements() -> tuple[OlderElement, ...]:
    """Load the table; raises ValueError for a signal or cost that is none."""
    with OLDER_FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return tuple(
        OlderElement(
            row["name"],
            () if row["scope"] == "*" else tuple(row["scope"].split()),
            tuple(row["words"].split()),
            frozenset(s for name in row["signals"].split() for s in _signals(name)),
            row["first"] == "1",
            float(row["cost"]),
            row["source"],
        )
        for row in rows
    )


def _signals(name: str) -> list[int]:
    if name == "QUANTITY":
        return list(range(Signal.QUANTITY, SIGNAL_COUNT))
    if name in Dimension.__members__:
        return [Signal.QUANTITY + Dimension[name]]
    if name not in Signal.__members__:
        raise ValueError(f"{OLDER_FILE.name}：没有名为 {name} 的形式")
    return [Signal[name]]


@lru_cache(maxsize=1 << 11)
def older_of(heading: str) -> tuple[OlderElement, ...]:
    """The elements that older lists of a four-digit heading may have had, the surest first.

    Without a heading only those of every code.
    """
    fitting = [
        row
        for row in older_elements()
        if not row.scope or (heading and heading.startswith(row.scope))
    ]
    return tuple(sorted(fitting, key=lambda row: row.cost))


class OlderIndex:
    """Older elements of a list, found by a part's signal or by a word in it; the surest first."""

    def __init__(self, rows: tuple[OlderElement, ...]) -> None:
        self.by_word = {word: row for row in reversed(rows) for word in row.words}
        self._behind = {s: row for row in reversed(rows) if not row.first for s in row.signals}
        self._first = {s: row for row in reversed(rows) for s in row.signals}

    def by_signal(self, signal: int, is_first: bool) -> OlderElement | None:
        """The element that a part of this signal may be, the string's first part or another."""
        return (self._first if is_first else self._behind).get(signal)
