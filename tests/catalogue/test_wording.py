"""How the catalogue's texts are written on a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.wording import chinese_number, dotted, fold, highlighted, skeleton, split_hint


@pytest.mark.parametrize(
    ("name", "plain", "hint"),
    [
        ("加工方法（带骨、去骨）", "加工方法", "带骨、去骨"),
        ("品牌(中文或外文名称)", "品牌", "中文或外文名称"),
        ("外观（形状（片、粒）等）", "外观", "形状（片、粒）等"),
        ("成分含量", "成分含量", ""),
        ("如为信鸽（活）请注明足环号", "如为信鸽（活）请注明足环号", ""),
        ("（其他）", "（其他）", ""),
        ("印错的）", "印错的）", ""),
        ("", "", ""),
    ],
)
def test_a_bracket_at_the_end_of_a_name_is_its_hint(name, plain, hint):
    assert split_hint(name) == (plain, hint)


def test_the_skeleton_has_the_official_order():
    assert skeleton(["应用场景", "品牌（中文或外文名称）", "型号"]) == (
        "品牌类型|出口享惠情况|应用场景|品牌|型号|GTIN|CAS|其他"
    )


@given(st.lists(st.text(min_size=1), max_size=20))
def test_the_skeleton_has_a_part_for_each_element_whatever_its_name(names):
    assert len(skeleton(names).split("|")) == len(names) + 5


@pytest.mark.parametrize(
    ("code", "text"), [("85", "85"), ("8542", "85.42"), ("85423990", "8542.3990"), ("854", "854")]
)
def test_codes_are_dotted_as_customs_prints_them(code, text):
    assert dotted(code) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (16, "十六"), (20, "二十"), (97, "九十七"), (0, "0")],
)
def test_numbers_of_sections_are_written_in_words(number, text):
    assert chinese_number(number) == text


def test_what_was_looked_for_is_marked_and_the_rest_escaped():
    assert highlighted("ＬＥＤ<灯>", ["led", "灯"]) == (
        "<mark>ＬＥＤ</mark>&lt;<mark>灯</mark>&gt;"
    )


def test_overlapping_words_are_marked_as_one():
    assert highlighted("深沟球轴承", ["球轴", "轴承"]) == "深沟<mark>球轴承</mark>"


@given(st.text(), st.lists(st.text(max_size=3), max_size=4))
def test_marking_loses_no_character(text, words):
    from html import unescape

    drawn = highlighted(text, [fold(word) for word in words])
    plain = drawn.replace("<mark>", "").replace("</mark>", "")
    assert unescape(plain) == unescape(highlighted(text, []))
