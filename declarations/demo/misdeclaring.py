"""Typical non-conformances: what customs answers 不规范 to, with the reason codes R01 to R12.

Each fault takes a conforming good of the phrasebook and declares it badly, as declarants do; it
returns None where the good has no such element.
"""

import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from catalogue.shipped import element_names
from declarations.demo.elements import bare_name, named_parts, parts_of, places_named, with_part
from declarations.demo.phrasebook import Goods, entries


class Misdeclared(NamedTuple):
    """A good declared badly: the reason's code and the sentence that customs gives."""

    goods: Goods
    reason_code: str
    reason_text: str


Fault = Callable[[Goods, Random], Misdeclared | None]

_VAGUE_NAMES = ("零件", "配件", "附件", "样品", "其他")
_NO_BRAND = re.compile("无(品牌|牌|中文及外文品牌|中文品牌,无外文品牌)(；|$)")


def _missing(goods: Goods, rng: Random) -> Misdeclared | None:
    found = [
        (place, name)
        for place, name, text in named_parts(goods)
        if text and not re.search("品牌|型号|货号|款号", bare_name(name))
    ]
    if len(found) < 2:
        return None
    place, name = rng.choice(found[:-1])
    text = f"申报要素“{bare_name(name)}”未申报。"
    return Misdeclared(with_part(goods, place, ""), "R01", text)


def _no_brand(goods: Goods, rng: Random) -> Misdeclared | None:
    for place in places_named(goods, "品牌"):
        if not _NO_BRAND.match(parts_of(goods)[place]):
            text = "有品牌的商品未申报品牌名称。"
            return Misdeclared(with_part(goods, place, ""), "R02", text)
    return None


def _no_model(goods: Goods, rng: Random) -> Misdeclared | None:
    for place in places_named(goods, "型号", "货号", "款号", "零部件编号"):
        name = bare_name(element_names(goods.hs_code)[place - 2])
        if not parts_of(goods)[place].startswith("无"):
            return Misdeclared(with_part(goods, place, ""), "R03", f"“{name}”未申报。")
    return None


def _not_specific(goods: Goods, rng: Random) -> Misdeclared | None:
    """无 for 无品牌 or 无型号, 是 or 否 for what the question names."""
    found = []
    for place, name, text in named_parts(goods):
        if _NO_BRAND.match(text) or re.fullmatch("无(型号|货号|款号)", text):
            wanted = "无品牌" if _NO_BRAND.match(text) else text
            found.append((place, "无", f"“{bare_name(name)}”不能只填“无”，应填“{wanted}”。"))
        elif "是否" in bare_name(name) and text:
            answer = "否" if text[0] in "非未无不" else "是"
            sentence = f"“{bare_name(name)}”不能只填“{answer}”，应填具体内容。"
            found.append((place, answer, sentence))
    if not found:
        return None
    place, filler, sentence = rng.choice(found)
    return Misdeclared(with_part(goods, place, filler), "R04", sentence)


def _hint_ignored(goods: Goods, rng: Random) -> Misdeclared | None:
    found = [
        (place, name)
        for place, name, text in named_parts(goods)
        if text
        and re.search("（[^）]*、[^）]*）", name)
        and not re.search("品牌|用途|成分|包装|是否|车型", bare_name(name))
    ]
    if not found:
        return None
    place, name = rng.choice(found)
    hint = re.search("（([^）]*)）", name)
    asked = hint[1] if hint else ""
    text = f"“{bare_name(name)}”未按括号提示申报（{asked}）。"
    return Misdeclared(
        with_part(goods, place, rng.choice(("其他", "普通", "详见合同"))), "R05", text
    )


def _no_shares(goods: Goods, rng: Random) -> Misdeclared | None:
    for place in places_named(goods, "成分"):
        text = parts_of(goods)[place]
        bare = re.sub(r"\d+(?:\.\d+)?%", "", text)
        if bare != text and bare.strip("，,、/+"):
            name = bare_name(element_names(goods.hs_code)[place - 2])
            sentence = f"“{name}”只列了成分名称，未申报各成分的百分比。"
            return Misdeclared(with_part(goods, place, bare), "R06", sentence)
    return None


