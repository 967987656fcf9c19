"""Recognising heading rows in the three public layers of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declarations.faults import Level
from declarations.headers import FIELDS, LABELS, field_of, find_layout, missing_columns, read_layout

CHINESE = {
    "海关编号": "entry_id",
    "报关单号": "entry_id",
    "项号": "g_no",
    "商品编号": "hs_code",
    "商品编码": "hs_code",
    "商品名称": "g_name",
    "规格型号": "g_model",
    "商品规格、型号": "g_model",
    "进出口标志": "ie_flag",
    "监管方式": "trade_mode",
    "申报地海关": "custom_master",
    "申报日期": "declared_on",
    "境内收发货人": "trader_name",
    "境内收发货人统一社会信用代码": "trader_uscc",
    "境内收发货人代码": "trader_code",
    "收发货人海关编码": "trader_code",
    "申报单位": "agent_name",
    "申报单位统一社会信用代码": "agent_uscc",
    "原产国（地区）": "origin_country",
    "最终目的国(地区)": "destination_country",
    "法定第一数量": "qty_1",
    "审核结论": "verdict",
    "原因代码": "reason_code",
    "原因说明": "reason_text",
    "审核人员": "auditor",
}
XML = {
    "EntryId": "entry_id",
    "GNo": "g_no",
    "CodeTS": "hs_code",
    "GName": "g_name",
    "GModel": "g_model",
    "IEFlag": "ie_flag",
    "TradeMode": "trade_mode",
    "CustomMaster": "custom_master",
    "DDate": "declared_on",
    "AgentCode": "agent_code",
    "AgentCodeScc": "agent_uscc",
    "AgentName": "agent_name",
    "TradeCode": "trader_code",
    "TradeCoScc": "trader_uscc",
    "TradeName": "trader_name",
    "FirstQty": "qty_1",
    "SecondUnit": "unit_2",
    "TradeCurr": "trade_curr",
}
DATABASE = {
    "ENTRY_ID": "entry_id",
    "G_NO": "g_no",
    "CODE_TS": "hs_code",
    "G_NAME": "g_name",
    "G_MODEL": "g_model",
    "I_E_FLAG": "ie_flag",
    "TRADE_MODE": "trade_mode",
    "DECL_PORT": "custom_master",
    "D_DATE": "declared_on",
    "AGENT_CODE": "agent_code",
    "AGENT_NAME": "agent_name",
    "TRADE_CO": "trader_code",
    "TAXY_RG_NO": "trader_uscc",
    "TRADE_NAME": "trader_name",
    "QTY_1": "qty_1",
    "UNIT_1": "unit_1",
    "ORIGIN_COUNTRY": "origin_country",
    "VERDICT": "verdict",
    "REASON_CODE": "reason_code",
    "REASON_TEXT": "reason_text",
    "AUDITOR": "auditor",
}
JSON = {
    "codeTs": "hs_code",
    "gModel": "g_model",
    "tradeCoScc": "trader_uscc",
    "dDate": "declared_on",
}


@pytest.mark.parametrize(
    ("heading", "name"), [*CHINESE.items(), *XML.items(), *DATABASE.items(), *JSON.items()]
)
def test_it_knows_a_field_by_each_of_its_public_names(heading, name):
    found = field_of(heading)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "heading",
    [" 商品编号 ", "商品编号（10位）", "商品编号*", "商品\n编号", "ｃｏｄｅ＿ｔｓ", "code ts"],
)
def test_spaces_width_case_and_remarks_in_brackets_make_no_difference(heading):
    assert field_of(heading).name == "hs_code"


@pytest.mark.parametrize("heading", ["", "备注", "DISTRICT_CODE", "预录入编号", 12, None])
def test_other_headings_are_no_field(heading):
    assert field_of(heading) is None


@given(st.text())
def test_any_heading_is_read_without_raising(heading):
    field_of(heading)


def test_no_name_stands_for_two_fields():
    for known in FIELDS:
        for name in known.names:
            assert field_of(name) is known


def test_it_finds_the_heading_row_below_a_title():
    rows = [(1, ["报关数据", "", ""]), (3, ["报关单号", "项号", "商品编号"]), (4, ["1", "1", "2"])]
    layout = find_layout("数据", rows)
    assert layout.row == 3
    assert layout.columns == {0: "entry_id", 1: "g_no", 2: "hs_code"}


def test_a_row_with_fewer_than_three_known_names_is_no_heading_row():
    assert find_layout("", [(1, ["报关单号", "项号", "别的"])]) is None


def test_a_column_that_stands_twice_is_an_error_naming_both():
    layout = read_layout("", 1, ["报关单号", "项号", "海关编号"])
    [fault] = layout.faults
    assert (fault.rule, fault.level) == ("column.duplicate", Level.ERROR)
    assert "报关单号" in fault.text
    assert "海关编号" in fault.text


def test_an_unknown_column_is_a_warning_naming_it():
    layout = read_layout("", 1, ["报关单号", "项号", "船名", "航次"])
    [fault] = layout.faults
    assert (fault.rule, fault.level) == ("column.unknown", Level.WARNING)
    assert "船名、航次" in fault.text


DECLARED = [
    name for name in LABELS if name not in ("verdict", "reason_code", "reason_text", "auditor")
]


@pytest.mark.parametrize(
    "name",
    ["entry_id", "g_no", "hs_code", "g_name", "g_model", "ie_flag", "trade_mode", "declared_on"],
)
def test_a_missing_required_column_is_an_error_naming_it(name):
    layout = read_layout("", 1, [LABELS[other] for other in DECLARED if other != name])
    [fault] = missing_columns([layout], audited=False)
    assert (fault.rule, fault.level) == ("column.missing", Level.ERROR)
    assert LABELS[name] in fault.text


def test_either_code_of_a_party_is_enough():
    one = read_layout("", 1, [LABELS[name] for name in DECLARED if name != "trader_uscc"])
    none = read_layout(
        "", 1, [LABELS[n] for n in DECLARED if n not in ("trader_uscc", "trader_code")]
    )
    assert missing_columns([one], audited=False) == []
    [fault] = missing_columns([none], audited=False)
    assert "境内收发货人统一社会信用代码" in fault.text


def test_an_audit_file_needs_the_verdict_too():
    layout = read_layout("", 1, [LABELS[name] for name in DECLARED])
    assert missing_columns([layout], audited=False) == []
    [fault] = missing_columns([layout], audited=True)
    assert "审核结论" in fault.text


def test_head_and_line_sheets_complete_each_other():
    head = read_layout(
        "表头", 1, ["ENTRY_ID", "I_E_FLAG", "TRADE_MODE", "D_DATE", "TRADE_CO", "AGENT_CODE"]
    )
    lines = read_layout("表体", 1, ["ENTRY_ID", "G_NO", "CODE_TS", "G_NAME", "G_MODEL"])
    assert head.is_head
    assert not lines.is_head
    assert missing_columns([head, lines], audited=False) == []
    assert {fault.column for fault in missing_columns([lines], audited=False)} >= {
        "监管方式",
        "申报日期",
    }
