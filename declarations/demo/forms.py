"""The same facts in another form: what a comparison must not take for a difference.

Each form is a function from a good to the same good written otherwise, or None where it has
nothing to rewrite. The kinds follow the forms that change no fact: separators and order in a
composition, units of the same size, Chinese numerals, ×, labels, 用于X, ways to say there is no
brand or model, width, case, space, script, trailing empty parts.
"""

import re
from collections.abc import Callable
from random import Random

from declarations.demo.elements import (
    LEADING,
    parts_of,
    places_named,
    with_part,
    with_parts,
)
from declarations.demo.phrasebook import Goods

Form = Callable[[Goods, Random], Goods | None]

_NONE_BRANDS = ("无品牌", "无牌", "无中文及外文品牌", "无中文品牌,无外文品牌")
_NONE_MODELS = {"无型号": "无规格型号", "无规格型号": "无型号"}
_UNITS = {
    "千克": ("KG", "公斤"),
    "毫升": ("ML",),
    "毫米": ("MM",),
    "厘米": ("CM",),
    "千瓦": ("KW",),
    "兆帕": ("MPa",),
    "克": ("G",),
    "瓦": ("W",),
    "伏": ("V",),
    "升": ("L",),
}
_UNIT = re.compile(r"(?<=\d)(" + "|".join(_UNITS) + r")(?![/时·]|小时|米|方|重|里|数)")
_SHARE = re.compile(r"([^，,、+/%\d.（）]+)(\d+(?:\.\d+)?%)")
_SMALL = re.compile(r"(?<![\d.×～-])([2-9])(?=[层片件张枚])")
_DIGITS = "零一二三四五六七八九"
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if chr(code) != "|"}
# Simplified to traditional, only characters whose way back is one character and sure.
_TRADITIONAL = str.maketrans(
    "无牌号冻规格级类钢铁铝铜织针机电压气轮轴连线车长宽宁纸树脂胶带龙绒丝维蓝红绿黄马鱼虾贝鸡猪",
    "無牌號凍規格級類鋼鐵鋁銅織針機電壓氣輪軸連線車長寬寧紙樹脂膠帶龍絨絲維藍紅綠黃馬魚蝦貝雞豬",
)


def _none_brand(goods: Goods, rng: Random) -> Goods | None:
    for place in places_named(goods, "品牌"):
        text = parts_of(goods)[place]
        if text in _NONE_BRANDS:
            other = rng.choice([word for word in _NONE_BRANDS if word != text])
            return with_part(goods, place, other)
    return None


def _none_model(goods: Goods, rng: Random) -> Goods | None:
    for place in places_named(goods, "型号"):
        text = parts_of(goods)[place]
        if text in _NONE_MODELS:
            return with_part(goods, place, _NONE_MODELS[text])
    return None


def _label(goods: Goods, rng: Random) -> Goods | None:
    labels = {"品牌": "品牌", "型号": "型号", "货号": "货号", "用途": "用途"}
    places = [
        (place, label)
        for word, label in labels.items()
        for place in places_named(goods, word)
        if not parts_of(goods)[place].startswith(("无", label))
    ]
    if not places:
        return None
    place, label = rng.choice(places)
    return with_part(goods, place, f"{label}{rng.choice('：:')}{parts_of(goods)[place]}")


def _use(goods: Goods, rng: Random) -> Goods | None:
    for place in places_named(goods, "用途"):
        text = parts_of(goods)[place]
        plain = text.endswith("用") and not re.search(
            r"[，,、；（）]|用于|适用|通用|供|非|不", text
        )
        if plain and len(text) > 2:
            return with_part(goods, place, rng.choice(("用于{}", "供{}使用")).format(text[:-1]))
    return None


def _unit(goods: Goods, rng: Random) -> Goods | None:
    return _rewrite(goods, rng, _UNIT, lambda found: rng.choice(_UNITS[found[1]]))


def _dimensions(goods: Goods, rng: Random) -> Goods | None:
    sign = rng.choice("x*X")
    return _rewrite(goods, rng, re.compile(r"(?<=\d)×(?=\d)"), lambda found: sign)


def _numeral(goods: Goods, rng: Random) -> Goods | None:
    return _rewrite(goods, rng, _SMALL, lambda found: _DIGITS[int(found[1])])


