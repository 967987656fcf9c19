"""Checking one row of a declarations or audit file: rules without a database.

`check_row` reads each field out of its cell and applies every rule of declarations/rules.py that
one row can break alone. Rules across rows (a line twice in one file, heads that differ inside a
declaration) and rules against what is stored stand in declarations/cross_checks.py and
declarations/parties.py.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from declarations import code_tables
from declarations.cells import FAULTY, Cell, Faulty, Finding, RowCheck
from declarations.dates import parse_date
from declarations.goods_checks import Editions, check_hs_code, check_meaning, check_text
from declarations.identifiers import (
    EntryId,
    is_broker_code,
    is_customs_code,
    parse_entry_id,
    uscc_problem,
)

FIRST_DAY = datetime.date(2000, 1, 1)
LAST_G_NO = 32767
USUAL_LAST_G_NO = 50
NAME_LENGTH = 70
REASON_TEXT_LENGTH = 1000
AUDITOR_LENGTH = 64
PRICE_TOLERANCE = Decimal("0.005")
CENT = Decimal("0.01")

IE_FLAGS = {"I": "I", "E": "E", "1": "I", "0": "E", "进口": "I", "出口": "E"}
VERDICTS = {"规范": True, "不规范": False}


@dataclass(frozen=True)
class Context:
    """What a row is checked against: the kind of file, today, the month, the catalogues.

    `audit_month` is the month's first day and set for audit files only; `editions` maps the year
    of each catalogue in force to its eight-digit codes and their numbers of elements; `typed` is
    False for a CSV file, whose cells don't tell text from numbers.
    """

    today: datetime.date
    audit_month: datetime.date | None = None
    editions: Editions = field(default_factory=dict)
    typed: bool = True

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
    reason_codes: tuple[str, ...] = ()
    reason_text: str = ""
    auditor: str = ""


@dataclass(slots=True)
class Checked:
    """What a check gives: the row, unless some finding is an error, and all findings.

    `entry_id` and `g_no` are set whenever they could be read, so that a faulty row too is found
    when it repeats another.
    """

    row: CheckedRow | None
    findings: list[Finding]
    entry_id: str = ""
    g_no: int = 0


def check_row(cells: Mapping[str, Cell], context: Context) -> Checked:
    """Check one row, given as field name → cell; never raises, whatever the cells hold."""
    row = RowCheck(cells, context.audited, context.typed)
    values: dict[str, object] = {}
    declared_on = values["declared_on"] = _declared_on(row, context)
    ie_flag = values["ie_flag"] = _ie_flag(row)
    entry = _entry_id(row, context.today)
    entry_id = values["entry_id"] = entry[0] if entry else FAULTY
    custom_master = values["custom_master"] = _custom_master(row, entry[1] if entry else None)
    g_no = values["g_no"] = _g_no(row)
    if entry:
        _entry_id_against_head(row, entry[1], ie_flag, declared_on, custom_master)
    values["trade_mode"] = _trade_mode(row)
    values |= _parties(row)
    values |= _goods(row, ie_flag, declared_on, context.editions)
    values |= _codes(row)
    values |= _amounts(row)
    if context.audit_month:
        values |= _verdict(row)
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
    )


def _entry_id(row: RowCheck, today: datetime.date) -> tuple[str, EntryId] | None:
    text = row.code("entry_id")
    if isinstance(text, Faulty):
        return None
    if not text:
        row.say("field.blank", "entry_id")
        return None
    entry = parse_entry_id(text)
    if entry is None:
        row.say("entry_id.form", "entry_id")
        return None
    if entry.customs.endswith("00"):
        row.say("entry_id.customs", "entry_id", read=entry.customs)
    elif entry.customs not in code_tables.customs_districts():
        row.say("customs.unknown", "entry_id", read=entry.customs)
    if not FIRST_DAY.year <= entry.year <= today.year:
        row.say("entry_id.year", "entry_id", read=f"{entry.year:04d}")
    return text, entry


def _entry_id_against_head(
    row: RowCheck,
    entry: EntryId,
    ie_flag: str | Faulty,
    declared_on: datetime.date | Faulty,
    custom_master: str | Faulty,
) -> None:
    if isinstance(ie_flag, str) and entry.ie_flag != ie_flag:
        row.say("entry_id.ie_flag", "entry_id", read=str(row.cells["entry_id"]).strip()[8])
    if isinstance(declared_on, datetime.date) and declared_on.year != entry.year:
        row.say("entry_id.year_differs", "entry_id", read=declared_on.isoformat())
    if isinstance(custom_master, str) and entry.customs != custom_master:
        row.say("entry_id.custom_master", "entry_id", read=custom_master)


def _custom_master(row: RowCheck, entry: EntryId | None) -> str | Faulty:
    """申报地海关; where it isn't given, the 报关单号 begins with it."""
    code = row.repairable_code("custom_master", (4,))
    if code == "":
        return entry.customs if entry else FAULTY
    if isinstance(code, str) and (not re.fullmatch("[0-9]{4}", code) or code.endswith("00")):
        row.say("custom_master.form", "custom_master")
        return FAULTY
    return code


