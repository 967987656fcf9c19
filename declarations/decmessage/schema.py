"""The nodes of a DecMessage: which the portal reads, and what the schema says of their values.

Names, lengths and patterns: DecMessage_ImportSave_V1.0.xsd, 货物申报电子报文节点说明, 报文格式说明 (the single
window's interface package). Names are exact in case. Where a rule of declarations/rules.py is as
strict as the schema, no pattern stands here, so that a value is faulted once.
"""

from __future__ import annotations

import csv
import re
from typing import NamedTuple

from declarations.code_tables import DATA

ROOT = "DecMessage"
HEAD = "DecHead"
LISTS = "DecLists"
LIST = "DecList"


class Node(NamedTuple):
    """A node that holds a value: its name, the portal's field ("" where it isn't read), its form.

    `pattern` holds for the value without spaces around it, unless it is blank; `form` says the same
    in Chinese. A `required` node must be there; whether it may be blank its field's rules say.
    """

    name: str
    field: str = ""
    pattern: re.Pattern[str] | None = None
    form: str = ""
    required: bool = False


def _text(most: int) -> tuple[re.Pattern[str], str]:
    return re.compile(f"(?s:.{{0,{most}}})"), f"最多 {most} 个字"


def _digits(count: int) -> tuple[re.Pattern[str], str]:
    return re.compile(f"[0-9]{{{count}}}"), f"{count} 位数字"


# Three letters since 2018-08-01, three digits before; both go through the code tables.
_LETTERS_OR_DIGITS = re.compile(r"[A-Za-z]{3}|[0-9]{3}"), "三位字母（2018 年 8 月前为三位数字）"
_OWNER_SCC = re.compile(r"[0-9A-Z]{18}|NO"), "18 位统一社会信用代码或 NO"
_OWNER_CODE = re.compile(r"[0-9A-Z]{9,10}|NO"), "10 位海关注册编码或 NO"

HEAD_NODES: tuple[Node, ...] = (
    Node("EntryId", "entry_id"),
    Node("IEFlag", "ie_flag", re.compile("[IE]"), "I（进口）或 E（出口）", required=True),
    Node("TradeMode", "trade_mode", required=True),
    Node("CustomMaster", "custom_master"),
    Node("DDate", "declared_on", *_digits(8)),
    Node("AgentCodeScc", "agent_uscc"),
    Node("AgentCode", "agent_code"),
    Node("AgentName", "agent_name"),
    Node("TradeCoScc", "trader_uscc"),
    Node("TradeCode", "trader_code"),
    Node("TradeName", "trader_name"),
    Node("PreEntryId", "", *_text(18)),
    Node("SeqNo", "", *_text(18)),
    Node("IEPort", "", *_digits(4)),
    Node("IEDate", "", *_digits(8)),
    Node("OwnerCode", "", *_OWNER_CODE),
    Node("OwnerCodeScc", "", *_OWNER_SCC),
    Node("OwnerName", "", *_text(70)),
)
LIST_NODES: tuple[Node, ...] = (
    Node("GNo", "g_no", required=True),
    Node("CodeTS", "hs_code", *_digits(10), required=True),
    Node("GName", "g_name", required=True),
    Node("GModel", "g_model", required=True),
    Node("OriginCountry", "origin_country", *_LETTERS_OR_DIGITS),
    Node("DestinationCountry", "destination_country", *_LETTERS_OR_DIGITS),
    Node("GQty", "g_qty"),
    Node("GUnit", "g_unit", *_digits(3)),
    Node("FirstQty", "qty_1"),
    Node("FirstUnit", "unit_1", *_digits(3)),
    Node("SecondQty", "qty_2"),
    Node("SecondUnit", "unit_2", *_digits(3)),
    Node("DeclPrice", "decl_price"),
    Node("DeclTotal", "decl_total"),
    Node("TradeCurr", "trade_curr", *_LETTERS_OR_DIGITS),
    Node("CiqCode", "", *_digits(3)),
    Node("CiqName", "", *_text(50)),
    Node("DutyMode", "", *_digits(1)),
    Node("ContrItem", "", *_text(19)),
    Node("DistrictCode", "", *_digits(5)),
)
NODES: dict[str, dict[str, Node]] = {
    HEAD: {node.name: node for node in HEAD_NODES},
    LIST: {node.name: node for node in LIST_NODES},
}
# At least one of each must be there; which holds a code, the rows' rules decide (party.missing).
PARTY_NODES = (("AgentCodeScc", "AgentCode"), ("TradeCoScc", "TradeCode"))


def _known() -> dict[str, frozenset[str]]:
    known: dict[str, set[str]] = {group: set() for group in (ROOT, HEAD, LISTS, LIST)}
    with (DATA / "decmessage_nodes.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            known[row["group"]].add(row["name"])
    return {group: frozenset(names) for group, names in known.items()}


# What the interface knows and the portal has no use for: left out in silence.
KNOWN = _known()
