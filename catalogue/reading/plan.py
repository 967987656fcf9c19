"""All that is prepared once for an element list, and how its parts are placed.

A string's parts are placed by their signals (signals.py) and by the words of the list that they
hold. What was found for one such shape is kept with the plan, as a lazily built automaton keeps its
states: a shape is no string, and the number of kept ones is bounded.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from catalogue.reading.aligning import NOWHERE, align
from catalogue.reading.model import ElementName, PartKind
from catalogue.reading.older import OlderElement, older_of
from catalogue.reading.scores import (
    LABEL_BONUS,
    STRONG,
    WORD_BONUS,
    WRONG_LABEL,
    signal_scores,
)
from catalogue.reading.signals import Signal
from catalogue.reading.slots import TAIL_SLOTS, Slot, SlotType, slot_of
from catalogue.reading.wording import by_content, by_order, form_in_words, moved

K = TypeVar("K")
V = TypeVar("V")
_TAIL_KINDS = ((PartKind.GTIN, "GTIN"), (PartKind.CAS, "CAS"), (PartKind.OTHER, "其他"))
_KEPT_SHAPES = 1 << 11
_UNKNOWN_COST = 4.0
_EMPTY_COST = 3.0
_EQUAL = 0.5  # worths that near do not tell one place from another
_SURE, _LIKELY, _ODD = 0.95, 0.7, 0.4
_SURE_OLDER = 1.0  # cost up to which an older element is told by its form in its own chapter
LABEL = re.compile(r"\A(?:[0-9]{1,2}\s?[.、:：]\s?)?([^:：|｜]{1,16}?)\s*[:：]\s*", re.DOTALL)


class Spot(NamedTuple):
    """Where a part goes: the first three fields of a Part, then those behind its value."""

    before: tuple[PartKind, int | None, str]
    after: tuple[str, str, str, bool]  # category, why, meaning, is_certain


class Placing(NamedTuple):
    """Where the parts of one shape go, how sure it is, and what is to be said of the whole.

    `is_straight`: as many parts as the list wants, in its order, none against its element.
    """

    spots: tuple[Spot, ...]
    is_straight: bool
    confidence: float
    notes: tuple[str, ...]


class Labelled(NamedTuple):
    """A label before a colon that names places of the list, or an older element."""

    text: str
    places: tuple[int, ...]
    older: OlderElement | None


class Plan:
    """An element list prepared for reading; `heading` is the four digits it stands under."""

    def __init__(self, names: tuple[ElementName, ...], heading: str) -> None:
        self.names = names
        self.count = len(names)
        self.slots: tuple[Slot, ...] = (*(slot_of(name.name) for name in names), *TAIL_SLOTS)
        self.scores = [signal_scores(slot) for slot in self.slots]
        bare = {slot.bare for slot in self.slots}
        older = older_of(heading)
        # Words by which an older element is told tell the list's own of that name as well.
        self._told = [row for row in older if row.words and row.name in bare]
        self.older = tuple(row for row in older if row not in self._told)
        self._labels = self._collect_labels()
        self._words = self._collect_words()
        self._finder = _finder([*self._words, *(w for row in self.older for w in row.words)])
        self._straight: dict[tuple[int, ...], Placing | None] = {}
        self._shapes: dict[tuple[object, ...], Placing] = {}

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
        words = tuple(self._finder.findall("|".join(values))) if self._finder else ()
        shape = (signals, words, tuple(labels) if labelled else None)
        kept = self._shapes.get(shape)
        if kept is None:
            kept = _keep(self._shapes, shape, self._place_shape(signals, words, labels or [None] * len(signals)))
        return kept

    def label_of(self, value: str) -> tuple[Labelled, int] | None:
        """Find a label that names an element: what it names, and where the value begins."""
        match = LABEL.match(value)
        if match is None:
            return None
        places, older = self._labels.get(match[1].strip(), ((), None))
        if not places and older is None:
            return None
        # A label of an older element may be part of what is declared here: it stays in the value.
        return Labelled(match[1].strip(), places, older), match.end() if places else 0

    def _collect_labels(self) -> dict[str, tuple[tuple[int, ...], OlderElement | None]]:
        places: dict[str, list[int]] = {}
        for place, slot in enumerate(self.slots):
            for label in slot.labels:
                places.setdefault(label, []).append(place)
        # The name itself before what is called so too, the list before its tail.
        exact = {slot.bare: place for place, slot in reversed(list(enumerate(self.slots)))}
        found: dict[str, tuple[tuple[int, ...], OlderElement | None]] = {
            row.name: ((), row) for row in reversed(self.older)
        }
        for label, at in places.items():
            found[label] = ((exact[label],) if label in exact else tuple(at[:1]), None)
        return found

    def _collect_words(self) -> dict[str, tuple[int, ...]]:
        words: dict[str, list[int]] = {}
        for place, slot in enumerate(self.slots):
            told = (word for row in self._told if row.name == slot.bare for word in row.words)
            for word in {*slot.words, *told}:
                words.setdefault(word, []).append(place)
        return {word: tuple(places) for word, places in words.items()}

    # -- as many parts as the list wants, none against its element ---------------------------------

    def _place_straight(self, signals: tuple[int, ...]) -> Placing | None:
        filled = _filled(signals)
        if len(signals) < self.count or filled > len(self.slots):
            return None
        for scores, signal in zip(self.scores, signals[:filled], strict=False):
            if scores[signal] < 0 and signal != Signal.EMPTY:
                return None
        spots = [self._spot_in_order(place, True) for place in range(len(signals))]
        return Placing(tuple(spots), True, 1.0, ())

    def _spot_in_order(self, place: int, is_certain: bool) -> Spot:
        if place < self.count:
            return self._element_spot(place, by_order(self.names[place].number), is_certain)
        if place < len(self.slots):
            kind, label = _TAIL_KINDS[place - self.count]
            why = f"目录要素之后依次为 GTIN、CAS、其他，此处为{label}"
            return Spot((kind, None, label), ("", why, "", is_certain))
        return Spot((PartKind.OTHER, None, "其他"), ("", "末尾多余的空项", "", is_certain))

    def _element_spot(self, place: int, why: str, is_certain: bool) -> Spot:
        name = self.names[place]
        return Spot((PartKind.ELEMENT, name.number, name.name), (name.category, why, "", is_certain))

    # -- any other shape --------------------------------------------------------------------------

    def _place_shape(
        self,
        signals: tuple[int, ...],
        tokens: Sequence[str],
        labels: Sequence[Labelled | None],
    ) -> Placing:
        filled = _filled(signals)
        words = _by_part(tokens, len(signals))
        worth = [
            [self._worth(place, signals[i], words[i], labels[i]) for place in range(len(self.slots))]
            for i in range(filled)
        ]
        rows = [self._older_row(i, signals[i], words[i], labels[i]) for i in range(filled)]
        extra = [
            _EMPTY_COST if s == Signal.EMPTY else row.cost if row else _UNKNOWN_COST
            for s, row in zip(signals, rows, strict=False)
        ]
        places, _ = align(worth, extra, self.count)
        shifted = self._move(places, worth, rows)
        spots = [
            self._spot(i, places, worth, signals[i], words[i], labels[i], rows[i], i in shifted)
            for i in range(filled)
        ]
        behind = max((place for place in places if place != NOWHERE), default=-1)
        spots += [
            self._spot_in_order(behind + 1 + i, False) for i in range(len(signals) - filled)
        ]
        return Placing(
            tuple(spots), False, self._confidence(spots, worth, places, rows), self._notes(spots, shifted)
        )

    def _worth(
        self, place: int, signal: int, words: Sequence[str], label: Labelled | None
    ) -> float:
        worth = self.scores[place][signal]
        if place < self.count and any(place in self._words.get(word, ()) for word in words):
            worth = worth if worth <= _AGAINST else max(worth, 0) + WORD_BONUS
        if label is not None:
            if place in label.places:
                worth = max(worth, 0) + LABEL_BONUS
            elif label.places:
                worth += WRONG_LABEL
        return worth

    def _older_row(
        self, part: int, signal: int, words: Sequence[str], label: Labelled | None
    ) -> OlderElement | None:
        if label is not None:
            return label.older
        return next(
            (
                row
                for row in self.older
                if (not row.first or part == 0)
                and (signal in row.signals or any(word in row.words for word in words))
            ),
            None,
        )

    def _move(
        self,
        places: list[int],
        worth: Sequence[Sequence[float]],
        rows: Sequence[OlderElement | None],
    ) -> set[int]:
        """Place parts that stand out of the list's order under elements that nothing else fills."""
        free = set(range(self.count)).difference(places)
        shifted = set()
        for part, place in enumerate(places):
            if not free:
                break
            pairs, row = worth[part], rows[part]
            best = max(free, key=lambda at: (pairs[at], -at))
            named = next((at for at in free if row and self.slots[at].bare == row.name), None)
            if 0 <= place < self.count and pairs[best] - pairs[place] < STRONG:
                continue  # it stands well where it stands
            if place >= self.count and pairs[best] < max(STRONG, pairs[place]):
                continue
            if pairs[best] >= STRONG:
                if 0 <= place < self.count:
                    free.add(place)
                places[part] = best
            elif place == NOWHERE and named is not None and pairs[named] >= 0:
                places[part] = named
            else:
                continue
            free.discard(places[part])
            shifted.add(part)
        return shifted

    def _spot(
        self,
        part: int,
        places: Sequence[int],
        worth: Sequence[Sequence[float]],
        signal: int,
        words: Sequence[str],
        label: Labelled | None,
        row: OlderElement | None,
        is_shifted: bool,
    ) -> Spot:
        place = places[part]
        if place == NOWHERE:
            return _older_spot(row, signal)
        if place >= self.count:
            kind, name = _TAIL_KINDS[place - self.count]
            sure = kind is not PartKind.OTHER and worth[part][place] >= STRONG
            form = form_in_words(signal)
            why = f"目录要素之后依次为 GTIN、CAS、其他，此处为{name}"
            if sure and form:
                why = f"内容是{form}，为目录要素之后的{name}"
            return Spot((kind, None, name), ("", why, "", sure))
        number = self.names[place].number
        word = next((w for w in words if place in self._words.get(w, ())), "")
        named = label.text if label is not None and place in label.places else ""
        text = (moved if is_shifted else by_content)(number, signal, word, named)
        return self._element_spot(place, text, self._is_sure(worth[part], place))

    def _is_sure(self, pairs: Sequence[float], place: int) -> bool:
        """Whether a part's text speaks for this place, and for no other as much."""
        if pairs[place] < STRONG:
            return False
        return all(
            pairs[place] - pairs[other] > _EQUAL for other in range(self.count) if other != place
        )

    def _confidence(
        self,
        spots: Sequence[Spot],
        worth: Sequence[Sequence[float]],
        places: Sequence[int],
        rows: Sequence[OlderElement | None],
    ) -> float:
        found = []
        for part, pairs in enumerate(worth):
            place, row = places[part], rows[part]
            if spots[part].after[3]:
                found.append(_SURE)
            elif place != NOWHERE:
                found.append(_LIKELY if pairs[place] >= 0 else _ODD)
            elif row is not None:
                found.append(_SURE if row.cost <= _SURE_OLDER else _LIKELY)
            else:
                found.append(0.0)
        return round(sum(found) / len(found), 2) if found else _ODD

    def _notes(self, spots: Sequence[Spot], shifted: set[int]) -> tuple[str, ...]:
        notes = []
        placed = {spot.before[1] for spot in spots}
        missing = [slot.bare for slot, name in zip(self.slots, self.names, strict=False)
                   if name.number not in placed]
        older = [spot.before[2] for spot in spots if spot.before[0] is PartKind.OLDER]
        unknown = sum(spot.before[0] is PartKind.UNMATCHED for spot in spots)
        if older:
            notes.append(f"有 {len(older)} 个部分是目录没有的旧版要素：{'、'.join(dict.fromkeys(older))}。")
        if shifted:
            notes.append(f"有 {len(shifted)} 个部分的位置与目录顺序不同，已按内容对应。")
        if missing:
            notes.append(f"没有填报的要素：{'、'.join(missing)}。")
        if unknown:
            notes.append(f"有 {unknown} 个部分未能对应要素。")
        return tuple(notes)


