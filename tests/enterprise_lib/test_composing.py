"""The official order: every value in its place, nothing typed lost, put together as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.checks import check_reading
from catalogue.elements import ElementName, PartKind, read_by
from enterprise_lib.checking.composing import bar_fault, compose, lay_out
from enterprise_lib.checking.lines import one_line

NAMES = tuple(
    ElementName(n, name, "归类要素")
    for n, name in enumerate(
        ["用途", "材质", "品牌（中文或外文名称）", "型号", "是否量产（量产或非量产）"], 1
    )
)


def laid_out(g_model: str, ie_flag: str = "I", names=NAMES):
    reading = read_by(g_model, ie_flag, None, names, "84799090")
    findings = check_reading(reading, hs_code="8479909090", ie_flag=ie_flag, name="零件甲")
    return lay_out(reading, findings, ie_flag)


@pytest.mark.parametrize(
    "g_model",
    [
        "4|3|机床用|钢|海蓝牌|X-1|量产",
        "4|3|机床用|钢|海蓝牌|X-1|量产|||非加密",
        "4|3|机床用|钢|海蓝牌|X-1|量产|06901234567892",
        "4|3|机床用|钢|海蓝牌|X-1|量产|<甲><A><1%><0><否>",
    ],
)
def test_a_text_in_the_official_order_stays_as_it_is(g_model):
    assert laid_out(g_model).g_model == g_model


def test_every_place_of_the_list_is_there_and_an_empty_one_is_kept():
    layout = laid_out("4|3|机床用||海蓝牌|X-1")
    assert [slot.label for slot in layout.slots][:7] == [
        "品牌类型",
        "出口享惠情况",
        *[name.name for name in NAMES],
    ]
    assert [slot.label for slot in layout.slots][7:] == ["GTIN", "CAS", "其他"]
    assert layout.g_model == "4|3|机床用||海蓝牌|X-1|"


def test_a_finding_stands_at_its_element():
    layout = laid_out("4|3|机床用|无|海蓝牌|X-1|量产")
    at = {slot.label: [f.rule for f in slot.findings] for slot in layout.slots if slot.findings}
    assert list(at) == ["材质"]


def test_a_missing_element_is_found_at_its_own_place():
    layout = laid_out("4|3|机床用|钢|海蓝牌|X-1")
    slot = next(slot for slot in layout.slots if slot.label.startswith("是否量产"))
    assert not slot.is_declared
    assert slot.findings


def test_the_leading_codes_offer_what_their_direction_may_declare():
    brand, benefit = laid_out("4|3|甲", "I").slots[:2]
    assert [code for code, _ in brand.options] == ["0", "1", "2", "4"]
    assert [code for code, _ in benefit.options] == ["3"]
    brand, benefit = laid_out("3|0|甲", "E").slots[:2]
    assert [code for code, _ in brand.options] == ["0", "1", "2", "3", "4"]
    assert [code for code, _ in benefit.options] == ["0", "1", "2"]
    assert laid_out("3|0|甲", "I").slots[0].has_odd_value


def test_a_code_that_no_list_has_keeps_its_parts_in_their_order():
    layout = laid_out("4|3|甲|乙|丙", names=None)
    assert layout.g_model == "4|3|甲|乙|丙"
    assert all(slot.kind is PartKind.UNMATCHED for slot in layout.slots[2:])


def test_bars_typed_into_an_element_are_told():
    assert "竖线" in bar_fault("用途", "机床|车床")
    assert "竖线" in bar_fault("用途", "机床｜车床")
    assert bar_fault("用途", "机床、车床") == ""
    layout = laid_out("4|3|机床用|钢|海蓝牌|X-1|量产")
    typed = layout.with_values(["4", "3", "机床|车床", *layout.values[3:]], "")
    assert [slot.label for slot in typed.slots if slot.fault] == ["用途"]


@given(st.lists(st.text(max_size=8), max_size=12), st.text(max_size=8), st.integers(0, 12))
def test_what_is_put_together_is_one_line_and_keeps_what_was_typed(values, tail, least):
    text = compose(values, tail, least)
    assert "\n" not in text
    assert "\t" not in text
    for value in [*values, tail]:
        assert one_line(value) in text
    assert text.count("|") <= sum(value.count("|") for value in [*values, tail]) + len(values)


@given(
    st.text(
        alphabet=st.sampled_from("0134|｜甲乙丙丁无牌钢量产<>XYZ-129 ："), min_size=1, max_size=60
    )
)
def test_nothing_of_any_text_is_lost_by_laying_it_out(g_model):
    layout = laid_out(g_model)
    shown = "".join(
        [
            *layout.values,
            *(slot.label for slot in layout.slots),
            layout.tail.value if layout.tail else "",
        ]
    )
    for sign in set(g_model) - set("|｜ ：:"):
        assert sign in shown
