"""Reading the ticked rows of a post."""

import pytest
from django.test import RequestFactory

from pages.ticks import MAX_TICKS, TickError, one_ticked_key, ticked_keys, way_back


def post(**fields):
    return RequestFactory().post("/act/", fields)


def test_ticks_of_this_page_and_of_others_come_once_each():
    assert ticked_keys(post(tick=["3", "5"], ticks="5,7,,3")) == ["3", "5", "7"]


def test_a_rows_own_button_means_that_row_whatever_is_ticked():
    assert ticked_keys(post(tick=["3", "5"], ticks="7", only="9")) == ["9"]


def test_no_tick_is_told():
    with pytest.raises(TickError, match=r"^请先在列表中勾选数据"):
        ticked_keys(post())


def test_too_many_ticks_are_told():
    keys = [str(number) for number in range(MAX_TICKS + 1)]
    assert len(ticked_keys(post(ticks=",".join(keys[:-1])))) == MAX_TICKS
    with pytest.raises(TickError, match=r"一次最多处理 2,000 行，现在勾选了 2,001 行"):
        ticked_keys(post(ticks=",".join(keys)))


@pytest.mark.parametrize("key", ["<b>", "a b", "1;drop", "甲", "x" * 65])
def test_a_key_that_no_page_made_is_refused(key):
    with pytest.raises(TickError, match=r"^勾选的数据有误"):
        ticked_keys(post(tick=[key]))


def test_one_row_is_wanted_and_several_are_told():
    assert one_ticked_key(post(tick=["l-3"])) == "l-3"
    with pytest.raises(TickError, match=r"^只能选择一行，现在勾选了 2 行"):
        one_ticked_key(post(tick=["3"], ticks="4"))


@pytest.mark.parametrize(
    ("wanted", "way"),
    [
        ("/lines/?page=2", "/lines/?page=2"),
        ("http://testserver/lines/", "http://testserver/lines/"),
        ("https://example.invalid/", "/home/"),
        ("//example.invalid/", "/home/"),
        ("javascript:alert(1)", "/home/"),
        ("", "/home/"),
    ],
)
def test_the_way_back_stays_on_this_site(wanted, way):
    assert way_back(post(next=wanted), "/home/") == way
