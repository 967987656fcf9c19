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


def check_row(cells: Mapping[str, Cell], context: Context) -> Checked:
    """Check one row, given as field name → cell; never raises, whatever the cells hold."""
    row = RowCheck(cells, context.audited, context.typed, levels=context.levels)
    values: dict[str, object] = {}
    declared_on = values["declared_on"] = check_declared_on(row, context.today)
    ie_flag = values["ie_flag"] = check_ie_flag(row)
    entry = check_entry_id(row, context.today)
    entry_id = values["entry_id"] = entry[0] if entry else FAULTY
    custom_master = values["custom_master"] = check_custom_master(row, entry[1] if entry else None)
    g_no = values["g_no"] = check_g_no(row)
    if entry:
        check_entry_id_against_head(row, entry[1], ie_flag, declared_on, custom_master)
    values["trade_mode"] = check_trade_mode(row)
    values |= check_parties(row)
    values |= check_goods(row, ie_flag, declared_on, context.editions)
    values |= check_codes(row)
    values |= check_amounts(row)
    if context.audit_month:
        values |= check_verdict(row)
        if (
            isinstance(declared_on, datetime.date)
            and declared_on.replace(day=1) > context.audit_month
        ):
            row.say("audit_month.early", "declared_on")
    sound = not row.has_errors
    return Checked(
        CheckedRow(**values) if sound else None,  # type: ignore[arg-type]
        row.findings,
        entry_id if isinstance(entry_id, str) else "",
        g_no if isinstance(g_no, int) else 0,
        values,
    )
