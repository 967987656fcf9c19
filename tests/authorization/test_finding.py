"""Finding enterprises by what administrators type."""

import pytest

from authorization.finding import enterprises_named
from tests.factories import make_enterprise

pytestmark = pytest.mark.django_db


@pytest.fixture
def enterprise():
    make_enterprise("沈阳旁人轴承有限公司", authorized=False)
    return make_enterprise("重庆虚构（大连）长海渔业有限公司", authorized=False, codes=2)


@pytest.mark.parametrize(
    "typed",
    [
        "虚构",
        "重庆虚构（大连）长海渔业有限公司",
        "重庆虚构(大连)",
        "长海 渔业",
        "渔",
        "chongqing",
        "zhongqing",
        "CHANGHAI",
        "zhanghaiyuye",
        "xugou yuye",
        "cqxgdl",
        "cq",
        "xg'dl",
        "hai渔",
    ],
)
def test_a_name_is_found_by_words_pinyin_and_initials(enterprise, typed):
    assert enterprises_named(typed) == [enterprise.pk]


def test_both_codes_find_it_whole_or_by_their_beginning_in_whatever_case(enterprise):
    codes = [enterprise.uscc, *(code.code for code in enterprise.customs_codes.all())]
    for code in codes:
        assert enterprises_named(code) == [enterprise.pk]
        assert enterprises_named(code.lower()) == [enterprise.pk]
        assert enterprise.pk in enterprises_named(code[:8])


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "虚构 轴承", "yugangyou", "海鱼", "——", "%", "_", "\0", "q"],
)
def test_what_names_it_not_does_not_find_it(enterprise, typed):
    assert enterprise.pk not in enterprises_named(typed)


def test_one_or_two_letters_are_the_beginning_of_a_name_only(enterprise):
    assert enterprises_named("xg") == []


def test_no_more_than_asked_for_are_returned(enterprise):
    make_enterprise("大连虚构乙有限公司", authorized=False)
    assert len(enterprises_named("虚构")) == 2
    assert len(enterprises_named("虚构", 1)) == 1
