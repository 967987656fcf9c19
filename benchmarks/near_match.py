"""How well the comparison tells the same facts from others: `python -m benchmarks.near_match`.

On labelled pairs: the file beside the project where it is there (`--file`), and pairs made by
benchmarks/changing. Beside the comparison stand token_set_ratio, the Jaccard index of characters and a
Fellegi-Sunter model, each at its best threshold on these pairs. No database. The last line is JSON;
`ratios` is our time ÷ theirs, for the whole judgement with its findings.
"""

import argparse
import csv
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.changing.goods import INVENTED, SAMPLES, Text, demo_texts, sample_texts
from benchmarks.changing.pairs import Pair, make_pairs
from benchmarks.matchers import PEERS, Quality, best_threshold, quality
from benchmarks.without_database import element_list
from comparison import form_rules, forms
from comparison.judging import DeclaredText, judge, keys_of

LABELLED = SAMPLES.with_name("pairs_dev.tsv")


class Measured(NamedTuple):
    """One way to match on one set of pairs."""

    quality: Quality
    seconds: float
    threshold: float


def read_pairs(path: Path) -> list[Pair]:
    """Read labelled pairs: hs_code, ie_flag, name_a ..., same (1 or 0), changes."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Pair(
                *(
                    Text(row["hs_code"], row["ie_flag"], row[f"name_{s}"], row[f"g_model_{s}"])
                    for s in "ab"
                ),
                row["same"] == "1",
                tuple(row["changes"].split("+")),
            )
            for row in csv.DictReader(lines, delimiter="\t")
        ]


def made_pairs(count: int, seed: int) -> list[Pair]:
    """Make labelled pairs of invented, real and the demo's goods text."""
    texts = [*INVENTED * 8, *sample_texts() * 2, *demo_texts(300, seed)]
    return list(make_pairs(texts, count, seed))


def measure(pairs: Sequence[Pair]) -> dict[str, Measured]:
    """Measure every way to match on the same pairs; ours with nothing remembered of before."""
    labels = [pair.same for pair in pairs]
    declared = [(DeclaredText(*pair.a), DeclaredText(*pair.b)) for pair in pairs]
    found: dict[str, Measured] = {}
    _judged(declared[:50])  # lists and patterns are made once for a process
    for name, work in (("judgement", _judged), ("keys", _by_keys)):
        form_rules.write_element.cache_clear()
        forms._written.cache_clear()
        start = time.process_time()
        answers = work(declared)
        found[name] = Measured(quality(labels, answers), time.process_time() - start, 1.0)
    for name, peer in PEERS.items():
        start = time.process_time()
        scores = peer([(pair.a, pair.b) for pair in pairs])
        seconds = time.process_time() - start
        if name == "equal_but_punctuation":
            threshold, best = 1.0, quality(labels, [score == 1 for score in scores])
        else:
            threshold, best = best_threshold(labels, scores)
        found[name] = Measured(best, seconds, threshold)
    return found


def _judged(pairs: Sequence[tuple[DeclaredText, DeclaredText]]) -> list[bool]:
    """The whole judgement: answer, score and findings by element."""
    return [judge(a, b, names=element_list(a.hs_code[:8])).says_the_same for a, b in pairs]


def _by_keys(pairs: Sequence[tuple[DeclaredText, DeclaredText]]) -> list[bool]:
    """The answer alone, as marks take it: two keys for each text."""
    return [keys_of(a).form_key == keys_of(b).form_key for a, b in pairs]


def wrong_by_change(pairs: Sequence[Pair]) -> dict[str, tuple[int, int]]:
    """Count for each change how many pairs have it, and how many of them are judged wrongly.

    Of pairs with a fact changed only that change is counted.
    """
    counts: dict[str, tuple[int, int]] = {}
    for pair in pairs:
        keys = [keys_of(DeclaredText(*text)).form_key for text in pair[:2]]
        wrong = (keys[0] == keys[1]) != pair.same
        for change in pair.changes if pair.same else pair.changes[:1]:
            seen, bad = counts.get(change, (0, 0))
            counts[change] = seen + 1, bad + wrong
    return counts


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=LABELLED, help="labelled pairs")
    parser.add_argument("--pairs", type=int, default=4_000, help="how many pairs to make")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changes", action="store_true", help="count by kind of change too")
    options = parser.parse_args()
    sets = {"made": made_pairs(options.pairs, options.seed)}
    if options.file.exists():
        sets = {options.file.stem: read_pairs(options.file), **sets}
    else:
        print(f"{options.file.name} is missing: only pairs that are made here")
    measured = {}
    for name, pairs in sets.items():
        measured[name] = measure(pairs)
        same = sum(pair.same for pair in pairs)
        print(f"\n{name}: {len(pairs):,} pairs, {same:,} of them the same")
        print(f"{'':24}{'precision':>10}{'recall':>8}{'F1':>8}{'pairs/s':>11}{'threshold':>11}")
        for way, (answer, seconds, threshold) in measured[name].items():
            print(
                f"{way:24}{answer.precision:10.4f}{answer.recall:8.4f}{answer.f1:8.4f}"
                f"{len(pairs) / seconds:11,.0f}{threshold:11.3f}"
            )
        if options.changes:
            for change, (seen, wrong) in sorted(wrong_by_change(pairs).items()):
                print(f"  {change:18}{seen:6}{wrong:5} wrong")
    first = next(iter(sets))
    ours, size = measured[first]["judgement"], len(sets[first])
    print(
        json.dumps(
            {
                "name": "near_match",
                "size": size,
                "seconds": round(ours.seconds, 3),
                "ratios": {
                    peer: round(ours.seconds / measured[first][peer].seconds, 2) for peer in PEERS
                },
                "precision": round(ours.quality.precision, 4),
                "recall": round(ours.quality.recall, 4),
                "pairs_per_second": round(size / ours.seconds),
                "made": {
                    "size": options.pairs,
                    "precision": round(measured["made"]["judgement"].quality.precision, 4),
                    "recall": round(measured["made"]["judgement"].quality.recall, 4),
                },
                "f1": {way: round(one.quality.f1, 4) for way, one in measured[first].items()},
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
