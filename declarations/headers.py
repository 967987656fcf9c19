"""Recognising a table's heading row: which column holds which field of a declaration.

A field goes by three public layers of names: the Chinese words of the 报关单 and of the single
window's pages, the XML names of its DecMessage schema (CodeTS, GModel; the camelCase JSON of its
pages differs in case only), and the upper-case columns of the customs database (CODE_TS, G_MODEL).
Names are compared without case, width, spaces and punctuation, so that one spelling stands for
CodeTS, codeTs and CODE_TS alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

from declarations.faults import Fault, Level
from declarations.rules import RULES, sentence

HEADING_ROWS_SEARCHED = 20
HEADINGS_NEEDED = 3


class Part(Enum):
    """Where a field stands when the declaration's head and its lines are separate sheets."""

    KEY = "key"
    HEAD = "head"
    LINE = "line"
    AUDIT = "audit"


@dataclass(frozen=True)
class Field:
    """A field: its own name, the Chinese label that messages use, and every public name."""

    name: str
    label: str
    part: Part
    names: tuple[str, ...]
    required: bool = False


_AGENT = ("申报单位", "申报企业", "报关企业", "报关单位", "申报人")
_TRADER = ("境内收发货人", "收发货人", "境内收货人", "境内发货人", "经营单位", "经营企业")
_USCC = ("统一社会信用代码", "社会信用代码", "信用代码", "统一信用代码")
_CUSTOMS_CODE = (
    "代码", "编码", "海关代码", "海关编码", "海关注册编码", "海关注册代码", "海关备案编码", "海关备案代码",
    "10位海关编码", "10位海关代码", "海关10位编码", "海关10位代码", "注册编码", "备案编码",
)  # fmt: skip


def _of(parties: Sequence[str], suffixes: Sequence[str]) -> tuple[str, ...]:
    return tuple(party + suffix for party in parties for suffix in suffixes)


