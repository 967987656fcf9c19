"""Write numbers, units, dimensions and symbols in one way, without changing any size.

Works on normalised text (declarations.normalise). The units are data/units.tsv: a unit written
another way with the same size (厘米, CM, cm). A unit of another size is another unit: nothing is
converted, 3厘米 does not become 30毫米. mW, MW and the like are told apart by the case that
normalising keeps; a spelling that fits both (mw) stays as it is.
"""

import csv
import re
import unicodedata
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

from declarations.normalise import normalise_text

DATA = Path(__file__).parent / "data"

# Stands for the / of 25kg/袋 while other strokes are looked at.
PER = "\x01"
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
_CHINESE_NUMBER = "[〇零一二两三四五六七八九十百千]"
# 千克 behind 每 or 贰 is a kilogram, not a thousand grams.
_UNIT_OF_KILO = "克|米|瓦|伏|安|帕|牛|焦|卡|赫|欧|字节|乏|位"
# A unit in Latin letters ends where letters end, but 5cmx8cm has one too.
_UNIT_END = r"(?:(?![a-zA-Z0-9])|(?=[x×*]\d))"
_NO_LETTER_BEFORE = "(?<![a-zA-Z0-9.])"
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ROMAN = re.compile("(?<![a-zA-Z])[\u2160-\u217f](?![a-zA-Z\u2160-\u217f])")
_FORMULA = re.compile("(?<=[a-zA-Z)])[₀-₉]+")
_DIAMETER = re.compile(r"[Φø⌀∅Фф](?=\s?\d)")
_RANGE = re.compile(r"(?<=[0-9a-zA-Z%°²³μΩ\u4e00-\u9fff])~(?=\d)|(?<=[\d%°])(?:至|到)(?=\d)")
# 99%以上 is left alone: some mean 99% too, some do not.
_BOUNDS = {
    "≤": "不超过|不大于|不高于|不多于|小于等于|小于或等于|小于或者等于|<=|=<",
    "≥": "不小于|不低于|不少于|大于等于|大于或等于|大于或者等于|>=|=>",
    "<": "小于|低于",
    ">": "大于|高于|超过",
}
_BOUND = re.compile("(" + "|".join(_BOUNDS.values()) + r")(?= ?\d)")
_INCHES = re.compile(r'(?<![a-zA-Z"\d.])(\d+(?:\.\d+)?)"')
_ASCII_SIGNS = re.compile('[~=/"]')
# ST4.2*16mm: between two codes an x may be a letter, but not before millimetres.
_SCREW = re.compile(r"((?<![a-zA-Z\d])[a-z]{2,3}\d+(?:\.\d+)?) ?[x*×] ?(?=\d+(?:\.\d+)?mm)")
_TEN_THOUSAND = 10_000
# Units only behind a stroke: 100升/分.
_AFTER_SLASH = {"分": "min", "时": "h"}


def read_table(name: str) -> list[dict[str, str]]:
    """Read one of the data lists beside this module: tab-separated, with a header."""
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@cache
def _units() -> dict[str, str]:
    """How a unit stands after a number in normalised text → its symbol."""
    units: dict[str, str] = {}
    for row in read_table("units.tsv"):
        units[normalise_text("1" + row["written"])[1:]] = row["symbol"]
    return units