def _g_no(row: RowCheck) -> int | Faulty:
    cell = row.sound("g_no")
    if isinstance(cell, Faulty):
        return FAULTY
    if cell is None or cell == "":
        row.say("field.blank", "g_no")
        return FAULTY
    number = 0
    if isinstance(cell, str) and re.fullmatch("[0-9]{1,9}", cell.strip()):
        number = int(cell)
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool) and 0 < cell < 1e9:
        number = int(cell) if cell == int(cell) else 0
    if not 1 <= number <= LAST_G_NO:
        row.say("g_no.form", "g_no")
        return FAULTY
    if number > USUAL_LAST_G_NO:
        row.say("g_no.above_50", "g_no")
    return number


def _ie_flag(row: RowCheck) -> str | Faulty:
    text = row.label("ie_flag")
    if isinstance(text, Faulty):
        return FAULTY
    if not text:
        row.say("field.blank", "ie_flag")
    elif flag := IE_FLAGS.get(text.upper()):
        return flag
    else:
        row.say("ie_flag.form", "ie_flag")
    return FAULTY


def _trade_mode(row: RowCheck) -> str | Faulty:
    code = row.repairable_code("trade_mode", (4,))
    if isinstance(code, Faulty):
        return FAULTY
    if not code:
        row.say("field.blank", "trade_mode")
    elif not re.fullmatch("[0-9]{4}", code):
        row.say("trade_mode.form", "trade_mode")
    elif code not in code_tables.trade_modes():
        row.say("trade_mode.unknown", "trade_mode")
    else:
        return code
    return FAULTY


def _declared_on(row: RowCheck, context: Context) -> datetime.date | Faulty:
    cell = row.sound("declared_on")
    if isinstance(cell, Faulty):
        return FAULTY
    if cell is None or cell == "":
        row.say("field.blank", "declared_on")
        return FAULTY
    date = parse_date(cell)
    if date is None:
        row.say("declared_on.form", "declared_on")
    elif date > context.today:
        row.say("declared_on.future", "declared_on")
    elif date < FIRST_DAY:
        row.say("declared_on.early", "declared_on")
    else:
        return date
    return FAULTY


def _parties(row: RowCheck) -> dict[str, object]:
    values: dict[str, object] = {}
    for party, label in (("agent", "申报单位"), ("trader", "境内收发货人")):
        uscc = values[f"{party}_uscc"] = _uscc(row, f"{party}_uscc")
        code = values[f"{party}_code"] = _customs_code(row, f"{party}_code")
        values[f"{party}_name"] = _party_name(row, f"{party}_name")
        if uscc == "" and code == "":
            row.say("party.missing", f"{party}_uscc", label=label)
    agent_code = values["agent_code"]
    same = (values["agent_uscc"], agent_code) == (values["trader_uscc"], values["trader_code"])
    if isinstance(agent_code, str) and agent_code and not is_broker_code(agent_code):
        same = same or agent_code == values["trader_code"]
        if not (same or (values["agent_uscc"] and values["agent_uscc"] == values["trader_uscc"])):
            row.say("customs_code.not_broker", "agent_code")
    return values


def _uscc(row: RowCheck, name: str) -> str | Faulty:
    text = row.code(name)
    if text and (problem := uscc_problem(text)):
        row.say(problem, name)
        return FAULTY
    return text


def _customs_code(row: RowCheck, name: str) -> str | Faulty:
    text = row.code(name)
    if text and not is_customs_code(text):
        row.say("customs_code.form", name)
        return FAULTY
    return text


