"""The demo's goods: they obey the catalogue; badly declared, varied and changed as they claim."""

import re
from datetime import date
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean
from stdnum.cn import uscc as uscc_rules

from authorization.codes import is_customs_code
from catalogue.shipped import element_names, shipped_edition
from comparison.forms import form_key
from declarations.code_tables import countries, reasons, unit_code
from declarations.demo.brands import brand_pools
from declarations.demo.elements import named_parts, parts_of
from declarations.demo.facts import CHANGES, change_fact
from declarations.demo.forms import FORMS, SIMPLE_FORMS, vary_form
from declarations.demo.misdeclaring import FAULTS, spoil
from declarations.demo.parties import customs_code, make_parties, uscc
from declarations.demo.phrasebook import Goods, entries, entries_of, make_goods
from declarations.demo.template import Memory, Template, TemplateError
from declarations.identifiers import is_broker_code
from declarations.normalise import content_key

ROUNDS = 6  # goods of each entry that a test looks at
_LISTED_SHARE = re.compile(r"(\d+(?:\.\d+)?)%")


@pytest.fixture(scope="module")
def some_goods() -> list[Goods]:
    rng = Random(4)
    return [make_goods(rng, entry) for entry in entries() for _ in range(ROUNDS)]


def cas_is_valid(number: str) -> bool:
    digits = [int(c) for c in number.replace("-", "")]
    total = sum(place * digit for place, digit in enumerate(reversed(digits[:-1]), start=1))
    return bool(re.fullmatch(r"\d{2,7}-\d{2}-\d", number)) and total % 10 == digits[-1]


# --- the entries ---------------------------------------------------------------------------------


def test_it_covers_the_trade_of_a_province():
    codes = {entry.hs_code for entry in entries()}
    assert len(codes) >= 80
    assert len({code[:2] for code in codes}) >= 30
    assert {entry.ie_flag for entry in entries()} == {"I", "E"}


def test_each_entry_names_the_elements_of_the_catalogue_in_their_order():
    for entry in entries():
        names = element_names(entry.hs_code)
        assert len(entry.labels) == len(names), entry.hs_code
        for label, name in zip(entry.labels, names, strict=True):
            # One printed name repeats its number: "3:3品牌".
            assert re.sub(r"^\d", "", name).startswith(label), (entry.hs_code, label, name)


def test_units_countries_prices_and_brands_of_each_entry_are_known():
    for entry in entries():
        assert unit_code(entry.unit), entry.unit
        assert set(entry.countries) <= set(countries()), entry.countries
        assert 0 < entry.prices[0] < entry.prices[1]
        assert set(entry.brand_types) <= set("04" if entry.ie_flag == "I" else "013")
        for brand_type in entry.brand_types.replace("0", ""):
            kind = "own" if brand_type == "1" else "foreign"
            assert brand_pools()[entry.pool, kind], entry.hs_code


def test_entries_are_found_by_code_and_direction():
    assert entries_of("0303540000", "I") != entries_of("0303540000", "E")
    assert entries_of("0303540000", "I")[0].unit == "千克"
    assert entries_of("9999999999", "E") == ()


# --- the goods -----------------------------------------------------------------------------------


def test_each_good_fills_every_element_and_nothing_more(some_goods):
    for goods in some_goods:
        parts = parts_of(goods)
        assert len(parts) == 2 + len(element_names(goods.hs_code)), goods
        assert all(part.strip() == part and part for part in parts), goods
        assert not set(parts[2:]) & {"无", "是", "否", "有", "非", "*", "/", "-"}, goods
        assert len(goods.name) <= 255 and len(goods.g_model) <= 255
        assert "{" not in goods.name + goods.g_model


def test_the_leading_codes_fit_the_direction_and_the_brand(some_goods):
    for goods in some_goods:
        brand_type, benefit, *_ = parts_of(goods)
        assert (benefit == "3") if goods.ie_flag == "I" else (benefit in "012"), goods
        for _, name, text in named_parts(goods):
            if name.startswith("品牌"):
                has_none = text.startswith(("无品牌", "无牌", "无中文及外文品牌"))
                assert has_none == (brand_type == "0"), goods


def test_listed_shares_add_up_to_a_hundred(some_goods):
    looked_at = 0
    for goods in some_goods:
        for _, name, text in named_parts(goods):
            shares = [Decimal(share) for share in _LISTED_SHARE.findall(text)]
            if "成分含量" in name and len(shares) > 1:
                assert sum(shares) == 100, goods
                assert min(shares) > 0, goods
                looked_at += 1
    assert looked_at > 250


