from datetime import date

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import given
from hypothesis import strategies as st

from catalogue.elements import (
    ElementName,
    ElementReader,
    Line,
    PartKind,
    edition_on,
    read,
    read_by,
    read_many,
)
from catalogue.models import Edition
from catalogue.reading.plan import WORTH_PREPARING, Plan, plan_of
from catalogue.reading.reader import read_at_length, read_by_plan
from catalogue.reading.signals import signal_by_forms, signal_of
from catalogue.shipped import shipped_edition
from declarations.demo.province import Province, Size
from tests.catalogue.lists import store_lists
from tests.catalogue.reading_cases import CASES

ODD_PARTS = (
    *(
        "S/AB12-3",
        "W/74450401/用于飞鱼XT",
        "AB12/TY",
        "2023年5月",
        "2021-05-2",
        "签约日期:20240101",
    ),
    *(
        "无签约日期",
        "扑克牌",
        "飞鱼牌/FEIYU",
        "无品牌；厂商：某塑胶制品有限公司",
        "品牌：佳驰",
        "商标",
    ),
    *(
        "尼龙66",
        "聚四氟乙烯",
        "聚氯乙烯框架",
        "不锈钢制",
        "非织造布",
        "非织造",
        "三厘米",
        "宽五厘米",
    ),
    *("1000克/瓶×6瓶/箱", "1000千克/吨袋", "Φ6.5毫米", "110×60×25厘米", "24V", "5伏 ", "１２伏"),
    *("99.9%", "９０％棉", "无水硫酸镁98.5%,水不溶物等1.5%", "含量99%以上", "80", "12", "Y", "N/A"),
    *(
        "供厨房使用",
        "用于用途：建筑",
        "通用于拖车",
        "通用件",
        "成品",
        "半成品",
        "成卷",
        "装软垫",
        "可折叠",
    ),
    *(
        "无型号 ",
        "无规格",
        "无货号",
        "无中文名",
        "无铭牌号",
        "型号:A1",
        "规格：2.5CM，无型号",
        "未漂白、未涂布",
    ),
    *("6901234567892", "6901234567891", "96385074", "12345678", "20240131", "127-47-9", "127-47-8"),
)
CODES = shipped_edition().codes
TAIL = {
    PartKind.GTIN: "GTIN",
    PartKind.CAS: "CAS",
    PartKind.OTHER: "其他",
    PartKind.ANTI_DUMPING: "反倾销",
    PartKind.UNMATCHED: "未对应",
}
LEADING = {PartKind.BRAND_TYPE, PartKind.EXPORT_BENEFIT}


def shipped_names(hs_code):
    return tuple(ElementName(e.number, e.name, e.category) for e in CODES[hs_code[:8]].elements)


def read_shipped(g_model, hs_code="8482103000", ie_flag="I"):
    return read_by(g_model, ie_flag, None, shipped_names(hs_code), hs_code)


def place_of(part):
    if part.kind is PartKind.ELEMENT:
        return str(part.number)
    return TAIL.get(part.kind, f"older{part.name}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.hs_code} {case.g_model[:24]}")
def test_each_part_stands_where_it_belongs(case):
    reading = read_shipped(case.g_model, case.hs_code)
    found = [place_of(part) for part in reading.parts if part.kind not in LEADING]
    expected = case.places.split()
    assert len(found) == len(expected), found
    for place, wanted in zip(found, expected, strict=True):
        assert place.startswith(wanted) if wanted.startswith("older") else place == wanted, found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.hs_code} {case.g_model[:24]}")
def test_what_is_told_certain_is_right_and_every_part_says_why(case):
    reading = read_shipped(case.g_model, case.hs_code)
    parts = [part for part in reading.parts if part.kind not in LEADING]
    for part, wanted in zip(parts, case.places.split(), strict=True):
        assert part.why
        if part.is_certain:
            assert place_of(part) == wanted
    if reading.is_certain:
        assert all(part.is_certain for part in reading.parts)


