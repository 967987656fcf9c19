"""Columns of a block for comparison/candidates.py: what a word adds to the score of each other word.

A column is one part (or the name) over all contents of an index. Arrays and pure functions.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from comparison.forms import DIFFERING_SHARE

Parts = tuple[str, ...]
Floats = NDArray[np.float32]
Codes = NDArray[np.int32]
Ints = NDArray[np.int64]

# A column of more distinct words than this is left open but for its frequent ones.
FEW_WORDS = 3_000
# Frequent: at least this share of the contents has the word.
_FREQUENT = 1 / 200
# How many combinations of words in some columns are taken together.
COMBINATIONS = 4_000
# How many likenesses a column keeps: 64 MiB at most.
_KEPT_FLOATS = 1 << 24
# The codes of an empty part, and of a word that is not listed.
EMPTY, RARE = 0, 1


class Column:
    """One part of all contents: which words it has, and how like they are to another word."""

    def __init__(self, words: Sequence[str], *, weight: float, is_name: bool) -> None:
        self.weight = weight
        self.is_name = is_name
        counts = Counter(words)
        if not is_name:
            del counts[""]
        if len(counts) > FEW_WORDS:
            least = max(2, int(len(words) * _FREQUENT))
            counts = Counter({word: n for word, n in counts.items() if n >= least})
        self.explicit = list(counts)
        codes = {word: code for code, word in enumerate(self.explicit, 2)}
        if not is_name:
            codes[""] = EMPTY
        self.codes = np.fromiter((codes.get(w, RARE) for w in words), np.int32, len(words))
        self.is_open = bool((self.codes == RARE).any())
        self.with_rare: defaultdict[str, list[int]] = defaultdict(list)
        if self.is_open:
            for place in np.flatnonzero(self.codes == RARE).tolist():
                self.with_rare[words[place]].append(place)
        self._words = words
        self._rows: dict[str, Floats] = {}
        self._to_rare: dict[str, Floats] = {}

    def prepare(self, words: Iterable[str]) -> None:
        """Compute the rows of words that will be asked for, at once: many times as fast as singly."""
        wanted = [word for word in dict.fromkeys(words) if word not in self._rows]
        if (len(self._rows) + len(wanted)) * (len(self.explicit) + 2) > _KEPT_FLOATS:
            self._rows.clear()
        rows = np.zeros((len(wanted), len(self.explicit) + 2), np.float32)
        if self.explicit and wanted:
            alike = process.cdist(
                wanted, self.explicit, scorer=Indel.normalized_similarity, dtype=np.float32
            )
            rows[:, 2:] = alike * np.float32(DIFFERING_SHARE)
        rows[:, RARE] = DIFFERING_SHARE
        places = {word: place for place, word in enumerate(self.explicit, 2)}
        for row, word in zip(rows, wanted, strict=True):
            if word in places:
                row[places[word]] = 1
            if not word and not self.is_name:
                row[:] = 0
            row *= np.float32(self.weight)
            self._rows[word] = row

    def row(self, word: str) -> Floats:
        """Give what each code of the column adds to the score of a content with this word."""
        if word not in self._rows:
            self.prepare([word])
        return self._rows[word]

    def compare_with_rare(self, words: Iterable[str]) -> None:
        """Compare words with all rare ones at once, for a column where very many are asked for."""
        wanted = list(dict.fromkeys(words))
        alike = process.cdist(
            wanted, self._words, scorer=Indel.normalized_similarity, dtype=np.float32
        )
        self._to_rare = dict(zip(wanted, alike, strict=True))

    def likeness_to_rare(self, word: str, places: Ints) -> NDArray[np.float64]:
        """Give the likeness of a word to the rare words of some contents."""
        if word in self._to_rare:
            alike = self._to_rare[word][places].astype(np.float64)
        else:
            theirs = [self._words[place] for place in places.tolist()]
            alike = process.cdist([word], theirs, scorer=Indel.normalized_similarity)[0]
        return np.where(alike >= 1, 1.0, alike * DIFFERING_SHARE)


class Bundle:
    """Columns taken together: each combination of their codes that occurs is one code."""

    def __init__(self, places: Sequence[int], codes: Sequence[NDArray[np.int32]]) -> None:
        self.places = list(places)
        table = np.column_stack(codes).astype(np.int64)
        first, numbers, _ = distinct_rows(table)
        self.codes = numbers.astype(np.int32)
        self._each = [np.ascontiguousarray(table[first, n]) for n in range(len(self.places))]
        self._rows: dict[tuple[str, ...], Floats] = {}

    def row(self, columns: Sequence[Column], parts: Parts) -> Floats:
        """Give what each combination adds to the score of a content with these parts."""
        words = tuple(word_at(parts, place) for place in self.places)
        row = self._rows.get(words)
        if row is None:
            row = np.zeros(len(self._each[0]), np.float32)
            for place, word, codes in zip(self.places, words, self._each, strict=True):
                row += columns[place].row(word)[codes]
            if (len(self._rows) + 1) * len(row) > _KEPT_FLOATS >> 2:
                self._rows.clear()
            self._rows[words] = row
        return row


def bundled(places: Sequence[int], codes: dict[int, NDArray[np.int32]]) -> Iterator[Bundle]:
    """Take columns together as long as their combinations are few, those of fewest words first."""
    waiting = sorted(places, key=lambda place: len(np.unique(codes[place])))
    while waiting:
        taken, found = [waiting.pop(0)], 1
        while waiting:
            together = np.column_stack([codes[place] for place in [*taken, waiting[0]]])
            found = len(distinct_rows(together.astype(np.int64))[0])
            if found > COMBINATIONS:
                break
            taken.append(waiting.pop(0))
        yield Bundle(taken, [codes[place] for place in taken])


def word_at(parts: Parts, place: int) -> str:
    """Give the name (place 0) or a part; the empty text where there is none."""
    return parts[place] if place < len(parts) else ""


def distinct_rows(table: NDArray[np.int64]) -> tuple[Ints, Ints, Ints]:
    """Find the distinct rows: the first place of each, each place's number of them, their sizes."""
    order = np.lexsort(table.T[::-1])
    ordered = table[order]
    is_new = np.concatenate(([True], (ordered[1:] != ordered[:-1]).any(axis=1)))
    numbers = np.cumsum(is_new) - 1
    group_of = np.empty(len(table), np.int64)
    group_of[order] = numbers
    return order[is_new], group_of, np.bincount(numbers)
