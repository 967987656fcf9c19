"""Checks on a reading: each rule on text that breaks it and on text that doesn't."""

import csv
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from stdnum import casrn, ean

from catalogue.checks import RULES, check_reading
from catalogue.checks.plan import answers_of
from catalogue.elements import ElementName, Part, PartKind, Reading, read_by
from catalogue.shipped import shipped_edition
from declarations.demo.phrasebook import entries, make_goods
from tests.catalogue.check_cases import VALUE_CASES
from tests.catalogue.check_line_cases import LINE_CASES

SAMPLES = Path(settings.BASE_DIR).parent / "shared" / "data" / "goods_samples.tsv"


def element_list(hs_code):
    code = shipped_edition().codes.get(hs_code[:8])
    if code is None:
        return None
    return [ElementName(e.number, e.name, e.category) for e in code.elements]


def check_line(hs_code, ie_flag, name, g_model):
    reading = read_by(g_model, ie_flag, None, element_list(hs_code), hs_code)
    return check_reading(reading, hs_code=hs_code, ie_flag=ie_flag, name=name)


def reading_of(element, value, *, certain=True):
    """A reading of one element, as sure as the reader can be."""
    parts = (
        Part(PartKind.BRAND_TYPE, None, "品牌类型", "4", "", "", "境外品牌（其他）"),
        Part(PartKind.EXPORT_BENEFIT, None, "出口享惠情况", "3", "", "", ""),
        Part(PartKind.ELEMENT, 1, element, value, "归类要素", ""),
    )
    return Reading(None, parts, certain, (ElementName(1, element, "归类要素"),))


def check_value(chapter, element, value, *, certain=True):
    reading = reading_of(element, value, certain=certain)
    return check_reading(reading, hs_code=f"{chapter or '61'}00000000", ie_flag="I")


def rules_of(findings):
    return {finding.rule for finding in findings}


VALUES = [
    pytest.param(case, value, fires, id=f"{case.rule}-{case.element[:8]}-{value[:16]}-{fires}")
    for case in VALUE_CASES
    for fires, values in ((True, case.broken), (False, case.sound))
    for value in values
]


@pytest.mark.parametrize(("case", "value", "fires"), VALUES)
def test_a_rule_about_a_value_fires_on_faults_only(case, value, fires):
    assert (case.rule in rules_of(check_value(case.chapter, case.element, value))) is fires


@pytest.mark.parametrize(
    "case", LINE_CASES, ids=lambda case: f"{case.rule}-{case.name}-{case.g_model[:24]}"
)
def test_a_rule_about_a_line_fires_on_faults_only(case):
    found = check_line(case.hs_code, case.ie_flag, case.name, case.g_model)
    assert (case.rule in rules_of(found)) is case.fires


def test_every_rule_has_five_cases_that_break_it_and_five_that_dont():
    counts = Counter()
    for case in VALUE_CASES:
        counts[case.rule, True] += len(case.broken)
        counts[case.rule, False] += len(case.sound)
    for case in LINE_CASES:
        counts[case.rule, case.fires] += 1
    short = {key for rule in RULES for key in ((rule, True), (rule, False)) if counts[key] < 5}
    assert not short
    assert {rule for rule, _ in counts} == set(RULES)


def test_the_elements_of_the_cases_are_the_catalogues():
    for case in VALUE_CASES:
        if case.chapter:
            assert any(
                code.hs8.startswith(case.chapter)
                and any(element.name == case.element for element in code.elements)
                for code in shipped_edition().codes.values()
            ), case


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_says_what_is_wrong_and_what_to_do_in_one_sentence_with_its_source(rule):
    assert rule.text.endswith("。") and rule.text.count("。") == 1
    assert "；" in rule.text
    assert rule.title and rule.source


def test_a_finding_names_element_and_part():
    (found,) = check_value("85", "是否封装", "是")
    assert (found.rule, found.element, found.part) == ("yes_no_only", "是否封装", 2)
    assert found.text == "“是否封装”只填了“是”；请写明内容，如“已封装”或“未封装”。"
    assert "常见差错" in found.source and found.title == "只填了是或否"


def test_what_rests_on_the_place_is_withheld_where_the_parts_are_not_in_order():
    assert rules_of(check_value("84", "用途", "工业用")) == {"use_vague"}
    reading = reading_of("用途", "工业用", certain=False)
    names = (*reading.names, ElementName(2, "型号", "价格要素"))
    reading = Reading(None, reading.parts, False, names)
    assert rules_of(check_reading(reading, hs_code="8409919990", ie_flag="I")) == {"parts_few"}


def test_where_all_elements_stand_in_order_a_doubtful_place_is_told_with_the_finding():
    (found,) = check_value("84", "用途", "工业用", certain=False)
    assert found.rule == "use_vague" and "不能确定" in found.text


def test_a_finding_on_an_uncertain_part_says_so():
    (found,) = check_value("85", "是否封装", "是", certain=False)
    assert "不能确定" in found.text