def test_the_leading_codes_are_decoded():
    first, second, *_ = read_shipped("4|3|角接触球轴承|佳驰牌|LB5").parts
    assert (first.kind, first.meaning) == (PartKind.BRAND_TYPE, "境外品牌（其他）")
    assert (second.kind, second.meaning) == (PartKind.EXPORT_BENEFIT, "不适用于进口报关单")


@pytest.mark.parametrize(
    ("g_model", "values"),
    [
        ("４|３|角接触球轴承|佳驰牌|LB5", ["４", "３"]),
        ("4||角接触球轴承|佳驰牌|LB5", ["4", ""]),
        ("||角接触球轴承|佳驰牌|LB5", ["", ""]),
        ("9|3|角接触球轴承|佳驰牌|LB5", ["9", "3"]),
        ("品牌类型:4|出口享惠情况:3|角接触球轴承|佳驰牌|LB5", ["品牌类型:4", "出口享惠情况:3"]),
        ("境外品牌(其他)|不能确定|角接触球轴承|佳驰牌|LB5", ["境外品牌(其他)", "不能确定"]),
        ("4|角接触球轴承|佳驰牌|LB5", ["4"]),
    ],
)
def test_leading_codes_are_known_in_other_forms(g_model, values):
    reading = read_shipped(g_model)
    assert [part.value for part in reading.parts if part.kind in LEADING] == values
    assert [part.number for part in reading.elements()] == [1, 2, 3]


def test_a_string_without_leading_codes_is_never_certain():
    reading = read_shipped("角接触球轴承|佳驰牌|LB5")
    assert [part.number for part in reading.elements()] == [1, 2, 3]
    assert not reading.is_certain
    assert not any(part.is_certain for part in reading.parts)
    assert reading.confidence < 1


def test_full_width_bars_part_too_and_come_back():
    text = "1｜3｜角接触球轴承|佳驰牌｜LB5"
    reading = read_shipped(text)
    assert [part.value for part in reading.elements()] == ["角接触球轴承", "佳驰牌", "LB5"]
    assert reading.joined() == text


def test_white_space_and_labels_are_kept_apart_from_the_value():
    reading = read_shipped("1|3| 角接触球轴承|品牌： 佳驰牌 |型号:LB5 ")
    assert [part.value for part in reading.elements()] == ["角接触球轴承", "佳驰牌", "LB5"]
    assert [part.label for part in reading.elements()] == ["", "品牌", "型号"]
    assert reading.elements()[1].raw == "品牌： 佳驰牌 "


def test_a_thirteen_digit_code_is_read_by_its_first_eight():
    reader = ElementReader(
        [
            (
                Edition(year=2025, effective_from=date(2025, 1, 1)),
                {"84821030": shipped_names("8482103000")},
            )
        ]
    )
    for hs_code in ("84821030", "8482103000", "8482103000101"):
        assert reader.read("1|3|角接触球轴承|佳驰牌|LB5", hs_code, "I").is_certain


@pytest.mark.parametrize(
    ("tail", "groups"),
    [
        ("|<甲厂><A Co><5%><0><是>", 5),
        ("<甲厂><A Co><5%><0><是>", 5),
        ("|＜甲厂＞＜A＞＜5%＞＜0＞＜是＞", 5),
        ("|<甲厂|一部><A><5%><0><是>", 5),
        ("|<甲厂><A><5%><0>", 4),
        ("| <甲厂><A><5%><0><是> ||", 5),
    ],
)
def test_the_anti_dumping_tail_is_taken_off_before_counting(tail, groups):
    text = f"1|3|角接触球轴承|佳驰牌|LB5{tail}"
    reading = read_shipped(text)
    assert [part.value for part in reading.elements()] == ["角接触球轴承", "佳驰牌", "LB5"]
    (part,) = reading.of_kind(PartKind.ANTI_DUMPING)
    assert part.value == tail.strip("| ")
    assert ("五组尖括号" in part.why) == (groups == 5)
    assert reading.joined() == text


def test_a_comparison_sign_is_no_tail():
    reading = read_shipped("1|3|粒度<5mm的球轴承|佳驰牌|LB5")
    assert not reading.of_kind(PartKind.ANTI_DUMPING)


