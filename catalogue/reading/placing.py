"""Placing the parts of a shape that does not fit the list by counting alone.

The parts are matched to the list in order (aligning.py); then those that stand out of order take
elements that nothing else fills.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from catalogue.reading.aligning import NOWHERE, align
from catalogue.reading.model import ElementName, PartKind
from catalogue.reading.older import OlderElement, OlderIndex
from catalogue.reading.scores import LABEL_BONUS, STRONG, WORD_BONUS, WRONG_LABEL
from catalogue.reading.settling import GUESSED, settle
from catalogue.reading.signals import Signal
from catalogue.reading.slots import Slot
from catalogue.reading.wording import by_content, form_in_words, moved

_TAIL_KINDS = ((PartKind.GTIN, "GTIN"), (PartKind.CAS, "CAS"), (PartKind.OTHER, "其他"))
_FIELDS = 7  # of a Part, but value, label and raw
_UNKNOWN_COST = 4.0
_EMPTY_COST = 3.0
_WITHHELD_COST = 1.0
_AGAINST = -4.0  # so much against an element that no word speaks for it
_EQUAL = 0.5  # worths that near do not tell one place from another
_SURE, _LIKELY, _ODD = 0.95, 0.7, 0.4
_SURE_OLDER = 1.0  # cost up to which an older element is known of the very chapter


class Spot(NamedTuple):
    """Where a part goes: the first three fields of a Part, then those behind its value."""

    before: tuple[PartKind, int | None, str]
    after: tuple[str, str, str, bool]  # category, why, meaning, is_certain


class Placing(NamedTuple):
    """Where the parts of one shape go, how sure it is, and what is to be said of the whole.

    `columns` are the spots turned over, one sequence for each field of a Part but its texts.
    `is_straight`: as many parts as the list wants, in its order, none against its element.
    `reached` is the last place that is filled, counted from 0; the list's tail counts on.
    """

    spots: tuple[Spot, ...]
    is_straight: bool
    confidence: float
    notes: tuple[str, ...]
    reached: int
    columns: tuple[tuple[object, ...], ...] = ()

    def turned(self) -> "Placing":
        """The same with its columns, as many parts are made from it."""
        rows = [(*spot.before, *spot.after) for spot in self.spots]
        return self._replace(columns=tuple(zip(*rows, strict=True)) or ((),) * _FIELDS)


class Labelled(NamedTuple):
    """A label before a colon that names places of the list, or an older element."""

    text: str
    places: tuple[int, ...]
    older: OlderElement | None


class Prepared(NamedTuple):
    """What placing knows of a list: its places with the tail's, the worth of each signal in each,
    the places that each word speaks for, and what older lists had.

    `plain` and `spots` keep what is known of a part by its signal alone.
    """

    names: tuple[ElementName, ...]
    slots: tuple[Slot, ...]
    scores: tuple[tuple[float, ...], ...]
    words: Mapping[str, frozenset[int]]
    older: OlderIndex
    plain: dict[tuple[int, bool], "Evidence"]
    spots: dict[tuple[int, int, bool], Spot]


class Evidence(NamedTuple):
    """What is known of one part: its worth in each place, and what older element it may be.

    `is_told` where the words found are most of it.
    """

    signal: int
    words: Sequence[str]
    is_told: bool
    label: Labelled | None
    worth: Sequence[float]
    older: OlderElement | None
    is_plain: bool  # known by its signal alone

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands there."""
        return self.signal == Signal.EMPTY


