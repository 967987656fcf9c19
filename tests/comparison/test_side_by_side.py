from catalogue.elements import ElementName, read_by
from comparison.projection import HIDDEN
from comparison.sidebyside import compare_elements

NAMES = tuple(
    ElementName(number, name, "归类要素")
    for number, name in enumerate(["用途", "材质", "品牌（中文或外文名称）", "型号"], 1)
)


def rows(mine, theirs):
    readings = [read_by(text, "E", None, NAMES, "83021000") for text in (mine, theirs)]
    compared = compare_elements("铰链", readings[0], "铰链", readings[1], hidden_word=HIDDEN)
    return {row.name: (row.mine, row.theirs, row.same) for row in compared}


def test_a_shifted_string_is_compared_element_by_element():
    found = rows("0|2|家具用|铁|无品牌|无型号", "0|2|家具用|铁|铰链|无品牌|无型号")
    assert found["品牌（中文或外文名称）"] == ("无品牌", "无品牌", True)
    assert found["型号"] == ("无型号", "无型号", True)
    assert found["种类"] == ("", "铰链", False)


def test_an_element_that_one_side_leaves_out_is_compared_with_nothing():
    found = rows("0|2|家具用|无品牌|无型号", "0|2|家具用|铁|无品牌|无型号")
    assert found["材质"] == ("", "铁", False)
    assert found["型号"][2]


def test_hidden_parts_are_paired_by_place():
    found = rows("0|2|家具用|铁|海浪牌|a5", f"0|2|家具用|{HIDDEN}|海浪牌|{HIDDEN}")
    assert found["材质"] == ("铁", HIDDEN, False)
    assert found["品牌（中文或外文名称）"][2]
    assert found["型号"] == ("A5", HIDDEN, False)
