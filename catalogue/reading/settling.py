"""What the alignment leaves: parts that speak for a place that another has, and parts without one.

The alignment keeps the order of the list; a declared string need not. A part whose own words or
form speak for an element takes it from one that only stood there by its turn; what is left over
goes, in order, to what is still free between its neighbours. Pure functions.
"""

from collections.abc import Sequence
from typing import Protocol

from catalogue.reading.aligning import NOWHERE
from catalogue.reading.older import OlderElement
from catalogue.reading.scores import STRONG

# What a part may be worth in a place that it gets only because both are left.
_LEFT_OVER = -1.0
_LEFT_OVER_ELSEWHERE = 0.3
# An older element that costs so much is only a guess by the text's form.
GUESSED = 1.5


class Known(Protocol):
    """What is asked of a part: its worth in each place, and whether an older element explains it."""

    @property
    def worth(self) -> Sequence[float]:
        """The worth in each place."""

    @property
    def older(self) -> OlderElement | None:
        """The older element that it may be."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands there."""


def settle(parts: Sequence[Known], places: list[int], count: int) -> set[int]:
    """Change `places` (of `count` elements, NOWHERE for none) for the better; give what moved.

    What is moved here stands out of the order of the list, or in a place that only was left.
    """
    moved = _take_over(parts, places, count)
    moved |= _swap(parts, places, count)
    _fill(parts, places, count)
    return {at for at in moved if places[at] != NOWHERE}


def _take_over(parts: Sequence[Known], places: list[int], count: int) -> set[int]:
    """Let a part without a place take the one that it speaks for from one that does not."""
    moved: set[int] = set()
    holder = {place: at for at, place in enumerate(places) if 0 <= place < count}
    for at, part in enumerate(parts):
        if places[at] != NOWHERE or part.is_empty:
            continue
        gains = [
            (part.worth[place] - parts[other].worth[place], -place)
            for place, other in holder.items()
            if part.worth[place] >= STRONG
        ]
        gain, place = max(gains, default=(0.0, 0))
        if gain >= STRONG:
            other = holder[-place]
            places[at], places[other] = -place, NOWHERE
            holder[-place] = at
            moved.discard(other)
            moved.add(at)
    return moved


def _swap(parts: Sequence[Known], places: list[int], count: int) -> set[int]:
    """Let two parts change places where each, or one of them clearly, speaks for the other's."""
    moved: set[int] = set()
    placed = [at for at, place in enumerate(places) if 0 <= place < count]
    for first, one in enumerate(placed):
        for other in placed[first + 1 :]:
            here, there = places[one], places[other]
            now = parts[one].worth[here] + parts[other].worth[there]
            crossed = parts[one].worth[there] + parts[other].worth[here]
            speaks = max(parts[one].worth[there], parts[other].worth[here]) >= STRONG
            if speaks and crossed - now >= STRONG:
                places[one], places[other] = there, here
                moved |= {one, other}
    return moved


def _fill(parts: Sequence[Known], places: list[int], count: int) -> None:
    """Give parts that nothing explains what is free between their neighbours, else elsewhere."""
    for at, part in enumerate(parts):
        if places[at] != NOWHERE or part.is_empty:
            continue
        is_guessed = part.older is not None
        if part.older is not None and part.older.cost < GUESSED:
            continue
        free = set(range(count)).difference(places)
        if not free:
            return
        low = max((place for place in places[:at] if place < count), default=-1)
        high = min((place for place in places[at + 1 :] if place >= 0), default=count)
        between = [place for place in sorted(free) if low < place < high]
        near = _LEFT_OVER_ELSEWHERE if is_guessed else _LEFT_OVER
        for candidates, least in ((between, near), (sorted(free), _LEFT_OVER_ELSEWHERE)):
            best = max(candidates, key=lambda place: (part.worth[place], -place), default=NOWHERE)
            if best != NOWHERE and part.worth[best] >= least:
                places[at] = best
                break