def alternatives(words: list[str]) -> str:
    """Give a pattern for the longest of some words; one in Latin letters ends where letters end."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(
        re.escape(word) + (_UNIT_END if word[-1].isascii() and word[-1].isalnum() else "")
        for word in longest_first
    )


@cache
def _unitalternatives() -> str:
    return alternatives(list(_units()))


@cache
def _after_number() -> re.Pattern[str]:
    return re.compile(rf"(\d[⁰¹²³⁴-⁹]*) ?({_unitalternatives()})(?: (?=\d))?")


@cache
def _per_unit() -> re.Pattern[str]:
    # Only behind a number with its unit: in 3%棉/PA树脂 the / divides a list, PA is no pascal.
    of_what = "[a-zA-Z·°²³μΩ\u4e00-\u9fff]{1,5}"
    after_slash = "|".join(_AFTER_SLASH)
    return re.compile(
        rf"(\d[⁰¹²³⁴-⁹]*{of_what}[/每]|每)({_unitalternatives()}|(?:{after_slash})(?![\u4e00-\u9fff]))"
    )


@cache
def _chinese_number() -> re.Pattern[str]:
    counted = "|".join(re.escape(row["word"]) for row in read_table("count_words.tsv"))
    number = _CHINESE_NUMBER
    return re.compile(
        rf"(?<![〇零一二两三四五六七八九十百千万亿点几数\d.])(第?)(?!千(?:{_UNIT_OF_KILO}))"
        rf"({number}+?(?:点{number}+)?)(万?)(?={_unitalternatives()}|{counted})"
        rf"|百分之({number}+(?:点{number}+)?|\d+(?:\.\d+)?)"
        rf"|(?<![\d.])(\d+(?:\.\d{{1,4}})?)万(?={_unitalternatives()}|{counted})"
    )


@cache
def _dimensions() -> re.Pattern[str]:
    counted = "|".join(re.escape(row["word"]) for row in read_table("count_words.tsv"))
    symbols = alternatives(sorted(set(_units().values())))
    measured = rf"(?:{symbols}|{counted})"
    operand = rf"[a-zφ]?\d+(?:\.\d+)?(?:{measured}(?:/{measured})?)?"
    return re.compile(rf"{_NO_LETTER_BEFORE}{operand}(?: ?[x×*] ?{operand})+(?![a-zA-Z0-9])")


def write_numerals(text: str) -> str:
    """Write Chinese numerals before a unit or count word in digits: 九十厘米 → 90厘米, 两件 → 2件."""
    if not re.search(_CHINESE_NUMBER, text) and "万" not in text:
        return text
    return _chinese_number().sub(_in_digits, text)


def write_units(text: str) -> str:
    """Write each unit after a number, its / or 每 by its symbol: 3 厘米 → 3cm, 5克/平方米 → 5g/m².

    A space between a unit and the next number goes too: normalising has taken it away beside a
    Chinese unit.
    """
    text = _after_number().sub(lambda found: found[1] + _units()[found[2]], text)
    if "/" in text or "每" in text:
        text = _per_unit().sub(_per, text)
    return text


def _per(found: re.Match[str]) -> str:
    """Write what stands behind / or 每 by its symbol, and the 每 of 120g每平方米 as /."""
    before = found[1]
    if before.endswith("每") and len(before) > 1:
        before = before[:-1] + "/"
    return before + (_units().get(found[2]) or _AFTER_SLASH[found[2]])


def write_dimensions(text: str) -> str:
    """Write the sign between dimensions as ×: 12*8cm, 12x8cm → 12×8cm. Model numbers stay."""
    if re.search("[x*×]", text):
        text = _dimensions().sub(_one_sign, text)
        text = _SCREW.sub(r"\1×", text)
    return _range_with_units().sub(r"\1-\3\2", text) if "-" in text else text


def protect_per(text: str) -> str:
    """Write the / or 每 between a quantity and what is counted (25kg/袋, 12瓶每箱) as PER."""
    if "/" not in text and "每" not in text:
        return text
    return _per_count().sub(rf"\1{PER}", text)


@cache
def _per_count() -> re.Pattern[str]:
    counted = "|".join(re.escape(row["word"]) for row in read_table("count_words.tsv"))
    symbols = alternatives(sorted(set(_units().values())))
    return re.compile(rf"(\d(?:{symbols}|{counted}))[/每](?=(?:{counted})(?![\u4e00-\u9fff]))")


def write_slashes_between_quantities(text: str) -> str:
    """Write the / between two numbers with units as 、: 230v/50hz; not in 60km/h or 5/8."""
    if "/" not in text:
        return text
    return _slash_between().sub("、", text)


def quantity_of(text: str) -> str:
    """Tell what a text that begins with a number and its unit measures (length); else nothing."""
    found = _leading_quantity().match(write_units(text))
    return unit_sizes()[found[1]].quantity if found else ""


class UnitSize(NamedTuple):
    """What a unit measures, its size in the quantity's base unit, its Chinese name."""

    quantity: str
    factor: Fraction
    name: str


@cache
def unit_sizes() -> dict[str, UnitSize]:
    """The unit symbols that `write_units` writes → their sizes: data/unit_sizes.tsv."""
    return {
        row["symbol"]: UnitSize(row["quantity"], Fraction(row["factor"]), row["name"])
        for row in read_table("unit_sizes.tsv")
    }


@cache
def _leading_quantity() -> re.Pattern[str]:
    return re.compile(
        rf"[≤≥<>约±]?\d+(?:[.,]\d+)*(?:-\d+(?:\.\d+)?)?({alternatives([*unit_sizes()])})"
    )


