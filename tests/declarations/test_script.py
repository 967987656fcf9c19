"""Traditional to simplified: words that differ in traditional script never become one."""

import hashlib
from importlib.resources import files

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from declarations.normalise import normalise_text
from declarations.script import (
    _traditional_phrases,
    _word,
    shared,
    simplify_every,
    simplify_shared,
    single,
)

# The tables that content keys stand on. When the package changes one of them, NORMALISER_VERSION
# has to change with this value, and stored contents are folded again.
TABLES = ["HKVariants", "STCharacters", "STPhrases", "TSCharacters", "TSPhrases", "TWVariants"]
DIGEST_OF_TABLES = "954dd44adda60167cfd28cb781b316e4c31cc5e21c1f405ce7f07f842c829ac3"

ONE_WORD = [
    ("前後擋板", "前后挡板"),
    ("後輪", "后轮"),
    ("乾燥劑", "干燥剂"),
    ("乾酪", "干酪"),
    ("幹部", "干部"),
    ("麵包", "面包"),
    ("表面絨布制", "表面绒布制"),
    ("鐵製框架", "铁制框架"),
    ("發動機", "发动机"),
    ("理髮", "理发"),
    ("裡面", "里面"),
    ("裏面", "里面"),
    ("複合", "复合"),
    ("恢復", "恢复"),
    ("傢俱", "家具"),
    ("五釐米", "五厘米"),
    ("鬱金香", "郁金香"),
    ("台灣", "台湾"),
    ("颱風", "台风"),
    ("檯燈", "台灯"),
    ("關係", "关系"),
    ("用於平板電腦", "用于平板电脑"),
    ("項鍊", "项链"),
    ("電綫", "电线"),
    ("電線", "电线"),
    ("產品", "产品"),
    ("産品", "产品"),
    ("標準", "标准"),
    ("計畫", "计划"),
]
TWO_WORDS = [
    ("乾", "干"),
    ("乾", "幹"),
    ("幹", "干"),
    ("乾部", "干部"),
    ("幹燥", "干燥"),
    ("乾隆", "干隆"),
    ("乾坤", "干坤"),
    ("後", "后"),
    ("皇後", "皇后"),
    ("太後", "太后"),
    ("表麵", "表面"),
    ("麵", "面"),
    ("理發", "理髮"),
    ("頭發", "头发"),
    ("發", "髮"),
    ("公裏", "公里"),
    ("濃鬱", "浓郁"),
    ("鬱", "郁"),
    ("關繫", "关系"),
    ("著", "着"),
    ("鍾", "鐘"),
    ("恢複", "恢复"),
    ("薑", "姜"),
]


@pytest.mark.parametrize(("traditional", "simplified"), ONE_WORD)
def test_a_word_is_one_in_both_scripts(traditional, simplified):
    assert normalise_text(traditional) == simplified
    assert normalise_text(simplified) == simplified


@pytest.mark.parametrize(("a", "b"), TWO_WORDS)
def test_words_that_mean_different_things_stay_two(a, b):
    assert normalise_text(a) != normalise_text(b)


def test_simplified_text_is_never_changed():
    text = (
        "皇后 公里 表面 干部 后轮 着色 著名 覆膜 瞭望 狼藉 沈阳 系列 家具 松木 冲压 台湾 乾隆 余量"
    )
    assert normalise_text(text) == text.replace(" ", "")


def test_the_usual_word_counts_only_where_asked():
    assert simplify_shared("幹壁钉") == "幹壁钉"
    assert simplify_shared("幹壁钉", usual=True) == "干壁钉"
    assert simplify_shared("乾壁钉", usual=True) == "乾壁钉"
    assert simplify_shared("皇後", usual=True) == "皇後"
    assert simplify_shared("乾隆", usual=True) == "乾隆"


def test_search_merges_them_all():
    assert simplify_every("乾幹後麵裡") == "干干后面里"


def test_characters_are_simplified_one_by_one_only_where_no_other_word_is_written_so():
    assert not set(single()) & shared()
    assert set("乾幹後麵裏裡鬱髮發製複復鍾鐘") <= shared()
    # No chain: what a character becomes is simplified already.
    assert not set(single().values()) & (set(single()) | shared())


@given(
    st.text(st.sampled_from(sorted(shared()) + list("前皇包酪铁部木品钉髮乾隆坤 ")), max_size=12)
)
def test_simplifying_keeps_the_length_and_is_idempotent(text):
    for usual in (False, True):
        simplified = simplify_shared(text, usual=usual)
        assert len(simplified) == len(text)
        assert simplify_shared(simplified, usual=usual) == simplified


def words_by_simplified_character():
    writers = {}
    for character in sorted(shared()):
        writers.setdefault(simplify_every(character), []).append(character)
    return [group for group in writers.values() if len({_word(c) for c in group}) > 1]


@given(st.data())
def test_two_traditional_words_for_one_simplified_character_never_merge(data):
    group = data.draw(st.sampled_from(words_by_simplified_character()))
    a, b = data.draw(st.permutations(group))[:2]
    assume(_word(a) != _word(b))
    around = st.text(st.sampled_from("前皇包酪鐵部木品釘頭理表公隆坤"), max_size=2)
    before, after = data.draw(around), data.draw(around)
    # OpenCC's phrases call some of them one word: 項鍊 and 項鏈.
    assume(not any(_traditional_phrases().cover(before + c + after) for c in (a, b)))
    for usual in (False, True):
        assert simplify_shared(before + a + after, usual=usual) != simplify_shared(
            before + b + after, usual=usual
        )


def test_a_new_release_of_the_tables_does_not_go_unnoticed():
    digest = hashlib.sha256()
    for name in TABLES:
        digest.update(files("opencc").joinpath("dictionary", f"{name}.txt").read_bytes())
    assert digest.hexdigest() == DIGEST_OF_TABLES