FIELDS: tuple[Field, ...] = (
    Field(
        "entry_id",
        "报关单号",
        Part.KEY,
        ("报关单号", "海关编号", "报关单编号", "报关单号码", "海关编号报关单号", "EntryId"),
        required=True,
    ),
    Field("ie_flag", "进出口标志", Part.HEAD,
          ("进出口标志", "进出口标识", "进出口类型", "进出口", "IEFlag", "IEFlagValue"),
          required=True),
    Field("trade_mode", "监管方式", Part.HEAD,
          ("监管方式", "监管方式代码", "监管方式编码", "贸易方式", "TradeMode", "TradeModeValue",
           "SupvModeCdde", "SupvMode"),
          required=True),
    Field("custom_master", "申报地海关", Part.HEAD,
          ("申报地海关", "申报地海关代码", "申报海关", "申报关区", "申报关别", "申报口岸", "CustomMaster",
           "CustomMasterValue", "DeclPort")),
    Field("declared_on", "申报日期", Part.HEAD,
          ("申报日期", "申报时间", "DDate", "DeclareDate", "DeclDate"), required=True),
    Field("agent_uscc", "申报单位统一社会信用代码", Part.HEAD,
          (*_of(_AGENT, _USCC), "AgentCodeScc", "AgentCoScc", "AgentScc")),
    Field("agent_code", "申报单位海关注册编码", Part.HEAD,
          (*_of(_AGENT, _CUSTOMS_CODE), "AgentCode", "AgentCo")),
    Field("agent_name", "申报单位名称", Part.HEAD,
          (*_of(_AGENT, ("", "名称", "中文名称")), "AgentName")),
    Field("trader_uscc", "境内收发货人统一社会信用代码", Part.HEAD,
          (*_of(_TRADER, _USCC), "TradeCoScc", "TradeCodeScc", "TaxyRgNo")),
    Field("trader_code", "境内收发货人海关注册编码", Part.HEAD,
          (*_of(_TRADER, _CUSTOMS_CODE), "TradeCode", "TradeCo")),
    Field("trader_name", "境内收发货人名称", Part.HEAD,
          (*_of(_TRADER, ("", "名称", "中文名称")), "TradeName")),
    Field("g_no", "项号", Part.LINE, ("项号", "商品项号", "商品序号", "GNo"), required=True),
    Field("hs_code", "商品编号", Part.LINE,
          ("商品编号", "商品编码", "税号", "税则号列", "HS编码", "HS代码", "HSCode", "CodeTS"),
          required=True),
    Field("g_name", "商品名称", Part.LINE, ("商品名称", "品名", "中文品名", "GName"), required=True),
    Field("g_model", "规格型号", Part.LINE,
          ("规格型号", "商品规格型号", "商品规格", "规格", "申报要素", "GModel"), required=True),
    Field("origin_country", "原产国", Part.LINE,
          ("原产国", "原产国地区", "原产国家", "原产地", "原产国代码", "原产国地区代码", "OriginCountry")),
    Field("destination_country", "最终目的国", Part.LINE,
          ("最终目的国", "最终目的国地区", "目的国", "最终目的国代码", "最终目的国地区代码",
           "DestinationCountry")),
    Field("g_qty", "成交数量", Part.LINE, ("成交数量", "申报数量", "数量", "GQty")),
    Field("g_unit", "成交单位", Part.LINE,
          ("成交单位", "成交计量单位", "申报计量单位", "成交数量单位", "计量单位", "GUnit")),
    Field("qty_1", "法定第一数量", Part.LINE,
          ("法定第一数量", "第一法定数量", "法定数量", "第一数量", "Qty1", "FirstQty")),
    Field("unit_1", "法定第一单位", Part.LINE,
          ("法定第一单位", "法定第一数量单位", "法定第一计量单位", "第一法定单位", "第一法定计量单位", "法定单位",
           "法定计量单位", "Unit1", "FirstUnit")),
    Field("qty_2", "法定第二数量", Part.LINE,
          ("法定第二数量", "第二法定数量", "第二数量", "Qty2", "SecondQty")),
    Field("unit_2", "法定第二单位", Part.LINE,
          ("法定第二单位", "法定第二数量单位", "法定第二计量单位", "第二法定单位", "第二法定计量单位", "第二单位",
           "Unit2", "SecondUnit")),
    Field("decl_price", "单价", Part.LINE, ("单价", "申报单价", "成交单价", "DeclPrice")),
    Field("decl_total", "总价", Part.LINE, ("总价", "申报总价", "成交总价", "DeclTotal")),
    Field("trade_curr", "币制", Part.LINE,
          ("币制", "成交币制", "币种", "币制代码", "TradeCurr", "TradeCurrency")),
    Field("verdict", "审核结论", Part.AUDIT, ("审核结论", "审核结果", "Verdict"), required=True),
    Field("reason_code", "原因代码", Part.AUDIT,
          ("原因代码", "不规范原因代码", "ReasonCode", "ReasonCodes")),
    Field("reason_text", "原因说明", Part.AUDIT,
          ("原因说明", "不规范原因", "不规范原因说明", "原因", "ReasonText")),
    Field("auditor", "审核人员", Part.AUDIT, ("审核人员", "审核人", "审核关员", "Auditor")),
)  # fmt: skip

LABELS = {known.name: known.label for known in FIELDS}

# At least one code of each party is needed; which of the two, the rows decide (rule party.missing).
PARTY_CODES = (
    ("agent_uscc", "agent_code", "申报单位统一社会信用代码（或海关注册编码）"),
    ("trader_uscc", "trader_code", "境内收发货人统一社会信用代码（或海关注册编码）"),
)

_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_NOT_A_WORD = re.compile(r"[\W_]+")


def _key(heading: str) -> str:
    return _NOT_A_WORD.sub("", unicodedata.normalize("NFKC", heading).casefold())


@cache
def _by_key() -> dict[str, Field]:
    table: dict[str, Field] = {}
    for known in FIELDS:
        for name in known.names:
            holder = table.setdefault(_key(name), known)
            if holder is not known:
                raise ValueError(f"{name} would mean {holder.name} and {known.name}")
    return table


