"""Texts changed by one fact, or in form only: what the comparison makes of each."""

from collections import Counter

import pytest

from benchmarks.changing.facts import FACTS
from benchmarks.changing.forms import FORMS, in_chinese
from benchmarks.changing.goods import INVENTED, demo_texts
from benchmarks.changing.pairs import make_pairs
from benchmarks.matchers import PEERS, Quality, best_threshold, quality
from benchmarks.mutations import conforming_texts, mutate, says_the_same
from comparison.quantities import chinese_value

TEXTS = conforming_texts(seed=7)


def test_no_single_change_of_fact_is_judged_the_same():
    made = mutate(TEXTS, FACTS, 300, seed=11)
    assert len(made) == 300
    assert set(Counter(one.change for one in made)) == set(FACTS)
    assert [one for one in made if one.same] == []


def test_changes_of_form_are_judged_the_same():
    made = mutate(TEXTS, FORMS, 300, seed=12)
    assert set(Counter(one.change for one in made)) == set(FORMS)
    missed = [one for one in made if not one.same]
    assert len(missed) <= 0.05 * len(made), missed


def test_precision_and_recall_on_pairs_that_the_rules_were_not_written_for():
    pairs = list(make_pairs([*INVENTED, *demo_texts(100, seed=5)], 1_000, seed=99))
    labels = [pair.same for pair in pairs]
    found = quality(labels, [says_the_same(pair.a, pair.b) for pair in pairs])
    assert found.precision >= 0.98
    assert found.recall >= 0.95


def test_no_plain_similarity_of_strings_would_do():
    pairs = list(make_pairs(INVENTED, 300, seed=3))
    labels = [pair.same for pair in pairs]
    for name, scorer in PEERS.items():
        _, best = best_threshold(labels, scorer([(pair.a, pair.b) for pair in pairs]))
        assert 0.3 < best.f1 < 0.8, name


def test_the_best_threshold_is_the_one_of_the_best_f1():
    labels, scores = [True, True, False, True, False], [0.9, 0.8, 0.8, 0.3, 0.1]
    threshold, best = best_threshold(labels, scores)
    assert threshold == 0.3
    assert best == Quality(0.75, 1.0)
    assert quality([True, False], [False, False]) == Quality(1.0, 0.0)


@pytest.mark.parametrize("number", [*range(1, 120), 200, 205, 210, 311, 999])
def test_numbers_are_written_in_chinese_as_they_are_read(number):
    assert chinese_value(in_chinese(number)) == number
