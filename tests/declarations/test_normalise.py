"""Normalising for comparison: what must become equal, what must stay apart, class by class."""

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from declarations.normalise import (
    CONTENT_KEY_BYTES,
    content_key,
    fold_goods,
    g_model_parts,
    has_telling_case,
    normalise_g_model,
    normalise_text,
)

# Any text a program can hold: lone surrogates, NUL and invisible characters too, and more often
# than chance would have it the characters that the rules are about.
SPECIAL = "³²½①㎡ⅡΩμ％，：；、＋－—～×*xX｜| \u3000\u200b\x00\ud800\u0301㎽㎿mMWWPpaA5１後后乾干幹麵面傢俱"
any_text = st.text(
    st.one_of(st.characters(exclude_categories=()), st.sampled_from(SPECIAL)), max_size=30
)
part_text = any_text.filter(lambda text: "|" not in text and "｜" not in text)

SAME = {
    "full width": [
        ("ＡＢＣ１２３", "abc123"),
        ("８０％", "80%"),
        ("（铁）", "(铁)"),
        ("５ｍＷ", "5mW"),
    ],
    "half-width kana and hangul": [("ｶﾞｽ", "ガス"), ("ﾡ", "ㄱ")],
    "compatibility ideographs": [("金\uf90a", "金金"), ("⼀层", "一层")],
    "ligatures and squared units": [
        ("ﬁlter", "filter"),
        ("5㎏", "5kg"),
        ("5㎜", "5mm"),
        ("№5", "No5"),
    ],
    "letter case": [("GarCe", "GARCE"), ("Sea Blue", "SEA BLUE"), ("QX2P7D494AB", "qx2p7d494ab")],
    "unit case that tells nothing": [("3CM", "3cm"), ("2.42KG", "2.42kg"), ("50HZ", "50Hz")],
    "degree sign": [("25℃", "25°C"), ("25 ℃", "25°c")],
    "micro sign and Greek mu": [("5µm", "5μm"), ("10µF", "10μF")],
    "ohm sign and omega": [("5\u2126", "5Ω"), ("10k\u2126", "10kΩ")],
    "white space": [
        ("扭矩 475", "扭矩475"),
        ("铁 \t\n 铜", "铁铜"),
        ("Sea  Blue", "Sea\u00a0Blue"),
    ],
    "spaces at the ends": [("无品牌 ", "无品牌"), ("\u3000铁\u3000", "铁")],
    "spaces beside Chinese": [("非通 用 零件", "非通用零件"), ("塑料 PET", "塑料PET")],
    "spaces beside signs": [("1681 * 2674", "1681*2674"), ("2.0T & 2.7T", "2.0T&2.7T")],
    "space after a comma": [("佳驰牌, GarCe牌", "佳驰牌，GarCe牌"), ("A, B", "A,B")],
    "invisible characters": [("铁\u200b制", "铁制"), ("\ufeffABC", "abc"), ("A\u00adB", "ab")],
    "variation selectors": [("葛\U000e0100", "葛"), ("①\ufe0f", "①")],
    "dashes": [("A—B", "A-B"), ("5–10", "5-10"), ("−5", "-5"), ("A‐B", "A－B"), ("前─右", "前-右")],
    "tildes": [("5～10", "5~10"), ("5〜10", "5~10")],
    "quotation marks": [("“铁”", '"铁"'), ("‘A’", "'A'"), ("5″", '5"'), ("5′", "5'")],
    "dots and crosses": [("N·m", "N•m"), ("5✕6", "5×6"), ("甲・乙", "甲·乙")],
    "comparison signs": [("≧5", "≥5"), ("≦5", "≤5")],
    "ratio sign": [("1∶2", "1:2")],
    "traditional script": [
        ("無品牌", "无品牌"),
        ("車用前照燈", "车用前照灯"),
        ("不鏽鋼", "不锈钢"),
        ("不銹鋼", "不锈钢"),
    ],
}
DIFFERENT = {
    "superscripts": [("10³", "103"), ("m²", "m2"), ("m²", "m³"), ("㎡", "m2"), ("10³", "10^3")],
    "subscripts": [("x₂", "x2"), ("x₂", "x²")],
    "fractions": [("5½", "51/2"), ("5½", "5 1/2"), ("½", "¼"), ("5⅓", "513")],
    "enclosed numbers": [
        ("5①", "51"),
        ("①", "1"),
        ("①", "②"),
        ("⑴", "(1)"),
        ("⒈", "1."),
        ("㍙", "1点"),
    ],
    "Roman numerals": [("AⅤ", "AV"), ("Ⅱ", "11"), ("ⅤⅠ", "Ⅵ"), ("Ⅱ", "Ⅲ")],
    "space between digits": [("3 5", "35"), ("1 1/2", "11/2"), ("3 -5", "3-5"), ("1 .5", "1.5")],
    "space between letters": [("LIFE PROOF", "LIFEPROOF"), ("A 5", "A5")],
    "control characters between digits": [("3\x005", "35"), ("3\n5", "35"), ("3\x0b5", "35")],
    "names in a composition": [("82%锦纶 氨纶18%", "82%锦纶氨纶18%")],
    "milli and mega": [
        ("5mW", "5MW"),
        ("5 mW", "5 MW"),
        ("5㎽", "5㎿"),
        ("5mPa·s", "5MPa·s"),
        ("5mΩ", "5MΩ"),
        ("5mV", "5MV"),
        ("(mW)", "(MW)"),
        ("功率mPa", "功率MPa"),
        ("2x5mW", "2x5MW"),
    ],
    "bits and bytes": [("64Kb", "64KB"), ("100Mbps", "100MBps"), ("8Gb", "8GB")],
    "other units by case": [
        ("5nm", "5Nm"),
        ("5ms", "5mS"),
        ("5Pa", "5pA"),
        ("3t", "3T"),
        ("5g", "5G"),
    ],
    "formulas by case": [("CO含量", "Co含量"), ("HF", "Hf")],
    "Greek letters by case": [("Δ9", "δ9"), ("Ω", "ω")],
    "none of another kind": [("无品牌", "无型号"), ("无品牌", "无牌"), ("无", "无品牌")],
    "minus, range, decimal point": [("-5", "5"), ("5-10", "510"), ("5-10", "5~10"), ("2.5", "25")],
    "thousands and lists": [("1,200", "1200"), ("1,200", "1, 200"), ("1,200", "1.200")],
    "more or less": [("≥5", ">5"), ("≥5", "≤5"), ("±5", "5"), ("±5", "+5")],
    "multiplication signs": [("5×6", "5x6"), ("5×6", "5*6")],
    "separators": [("甲、乙", "甲,乙"), ("甲/乙", "甲+乙")],
    "kana and the dash": [("ケーブル", "ケ-ブル")],
    "the numeral one and the dash": [("一", "-"), ("一", "—")],
    "digits and letters alike": [("0", "O"), ("1", "l")],
    "order": [("铁铜", "铜铁")],
    "negation": [("非成套", "成套"), ("未镀", "镀"), ("无货号", "货号")],
}