def test_a_code_that_the_edition_lacks_leaves_every_part_unexplained():
    reading = read_by("1|3|甲|乙", "I", None, None)
    assert [part.kind for part in reading.parts[2:]] == [PartKind.UNMATCHED] * 2
    assert not reading.is_certain
    assert reading.confidence == 0
    assert reading.names is None
    assert reading.missing() == ()


def test_missing_names_what_is_not_reached_or_left_empty():
    reading = read_shipped("1|3|角接触球轴承||")
    assert [name.number for name in reading.missing()] == [2, 3]
    assert [name.number for name in read_shipped("1|3|角接触球轴承|佳驰牌").missing()] == [3]
    assert read_shipped("1|3|角接触球轴承|佳驰牌|LB5").missing() == ()


def test_a_cas_number_with_a_wrong_check_digit_is_not_certain():
    good = read_shipped("1|0|维生素A 99%|用于饲料|127-47-9", "2936210000")
    bad = read_shipped("1|0|维生素A 99%||用于饲料||127-47-8", "2936210000")
    assert good.is_certain
    assert not bad.is_certain


def test_a_company_in_a_shifted_string_is_not_certain():
    # A word of the element in a longer name tells nothing.
    reading = read_shipped("4|2|针织|鹤鸣游泳服装针织厂|女式|80%锦纶+20%氨纶|海浪牌", "6112410000")
    part = next(part for part in reading.parts if "鹤鸣" in part.value)
    assert not part.is_certain


NAMES = st.sampled_from(sorted(CODES))
TEXTS = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=60),
    st.text("|｜<>＜＞:：0123无品牌型号用-/ \u3000%a", max_size=60),
    st.sampled_from(CASES).map(lambda case: case.g_model),
)


@given(TEXTS, NAMES)
def test_no_string_fails_and_no_character_is_lost(text, hs8):
    for names in (shipped_names(hs8), (), None):
        reading = read_by(text, "I", None, names, hs8)
        assert reading.joined() == text
        assert 0 <= reading.confidence <= 1
        for part in reading.parts:
            assert part.value in part.raw
            assert part.why
            assert part.raw.strip().startswith(part.label) or part.label in part.raw
        numbers = [part.number for part in reading.elements()]
        assert len(numbers) == len(set(numbers))
        assert set(numbers) <= {name.number for name in names or ()}
        if reading.is_certain:
            assert all(part.is_certain for part in reading.parts)


@given(st.lists(st.sampled_from(CASES), max_size=4), NAMES)
def test_no_mixture_of_parts_fails(cases, hs8):
    text = "|".join(case.g_model for case in cases)
    assert read_by(text, "E", None, shipped_names(hs8), hs8).joined() == text


def begin_request():
    request_started.disconnect(close_old_connections)
    request_started.send(sender=None)
    request_started.connect(close_old_connections)


def end_request():
    request_finished.disconnect(close_old_connections)
    request_finished.send(sender=None)
    request_finished.connect(close_old_connections)


