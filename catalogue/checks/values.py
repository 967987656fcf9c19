"""Checks on single values: units, packages, uses, models, prefixes, full-width codes."""

import re
import unicodedata

from catalogue.checks.plan import Asked, Fault, advice_of
from catalogue.word_lists import measured_words, words

_BARE_NUMBER = re.compile(r"[\d.,\-~×*xX/+±<>≤≥=() 至到]*\d[\d.,\-~×*xX/+±<>≤≥=() 至到]*")
_UNIT_IN_NAME = re.compile(
    r"毫米|厘米|英寸|平方米|立方米|克重|百分|%|℃|微米|千克|公斤|分辨率|比重|指数|年份|日期|号码|规格型号|包装规格"
)
_FULL_WIDTH = re.compile("[！-～]+")
_FULL_WIDTH_LETTER = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_SPEC = re.compile(
    r"\d\s*(?:mm|cm|m\b|km|寸|毫米|厘米|米|升|毫升|ml|l\b|克|千克|kg|g\b|瓦|千瓦|w\b|kw|v\b|伏|a\b|安|片|张|码|\"|英寸|吨|%)"
    r"|\d\s*[*×xX]\s*\d|[大中小]号|(?<![A-Z])[SMLX]+(?:码|$)|均码|规格",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"型号|货号|款号|(?=[A-Z0-9\-/.]*[A-Z])(?=[A-Z0-9\-/.]*\d)[A-Z0-9\-/.]{3,}|[A-Z]{3,}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d|[一二两三四五六七八九十百千]")
_LOOSE = re.compile(r"散装|裸装|液袋|吨袋|集装袋|罐车|槽车|[无非未]")
_USE_AFFIXES = re.compile(r"^(?:用于|供|主要用于|适用于|作)|[。.]$")


def check_unit(asked: Asked, text: str) -> Fault | None:
    """A bare number where a weight, size, power, voltage ... is asked."""
    value = unicodedata.normalize("NFKC", text).strip()
    if not _BARE_NUMBER.fullmatch(value):
        return None
    return Fault("unit_missing", {"units": units_of(asked)})


def units_of(asked: Asked) -> str:
    """The units that a measured element is written in; empty for one that is not measured."""
    if asked.hint.unit or _UNIT_IN_NAME.search(asked.name) or "号" in asked.hint.text:
        return ""
    for word, units in measured_words().items():
        if asked.bare.endswith(word) or (word in asked.bare and asked.bare.startswith(word)):
            return units
    return ""


def check_package(asked: Asked, text: str) -> Fault | None:
    """包装规格: how much in each, how many in the package; goods in bulk have none."""
    value = unicodedata.normalize("NFKC", text).upper()
    if _LOOSE.search(value):
        return None
    if _NUMBER.search(value) and any(word in value for word in words("container")):
        return None
    return Fault("package_incomplete", {})


def check_use(asked: Asked, text: str) -> Fault | None:
    """A use that holds for anything: 工业用, 机器用; in the hint's own words it is an answer."""
    value = unicodedata.normalize("NFKC", text).strip()
    value = _USE_AFFIXES.sub("", value)
    vague = words("vague_use")
    if value not in vague and f"{value}用" not in vague:
        return None
    if value in asked.hint.options or f"{value}用" in asked.hint.options:
        return None
    return Fault("use_vague", {})


def check_machine(asked: Asked, text: str) -> Fault | None:
    """用途（适用于××品牌××机）: the machine, or at least a kind of machine."""
    value = unicodedata.normalize("NFKC", text)
    if re.search(r"[A-Za-z0-9牌]|^[适通]用于..", value) or any(
        word in value for word in words("machine")
    ):
        return check_use(asked, text)
    return Fault("use_without_machine", {})


def check_model_and_spec(asked: Asked, text: str) -> Fault | None:
    """规格型号: both, each in words where there is none."""
    value = unicodedata.normalize("NFKC", text)
    has_spec = bool(_SPEC.search(value))
    has_model = bool(_MODEL.search(_SPEC.sub(" ", value)))
    if has_model and not has_spec:
        return Fault("model_incomplete", {"present": "型号", "missing": "规格", "none": "无规格"})
    if has_spec and not has_model:
        return Fault("model_incomplete", {"present": "规格", "missing": "型号", "none": "无型号"})
    return None


def check_full_width(asked: Asked, text: str) -> Fault | None:
    """Full-width letters and digits in a code."""
    if text.isascii() or not _FULL_WIDTH_LETTER.search(text):
        return None
    found = _FULL_WIDTH.findall(text)
    return Fault("full_width_code", {"found": "".join(found)[:20]})


def filler_fault(asked: Asked) -> Fault:
    """A filler where a value is due, with what to write instead."""
    return Fault("filler", {"advice": advice_of(asked.bare)})
