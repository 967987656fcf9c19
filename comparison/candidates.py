"""The nearest of many contents, exactly, without looking at all pairs.

"Nearest" is the greatest comparison.forms.similarity, rounded to SCORE_DIGITS; of equal ones the
smallest content_key. Whoever looks for it among tens of thousands must not score each: an Index
bounds from above what whole groups of contents can score, and scores only those that may win. So the
answer is that of all pairs, whatever the groups are, and depends on nothing but the two contents and
the set that they are sought in. Pure functions and arrays, no database.

How the bound comes about: a content is its name and parts, each written in the one way that stands
for all forms. A column is one part over all contents. Few words make up most columns (materials,
uses, brands): there the likeness of a word to each other word is computed once. Columns of many
words (part numbers) are left open: a word that differs counts at most DIFFERING_SHARE. Contents
that agree in all words of the first kind are one group, bounded by one sum. Equal rare words, which
count more than an open one may, are looked up.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from comparison.columns import (
    RARE,
    Column,
    Floats,
    Ints,
    Parts,
    bundled,
    distinct_rows,
    word_at,
)
from comparison.forms import DIFFERING_SHARE, NAME_WEIGHT, parts_similarity

# Scores are compared, and kept, with so many digits.
SCORE_DIGITS = 6
# Bounds are sums of single precision.
_SLACK = 1e-5
# Contents of more parts than this are scored one by one: no catalogue's list is so long.
_MOST_PARTS = 40
# So few contents are scored one by one too: to bound them would take longer.
_FEW = 32
# Groups bounded so near to the highest bound are looked at before the rest.
_FIRST = 0.02
# How many contents are made ready for at once; fewer where many must be compared with each.
_CHUNK, _CROWDED_CHUNK, _CROWD = 2_000, 100, 2_000


class Member(NamedTuple):
    """A content to be found: its number, its content_key, its name and parts in canonical writing."""

    content_id: int
    content_key: bytes
    parts: Parts


class Found(NamedTuple):
    """A content that was found, and how near it is (0 to 1, SCORE_DIGITS digits)."""

    score: float
    content_key: bytes
    content_id: int

    def is_nearer_than(self, other: "Found | None") -> bool:
        """Whether it takes the other's place: a greater score, or an equal one and a smaller key."""
        if other is None:
            return True
        return (-self.score, self.content_key) < (-other.score, other.content_key)


def score(a: Parts, b: Parts) -> float:
    """Score two contents by their canonical parts, as they are ranked."""
    return round(parts_similarity(a, b), SCORE_DIGITS)