def _party_name(row: RowCheck, name: str) -> str | Faulty:
    text = row.label(name)
    if isinstance(text, Faulty):
        return FAULTY
    if len(text) > NAME_LENGTH:
        row.say("party_name.length", name)
        return FAULTY
    if not text and name in row.cells:
        row.say("party_name.blank", name)
    return text


def _goods(
    row: RowCheck, ie_flag: str | Faulty, declared_on: datetime.date | Faulty, editions: Editions
) -> dict[str, object]:
    year = declared_on.year if isinstance(declared_on, datetime.date) else None
    hs_code = check_hs_code(row, year, editions)
    g_name, g_model = check_text(row, "g_name"), check_text(row, "g_model")
    if g_name and g_model and isinstance(ie_flag, str):
        count = editions[year].get(str(hs_code)[:8]) if year in editions else None
        check_meaning(row, g_name, g_model, ie_flag, (year, count) if year and count else None)
    return {"hs_code": hs_code, "g_name": g_name, "g_model": g_model}


def _codes(row: RowCheck) -> dict[str, object]:
    """Countries, currency and units (rule 10): in their tables, all of them optional."""
    values: dict[str, object] = {}
    for name, rule, read in (
        ("origin_country", "country.unknown", code_tables.country_code),
        ("destination_country", "country.unknown", code_tables.country_code),
        ("trade_curr", "currency.unknown", code_tables.currency_code),
        ("g_unit", "unit.unknown", code_tables.unit_code),
        ("unit_1", "unit.unknown", code_tables.unit_code),
        ("unit_2", "unit.unknown", code_tables.unit_code),
    ):
        text = row.code(name)
        values[name] = text
        if text:
            values[name] = code = read(text)
            if code is None:
                row.say(rule, name)
    return values


def _amounts(row: RowCheck) -> dict[str, object]:
    """Prices and quantities (rule 10): 单价 15.4, 总价 17.2, quantities 14.5 digits, all optional."""
    price = row.amount("decl_price", 4, 15)
    total = row.amount("decl_total", 2, 17)
    values: dict[str, object] = {"decl_price": price, "decl_total": total}
    for name in ("g_qty", "qty_1", "qty_2"):
        values[name] = quantity = row.amount(name, 5, 14)
        if isinstance(quantity, Decimal) and quantity == 0:
            row.say("amount.sign", name, limit="等于 0")
    quantity = values["g_qty"]
    if isinstance(price, Decimal) and isinstance(total, Decimal) and isinstance(quantity, Decimal):
        product = price * quantity
        if abs(product - total) > max(CENT, total * PRICE_TOLERANCE):
            row.say("amount.product", "decl_total", read=f"{product.normalize():f}")
    return values


def _verdict(row: RowCheck) -> dict[str, object]:
    """The officer's verdict and its reasons (rule 11)."""
    text = row.label("verdict")
    conforming = VERDICTS.get(text) if isinstance(text, str) else None
    if text == "":
        row.say("field.blank", "verdict")
    elif isinstance(text, str) and conforming is None:
        row.say("verdict.form", "verdict")
    codes = _reason_codes(row)
    reason = row.label("reason_text")
    auditor = row.label("auditor")
    if isinstance(reason, str) and len(reason) > REASON_TEXT_LENGTH:
        row.say("reason_text.length", "reason_text")
    if isinstance(auditor, str) and len(auditor) > AUDITOR_LENGTH:
        row.say("auditor.length", "auditor")
    if conforming is False and codes == () and reason == "":
        row.say("verdict.no_reason", "verdict")
    if conforming and (codes or reason):
        row.say("verdict.needless_reason", "verdict")
    return {
        "conforming": conforming,
        "reason_codes": codes,
        "reason_text": reason,
        "auditor": auditor,
    }


def _reason_codes(row: RowCheck) -> tuple[str, ...] | Faulty:
    text = row.label("reason_code")
    if isinstance(text, Faulty):
        return FAULTY
    codes = tuple(dict.fromkeys(re.findall(r"[^\s,;、，；/|]+", text.upper())))
    if any(not re.fullmatch("R[0-9]{2}", code) for code in codes):
        row.say("reason_code.form", "reason_code")
        return FAULTY
    unknown = [code for code in codes if code not in code_tables.reasons()]
    if unknown:
        row.say("reason_code.unknown", "reason_code", read="、".join(unknown))
    return codes
