"""The nearest of a block: exactly what all pairs give, whatever the block is like."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.candidates import all_pairs, make_block
from comparison.candidates import Found, Index, Member, score
from comparison.forms import canonical_parts, similarity

WORDS = st.sampled_from(["", "铁", "钢", "铁架", "无品牌", "a1", "a12", "b-7", "3", "4"])
PARTS = st.lists(WORDS, min_size=1, max_size=6).map(lambda parts: tuple(_cut(parts)))


def _cut(parts: list[str]) -> list[str]:
    """Without the empty parts at the end, as canonical parts are; the name stays."""
    while len(parts) > 1 and not parts[-1]:
        parts = parts[:-1]
    return parts


def members(texts: list[tuple[str, ...]], seed: int = 1) -> list[Member]:
    rng = random.Random(seed)
    return [Member(n, rng.randbytes(4), parts) for n, parts in enumerate(texts, 1)]


def halves(kind: str, size: int) -> tuple[list[Member], list[Member]]:
    block = make_block(kind, size, seed=7)
    random.Random(7).shuffle(block)
    return block[::2], block[1::2]


@pytest.mark.parametrize("kind", ["parts", "clothes", "numbers"])
def test_in_a_block_of_two_thousand_it_finds_what_all_pairs_find(kind):
    public, wanted = halves(kind, 2_000)
    found = dict(Index(public).nearest_of_each([one.parts for one in wanted]))
    right = sum(all_pairs(public, one.parts) == found[one.parts] for one in wanted[:250])
    assert right / 250 >= 0.999


@pytest.mark.parametrize("kind", ["parts", "numbers"])
def test_columns_of_many_words_are_bounded_as_well_as_compared(kind, monkeypatch):
    # As in a block of tens of thousands: few words may be listed, many contents form one group.
    monkeypatch.setattr("comparison.columns.FEW_WORDS", 8)
    monkeypatch.setattr("comparison.candidates._CROWD", 20)
    monkeypatch.setattr("comparison.columns.COMBINATIONS", 10)
    public, wanted = halves(kind, 600)
    found = dict(Index(public).nearest_of_each([one.parts for one in wanted]))
    assert all(all_pairs(public, one.parts) == found[one.parts] for one in wanted)


@given(st.lists(PARTS, max_size=12), PARTS)
def test_any_contents_give_the_nearest_by_score_then_by_key(texts, wanted):
    block = members(texts)
    assert Index(block).nearest(wanted) == all_pairs(block, wanted)


@given(st.lists(PARTS, min_size=1, max_size=12), PARTS, st.integers(1, 5))
def test_the_nearest_few_are_those_of_all_pairs(texts, wanted, count):
    block = members(texts)
    ranked = sorted({-score(wanted, one.parts) for one in block})
    found = Index(block).top(wanted, count)
    assert [-one.score for one in found] == sorted(
        -score(wanted, parts) for parts in {one.parts for one in block}
    )[:count]
    assert found[0].score == -ranked[0]


@given(st.lists(PARTS, min_size=1, max_size=12, unique=True), PARTS, st.floats(0, 1))
def test_a_further_content_reaches_all_to_which_it_is_as_near_as_what_they_have(texts, new, least):
    index = Index(members(texts))
    further = Member(99, b"\x00", new)
    kept = np.full(len(index), least, np.float32)
    reached = {index.places[place]: found for place, found in index.reached_by(further, kept)}
    for parts in texts:
        if score(parts, new) >= least:
            assert reached[parts] == Found(score(parts, new), b"\x00", 99)


def test_a_content_of_very_many_parts_is_found_and_finds():
    long = ("名", *("甲" for _ in range(80)))
    block = members([("名", "甲"), long])
    found = Index(block).nearest(("名", *("甲" for _ in range(79))))
    assert found is not None and found.content_id == 2
    assert Index(block[:1]).nearest(long) == all_pairs(block[:1], long)


def test_contents_of_the_same_parts_are_stood_for_by_the_smallest_key():
    block = [Member(1, b"\x09", ("名", "甲")), Member(2, b"\x01", ("名", "甲"))]
    assert Index(block).nearest(("名", "乙")) == Found(0.666667, b"\x01", 2)


def test_an_empty_block_has_no_nearest():
    assert Index([]).nearest(("名",)) is None


def test_the_score_is_that_of_the_judgement():
    a, b = ("布沙发", "0|3|用于家居|布面"), ("皮沙发", "0|3|家居用|皮面|木框架")
    assert score(canonical_parts(*a), canonical_parts(*b)) == round(similarity(a, b), 6)
