"""Changes of exactly one fact: each takes (name, g_model) and gives a text that states another.

A change gives None where the text has nothing that it could change.
"""

import random
import re
import string

from benchmarks.changing.forms import Change, Texts, in_part, spellings

_OTHER_SIZE = [
    ["毫米", "厘米", "分米", "米", "千米", "微米"],
    ["mm", "cm", "dm", "m", "km", "μm", "nm"],
    ["MM", "CM", "KM"],
    ["毫升", "升"], ["ml", "L"], ["ML", "L"],
    ["毫克", "克", "千克", "吨"], ["mg", "g", "kg", "t"], ["MG", "KG"],
    ["毫瓦", "瓦", "千瓦", "兆瓦"], ["W", "kW", "mW", "MW"],
    ["毫伏", "伏", "千伏"], ["V", "kV", "mV"],
    ["毫安", "安"], ["mA", "A"], ["毫安时", "安时"], ["mAh", "Ah"], ["W", "Wh"], ["V", "VA"],
    ["赫兹", "千赫", "兆赫"], ["Hz", "kHz", "MHz", "GHz"],
    ["帕", "千帕", "兆帕"], ["Pa", "kPa", "MPa", "bar"], ["巴", "兆帕"],
    ["平方米", "平方厘米", "立方米"], ["m²", "m³"], ["㎡", "㎥"],
    ["英寸", "英尺", "厘米"], ["℃", "℉"], ["欧", "千欧"], ["N.M", "KN.M"], ["牛", "千牛"],
    ["GB", "MB", "TB", "Gb"], ["转/分", "转/秒"], ["秒", "分钟", "小时"], ["分特", "旦"],
]  # fmt: skip
_OPPOSITES = [
    "左右", "前后", "上下", "内外", "男女", "热冷", "鲜冻", "单双", "软硬", "干湿", "大小", "长短",
    "粗细", "公母", "正反", "黑白", "红蓝", "铁铜", "铝锌", "棉麻", "甲乙", "钠钾", "氯溴", "牛羊",
    "鸡鸭", "虾蟹", "松杉", "高低", "横纵", "入出", "阴阳", "凸凹", "圆方", "旧新",
]  # fmt: skip
_WORDS = [
    ("针织", "机织"), ("家用", "商用"), ("直流", "交流"), ("成人", "儿童"), ("聚乙烯", "聚丙烯"),
    ("不锈钢", "铝合金"), ("涤纶", "锦纶"), ("汽油", "柴油"), ("塑料", "橡胶"), ("带壳", "去壳"),
    ("带骨", "去骨"), ("黄铜", "青铜"), ("手动", "电动"), ("室内", "室外"), ("进口", "国产"),
    ("无线", "有线"), ("含糖", "无糖"), ("整条", "切块"), ("平纹", "斜纹"), ("漂白", "染色"),
]  # fmt: skip
_NEGATIONS = ["非", "未", "不", "无"]
_BRANDS = ["美的牌", "海尔牌", "飞利浦牌", "PANASONIC牌", "西门子牌", "品牌：博世", "TOTO"]
_AFFIXES = ["电动", "便携式", "仿真", "迷你"], ["支架", "包装盒", "零件", "配件", "总成"]


def _digit(rng: random.Random, part: str) -> str | None:
    places = [m.start() for m in re.finditer("[0-9]", part)]
    if not places:
        return None
    at = rng.choice(places)
    new = rng.choice([d for d in string.digits if d != part[at]])
    return part[:at] + new + part[at + 1 :]


def _decimal(rng: random.Random, part: str) -> str | None:
    found = re.search(r"(\d+)\.(\d+)", part)
    return part[: found.start()] + found[1] + found[2] + part[found.end() :] if found else None


