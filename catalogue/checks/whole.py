"""Checks on the whole string: its name, leading codes, number of parts, bars and anti-dumping tail."""

from __future__ import annotations

import re
from collections.abc import Mapping

from catalogue.checks.rules import Finding, finding
from catalogue.checks.wording import (
    ANTI_DUMPING,
    BRAND_TYPE_CODES,
    CHINESE,
    VAGUE_NAMES,
    brand_is_named,
    brand_texts,
    export_benefits_of,
    has_other_script,
)
from catalogue.elements import BRAND_TYPES, EXPORT_BENEFITS, Part, PartKind, Reading
from catalogue.hints import unbracketed

_TAIL_LIKE = re.compile(r"\s*[<＜〈《].*[>＞〉》]\s*", re.DOTALL)
_MAKER_WILL_DO = "无品牌请申报厂商"


def check_whole(reading: Reading, ie_flag: str, name: str) -> list[Finding]:
    """What is wrong with the name and with the string as a whole."""
    found = _check_name(name)
    found += _check_bars(reading)
    found += _check_leading(reading, ie_flag)
    found += _check_count(reading)
    found += _check_tail(reading)
    return found


def _check_name(name: str) -> list[Finding]:
    text = name.strip()
    if not text:
        return []
    if not CHINESE.search(text):
        return [finding("name_no_chinese", {}, element="", part=None)]
    if text in VAGUE_NAMES:
        return [finding("name_vague", {"value": text}, element="", part=None)]
    return []


def _check_bars(reading: Reading) -> list[Finding]:
    if "｜" in reading.separators or any("｜" in part.value for part in reading.parts):
        return [finding("full_width_bar", {}, element="", part=None)]
    return []


def _check_leading(reading: Reading, ie_flag: str) -> list[Finding]:
    brand_type, brand_at = _first(reading, PartKind.BRAND_TYPE)
    benefit, benefit_at = _first(reading, PartKind.EXPORT_BENEFIT)
    if brand_type is None:
        return _check_no_codes(reading, ie_flag)
    found = []
    code = _code_of(brand_type, BRAND_TYPES)
    if code not in BRAND_TYPE_CODES:
        found.append(
            finding(
                "brand_type_form", {"value": code or "空"}, element=brand_type.name, part=brand_at
            )
        )
    elif code == "3" and ie_flag == "I":
        found.append(finding("brand_type_export_only", {}, element=brand_type.name, part=brand_at))
    value = _code_of(benefit, EXPORT_BENEFITS) if benefit else ""
    if value not in export_benefits_of(ie_flag):
        wanted = (
            "进口填3（不适用于进口报关单）"
            if ie_flag == "I"
            else "出口填0（不享受）、1（享受）或2（不能确定）"
        )
        facts: dict[str, object] = {"value": value or "空", "wanted": wanted}
        found.append(finding("export_benefit", facts, element="出口享惠情况", part=benefit_at))
    if code in BRAND_TYPE_CODES:
        found += _check_brand(reading, code)
    return found


def _check_no_codes(reading: Reading, ie_flag: str) -> list[Finding]:
    first = reading.parts[0].value.strip() if reading.parts else ""
    second = reading.parts[1].value.strip() if len(reading.parts) > 1 else ""
    if re.fullmatch("[5-9]|", first) and re.fullmatch("[0-3]", second):
        return [finding("brand_type_form", {"value": first}, element="品牌类型", part=0)]
    benefit = "3" if ie_flag == "I" else "0"
    return [finding("leading_codes_missing", {"benefit": benefit}, element="", part=None)]


def _check_brand(reading: Reading, code: str) -> list[Finding]:
    """品牌类型 against the brand's text: the brand element, and what other parts say of a brand."""
    texts = [part.value.strip() for part in reading.parts]
    absent, told = brand_texts(texts[2:])
    at = _brand_element(reading)
    if at is not None and reading.is_certain:
        part = reading.parts[at]
        named = brand_is_named(part.value)
        if named is None or (named and _MAKER_WILL_DO in part.name):
            return []
        # Lists of other years shift the brand: one that another part denies or names is believed.
        if (absent and named and not told) or (told and not named):
            return []
        return _brand_findings(code, named, texts[at], part.name, at)
    if code == "0" and told and not absent:
        return _brand_findings(code, True, told[0], "", texts.index(told[0], 2))
    if code != "0" and absent and not told:
        return _brand_findings(code, False, absent[0], "", texts.index(absent[0], 2))
    return []


def _brand_element(reading: Reading) -> int | None:
    """The part of the goods' own brand: the first one, others speak of an engine or a control."""
    for index, part in enumerate(reading.parts):
        if (
            part.kind is PartKind.ELEMENT
            and "品牌" in part.name
            and "品牌" in unbracketed(part.name)
        ):
            return index
    return None


def _brand_findings(code: str, named: bool, text: str, element: str, at: int) -> list[Finding]:
    if code == "0" and named and not has_other_script(text):
        return [finding("brand_denied", {"value": text}, element=element, part=at)]
    if code != "0" and not named:
        facts: dict[str, object] = {"brand_type": code, "meaning": BRAND_TYPES[code], "value": text}
        return [finding("brand_absent", facts, element=element, part=at)]
    return []


def _check_count(reading: Reading) -> list[Finding]:
    if not reading.names or reading.is_certain:
        return []  # where the reading is certain the missing elements are named one by one
    leading = {PartKind.BRAND_TYPE, PartKind.EXPORT_BENEFIT, PartKind.ANTI_DUMPING}
    count = sum(part.kind not in leading for part in reading.parts)
    if count >= len(reading.names):
        return []
    missing = "".join(f"“{unbracketed(element.name)}”" for element in reading.missing())
    likely = f"，可能缺{missing}" if missing else ""
    facts: dict[str, object] = {"count": count, "expected": len(reading.names), "likely": likely}
    return [finding("parts_few", facts, element="", part=None)]


def _check_tail(reading: Reading) -> list[Finding]:
    for index in range(len(reading.parts) - 1, max(len(reading.parts) - 3, -1), -1):
        part = reading.parts[index]
        text = part.value.strip()
        if not text:
            continue
        if _TAIL_LIKE.fullmatch(text) and not ANTI_DUMPING.fullmatch(text):
            return [finding("anti_dumping_tail", {}, element=part.name, part=index)]
        return []
    return []


def _code_of(part: Part, meanings: Mapping[str, str]) -> str:
    """The code of a leading part, also where it is written as its meaning or in full width."""
    value = part.value.strip()
    if value in meanings or not part.meaning:
        return value
    return next((code for code, meaning in meanings.items() if meaning == part.meaning), value)


def _first(reading: Reading, kind: PartKind) -> tuple[Part | None, int | None]:
    for index, part in enumerate(reading.parts[:3]):
        if part.kind is kind:
            return part, index
    return None, None
