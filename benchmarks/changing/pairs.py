"""Labelled pairs: a text beside itself with one fact changed, or in another form only."""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.changing.facts import FACTS
from benchmarks.changing.forms import FORMS, Texts
from benchmarks.changing.goods import Text

_MOST_FORMS = 3


class Pair(NamedTuple):
    """Two texts; whether they state the same facts, and the names of the changes between them."""

    a: Text
    b: Text
    same: bool
    changes: tuple[str, ...]


def change_form(rng: random.Random, text: Text, count: int) -> tuple[Text, tuple[str, ...]]:
    """Change a text by up to `count` forms, each of another kind."""
    texts: Texts = (text.name, text.g_model)
    done: list[str] = []
    for name in rng.sample(sorted(FORMS), len(FORMS)):
        if len(done) == count:
            break
        changed = FORMS[name](rng, texts)
        if changed is not None and changed != texts:
            texts = changed
            done.append(name)
    return text._replace(name=texts[0], g_model=texts[1]), tuple(done)


def change_fact(rng: random.Random, text: Text) -> tuple[Text, str] | None:
    """Change one fact of a text, each kind of change as often as the next; None where none can."""
    for name in rng.sample(sorted(FACTS), len(FACTS)):
        changed = FACTS[name](rng, (text.name, text.g_model))
        if changed is not None and changed != (text.name, text.g_model):
            return text._replace(name=changed[0], g_model=changed[1]), name
    return None


def make_pairs(texts: Sequence[Text], count: int, seed: int) -> Iterator[Pair]:
    """Make `count` pairs, half of them with a fact changed, most of those in other forms too."""
    rng = random.Random(seed)
    made = 0
    while made < count:
        text = rng.choice(texts)
        if made % 2:
            other, changes = change_form(rng, text, rng.randint(1, _MOST_FORMS))
            if not changes:
                continue
            yield Pair(text, other, True, changes)
        else:
            found = change_fact(rng, text)
            if found is None:
                continue
            other, changes = change_form(rng, found[0], rng.randint(0, _MOST_FORMS))
            yield Pair(text, other, False, (found[1], *changes))
        made += 1
