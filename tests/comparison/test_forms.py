"""Same in another form, or another fact: rule by rule, both ways."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comparison.form_rules import ELEMENT_FORMS, Form, write_element
from comparison.forms import (
    FORM_KEY_BYTES,
    NAME_PART,
    FormDifference,
    canonical_form,
    differing_parts,
    explain_forms,
    form_differences,
    form_key,
    form_labels,
    same_part,
    similarity,
)
from declarations.normalise import content_key, normalise_text
from tests.comparison.form_cases import DIFFERENT, SAME, listed, more_cases

any_text = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from(
            "无品牌型号用于供使材质:：,，、;/&+%*×x0123456789cmMW厘米千克九十两件 锦纶涤\x00|"
        ),
    ),
    max_size=30,
)


def key_with(element: str) -> bytes:
    return form_key("6112410000", "E", "泳衣", f"4|2|{element}|无货号")


@pytest.mark.parametrize(("rule", "a", "b"), listed(SAME))
def test_the_same_facts_in_another_form_share_the_form_key(rule, a, b):
    assert key_with(a) == key_with(b)
    assert same_part(a, b)


@pytest.mark.parametrize(("fact", "a", "b"), listed(DIFFERENT))
def test_another_fact_has_another_form_key(fact, a, b):
    assert key_with(a) != key_with(b)
    assert not same_part(a, b)


@pytest.mark.parametrize(("a", "b"), more_cases("same"))
def test_other_wordings_of_the_same_facts_share_the_form_key(a, b):
    assert key_with(a) == key_with(b)
    assert explain_forms(("泳衣", f"4|2|{a}"), ("泳衣", f"4|2|{b}"))


@pytest.mark.parametrize(("a", "b"), more_cases("other"))
def test_what_looks_alike_and_is_another_fact_has_another_form_key(a, b):
    assert key_with(a) != key_with(b)


@pytest.mark.parametrize(("a", "b"), more_cases("apart"))
def test_what_nobody_can_be_sure_of_stays_apart(a, b):
    assert key_with(a) != key_with(b)


@pytest.mark.parametrize(
    ("form", "a", "b"), [case for case in listed(SAME) if case[0] in set(Form)]
)
def test_the_form_that_differs_is_named(form, a, b):
    assert Form(form) in explain_forms(("泳衣", f"4|2|{a}"), ("泳衣", f"4|2|{b}"))


def test_only_forms_that_are_needed_are_named():
    a = ("泳衣", "4|2|针织|无品牌|3CM|100%涤纶")
    assert explain_forms(a, ("泳衣", "4|2|针织|无牌|3厘米|100%涤纶")) == [Form.BRAND, Form.UNIT]
    assert form_labels([Form.BRAND, Form.UNIT]) == "品牌写法、单位写法"
    assert form_labels(["brand_wording"]) == "品牌写法"
    assert explain_forms(a, ("泳衣", "4|2|针织|无品牌|3CM|涤纶100%")) == [Form.ORDER]
    assert explain_forms(a, a) == []
    assert explain_forms(("泳衣", "82%锦纶+18%氨纶"), ("泳衣", "82%锦纶,18%氨纶")) == [
        Form.SEPARATOR
    ]


def test_a_part_that_differs_in_a_fact_is_no_difference_of_form():
    a, b = ("泳衣", "4|2|无品牌|3CM"), ("泳衣", "4|2|无牌|3MM")
    assert form_differences(a, b) == [FormDifference(2, Form.BRAND, "无品牌", "无牌")]


def test_a_difference_of_form_in_the_name_is_named_too():
    differences = form_differences(("2.7升发动机", "4|3"), ("2.7L發動機", "4|3"))
    assert {d.part for d in differences} == {NAME_PART}
    assert {d.form for d in differences} == {Form.UNIT, Form.SCRIPT}


def test_every_form_has_chinese_words():
    assert all(form.label and not form.label.isascii() for form in Form)


def test_the_eight_digit_code_counts_and_the_last_two_digits_do_not():
    parts = ("E", "泳衣", "4|2|针织")
    assert form_key("6112410000", *parts) == form_key("6112410090", *parts)
    assert form_key("6112410000", *parts) != form_key("6112420000", *parts)
    assert form_key("6112410000", *parts) != form_key("6112410000", "I", *parts[1:])


def test_the_name_is_a_fact_but_not_its_form():
    def with_name(name):
        return form_key("8407341000", "I", name, "4|3|成品")

    assert with_name("2.7L发动机总成") == with_name("２.7升發動機總成")
    for other in ["2.5L发动机总成", "2.7L发动机", "非2.7L发动机总成", "2.7L发动机总成支架"]:
        assert with_name("2.7L发动机总成") != with_name(other)
    # A label or a use is a form inside an element only.
    assert with_name("用途:清洁") != with_name("清洁")
    assert with_name("清洁用") != with_name("用于清洁")


def test_parts_in_each_others_place_are_another_fact():
    base = key_with("无品牌|无型号")
    assert base == key_with("无牌|无规格型号")
    assert base != key_with("无型号|无品牌")
    assert base != key_with("无品牌||无型号")
    assert base != key_with("无品牌")


def test_empty_parts_at_the_end_are_no_fact():
    assert form_key("6112410000", "E", "泳衣", "4|2|针织") == form_key(
        "6112410000", "E", "泳衣", "4|2|针织|| |"
    )


def test_the_anti_dumping_tail_is_a_fact_and_its_form_stays():
    tail = "<甲公司><A CO.><5.2%><无><是>"
    assert write_element(normalise_text(tail)) == normalise_text(tail)
    assert key_with(tail) != key_with(tail.replace("5.2%", "5.3%"))
    assert key_with(tail) != key_with(tail.replace("<无>", "<>"))


def test_the_canonical_form_can_be_read():
    assert canonical_form(
        "6112410000",
        "E",
        "泳衣",
        "4|2|用途：水上运动用|氨纶18% 82%锦纶|无牌|无规格型号|九十厘米|12X8CM||",
    ) == (
        "61124100",
        "E",
        "泳衣",
        "4",
        "2",
        "用于水上运动",
        "82%锦纶、18%氨纶",
        "无品牌",
        "无型号",
        "90cm",
        "12×8cm",
    )


def test_differing_parts_are_counted_from_the_first_part():
    a = ["4", "2", "无品牌", "A5", "3CM"]
    assert differing_parts(a, ["4", "2", "无牌", "A6", "3厘米"]) == [3]
    assert differing_parts(a, ["4", "2", "无牌"]) == [3, 4]
    assert differing_parts(a, [*a, ""]) == []


def test_similarity_ranks_by_equal_parts_then_by_text():
    mine = ("泳衣", "4|2|针织|82%锦纶+18%氨纶|甲牌|A5")
    same = ("泳衣", "4|2|针织|氨纶18%、锦纶82%|品牌：甲牌|A5")
    model = ("泳衣", "4|2|针织|82%锦纶+18%氨纶|甲牌|A6")
    two = ("泳衣", "4|2|机织|82%锦纶+18%氨纶|甲牌|A6")
    name = ("电动泳衣", "4|2|针织|82%锦纶+18%氨纶|甲牌|A5")
    other = ("雨伞", "1|0|户外伞")
    scores = [similarity(mine, content) for content in (same, model, two, other)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1
    assert len(set(scores)) == len(scores)
    assert similarity(mine, name) < similarity(mine, model) < 1


@given(any_text, any_text, any_text, any_text)
def test_similarity_lies_between_0_and_1_and_does_not_see_the_side(name_a, a, name_b, b):
    score = similarity((name_a, a), (name_b, b))
    assert 0 <= score <= 1
    assert score == pytest.approx(similarity((name_b, b), (name_a, a)))
    same = form_key("6112410000", "E", name_a, a) == form_key("6112410000", "E", name_b, b)
    assert (score == 1) == same


@given(any_text, any_text)
def test_identical_contents_always_share_the_form_key(name, g_model):
    key = form_key("6112410000", "E", name, g_model)
    assert len(key) == FORM_KEY_BYTES
    folded = "|".join(normalise_text(part) for part in g_model.split("|"))
    assert content_key("6112410000", "E", name, g_model) == content_key(
        "6112410000", "E", name, folded
    )
    assert form_key("6112410000", "E", normalise_text(name), folded) == key


@given(any_text)
def test_explaining_never_fails_and_equal_contents_need_no_reason(g_model):
    assert form_differences(("铁", g_model), ("铁", g_model)) == []
    explain_forms(("铁", g_model), ("鐵", g_model.swapcase()))


@given(any_text, st.sampled_from(sorted(ELEMENT_FORMS)))
def test_no_single_rule_takes_a_digit_away(text, form):
    text = normalise_text(text)
    written = write_element(text, frozenset({form}))
    if form not in {Form.NUMERAL, Form.SYMBOL, Form.UNIT}:
        assert sorted(filter(str.isdecimal, written)) == sorted(filter(str.isdecimal, text))


code = st.text("ABCDEFGHKLNPRUWY0123456789-/", min_size=2, max_size=16)


@given(code, st.data())
def test_another_letter_or_digit_in_a_code_is_another_fact(model, data):
    place = data.draw(st.integers(0, len(model) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHKLNPRUWY0123456789"))
    assume(other != model[place])
    changed = model[:place] + other + model[place + 1 :]
    assert key_with(model) != key_with(changed)


@given(
    st.permutations(["无品牌", "A5", "3CM", "针织", "汽车用", "82%锦纶+18%氨纶"]), st.integers(0, 4)
)
def test_two_elements_in_each_others_place_are_another_fact(parts, i):
    swapped = [*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :]]
    assert key_with("|".join(parts)) != key_with("|".join(swapped))


shares = st.lists(st.integers(1, 99), min_size=2, max_size=4, unique=True)
names = st.permutations(["锦纶", "氨纶", "棉", "PA树脂", "聚酯纤维", "PE"])


@given(shares, names, st.data())
def test_a_composition_is_the_same_in_every_order_and_separator(amounts, materials, data):
    items = list(zip(materials, amounts, strict=False))
    separator = data.draw(st.sampled_from(["+", "、", "，", ";", " ", "/", "&", ", "]))
    written = [
        f"{name}{amount}%" if data.draw(st.booleans()) else f"{amount}%{name}"
        for name, amount in data.draw(st.permutations(items))
    ]
    base = "+".join(f"{amount}%{name}" for name, amount in items)
    assert key_with(separator.join(written)) == key_with(base)
    moved = [*amounts[1:], amounts[0]]
    other = "+".join(f"{amount}%{name}" for name, amount in zip(materials, moved, strict=False))
    assert key_with(other) != key_with(base)
