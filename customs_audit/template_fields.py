"""What the template workbooks say of each field: how to fill it in, an example, Excel's own check.

A check is Excel's data validation, with the cell below the heading as `{c}`: the same rules as
declarations/checks.py as far as Excel can hold them. Formulas stay below 255 characters and use no
array constants, which Excel allows in no validation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from customs_audit.models import AuditKind
from declarations.headers import FIELDS, PARTY_CODES, Field, Part

Form = Literal["text", "date", "number"]

DATA_SHEET = "审核数据"
GUIDE_SHEET = "填写说明"
CODES_SHEET = "代码对照"
LISTS_SHEET = "下拉列表"
# Sheets of a template without rows of data: nobody needs to be told that they are not read.
SHEETS_WITHOUT_ROWS = frozenset({GUIDE_SHEET, CODES_SHEET, LISTS_SHEET})

# 31 characters of GB 32100; the sum of values × 3^(i-1), with the check character, is 0 modulo 31.
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_CHECK = (
    f'=AND(LEN({{c}})=18,MOD(SUMPRODUCT((SEARCH(MID({{c}},ROW($1:$17),1),"{_USCC}")-1)'
    f'*MOD(3^(ROW($1:$17)-1),31))+SEARCH(RIGHT({{c}}),"{_USCC}")-1,31)=0)'
)
CUSTOMS_CODE_CHECK = "=AND(LEN({c})=10,ISNUMBER(--LEFT({c},4)),ISNUMBER(--MID({c},6,1)))"
ENTRY_ID_CHECK = (
    "=AND(LEN({c})=18,ISNUMBER(--LEFT({c},8)),ISNUMBER(--RIGHT({c},9)),"
    'MID({c},3,2)<>"00",ISNUMBER(SEARCH(MID({c},9,1),"01IE")))'
)
HS_CODE_CHECK = "=AND(OR(LEN({c})=10,LEN({c})=13),ISNUMBER(--{c}))"
CUSTOMS_CHECK = '=AND(LEN({c})=4,ISNUMBER(--{c}),RIGHT({c},2)<>"00")'

# Fields that a review can do without: what was declared is known, the verdict is what is new.
_AMOUNTS = frozenset({
    "origin_country", "destination_country", "g_qty", "g_unit", "qty_1", "unit_1", "qty_2",
    "unit_2", "decl_price", "decl_total", "trade_curr",
})  # fmt: skip


@dataclass(frozen=True)
class Guide:
    """How one field is filled in.

    `check` holds Excel's validation without its words; `lists` names a list of `template_lists`;
    where `may_differ`, what the check does not know is only warned of.
    """

    how: str
    example: str
    form: Form = "text"
    width: int = 14
    check: dict[str, Any] = field(default_factory=dict)
    lists: str = ""
    may_differ: bool = False


def _formula(text: str) -> dict[str, Any]:
    return {"validate": "custom", "value": text}


def _length(most: int) -> dict[str, Any]:
    return {"validate": "length", "criteria": "between", "minimum": 1, "maximum": most}


_POSITIVE = {"validate": "decimal", "criteria": ">", "value": 0}
_NOT_NEGATIVE = {"validate": "decimal", "criteria": ">=", "value": 0}
_UNIT = "从下拉列表中选择单位名称，或填三位数字代码（如 035）。"

GUIDES: dict[str, Guide] = {
    "entry_id": Guide(
        "18 位，按报关单填写：4 位关区、4 位年份、1 位进出口标志（1 或 I 进口，0 或 E 出口）、9 位顺序号。",
        "090220251000000123", width=22, check=_formula(ENTRY_ID_CHECK)),
    "ie_flag": Guide("从下拉列表中选择：进口或出口。", "进口", width=12, lists="ie_flag"),
    "trade_mode": Guide(
        "四位数字代码，从下拉列表中选择；代码含义见“代码对照”。", "0110", width=10, lists="trade_mode"),
    "custom_master": Guide(
        "四位海关代码，末两位不为 00；与报关单号的前 4 位一致。", "0902", width=12,
        check=_formula(CUSTOMS_CHECK)),
    "declared_on": Guide(
        "写成 2025-03-31；不早于 2000-01-01，不晚于今天。", "2025-03-31", "date", 13,
        {"validate": "date", "criteria": "between", "minimum": "=DATE(2000,1,1)",
         "maximum": "=TODAY()"}),
    "agent_uscc": Guide(
        "18 位，末位为校验位；与海关注册编码至少填一项。", "91210200MA00000153", width=22,
        check=_formula(USCC_CHECK)),
    "agent_code": Guide(
        "10 位；报关企业的第 6 位为 8。", "2102980001", width=14, check=_formula(CUSTOMS_CODE_CHECK)),
    "agent_name": Guide(
        "登记的名称，不超过 70 个字。", "大连某某报关有限公司", width=24, check=_length(70)),
    "trader_uscc": Guide(
        "18 位，末位为校验位；与海关注册编码至少填一项。", "91210200MA0000023X", width=22,
        check=_formula(USCC_CHECK)),
    "trader_code": Guide("10 位。", "2102260002", width=14, check=_formula(CUSTOMS_CODE_CHECK)),
    "trader_name": Guide(
        "登记的名称，不超过 70 个字。", "大连某某贸易有限公司", width=24, check=_length(70)),
    "g_no": Guide(
        "整数，从 1 起；一票报关单一般不超过 50 项。", "1", "number", 7,
        {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": 32767}),
    "hs_code": Guide(
        "10 位数字（带检验检疫编码时 13 位），前导零不能丢。", "9401619000", width=14,
        check=_formula(HS_CODE_CHECK)),
    "g_name": Guide("按报关单原文填写，不超过 255 个字。", "布沙发", width=20, check=_length(255)),
    "g_model": Guide(
        "按报关单原文填写，要素以半角竖线“|”分隔，不超过 255 个字。", "0|3|家居用|布作面|装软垫|无品牌",
        width=48, check=_length(255)),
    "origin_country": Guide(
        "从下拉列表中选择，或填三位字母代码（如 DEU）。", "德国", width=12, lists="country",
        may_differ=True),
    "destination_country": Guide(
        "从下拉列表中选择，或填三位字母代码（如 CHN）。", "中国", width=12, lists="country",
        may_differ=True),
    "g_qty": Guide("大于 0，最多 5 位小数。", "120", "number", 11, _POSITIVE),
    "g_unit": Guide(_UNIT, "件", width=10, lists="unit", may_differ=True),
    "qty_1": Guide("大于 0，最多 5 位小数。", "120", "number", 13, _POSITIVE),
    "unit_1": Guide(_UNIT, "件", width=13, lists="unit", may_differ=True),
    "qty_2": Guide("大于 0，最多 5 位小数；没有则不填。", "3600", "number", 13, _POSITIVE),
    "unit_2": Guide(_UNIT, "千克", width=13, lists="unit", may_differ=True),
    "decl_price": Guide("不小于 0，最多 4 位小数。", "85.5", "number", 12, _NOT_NEGATIVE),
    "decl_total": Guide(
        "不小于 0，最多 2 位小数；与单价乘以成交数量相符。", "10260", "number", 12, _NOT_NEGATIVE),
    "trade_curr": Guide(
        "从下拉列表中选择，或填三位字母代码（如 USD）。", "美元", width=10, lists="currency",
        may_differ=True),
    "verdict": Guide("从下拉列表中选择：规范或不规范。", "不规范", width=11, lists="verdict"),
    "reason_code": Guide(
        "不规范时填写，从下拉列表中选择；几个原因用逗号分开（如 R01,R03）；代码含义见“代码对照”。",
        "R01,R03", width=14, lists="reason_code", may_differ=True),
    "reason_text": Guide(
        "不规范时与原因代码至少填一项，不超过 1000 个字；企业能看到。", "未申报型号", width=36,
        check=_length(1000)),
    "auditor": Guide("审核人员姓名，不超过 64 个字。", "王某", width=12, check=_length(64)),
}  # fmt: skip


def fields_of(kind: AuditKind) -> list[Field]:
    """Return the fields that the template of a kind has, in its order: keys, head, line, audit."""
    left_out = _AMOUNTS if kind == AuditKind.REVIEW else frozenset[str]()
    order = list(Part)
    kept = [known for known in FIELDS if known.name not in left_out]
    return sorted(kept, key=lambda known: order.index(known.part))


def need_of(known: Field) -> str:
    """Say whether a field must be filled in."""
    if known.required:
        return "必填"
    if any(known.name in (uscc, code) for uscc, code, _ in PARTY_CODES):
        return "代码二选一"
    return "不规范时必填一项" if known.name in ("reason_code", "reason_text") else "选填"
