"""Every rule on a row: cases that break it, and near ones that don't."""

import dataclasses
import datetime
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from declarations.cells import FAULTY, BadCell
from declarations.checks import check_row
from declarations.faults import Level
from declarations.headers import LABELS
from declarations.rules import RULES
from tests.declarations.files import audited_row, declared_row, entry_id, nonconforming_row
from tests.declarations.rule_cases import AUDITED, CASES, CSV, DECLARED

FILE_LEVEL = ("file.", "sheet.", "column.", "head.")
ACROSS_ROWS = {
    "line.repeated",
    "line.in_other_upload",
    "verdict.contradicts_line",
    "verdict.contradicts_content",
    "entry.headers_differ",
    "content.both_verdicts",
    "line.text_differs",
    "party.code_held",
    "party_name.differs",
}


def rules_broken(cells, context):
    row = audited_row() if context.audited else declared_row()
    checked = check_row(row | cells, context)
    return {(found.rule, found.field) for found in checked.findings}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.field}")
def test_a_rule_is_noticed_where_it_is_broken_and_only_there(case):
    for cells in case.breaking:
        assert (case.rule, case.field) in rules_broken(cells, case.context), cells
    for cells in case.sound:
        assert (case.rule, case.field) not in rules_broken(cells, case.context), cells


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.field}")
def test_a_finding_has_its_rule_s_level_and_a_whole_chinese_sentence(case):
    row = audited_row() if case.context.audited else declared_row()
    checked = check_row(row | case.breaking[0], case.context)
    found = next(f for f in checked.findings if (f.rule, f.field) == (case.rule, case.field))
    assert found.level == RULES[case.rule].level_for(case.context.audited)
    assert found.text.endswith(("。", "。”"))
    assert "{" not in found.text
    assert (checked.row is None) == any(f.level == Level.ERROR for f in checked.findings)


def test_every_rule_on_a_row_has_a_true_and_a_false_case():
    on_a_row = {rule for rule in RULES if not rule.startswith(FILE_LEVEL)} - ACROSS_ROWS
    assert on_a_row == {case.rule for case in CASES if case.breaking and case.sound}


def test_every_rule_says_where_it_comes_from():
    assert all(rule.source for rule in RULES.values())


def switched(case):
    """The case's context with its rule turned into a warning."""
    return replace(case.context, levels={case.rule: Level.WARNING})


SWITCHABLE = [case for case in CASES if RULES[case.rule].switchable]


@pytest.mark.parametrize("case", SWITCHABLE, ids=lambda case: f"{case.rule}-{case.field}")
def test_a_rule_turned_into_a_warning_keeps_no_row_out(case):
    row = audited_row() if case.context.audited else declared_row()
    for cells in case.breaking:
        others = {
            found.rule
            for found in check_row(row | cells, case.context).findings
            if found.level is Level.ERROR and found.rule != case.rule
        }
        checked = check_row(row | cells, switched(case))
        assert (case.rule, Level.WARNING) in {(f.rule, f.level) for f in checked.findings}
        if not others:
            assert checked.row is not None
            assert FAULTY not in dataclasses.astuple(checked.row)


def test_only_errors_of_audited_rows_can_be_turned_into_warnings():
    for name, rule in RULES.items():
        assert not rule.switchable or rule.level_for(audited=True) is Level.ERROR, name


def test_a_sound_row_has_no_finding_and_all_its_values():
    checked = check_row(declared_row(), DECLARED)
    assert checked.findings == []
    row = checked.row
    assert (row.entry_id, row.g_no, row.hs_code) == (entry_id(1), 1, "8482103000")
    assert row.declared_on == datetime.date(2025, 3, 14)
    assert (row.g_qty, row.decl_price, row.decl_total) == (Decimal(10), Decimal("2.5"), Decimal(25))
    assert (row.origin_country, row.g_unit, row.trade_curr) == ("DEU", "011", "USD")


def test_a_repaired_code_is_stored_whole():
    row = check_row(declared_row(hs_code=306329000.0, trade_mode=110.0), DECLARED).row
    assert (row.hs_code, row.trade_mode) == ("0306329000", "0110")


def test_a_thirteen_digit_code_leaves_its_last_three_digits():
    assert check_row(declared_row(hs_code="0306329000101"), DECLARED).row.hs_code == "0306329000"
    assert check_row(declared_row(hs_code=306329000101.0), DECLARED).row.hs_code == "0306329000"


def test_texts_are_kept_byte_for_byte():
    row = check_row(declared_row(g_name=" 轴承 ", g_model="0|3|ＡＢＣ |无品牌||"), DECLARED).row
    assert (row.g_name, row.g_model) == (" 轴承 ", "0|3|ＡＢＣ |无品牌||")


def test_old_codes_are_stored_as_the_letters_of_today():
    row = check_row(
        declared_row(origin_country="502", trade_curr="502", g_unit="千克"), DECLARED
    ).row
    assert (row.origin_country, row.trade_curr, row.g_unit) == ("USA", "USD", "035")


def test_a_missing_custom_master_is_the_report_number_s_first_four_digits():
    assert check_row(declared_row(custom_master=""), DECLARED).row.custom_master == "0901"


def test_what_goods_text_means_never_keeps_a_row_out():
    meaning = {"g_name": "零件", "g_model": "9|7|无|是|"}
    for context, row in ((DECLARED, declared_row()), (AUDITED, audited_row())):
        checked = check_row(row | meaning, context)
        assert checked.row is not None
        assert {found.level for found in checked.findings} == {Level.WARNING}


def test_a_full_width_bar_keeps_a_declared_row_out_but_not_an_audited_one():
    cells = {"g_model": "0｜3｜轴承"}
    assert check_row(declared_row(**cells), DECLARED).row is None
    assert check_row(audited_row(**cells), AUDITED).row is not None


def test_a_verdict_and_its_reasons_are_read():
    row = check_row(nonconforming_row(reason_code="R01、r02 R01"), AUDITED).row
    assert row.conforming is False
    assert row.reason_codes == ["R01", "R02"]
    assert (row.reason_text, row.auditor) == ("缺少型号", "李审核")
    assert check_row(audited_row(), AUDITED).row.conforming is True


def test_every_fault_of_a_row_is_found_not_only_the_first():
    checked = check_row(declared_row(hs_code="1", trade_mode="x", g_qty="-1"), DECLARED)
    assert {found.field for found in checked.findings} == {"hs_code", "trade_mode", "g_qty"}


ANY_CELL = st.one_of(
    st.none(),
    st.text(),
    st.text(alphabet="0123456789.E+|无牌<>｜ "),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.just(BadCell("cell.error", "#REF!")),
)


@settings(max_examples=300)
@given(
    st.dictionaries(st.sampled_from(sorted(LABELS)), ANY_CELL),
    st.sampled_from([DECLARED, AUDITED, CSV]),
)
def test_no_cell_makes_a_check_raise(cells, context):
    base = audited_row() if context.audited else declared_row()
    for row in (cells, base | cells):
        checked = check_row(row, context)
        for found in checked.findings:
            assert found.text.endswith(("。", "。”"))
        if checked.row is not None:
            stored = "".join(
                v for v in (checked.row.g_name, checked.row.agent_name, checked.row.reason_text)
            )
            assert "\x00" not in stored
