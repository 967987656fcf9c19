"""What of a shifted string others may see: what surely stands under its element, nothing else."""

import pytest

from catalogue.elements import ElementName
from comparison.projection import HIDDEN, project
from declarations.models import Content

NAMES = tuple(
    ElementName(number, name, "价格要素")
    for number, name in enumerate(
        ["用途", "种类（轴承、轴承座）", "品牌（中文或外文名称）", "型号", "签约日期", "生产厂商"],
        1,
    )
)


def shown(g_model):
    content = Content(hs_code="8482103000", ie_flag="E", name="轴承", g_model=g_model)
    return project(content, None, NAMES).g_model.split("|")


def test_a_string_as_the_list_wants_it_shows_all_but_dates_and_producers():
    text = "1|0|机床用|轴承座|海浪牌|lb5|20250109|营口虚构轴承厂"
    assert shown(text) == ["1", "0", "机床用", "轴承座", "海浪牌", "LB5", "2025", HIDDEN]


def test_in_a_shifted_string_only_doubtful_parts_are_hidden():
    text = "1|0|机床用|某种说明|海浪牌|lb5|20250109|营口虚构|轴承|其余"
    found = shown(text.replace("|某种说明", "|某种说明|非成套散件"))
    assert found[:3] == ["1", "0", "机床用"]
    assert "海浪牌" in found
    assert "2025" in found
    for secret in ("某种说明", "非成套散件", "营口虚构", "其余", "20250109"):
        assert secret not in "".join(found)


@pytest.mark.parametrize("at", range(2, 9))
@pytest.mark.parametrize(
    "producer", ["鹤鸣渡轴承厂", "鹤鸣渡轴承有限公司", "Hemingdu Bearing Co., Ltd."]
)
def test_a_producer_is_hidden_wherever_it_stands_in_a_string_that_does_not_fit(at, producer):
    parts = ["1", "0", "机床用", "轴承座", "海浪牌", "lb5", "20250109", "", "", "甲", "乙"]
    parts.insert(at, producer)
    assert producer.casefold() not in "|".join(shown("|".join(parts))).casefold()


@pytest.mark.parametrize("tail", ["<甲厂><A><5%><0><是>", "<甲厂><A><5%><0>", "＜甲厂＞＜A＞"])
def test_the_anti_dumping_tail_is_hidden_however_many_brackets_it_has(tail):
    text = f"1|0|机床用|轴承座|海浪牌|lb5|20250109|营口虚构轴承厂{tail}"
    assert "甲厂" not in "|".join(shown(text))
    assert "甲厂" not in "|".join(shown(text.replace("厂<", "厂|<", 1)))


def test_without_leading_codes_nothing_is_shown():
    assert set(shown("机床用|轴承座|海浪牌|lb5|20250109|营口虚构轴承厂")) == {HIDDEN}
