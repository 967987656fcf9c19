"""What is stored for keyword search, and what a keyword asks for."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from declarations.normalise import keyword_grams, keyword_words, search_grams, search_text

any_text = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("铁制不锈钢轴承家用ABCabc0123 ,，;:。、()|%*×後后乾\x00"),
    ),
    max_size=20,
)

NAME, G_MODEL = "輪轂軸承", "0|3|角接触球轴承|无中文品牌,无外文品牌|QB5C2C300BB 2.0T|5MW|前後|| "


def found(keyword):
    """What the SQL does: every word a substring, after the index has asked for its grams."""
    text = search_text(NAME, G_MODEL)
    words = keyword_words(keyword)
    assert all(set(keyword_grams(w)) <= set(search_grams(text)) for w in words if w in text)
    return bool(words) and all(word in text for word in words)


@pytest.mark.parametrize(
    "keyword",
    [
        "轴承",
        "軸承",
        "轮毂轴承",
        "qb5c2c300bb",
        "ＱＢ５Ｃ",
        "轴 承",
        "轴承 QB5C",
        "  轴承\u3000球 ",
        "球",
        "無中文品牌",
        "品牌,无",
        "2.0t",
        "5mw",
        "5MW",
        "前后",
        "后",
        "後",
        "3|角接触",
    ],
)
def test_a_keyword_is_found_in_any_form(keyword):
    assert found(keyword)


@pytest.mark.parametrize("keyword", ["轴瓦", "轴承 铜", "qb5c3", "", "   ", "\x00", "\u200b"])
def test_a_keyword_that_is_not_there_is_not_found(keyword):
    assert not found(keyword)


def test_the_search_text_is_name_and_parts_without_empty_ones_at_the_end():
    assert search_text("鐵釘", "0|2|鐵||") == "铁钉|0|2|铁"
    assert search_text("鐵釘", "") == "铁钉"


def test_grams_are_pairs_inside_runs_and_single_chinese_characters():
    assert search_grams("铁钉|ab c,5") == sorted(["铁", "钉", "铁钉", "ab"])
    assert keyword_grams("铁钉") == ["铁钉"]
    assert keyword_grams("铁") == ["铁"]
    assert keyword_grams("5") == []
    assert keyword_grams("铁,ab") == ["ab", "铁"]


@given(any_text)
def test_grams_are_sorted_and_distinct(text):
    grams = search_grams(search_text(text, text))
    assert grams == sorted(set(grams))
    assert all(1 <= len(gram) <= 2 for gram in grams)


@given(any_text, any_text, st.data())
def test_a_text_that_contains_a_word_has_all_its_grams(name, g_model, data):
    text = search_text(name, g_model)
    assume(text)
    start = data.draw(st.integers(0, len(text) - 1))
    word = text[start : data.draw(st.integers(start + 1, len(text)))]
    assert set(keyword_grams(word)) <= set(search_grams(text))


@given(any_text)
def test_a_whole_name_typed_as_keyword_is_found(name):
    text = search_text(name, "")
    for word in text.replace("|", " ").split():
        for typed in keyword_words(word):
            assert typed in text


@given(any_text)
def test_keyword_words_are_folded_already(keyword):
    for word in keyword_words(keyword):
        assert word
        assert keyword_words(word) == [word]
