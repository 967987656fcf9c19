"""Numbers, units, dimensions and symbols: what is rewritten and what is left alone."""

import pytest

from comparison.composition import read_composition
from comparison.quantities import (
    DATA,
    chinese_value,
    read_table,
    write_dimensions,
    write_numerals,
    write_symbols,
    write_units,
)
from declarations.normalise import normalise_text


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("五", 5),
        ("十", 10),
        ("十二", 12),
        ("九十", 90),
        ("一百零五", 105),
        ("一百二十三", 123),
        ("三千零二十", 3020),
        ("两", 2),
        ("二〇二一", 2021),
        ("一百二", None),
        ("十百", None),
        ("二三十", None),
        ("零五", None),
    ],
)
def test_a_chinese_numeral_is_read_or_left_alone(numeral, value):
    assert chinese_value(numeral) == value


def test_numerals_are_written_only_before_a_unit_or_count_word():
    assert write_numerals("宽五厘米") == "宽5厘米"
    assert write_numerals("三万个") == write_numerals("3万个") == "30000个"
    assert write_numerals("每千克") == "每千克"
    assert write_numerals("二三片") == "二三片"
    assert write_numerals("第三代") == "第3代"
    assert write_numerals("零部件") == "零部件"
    assert write_numerals("三角铁") == "三角铁"
    assert write_numerals("五金") == "五金"
    assert write_numerals("一百二克") == "一百二克"


def test_units_of_another_size_are_never_converted():
    assert write_units("30mm") != write_units("3cm")
    assert write_units("1吨") == "1t"
    assert write_units("1000千克") == "1000kg"


def test_an_ambiguous_spelling_of_a_unit_stays():
    assert write_units("5mw") == "5mw"
    assert write_units("5毫瓦") == "5mW"
    assert write_units("5兆瓦") == "5MW"
    assert write_units(normalise_text("475NM")) == "475NM"


def test_letters_that_only_look_like_a_unit_stay():
    assert write_units("k2gp7d") == "k2gp7d"
    assert write_units("3%棉/pa树脂") == "3%棉/pa树脂"


def test_a_model_number_is_no_dimension():
    assert write_dimensions("rj45x2") == "rj45x2"
    assert write_dimensions("ab12x34") == "ab12x34"
    assert write_dimensions("m6*20mm") == "m6×20mm"
    assert write_dimensions("5cmx8cmx2cm") == "5×8×2cm"
    assert write_dimensions("5cmx8mm") == "5cm×8mm"
    assert write_dimensions("5cmx8") == "5cm×8"
    assert write_dimensions("5*a") == "5*a"


def test_symbols_of_one_meaning_are_written_alike():
    assert write_symbols("ⅱ型") == "ii型"
    assert write_symbols("mkⅱ") == "mkⅱ"
    assert write_symbols("h₂o") == "h2o"
    assert write_symbols("5cm~8cm") == "5cm-8cm"
    assert write_symbols("10³") == "10³"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("100%涤纶", [("涤纶", "100%")]),
        ("锦纶82%", [("锦纶", "82%")]),
        ("氨纶18%82%锦纶", [("氨纶", "18%"), ("锦纶", "82%")]),
        ("82%锦纶 氨纶18%", [("锦纶", "82%"), ("氨纶", "18%")]),
        ("37%pe 塑料5%助剂", [("pe塑料", "37%"), ("助剂", "5%")]),
        ("82%锦纶氨纶18%", None),
        ("含量99%以上", None),
        ("面料:82%锦纶+18%氨纶", None),
        ("82%锦纶,其余", None),
        ("铁", None),
        ("%", None),
        ("50%", None),
    ],
)
def test_a_composition_is_read_only_where_names_and_shares_pair(text, items):
    assert read_composition(text) == items


@pytest.mark.parametrize("path", sorted(DATA.glob("*.tsv")), ids=lambda path: path.name)
def test_every_data_list_names_its_sources_and_repeats_nothing(path):
    rows = read_table(path.name)
    assert rows
    assert all(row["source"] for row in rows)
    first = next(iter(rows[0]))
    assert len({row[first] for row in rows}) == len(rows)


def test_no_two_units_share_a_spelling_and_each_symbol_stands_for_itself():
    spellings: dict[str, str] = {}
    for row in read_table("units.tsv"):
        folded = normalise_text("1" + row["written"])[1:]
        assert spellings.setdefault(folded, row["symbol"]) == row["symbol"], row
    for symbol in set(spellings.values()):
        assert write_units(f"1{symbol}") == f"1{symbol}"
