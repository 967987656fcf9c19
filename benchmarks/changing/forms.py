"""Changes of form: each takes (name, g_model) and gives another way to write the same facts.

A change gives None where the text has nothing that it could change.
"""

import random
import re
from collections.abc import Callable
from functools import cache

from opencc import OpenCC

Texts = tuple[str, str]
Change = Callable[[random.Random, Texts], Texts | None]

# Ways to write one unit, the size being the same.
UNITS = [
    ["毫米", "mm", "MM", " mm", "㎜"],
    ["厘米", "cm", "CM", "公分", " CM", "㎝"],
    ["分米", "dm", "DM"],
    ["米", "m", "M", "公尺"],
    ["千米", "km", "KM", "公里"],
    ["微米", "μm", "um", "UM", "µm"],
    ["纳米", "nm"],
    ["英寸", "inch", "INCH", "吋", "英吋"],
    ["英尺", "ft", "FT"],
    ["平方米", "m²", "㎡", "m2", "平米", "M2"],
    ["平方厘米", "cm²", "cm2", "CM2"],
    ["平方毫米", "mm²", "mm2", "MM2"],
    ["立方米", "m³", "m3", "M3", "㎥"],
    ["立方厘米", "cm³", "cm3", "cc"],
    ["毫升", "ml", "mL", "ML", " ml"],
    ["升", "L", "l", "公升", " L"],
    ["毫克", "mg", "MG"],
    ["克", "g", " g"],
    ["千克", "kg", "KG", "公斤", "Kg", " KG", "㎏"],
    ["吨", "t", "公吨"],
    ["盎司", "oz", "OZ"],
    ["磅", "lb", "LB"],
    ["瓦", "W", "w", "瓦特", " W"],
    ["千瓦", "kW", "KW", "kw"],
    ["毫瓦", "mW"],
    ["兆瓦", "MW"],
    ["伏", "V", "v", "伏特", " V"],
    ["千伏", "kV", "KV"],
    ["毫伏", "mV"],
    ["安", "A", "安培"],
    ["毫安", "mA", "MA"],
    ["毫安时", "mAh", "MAH", "mah", "毫安小时"],
    ["安时", "Ah", "AH"],
    ["瓦时", "Wh", "WH"],
    ["千瓦时", "kWh", "KWH"],
    ["千伏安", "kVA", "KVA"],
    ["赫兹", "Hz", "HZ", "赫"],
    ["千赫", "kHz", "KHZ"],
    ["兆赫", "MHz", "MHZ", "兆赫兹"],
    ["吉赫", "GHz", "GHZ"],
    ["欧", "Ω", "欧姆"],
    ["千欧", "kΩ", "KΩ"],
    ["微法", "μF", "uF", "UF"],
    ["皮法", "pF", "PF"],
    ["帕", "Pa", "PA"],
    ["千帕", "kPa", "KPA", "Kpa"],
    ["兆帕", "MPa", "MPA", "Mpa"],
    ["巴", "bar", "BAR", "Bar"],
    ["牛", "N", "牛顿"],
    ["千牛", "kN", "KN"],
    ["牛·米", "N·m", "N.m", "N.M", "牛米", "牛顿米"],
    ["℃", "摄氏度", "°C", " ℃"],
    ["分贝", "dB", "DB"],
    ["流明", "lm", "LM"],
    ["转/分", "rpm", "r/min", "转/分钟", "RPM", "转每分钟"],
    ["秒", "s"],
    ["分钟", "min", "MIN"],
    ["小时", "h", "H"],
    ["千卡", "kcal", "大卡", "KCAL"],
    ["焦", "J", "焦耳"],
    ["千焦", "kJ", "KJ"],
    ["马力", "hp", "HP"],
    ["GB", "gb", "吉字节"],
    ["分特", "dtex", "DTEX"],
    ["旦", "D", "旦尼尔"],
    ["目", "mesh"],
    ["加仑", "gal"],
]
_NO_BRAND = [
    "无品牌", "无牌", "无中文及外文品牌", "无中外文品牌", "无中文品牌、无外文品牌",
    "无中文品牌，无外文品牌", "没有品牌", "无任何品牌", "无外文及中文品牌", "无中文品牌/无外文品牌",
    "无中文及外文名称", "无牌子", "无中文品牌和外文品牌", "无中、外文品牌", "品牌：无",
]  # fmt: skip
_NO_MODEL = [
    "无型号", "无规格型号", "无型号规格", "型号：无", "没有型号", "无规格、型号", "无具体型号",
]  # fmt: skip
_DIGITS = "零一二三四五六七八九"
_COUNTED = "层片件个只套条支瓶盒袋包相档级位"