@cache
def _slash_between() -> re.Pattern[str]:
    symbols = alternatives(sorted(set(_units().values())))
    # No look-behind of changing width: a unit ends in one of these, digits stand before it.
    return re.compile(
        rf"(?<![a-zA-Z\d.])(?<=[a-zA-Z°Ω²³%])/(?=\d+(?:\.\d+)?(?:{symbols}))"
        rf"|(?<=\d[a-zA-Z%°Ω])/(?=\d+(?:\.\d+)?(?:{symbols}))"
        rf"|(?<=\d[a-zA-Z]{{2}})/(?=\d+(?:\.\d+)?(?:{symbols}))"
        rf"|(?<=\d[a-zA-Z]{{3}})/(?=\d+(?:\.\d+)?(?:{symbols}))"
    )


@cache
def _range_with_units() -> re.Pattern[str]:
    symbols = alternatives(sorted(set(_units().values())))
    return re.compile(rf"(?<![a-zA-Z\d.])(\d+(?:\.\d+)?)({symbols})-(\d+(?:\.\d+)?)\2{_UNIT_END}")


def _one_sign(found: re.Match[str]) -> str:
    """Write × between the operands, and a unit that all of them have only once, at the end."""
    operands = re.split(r" ?[x×*] ?(?=[a-zφ]?\d)", found[0])
    units = {_operand_unit(operand) for operand in operands}
    if len(units) == 1:
        unit = units.pop()
        operands = [operand.removesuffix(unit) for operand in operands[:-1]] + operands[-1:]
    return "×".join(operands)


def _operand_unit(operand: str) -> str:
    found = re.search(r"\D*\Z", operand)
    unit = found[0] if found else ""
    return unit if unit in _symbols() else ""


@cache
def _symbols() -> frozenset[str]:
    return frozenset(_units().values())


def write_symbols(text: str) -> str:
    """Write one sign for one meaning: ⅱ → ii, co₂ → co2, Φ20 → φ20, >= → ≥, 5~10 → 5-10."""
    if text.isascii() and not _ASCII_SIGNS.search(text):
        return text
    text = _ROMAN.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = _FORMULA.sub(lambda found: found[0].translate(_SUBSCRIPTS), text)
    text = _DIAMETER.sub("φ", text).replace("+/-", "±")
    text = _BOUND.sub(lambda found: _bound_signs()[found[1]], text)
    if text.count('"') == len(_INCHES.findall(text)):
        text = _INCHES.sub(r"\1in", text)
    return _RANGE.sub("-", text)


@cache
def _bound_signs() -> dict[str, str]:
    return {word: sign for sign, words in _BOUNDS.items() for word in words.split("|")}


def _in_digits(found: re.Match[str]) -> str:
    ordinal, number, ten_thousands, percent, mixed = found.groups()
    if mixed:
        return _plain(Fraction(mixed) * _TEN_THOUSAND)
    if percent and percent[0].isascii():
        return f"{percent}%"
    whole, _, fraction = (number or percent).partition("点")
    value = chinese_value(whole)
    if value is None or any(c not in _DIGITS for c in fraction) or (whole == "零" and not fraction):
        return found[0]
    digits = "".join(str(_DIGITS[c]) for c in fraction)
    written = f"{value}{'.' + digits if digits else ''}"
    if percent:
        return f"{written}%"
    if ten_thousands:
        written = _plain(Fraction(written) * _TEN_THOUSAND)
    return f"{ordinal}{written}"


def _plain(number: Fraction) -> str:
    """Write a number with at most ten decimals, without those that say nothing."""
    return f"{float(number):.10f}".rstrip("0").rstrip(".")


def chinese_value(numeral: str) -> int | None:
    """Read a Chinese numeral below ten thousand (九十, 一百零五, 二〇二一); None where it is not one.

    一百二 is not read: some mean 120, some 102.
    """
    if all(c in _DIGITS for c in numeral):
        digits = "".join(str(_DIGITS[c]) for c in numeral)
        # 二三片 are two or three; 二〇 is a number.
        estimate = len(digits) in {2, 3} and "0" not in digits
        return int(digits) if len(digits) == 1 or not (digits[0] == "0" or estimate) else None
    total, digit, last_power, has_zero = 0, None, 10_000, False
    for character in numeral:
        if character in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[character]
            has_zero = has_zero or digit == 0
            continue
        power = _POWERS[character]
        if power >= last_power or (digit == 0 and power != 10):
            return None
        total += (digit or 1) * power
        digit, last_power, has_zero = None, power, False
    if digit and last_power > 10 and not has_zero:
        return None
    return total + (digit or 0)