def field_of(heading: object) -> Field | None:
    """The field that a heading names, or None; never raises.

    What a heading adds in brackets (“商品编号（10位）”) is ignored where the whole is not known.
    """
    if not isinstance(heading, str):
        return None
    found = _by_key().get(_key(heading))
    if found is None:
        bare = _BRACKETED.sub("", unicodedata.normalize("NFKC", heading))
        found = _by_key().get(_key(bare))
    return found


@dataclass
class Layout:
    """A sheet's heading row: which column (from 0) holds which field.

    `row` counts from 1. `headings` gives each field's heading as the sheet writes it.
    `swaps_countries` is true where the countries' columns bear XML names: there an export's
    OriginCountry is its destination and DestinationCountry its origin (报文格式说明, 表体 10 and 23).
    """

    sheet: str
    row: int
    columns: dict[int, str] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    swaps_countries: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The fields that the sheet holds."""
        return frozenset(self.headings)

    @property
    def is_head(self) -> bool:
        """Whether the sheet holds declaration heads without goods lines (表头)."""
        return "entry_id" in self.headings and not self.headings.keys() & _LINE_FIELDS

    def heading(self, name: str) -> str:
        """The heading of a field as the sheet writes it, or the field's own label."""
        return self.headings.get(name) or LABELS[name]

    def fault(
        self, number: int, name: str, value: str, rule: str, level: Level, text: str
    ) -> Fault:
        """A fault of a field in the row of this number."""
        return Fault(number, self.heading(name), value, rule, level, text, self.sheet)


_LINE_FIELDS = frozenset(known.name for known in FIELDS if known.part is Part.LINE)
_XML_COUNTRY_NAMES = frozenset({"OriginCountry", "originCountry"})


def read_layout(sheet: str, row_number: int, cells: Sequence[object]) -> Layout:
    """The layout that a heading row gives; duplicate columns and unknown ones become faults."""
    layout = Layout(sheet, row_number)
    for index, cell in enumerate(cells):
        heading = str(cell).strip()
        if not heading:
            continue
        known = field_of(cell)
        if known is None:
            layout.unknown.append(heading)
        elif known.name in layout.headings:
            layout.faults.append(
                fault_at(
                    layout,
                    "column.duplicate",
                    heading,
                    first=layout.headings[known.name],
                    second=heading,
                    label=known.label,
                )
            )
        else:
            layout.columns[index] = known.name
            layout.headings[known.name] = heading
    if layout.unknown:
        layout.faults.append(fault_at(layout, "column.unknown", value="、".join(layout.unknown)))
    layout.swaps_countries = layout.headings.get("origin_country") in _XML_COUNTRY_NAMES
    return layout


def find_layout(sheet: str, rows: Sequence[tuple[int, Sequence[object]]]) -> Layout | None:
    """The layout of the row among these with the most known headings, or None.

    A title or notes may stand above the headings; fewer than three known names are no heading row.
    """
    best, best_count = None, HEADINGS_NEEDED - 1
    for number, cells in rows[:HEADING_ROWS_SEARCHED]:
        count = sum(1 for cell in cells if field_of(cell))
        if count > best_count:
            best, best_count = (number, cells), count
    return read_layout(sheet, *best) if best else None


def missing_columns(layouts: Sequence[Layout], audited: bool) -> list[Fault]:
    """A fault for each required field that no column holds.

    A sheet of lines lacks a field only if no sheet of heads holds it either.
    """
    from_heads = frozenset[str]().union(*(part.fields for part in layouts if part.is_head))
    faults = []
    for layout in layouts:
        if layout.is_head:
            continue
        held = layout.fields | from_heads if "entry_id" in layout.fields else layout.fields
        missing = [
            known.label
            for known in FIELDS
            if known.required
            and known.name not in held
            and (audited or known.part is not Part.AUDIT)
        ]
        missing += [label for uscc, code, label in PARTY_CODES if not held & {uscc, code}]
        faults += [fault_at(layout, "column.missing", label, label=label) for label in missing]
    return faults


def fault_at(
    layout: Layout, rule: str, column: str = "", value: str = "", **facts: object
) -> Fault:
    """A fault of the heading row itself."""
    text = sentence(rule, value=value, **facts)
    return Fault(layout.row, column, value, rule, RULES[rule].level, text, layout.sheet)