@cache
def spellings() -> dict[str, list[str]]:
    """Each way to write a unit → the other ways."""
    return {
        one.strip(): [other for other in group if other.strip() != one.strip()]
        for group in UNITS
        for one in group
    }


@cache
def _quantity() -> re.Pattern[str]:
    units = "|".join(re.escape(u) for u in sorted(spellings(), key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z\d./-])(\d+(?:\.\d+)?) ?({units})(?![A-Za-z\d·²³.特时安顿頓/])")


@cache
def _traditional() -> OpenCC:
    return OpenCC("s2t")


def in_part(change: Callable[[random.Random, str], str | None]) -> Change:
    """Apply a change of one part to a part chosen at random among those that it can change."""

    def changed(rng: random.Random, texts: Texts) -> Texts | None:
        name, g_model = texts
        parts = g_model.split("|")
        for place in rng.sample(range(2, len(parts)), max(0, len(parts) - 2)):
            new = change(rng, parts[place]) if parts[place] else None
            if new is not None and new != parts[place]:
                parts[place] = new
                return name, "|".join(parts)
        return None

    return changed


def _unit(rng: random.Random, part: str) -> str | None:
    found = list(_quantity().finditer(part))
    if not found:
        return None
    one = rng.choice(found)
    return part[: one.start(2)] + rng.choice(spellings()[one[2]]) + part[one.end() :]


def _numeral(rng: random.Random, part: str) -> str | None:
    counted = rf"(?<![\d.A-Za-z,*×~-])(\d{{1,3}})(?=[{_COUNTED}]|厘米|毫米|千克|克|瓦|升|伏)"
    found = list(re.finditer(counted, part))
    if not found:
        return None
    one = rng.choice(found)
    return part[: one.start()] + in_chinese(int(one[1])) + part[one.end() :]


def in_chinese(number: int) -> str:
    """Write a number below 1,000 in Chinese: 25 → 二十五, 105 → 一百零五."""
    if number < 10:
        return _DIGITS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
    hundreds, rest = divmod(number, 100)
    said = _DIGITS[hundreds] + "百"
    if not rest:
        return said
    if rest < 10:
        return said + "零" + _DIGITS[rest]
    return said + ("一" if rest < 20 else "") + in_chinese(rest)


def _dimension(rng: random.Random, part: str) -> str | None:
    if not re.search(r"\d(?:cm|mm|CM|MM|厘米|毫米)?[*xX×]\d", part):
        return None
    sign = rng.choice(["*", "×", "x", "X", " * ", "＊"])
    return re.sub(r"(?<=[\dmM米])[*xX×](?=\d)", sign, part)


def _brand_none(rng: random.Random, part: str) -> str | None:
    return rng.choice(_NO_BRAND) if part in _NO_BRAND else None


def _model_none(rng: random.Random, part: str) -> str | None:
    return rng.choice(_NO_MODEL) if part in _NO_MODEL else None


def _use(rng: random.Random, part: str) -> str | None:
    if re.search(r"[,，、;；&]", part):
        return None
    if re.fullmatch(r"[\u4e00-\u9fff]{1,12}用", part) and part[-2] not in "专通使作备":
        use = part[:-1]
    elif re.fullmatch(r"用于[\u4e00-\u9fff]{2,14}", part) and not part.endswith("用"):
        use = part[2:]
    else:
        return None
    return rng.choice([f"用于{use}", f"供{use}使用", f"供{use}用", f"{use}用", f"用途：用于{use}"])


def _label(rng: random.Random, part: str) -> str | None:
    if re.search("[:：]", part):
        return None
    if part.endswith("牌") or part in _NO_BRAND:
        label = rng.choice(["品牌", "品牌名称"])
    elif re.fullmatch(r"[A-Za-z\d/-]*\d[A-Za-z\d/-]*", part) and re.search("[A-Za-z]", part):
        label = rng.choice(["型号", "规格型号", "货号", "产品型号"])
    elif part.endswith("用"):
        label = "用途"
    elif "%" in part:
        label = rng.choice(["成分含量", "成分", "成份"])
    elif _quantity().search(part):
        label = "规格"
    elif re.fullmatch("[\u4e00-\u9fff]{1,4}", part) and part not in {"是", "否", "有", "无"}:
        label = rng.choice(["材质", "种类", "加工方法", "状态", "类型"])
    else:
        return None
    return label + rng.choice(["：", ":", ": "]) + part