class Index:
    """Contents of one block, to find the nearest to others among them."""

    def __init__(self, members: Iterable[Member]) -> None:
        # Contents of equal parts score alike: the smallest key stands for all of them.
        alike: dict[Parts, Member] = {}
        self._odd: list[Member] = []
        for member in members:
            held = alike.get(member.parts)
            if held is None or member.content_key < held.content_key:
                alike[member.parts] = member
        most = _MOST_PARTS if len(alike) > _FEW else -1
        self._odd = [m for m in alike.values() if len(m.parts) > most]
        self._members = [m for m in alike.values() if len(m.parts) <= most]
        self._columns: list[Column] = []
        self._closed: list[int] = []
        self._is_crowded = False
        if self._members:
            self._make_columns()
            self._make_groups()
        self._last: tuple[tuple[str, ...], Floats] | None = None
        self._shares: dict[int, Floats] = {}

    def __len__(self) -> int:
        return len(self._members) + len(self._odd)

    def _make_columns(self) -> None:
        width = max(len(member.parts) for member in self._members)
        for place in range(width):
            words = [m.parts[place] if place < len(m.parts) else "" for m in self._members]
            weight = NAME_WEIGHT if place == 0 else 1.0
            self._columns.append(Column(words, weight=weight, is_name=place == 0))

    def _make_groups(self) -> None:
        """Put contents of equal codes, filled in the same parts, into groups."""
        masks = np.fromiter((_filled(m.parts) for m in self._members), np.int64, len(self._members))
        table = np.column_stack([masks, *(column.codes for column in self._columns)])
        first, self._group_of, sizes = distinct_rows(table)
        self._order: Ints = np.argsort(self._group_of, kind="stable").astype(np.int64)
        self._starts: Ints = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        distinct_masks, mask_of = np.unique(masks[first], return_inverse=True)
        self._masks = [int(mask) for mask in distinct_masks]
        self._mask_of = mask_of.astype(np.int32)
        places = range(len(self._columns))
        self._open = [p for p in places if self._columns[p].is_open]
        closed = [p for p in places if not self._columns[p].is_open]
        codes = {p: self._columns[p].codes[first] for p in places}
        # Open columns last: a run of contents to look for often has the same words in the others.
        self._bundles = [*bundled(closed, codes), *bundled(self._open, codes)]
        self._closed_bundles = sum(bundle.places[0] in closed for bundle in self._bundles)
        self._closed = [p for bundle in self._bundles for p in bundle.places if p in closed]
        # Where very many differ in open columns alone, their words are compared many with many.
        self._is_crowded = bool(self._open) and int(sizes.max()) >= _CROWD

    def prepare(self, wanted: Sequence[Parts]) -> None:
        """Make ready to look for many contents."""
        for place, column in enumerate(self._columns):
            words = [word_at(parts, place) for parts in wanted]
            column.prepare(words)
            if self._is_crowded and column.is_open:
                column.compare_with_rare(words)

    def nearest(self, parts: Parts) -> Found | None:
        """Find the nearest content to one of these parts; None where the index is empty."""
        best = self.top(parts, 1)
        return best[0] if best else None

    def top(self, parts: Parts, count: int) -> list[Found]:
        """Find the `count` nearest contents of different parts, the nearest first."""
        found = [self._score(parts, member) for member in self._odd]
        if self._members:
            if len(parts) > _MOST_PARTS:
                found += [self._score(parts, member) for member in self._members]
            else:
                found += self._search(parts, count)
        found.sort(key=lambda one: (-one.score, one.content_key))
        return found[:count]

    def nearest_of_each(self, wanted: Sequence[Parts]) -> Iterator[tuple[Parts, Found | None]]:
        """Find the nearest to each of many contents; they come in another order than given."""
        ordered = sorted(set(wanted), key=lambda parts: [word_at(parts, p) for p in self._closed])
        step = _CROWDED_CHUNK if self._is_crowded else _CHUNK
        for start in range(0, len(ordered), step):
            chunk = ordered[start : start + step]
            self.prepare([parts for parts in chunk if len(parts) <= _MOST_PARTS])
            for parts in chunk:
                yield parts, self.nearest(parts)

    def reached_by(self, member: Member, least: Floats) -> Iterator[tuple[int, Found]]:
        """Find the contents to which a further one is at least as near as they have already.

        `least` has the score that each content has (`places` tells their order). Yields places of
        contents and what the further one is to them.
        """
        for place, own in enumerate(self._odd, len(self._members)):
            yield place, self._score(own.parts, member)
        if not self._members:
            return
        if len(member.parts) > _MOST_PARTS:
            places: Iterable[int] = range(len(self._members))
        else:
            places = self._reached(member.parts, least)
        for place in places:
            yield int(place), self._score(self._members[place].parts, member)

    @property
    def places(self) -> list[Parts]:
        """The parts of the contents, each at its place."""
        return [member.parts for member in [*self._members, *self._odd]]

    # --- bounds ------------------------------------------------------------------------------------

    def _score(self, parts: Parts, member: Member) -> Found:
        return Found(score(parts, member.parts), member.content_key, member.content_id)

    def _bounds(self, parts: Parts) -> tuple[Floats, Floats]:
        """Bound the score of each group with a content: the weighted sums, and one by their weight."""
        words = tuple(word_at(parts, place) for place in self._closed)
        if self._last is None or self._last[0] != words:
            total = np.zeros(len(self._mask_of), np.float32)
            for bundle in self._bundles[: self._closed_bundles]:
                total += bundle.row(self._columns, parts)[bundle.codes]
            self._last = words, total
        total = self._last[1]
        for bundle in self._bundles[self._closed_bundles :]:
            total = total + bundle.row(self._columns, parts)[bundle.codes]
        # Filled parts for which no content has a column weigh, and add nothing.
        mine = _filled(parts)
        if mine not in self._shares:
            weights = [NAME_WEIGHT + (mine | mask).bit_count() for mask in self._masks]
            self._shares[mine] = np.reciprocal(np.array(weights, np.float32))[self._mask_of]
        return total, self._shares[mine]

    def _sharing_rare(self, parts: Parts) -> Ints:
        """Find the contents that share a rare word, which bounds of open columns leave out."""
        places: list[int] = []
        for place in self._open:
            word = word_at(parts, place)
            if word or place == 0:
                places += self._columns[place].with_rare.get(word, ())
        return np.array(places, np.int64)

    def _values(
        self, parts: Parts, places: Ints, totals: Floats, shares: Floats
    ) -> NDArray[np.float64]:
        """Score contents to single precision: what open columns left open is computed."""
        groups = self._group_of[places]
        values = totals[groups].astype(np.float64)
        for place in self._open:
            column, word = self._columns[place], word_at(parts, place)
            if not (word or place == 0):
                continue
            rare = np.flatnonzero(column.codes[places] == RARE)
            if rare.size:
                alike = column.likeness_to_rare(word, places[rare])
                values[rare] += column.weight * (alike - DIFFERING_SHARE)
        return values * shares[groups]

    def _members_of(self, groups: Ints) -> Ints:
        starts, ends = self._starts[groups], self._starts[groups + 1]
        sizes = ends - starts
        # The places of all groups' members in the order: each run counted on from its start.
        before = np.repeat(starts - np.concatenate(([0], np.cumsum(sizes)[:-1])), sizes)
        return self._order[before + np.arange(len(before))]

    def _search(self, parts: Parts, count: int) -> list[Found]:
        totals, shares = self._bounds(parts)
        bounds = totals * shares
        places = self._sharing_rare(parts)
        values = self._values(parts, places, totals, shares)
        highest = bounds.max() if count == 1 else _nth(bounds, count)
        least, taken = 0.0, np.float32(np.inf)
        # First those that are bounded highest; then what their scores do not rule out.
        for lowest in (highest - _FIRST, None):
            lowest = np.float32(least if lowest is None else max(lowest, least))
            groups = np.flatnonzero((bounds >= lowest) & (bounds < taken))
            taken = min(taken, lowest)
            if groups.size:
                more = self._members_of(groups)
                values = np.concatenate([values, self._values(parts, more, totals, shares)])
                places = np.concatenate([places, more])
            least = _nth(values, count) - _SLACK
        nearest = set(places[values >= least].tolist())
        return [self._score(parts, self._members[place]) for place in nearest]

    def _reached(self, parts: Parts, least: Floats) -> Ints:
        totals, shares = self._bounds(parts)
        bounds = totals * shares
        wanted = np.flatnonzero(bounds[self._group_of] >= least[: len(self._members)] - _SLACK)
        places = np.unique(np.concatenate([wanted, self._sharing_rare(parts)]))
        values = self._values(parts, places, totals, shares)
        return places[values >= least[places] - _SLACK]


def _filled(parts: Parts) -> int:
    """Give a bit for each part that is filled; the name is none of them."""
    return sum(1 << place for place, part in enumerate(parts[1:]) if part)


def _nth(values: NDArray[np.floating[Any]], count: int) -> float:
    if len(values) < count:
        return 0.0
    return float(np.partition(values, len(values) - count)[len(values) - count])
