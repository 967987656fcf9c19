"""Traditional characters that share a simplified one with another word: what becomes of each.

The content key never merges the two words; the form key (`usual`) gives the simplified character to
its most usual word alone. Where a phrase of OpenCC's names the word, both keys know it.
"""

import pytest

from comparison.form_rules import write_element
from declarations.normalise import normalise_text

# simplified, the word that it usually stands for, another word written the same way today.
TRAPS = [
    ("干", "幹", "乾"),
    ("后", "后", "後"),
    ("里", "里", "裏"),
    ("面", "面", "麵"),
    ("只", "只", "隻"),
    ("松", "松", "鬆"),
    ("制", "制", "製"),
    ("系", "系", "係"),
    ("系", "系", "繫"),
    ("台", "臺", "檯"),
    ("台", "臺", "颱"),
    ("发", "發", "髮"),
    ("谷", "谷", "穀"),
    ("姜", "姜", "薑"),
    ("斗", "斗", "鬥"),
    ("几", "幾", "几"),
    ("丑", "丑", "醜"),
    ("钟", "鐘", "鍾"),
    ("历", "歷", "曆"),
    ("复", "復", "複"),
    ("获", "獲", "穫"),
    ("团", "團", "糰"),
    ("须", "須", "鬚"),
    ("签", "簽", "籤"),
    ("卷", "卷", "捲"),
    ("郁", "郁", "鬱"),
    ("范", "范", "範"),
    ("准", "准", "準"),
    ("致", "致", "緻"),
    ("表", "表", "錶"),
    ("沈", "沈", "瀋"),
    ("术", "術", "朮"),
]
PHRASES = [
    ("前後擋板", "前后挡板"),
    ("乾燥機", "干燥机"),
    ("餅乾", "饼干"),
    ("麵粉", "面粉"),
    ("表面", "表面"),
    ("鬆緊帶", "松紧带"),
    ("松木", "松木"),
    ("不鏽鋼製品", "不锈钢制品"),
    ("控制器", "控制器"),
    ("聯繫", "联系"),
    ("檯燈", "台灯"),
    ("理髮器", "理发器"),
    ("發動機", "发动机"),
    ("穀物", "谷物"),
    ("生薑", "生姜"),
    ("戰鬥", "战斗"),
    ("鬧鐘", "闹钟"),
    ("手錶", "手表"),
    ("複合", "复合"),
    ("恢復", "恢复"),
    ("標籤", "标签"),
    ("規範", "规范"),
    ("標準", "标准"),
]


@pytest.mark.parametrize(("simplified", "one", "other"), TRAPS)
def test_two_words_of_one_simplified_character_never_become_one(simplified, one, other):
    assert normalise_text(one) != normalise_text(other)
    written = {word: write_element(normalise_text(word)) for word in (simplified, one, other)}
    if simplified not in {one, other}:
        assert written[one] != written[other]
        assert [written[one], written[other]].count(written[simplified]) <= 1


@pytest.mark.parametrize(("traditional", "simplified"), PHRASES)
def test_a_phrase_that_names_the_word_is_one_in_both_scripts(traditional, simplified):
    assert normalise_text(traditional) == normalise_text(simplified) == simplified


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("皇后", "皇後"),
        ("乾隆", "干隆"),
        ("公里", "公裏"),
        ("表面", "表麵"),
        ("几案", "幾案"),
        ("頭發", "頭髮"),
    ],
)
def test_a_word_with_the_wrong_character_stays_another(a, b):
    assert normalise_text(a) != normalise_text(b)


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("裡襯", "里衬"),
        ("裏料", "里料"),
        ("乾紅葡萄酒", "干红葡萄酒"),
        ("幹壁釘", "干壁钉"),
        ("雙肩揹包", "双肩背包"),
    ],
)
def test_without_a_phrase_only_the_form_key_knows_the_usual_word(traditional, simplified):
    assert normalise_text(traditional) != normalise_text(simplified)
    assert write_element(normalise_text(traditional)) == write_element(normalise_text(simplified))