def pairs(classes):
    return [
        pytest.param(a, b, id=f"{name}: {a!r} {b!r}") for name in classes for a, b in classes[name]
    ]


@pytest.mark.parametrize(("a", "b"), pairs(SAME))
def test_it_folds_what_says_the_same(a, b):
    assert normalise_text(a) == normalise_text(b)


@pytest.mark.parametrize(("a", "b"), pairs(DIFFERENT))
def test_it_keeps_every_fact_apart(a, b):
    assert normalise_text(a) != normalise_text(b)
    assert content_key("6112410000", "E", "泳衣", a) != content_key("6112410000", "E", "泳衣", b)
    assert content_key("6112410000", "E", a, "") != content_key("6112410000", "E", b, "")


def test_it_gives_readable_text():
    assert (
        normalise_text("Ｗ／86650403／ 用 於轎車XTS ２.０L小轎車")
        == "w/86650403/用于轿车xts 2.0l小轿车"
    )
    assert normalise_text("≥９００ MPa，５㎡") == "≥900 MPa,5m²"


def test_a_unit_keeps_its_case_only_where_it_is_one():
    assert normalise_text("K2GP5MW") == "k2gp5mw"
    assert normalise_text("QN27WZU04DTT1G") == "qn27wzu04dtt1g"
    assert normalise_text("MW牌") == "mw牌"
    assert normalise_text("ABC CO.,LTD") == "abc co.,ltd"
    assert normalise_text("5GK1") == "5gk1"


def test_a_lone_surrogate_becomes_a_character_that_a_database_can_store():
    assert normalise_text("铁\ud800制") == "铁\ufffd制"
    normalise_text("\udfff").encode("utf-8")


@given(any_text)
@example("5mWß")
@example("82%锦纶 氨 纶18% \x00")
@example("∼\u0338")
def test_normalising_is_idempotent_and_its_result_can_be_stored(text):
    folded = normalise_text(text)
    assert normalise_text(folded) == folded
    assert "\x00" not in folded
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Cf"} for c in folded)
    assert folded == unicodedata.normalize("NFC", folded)


@given(any_text)
def test_canonically_equivalent_texts_fold_alike(text):
    assert normalise_text(unicodedata.normalize("NFD", text)) == normalise_text(text)


