"""Cutting a row source into pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authorization.models import Enterprise
from pages.paging import Count, ListSource, Page, Paginator, QuerySetSource
from tests.factories import make_enterprise


def paginator(rows: int, per_page=None, **options) -> Paginator[int]:
    return Paginator(ListSource(range(rows)), per_page, **options)


def test_it_cuts_rows_into_pages_of_the_first_size():
    page = paginator(45).page("2")
    assert list(page.rows) == list(range(20, 40))
    assert (page.number, page.last, page.first_row, page.last_row) == (2, 3, 21, 40)
    assert (page.previous, page.following) == (1, 3)


@pytest.mark.parametrize("text", [None, "", "abc", "0", "-3", "1.5", "²", "１", " ", "9" * 400])
def test_a_page_that_is_no_number_is_the_first(text):
    assert paginator(45).page(text).number == 1


def test_a_page_beyond_the_end_is_the_last():
    page = paginator(45).page("999")
    assert page.number == 3
    assert list(page.rows) == list(range(40, 45))


@pytest.mark.parametrize(("asked", "size"), [("50", 50), ("100", 100), ("7", 20), ("x", 20)])
def test_only_the_offered_sizes_are_taken(asked, size):
    assert paginator(300, asked).page(1).size == size


def test_nothing_found_is_one_empty_page_and_reads_no_rows():
    class Never(ListSource[int]):
        def rows(self, offset, limit):
            raise AssertionError("rows were read though there are none")

    page = Paginator(Never([])).page("4")
    assert (page.number, page.last, page.first_row, page.last_row, len(page)) == (1, 1, 0, 0, 0)


def test_rows_beyond_reach_are_not_paged_to_and_a_sentence_says_so():
    page = paginator(1000, reach=110).page("99")
    assert page.number == page.last == 5
    assert page.rows[-1] == 99
    assert page.note == "最多翻看前 110 条，请缩小查询条件查看其余数据。"
    assert page.count == Count(1000)


def test_rows_exactly_within_reach_need_no_sentence():
    page = paginator(100, reach=100).page("5")
    assert (page.last, page.note) == (5, "")


def test_a_capped_count_says_more_than():
    assert str(Count(50_000, capped=True)) == "超过 50,000"
    assert str(Count(1234)) == "1,234"


@pytest.mark.parametrize(
    ("number", "last", "drawn"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (1, 9, [1, 2, 3, None, 9]),
        (5, 9, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (6, 20, [1, None, 4, 5, 6, 7, 8, None, 20]),
        (20, 20, [1, None, 18, 19, 20]),
    ],
)
def test_the_window_keeps_both_ends_and_the_neighbours(number, last, drawn):
    assert Page([0], number, last, 20, Count(1)).window == drawn


@given(
    rows=st.integers(0, 600),
    page=st.text(max_size=6) | st.integers(-5, 200).map(str),
    size=st.text(max_size=4) | st.sampled_from(["20", "50", "100"]),
    reach=st.integers(1, 400),
)
def test_any_page_text_gives_a_page_within_reach(rows, page, size, reach):
    cut = paginator(rows, size, reach=reach).page(page)
    assert 1 <= cut.number <= cut.last
    assert list(cut.rows) == list(range(rows))[cut.first_row - 1 : cut.last_row] or not rows
    assert cut.last_row <= max(reach, cut.size)
    assert cut.window[0] == 1
    assert cut.window[-1] == cut.last


@pytest.mark.django_db
def test_a_queryset_counts_up_to_its_limit_by_one_query(django_assert_num_queries):
    for _ in range(4):
        make_enterprise()
    source = QuerySetSource(Enterprise.objects.order_by("-pk"), count_limit=3)
    with django_assert_num_queries(2):
        assert source.count() == Count(3, capped=True)
        assert len(source.rows(1, 2)) == 2
    assert QuerySetSource(Enterprise.objects.order_by("pk"), count_limit=4).count() == Count(4)
