"""Titles of 类, 章 and 分章 and their numbers."""

import pytest

from catalogue.importing.titles import chinese_number, next_chapter, read_title

_ONES = ["", *"一二三四五六七八九"]


def written(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else _ONES[tens]) + ("十" if tens else "") + _ONES[ones]


def test_numbers_up_to_ninety_nine_are_read():
    assert [chinese_number(written(n)) for n in range(1, 100)] == list(range(1, 100))


@pytest.mark.parametrize("text", ["十十", "一二", "百", "二三十"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=text):
        chinese_number(text)


def test_a_title_is_read_with_its_kind_and_name():
    assert read_title("第二十一类 艺术品、收藏品") == ("类", 21, "艺术品、收藏品")
    assert read_title("第八十五章电机；") == ("章", 85, "电机；")
    assert read_title("第十分章杂环化合物") == ("分章", 10, "杂环化合物")
    assert read_title("本章不包括第九十六章的物品") is None
    assert read_title("第十十章") is None


def test_chapter_77_is_left_out():
    assert (next_chapter(0), next_chapter(76)) == (1, 78)