@pytest.mark.django_db
class TestEditions:
    OLD = ("用途", "材质", "种类", "品牌（中文或外文名称）", "型号")
    NEW = ("用途", "品牌（中文或外文名称）", "型号")

    def store(self):
        store_lists(2024, {"84821030": self.OLD}, in_force=True)
        store_lists(2025, {"84821030": self.NEW, "84821040": self.NEW}, in_force=True)

    def test_the_edition_of_the_date_is_used_and_the_newest_without_one(self):
        self.store()
        text = "1|3|机床用|佳驰牌|LB5"
        assert read(text, "8482103000", "I", date(2025, 3, 1)).edition.year == 2025
        assert read(text, "8482103000", "I").edition.year == 2025
        assert edition_on(date(2024, 3, 1)).year == 2024
        assert edition_on(date(1999, 3, 1)).year == 2024

    def test_an_edition_near_the_date_is_tried_where_its_own_does_not_fit(self):
        self.store()
        reading = read("1|3|机床用|铬钢制|球轴承|佳驰牌|LB5", "8482103000", "I", date(2025, 1, 9))
        assert reading.edition.year == 2024
        assert reading.is_certain
        assert "2025" in reading.notes[0]
        assert "2024" in reading.notes[0]

    def test_without_a_date_only_the_newest_is_used(self):
        self.store()
        reading = read("1|3|机床用|铬钢制|球轴承|佳驰牌|LB5", "8482103000", "I")
        assert reading.edition.year == 2025
        assert not reading.is_certain

    def test_an_edition_that_has_the_code_serves_where_the_one_of_the_date_lacks_it(self):
        self.store()
        reading = read("1|3|机床用|佳驰牌|LB5", "8482104000", "I", date(2024, 5, 1))
        assert reading.edition.year == 2025
        assert "没有这个商品编码" in reading.notes[0]

    def test_no_edition_at_all_leaves_the_parts_unexplained(self):
        reading = read("1|3|机床用", "8482103000", "I", date(2025, 1, 1))
        assert reading.edition is None
        assert reading.joined() == "1|3|机床用"

    @pytest.mark.parametrize(
        "hs_code", ["", "8482", "8482103x", "８４８２１０３０", "\ud800", "零八"]
    )
    def test_a_malformed_code_is_a_code_that_no_edition_has(self, hs_code):
        self.store()
        assert read("1|3|机床用", hs_code, "I").names is None

    def test_many_strings_cost_one_query_for_the_editions_and_two_for_each_list(
        self, django_assert_max_num_queries
    ):
        self.store()
        lines = [Line(f"1|3|机床用|佳驰牌|LB{n}", "8482103000", "I") for n in range(50)]
        with django_assert_max_num_queries(3):
            assert all(reading.is_certain for reading in read_many(lines))

    def test_one_request_asks_for_the_editions_once_and_the_next_one_again(
        self, django_assert_num_queries
    ):
        self.store()
        begin_request()
        with django_assert_num_queries(1):
            assert edition_on().year == 2025
            assert edition_on(date(2024, 1, 1)).year == 2024
        Edition.objects.get(year=2025).delete()
        assert edition_on().year == 2024
        end_request()
        with django_assert_num_queries(2):
            edition_on()
            edition_on()


class TestShortWays:
    """What makes reading fast gives what all rules give."""

    PARTS = sorted(
        {part for case in CASES for part in case.g_model.split("|")[2:]} | set(ODD_PARTS)
    )

    @pytest.mark.parametrize("text", PARTS)
    def test_a_signal_told_by_the_ends_is_that_of_the_forms(self, text):
        assert signal_of(text) == signal_by_forms(text)

    @given(TEXTS)
    def test_a_signal_of_any_text_is_that_of_the_forms(self, text):
        assert signal_of(text.strip()) == signal_by_forms(text.strip())

    @given(NAMES, st.data())
    def test_a_string_known_as_a_whole_is_read_as_by_all_rules(self, hs8, data):
        plan = plan_of(shipped_names(hs8), hs8[:4])
        plan.prepare()
        slots = plan.count + data.draw(st.integers(0, 2))
        parts = data.draw(st.lists(st.sampled_from(self.PARTS), min_size=slots, max_size=slots))
        text = "|".join(["1", "0", *parts])
        assert read_by_plan(text, None, plan) == read_at_length(text, None, plan)

    def test_a_list_that_is_met_now_and_then_goes_without_its_check(self):
        names = (ElementName(1, "用途", ""), ElementName(2, "材质", ""))
        plan = Plan(names, "9401")
        asked = [plan.accepts("0|3|家具用|木制") for _ in range(WORTH_PREPARING + 2)]
        assert asked == [False] * WORTH_PREPARING + [True, True]

    def test_most_of_the_province_is_known_as_a_whole(self):
        goods = [s.goods for s in Province(Size(lines=3000, enterprises=20, seed=1)).goods]
        known = 0
        for good in goods:
            plan = plan_of(shipped_names(good.hs_code), good.hs_code[:4])
            plan.prepare()
            if plan.accepts(good.g_model):
                known += 1
                assert read_by_plan(good.g_model, None, plan) == read_at_length(
                    good.g_model, None, plan
                )
        assert known > len(goods) / 2
