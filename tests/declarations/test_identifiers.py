"""Numbers of declarations and enterprises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authorization.codes import is_customs_code, uscc_problem
from declarations.identifiers import (
    has_full_width,
    is_broker_code,
    parse_entry_id,
)
from tests.factories import valid_uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def test_it_takes_a_report_number_apart():
    assert parse_entry_id("090120251000000007") == ("0901", 2025, "I")
    assert parse_entry_id("09012025E000000007") == ("0901", 2025, "E")


@pytest.mark.parametrize(
    "text", ["", "09012025100000000", "0901202510000000070", "090120252000000007", "09012025100000000X",
             "０９０１20251000000007", "I20210000585943233"]
)  # fmt: skip
def test_other_forms_are_no_report_number(text):
    assert parse_entry_id(text) is None


@pytest.mark.parametrize(
    "uscc",
    ["91210200MA00000153", "91210200MA0000023X", "91210200MA0000031Q", "91210200MA000004XG"],
)
def test_a_uscc_with_both_check_digits_right_has_no_problem(uscc):
    assert uscc_problem(uscc) is None


def test_the_inner_check_digit_of_the_organisation_code_is_not_looked_at():
    from stdnum.cn import uscc

    wrong_inside = "91210200MA0000016"
    assert uscc_problem(wrong_inside + uscc.calc_check_digit(wrong_inside)) is None


@given(st.integers(0, 10**8 - 1), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_any_one_character_changed_is_noticed(serial, place, character):
    uscc = valid_uscc(serial=serial)
    changed = uscc[:place] + character + uscc[place + 1 :]
    assert (uscc_problem(changed) is None) == (changed == uscc)


@pytest.mark.parametrize(
    "text", ["", "91210200MA0000015", "91210200MA0000015I", "9121020AMA00000153"]
)
def test_another_form_is_named_as_such(text):
    assert uscc_problem(text) == "uscc.form"


@pytest.mark.parametrize(
    "text", ["2102261234", "33049609CD", "330398001Q", "33189800AH", "2102W81234"]
)
def test_customs_codes_may_hold_letters(text):
    assert is_customs_code(text)


@pytest.mark.parametrize(
    "text", ["", "210226123", "21022612345", "A102261234", "21022X1234", "2102a61234"]
)
def test_other_forms_are_no_customs_code(text):
    assert not is_customs_code(text)


def test_a_brokers_code_has_an_eight_in_sixth_place():
    assert is_broker_code("2102981234")
    assert not is_broker_code("2102961234")


@given(st.text())
def test_nothing_raises_on_any_text(text):
    parse_entry_id(text)
    uscc_problem(text)
    is_customs_code(text)
    has_full_width(text)