def test_a_missing_element_is_named_once_and_without_a_part():
    reading = reading_of("材质（塑料品种）", "聚乙烯")
    names = (*reading.names, ElementName(2, "型号", "价格要素"))
    reading = Reading(None, reading.parts, True, names)
    found = [
        f
        for f in check_reading(reading, hs_code="3924100000", ie_flag="I")
        if f.rule == "element_missing"
    ]
    assert [(f.element, f.part) for f in found] == [("型号", None)]
    assert "无型号" in found[0].text


def test_a_cas_number_one_place_further_on_is_not_missing():
    g_model = "0|0|含量99%以上|医药中间体|20210810||253870-02-9"
    found = check_line("2933990099", "E", "3-甲酰基吡咯", g_model)
    assert not rules_of(found) & {"element_missing", "gtin_form", "gtin_check_digit"}


def test_a_producer_in_place_of_a_brand_is_allowed_where_the_catalogue_says_so():
    element = "品牌（中文或外文名称，无品牌请申报厂商）"
    reading = reading_of(element, "某化工有限公司")
    brand_type = Part(PartKind.BRAND_TYPE, None, "品牌类型", "0", "", "", "无品牌")
    parts = (brand_type, *reading.parts[1:])
    reading = Reading(None, parts, True, reading.names)
    assert check_reading(reading, hs_code="3901100000", ie_flag="I") == []


@given(st.text(alphabet="0123456789", min_size=7, max_size=13))
def test_one_wrong_digit_of_a_gtin_never_passes(digits):
    right = ean.calc_check_digit(digits)
    wrong = str((int(right) + 1) % 10)
    rules = rules_of(check_value("33", "GTIN码", digits + wrong))
    assert "gtin_check_digit" in rules or "gtin_form" in rules
    if len(digits) in (7, 11, 12, 13):
        assert not rules_of(check_value("33", "GTIN码", digits + right)) & set(RULES)


@given(st.integers(10, 9_999_999), st.integers(0, 99))
def test_a_cas_number_passes_with_its_own_check_digit_only(first, second):
    groups = f"{first}-{second:02}"
    right = casrn.calc_check_digit(groups.replace("-", ""))
    for digit in "0123456789":
        rules = rules_of(check_value("29", "CAS号", f"{groups}-{digit}"))
        assert ("cas_check_digit" in rules) is (digit != right)


TEXTS = st.text(
    alphabet=st.sampled_from("无是否品牌型号|/*-<>%％0123456789.棉涤，；（）：ＡaA ｜　~×"),
    max_size=60,
)
CODES = st.sampled_from(sorted(shipped_edition().codes))


@given(CODES, st.sampled_from("IE"), TEXTS, st.one_of(TEXTS, st.text(max_size=40)))
def test_it_never_raises_and_names_parts_that_exist(hs8, ie_flag, name, g_model):
    reading = read_by(g_model, ie_flag, None, element_list(hs8))
    for found in check_reading(reading, hs_code=hs8 + "00", ie_flag=ie_flag, name=name):
        assert found.rule in RULES
        assert found.part is None or 0 <= found.part < len(reading.parts)
        assert found.text.endswith(("。", "）"))


def test_conforming_goods_of_the_demo_have_no_findings():
    rng = Random(11)
    found = []
    for entry in entries():
        for _ in range(3):
            goods = make_goods(rng, entry)
            found += [(goods.g_model, finding.text) for finding in check_line(*goods)]
    assert found == []


def test_on_real_goods_no_rule_fires_on_more_than_a_plausible_share():
    if not SAMPLES.exists():
        pytest.skip(f"SKIPPED LOUDLY: {SAMPLES} is not here")
    with SAMPLES.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    fired = Counter()
    for row in rows:
        parts = row["g_model"].split("|")
        ie_flag = "I" if len(parts) > 1 and parts[1] == "3" else "E"
        fired.update(rules_of(check_line(row["hs_code"], ie_flag, row["name"], row["g_model"])))
    # Missing parts are what real lines lack most (12 of 89); all else is rare.
    shares = {rule: count / len(rows) for rule, count in fired.items()}
    assert shares.pop("parts_few", 0) < 0.2
    assert shares.pop("element_missing", 0) < 0.2
    assert all(share < 0.05 for share in shares.values()), shares


def test_two_parts_that_changed_places_are_not_called_a_composition_without_shares():
    g_model = "0|2|乳白色片状|脂肪酸钠84%，水分14%，氯化钠等2%|1000千克/吨袋|无品牌|无型号"
    assert "composition_no_share" not in rules_of(check_line("3401209000", "E", "皂片", g_model))


def test_a_vague_answer_is_told_with_what_the_hint_asks():
    (found,) = check_value("39", "外观（板、片、膜、箔、带、扁条）", "其他")
    assert found.rule == "value_vague" and "（板、片、膜、箔、带、扁条）" in found.text


@pytest.mark.parametrize(
    ("bare", "yes", "no"),
    [
        ("是否带工作部件，若带有请注明材质", "带工作部件", "不带工作部件"),
        ("是否经水煮", "经水煮", "未经水煮"),
        ("是否未经装饰，仅用纸或纸板贴面或加强的", None, None),
    ],
)
def test_the_example_answers_to_a_question_have_no_condition_in_them(bare, yes, no):
    found = answers_of(bare)
    assert not any("请注明" in answer for answer in found)
    if yes:
        assert found == (yes, no)
