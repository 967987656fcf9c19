"""Rules on a declaration's head: its number, its parties, its date and modes (rules 2, 3, 7, 8, 9)."""

from __future__ import annotations

import datetime
import re

from authorization.codes import is_customs_code, uscc_problem
from declarations import code_tables
from declarations.cells import FAULTY, Faulty, RowCheck
from declarations.dates import is_serial, parse_date
from declarations.identifiers import (
    EntryId,
    is_broker_code,
    parse_entry_id,
)

FIRST_DAY = datetime.date(2000, 1, 1)
LAST_G_NO = 32767
USUAL_LAST_G_NO = 50
NAME_LENGTH = 70
IE_FLAGS = {"I": "I", "E": "E", "1": "I", "0": "E", "进口": "I", "出口": "E"}


def check_entry_id(row: RowCheck, today: datetime.date) -> tuple[str, EntryId] | None:
    """报关单号 (rule 2): its text and parts, or None where an error leaves no reading."""
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


def check_entry_id_against_head(
    row: RowCheck,
    entry: EntryId,
    ie_flag: str | Faulty,
    custom_master: str | Faulty,
) -> None:
    """Rule 2: what the 报关单号 repeats must agree with the declaration's head."""
    if isinstance(ie_flag, str) and entry.ie_flag != ie_flag:
        row.say("entry_id.ie_flag", "entry_id", read=str(row.cells["entry_id"]).strip()[8])
    if isinstance(custom_master, str) and entry.customs != custom_master:
        row.say("entry_id.custom_master", "entry_id", read=custom_master)


def check_years(row: RowCheck, entry_id: object, declared_on: object) -> None:
    """Rule 2: the year in a 报关单号 that could be read is that of the 申报日期."""
    entry = parse_entry_id(entry_id) if isinstance(entry_id, str) else None
    if entry and isinstance(declared_on, datetime.date) and declared_on.year != entry.year:
        row.say("entry_id.year_differs", "entry_id", read=declared_on.isoformat())


def check_custom_master(row: RowCheck, entry: EntryId | None) -> str | Faulty:
    """申报地海关; where it isn't given, the 报关单号 begins with it."""
    code = row.repairable_code("custom_master", (4,))
    if code == "":
        return entry.customs if entry else FAULTY
    if isinstance(code, str) and (not re.fullmatch("[0-9]{4}", code) or code.endswith("00")):
        row.say("custom_master.form", "custom_master")
        return FAULTY
    return code


def check_g_no(row: RowCheck) -> int | Faulty:
    """项号 (rule 3): a whole number from 1, beyond 50 doubtful."""
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


def check_ie_flag(row: RowCheck) -> str | Faulty:
    """进出口标志 (rule 7): I or E, also written 1, 0, 进口 or 出口."""
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


def check_trade_mode(row: RowCheck) -> str | Faulty:
    """监管方式 (rule 7): four digits that the code table holds."""
    code = row.repairable_code("trade_mode", (4,))
    if isinstance(code, Faulty):
        return FAULTY
    if not code:
        row.say("field.blank", "trade_mode")
    elif not re.fullmatch("[0-9]{4}", code):
        row.say("trade_mode.form", "trade_mode")
    elif code in code_tables.trade_modes() or not row.say("trade_mode.unknown", "trade_mode"):
        return code
    return FAULTY


def check_declared_on(row: RowCheck, today: datetime.date) -> datetime.date | Faulty:
    """申报日期 (rule 8): any form that files carry, from 2000-01-01 to today."""
    cell = row.sound("declared_on")
    if isinstance(cell, Faulty):
        return FAULTY
    if cell is None or cell == "":
        row.say("field.blank", "declared_on")
        return FAULTY
    date = parse_date(cell)
    if date is None:
        row.say("declared_on.form", "declared_on")
        return FAULTY
    if is_serial(cell):
        row.say("declared_on.serial", "declared_on", read=date.isoformat())
    kept_out = (date > today and row.say("declared_on.future", "declared_on")) or (
        date < FIRST_DAY and row.say("declared_on.early", "declared_on")
    )
    return FAULTY if kept_out else date


def check_parties(row: RowCheck) -> dict[str, object]:
    """Codes and names of 申报单位 and 境内收发货人 (rule 9): at least one code of each."""
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
