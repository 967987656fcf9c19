"""A declared 规格型号 carried over to a new element list: what fits, what is missing, what is left."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.carrying import Carried, carry
from catalogue.changes import ChangeKind
from catalogue.elements import ElementName, read_by

OLD_CIRCUIT = ("用途", "功能", "封装", "品牌", "型号", "批号", "量产")
NEW_CIRCUIT = (
    "应用场景",
    "功能",
    "是否封装",
    "是否切割",
    "品牌（中文或外文名称）",
    "型号",
    "是否量产（量产或非量产）",
)


def names(*printed: str) -> tuple[ElementName, ...]:
    return tuple(ElementName(number, name, "归类要素") for number, name in enumerate(printed, 1))


def carried(g_model: str, old: tuple[str, ...], new: tuple[str, ...], flag: str = "I") -> Carried:
    return carry(read_by(g_model, flag, None, names(*old)), names(*new))


def notes(result: Carried) -> dict[str, str]:
    return {part.label: part.note for part in result.parts}


def test_integrated_circuits_from_the_old_list_to_the_new():
    text = "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G|无批号|量产|||非加密"
    result = carried(text, OLD_CIRCUIT, NEW_CIRCUIT)
    assert result.text == "4|3|用于平板电脑|逻辑|已封装||ON牌|NL27WZU04DTT1G|量产|||非加密"
    assert result.missing == ("是否切割",)
    assert [(part.name, part.value) for part in result.dropped] == [("批号", "无批号")]
    assert result.may_go_to_other == (), "无批号 says nothing that 其他 could keep"
    assert not result.is_complete
    uncertain = [part.label for part in result.parts if part.is_uncertain]
    assert uncertain == [
        "应用场景",
        "是否封装",
        "品牌（中文或外文名称）",
        "是否量产（量产或非量产）",
    ]
    assert notes(result)["应用场景"] == "由“用途”更名，请核对原填报内容是否仍符合要求"
    assert notes(result)["是否切割"] == "新版目录新增的要素，请补填"


def test_a_dropped_value_that_says_something_is_shown_for_other_and_not_moved():
    text = "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27|B20260901|量产"
    result = carried(text, OLD_CIRCUIT, NEW_CIRCUIT)
    assert [part.value for part in result.may_go_to_other] == ["B20260901"]
    assert "B20260901" not in result.text


def test_an_unchanged_list_gives_the_same_string():
    text = "4|3|深沟球轴承|传动用|滚珠|星海牌|6204"
    listed = ("种类", "用途", "滚动体", "品牌", "型号")
    result = carried(text, listed, listed)
    assert result.text == text
    assert result.is_complete
    assert {part.kind for part in result.parts if part.name} == {ChangeKind.KEPT}


def test_moved_elements_take_their_values_along():
    result = carried("4|3|甲|乙|丙", ("种类", "用途", "型号"), ("型号", "种类", "用途"))
    assert result.text == "4|3|丙|甲|乙"
    assert notes(result)["型号"] == "由第 3 项移到第 1 项"
    assert result.is_complete


def test_gtin_cas_and_other_stay_behind_the_new_list():
    result = carried("0|3|甲|06901234567892|50-00-0|备注", ("用途",), ("用途", "成分含量"))
    assert result.text == "0|3|甲||06901234567892|50-00-0|备注"
    assert result.missing == ("成分含量",)


def test_a_new_cas_element_is_told_that_the_string_has_a_cas_and_stays_empty():
    result = carried("0|3|甲||50-00-0", ("用途",), ("用途", "CAS号"))
    assert result.text == "0|3|甲|||50-00-0"
    assert result.missing == ("CAS号",)
    assert "原规格型号中有“50-00-0”，如相符可填于此" in notes(result)["CAS号"]


def test_the_anti_dumping_tail_stays_last():
    tail = "<某化工厂><SOME CHEMICALS><10.6%><><否>"
    result = carried(f"4|3|甲|乙|{tail}", ("用途", "成分"), ("成分", "用途", "级别"))
    assert result.text == f"4|3|乙|甲||{tail}"
    assert result.missing == ("级别",)
    assert result.dropped == ()


def test_an_old_string_without_leading_codes_has_them_missing():
    result = carried("防护垫|硫化橡胶", ("用途", "材质"), ("用途", "材质"))
    assert result.missing[:2] == ("品牌类型", "出口享惠情况")
    assert result.text == "||防护垫|硫化橡胶"
    assert all(part.is_uncertain for part in result.parts if part.name)


def test_an_empty_element_is_missing_though_its_name_was_kept():
    result = carried("4|3|甲||丙", ("种类", "用途", "型号"), ("种类", "用途", "型号"))
    assert result.missing == ("用途",)
    assert notes(result)["用途"] == "原规格型号中此项为空，请补填"


def test_elements_that_the_string_does_not_reach_keep_their_places():
    result = carried("4|3|甲", ("种类", "用途", "型号"), ("种类", "用途", "型号"))
    assert result.text == "4|3|甲||"
    assert result.missing == ("用途", "型号")


def test_a_code_without_an_old_list_drops_its_values_to_be_seen():
    result = carry(read_by("4|3|甲|乙", "I", None, None), names("用途"))
    assert result.text == "4|3|"
    assert [part.value for part in result.dropped] == ["甲", "乙"]
    assert result.missing == ("用途",)


def test_a_string_longer_than_a_declaration_takes_is_told():
    long = "丁" * 200
    result = carried(f"4|3|{long}|{long}", ("用途", "材质"), ("材质", "用途"))
    assert result.is_too_long
    assert not carried("4|3|甲", ("用途",), ("用途",)).is_too_long


# --- properties ----------------------------------------------------------------------------------

_NAMES = st.lists(
    st.sampled_from([*OLD_CIRCUIT, *NEW_CIRCUIT, "成分含量", "CAS号", "GTIN码", "成分"]),
    max_size=7,
    unique=True,
)
_VALUES = st.text(st.sampled_from("甲乙ab1 ·<>/，"), max_size=6)
_STRINGS = st.lists(_VALUES, max_size=12).flatmap(
    lambda values: st.sampled_from(
        [
            "|".join(values),
            "|".join(["4", "3", *values]),
            "|".join(["0", "1", *values, "<厂><F><1%><2%><是>"]),
        ]
    )
) | st.text(max_size=40)


@given(_STRINGS, st.none() | _NAMES, _NAMES)
def test_nothing_of_the_old_string_is_lost(g_model, old, new):
    reading = read_by(g_model, "I", None, None if old is None else names(*old))
    result = carry(reading, names(*new))
    before = Counter(part.value for part in reading.parts if part.value.strip())
    placed = Counter(part.value for part in result.parts if part.value)
    left = Counter(part.value for part in result.dropped)
    assert placed + left == before
    for value in placed:
        assert value in result.text


@given(_STRINGS, st.none() | _NAMES, _NAMES)
def test_the_text_is_its_parts_in_the_official_order(g_model, old, new):
    reading = read_by(g_model, "I", None, None if old is None else names(*old))
    result = carry(reading, names(*new))
    labels = [part.label for part in result.parts]
    assert labels[: 5 + len(new)] == ["品牌类型", "出口享惠情况", *new, "GTIN", "CAS", "其他"]
    joined = "|".join(part.value for part in result.parts[: 2 + len(new)])
    assert result.text.startswith(joined)
    assert [part.label for part in result.parts if part.is_missing] == list(result.missing)
    assert all(part.value.strip() == "" for part in result.parts if part.is_missing)


@given(_STRINGS, _NAMES, _NAMES)
def test_each_new_element_has_its_place_in_the_new_string(g_model, old, new):
    result = carry(read_by(g_model, "I", None, names(*old)), names(*new))
    places = result.text.split("|")[2 : 2 + len(new)]
    assert places == [part.value for part in result.parts if part.name is not None]


def test_the_completed_draft_reads_by_the_new_list():
    text = "4|3|用于平板电脑|逻辑|已封装|ON牌|NL27WZU04DTT1G|无批号|量产|||非加密"
    result = carried(text, OLD_CIRCUIT, NEW_CIRCUIT)
    again = read_by(result.text.replace("||ON牌", "|未切割|ON牌"), "I", None, names(*NEW_CIRCUIT))
    assert [part.value for part in again.elements()] == [
        "用于平板电脑", "逻辑", "已封装", "未切割", "ON牌", "NL27WZU04DTT1G", "量产",
    ]  # fmt: skip


def test_a_label_that_repeats_the_elements_name_is_left_off():
    result = carried("0|3|种类:篮球|品牌:佳驰", ("种类", "品牌"), ("品牌", "种类", "型号"))
    assert result.text == "0|3|佳驰|篮球|"


@pytest.mark.parametrize("g_model", ["", "|", "||||", "   ", "｜", "<><><><><>"])
def test_a_string_that_says_nothing_leaves_everything_missing(g_model):
    result = carried(g_model, ("用途",), ("用途",))
    assert "品牌类型" in result.missing
