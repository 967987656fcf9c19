"""Rules on what an officer adds to a row: the verdict and its reasons (rule 11)."""

from __future__ import annotations

import re

from declarations import code_tables
from declarations.cells import FAULTY, Faulty, RowCheck

REASON_TEXT_LENGTH = 1000
AUDITOR_LENGTH = 64
VERDICTS = {"规范": True, "不规范": False}


def check_verdict(row: RowCheck) -> dict[str, object]:
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
    if conforming is False and codes == [] and reason == "":
        row.say("verdict.no_reason", "verdict")
    if conforming and (codes or reason):
        row.say("verdict.needless_reason", "verdict")
    return {
        "conforming": conforming,
        "reason_codes": codes,
        "reason_text": reason,
        "auditor": auditor,
    }


def _reason_codes(row: RowCheck) -> list[str] | Faulty:
    text = row.label("reason_code")
    if isinstance(text, Faulty):
        return FAULTY
    codes = list(dict.fromkeys(re.findall(r"[^\s,;、，；/|]+", text.upper())))
    if any(not re.fullmatch("R[0-9]{2}", code) for code in codes):
        row.say("reason_code.form", "reason_code")
        return FAULTY
    unknown = [code for code in codes if code not in code_tables.reasons()]
    if unknown:
        row.say("reason_code.unknown", "reason_code", read="、".join(unknown))
    return codes
