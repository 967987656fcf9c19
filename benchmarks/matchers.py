"""What the comparison is measured beside: three common ways to tell whether two texts are one.

Each gives a score to every pair of a list; a pair counts as the same above the threshold that gives
the best F1 on these very pairs, which is more than any of them would know in use.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from benchmarks.changing.goods import Text

TextPair = tuple[Text, Text]
Scorer = Callable[[Sequence[TextPair]], list[float]]
_ROUNDS = 50
_SIMILAR = 0.9
_NO_CHANCE = 1e-6


class Quality(NamedTuple):
    """How well answers agree with labels."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def quality(labels: Sequence[bool], answers: Sequence[bool]) -> Quality:
    """Compare answers with labels; both are perfect where nothing was to be found or nothing is."""
    hits = sum(a and b for a, b in zip(labels, answers, strict=True))
    return Quality(
        hits / sum(answers) if any(answers) else 1.0, hits / sum(labels) if any(labels) else 1.0
    )


def best_threshold(labels: Sequence[bool], scores: Sequence[float]) -> tuple[float, Quality]:
    """Find the threshold of the best F1, in one pass over the sorted scores."""
    ranked = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    total, hits = sum(labels), 0
    best, found = (math.inf, Quality(1.0, 0.0)), Quality(1.0, 0.0)
    for count, (score, label) in enumerate(ranked, start=1):
        hits += label
        if count < len(ranked) and ranked[count][0] == score:
            continue
        found = Quality(hits / count, hits / total if total else 1.0)
        if found.f1 > best[1].f1:
            best = score, found
    return best


def plain(text: Text) -> str:
    """Fold a text as the peers get it: NFKC, lower case, empty parts at the end away."""
    return unicodedata.normalize("NFKC", f"{text.name}|{text.g_model}").casefold().rstrip("| ")


def token_set(pairs: Sequence[TextPair]) -> list[float]:
    """Score by rapidfuzz's token_set_ratio; parts, items and words are the tokens."""
    return [
        fuzz.token_set_ratio(*(re.sub(r"[|,，、;；/&+]", " ", plain(text)) for text in pair)) / 100
        for pair in pairs
    ]


def jaccard(pairs: Sequence[TextPair]) -> list[float]:
    """Score by the share of distinct characters that both have."""
    scores = []
    for pair in pairs:
        a, b = (set(plain(text)) for text in pair)
        scores.append(len(a & b) / len(a | b) if a | b else 1.0)
    return scores


def equal_but_punctuation(pairs: Sequence[TextPair]) -> list[float]:
    """Score 1 where nothing differs but punctuation, white space and width; else 0."""
    return [float(len({re.sub(r"[^\w]", "", plain(text)) for text in pair}) == 1) for pair in pairs]


def fellegi_sunter(pairs: Sequence[TextPair]) -> list[float]:
    """Score by match weights in the manner of Splink: levels for each column, learned by EM.

    Columns: name, both leading codes, numbers, Latin words and codes, Chinese text, count of parts.
    Each agrees wholly, nearly (Jaro-Winkler 0.9) or not; columns count as independent.
    """
    levels = [_levels(*pair) for pair in pairs]
    columns = range(len(levels[0]))
    matching, m, u = 0.5, [[0.8, 0.15, 0.05] for _ in columns], [[0.3, 0.3, 0.4] for _ in columns]
    weights: list[float] = []
    for _ in range(_ROUNDS):
        weights = [
            math.log2(matching / (1 - matching))
            + sum(math.log2(m[c][row[c]] / u[c][row[c]]) for c in columns)
            for row in levels
        ]
        chances = [1 / (1 + 2 ** -max(-60.0, min(60.0, weight))) for weight in weights]
        matching = min(max(sum(chances) / len(chances), _NO_CHANCE), 1 - _NO_CHANCE)
        for column in columns:
            m[column] = _shares([row[column] for row in levels], chances)
            u[column] = _shares([row[column] for row in levels], [1 - chance for chance in chances])
    return weights


def _shares(levels: Sequence[int], chances: Sequence[float]) -> list[float]:
    sums = [_NO_CHANCE] * 3
    for level, chance in zip(levels, chances, strict=True):
        sums[level] += chance
    return [each / sum(sums) for each in sums]


def _levels(a: Text, b: Text) -> tuple[int, ...]:
    return tuple(map(_level, _columns(a), _columns(b)))


def _columns(text: Text) -> tuple[str, ...]:
    name, *parts = plain(text).split("|")
    rest = "|".join(parts[2:])
    return (
        name,
        "|".join(parts[:2]),
        " ".join(sorted(re.findall(r"\d+(?:\.\d+)?", rest))),
        " ".join(sorted(re.findall(r"[a-z][a-z\d/.-]*", rest))),
        "".join(re.findall("[\u4e00-\u9fff]", rest)),
        str(len(parts)),
    )


def _level(a: str, b: str) -> int:
    if a == b:
        return 0
    return 1 if JaroWinkler.similarity(a, b) >= _SIMILAR else 2


PEERS: dict[str, Scorer] = {
    "token_set_ratio": token_set,
    "character_jaccard": jaccard,
    "fellegi_sunter": fellegi_sunter,
    "equal_but_punctuation": equal_but_punctuation,
}
