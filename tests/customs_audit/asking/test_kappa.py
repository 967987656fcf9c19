"""Cohen's kappa, against published and hand-worked values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customs_audit.asking.kappa import Agreement, common, words_of

COUNTS = st.integers(0, 500)
TABLES = st.builds(Agreement, COUNTS, COUNTS, COUNTS, COUNTS)


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        # Wikipedia, "Cohen's kappa": 50 grant proposals, and two tables of equal agreement.
        (Agreement(20, 5, 10, 15), 0.4),
        (Agreement(45, 15, 25, 15), 0.1304),
        (Agreement(25, 35, 5, 35), 0.2593),
        # Sim & Wright 2005, Physical Therapy 85, table 1: lateral shift of 39 patients.
        (Agreement(22, 2, 4, 11), 0.67),
        (Agreement(10, 0, 0, 10), 1.0),
        (Agreement(0, 10, 10, 0), -1.0),
        (Agreement(25, 25, 25, 25), 0.0),
        # High agreement, and kappa below chance (Feinstein & Cicchetti's paradox).
        (Agreement(118, 5, 2, 0), -0.0234),
    ],
)
def test_it_is_what_others_have_worked_out(table, kappa):
    assert table.kappa == pytest.approx(kappa, abs=0.005)


@pytest.mark.parametrize("table", [Agreement(), Agreement(both=40), Agreement(neither=40)])
def test_it_can_not_be_told_of_nothing_or_of_one_answer_only(table):
    assert table.kappa is None and words_of(table.kappa) == "无法计算"
    assert table.observed == (1 if table.total else None)


@given(TABLES)
def test_it_is_between_minus_one_and_one_and_the_same_for_whoever_comes_first(table):
    kappa = table.kappa
    assert table.turned().kappa == pytest.approx(kappa) if kappa is not None else True
    if kappa is not None:
        assert -1 - 1e-9 <= kappa <= 1 + 1e-9
        exchanged = Agreement(table.neither, table.only_second, table.only_first, table.both)
        assert exchanged.kappa == pytest.approx(kappa)


@given(TABLES)
def test_of_a_sum_over_pairs_it_is_scotts_pi(table):
    if table.total and common(table) is not None:
        share = (2 * table.both + table.different) / (2 * table.total)
        by_chance = share**2 + (1 - share) ** 2
        assert common(table) == pytest.approx((table.observed - by_chance) / (1 - by_chance))


@pytest.mark.parametrize(
    ("kappa", "words"),
    [
        (1.0, "几乎完全一致"), (0.81, "几乎完全一致"), (0.804, "高度一致"), (0.61, "高度一致"),
        (0.6, "中等一致"), (0.4, "一般"), (0.2, "较低"), (0.0, "较低"), (-0.01, "低于随机"),
    ],
)  # fmt: skip
def test_its_size_is_told_in_a_word(kappa, words):
    assert words_of(kappa) == words


def test_few_are_called_few():
    assert Agreement(10, 9, 5, 5).is_few and not Agreement(10, 10, 5, 5).is_few
