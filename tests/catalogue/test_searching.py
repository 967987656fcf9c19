"""What the one box of 目录查询 understands and finds."""

import pytest
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalogue.models import CatalogueCode
from catalogue.searching import BadQuery, Query, Scope, index_of, read_query
from tests.catalogue.shelf import newest
from tests.factories import Listed, make_edition


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("85", "85"),
        ("8542.39", "854239"),
        ("8542.39.90", "85423990"),
        ("8542 3990 00", "8542399000"),
        ("８５４２．３９", "854239"),
        ("8542399000101", "8542399000101"),
        (" 85423990 ", "85423990"),
    ],
)
def test_a_code_is_read_with_and_without_dots(text, digits):
    assert read_query(text) == Query(digits, ())


def test_a_whole_code_names_its_first_eight_digits():
    assert read_query("8542399000101").hs8 == "85423990"
    assert read_query("8542.39").hs8 == ""


@pytest.mark.parametrize("text", ["8", "85423990001", "854239900010", "85423990001012"])
def test_a_code_of_no_known_length_gets_a_sentence(text):
    with pytest.raises(BadQuery, match=f"现在是 {len(text)} 位"):
        read_query(text)


@pytest.mark.parametrize("text", ["", "  ", "，、"])
def test_nothing_to_look_for_gets_a_sentence(text):
    with pytest.raises(BadQuery, match="请输入"):
        read_query(text)


def test_too_many_words_get_a_sentence():
    with pytest.raises(BadQuery, match="最多查询 8 个词"):
        read_query("一 二 三 四 五 六 七 八 九")


def test_words_are_parted_at_spaces_and_marks_and_folded():
    assert read_query("ＬＥＤ 灯，Lamp、灯").words == ("led", "灯", "lamp")


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    try:
        query = read_query(text)
    except BadQuery as bad:
        assert str(bad).endswith("。")
    else:
        assert bool(query.digits) != bool(query.words)


@pytest.fixture
def index(db):
    return index_of(newest())


def found(index, text, scope=Scope.ALL, chapter=""):
    return [hit.hs8 for hit in index.search(read_query(text), scope, chapter)]


def test_a_prefix_finds_its_codes_in_order(index):
    assert found(index, "8542.39") == ["85423910", "85423990"]
    assert found(index, "86") == []


def test_codes_named_so_come_before_those_of_such_a_sub_heading_or_heading(index):
    # Two are named 轴承 themselves; the third only stands in the heading 滚动轴承.
    assert found(index, "轴承") == ["84821010", "84821020", "84829900"]
    # 集成电路 is the name of one, the sub-heading of the next, the heading of the last.
    assert found(index, "集成电路") == ["85423910", "85423990", "85429000"]


def test_all_words_must_be_found_wherever_each_stands(index):
    assert found(index, "轴承 深沟") == ["84821020"]
    assert found(index, "轴承 成分") == ["84829900"]
    assert found(index, "轴承 量产") == []
    assert found(index, "8542 零件") == ["85429000"]


def test_an_element_is_found_by_its_name_and_shown_with_its_number(index):
    (hit,) = index.search(read_query("量产"))
    assert hit.hs8 == "85423990"
    assert [(e.number, e.name) for e in hit.elements] == [(5, "是否量产（量产或非量产）")]


def test_the_search_can_be_kept_to_goods_to_elements_and_to_a_chapter(index):
    assert found(index, "用途", Scope.GOODS) == []
    assert found(index, "轴承", Scope.ELEMENTS) == []
    assert found(index, "用途", Scope.ELEMENTS) == ["84821010", "84821020", "84829900", "85429000"]
    assert found(index, "用途", chapter="85") == ["85429000"]


def test_width_and_case_make_no_difference(db):
    edition = make_edition(2025, {"85395100": Listed("ＬＥＤ模块（ｋＷ）", ("IP等级",))})
    assert found(index_of(edition), "led模块(kw)") == ["85395100"]
    assert found(index_of(edition), "ｉｐ") == ["85395100"]


def test_codes_that_were_stored_without_their_lists_key_are_found_by_their_own_elements(db):
    edition = newest()
    CatalogueCode.objects.filter(edition=edition).update(list_key="")
    assert found(index_of(edition), "量产") == ["85423990"]


def test_an_index_is_made_once(db, django_assert_num_queries):
    from django.db import connection

    edition = newest()
    with CaptureQueriesContext(connection) as first:
        index_of(edition)
    assert len(first) <= 4
    with django_assert_num_queries(0):
        index_of(edition)
