"""The one judgement of two declared texts: its answers, its reasons, the command that prints it."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from catalogue.elements import edition_on, element_names
from comparison.forms import form_key
from comparison.judging import HIDDEN, DeclaredText, Judged, judge, keys_of
from declarations.normalise import content_key
from tests.shipped import load_shipped_headings

PAIRS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "pairs_dev.tsv"

SOFA = DeclaredText("9401619000", "I", "布沙发", "0|3|家居用|布面|木框架|装软垫|无中文及外文品牌")


def other(**change: str) -> DeclaredText:
    return replace(SOFA, **change)


def test_equal_but_for_width_and_spaces_is_identical():
    judgement = judge(SOFA, other(g_model="0|3|家居用|布面 |木框架|装软垫|无中文及外文品牌|||"))
    assert (judgement.judged, judgement.score) == (Judged.IDENTICAL, 1.0)
    assert judgement.reason == "申报内容一致，只有空格不同。"
    assert judge(SOFA, SOFA).reason == "申报内容一致。"


def test_another_form_of_the_same_facts_is_the_same_and_the_forms_are_named():
    judgement = judge(SOFA, other(g_model="0|3|用于家居|布面|木框架|装软垫|无品牌"))
    assert (judgement.judged, judgement.score) == (Judged.SAME, 1.0)
    assert judgement.reason.startswith("仅填报形式不同：")
    assert "品牌写法" in judgement.reason
    assert "用途写法" in judgement.reason


def test_another_last_two_digits_are_the_same_and_the_reason_names_them():
    judgement = judge(SOFA, other(hs_code="9401619090"))
    assert judgement.judged is Judged.SAME
    assert "末两位不同（9401619000 与 9401619090）" in judgement.reason


def test_another_fact_differs_and_the_sentence_names_the_elements():
    judgement = judge(SOFA, other(name="皮沙发", g_model="0|3|家居用|皮面|木框架|装软垫|无品牌"))
    assert judgement.judged is Judged.DIFFERS
    assert 0.5 < judgement.score < 1
    assert judgement.differing[0] == "商品名称"
    assert len(judgement.differing) == 2
    assert judgement.reason.endswith("上不同。")


@pytest.mark.parametrize(
    ("change", "said"),
    [({"hs_code": "9401719000"}, "前八位不同"), ({"ie_flag": "E"}, "进口与出口")],
)
def test_another_code_or_direction_is_never_compared(change, said):
    judgement = judge(SOFA, other(**change))
    assert (judgement.judged, judgement.score) == (Judged.DIFFERS, 0.0)
    assert said in judgement.reason


def test_the_same_values_in_other_places_differ_and_say_so():
    tail = "<甲><A><1><0><否>"
    judgement = judge(other(g_model=f"0|3|家居用|{tail}"), other(g_model=f"0|3|家居用||{tail}"))
    assert judgement.judged is Judged.DIFFERS
    assert judgement.differing == ()
    assert "位置不同" in judgement.reason


def test_of_a_hidden_part_only_the_answer_is_told():
    own = other(g_model=SOFA.g_model + "|制造商甲")
    content = other(g_model=SOFA.g_model + "|制造商乙")
    shown = other(g_model=SOFA.g_model + f"|{HIDDEN}")
    judgement = judge(own, shown, b_keys=keys_of(content))
    assert judgement.judged is Judged.DIFFERS
    assert judgement.differing == ()
    assert judgement.reason == f"在可见的各项上没有不同，{HIDDEN}的部分不作比对。"
    guessed = judge(content, shown, b_keys=keys_of(content))
    assert guessed.judged is Judged.IDENTICAL
    assert "制造商乙" not in judgement.reason + guessed.reason


def test_how_near_a_hidden_part_is_does_not_move_the_score():
    content = other(g_model=SOFA.g_model + "|大连制造商甲")
    shown = other(g_model=SOFA.g_model + f"|{HIDDEN}")
    scores = {
        judge(other(g_model=f"{SOFA.g_model}|{guess}"), shown, b_keys=keys_of(content)).score
        for guess in ("大连制造商乙", "abcdefg")
    }
    assert len(scores) == 1


TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    [SOFA.g_model, "0|3|家居用|布面", "4|3|||", "<a><b><c><d><e>", "｜｜", "无牌", "无品牌"]
)
DECLARED = st.builds(
    DeclaredText,
    st.sampled_from(["9401619000", "9401619090", "8542399000", ""]),
    st.sampled_from(["I", "E", ""]),
    TEXTS,
    TEXTS,
)


@given(DECLARED, DECLARED)
def test_it_never_raises_and_agrees_with_the_two_keys_both_ways_round(a, b):
    one, two = judge(a, b), judge(b, a)
    assert one.judged is two.judged
    assert one.score == pytest.approx(two.score)
    assert (one.score == 1) == one.says_the_same
    assert one.reason.endswith("。")
    parts = [(t.hs_code, t.ie_flag, t.name, t.g_model) for t in (a, b)]
    assert (one.judged is Judged.IDENTICAL) == (content_key(*parts[0]) == content_key(*parts[1]))
    assert one.says_the_same == (form_key(*parts[0]) == form_key(*parts[1]))


@pytest.mark.django_db
def test_the_elements_that_differ_are_named_by_the_edition():
    load_shipped_headings()
    a = DeclaredText("8542399000", "I", "集成电路", "4|3|平板电脑用|逻辑|已封装|已切割|ON牌|NL27")
    b = replace(a, g_model="4|3|平板电脑用|逻辑|已封装|已切割|ON牌|NL28")
    judgement = judge(a, b, names=element_names(edition_on(), a.hs_code))
    assert judgement.reason == "在“型号”上不同。"


def run(path: Path, *options: str) -> list[dict[str, str]]:
    printed = io.StringIO()
    call_command("judge_pairs", str(path), *options, stdout=printed)
    return list(csv.DictReader(io.StringIO(printed.getvalue()), delimiter="\t"))


@pytest.mark.django_db
def test_the_command_passes_other_columns_through(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text(
        "id\ths_code\tie_flag\tname_a\tg_model_a\tname_b\tg_model_b\tnote\n"
        "7\t9401619000\tI\t沙发\t0|3|无牌\t沙发\t0|3|无品牌\t甲\n"
        "8\t9401619000\tI\t沙发\t0|3|无牌\t沙发\t0|3|ON牌\t\n",
        encoding="utf-8",
    )
    same, differs = run(path, "--date", "2026-01-05")
    assert (same["id"], same["note"], same["judged"], same["score"]) == (
        "7",
        "甲",
        "same",
        "1.0000",
    )
    assert differs["judged"] == "differs"
    assert 0 < float(differs["score"]) < 1
    assert "上不同" in differs["reason"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hs_code\tie_flag\n", "缺少列：name_a"),
        ("", "缺少列"),
        ("hs_code\tie_flag\tname_a\tg_model_a\tname_b\tg_model_b\n" + "a\t" * 8 + "\n", "第 2 行"),
    ],
)
def test_the_command_refuses_another_table_with_a_sentence(tmp_path, text, said):
    path = tmp_path / "pairs.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=said):
        run(path)


@pytest.mark.django_db
def test_the_command_says_when_the_file_can_not_be_read(tmp_path):
    with pytest.raises(CommandError, match="读不了文件"):
        run(tmp_path / "absent.tsv")
    (tmp_path / "gbk.tsv").write_bytes("商品".encode("gb18030"))
    with pytest.raises(CommandError, match="读不了文件"):
        run(tmp_path / "gbk.tsv")


@pytest.mark.django_db
def test_the_command_on_the_labelled_pairs():
    if not PAIRS.exists():
        pytest.skip(f"labelled pairs are missing: {PAIRS.name} in the folder shared beside us")
    load_shipped_headings()
    rows = run(PAIRS)
    found = [(row["same"] == "1", row["judged"] in {"identical", "same"}) for row in rows]
    hits, wrong = found.count((True, True)), found.count((False, True))
    assert len(rows) > 1_000
    assert hits / (hits + wrong) == 1
    assert hits / (hits + found.count((True, False))) == 1
