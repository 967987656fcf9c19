"""Rules on what a line declares: its code, name and g_model.

What these texts mean is warned about and never rejected (declarations/rules.py says why).
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from catalogue.checks.wording import (
    ANTI_DUMPING,
    BRAND_TYPE_CODES,
    CHINESE,
    FILLERS,
    VAGUE_NAMES,
    brand_texts,
    export_benefits_of,
)
from declarations.cells import FAULTY, Faulty, RowCheck

TEXT_LENGTH = 255
# 品牌类型 and 出口享惠情况 have been due since this day (the 填制规范 as amended for 2018).
LEADING_CODES_SINCE = datetime.date(2018, 1, 1)
MISSING_CHAPTER = "77"

Editions = Mapping[int, Mapping[str, int]]
Note = tuple[str, dict[str, object]]


def has_control(text: str) -> bool:
    """Whether a text holds control characters (line breaks and tabs too) or lone surrogates."""
    return any(unicodedata.category(char) in ("Cc", "Cs") for char in text)


def check_goods(
    row: RowCheck, ie_flag: str | Faulty, declared_on: datetime.date | Faulty, editions: Editions
) -> dict[str, object]:
    """The code, the name and the g_model, with what they mean (rules 4, 5 and 6)."""
    year = declared_on.year if isinstance(declared_on, datetime.date) else 0
    hs_code = check_hs_code(row, year, editions)
    g_name, g_model = check_text(row, "g_name"), check_text(row, "g_model")
    if g_name and g_model and isinstance(ie_flag, str):
        count = editions.get(year, {}).get(hs_code[:8]) if hs_code else None
        check_meaning(row, g_name, g_model, ie_flag, (year, count) if count else None)
    return {"hs_code": hs_code, "g_name": g_name, "g_model": g_model}


def check_hs_code(row: RowCheck, year: int, editions: Editions) -> str | Faulty:
    """The ten-digit code (rule 4); a thirteen-digit one loses its 检验检疫编码.

    `editions` are the catalogues in force: year → eight-digit code → number of elements.
    """
    code = row.repairable_code("hs_code", (10, 13))
    if isinstance(code, Faulty):
        return FAULTY
    if not code:
        row.say("field.blank", "hs_code")
        return FAULTY
    if not re.fullmatch(r"[0-9]{10}(?:[0-9]{3})?", code):
        row.say("hs_code.form", "hs_code")
        return FAULTY
    code, chapter = code[:10], code[:2]
    if chapter in ("00", MISSING_CHAPTER):
        return FAULTY if row.say("hs_code.chapter", "hs_code", read=chapter) else code
    if chapter in ("98", "99"):
        row.say("hs_code.chapter_98_99", "hs_code", read=chapter)
    elif year in editions and code[:8] not in editions[year]:
        if any(found.rule == "code.zero_padded" for found in row.findings_of("hs_code")):
            # Nine digits that no zero turns into a code of the catalogue lost something else.
            row.say("hs_code.form", "hs_code")
            return FAULTY
        row.say("hs_code.not_in_catalogue", "hs_code", read=code[:8], year=year)
    return code


def check_text(row: RowCheck, name: str) -> str | Faulty:
    """g_name or g_model, byte for byte: not empty, not over-long, no control characters."""
    text = row.text(name)
    if isinstance(text, Faulty):
        return FAULTY
    if not text.strip():
        row.say("field.blank", name)
    elif not text.isprintable() and has_control(text):
        row.say(f"{name}.control", name)
    elif len(text.strip()) <= TEXT_LENGTH or not row.say(f"{name}.length", name):
        return text
    return FAULTY


def check_meaning(
    row: RowCheck,
    g_name: str,
    g_model: str,
    ie_flag: str,
    elements: tuple[int, int] | None,
) -> None:
    """Rules 5 and 6 on sound texts; `elements` is (edition's year, number of elements) if known."""
    for rule, facts in _name_notes(g_name):
        row.say(rule, "g_name", **facts)
    for rule, facts in _model_notes(g_model, ie_flag, elements):
        row.say(rule, "g_model", **facts)


@lru_cache(maxsize=20_000)
def _name_notes(g_name: str) -> tuple[Note, ...]:
    if not CHINESE.search(g_name):
        return (("g_name.no_chinese", {}),)
    return (("g_name.vague", {}),) if g_name.strip() in VAGUE_NAMES else ()


@lru_cache(maxsize=20_000)
def _model_notes(g_model: str, ie_flag: str, elements: tuple[int, int] | None) -> tuple[Note, ...]:
    notes: list[Note] = []
    if "｜" in g_model:
        notes.append(("g_model.full_width_bar", {}))
    parts = [part.strip() for part in g_model.split("|")]
    if parts[-1].startswith("<") and parts[-1].endswith(">"):
        if not ANTI_DUMPING.fullmatch(parts[-1]):
            notes.append(("g_model.anti_dumping", {}))
        parts = parts[:-1]
    notes += _leading_code_notes(parts, ie_flag)
    if elements:
        notes += _part_count_notes(parts, *elements)
    notes += [
        ("g_model.filler_part", {"read": number, "part": part})
        for number, part in enumerate(parts, start=1)
        if number > 2 and part in FILLERS
    ]
    return tuple(notes)


def _leading_code_notes(parts: list[str], ie_flag: str) -> list[Note]:
    brand_type = parts[0] if parts else ""
    if brand_type not in BRAND_TYPE_CODES:
        return [("g_model.brand_type", {})]
    notes: list[Note] = []
    if brand_type == "3" and ie_flag == "I":
        notes.append(("g_model.brand_type_export_only", {}))
    benefit = parts[1] if len(parts) > 1 else ""
    if benefit not in export_benefits_of(ie_flag):
        notes.append(("g_model.export_benefit", {}))
    return notes + _brand_notes(brand_type, parts[2:])


def _brand_notes(brand_type: str, parts: list[str]) -> list[Note]:
    """Rule 6: a 品牌类型 of 0 denies a brand, any other asserts one; the parts may say otherwise."""
    absent, named = brand_texts(parts)
    if brand_type == "0" and named and not absent:
        return [("g_model.brand_denied", {"part": named[0]})]
    if brand_type != "0" and absent and not named:
        return [("g_model.brand_absent", {"read": brand_type, "part": absent[0]})]
    return []


def _part_count_notes(parts: list[str], year: int, count: int) -> list[Note]:
    expected = 2 + count
    if len(parts) < expected:
        return [("g_model.few_parts", {"count": len(parts), "year": year, "expected": expected})]
    return [
        ("g_model.blank_part", {"read": number})
        for number, part in enumerate(parts[:expected], start=1)
        if number > 2 and not part
    ]
