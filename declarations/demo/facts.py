"""One fact changed: what a comparison must always take for a difference.

Each change is a function from a good to another good, or None where the good holds nothing of that
kind. The kinds are the facts that count: every number with its unit, every letter and digit of a
model, brand, material and share, negation, opposites, 品牌类型, 出口享惠情况, the name, an element
left empty, two elements in each other's place.
"""

import re
from collections.abc import Callable
from random import Random

from declarations.demo.brands import brand_pools
from declarations.demo.elements import (
    LEADING,
    bare_name,
    named_parts,
    parts_of,
    places_named,
    with_part,
    with_parts,
)
from declarations.demo.phrasebook import Goods

Change = Callable[[Goods, Random], Goods | None]

_UNIT_SIZES = {
    "千克": "克", "毫升": "升", "毫米": "厘米", "厘米": "毫米", "千瓦": "瓦",
    "克": "千克", "瓦": "千瓦", "伏": "千伏", "升": "毫升", "兆帕": "千帕",
}  # fmt: skip
_UNIT = re.compile(r"(?<=\d)(" + "|".join(_UNIT_SIZES) + r")(?![时·])")
_MATERIALS = {
    "聚丙烯": "聚乙烯", "聚乙烯": "聚丙烯", "聚碳酸酯": "聚丙烯", "尼龙": "聚丙烯", "棉": "麻",
    "涤纶": "锦纶", "锦纶": "涤纶", "羊毛": "腈纶", "不锈钢": "碳钢", "碳钢": "不锈钢", "铁": "铜",
    "铝合金": "锌合金", "锌合金": "铝合金", "橡胶": "塑料", "塑料": "橡胶", "木制": "竹制",
    "竹制": "木制", "瓷制": "陶制", "牛皮革": "羊皮革", "桦木": "杨木", "杨木": "桦木",
    "丁腈": "氟硅", "花岗岩": "大理石", "合金钢": "不锈钢",
}  # fmt: skip
_OPPOSITES = {
    "男式": "女式", "女式": "男式", "左": "右", "右": "左", "前": "后", "后": "前",
    "针织": "机织", "机织": "针织", "带骨": "去骨", "去骨": "带骨", "带壳": "去壳", "去壳": "带壳",
    "手动": "自动", "内六角": "外六角", "外六角": "内六角", "长裤": "短裤", "短裤": "长裤",
    "长袖": "短袖", "短袖": "长袖", "热轧": "冷轧", "冷轧": "热轧", "鲜": "干", "家用": "商用",
    "黑": "白", "红": "白",
}  # fmt: skip
_OPPOSITE = re.compile("|".join(sorted(_OPPOSITES, key=len, reverse=True)))
_MATERIAL = re.compile("|".join(sorted(_MATERIALS, key=len, reverse=True)))
_NEGATION = re.compile(r"^(未|非|不)(?=[一-鿿]{2,}$)")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def _digit(goods: Goods, rng: Random) -> Goods | None:
    """Another digit in a number; the percentages of a composition are for `share`."""
    places = [
        place for place, _, text in named_parts(goods) if re.search(r"\d", text) and "%" not in text
    ]
    if not places:
        return None
    place = rng.choice(places)
    text = parts_of(goods)[place]
    at = rng.choice([n for n, c in enumerate(text) if c.isdecimal()])
    lead = at == 0 or not text[at - 1].isdecimal()
    return with_part(goods, place, text[:at] + _other_digit(text[at], rng, lead) + text[at + 1 :])


def _other_digit(digit: str, rng: Random, lead: bool) -> str:
    """Another digit; never a leading 0, which would say the same as no digit."""
    return rng.choice([c for c in "0123456789"[lead:] if c != digit])


def _code(goods: Goods, rng: Random) -> Goods | None:
    """Another letter in a model, article or part number."""
    for place in places_named(goods, "型号", "货号", "款号", "零部件编号", "钢号", "厂号"):
        text = parts_of(goods)[place]
        letters = [n for n, c in enumerate(text) if c in _LETTERS]
        if letters and re.search(r"\d", text):
            at = rng.choice(letters)
            other = rng.choice(_LETTERS.replace(text[at], ""))
            return with_part(goods, place, text[:at] + other + text[at + 1 :])
    return None


def _unit(goods: Goods, rng: Random) -> Goods | None:
    """A unit of another size."""
    for place, _, text in named_parts(goods):
        if _UNIT.search(text):
            other = _UNIT.sub(lambda found: _UNIT_SIZES[found[1]], text, count=1)
            return with_part(goods, place, other)
    return None


def _brand(goods: Goods, rng: Random) -> Goods | None:
    """Another brand, or a brand where there was none."""
    for place in places_named(goods, "品牌"):
        text = parts_of(goods)[place]
        brands = [brand for pool in brand_pools().values() for brand in pool]
        other = rng.choice([b for b in brands if b.latin not in text and b.chinese not in text])
        return with_part(goods, place, f"{other.latin}牌")
    return None