def _unit(rng: random.Random, part: str) -> str | None:
    known = "|".join(re.escape(u) for u in sorted(spellings(), key=len, reverse=True))
    found = list(re.finditer(rf"(?<=\d)({known})(?![A-Za-z\d·²³.特时安顿/每])", part))
    rng.shuffle(found)
    for one in found:
        groups = [group for group in _OTHER_SIZE if one[1] in group]
        if groups:
            new = rng.choice([u for u in rng.choice(groups) if u != one[1]])
            return part[: one.start()] + new + part[one.end() :]
    return None


def _is_code(part: str) -> bool:
    return re.fullmatch(r"[A-Za-z\d][A-Za-z\d/. -]{3,}", part) is not None and any(
        c.isdigit() for c in part
    )


def _code(rng: random.Random, part: str) -> str | None:
    if not _is_code(part):
        return None
    at = rng.choice([i for i, c in enumerate(part) if c.isalnum()])
    kind = rng.choice(["letter", "drop", "add", "exchange", "hyphen"])
    if kind == "letter":
        new = rng.choice([c for c in string.ascii_uppercase if c != part[at].upper()])
        return part[:at] + new + part[at + 1 :]
    if kind == "drop":
        return part[:at] + part[at + 1 :]
    if kind == "add":
        return part[:at] + rng.choice("ABX0159") + part[at:]
    if kind == "hyphen":
        return part.replace("-", "", 1) if "-" in part else f"{part[:2]}-{part[2:]}"
    pairs = [
        i for i in range(len(part) - 1) if part[i : i + 2].isalnum() and part[i] != part[i + 1]
    ]
    if not pairs:
        return None
    at = rng.choice(pairs)
    return part[:at] + part[at + 1] + part[at] + part[at + 2 :]


def _brand(rng: random.Random, part: str) -> str | None:
    is_brand = part.endswith("牌") or part.startswith("品牌")
    return rng.choice([b for b in _BRANDS if b != part]) if is_brand else None


def _none(rng: random.Random, part: str) -> str | None:
    """None of another kind, or of one language only."""
    if part in {"无品牌", "无牌", "无中文及外文品牌"}:
        return rng.choice(["无型号", "无中文品牌", "无外文品牌", "无"])
    if part in {"无型号", "无规格型号"}:
        return rng.choice(["无品牌", "无货号", "无规格"])
    return None


def _opposite(rng: random.Random, part: str) -> str | None:
    pairs = [tuple(pair) for pair in _OPPOSITES] + _WORDS
    pairs += [(b, a) for a, b in pairs]
    found = [(a, b) for a, b in pairs if a in part]
    if not found:
        return None
    a, b = rng.choice(found)
    return part.replace(a, b, 1)


def _negate(rng: random.Random, part: str) -> str | None:
    if not re.search("[\u4e00-\u9fff]", part) or part in {"是", "否", "有", "无"}:
        return None
    for word in _NEGATIONS:
        if part.startswith(word) and len(part) > 2:
            return part[1:]
    return rng.choice(_NEGATIONS[:3]) + part


def _yes_no(rng: random.Random, part: str) -> str | None:
    return {"是": "否", "否": "是", "有": "无"}.get(part)


def _share(rng: random.Random, part: str) -> str | None:
    shares = list(re.finditer(r"\d+(?:\.\d+)?(?=[%％])", part))
    if not shares:
        return None
    if len(shares) > 1 and shares[0][0] != shares[1][0] and rng.random() < 0.6:
        a, b = shares[:2]
        return part[: a.start()] + b[0] + part[a.end() : b.start()] + a[0] + part[b.end() :]
    one = rng.choice(shares)
    return part[: one.start()] + str(float(one[0]) + 1).removesuffix(".0") + part[one.end() :]