def _separator(rng: random.Random, part: str) -> str | None:
    if re.search(r"\d[,，]\d", part) or not re.search("[,，、；;]", part):
        return None
    return (
        re.sub("[,，、；;] ?", lambda _: new, part)
        if (new := rng.choice(["，", "、", "；", ", ", ";"]))
        else None
    )


_SHARE = re.compile(r"(\d+(?:\.\d+)?)[%％]([\u4e00-\u9fffA-Za-z]+)")


def _items(part: str) -> list[tuple[str, str]] | None:
    rest = _SHARE.sub("", part)
    items = [(m[1], m[2]) for m in _SHARE.finditer(part)]
    return items if items and not rest.strip(" ,，、+;；/") else None


def _composition(rng: random.Random, part: str) -> str | None:
    items = _items(part)
    if not items or len(items) < 2:
        return None
    rng.shuffle(items)
    style = rng.choice(["{0}%{1}", "{1}{0}%", "{1}:{0}%", "{1}（{0}%）", "{0}％{1}"])
    between = rng.choice(["+", "、", "，", ",", ";", "/", " "])
    return between.join(style.format(*item) for item in items)


def _percent(rng: random.Random, part: str) -> str | None:
    items = _items(part)
    if not items or len(items) > 1:
        return None
    return rng.choice(["{1}{0}%", "{1} {0}%", "{1}{0}％", "{1}:{0}%"]).format(*items[0])


def _bound(rng: random.Random, part: str) -> str | None:
    words = {
        "≤": ["不超过", "不大于", "小于等于", "<="],
        "≥": ["不小于", "不低于", "大于等于", ">="],
    }
    for sign, others in words.items():
        for written in (sign, *others):
            if re.search(re.escape(written) + r"\d", part):
                return part.replace(
                    written, rng.choice([o for o in (sign, *others) if o != written])
                )
    return None


def _range(rng: random.Random, part: str) -> str | None:
    new = rng.choice(["-", "~", "～", "至", "—"])
    found = re.sub(
        r"(?<![A-Za-z\d.-])(\d+(?:\.\d+)?)[-~～](\d+(?:\.\d+)?)(?=[%％\u4e00-\u9fffA-Za-z℃])(?![\d-])",
        rf"\1{new}\2",
        part,
    )
    return found if found != part else None


def _width(rng: random.Random, part: str) -> str | None:
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in part)


def _case(rng: random.Random, part: str) -> str | None:
    # Only of words that stand away from numbers, and of codes; 5mW is no place for it.
    if _quantity().search(part) or re.search(r"\d ?[A-Za-z]{1,4}(?![A-Za-z\d])", part):
        return None
    return "".join(c.swapcase() if c.isascii() else c for c in part)


def _space(rng: random.Random, texts: Texts) -> Texts | None:
    name, g_model = texts
    places = [m.start() + 1 for m in re.finditer(r"[\u4e00-\u9fff](?=[\u4e00-\u9fff])", g_model)]
    places = [p for p in places if "%" not in g_model[max(0, p - 12) : p + 12]]
    if not places:
        return None
    at = rng.choice(places)
    return name, f"{g_model[:at]} {g_model[at:]}"


def _tail(rng: random.Random, texts: Texts) -> Texts | None:
    return texts[0], texts[1] + rng.choice(["|", "||", " ", "|||", " | "])


def _script(rng: random.Random, texts: Texts) -> Texts | None:
    name, g_model = (_traditional().convert(text) for text in texts)
    return (name, g_model) if (name, g_model) != texts else None


FORMS: dict[str, Change] = {
    "f_unit": in_part(_unit),
    "f_numeral": in_part(_numeral),
    "f_dimension": in_part(_dimension),
    "f_no_brand": in_part(_brand_none),
    "f_no_model": in_part(_model_none),
    "f_use": in_part(_use),
    "f_label": in_part(_label),
    "f_separator": in_part(_separator),
    "f_composition": in_part(_composition),
    "f_percent": in_part(_percent),
    "f_bound": in_part(_bound),
    "f_range": in_part(_range),
    "f_width": in_part(_width),
    "f_case": in_part(_case),
    "f_space": _space,
    "f_tail": _tail,
    "f_script": _script,
}
