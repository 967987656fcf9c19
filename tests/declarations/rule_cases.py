"""Cases for every rule on a row: cells that break it, and near ones that don't."""

import datetime
from dataclasses import replace
from typing import Any, NamedTuple

from declarations.cells import BadCell
from declarations.checks import Context
from tests.declarations import files
from tests.declarations.files import entry_id

EDITIONS = {2025: {"84821030": 3, "03063290": 2}}
DECLARED = Context(today=datetime.date(2025, 10, 1), editions=EDITIONS)
AUDITED = replace(DECLARED, audit_month=datetime.date(2025, 9, 1))
CSV = replace(DECLARED, typed=False)

Cells = dict[str, Any]


class Case(NamedTuple):
    """A rule, the field it speaks of, cells that break it, cells that come near and don't."""

    rule: str
    field: str
    breaking: list[Cells]
    sound: list[Cells]
    context: Context = DECLARED


def export(**cells: Any) -> Cells:
    return {
        "ie_flag": "E",
        "entry_id": entry_id(1, "E"),
        "g_model": "0|0|角接触球轴承|无品牌|LB5C2C300BB",
    } | cells


def both(name: str, *values: Any) -> list[Cells]:
    return [{name: value} for value in values]


CASES = [
    Case("cell.formula", "g_name", both("g_name", BadCell("cell.formula", "公式")), [{}]),
    Case("cell.no_head", "ie_flag", both("ie_flag", BadCell("cell.no_head", entry_id(1))), [{}]),
    Case(
        "cell.heads_differ",
        "trade_mode",
        both("trade_mode", BadCell("cell.heads_differ", "0110、1039")),
        [{}],
    ),
    Case("cell.error", "hs_code", both("hs_code", BadCell("cell.error", "#N/A")), [{}]),
    Case("field.blank", "entry_id", both("entry_id", "", None, "  "), [{}]),
    Case("field.blank", "g_no", both("g_no", "", None), [{}]),
    Case("field.blank", "hs_code", both("hs_code", "", None), [{}]),
    Case("field.blank", "g_name", both("g_name", "", " ", None), [{}]),
    Case("field.blank", "g_model", both("g_model", "", " ", None), [{}]),
    Case("field.blank", "ie_flag", both("ie_flag", "", None), [{}]),
    Case("field.blank", "trade_mode", both("trade_mode", "", None), [{}]),
    Case("field.blank", "declared_on", both("declared_on", "", None), [{}]),
    Case("text.number", "g_name", both("g_name", 12.0, datetime.date(2025, 1, 1), True), [{}]),
    Case("text.number", "g_model", both("g_model", 0.0), both("g_model", "0")),
    Case("code.number", "agent_uscc", both("agent_uscc", 912102.0, True), [{}]),
    Case("code.number", "trader_code", both("trader_code", 2102261234.0), [{}]),
    Case("code.number", "g_unit", both("g_unit", 999.0, 3.5), both("g_unit", "035", 35.0)),
    Case(
        "code.digits_lost",
        "entry_id",
        both("entry_id", 2.90920211000002e17, "2.90920211000002E+17", 290920211000002000),
        both("entry_id", "290920211000002123"),
    ),
    Case(
        "code.digits_lost",
        "trader_uscc",
        both("trader_uscc", 9.1210200123456e17),
        both("trader_uscc", 912102.0),
    ),
    Case(
        "code.scientific",
        "agent_code",
        both("agent_code", 3.301963e86, "3.301963E+86"),
        both("agent_code", "3301983E86"),
    ),
    Case("code.full_width", "hs_code", both("hs_code", "８４８２１０３０００"), [{}]),
    Case(
        "code.number_read", "hs_code", both("hs_code", 8482103000.0), both("hs_code", "8482103000")
    ),
    Case("code.number_read", "trade_mode", both("trade_mode", 1039.0), both("trade_mode", "1039")),
    Case(
        "code.zero_padded", "hs_code", both("hs_code", 306329000.0), both("hs_code", "0306329000")
    ),
    Case("code.zero_padded", "trade_mode", both("trade_mode", 110.0), both("trade_mode", "110")),
    Case(
        "code.zero_padded", "trade_mode", both("trade_mode", "110"), both("trade_mode", "0110"), CSV
    ),
    Case("code.zero_padded", "g_unit", both("g_unit", 35.0, 7.0), both("g_unit", "035", 112.0)),
    Case(
        "code.zero_padded", "unit_1", both("unit_1", "35", "7"), both("unit_1", "035", "千克"), CSV
    ),
    Case("code.number_read", "origin_country", both("origin_country", 304.0), [{}]),
    Case(
        "code.zero_padded", "hs_code", both("hs_code", "306329000"), both("hs_code", "3063290"), CSV
    ),
    Case(
        "entry_id.form",
        "entry_id",
        both(
            "entry_id",
            "09012025100000000",
            "0901202510000000012",
            "090120252000000001",
            "I20250001",
        ),
        [{}],
    ),
    Case(
        "entry_id.customs",
        "entry_id",
        [{"entry_id": entry_id(1, customs="0900"), "custom_master": ""}],
        [{"entry_id": entry_id(1, customs="0908"), "custom_master": ""}],
    ),
    Case(
        "entry_id.year",
        "entry_id",
        [{"entry_id": entry_id(1, year=2026)}, {"entry_id": entry_id(1, year=1999)}],
        [{"entry_id": entry_id(1, year=2000)}],
    ),
    Case(
        "entry_id.ie_flag",
        "entry_id",
        [{"entry_id": entry_id(1, "E")}, {"entry_id": "09012025E000000001"}],
        [{"entry_id": "09012025I000000001"}, export()],
    ),
    Case(
        "entry_id.year_differs",
        "entry_id",
        [{"entry_id": entry_id(1, year=2024)}],
        [{"entry_id": entry_id(1, year=2024), "declared_on": "20241231"}],
    ),
    Case(
        "entry_id.custom_master",
        "entry_id",
        both("custom_master", "0902"),
        both("custom_master", ""),
    ),
    Case(
        "customs.unknown",
        "entry_id",
        [{"entry_id": entry_id(1, customs="2201"), "custom_master": "2201"}],
        [{}],
    ),
    Case(
        "custom_master.form", "custom_master", both("custom_master", "0900", "90A1", "09011"), [{}]
    ),
    Case(
        "ie_flag.form",
        "ie_flag",
        both("ie_flag", "X", "2", "转关"),
        both("ie_flag", "i", "1", "进口", 1.0),
    ),
    Case(
        "trade_mode.form", "trade_mode", both("trade_mode", "11", "01100", "一般贸易", "110"), [{}]
    ),
    Case(
        "trade_mode.unknown",
        "trade_mode",
        both("trade_mode", "0111", 111.0),
        both("trade_mode", "9710"),
    ),
    Case(
        "declared_on.form",
        "declared_on",
        both("declared_on", "20250231", "昨天", True),
        both("declared_on", "2025-03-14", 45730.4, datetime.date(2025, 3, 14)),
    ),
    Case(
        "declared_on.serial",
        "declared_on",
        both("declared_on", 45730.4, 45730, "45730"),
        both("declared_on", "20250314", 20250314.0, datetime.date(2025, 3, 14)),
    ),
    Case(
        "declared_on.future",
        "declared_on",
        both("declared_on", "20251002"),
        both("declared_on", "20251001"),
    ),
    Case(
        "declared_on.early",
        "declared_on",
        both("declared_on", "19991231"),
        both("declared_on", "20000101"),
    ),
    Case(
        "party.missing",
        "trader_uscc",
        [{"trader_uscc": "", "trader_code": ""}],
        [{"trader_uscc": ""}, {"trader_code": ""}],
    ),
    Case(
        "uscc.form",
        "trader_uscc",
        both("trader_uscc", "91210200MA0000015", "91210200MA0000015I"),
        both("trader_uscc", files.OTHER_USCC.lower()),
    ),
    Case(
        "uscc.check_digit",
        "agent_uscc",
        both("agent_uscc", "91210200MA00000154"),
        both("agent_uscc", "91210200MA00000153"),
    ),
    Case(
        "customs_code.form",
        "trader_code",
        both("trader_code", "210226123", "21022X1234"),
        both("trader_code", "33049609cd"),
    ),
    Case(
        "customs_code.not_broker",
        "agent_code",
        both("agent_code", "2102261234"),
        [{"agent_code": files.TRADER_CODE, "agent_uscc": files.TRADER_USCC}, {"agent_code": ""}],
    ),
    Case(
        "party_name.length",
        "agent_name",
        both("agent_name", "长" * 71),
        both("agent_name", "长" * 70),
    ),
    Case("party_name.blank", "trader_name", both("trader_name", "", None), [{}]),
    Case(
        "g_no.form",
        "g_no",
        both("g_no", "0", "1.5", "-1", "一", 0.0, 1.5, 40000.0, True),
        both("g_no", 2.0),
    ),
    Case("g_no.above_50", "g_no", both("g_no", "51", 51.0), both("g_no", "50")),
    Case("hs_code.form", "hs_code", both("hs_code", "84821030", "848210300A", "84821030001"), [{}]),
    Case("hs_code.form", "hs_code", both("hs_code", "306329000"), both("hs_code", "0306329000101")),
    Case(
        "hs_code.form", "hs_code", both("hs_code", "851220100"), both("hs_code", "306329000"), CSV
    ),
    Case("hs_code.chapter", "hs_code", both("hs_code", "7700000000", "0000000000"), [{}]),
    Case(
        "hs_code.chapter_98_99",
        "hs_code",
        both("hs_code", "9801000000", "9900000000"),
        both("hs_code", "9705100000"),
    ),
    Case(
        "hs_code.not_in_catalogue",
        "hs_code",
        both("hs_code", "8512201000"),
        [{}, {"hs_code": "8512201000", "declared_on": "20240101"}],
    ),
    Case("g_name.length", "g_name", both("g_name", "轴" * 256), both("g_name", "轴" * 255 + " ")),
    Case(
        "g_name.control",
        "g_name",
        both("g_name", "轴\n承", "轴\t承", "轴\x00承"),
        both("g_name", "轴　承"),
    ),
    Case(
        "g_name.no_chinese", "g_name", both("g_name", "BEARING", "608ZZ"), both("g_name", "LED灯")
    ),
    Case(
        "g_name.vague",
        "g_name",
        both("g_name", "零件", "配件", " 样品 "),
        both("g_name", "汽车零件"),
    ),
    Case(
        "g_model.length",
        "g_model",
        both("g_model", "0|3|" + "长" * 252),
        both("g_model", "0|3|" + "长" * 251),
    ),
    Case("g_model.control", "g_model", both("g_model", "0|3|a\r\nb", "0|3|a\x7fb"), [{}]),
    Case("g_model.full_width_bar", "g_model", both("g_model", "0｜3｜轴承"), [{}]),
    Case(
        "g_model.brand_type",
        "g_model",
        both("g_model", "防护垫|硫化橡胶|无品牌", "5|3|a", "|3|a"),
        both("g_model", "4|3|ON牌"),
    ),
    Case(
        "g_model.brand_type_export_only",
        "g_model",
        both("g_model", "3|3|a|b|c"),
        [export(g_model="3|0|a|b|c")],
    ),
    Case(
        "g_model.export_benefit",
        "g_model",
        [*both("g_model", "0|0|a", "0||a", "0"), export(g_model="0|3|a"), export(g_model="0||a")],
        [{}, export(g_model="0|2|a")],
    ),
    Case(
        "g_model.few_parts",
        "g_model",
        both("g_model", "0|3|a|b"),
        both("g_model", "0|3|a|b|c", "0|3|a|b|c||"),
    ),
    Case(
        "g_model.blank_part",
        "g_model",
        both("g_model", "0|3|a||c"),
        both("g_model", "0|3|a|b|c|||其他"),
    ),
    Case(
        "g_model.filler_part",
        "g_model",
        both(
            "g_model",
            *(f"0|3|a|{word}|c" for word in ("无", "是", "否", "有", "非", "*", "/", "-", "无无")),
        ),
        both("g_model", "0|3|a|无型号|非零售"),
    ),
    Case(
        "g_model.brand_denied",
        "g_model",
        both("g_model", "0|3|a|ON牌|c", "0|3|a|品牌：KidKraft|c", "0|3|福特牌,FORD牌|b|c"),
        both(
            "g_model",
            "0|3|a|无中文品牌,无外文品牌|c",
            "0|3|a|无中、外文名称品牌|c",
            "0|3|装吊牌|b|c",
        ),
    ),
    Case(
        "g_model.brand_absent",
        "g_model",
        both("g_model", "4|3|a|无品牌|c", "4|3|a|无中文及外文品牌|c", "1|3|a|无牌|c"),
        both("g_model", "4|3|a|无中文品牌GM|c", "4|3|a|无型号|ON牌"),
    ),
    Case(
        "g_model.anti_dumping",
        "g_model",
        both("g_model", "4|3|a|b|c|<某厂><FACTORY><10%>"),
        both("g_model", "4|3|a|b|c|<某厂><FACTORY><10%><0%><是>", "4|3|a|b|含量<5%"),
    ),
    Case(
        "country.unknown",
        "origin_country",
        both("origin_country", "XXX", "DE", "德意志"),
        both("origin_country", "deu", "304", "德国", ""),
    ),
    Case("country.unknown", "destination_country", both("destination_country", "999"), [{}]),
    Case(
        "currency.unknown",
        "trade_curr",
        both("trade_curr", "XXX", "999"),
        both("trade_curr", "502", ""),
    ),
    Case(
        "unit.unknown", "g_unit", both("g_unit", "999", "35", "公斤斤"), both("g_unit", "千克", "")
    ),
    Case("unit.unknown", "unit_2", both("unit_2", "999"), both("unit_2", "035")),
    Case(
        "amount.form",
        "decl_price",
        both("decl_price", "1,5", "两元", True, "1e3"),
        both("decl_price", "", 2.5),
    ),
    Case("amount.sign", "decl_total", both("decl_total", "-1", -0.01), both("decl_total", "0")),
    Case("amount.sign", "g_qty", both("g_qty", "0", 0.0, "-3"), both("g_qty", "0.00001")),
    Case(
        "amount.places",
        "decl_price",
        both("decl_price", "2.50001"),
        both("decl_price", "2.50000", 0.1 + 0.2),
    ),
    Case("amount.places", "decl_total", both("decl_total", "25.001"), both("decl_total", "25.00")),
    Case("amount.places", "qty_1", both("qty_1", "1.123456"), both("qty_1", "1.12345")),
    Case(
        "amount.size",
        "decl_price",
        both("decl_price", "1" + "0" * 15),
        both("decl_price", "9" * 15),
    ),
    Case("amount.product", "decl_total", both("decl_total", "26"), both("decl_total", "25.12", "")),
    Case(
        "verdict.form",
        "verdict",
        both("verdict", "合格", "1", "不规范。"),
        both("verdict", " 规范 "),
        AUDITED,
    ),
    Case("field.blank", "verdict", both("verdict", "", None), [{}], AUDITED),
    Case(
        "verdict.no_reason",
        "verdict",
        [{"verdict": "不规范"}],
        [
            {"verdict": "不规范", "reason_code": "R01"},
            {"verdict": "不规范", "reason_text": "缺型号"},
        ],
        AUDITED,
    ),
    Case(
        "verdict.needless_reason",
        "verdict",
        both("reason_code", "R01") + both("reason_text", "缺型号"),
        [{"verdict": "不规范", "reason_code": "R01"}],
        AUDITED,
    ),
    Case(
        "reason_code.form",
        "reason_code",
        both("reason_code", "1", "R1", "要素缺失"),
        both("reason_code", "R01,R02", "r01；R99"),
        AUDITED,
    ),
    Case(
        "reason_code.unknown",
        "reason_code",
        both("reason_code", "R50"),
        both("reason_code", "R12"),
        AUDITED,
    ),
    Case("reason_text.length", "reason_text", both("reason_text", "因" * 1001), [{}], AUDITED),
    Case(
        "auditor.length", "auditor", both("auditor", "员" * 65), both("auditor", "员" * 64), AUDITED
    ),
    Case(
        "audit_month.early",
        "declared_on",
        both("declared_on", "20251001"),
        both("declared_on", "20250930"),
        AUDITED,
    ),
]