def _bound(rng: random.Random, part: str) -> str | None:
    found = re.search(r"[≤≥±<>]|不超过|不低于|不小于|约", part)
    if found:
        new = {"≤": "<", "≥": ">", "<": "≤", ">": "≥", "不超过": "超过"}.get(found[0], "")
        return part[: found.start()] + rng.choice([new, ""]) + part[found.end() :]
    found = re.search(
        r"(?<![A-Za-z\d./×*xX~-])\d+(?:\.\d+)?(?=毫米|厘米|千克|kg|mm|cm|瓦|W|%|℃)", part
    )
    return (
        part[: found.start()] + rng.choice(["≤", "≥", "约", "-", "±"]) + part[found.start() :]
        if found
        else None
    )


def _dimension(rng: random.Random, part: str) -> str | None:
    found = re.search(r"(?<![A-Za-z\d.])(\d+(?:\.\d+)?)([*xX×])(\d+(?:\.\d+)?)", part)
    if not found or found[1] == found[3]:
        return None
    new = rng.choice([f"{found[3]}{found[2]}{found[1]}", f"{found[1]}+{found[3]}", found[1]])
    return part[: found.start()] + new + part[found.end() :]


def _list(rng: random.Random, part: str) -> str | None:
    """A list without one of its items, or in another order (it is no composition)."""
    items = re.split("[,，、;；]", part)
    # In which order both languages are said to have no brand is form.
    if (
        len(items) < 2
        or items[0].startswith("无")
        or "%" in part
        or "％" in part
        or len(set(items)) < len(items)
    ):
        return None
    if rng.random() < 0.5:
        items.pop(rng.randrange(len(items)))
    else:
        items[0], items[1] = items[1], items[0]
    return "，".join(items)


def _raised(rng: random.Random, part: str) -> str | None:
    for old, new in (("²", "³"), ("³", "²"), ("½", "¼"), ("m2", "m3")):
        if old in part:
            return part.replace(old, new, 1)
    return None


def _name(rng: random.Random, texts: Texts) -> Texts | None:
    before, after = _AFFIXES
    name = rng.choice(before) + texts[0] if rng.random() < 0.5 else texts[0] + rng.choice(after)
    return name, texts[1]


def _empty(rng: random.Random, texts: Texts) -> Texts | None:
    parts = texts[1].split("|")
    filled = [i for i, part in enumerate(parts) if i > 1 and part.strip()]
    if not filled:
        return None
    parts[rng.choice(filled)] = ""
    return texts[0], "|".join(parts)


def _swap(rng: random.Random, texts: Texts) -> Texts | None:
    parts = texts[1].split("|")
    pairs = [
        i
        for i in range(2, len(parts) - 1)
        if parts[i].strip() and parts[i + 1].strip() and parts[i].strip() != parts[i + 1].strip()
        and not (parts[i].startswith("无") and parts[i + 1].startswith("无"))
    ]  # fmt: skip
    if not pairs:
        return None
    i = rng.choice(pairs)
    parts[i], parts[i + 1] = parts[i + 1], parts[i]
    return texts[0], "|".join(parts)


def _leading(place: int, codes: str) -> Change:
    def changed(rng: random.Random, texts: Texts) -> Texts | None:
        parts = texts[1].split("|")
        if len(parts) <= place or parts[place] not in codes:
            return None
        parts[place] = rng.choice([c for c in codes if c != parts[place]])
        return texts[0], "|".join(parts)

    return changed


FACTS: dict[str, Change] = {
    "d_digit": in_part(_digit),
    "d_decimal": in_part(_decimal),
    "d_unit": in_part(_unit),
    "d_code": in_part(_code),
    "d_brand": in_part(_brand),
    "d_none": in_part(_none),
    "d_opposite": in_part(_opposite),
    "d_negate": in_part(_negate),
    "d_yes_no": in_part(_yes_no),
    "d_share": in_part(_share),
    "d_bound": in_part(_bound),
    "d_dimension": in_part(_dimension),
    "d_list": in_part(_list),
    "d_raised": in_part(_raised),
    "d_name": _name,
    "d_empty": _empty,
    "d_swap": _swap,
    "d_brand_type": _leading(0, "01234"),
    "d_benefit": _leading(1, "0123"),
}
