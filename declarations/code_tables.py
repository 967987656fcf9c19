"""The customs code tables that a declaration is checked against and shown with.

Each table is a tab-separated file in ``declarations/data`` holding only the codes and columns that
the portal uses. Sources: 监管方式代码表 of 2018 with the codes announced since (9710 and 9810: 海关总署
公告 2020 年第 75 号; 9500: 2019 年第 58 号) and 0139, which older declarations carry; 国别（地区）代码表 and
货币代码表 of 2018 beside the three-digit numbers used before; 计量单位代码表. Of 关区代码表 only Liaoning is
held, so that an unknown customs district is a warning and never an error.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"

UNPLACED_COUNTRY_NUMBERS = {
    # Before 2018 territories without a number of their own were declared under a shared one.
    "326": "NOR",
    "399": "ZEU",
    "499": "ZSA",
    "699": "ZOC",
    "701": "ZZZ",
}


def _rows(file_name: str) -> list[dict[str, str]]:
    with (DATA / file_name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def trade_modes() -> dict[str, str]:
    """监管方式: four digits → Chinese name."""
    return {row["code"]: row["name"] for row in _rows("trade_modes.tsv")}


@cache
def units() -> dict[str, str]:
    """计量单位: three digits → Chinese name."""
    return {row["code"]: row["name"] for row in _rows("units.tsv")}


@cache
def customs_districts() -> dict[str, str]:
    """关区: four digits → Chinese short name; only the districts of Liaoning are held."""
    return {row["code"]: row["name"] for row in _rows("customs_districts.tsv")}


@cache
def countries() -> dict[str, str]:
    """国别（地区）: three letters, or an old number that no letters stand for → Chinese name."""
    return {row["letters"] or row["number"]: row["name"] for row in _rows("countries.tsv")}


@cache
def currencies() -> dict[str, str]:
    """币制: three letters → Chinese name."""
    return {row["letters"]: row["name"] for row in _rows("currencies.tsv")}


@cache
def reasons() -> dict[str, str]:
    """Why a row was judged 不规范: R and two digits → Chinese name (the portal's own list)."""
    return {row["code"]: row["name"] for row in _rows("reasons.tsv")}


@cache
def _units_by_name() -> dict[str, str]:
    return {name: code for code, name in units().items()}


@cache
def _country_readings() -> dict[str, str]:
    """Every way to write a country (letters, old number, name) → the code that is kept."""
    readings: dict[str, str] = {}
    letters_of: dict[str, list[str]] = {}
    for row in _rows("countries.tsv"):
        code = row["letters"] or row["number"]
        readings[code] = readings[row["name"]] = code
        letters_of.setdefault(row["number"], []).append(code)
    for number, codes in letters_of.items():
        # A number shared by several territories stays a number unless it means "others of ...":
        # picking one of them would declare an origin that nobody declared.
        readings[number] = (
            codes[0] if len(codes) == 1 else UNPLACED_COUNTRY_NUMBERS.get(number, number)
        )
    return readings


@cache
def _currency_readings() -> dict[str, str]:
    readings: dict[str, str] = {}
    for row in _rows("currencies.tsv"):
        readings[row["letters"]] = readings[row["number"]] = readings[row["name"]] = row["letters"]
    return readings


def country_code(text: str) -> str | None:
    """The kept code for a country written as letters, old three-digit number or Chinese name.

    Returns three letters; the three-digit number itself where it meant several territories at
    once; None for anything that is not in the table.
    """
    return _country_readings().get(text.upper())


def currency_code(text: str) -> str | None:
    """The three letters for a currency written as letters, old number or Chinese name, or None."""
    return _currency_readings().get(text.upper())


def unit_code(text: str) -> str | None:
    """The three digits for a unit written as digits or as its Chinese name, or None."""
    return text if text in units() else _units_by_name().get(text)


def trade_mode_name(code: str) -> str:
    """``"0110"`` → ``"一般贸易"``; a code that the table lacks is returned as it is."""
    return trade_modes().get(code, code)


def country_name(code: str) -> str:
    """``"DEU"`` → ``"德国"``; a code that the table lacks is returned as it is."""
    return countries().get(code, code)


def currency_name(code: str) -> str:
    """``"USD"`` → ``"美元"``; a code that the table lacks is returned as it is."""
    return currencies().get(code, code)


def unit_name(code: str) -> str:
    """``"035"`` → ``"千克"``; a code that the table lacks is returned as it is."""
    return units().get(code, code)


def customs_district_name(code: str) -> str:
    """``"0901"`` → ``"大连港湾"``; a code that the table lacks is returned as it is."""
    return customs_districts().get(code, code)


def reason_name(code: str) -> str:
    """``"R01"`` → ``"要素缺失"``; a code that the table lacks is returned as it is."""
    return reasons().get(code, code)
