"""Bracket hints of element names: what they ask, over all names of the catalogue and any text."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.hints import NO_HINT, attribute_kind, bracket_text, hint_of, unbracketed
from catalogue.shipped import shipped_edition

NAMES = sorted({e.name for code in shipped_edition().codes.values() for e in code.elements})


@pytest.mark.parametrize(
    ("name", "options", "is_open"),
    [
        ("制作或保存方法（鲜、冷）", ("鲜", "冷"), False),
        ("制作或保存方法（冻）", ("冻",), False),
        ("外观（粉末、粒状、块状等）", ("粉末", "粒状", "块状"), True),
        ("织造方法（针织或钩编）", ("针织", "钩编"), False),
        ("变速箱类型（手动挡/自动挡/手自一体）", ("手动挡", "自动挡", "手自一体"), False),
        ("牛肉部位（如眼肉、腱子肉等）", ("眼肉", "腱子肉"), True),
        ("材料（青石棉、其他石棉、石棉纤维）", ("青石棉", "其他石棉", "石棉纤维"), True),
        ("用途（工业用、非工业用）", ("工业用", "非工业用"), False),
        ("制作或保存方法（鲜、冷", ("鲜", "冷"), False),
    ],
)
def test_values_to_choose_from(name, options, is_open):
    hint = hint_of(name)
    assert (hint.options, hint.is_open, hint.each, hint.questions) == (options, is_open, (), ())


@pytest.mark.parametrize(
    ("name", "each"),
    [
        ("规格（板材的厚度、宽度）", ("板材的厚度", "宽度")),
        ("规格尺寸（长×宽×厚度）", ("长", "宽", "厚度")),
        ("规格（长宽高）", ("长", "宽", "高")),
        ("外观（颜色；形状）", ("颜色", "形状")),
        ("种类（中文、拉丁文属名、拉丁文种名）", ("中文", "拉丁文属名", "拉丁文种名")),
        ("规格（成条、浸渍、每平方米克重）", ("成条", "浸渍", "每平方米克重")),
    ],
)
def test_things_that_must_each_be_answered(name, each):
    hint = hint_of(name)
    assert (hint.options, hint.each, hint.is_open) == ((), each, False)


def test_things_of_which_one_is_enough_are_not_asked_each():
    assert hint_of("规格（成条、成卷的宽度或成张的边长）").each == ()
    assert hint_of("外观（形状；颜色等）").each == ()


@pytest.mark.parametrize(
    ("name", "questions"),
    [
        ("结构类型（是否有接头；是否同轴电缆）", ("接头", "同轴电缆")),
        ("加工方法（是否煅烧）", ("煅烧",)),
        ("加工方法（是否去皮、去边或粗锯成方等）", ("去皮、去边或粗锯成方",)),
        ("织造方法（针织、钩编，是否起绒）", ("起绒",)),
        ("状态（有无衬背）", ("衬背",)),
    ],
)
def test_questions_inside_a_hint(name, questions):
    assert hint_of(name).questions == questions


@pytest.mark.parametrize(
    ("name", "unit"),
    [("厚度（毫米）", "毫米"), ("张幅（单位：平方英尺）", "平方英尺"), ("转速（转/分）", "转/分")],
)
def test_a_unit(name, unit):
    assert hint_of(name).unit == unit


@pytest.mark.parametrize(
    "name",
    [
        "品牌（中文或外文名称）",
        "用途（适用于××品牌××机或通用于××机等）",
        "是否加捻（如加捻请注明捻度）",
        "个体重量［如1000～2000克/条（块）等］",
        "额定功率（非电动的不需注明额定功率）",
        "种类（中文或拉丁学名）",
    ],
)
def test_an_instruction_holds_no_value_to_choose(name):
    hint = hint_of(name)
    assert hint.text and not (hint.options or hint.each or hint.questions or hint.unit)


def test_a_sentence_to_fill_in_is_a_template():
    assert hint_of("用途（适用于××品牌××机或通用于××机等）").is_template
    assert not hint_of("用途（如促进某某聚合物的聚合等）").is_template


def test_a_name_without_brackets_has_no_hint():
    assert hint_of("型号") is NO_HINT
    assert hint_of("型号（）") is NO_HINT


def test_a_value_and_its_contrary_are_a_dichotomy():
    assert hint_of("级别（正品、非正品）").is_dichotomy
    assert not hint_of("材质（铁、非合金钢）").is_dichotomy


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("制作或保存方法（冻）", "制作或保存方法"),
        ("发动机品牌（中文或外文名称）、型号", "发动机品牌、型号"),
        ("3品牌（中文或外文名称）", "品牌"),
        (".型号", "型号"),
        ("725℃时灰分", "725℃时灰分"),
        ("个体重量［如1000～2000克/条（块）等］", "个体重量"),
    ],
)
def test_names_without_their_brackets(name, bare):
    assert unbracketed(name) == bare


def test_every_name_of_the_catalogue_is_parsed_into_parts_of_its_own_text():
    assert len(NAMES) == 2138
    kinds = Counter()
    for name in NAMES:
        hint = hint_of(name)
        for item in (*hint.options, *hint.each, *hint.questions, hint.unit):
            assert item in name, (name, item)
            assert item == item.strip()
        kind = "open" if hint.is_open else "one of"
        kinds["none" if not hint.text else kind if hint.options else "each or nothing"] += 1
    # Counted by eye over the list once; a change of the parser shows here.
    assert kinds["none"] == 780
    assert 470 <= kinds["one of"] <= 500 and 570 <= kinds["open"] <= 620, kinds


@given(st.text(max_size=40), st.sampled_from("（([［"), st.text(max_size=60))
def test_any_text_is_parsed_without_an_error_into_parts_of_it(name, bracket, hint):
    text = name + bracket + hint
    found = hint_of(text)
    for item in (*found.options, *found.each, *found.questions, found.unit):
        assert (item and item in text) or item == ""
    assert all(found.options) and all(found.each) and all(found.questions)
    assert len(set(found.options)) == len(found.options)
    assert bracket_text(text) in text
    unbracketed(text)


@given(
    st.lists(
        st.text("甲乙丙丁戊己庚辛", min_size=1, max_size=3), min_size=1, max_size=6, unique=True
    )
)
def test_the_options_of_a_plain_list_are_all_found_in_order(options):
    assert hint_of(f"种类（{'、'.join(options)}）").options == tuple(options)
    opened = hint_of(f"种类（{'、'.join(options)}等）")
    assert (opened.options, opened.is_open) == (tuple(options), True)


def test_an_attribute_is_told_by_the_end_of_its_words():
    assert attribute_kind("板材的厚度") == "number"
    assert attribute_kind("拉丁文属名") == "latin"
    assert attribute_kind("机织") == ""
