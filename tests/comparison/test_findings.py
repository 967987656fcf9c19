"""Findings element by element: single differences by hand, and agreement with the answer always."""

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue.elements import ElementName, read_by
from comparison.findings import (
    ANOTHER_FACT,
    Finding,
    Relation,
    differences,
    find,
    sides_of,
)
from comparison.judging import HIDDEN, DeclaredText, judge
from comparison.sidebyside import show
from tests.comparison.difference_cases import CASES, Case
from tests.comparison.form_cases import DIFFERENT, SAME, listed


def found_in(case: Case) -> Finding:
    fixed = {"商品名称", "品牌类型", "出口享惠情况"}
    names = (ElementName(1, "材质" if case.element in fixed else case.element, ""),)
    sides = []
    for value in (case.mine, case.theirs):
        texts = {"商品名称": "铰链", "品牌类型": "0", "出口享惠情况": "3", "": "铁"}
        texts[case.element if case.element in texts else ""] = value
        name, *parts = texts.values()
        sides.append((name, read_by("|".join(parts), "I", None, names, "83021000")))
    (my_name, mine), (their_name, theirs) = sides
    findings = find(my_name, mine, their_name, theirs, hidden_word=HIDDEN)
    [found] = [finding for finding in findings if finding.element == case.element]
    others = [finding for finding in findings if finding.element != case.element]
    assert all(finding.relation is Relation.EQUAL for finding in others)
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.mine}-{case.theirs}")
def test_a_difference_is_told_by_kind_marked_in_text_and_put_into_words(case):
    found = found_in(case)
    assert (found.kind, found.relation) == (case.kind, case.relation)
    [element] = show([found])
    marked = [
        "".join(f"〔{piece.text}〕" if piece.differs else piece.text for piece in pieces)
        for pieces in (element.my_pieces, element.their_pieces)
    ]
    assert marked == [case.my_marks, case.their_marks]
    assert element.note == case.note
    assert element.same == (case.relation in {"equal", "form"})
    assert Finding.from_data(json.loads(json.dumps(found.as_data()))) == found


def test_there_are_two_hundred_cases_and_none_twice():
    assert len(CASES) >= 200
    assert len({case[:3] for case in CASES}) == len(CASES)


NAMES = tuple(
    ElementName(number, name, "")
    for number, name in enumerate(
        ["用途", "材质", "成分含量", "品牌（中文或外文名称）", "型号", "规格", "是否成套"], 1
    )
)
VALUES = st.sampled_from(
    [text for _, a, b in [*listed(SAME), *listed(DIFFERENT)] for text in (a, b)]
    + ["", "铁", "<甲><A><1><0><否>", "<甲,乙><a、b>", "\u200b", " ", "无品牌", "无型号"]
)
PARTS = st.lists(VALUES | st.text(max_size=6), max_size=6)


def declared(name: str, parts: list[str]) -> DeclaredText:
    return DeclaredText("8302100000", "E", name, "|".join(["0", "2", *parts]))


@given(VALUES, PARTS, VALUES, PARTS, st.sampled_from([NAMES, NAMES[:2], None]))
@example("铁", ["甲<a><b>"], "铁", ["甲", "<a><b>"], NAMES)
@example("铁", ["甲,乙<a,b><c>"], "铁", ["甲、乙<a、b><c>"], NAMES)
@example("铁", ["甲<a>\u200b<b>"], "铁", ["甲<a><b>"], NAMES)
@example("铁", ["铁", "", ""], "铁", ["铁"], NAMES)
def test_the_findings_agree_with_the_answer_always(name_a, a, name_b, b, names):
    judgement = judge(declared(name_a, a), declared(name_b, b), names=names)
    assert judgement.says_the_same == all(f.relation.says_the_same for f in judgement.findings)


@given(st.lists(VALUES, min_size=1, max_size=6), st.data())
def test_they_agree_on_texts_that_differ_in_one_part_alone(parts, data):
    place = data.draw(st.integers(0, len(parts) - 1))
    changed = [*parts[:place], data.draw(VALUES), *parts[place + 1 :]]
    mine, theirs = declared("铰链", parts), declared("铰链", changed)
    judgement = judge(mine, theirs, names=NAMES)
    assert judgement.says_the_same == all(f.relation.says_the_same for f in judgement.findings)
    again = judge(theirs, mine, names=NAMES)
    assert sorted(f.relation for f in again.findings) == sorted(
        f.relation for f in judgement.findings
    )


@given(VALUES, PARTS, VALUES, st.lists(VALUES | st.just(HIDDEN), max_size=6), st.booleans())
def test_the_short_way_names_just_the_elements_that_the_long_one_finds(name_a, a, name_b, b, read):
    names = NAMES if read else None
    texts = [declared(name_a, a).as_folded, declared(name_b, b).as_folded]
    readings = [read_by(t.g_model, t.ie_flag, None, names, t.hs_code) for t in texts]
    long = find(texts[0].name, readings[0], texts[1].name, readings[1], hidden_word=HIDDEN)
    mine, theirs = (
        sides_of(text.name, reading, hidden_word=HIDDEN)
        for text, reading in zip(texts, readings, strict=True)
    )
    short = differences(mine, theirs)
    assert short.differing == [f.element for f in long if f.relation in ANOTHER_FACT]
    assert short.hidden == any(f.relation is Relation.HIDDEN for f in long)


@given(VALUES, PARTS, VALUES, PARTS)
def test_findings_can_be_stored_and_shown_whatever_they_compare(name_a, a, name_b, b):
    for finding in judge(declared(name_a, a), declared(name_b, b), names=NAMES).findings:
        assert Finding.from_data(json.loads(json.dumps(finding.as_data()))) == finding
        [element] = show([finding])
        assert "".join(piece.text for piece in element.my_pieces) == element.mine
        assert "".join(piece.text for piece in element.their_pieces) == element.theirs
        assert element.note


def test_a_value_that_only_another_element_pushed_away_is_no_difference_by_itself():
    mine = DeclaredText("8302100000", "E", "铰链", "0|2|家具用|无品牌|无型号")
    theirs = replace(mine, g_model="0|2|家具用|铁|无品牌|无型号")
    names = (NAMES[0], NAMES[1], NAMES[3], NAMES[4])
    relations = {f.element: f.relation for f in judge(mine, theirs, names=names).findings}
    assert relations["材质"] is Relation.MISSING
    assert relations["型号"] is Relation.MOVED
    assert [e.name for e in judge(mine, theirs, names=names).elements if not e.same] == ["材质"]
    moved = replace(mine, g_model="0|2|家具用|无型号|无品牌")
    swapped = judge(mine, moved, names=(NAMES[0], NAMES[3], NAMES[4]))
    assert not swapped.says_the_same
    assert any(not e.same for e in swapped.elements)