def _brand_type(goods: Goods, rng: Random) -> Goods | None:
    kinds = "04" if goods.ie_flag == "I" else "013"
    return with_part(goods, 0, rng.choice(kinds.replace(parts_of(goods)[0], "")))


def _benefit(goods: Goods, rng: Random) -> Goods | None:
    if goods.ie_flag == "I":
        return None
    return with_part(goods, 1, rng.choice("012".replace(parts_of(goods)[1], "")))


def _material(goods: Goods, rng: Random) -> Goods | None:
    for place in places_named(goods, "材质", "材料", "成分"):
        text = parts_of(goods)[place]
        if _MATERIAL.search(text):
            other = _MATERIAL.sub(lambda found: _MATERIALS[found[0]], text, count=1)
            if sorted(other) != sorted(text):
                return with_part(goods, place, other)
    return None


def _share(goods: Goods, rng: Random) -> Goods | None:
    """Two ingredients with each other's share: it still adds up to 100."""
    for place in places_named(goods, "成分", "填充物", "纤维"):
        text = parts_of(goods)[place]
        shares = re.findall(r"\d+(?:\.\d+)?(?=%)", text)
        if len(set(shares)) > 1:
            first = shares[0]
            second = next(share for share in shares if share != first)
            return with_part(goods, place, _swapped_shares(text, first, second))
    return None


def _swapped_shares(text: str, first: str, second: str) -> str:
    swap = {first: second, second: first}
    return re.sub(r"\d+(?:\.\d+)?(?=%)", lambda found: swap.get(found[0], found[0]), text)


def _negate(goods: Goods, rng: Random) -> Goods | None:
    """Without the 非, 未 or 不 that stood before."""
    for place, name, text in named_parts(goods):
        if _NEGATION.search(text) and "款式" not in name:
            return with_part(goods, place, _NEGATION.sub("", text))
    return None


def _affirm(goods: Goods, rng: Random) -> Goods | None:
    """With a 非 that did not stand there."""
    for place, name, text in named_parts(goods):
        if (
            "是否" in bare_name(name)
            and re.fullmatch(r"[一-鿿]{2,}", text)
            and not _NEGATION.search(text)
        ):
            if text.startswith(("无", "是", "已", "经")):
                continue
            return with_part(goods, place, "非" + text)
    return None


def _opposite(goods: Goods, rng: Random) -> Goods | None:
    found = [
        (place, text)
        for place, name, text in named_parts(goods)
        if _OPPOSITE.search(text) and "品牌" not in bare_name(name)
    ]
    if not found:
        return None
    place, text = rng.choice(found)
    return with_part(goods, place, _OPPOSITE.sub(lambda m: _OPPOSITES[m[0]], text, count=1))


def _name(goods: Goods, rng: Random) -> Goods | None:
    change = rng.choice(("{}零件", "{}包装盒", "便携式{}", "旧{}"))
    return goods._replace(name=change.format(goods.name))


def _empty(goods: Goods, rng: Random) -> Goods | None:
    """An element that said something left empty, but not the last: that may be a short string."""
    places = [place for place, _, text in named_parts(goods) if text][:-1]
    return with_part(goods, rng.choice(places), "") if places else None


def _swap(goods: Goods, rng: Random) -> Goods | None:
    """Two neighbouring elements in each other's place."""
    parts = parts_of(goods)
    places = [
        n
        for n in range(LEADING, len(parts) - 1)
        if parts[n] and parts[n + 1] and parts[n] != parts[n + 1]
    ]
    if not places:
        return None
    at = rng.choice(places)
    parts[at], parts[at + 1] = parts[at + 1], parts[at]
    return with_parts(goods, parts)


CHANGES: dict[str, Change] = {
    "digit": _digit,
    "code": _code,
    "unit": _unit,
    "brand": _brand,
    "brand_type": _brand_type,
    "benefit": _benefit,
    "material": _material,
    "share": _share,
    "negate": _negate,
    "affirm": _affirm,
    "opposite": _opposite,
    "name": _name,
    "empty": _empty,
    "swap": _swap,
}


def change_fact(goods: Goods, rng: Random) -> tuple[Goods, str]:
    """A good that differs from `goods` in exactly one fact, and the kind of that fact.

    Some change always applies: `brand_type` does to every phrasebook good.
    """
    for kind in rng.sample(tuple(CHANGES), len(CHANGES)):
        other = CHANGES[kind](goods, rng)
        if other is not None and other != goods:
            return other, kind
    raise ValueError(f"没有可以改变的申报内容：{goods.hs_code} {goods.name}")