@given(any_text)
def test_digits_are_never_lost_joined_or_divided(text):
    invisible = {"Cf", "Mn", "Me", "Lo"}
    text = "".join(c for c in text if c.isascii() or unicodedata.category(c) not in invisible)

    def numbers(value):
        return "".join(c if c.isdecimal() else " " for c in value).split()

    folded_digits = [unicodedata.normalize("NFKC", number) for number in numbers(text)]
    assert numbers(normalise_text(text)) == folded_digits


def test_a_g_model_is_normalised_part_by_part():
    assert normalise_g_model("4｜3| 无 品牌 |ABC||| ") == "4|3|无品牌|abc"
    assert normalise_g_model("4||ABC") == "4||abc"
    assert normalise_g_model("|||") == normalise_g_model("") == ""
    assert g_model_parts("4||abc") == ["4", "", "abc"]
    assert g_model_parts("") == []


@given(st.lists(part_text, max_size=6))
def test_a_g_model_stands_for_exactly_one_list_of_parts(parts):
    folded = [normalise_text(part) for part in parts]
    while folded and not folded[-1]:
        folded.pop()
    assert g_model_parts(normalise_g_model("|".join(parts))) == folded


@given(st.lists(part_text, max_size=5), st.lists(part_text, max_size=5))
def test_g_models_are_equal_just_for_equal_parts(a, b):
    def without_trailing(parts):
        folded = [normalise_text(part) for part in parts]
        while folded and not folded[-1]:
            folded.pop()
        return folded

    same = normalise_g_model("|".join(a)) == normalise_g_model("|".join(b))
    assert same == (without_trailing(a) == without_trailing(b))


def test_the_content_key_is_stable():
    key = content_key("6112410000", "E", "泳衣", "4|2|针织|游泳服|女式|82%锦纶+18%氨纶|Sea Blue")
    assert len(key) == CONTENT_KEY_BYTES
    # Stored keys stand on this value: when it changes, NORMALISER_VERSION must change too.
    assert key.hex() == "abd52482a4932ededcee459a9dcc9a7a"


def test_the_content_key_covers_all_four_fields_and_their_borders():
    base = content_key("6112410000", "E", "泳衣", "4|2")
    assert base == content_key("6112410000", "E", "泳 衣", "4|2|| ")
    others = [
        ("6112410001", "E", "泳衣", "4|2"),
        ("6112410000", "I", "泳衣", "4|2"),
        ("6112410000", "E", "泳", "衣4|2"),
        ("6112410000", "E", "泳衣4", "|2"),
        ("611241000", "0E", "泳衣", "4|2"),
        ("6112410000", "E", "泳衣", "2|4"),
        ("6112410000", "E", "4|2", "泳衣"),
    ]
    keys = {base, *(content_key(*other) for other in others)}
    assert len(keys) == len(others) + 1


@given(any_text, any_text)
def test_a_content_key_never_fails_and_does_not_see_normalising(name, g_model):
    key = content_key("6112410000", "E", name, g_model)
    assert key == content_key("6112410000", "E", normalise_text(name), normalise_g_model(g_model))


@given(any_text, any_text)
def test_folding_goods_in_one_pass_gives_what_the_single_functions_give(name, g_model):
    folded = fold_goods("6112410000", "E", name, g_model)
    assert folded.content_key == content_key("6112410000", "E", name, g_model)
    assert folded.name == normalise_text(name)
    assert folded.g_model == normalise_g_model(g_model)
    assert folded == fold_goods("6112410000", "E", folded.name, folded.g_model)


model_text = st.text("ABCDEFGHKLMNPRTUWXYZ0123456789", min_size=1, max_size=16)


@given(model_text, st.data())
def test_another_letter_or_digit_in_a_model_changes_the_key(model, data):
    place = data.draw(st.integers(0, len(model) - 1))
    other = data.draw(st.sampled_from("ABCDEFGHKLMNPRTUWXYZ0123456789"))
    assume(other != model[place])
    changed = model[:place] + other + model[place + 1 :]
    key = content_key("8708801000", "I", "减震器", f"4|3|成品|{model}")
    assert key != content_key("8708801000", "I", "减震器", f"4|3|成品|{changed}")


@given(st.lists(part_text, min_size=2, max_size=6), st.data())
def test_two_parts_in_each_others_place_change_the_key(parts, data):
    i = data.draw(st.integers(0, len(parts) - 2))
    assume(normalise_text(parts[i]) != normalise_text(parts[i + 1]))
    swapped = [*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :]]
    assert content_key("8708801000", "I", "减震器", "|".join(parts)) != content_key(
        "8708801000", "I", "减震器", "|".join(swapped)
    )


def test_a_unit_that_case_would_change_can_be_told():
    assert has_telling_case("mw")
    assert has_telling_case("mW")
    assert not has_telling_case("cm")
    assert not has_telling_case("k2gp")