def _package_only(goods: Goods, rng: Random) -> Misdeclared | None:
    for place in places_named(goods, "包装规格"):
        filler = rng.choice(("箱装", "纸箱", "袋装"))
        text = f"“包装规格”只填了“{filler}”，应申报每件容量及件数。"
        return Misdeclared(with_part(goods, place, filler), "R07", text)
    return None


def _vague_use(goods: Goods, rng: Random) -> Misdeclared | None:
    for place in places_named(goods, "用途", "适用车型", "应用场景"):
        filler = rng.choice(("工业用", "机器用", "生产用", "通用"))
        name = bare_name(element_names(goods.hs_code)[place - 2])
        if parts_of(goods)[place] != filler:
            text = f"“{name}”填报不具体，应申报具体用途或适用机型。"
            return Misdeclared(with_part(goods, place, filler), "R08", text)
    return None


def _vague_name(goods: Goods, rng: Random) -> Misdeclared | None:
    name = rng.choice(_VAGUE_NAMES)
    text = f"商品名称“{name}”不规范，应申报具体的中文商品名称。"
    return Misdeclared(goods._replace(name=name), "R09", text)


def _wrong_brand_type(goods: Goods, rng: Random) -> Misdeclared | None:
    for place in places_named(goods, "品牌"):
        has_none = bool(_NO_BRAND.match(parts_of(goods)[place]))
        other = ("4" if goods.ie_flag == "I" else "1") if has_none else "0"
        text = (
            "品牌类型填报为有品牌，与品牌“无品牌”不符。"
            if has_none
            else "品牌类型填报为“无品牌”，与所报品牌不符。"
        )
        return Misdeclared(with_part(goods, 0, other), "R10", text)
    return None


def _wrong_benefit(goods: Goods, rng: Random) -> Misdeclared | None:
    if goods.ie_flag == "I":
        text = "进口货物出口享惠情况应填“不适用于进口报关单”。"
        return Misdeclared(with_part(goods, 1, "0"), "R11", text)
    text = "出口货物出口享惠情况不能填“不适用于进口报关单”。"
    return Misdeclared(with_part(goods, 1, "3"), "R11", text)


def _wrong_code(goods: Goods, rng: Random) -> Misdeclared | None:
    """Another code of the same chapter with the same elements: the code is in doubt."""
    names = element_names(goods.hs_code)
    others = sorted(
        {
            entry.hs_code
            for entry in entries()
            if entry.hs_code[:2] == goods.hs_code[:2]
            and entry.hs_code[:8] != goods.hs_code[:8]
            and element_names(entry.hs_code) == names
        }
    )
    if not others:
        return None
    other = rng.choice(others)
    text = f"商品名称及要素与商品编码 {other} 不符，归类存疑。"
    return Misdeclared(goods._replace(hs_code=other), "R12", text)


FAULTS: dict[str, Fault] = {
    "R01": _missing,
    "R02": _no_brand,
    "R03": _no_model,
    "R04": _not_specific,
    "R05": _hint_ignored,
    "R06": _no_shares,
    "R07": _package_only,
    "R08": _vague_use,
    "R09": _vague_name,
    "R10": _wrong_brand_type,
    "R11": _wrong_benefit,
    "R12": _wrong_code,
}
# How often customs finds each, roughly: vague and missing elements lead, doubtful codes are rare.
_WEIGHTS = (9, 4, 5, 8, 6, 7, 5, 6, 2, 3, 2, 1)


def spoil(goods: Goods, rng: Random) -> Misdeclared:
    """A conforming good declared badly in one way, with the reason customs gives.

    Always finds one: R09 and R11 apply to every good.
    """
    while True:
        code = rng.choices(tuple(FAULTS), _WEIGHTS)[0]
        spoiled = FAULTS[code](goods, rng)
        if spoiled is not None and spoiled.goods != goods:
            return spoiled