def place_shape(
    prepared: Prepared,
    signals: Sequence[int],
    words: Sequence[Sequence[str]],
    told: Sequence[bool],
    labels: Sequence[Labelled | None],
) -> Placing:
    """Place parts by their signals, words and labels; spots up to the last filled part only."""
    filled = max((at for at, s in enumerate(signals, 1) if s != Signal.EMPTY), default=0)
    parts = [
        _plain_evidence(prepared, at, signals[at])
        if not words[at] and not (labels and labels[at])
        else _evidence(
            prepared,
            at,
            signals[at],
            words[at],
            bool(told) and told[at],
            labels[at] if labels else None,
        )
        for at in range(filled)
    ]
    count = len(prepared.names)
    # What stands in its place beyond doubt needs no matching.
    fixed = 0
    while fixed < min(filled, count) and _spot(prepared, parts[fixed], fixed, False).after[3]:
        fixed += 1
    rest = parts[fixed:]
    found, _ = align(
        [part.worth[fixed:] for part in rest], [_leaving(part) for part in rest], count - fixed
    )
    places = [*range(fixed), *(at if at == NOWHERE else at + fixed for at in found)]
    shifted = _move(prepared, parts, places)
    shifted |= settle(parts, places, count)
    parts = list(_without_guesses(parts, places, count))
    spots = [
        _spot(prepared, part, place, at in shifted)
        for at, (part, place) in enumerate(zip(parts, places, strict=True))
    ]
    in_order = [place for at, place in enumerate(places) if at not in shifted]
    return Placing(
        tuple(spots),
        False,
        _confidence(parts, places, spots),
        _notes(prepared, spots, shifted),
        max(in_order, default=NOWHERE),
    )


def _plain_evidence(prepared: Prepared, at: int, signal: int) -> Evidence:
    key = signal, at == 0
    found = prepared.plain.get(key)
    if found is None:
        found = _evidence(prepared, at, signal, (), False, None)._replace(is_plain=True)
        prepared.plain[key] = found
    return found


def _evidence(
    prepared: Prepared,
    at: int,
    signal: int,
    words: Sequence[str],
    is_told: bool,
    label: Labelled | None,
) -> Evidence:
    count = len(prepared.names)
    worth = [scores[signal] for scores in prepared.scores]
    for word in words:
        for place in prepared.words.get(word, ()):
            if place < count and worth[place] > _AGAINST:
                worth[place] = max(prepared.scores[place][signal], 0) + WORD_BONUS
    if label is not None and label.places:
        for place, value in enumerate(worth):
            named = place in label.places
            worth[place] = max(value, 0) + LABEL_BONUS if named else value + WRONG_LABEL
    return Evidence(
        signal,
        words,
        is_told,
        label,
        worth,
        _older(prepared, at, signal, words, label),
        False,
    )


def _older(
    prepared: Prepared, at: int, signal: int, words: Sequence[str], label: Labelled | None
) -> OlderElement | None:
    if label is not None and not label.places:
        return label.older
    # Rows stand in the order of how sure they are; the first that fits is taken.
    found = prepared.older.by_signal(signal, at == 0)
    for word in words:
        row = prepared.older.by_word.get(word)
        if row is not None and (found is None or row.cost < found.cost):
            found = row
    return found


def _leaving(part: Evidence) -> float:
    """What it costs to leave a part outside the list."""
    if part.signal == Signal.EMPTY:
        return _EMPTY_COST
    if part.signal == Signal.WITHHELD:
        return _WITHHELD_COST
    return part.older.cost if part.older is not None else _UNKNOWN_COST


def _move(prepared: Prepared, parts: Sequence[Evidence], places: list[int]) -> set[int]:
    """Place parts that stand out of the list's order under elements that nothing else fills."""
    count = len(prepared.names)
    free = set(range(count)).difference(places)
    shifted = set()
    for at, (part, place) in enumerate(zip(parts, places, strict=True)):
        if not free:
            break
        best = max(free, key=lambda to: (part.worth[to], -to))
        gain = part.worth[best] - (part.worth[place] if place != NOWHERE else 0)
        to = best
        if place == NOWHERE and part.worth[best] < STRONG:
            named = part.older.name if part.older is not None else None
            to = next((f for f in free if prepared.slots[f].bare == named), NOWHERE)
            if to == NOWHERE or part.worth[to] < 0:
                continue
        elif part.worth[best] < STRONG or gain < (STRONG if 0 <= place < count else 0):
            continue
        places[at] = to
        free.discard(to)
        if 0 <= place < count:
            free.add(place)
        shifted.add(at)
    return shifted


def _without_guesses(
    parts: Sequence[Evidence], places: Sequence[int], count: int
) -> Sequence[Evidence]:
    """Take a mere guess at an older element from what stands behind the list's tail."""
    tail = next((at for at, place in enumerate(places) if place >= count), len(places))
    return [
        part._replace(older=None)
        if at > tail and places[at] == NOWHERE and part.older and part.older.cost >= GUESSED
        else part
        for at, part in enumerate(parts)
    ]


