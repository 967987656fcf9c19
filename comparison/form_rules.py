"""The forms of one element that change no fact, each a rule by itself, and their order.

What counts as a form is the comparison's rule for "same" (docs/architecture.md); words, labels
and units are the data lists beside this module. Every rule works on normalised text and leaves
alone what it does not know.
"""

import re
from enum import StrEnum
from functools import cache, lru_cache

from comparison.composition import write_composition
from comparison.quantities import (
    read_table,
    write_dimensions,
    write_numerals,
    write_symbols,
    write_units,
)
from declarations.script import simplify_shared


class Form(StrEnum):
    """A way of writing in which two contents may differ and still say the same."""

    WIDTH_CASE = "width_case"
    SPACE = "space"
    SCRIPT = "script"
    LABEL = "label"
    BRAND = "brand_wording"
    MODEL = "model_wording"
    USE = "use_wording"
    UNIT = "unit_wording"
    NUMERAL = "numeral"
    DIMENSION = "dimension"
    SYMBOL = "symbol"
    ORDER = "order"
    SEPARATOR = "separator"

    @property
    def label(self) -> str:
        """The Chinese words for a page: 品牌写法."""
        return _FORM_LABELS[self]


_FORM_LABELS = {
    Form.WIDTH_CASE: "全半角与大小写",
    Form.SPACE: "空格",
    Form.SCRIPT: "繁简字形",
    Form.LABEL: "要素名前缀",
    Form.BRAND: "品牌写法",
    Form.MODEL: "型号写法",
    Form.USE: "用途写法",
    Form.UNIT: "单位写法",
    Form.NUMERAL: "数字写法",
    Form.DIMENSION: "尺寸乘号写法",
    Form.SYMBOL: "符号写法",
    Form.ORDER: "成分书写次序",
    Form.SEPARATOR: "分隔符号",
}
NAME_FORMS = frozenset(
    {Form.SCRIPT, Form.SYMBOL, Form.NUMERAL, Form.UNIT, Form.DIMENSION, Form.SEPARATOR}
)
ELEMENT_FORMS = NAME_FORMS | {Form.LABEL, Form.BRAND, Form.MODEL, Form.USE, Form.ORDER}

_CJK = "\u3400-\u9fff\uf900-\ufaff"
_ANTI_DUMPING = re.compile("<[^<>]*>(?:<[^<>]*>)+")
# How "none" is joined in data/none_words.tsv: by 及, 、 or a comma; nothing before a second 无.
_JOINERS = str.maketrans({"和": "及", "与": "及", "或": "及", "/": "、", "&": "、", "+": "、"})
_JOINER_BEFORE_NONE = re.compile("[、,;及](?=无)")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_LIST_SEPARATOR = re.compile(" *[、;&] *| *, *")
# Between letters or beside a Chinese character / and + divide a list; in 5/8, kg/m³, A+2 not.
_SLASH_OR_PLUS = re.compile(
    rf" *[/+] *(?=[{_CJK}])|(?<=[{_CJK}]) *[/+] *"
    r"|(?<![\da-z])([a-z]+) ?[/+] ?(?=[a-z])"
)
_TRAILING = re.compile("[、。.]+$")


@lru_cache(maxsize=1 << 16)
def write_element(text: str, forms: frozenset[Form] = ELEMENT_FORMS) -> str:
    """Write a normalised element (or name) in the one way that stands for all of `forms`."""
    if not text or text.isdigit() or _ANTI_DUMPING.fullmatch(text):
        return text
    for form, rule in _RULES:
        if form in forms:
            text = rule(text)
    return text


def strip_label(text: str) -> str:
    """Take away a known label before the value: 品牌:X → X; 型号:无 → 无型号.

    Not where the label has no value, nor where more labels follow (规格:5cm,型号:A5): there they
    tell the items apart.
    """
    found = _label_pattern().match(text)
    if not found:
        return text
    value = text[found.end() :].strip()
    if not value or _further_label().search(value):
        return text
    if value == "无":
        return _labels()[found[1]] or text
    return value


def write_none(text: str, kind: str) -> str:
    """Write the ways to say there is none in one way, for a whole element or an item of a list."""
    if "无" not in text and "没有" not in text:
        return text
    standard, words = _none_words()[kind]
    if _JOINER_BEFORE_NONE.sub("", text.translate(_JOINERS)) in words:
        return standard
    items = re.split("([、,;])", text)
    return "".join(standard if item in words else item for item in items)


def write_use(text: str) -> str:
    """Write X用, 用于X, 供X用 and 供X使用 as 用于X."""
    use = text.removeprefix("用于")
    if use == text and text.startswith("供"):
        served = text.removeprefix("供")
        use = served.removesuffix("使用") if served.endswith("使用") else served.removesuffix("用")
        use = text if use == served else use
    if len(use) > 1 and not use.endswith("使用"):
        use = use.removesuffix("用")
    return f"用于{use}" if use and use != text else text


def write_separators(text: str) -> str:
    """Write the separators of a list as 、, and take away one at the end.

    A comma that groups thousands stays; / and + are separators only where no number or unit is
    divided by them.
    """
    groups = _THOUSANDS.findall(text)
    if groups:
        text = _THOUSANDS.sub(lambda found: found[0].replace(",", "\x00"), text)
    text = _LIST_SEPARATOR.sub("、", text).replace("\x00", ",")
    text = _SLASH_OR_PLUS.sub(lambda found: (found[1] or "") + "、", text)
    return _TRAILING.sub("", text) or text


@cache
def _labels() -> dict[str, str]:
    return {row["label"]: row["none_form"] for row in read_table("labels.tsv")}


@cache
def _label_pattern() -> re.Pattern[str]:
    words = "|".join(sorted(_labels(), key=len, reverse=True))
    return re.compile(rf"({words}):")


@cache
def _further_label() -> re.Pattern[str]:
    words = "|".join(sorted(_labels(), key=len, reverse=True))
    return re.compile(rf"(?:^|[、,;/&+ ])(?:{words}):")


@cache
def _none_words() -> dict[str, tuple[str, frozenset[str]]]:
    """Kind of element → how "none" is written, and all the ways to say it."""
    words: dict[str, list[str]] = {"brand": [], "model": []}
    for row in read_table("none_words.tsv"):
        words[row["kind"]].append(row["written"])
    return {kind: (listed[0], frozenset(listed)) for kind, listed in words.items()}


_RULES = (
    (Form.SCRIPT, lambda text: simplify_shared(text, usual=True)),
    (Form.SYMBOL, write_symbols),
    (Form.LABEL, strip_label),
    (Form.BRAND, lambda text: write_none(text, "brand")),
    (Form.MODEL, lambda text: write_none(text, "model")),
    (Form.NUMERAL, write_numerals),
    (Form.UNIT, write_units),
    (Form.DIMENSION, write_dimensions),
    (Form.USE, write_use),
    (Form.ORDER, write_composition),
    (Form.SEPARATOR, write_separators),
)
