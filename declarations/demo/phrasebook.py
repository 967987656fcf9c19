"""The phrasebook of invented goods: templates for every element of a code, in official order.

The files under goods/ hold entries of this form (template.py describes the values):

    = 0303670000 I 千克 1.1-1.9 brand=0 pool=food from=RUS,USA
    商品名称: 冻狭鳕鱼 | 冻阿拉斯加狭鳕鱼
    制作或保存方法: 冻
    拉丁学名: Gadus chalcogrammus

The head line gives the ten-digit code, 进出口标志, 成交单位, a range of unit prices in US dollars,
the 品牌类型 that may occur, the pool of brands, and for imports the countries of origin. Each
following line is one element, labelled with the beginning of its official name, in the official
order; a test holds every label against the shipped catalogue.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from declarations.demo.brands import brand_text
from declarations.demo.parties import maker_names
from declarations.demo.template import Maker, Memory, Template

_FOLDER = Path(__file__).parent / "goods"
_NAME = "商品名称"
# 出口享惠情况 (报文格式说明, GModel): 3 is for imports only; exports take 0, 1 or 2.
_EXPORT_BENEFITS = ("0", "0", "0", "1", "2")
_DESTINATIONS = ("JPN", "KOR", "USA", "DEU", "RUS", "VNM", "NLD", "AUS", "GBR", "THA", "IND", "CAN")
_LATEST = date(2026, 10, 21)


class Goods(NamedTuple):
    """One declared good: ten-digit code, 进出口标志 (I or E), 商品名称, 规格型号."""

    hs_code: str
    ie_flag: str
    name: str
    g_model: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of goods of the phrasebook; prices are US dollars per `unit` (its Chinese name)."""

    hs_code: str
    ie_flag: str
    unit: str
    prices: tuple[float, float]
    brand_types: str
    pool: str
    countries: tuple[str, ...]
    name: Template
    labels: tuple[str, ...]
    values: tuple[Template, ...]
    makers: dict[str, Maker]
    asks: frozenset[str]  # what its templates want of the caller: brand, maker, gtin ...


class PhrasebookError(ValueError):
    """A file of the phrasebook is not in the form described above; names file and line."""


@cache
def entries() -> tuple[Entry, ...]:
    """All entries, in the order of the files."""
    found: list[Entry] = []
    for path in sorted(_FOLDER.glob("*.txt")):
        found.extend(_read(path))
    return tuple(found)


@cache
def entries_of(hs_code: str, ie_flag: str) -> tuple[Entry, ...]:
    """The entries of one ten-digit code and direction; none for goods that are not ours."""
    return tuple(e for e in entries() if e.hs_code == hs_code and e.ie_flag == ie_flag)


def make_goods(rng: Random, entry: Entry | None = None, on: date = _LATEST) -> Goods:
    """One invented good that obeys the catalogue; `on` is about when it is first declared.

    The same generator state, entry and date give the same good.
    """
    entry = entry or rng.choice(entries())
    brand_type = rng.choice(entry.brand_types)
    brand = brand_text(rng, brand_type, entry.pool)
    signed = on - timedelta(days=rng.randrange(20, 90))
    signed = signed.replace(day=(1, 11, 21)[signed.day % 3])
    given = {"brand": brand}
    if "maker" in entry.asks:
        given["maker"] = rng.choice(maker_names(entry.pool))
    if "date" in entry.asks or "date2" in entry.asks:
        given["date"] = f"{signed:%Y%m%d}"
        given["date2"] = f"{signed + timedelta(days=30):%Y%m%d}"
    if "gtin" in entry.asks:
        given["gtin"] = _gtin(rng)
    memory = Memory(rng, given, entry.makers)
    benefit = "3" if entry.ie_flag == "I" else rng.choice(_EXPORT_BENEFITS)
    name = entry.name.render(memory)
    values = [value.render(memory) for value in entry.values]
    return Goods(entry.hs_code, entry.ie_flag, name, "|".join([brand_type, benefit, *values]))


def _gtin(rng: Random) -> str:
    """A GTIN-13 of a prefix that GS1 never gives out (200-299 is for use inside a shop)."""
    digits = "29" + "".join(str(rng.randrange(10)) for _ in range(10))
    weighted = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits))
    return digits + str(-weighted % 10)


def _read(path: Path) -> list[Entry]:
    blocks: list[tuple[str, list[tuple[str, str]]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("= "):
            blocks.append((line[2:], []))
            continue
        label, colon, value = line.partition(": ")
        if not colon or not blocks:
            raise PhrasebookError(f"{path.name} 第 {number} 行：应为“要素: 取值”。")
        blocks[-1][1].append((label, value))
    return [_entry(path, head, lines) for head, lines in blocks]


def _entry(path: Path, head: str, lines: list[tuple[str, str]]) -> Entry:
    try:
        hs_code, ie_flag, unit, prices, *options = head.split()
        low, high = (float(price) for price in prices.split("-"))
        named = dict(option.split("=") for option in options)
        (label, name), *elements = lines
        if label != _NAME:
            raise ValueError(f"第一项应为“{_NAME}”")
        values = [Template(value) for _, value in elements]
        templates = [Template(name), *values]
        return Entry(
            hs_code,
            ie_flag,
            unit,
            (low, high),
            named["brand"].replace(",", ""),
            named["pool"],
            tuple(named["from"].split(",")) if "from" in named else _DESTINATIONS,
            templates[0],
            tuple(label for label, _ in elements),
            tuple(values),
            {key: maker for template in templates for key, maker in template.makers.items()},
            frozenset(re.findall(r"\{([a-z]\w*)\}", " ".join(t.source for t in templates))),
        )
    except (ValueError, KeyError) as error:
        raise PhrasebookError(f"{path.name} “{head}”：{error}") from error
