"""All that is prepared once for an element list.

A string's parts are placed by their signals (signals.py) and by the words of the list that they
hold. What was found for one such shape is kept with the plan, as a lazily built automaton keeps its
states: a shape is no string, and the number of kept ones is bounded.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import count, islice
from typing import TypeVar

from catalogue.reading.model import ElementName, PartKind
from catalogue.reading.older import OlderElement, OlderIndex, older_of
from catalogue.reading.placing import Labelled, Placing, Prepared, Spot, place_shape
from catalogue.reading.quick import quick_check
from catalogue.reading.scores import signal_scores
from catalogue.reading.signals import Signal
from catalogue.reading.slots import TAIL_SLOTS, Slot, slot_of
from catalogue.reading.wording import by_order

K = TypeVar("K")
V = TypeVar("V")
_TAIL_KINDS = ((PartKind.GTIN, "GTIN"), (PartKind.CAS, "CAS"), (PartKind.OTHER, "其他"))
_KEPT_SHAPES = 1 << 11
_KEPT_PLANS = 1 << 11
_LABEL = re.compile(r"\A(?:[0-9]{1,2}\s?[.、:：]\s?)?([^:：|｜]{1,16}?)\s*[:：]\s*", re.DOTALL)

# How many strings of a list are read before its quick check is made.
WORTH_PREPARING = 500


class Plan:
    """An element list prepared for reading; `heading` is the four digits it stands under."""

    def __init__(self, names: tuple[ElementName, ...], heading: str) -> None:
        self.names = names
        self.count = len(names)
        slots: tuple[Slot, ...] = (*(slot_of(name.name) for name in names), *TAIL_SLOTS)
        bare = {slot.bare for slot in slots}
        older = older_of(heading)
        # Words that tell an older element tell the list's own of that name as well.
        told = [row for row in older if row.words and row.name in bare]
        words = _words(slots, told)
        rows = tuple(row for row in older if row not in told)
        self._prepared = Prepared(
            names,
            slots,
            tuple(signal_scores(slot) for slot in slots),
            words,
            OlderIndex(rows),
            {},
            {},
        )
        self._accepts: Callable[[str], bool] | None = None
        self._asked = 0
        self._in_order: dict[int, Placing] = {}
        self._labels = _labels(slots, rows)
        self._finder = _finder([*words, *(word for row in rows for word in row.words)])
        self._straight: dict[tuple[int, ...], Placing | None] = {}
        self._shapes: dict[tuple[object, ...], Placing] = {}

    def accepts(self, text: str) -> bool:
        """Say whether a string is one of the plainest, whose parts stand in the list's order.

        What it does not accept is read all the same, the long way. Its expression takes longer to
        make than dozens of strings to read: a process that meets a list now and then goes without.
        """
        if self._accepts is None:
            self._asked += 1
            if self._asked <= WORTH_PREPARING:
                return False
        return self.prepare()(text)

    def prepare(self) -> Callable[[str], bool]:
        """Give the quick check; makes it now where there is none, whatever was asked before."""
        if self._accepts is None:
            self._accepts = quick_check(self._prepared.scores[: self.count])
        return self._accepts

    def place(
        self, values: Sequence[str], signals: tuple[int, ...], labels: Sequence[Labelled | None]
    ) -> Placing:
        """Place the parts behind the leading codes; one spot for each."""
        labelled = any(labels)
        if not labelled:
            found = self._straight.get(signals, ...)
            if found is ...:
                found = _keep(self._straight, signals, self._place_straight(signals))
            if found is not None:
                return found
        words: tuple[str, ...] = ()
        told: tuple[bool, ...] = ()
        if self._finder is not None:
            words = tuple(self._finder.findall("|".join(values)))
            if len(words) >= len(values):  # more than the bars
                told = _told(words, values)
        shape = (signals, words, told, tuple(labels) if labelled else None)
        kept = self._shapes.get(shape)
        if kept is None:
            by_part = _by_part(words, len(values))
            placing = place_shape(self._prepared, signals, by_part, told, labels)
            taken = {spot.before[1] for spot in placing.spots}
            # Empty parts at the end go on where the list goes on.
            free = (
                place
                for place in count(placing.reached + 1)
                if place >= self.count or self.names[place].number not in taken
            )
            empty = islice(free, len(values) - len(placing.spots))
            spots = (*placing.spots, *(self._spot_in_order(place, False) for place in empty))
            kept = _keep(self._shapes, shape, placing._replace(spots=spots).turned())
        return kept

    def in_order(self, length: int) -> Placing:
        """Place so many parts as the list has them: for a string that `accepts` accepts."""
        found = self._in_order.get(length)
        if found is None:
            spots = tuple(self._spot_in_order(place, True) for place in range(length))
            found = self._in_order[length] = Placing(spots, True, 1.0, (), length - 1).turned()
        return found

    def label_of(self, value: str) -> tuple[Labelled, int] | None:
        """Find a label that names an element: what it names, and where the value begins."""
        match = _LABEL.match(value)
        if match is None:
            return None
        places, older = self._labels.get(match[1].strip().casefold(), ((), None))
        if not places and older is None:
            return None
        # A label of an older element may be part of what is declared here: it stays in the value.
        return Labelled(match[1].strip(), places, older), match.end() if places else 0

    def _place_straight(self, signals: tuple[int, ...]) -> Placing | None:
        """Place as many parts as the list wants, in its order, where none speaks against it."""
        filled = filled_count(signals)
        scores = self._prepared.scores
        if len(signals) < self.count or filled > len(scores):
            return None
        for worth, signal in zip(scores, signals[:filled], strict=False):
            if worth[signal] < 0 and signal != Signal.EMPTY:
                return None
        return self.in_order(len(signals))

    def _spot_in_order(self, place: int, is_certain: bool) -> Spot:
        if place < self.count:
            name = self.names[place]
            return Spot(
                (PartKind.ELEMENT, name.number, name.name),
                (name.category, by_order(name.number), "", is_certain),
            )
        if place < self.count + len(_TAIL_KINDS):
            kind, label = _TAIL_KINDS[place - self.count]
            why = f"目录要素之后依次为 GTIN、CAS、其他，此处为{label}"
            return Spot((kind, None, label), ("", why, "", is_certain))
        return Spot((PartKind.OTHER, None, "其他"), ("", "末尾多余的空项", "", is_certain))


def filled_count(signals: Sequence[int]) -> int:
    """Count the parts without the empty ones at the end."""
    filled = len(signals)
    while filled and signals[filled - 1] == Signal.EMPTY:
        filled -= 1
    return filled


def _words(slots: Sequence[Slot], told: Sequence[OlderElement]) -> dict[str, frozenset[int]]:
    words: dict[str, set[int]] = {}
    for place, slot in enumerate(slots):
        more = (word for row in told if row.name == slot.bare for word in row.words)
        for word in (*slot.words, *more):
            words.setdefault(word, set()).add(place)
    return {word: frozenset(places) for word, places in words.items()}


def _labels(
    slots: Sequence[Slot], rows: Sequence[OlderElement]
) -> dict[str, tuple[tuple[int, ...], OlderElement | None]]:
    found: dict[str, tuple[tuple[int, ...], OlderElement | None]] = {
        row.name.casefold(): ((), row) for row in reversed(rows)
    }
    # The name itself before what is called so too, the list before its tail.
    for place, slot in reversed(list(enumerate(slots))):
        found |= {label.casefold(): ((place,), None) for label in slot.labels}
    for place, slot in reversed(list(enumerate(slots))):
        found[slot.bare.casefold()] = ((place,), None)
    return found


def _finder(words: Iterable[str]) -> re.Pattern[str] | None:
    found = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile("|".join([r"\|", *map(re.escape, found)])) if found else None


def _by_part(words: Sequence[str], length: int) -> list[list[str]]:
    """Give each part its words, from words with bars between the parts."""
    found: list[list[str]] = [[]]
    for word in words:
        if word == "|":
            found.append([])
        else:
            found[-1].append(word)
    return found + [[] for _ in range(length - len(found))]


def _told(words: Sequence[str], values: Sequence[str]) -> tuple[bool, ...]:
    """Whether the words found in each part are most of it, and not a company's name, say."""
    return tuple(
        2 * sum(map(len, found)) >= len(value)
        for found, value in zip(_by_part(words, len(values)), values, strict=False)
    )


def _keep(kept: dict[K, V], key: K, value: V) -> V:
    if len(kept) >= _KEPT_SHAPES:
        kept.clear()
    kept[key] = value
    return value


@lru_cache(maxsize=_KEPT_PLANS)
def plan_of(names: tuple[ElementName, ...], heading: str) -> Plan:
    """Prepare an element list, once for each list and heading."""
    return Plan(names, heading)