def test_cas_numbers_and_gtins_carry_valid_check_digits(some_goods):
    cas = {t for g in some_goods for _, name, t in named_parts(g) if name == "CAS号"}
    gtins = {t for g in some_goods for _, name, t in named_parts(g) if name == "GTIN码"}
    assert len(cas) > 12 and all(map(cas_is_valid, cas))
    assert len(gtins) > 8 and all(map(ean.is_valid, gtins))


def test_a_seed_gives_the_same_goods_again():
    first, again, other = (
        [make_goods(Random(seed), entry) for entry in entries()] for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


def test_it_makes_thousands_of_distinct_goods():
    rng = Random(1)
    assert len({make_goods(rng) for _ in range(5_000)}) > 3_500


def test_contracts_are_signed_before_the_goods_are_declared():
    rng = Random(2)
    entry = entries_of("2905310000", "I")[0]
    for _ in range(50):
        goods = make_goods(rng, entry, on=date(2024, 6, 30))
        signed = parts_of(goods)[2 + list(element_names(entry.hs_code)).index("签约日期")]
        assert "20240301" <= signed <= "20240630"


# --- templates -----------------------------------------------------------------------------------


def render(source: str, seed: int = 0) -> str:
    template = Template(source)
    return template.render(Memory(Random(seed), {}, template.makers))


@given(st.integers())
def test_a_name_stands_for_one_thing_in_the_whole_text(seed):
    colour, other, english = (
        render("{c}色{c=红,蓝}/{c:RED,BLUE}", seed).replace("色", "/").split("/")
    )
    assert colour == other
    assert english == {"红": "RED", "蓝": "BLUE"}[colour]


@given(st.integers())
def test_sums_of_numbers_come_out_plain(seed):
    first, rest = map(Decimal, render("{a=0.5..99.5/0.5}|{100-a}", seed).split("|"))
    assert first + rest == 100


def test_a_range_may_be_padded_and_a_comma_kept():
    assert re.fullmatch(r"0[0-4]", render("{n=00..04/1:02}"))
    assert render(r"{k=1\,2-乙二醇}") == "1,2-乙二醇"
    assert re.fullmatch(r"[A-Z]\d-X", render("{#A9-X}"))


@pytest.mark.parametrize("source", ["{k}", "{k:甲,乙}", "a{b", "{100-a}", "{k=甲,乙}{k:A}"])
def test_a_template_that_cannot_be_filled_is_refused(source):
    with pytest.raises(TemplateError):
        for seed in range(20):
            render(source, seed)


# --- badly declared ------------------------------------------------------------------------------


def test_spoiling_breaks_a_good_and_says_why(some_goods):
    rng = Random(5)
    found = set()
    for goods in some_goods:
        bad = spoil(goods, rng)
        assert bad.goods != goods
        assert bad.reason_code in reasons()
        assert bad.reason_text.endswith("。")
        found.add(bad.reason_code)
    assert found == set(FAULTS)


def faulty(some_goods: list[Goods], code: str) -> list[tuple[Goods, Goods]]:
    rng = Random(6)
    pairs = [(goods, FAULTS[code](goods, rng)) for goods in some_goods]
    return [(goods, bad.goods) for goods, bad in pairs if bad is not None]


@pytest.mark.parametrize("code", ["R01", "R02", "R03"])
def test_a_missing_element_is_left_empty(some_goods, code):
    for goods, bad in faulty(some_goods, code):
        emptied = [n for n, part in enumerate(parts_of(bad)) if not part]
        assert len(emptied) == 1
        name = element_names(goods.hs_code)[emptied[0] - 2]
        wanted = {"R01": "", "R02": "品牌", "R03": "型号|货号|款号|零部件编号"}[code]
        assert re.search(wanted, name), name


def test_an_answer_that_says_nothing_is_a_filler_word(some_goods):
    for _, bad in faulty(some_goods, "R04"):
        assert set(parts_of(bad)[2:]) & {"无", "是", "否"}


def test_a_composition_loses_its_shares(some_goods):
    for goods, bad in faulty(some_goods, "R06"):
        assert "%" in goods.g_model
        assert bad.g_model.count("%") < goods.g_model.count("%")


def test_a_wrong_brand_type_contradicts_the_brand(some_goods):
    for goods, bad in faulty(some_goods, "R10"):
        assert (parts_of(goods)[0] == "0") != (parts_of(bad)[0] == "0")
        assert parts_of(goods)[1:] == parts_of(bad)[1:]


def test_a_wrong_benefit_is_impossible_for_the_direction(some_goods):
    for goods, bad in faulty(some_goods, "R11"):
        assert (parts_of(bad)[1] == "3") == (goods.ie_flag == "E")


def test_a_doubtful_code_keeps_the_text_and_has_the_same_elements(some_goods):
    pairs = faulty(some_goods, "R12")
    assert pairs
    for goods, bad in pairs:
        assert bad[1:] == goods[1:]
        assert element_names(bad.hs_code) == element_names(goods.hs_code)


# --- other forms, other facts --------------------------------------------------------------------


def test_a_simple_form_keeps_the_content(some_goods):
    rng = Random(7)
    for goods in some_goods:
        other, kinds = vary_form(goods, rng, SIMPLE_FORMS)
        assert other != goods
        assert set(kinds) <= set(SIMPLE_FORMS)
        assert content_key(*other) == content_key(*goods), (kinds, goods, other)


def test_every_kind_of_form_occurs_and_rewrites(some_goods):
    rng = Random(8)
    for kind, form in FORMS.items():
        others = [(goods, form(goods, rng)) for goods in some_goods]
        assert any(other is not None and other != goods for goods, other in others), kind


def test_a_form_keeps_every_digit_of_the_text(some_goods):
    """Forms rewrite words and signs around numbers; only a numeral may be spelled out."""
    rng = Random(9)
    for goods in some_goods:
        other, kinds = vary_form(goods, rng)
        if not {"numeral", "none_brand", "none_model", "width"} & set(kinds):
            assert sorted(re.findall(r"\d", other.g_model)) == sorted(
                re.findall(r"\d", goods.g_model)
            )


@settings(max_examples=150, deadline=None)
@given(st.integers(), st.integers(0, len(entries()) - 1))
def test_a_changed_fact_changes_exactly_one_part(seed, place):
    rng = Random(seed)
    goods = make_goods(rng, entries()[place])
    other, kind = change_fact(goods, rng)
    parts, other_parts = parts_of(goods), parts_of(other)
    assert (other.hs_code, other.ie_flag) == (goods.hs_code, goods.ie_flag)
    assert len(parts) == len(other_parts)
    differing = [n for n, part in enumerate(parts) if part != other_parts[n]]
    if kind == "name":
        assert other.name != goods.name and not differing
    elif kind == "swap":
        assert other.name == goods.name and len(differing) == 2
        first, second = differing
        assert second == first + 1
        assert (parts[first], parts[second]) == (other_parts[second], other_parts[first])
    else:
        assert other.name == goods.name and len(differing) == 1


def test_a_changed_fact_is_never_the_same_to_the_comparison(some_goods):
    rng = Random(10)
    met = set()
    for goods in some_goods:
        for kind, change in CHANGES.items():
            other = change(goods, rng)
            if other is not None and other != goods:
                met.add(kind)
                assert form_key(*other) != form_key(*goods), (kind, goods, other)
    assert met == set(CHANGES)


# --- enterprises ---------------------------------------------------------------------------------


def test_invented_enterprises_carry_codes_that_pass_every_check():
    brokers, traders = make_parties(Random(1), 20, 400)
    parties = brokers + traders
    for party in parties:
        assert uscc_rules.is_valid(party.uscc), party
        assert uscc_rules.validate(party.uscc)
        assert is_customs_code(party.customs_code), party
        assert party.customs_code.startswith("21")
        assert is_broker_code(party.customs_code) == party.is_broker == (party in brokers)
    for field in ("uscc", "customs_code", "name"):
        assert len({getattr(party, field) for party in parties}) == len(parties)


def test_the_check_digits_are_those_of_known_test_codes():
    assert [uscc("210200", serial) for serial in range(1, 6)] == [
        "91210200MA00000153",
        "91210200MA0000023X",
        "91210200MA0000031Q",
        "91210200MA000004XG",
        "91210200MA0000058G",
    ]
    assert customs_code("21022", "8", 35) == "2102280011"


def test_the_catalogue_knows_every_code_of_the_phrasebook():
    assert {entry.hs_code[:8] for entry in entries()} <= set(shipped_edition().codes)
