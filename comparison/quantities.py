"""Write numbers, units, dimensions and symbols in one way, without changing any size.

Works on normalised text (declarations.normalise). The units are data/units.tsv: a unit written
another way with the same size (厘米, CM, cm). A unit of another size is another unit: nothing is
converted, 3厘米 does not become 30毫米. mW, MW and the like are told apart by the case that
normalising keeps; a spelling that fits both (mw) stays as it is.
"""

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path

from declarations.normalise import normalise_text

DATA = Path(__file__).parent / "data"

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000}
_CHINESE_NUMBER = "[〇零一二两三四五六七八九十百千]"
# A unit in Latin letters ends where letters end, but 5cmx8cm has one too.
_UNIT_END = r"(?:(?![a-zA-Z0-9])|(?=[x×*]\d))"
_NO_LETTER_BEFORE = "(?<![a-zA-Z0-9.])"
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_ROMAN = re.compile("(?<![a-zA-Z])[\u2160-\u217f](?![a-zA-Z\u2160-\u217f])")
_FORMULA = re.compile("(?<=[a-zA-Z)])[₀-₉]+")
_DIAMETER = re.compile(r"[Φø⌀∅](?=\s?\d)")
_RANGE = re.compile(r"(?<=[0-9a-zA-Z%°²³μΩ])~(?=\d)")


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


def _alternatives(words: list[str]) -> str:
    """Match the longest of some words; those in Latin letters only where the letters end."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return "|".join(
        re.escape(word) + (_UNIT_END if word[-1].isascii() and word[-1].isalnum() else "")
        for word in longest_first
    )


@cache
def _unit_alternatives() -> str:
    return _alternatives(list(_units()))


@cache
def _after_number() -> re.Pattern[str]:
    return re.compile(rf"(\d[⁰¹²³⁴-⁹]*) ?({_unit_alternatives()})(?: (?=\d))?")


@cache
def _per_unit() -> re.Pattern[str]:
    # Only behind a number with its unit: in 3%棉/PA树脂 the / divides a list, PA is no pascal.
    of_what = "[a-zA-Z·°²³μΩ\u4e00-\u9fff]{1,5}"
    return re.compile(rf"(\d[⁰¹²³⁴-⁹]*{of_what}/|每)({_unit_alternatives()})")


@cache
def _chinese_number() -> re.Pattern[str]:
    counted = "|".join(re.escape(row["word"]) for row in read_table("count_words.tsv"))
    number = _CHINESE_NUMBER
    return re.compile(
        rf"(?<![〇零一二两三四五六七八九十百千万亿点\d.])({number}+?(?:点{number}+)?)"
        rf"(?=万?(?:{_unit_alternatives()}|{counted}))|百分之({number}+(?:点{number}+)?)"
    )


@cache
def _dimensions() -> re.Pattern[str]:
    counted = "|".join(re.escape(row["word"]) for row in read_table("count_words.tsv"))
    symbols = _alternatives(sorted(set(_units().values())))
    operand = rf"[a-zφ]?\d+(?:\.\d+)?(?:{symbols}|{counted})?"
    return re.compile(rf"{_NO_LETTER_BEFORE}{operand}(?: ?[x×*] ?{operand})+(?![a-zA-Z0-9])")


def write_numerals(text: str) -> str:
    """Write Chinese numerals before a unit or count word in digits: 九十厘米 → 90厘米, 两件 → 2件."""
    if not re.search(_CHINESE_NUMBER, text):
        return text
    return _chinese_number().sub(_in_digits, text)


def write_units(text: str) -> str:
    """Write each unit after a number, its / or 每 by its symbol: 3 厘米 → 3cm, 5克/平方米 → 5g/m².

    A space between a unit and the next number goes too: normalising has taken it away beside a
    Chinese unit.
    """
    text = _after_number().sub(lambda found: found[1] + _units()[found[2]], text)
    if "/" in text or "每" in text:
        text = _per_unit().sub(lambda found: found[1] + _units()[found[2]], text)
    return text


def write_dimensions(text: str) -> str:
    """Write the sign between dimensions as ×: 12*8cm, 12x8cm → 12×8cm. Model numbers stay."""
    if not re.search("[x*]", text):
        return text
    return _dimensions().sub(lambda found: re.sub(" ?[x×*] ?(?=[a-zφ]?\\d)", "×", found[0]), text)


def write_symbols(text: str) -> str:
    """Write one sign for one meaning: ⅱ → ii, co₂ → co2, Φ20 → φ20, >= → ≥, 5~10 → 5-10."""
    if text.isascii() and "~" not in text and "=" not in text:
        return text
    text = _ROMAN.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = _FORMULA.sub(lambda found: found[0].translate(_SUBSCRIPTS), text)
    text = _DIAMETER.sub("φ", text).replace(">=", "≥").replace("<=", "≤")
    return _RANGE.sub("-", text)


def _in_digits(found: re.Match[str]) -> str:
    chinese = found[1] or found[2]
    whole, _, fraction = chinese.partition("点")
    value = chinese_value(whole)
    if value is None or any(c not in _DIGITS for c in fraction):
        return found[0]
    digits = "".join(str(_DIGITS[c]) for c in fraction)
    return f"{value}{'.' + digits if digits else ''}{'%' if found[2] else ''}"


def chinese_value(numeral: str) -> int | None:
    """Read a Chinese numeral below ten thousand (九十, 一百零五, 二〇二一); None where it is not one.

    一百二 is not read: some mean 120, some 102.
    """
    if all(c in _DIGITS for c in numeral):
        digits = "".join(str(_DIGITS[c]) for c in numeral)
        return int(digits) if len(digits) == 1 or digits[0] != "0" else None
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