def _spot(prepared: Prepared, part: Evidence, place: int, is_shifted: bool) -> Spot:
    if place == NOWHERE:
        return _outside(part)
    if not part.is_plain:
        return _inside(prepared, part, place, is_shifted)
    key = part.signal, place, is_shifted
    found = prepared.spots.get(key)
    if found is None:
        found = prepared.spots[key] = _inside(prepared, part, place, is_shifted)
    return found


def _inside(prepared: Prepared, part: Evidence, place: int, is_shifted: bool) -> Spot:
    count = len(prepared.names)
    if place >= count:
        kind, name = _TAIL_KINDS[place - count]
        sure = kind is not PartKind.OTHER and part.worth[place] >= STRONG
        form = form_in_words(part.signal)
        why = f"目录要素之后依次为 GTIN、CAS、其他，此处为{name}"
        if sure and form:
            why = f"内容是{form}，为目录要素之后的{name}"
        return Spot((kind, None, name), ("", why, "", sure))
    element = prepared.names[place]
    word = next((w for w in part.words if place in prepared.words.get(w, ())), "")
    label = part.label.text if part.label is not None and place in part.label.places else ""
    why = (moved if is_shifted else by_content)(element.number, part.signal, word, label)
    sure = _is_sure(prepared, part, place)
    return Spot((PartKind.ELEMENT, element.number, element.name), (element.category, why, "", sure))


def _is_sure(prepared: Prepared, part: Evidence, place: int) -> bool:
    """Whether a part's text speaks for this place, and for no other as much."""
    told = part.is_told or part.label is not None or prepared.scores[place][part.signal] >= STRONG
    return (
        told
        and part.worth[place] >= STRONG
        and all(
            part.worth[place] - part.worth[other] > _EQUAL
            for other in range(len(prepared.names))
            if other != place
        )
    )


def _outside(part: Evidence) -> Spot:
    """Name what the list has no place for."""
    if part.signal == Signal.EMPTY:
        return Spot((PartKind.OTHER, None, "其他"), ("", "多余的空项", "", False))
    if part.older is None:
        why = "目录要素和旧版要素中都没有与内容相符的"
        return Spot((PartKind.UNMATCHED, None, "未对应要素"), ("", why, "", False))
    why = f"目录没有此要素：{part.older.source}"
    return Spot((PartKind.OLDER, None, part.older.name), ("", why, "", False))


def _confidence(parts: Sequence[Evidence], places: Sequence[int], spots: Sequence[Spot]) -> float:
    found = []
    for part, place, spot in zip(parts, places, spots, strict=True):
        if spot.after[3]:
            found.append(_SURE)
        elif place != NOWHERE:
            found.append(_LIKELY if part.worth[place] >= 0 else _ODD)
        elif part.older is not None:
            found.append(_SURE if part.older.cost <= _SURE_OLDER else _LIKELY)
        else:
            found.append(0.0)
    return round(sum(found) / len(found), 2) if found else _ODD


def _notes(prepared: Prepared, spots: Sequence[Spot], shifted: set[int]) -> tuple[str, ...]:
    kinds = [spot.before[0] for spot in spots]
    placed = {spot.before[1] for spot in spots}
    older = [s.before[2] for s, kind in zip(spots, kinds, strict=True) if kind is PartKind.OLDER]
    missing = [
        slot.bare
        for slot, name in zip(prepared.slots, prepared.names, strict=False)
        if name.number not in placed
    ]
    unknown = kinds.count(PartKind.UNMATCHED)
    notes = []
    if older:
        named = "、".join(dict.fromkeys(older))
        notes.append(f"有 {len(older)} 个部分是目录没有的旧版要素：{named}。")
    if shifted:
        notes.append(f"有 {len(shifted)} 个部分的位置与目录顺序不同，已按内容对应。")
    if missing:
        notes.append(f"没有填报的要素：{'、'.join(missing)}。")
    if unknown:
        notes.append(f"有 {unknown} 个部分未能对应要素。")
    return tuple(notes)
