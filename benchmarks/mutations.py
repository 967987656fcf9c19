"""Single changes of conforming goods text: `python -m benchmarks.mutations --changes N`.

N changes of one fact each, of which none may be judged identical or the same, and N changes of form,
of which at least 95 % should be. No database. Exits non-zero where a changed fact is called the same.
The last line is JSON.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice
from typing import NamedTuple

from benchmarks.changing.facts import FACTS
from benchmarks.changing.forms import FORMS, Change
from benchmarks.changing.goods import INVENTED, Text, demo_texts, sample_texts
from comparison.forms import form_key
from declarations.normalise import content_key

# How many texts are tried for one change: few have a square metre.
_TRIES = 200


class Mutated(NamedTuple):
    """A text, its changed copy, the change, and whether both are judged to say the same."""

    text: Text
    changed: Text
    change: str
    same: bool


def mutate(
    texts: Sequence[Text], changes: dict[str, Change], count: int, seed: int
) -> list[Mutated]:
    """Make `count` single changes, each kind in turn, and judge each changed text by its original."""
    rng = random.Random(seed)
    made: list[Mutated] = []
    for name in islice(cycle(sorted(changes)), _TRIES * count):
        if len(made) == count:
            break
        for text in rng.sample(texts, min(_TRIES, len(texts))):
            found = changes[name](rng, (text.name, text.g_model))
            if found is not None and found != (text.name, text.g_model):
                changed = text._replace(name=found[0], g_model=found[1])
                made.append(Mutated(text, changed, name, says_the_same(text, changed)))
                break
    return made


def says_the_same(a: Text, b: Text) -> bool:
    """Whether the comparison calls two texts identical or the same, as marks do."""
    return form_key(*a) == form_key(*b) or content_key(*a) == content_key(*b)


def conforming_texts(seed: int) -> list[Text]:
    """Texts to change: invented ones, the demo's, and real ones where they are there."""
    return [*INVENTED, *demo_texts(200, seed), *sample_texts()]


def main() -> None:
    """Change, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    texts = conforming_texts(options.seed)
    start = time.process_time()
    facts = mutate(texts, FACTS, options.changes, options.seed)
    forms = mutate(texts, FORMS, options.changes, options.seed + 1)
    seconds = time.process_time() - start
    lost = [one for one in facts if one.same]
    missed = [one for one in forms if not one.same]
    for title, made, wrong in (("fact", facts, lost), ("form", forms, missed)):
        print(f"{title}: {len(made):,} changes, {len(wrong)} judged wrongly")
        counts, bad = Counter(one.change for one in made), Counter(one.change for one in wrong)
        for name in sorted(counts):
            print(f"  {name:16}{counts[name]:7,}{bad[name]:6} wrong")
    for one in [*lost[:5], *missed[:5]]:
        print(
            f"{one.change}: {one.text.name}|{one.text.g_model}\n     → {one.changed.name}|{one.changed.g_model}"
        )
    print(
        json.dumps(
            {
                "name": "mutations",
                "size": 2 * options.changes,
                "seconds": round(seconds, 3),
                "ratios": {},
                "facts_lost": len(lost),
                "forms_kept": round(1 - len(missed) / len(forms), 4),
            }
        )
    )
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