def _percent(goods: Goods, rng: Random) -> Goods | None:
    """100%棉 for 棉100%, and each share of a mixture the other way round."""
    for place in places_named(goods, "成分", "材质", "纤维"):
        text = parts_of(goods)[place]
        alone = re.fullmatch(r"100%([一-鿿]+)", text)
        if alone:
            return with_part(goods, place, f"{alone[1]}100%")
        if "%" in text and _SHARE.sub("", text).strip("，,、+/") == "":
            return with_part(goods, place, _SHARE.sub(r"\2\1", text))
    return None


def _mixture(goods: Goods, rng: Random) -> Goods | None:
    """The ingredients in another order, or between other signs."""
    for place in places_named(goods, "成分"):
        shares = [found[0] for found in _SHARE.finditer(parts_of(goods)[place])]
        whole = parts_of(goods)[place]
        if len(shares) > 1 and "，".join(shares) == whole:
            return with_part(goods, place, rng.choice("、+/；").join(reversed(shares)))
    return None


def _punctuation(goods: Goods, rng: Random) -> Goods | None:
    """Half-width commas for full-width ones, never between digits."""
    return _rewrite(goods, rng, re.compile(r"(?<!\d)，|，(?!\d)"), lambda found: ",")


def _space(goods: Goods, rng: Random) -> Goods | None:
    """A space at an edge of a part, or between Chinese and Latin letters."""
    places = [n for n, text in enumerate(parts_of(goods)) if n >= LEADING and text]
    place = rng.choice(places)
    text = parts_of(goods)[place]
    spaced = re.sub(r"(?<=[一-鿿])(?=[A-Za-z])", " ", text, count=1)
    return with_part(goods, place, spaced if spaced != text else text + " ")


def _case(goods: Goods, rng: Random) -> Goods | None:
    """Small letters in a brand or a model; never where a letter may be a unit."""
    for place in places_named(goods, "品牌", "货号", "款号", "零部件编号"):
        text = parts_of(goods)[place]
        if text.lower() != text:
            return with_part(goods, place, text.lower())
    return None


def _width(goods: Goods, rng: Random) -> Goods | None:
    """Full-width letters, digits and signs in one part."""
    places = [
        n for n, text in enumerate(parts_of(goods)) if n >= LEADING and re.search(r"[!-{}~]", text)
    ]
    if not places:
        return None
    place = rng.choice(places)
    return with_part(goods, place, parts_of(goods)[place].translate(_FULL_WIDTH))


def _traditional(goods: Goods, rng: Random) -> Goods | None:
    other = goods._replace(
        name=goods.name.translate(_TRADITIONAL), g_model=goods.g_model.translate(_TRADITIONAL)
    )
    return other if other != goods else None


def _tail(goods: Goods, rng: Random) -> Goods | None:
    return with_parts(goods, [*parts_of(goods), *[""] * rng.randrange(1, 4)])


def _rewrite(
    goods: Goods, rng: Random, pattern: re.Pattern[str], change: Callable[[re.Match[str]], str]
) -> Goods | None:
    """Rewrite every find of `pattern` in one part that has some."""
    places = [n for n, text in enumerate(parts_of(goods)) if n >= LEADING and pattern.search(text)]
    if not places:
        return None
    place = rng.choice(places)
    return with_part(goods, place, pattern.sub(change, parts_of(goods)[place]))


FORMS: dict[str, Form] = {
    "none_brand": _none_brand,
    "none_model": _none_model,
    "label": _label,
    "use": _use,
    "unit": _unit,
    "dimensions": _dimensions,
    "numeral": _numeral,
    "percent": _percent,
    "mixture": _mixture,
    "punctuation": _punctuation,
    "space": _space,
    "case": _case,
    "width": _width,
    "traditional": _traditional,
    "tail": _tail,
}
# Written down by content: equal after normalising that loses no fact.
SIMPLE_FORMS = ("space", "case", "width", "traditional", "tail", "punctuation")


def vary_form(
    goods: Goods, rng: Random, kinds: tuple[str, ...] = tuple(FORMS)
) -> tuple[Goods, tuple[str, ...]]:
    """The same facts written otherwise, and the kinds of change made (one or two of `kinds`).

    Some form always applies to a phrasebook good: `tail` does to every one.
    """
    wanted = rng.choice((1, 1, 2))
    done: list[str] = []
    varied = goods
    for kind in rng.sample(kinds, len(kinds)):
        other = FORMS[kind](varied, rng)
        # Two forms may undo one another: a comma made narrow, then wide.
        if other and other not in (goods, varied) and len(other.g_model) <= 255:
            varied = other
            done.append(kind)
            if len(done) == wanted:
                break
    return varied, tuple(done)
