"""Checking one row of a declarations or audit file: rules without a database.

`check_row` reads each field out of its cell and applies every rule of declarations/rules.py that
one row can break alone. Rules across rows (a line twice in one file, heads that differ inside a
declaration) stand in declarations/staging.py, those against what is stored in parties.py and
auditing.py.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from declarations.audit_checks import check_verdict
from declarations.cells import FAULTY, Cell, Finding, RowCheck
from declarations.faults import Level
from declarations.goods_checks import Editions, check_goods
from declarations.head_checks import (
    check_custom_master,
    check_declared_on,
    check_entry_id,
    check_entry_id_against_head,
    check_g_no,
    check_ie_flag,
    check_parties,
    check_trade_mode,
    check_years,
)
from declarations.value_checks import check_amounts, check_codes


@dataclass(frozen=True)
class Context:
    """What a row is checked against: the kind of file, today, the month, the catalogues.

    `audit_month` is the month's first day and set for audit files only; `editions` maps the year
    of each catalogue in force to its eight-digit codes and their numbers of elements; `typed` is
    False for a CSV file, whose cells don't tell text from numbers; `levels` holds the rules whose
    level an administrator has changed.
    """

    today: datetime.date
    audit_month: datetime.date | None = None
    editions: Editions = field(default_factory=dict)
    typed: bool = True
    levels: Mapping[str, Level] = field(default_factory=dict)

    @property
    def audited(self) -> bool:
        """Whether the rows are audited ones."""
        return self.audit_month is not None


@dataclass(slots=True)
class CheckedRow:
    """A row's values as they are stored; blank codes are ``""``, blank amounts None."""

    entry_id: str
    g_no: int
    hs_code: str
    ie_flag: str
    g_name: str
    g_model: str
    trade_mode: str
    declared_on: datetime.date
    custom_master: str
    agent_uscc: str
    agent_code: str
    agent_name: str
    trader_uscc: str
    trader_code: str
    trader_name: str
    origin_country: str
    destination_country: str
    g_qty: Decimal | None
    g_unit: str
    qty_1: Decimal | None
    unit_1: str
    qty_2: Decimal | None
    unit_2: str
    decl_price: Decimal | None
    decl_total: Decimal | None
    trade_curr: str
    conforming: bool | None = None
    reason_codes: list[str] = field(default_factory=list)
    reason_text: str = ""
    auditor: str = ""


@dataclass(slots=True)
class Checked:
    """What a check gives: the row, unless some finding is an error, and all findings.

    `entry_id` and `g_no` are set whenever they could be read, so that a faulty row too is found
    when it repeats another; `values` holds each value by CheckedRow's names, FAULTY where it could
    not be read.
    """

    row: CheckedRow | None
    findings: list[Finding]
    entry_id: str = ""
    g_no: int = 0
    values: Mapping[str, object] = field(default_factory=dict)


# A row's fields in the parts that are checked apart: what a part's cells say depends on no other
# part's, but for the years of 报关单号 and 申报日期, which must agree, and for goods, in which 进出口标志 and
# year have a say.
ENTRY = ("entry_id", "ie_flag", "custom_master")
DAY = ("declared_on",)
MODE = ("trade_mode",)
NUMBER = ("g_no",)
PARTIES = tuple(
    f"{party}_{part}" for party in ("agent", "trader") for part in ("uscc", "code", "name")
)
GOODS = ("hs_code", "g_name", "g_model")
CODES = ("origin_country", "destination_country", "trade_curr", "g_unit", "unit_1", "unit_2")
AMOUNTS = ("g_qty", "decl_price", "decl_total", "qty_1", "qty_2")
VERDICT = ("verdict", "reason_code", "reason_text", "auditor")

Values = dict[str, object]


def row_check(cells: Mapping[str, Cell], context: Context) -> RowCheck:
    """Cells ready to be checked: a row's, or those of one of its parts."""
    return RowCheck(cells, context.audited, context.typed, levels=context.levels)


def check_row(cells: Mapping[str, Cell], context: Context) -> Checked:
    """Check one row, given as field name → cell; never raises, whatever the cells hold."""
    row = row_check(cells, context)
    head = check_head(row, context)
    values: Values = {
        **head,
        **check_number(row),
        **check_parties(row),
        **check_declared_goods(row, head, context),
        **check_codes(row),
        **check_amounts(row),
    }
    if context.audited:
        values |= check_verdict(row)
    entry_id, g_no = values["entry_id"], values["g_no"]
    return Checked(
        None if row.has_errors else CheckedRow(**values),  # type: ignore[arg-type]
        row.findings,
        entry_id if isinstance(entry_id, str) else "",
        g_no if isinstance(g_no, int) else 0,
        values,
    )


def check_head(row: RowCheck, context: Context) -> Values:
    """What the cells of ENTRY, DAY and MODE say, and whether they agree."""
    values = check_entry(row, context) | check_day(row, context) | check_mode(row)
    check_years(row, values["entry_id"], values["declared_on"])
    return values


def check_entry(row: RowCheck, context: Context) -> Values:
    """What the ENTRY cells say, and whether they agree with one another."""
    ie_flag = check_ie_flag(row)
    entry = check_entry_id(row, context.today)
    custom_master = check_custom_master(row, entry[1] if entry else None)
    if entry:
        check_entry_id_against_head(row, entry[1], ie_flag, custom_master)
    return {
        "entry_id": entry[0] if entry else FAULTY,
        "ie_flag": ie_flag,
        "custom_master": custom_master,
    }


def check_day(row: RowCheck, context: Context) -> Values:
    """What the 申报日期 says, and whether the audit's month may be before it."""
    declared_on = check_declared_on(row, context.today)
    month = context.audit_month
    if month and isinstance(declared_on, datetime.date) and declared_on.replace(day=1) > month:
        row.say("audit_month.early", "declared_on")
    return {"declared_on": declared_on}


def check_mode(row: RowCheck) -> Values:
    """What the 监管方式 says."""
    return {"trade_mode": check_trade_mode(row)}


def check_number(row: RowCheck) -> Values:
    """What the 项号 says."""
    return {"g_no": check_g_no(row)}


def check_declared_goods(row: RowCheck, head: Values, context: Context) -> Values:
    """What the GOODS cells say, by the head's values."""
    return check_goods(row, head["ie_flag"], head["declared_on"], context.editions)  # type: ignore[arg-type]
