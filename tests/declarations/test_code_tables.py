"""The project's own code tables, and how codes are read and shown."""

import pytest

from declarations import code_tables


def test_it_names_the_codes_that_pages_show():
    assert code_tables.trade_mode_name("0110") == "一般贸易"
    assert code_tables.trade_mode_name("9810") == "跨境电商出口海外仓"
    assert code_tables.country_name("DEU") == "德国"
    assert code_tables.currency_name("USD") == "美元"
    assert code_tables.unit_name("035") == "千克"
    assert code_tables.customs_district_name("0901") == "大连港湾"
    assert code_tables.reason_name("R06") == "成分含量不全"


def test_a_code_that_no_table_holds_is_shown_as_it_is():
    assert code_tables.trade_mode_name("0999") == "0999"
    assert code_tables.customs_district_name("2201") == "2201"


def test_every_code_has_its_table_s_form():
    assert all(len(code) == 4 and code.isdigit() for code in code_tables.trade_modes())
    assert all(len(code) == 3 and code.isdigit() for code in code_tables.units())
    assert all(len(code) == 3 and code.isupper() for code in code_tables.currencies())
    assert len(code_tables.trade_modes()) >= 98
    assert len(set(code_tables.units().values())) == len(code_tables.units())


@pytest.mark.parametrize("written", ["DEU", "deu", "304", "德国"])
def test_a_country_is_read_from_letters_old_number_and_name(written):
    assert code_tables.country_code(written) == "DEU"


def test_an_old_number_of_several_territories_is_not_made_one_of_them():
    assert code_tables.country_code("449") == "449"
    assert code_tables.country_code("299") == "299"
    assert code_tables.country_name("299") == "非洲其他国家(地区)"
    assert code_tables.country_code("499") == "ZSA"
    assert code_tables.country_code("326") == "NOR"
    assert code_tables.country_code("ZAF") == "ZAF"
    assert code_tables.country_name("ZAF") == "南非"


@pytest.mark.parametrize("written", ["USD", "502", "美元"])
def test_a_currency_is_read_from_letters_old_number_and_name(written):
    assert code_tables.currency_code(written) == "USD"


@pytest.mark.parametrize("written", ["035", "千克"])
def test_a_unit_is_read_from_digits_and_name(written):
    assert code_tables.unit_code(written) == "035"


@pytest.mark.parametrize("read", [code_tables.country_code, code_tables.currency_code])
def test_what_no_table_holds_is_no_code(read):
    assert read("XXX") is None
    assert code_tables.unit_code("35") is None