_AGAINST = -4.0


def _older_spot(row: OlderElement | None, signal: int) -> Spot:
    if signal == Signal.EMPTY:
        return Spot((PartKind.OTHER, None, "其他"), ("", "多余的空项", "", False))
    if row is None:
        why = "目录要素和旧版要素中都没有与内容相符的"
        return Spot((PartKind.UNMATCHED, None, "未对应要素"), ("", why, "", False))
    return Spot((PartKind.OLDER, None, row.name), ("", f"目录没有此要素：{row.source}", "", False))


def _filled(signals: Sequence[int]) -> int:
    """Count the parts without the empty ones at the end."""
    count = len(signals)
    while count and signals[count - 1] == Signal.EMPTY:
        count -= 1
    return count


def _finder(words: Iterable[str]) -> re.Pattern[str] | None:
    found = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile("|".join([r"\|", *map(re.escape, found)])) if found else None


def _by_part(tokens: Sequence[str], count: int) -> list[list[str]]:
    """Give each part its words, from tokens in which bars stand between the parts."""
    found: list[list[str]] = [[]]
    for token in tokens:
        if token == "|":
            found.append([])
        else:
            found[-1].append(token)
    return found + [[] for _ in range(count - len(found))]


def _keep(kept: dict[K, V], key: K, value: V) -> V:
    if len(kept) >= _KEPT_SHAPES:
        kept.clear()
    kept[key] = value
    return value


@lru_cache(maxsize=1 << 11)
def plan_of(names: tuple[ElementName, ...], heading: str) -> Plan:
    """Prepare an element list, once for each list and heading."""
    return Plan(names, heading)
