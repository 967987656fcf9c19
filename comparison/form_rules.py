"""The forms of one element that change no fact, each a rule by itself, and their order.

What counts as a form is the comparison's rule for "same" (docs/architecture.md); words, labels
and units are the data lists beside this module. Every rule works on normalised text and leaves
alone what it does not know.
"""

import re
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from comparison.composition import write_composition
from comparison.quantities import (
    PER,
    protect_per,
    quantity_of,
    read_table,
    write_dimensions,
    write_numerals,
    write_slashes_between_quantities,
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
    NONE = "none_wording"
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
    Form.NONE: "“无”的写法",
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
    {
        Form.SCRIPT,
        Form.SPACE,
        Form.SYMBOL,
        Form.NUMERAL,
        Form.UNIT,
        Form.DIMENSION,
        Form.SEPARATOR,
    }
)
ELEMENT_FORMS = NAME_FORMS | {
    Form.LABEL,
    Form.NONE,
    Form.BRAND,
    Form.MODEL,
    Form.USE,
    Form.ORDER,
}

_CJK = "\u3400-\u9fff\uf900-\ufaff"
_ANTI_DUMPING = re.compile("<[^<>]*>(?:<[^<>]*>)+")
# How "none" is joined in data/none_words.tsv: by 及 or 、; nothing before a second 无.
_JOINERS = str.maketrans(dict.fromkeys("和与或", "及") | dict.fromkeys("/&+,;", "、"))
_JOINER_BEFORE_NONE = re.compile("[、及 ](?=无)")
_QUOTED_BRAND = re.compile('"([^"]+)"(?=牌)')
_BRACKETED_LABEL = re.compile(r"[\[【]([^\[\]【】]{1,12})[\]】]:?|([^():]{1,12})\([^()]*\)(?=:)")
# A space that a letter and a digit stand around says nothing (DC 12V, DC12V); between two letters
# it divides words, between two digits numbers.
_LETTER_DIGIT_SPACE = re.compile(r"(?<=[a-zA-Z]) (?=\d)|(?<=\d) (?=[a-zA-Z])")
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


def write_script(text: str) -> str:
    """Simplify what normalising left: the usual word of a character, and a few words of goods."""
    if text.isascii():
        return text
    return _script_words().sub(
        lambda found: _standard_words()[found[0]], simplify_shared(text, usual=True)
    )


@cache
def _standard_words() -> dict[str, str]:
    return {row["written"]: row["standard"] for row in read_table("script_words.tsv")}


@cache
def _script_words() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_standard_words(), key=len, reverse=True)))


def strip_label(text: str) -> str:
    """Take away a known label before the value: 品牌:X → X; 型号:无 → 无型号.

    A label may stand in brackets (【品牌】X) or have the catalogue's own behind it (品牌(中文或外文
    名称):X). Not where the label has no value, nor where more labels follow (规格:5cm,型号:A5): there
    they tell the items apart; nor where a label of what is measured (功率) stands before a number of
    anything else.
    """
    if ":" not in text and "=" not in text and text[:1] not in {"[", "【"}:
        return text
    bracketed = _BRACKETED_LABEL.match(text)
    plain = text
    if bracketed and (bracketed[1] or bracketed[2]) in _labels():
        label = bracketed[1] or bracketed[2]
        plain = f"{label}:{text[bracketed.end() :].removeprefix(':')}"
    found = _label_pattern().match(plain)
    if not found:
        return text
    value = plain[found.end() :].strip()
    if not value or _further_label().search(value):
        return text
    label = _labels()[found[1]]
    if label.quantity and quantity_of(value) not in label.quantity.split(","):
        return text
    if value in {"无", "没有"}:
        return label.none_form or text
    return value


def write_none(text: str, kind: str) -> str:
    """Write the ways to say there is none in one way, for a whole element or an item of a list."""
    standard, words = _none_words()[kind]
    if "无" not in text:
        return standard if text in words else text
    if _joined(text) in words:
        return standard
    items = re.split("([、,;])", text)
    return "".join(standard if item in words else item for item in items)


def _joined(text: str) -> str:
    """Write how the parts of a "none" are joined in one way."""
    return _JOINER_BEFORE_NONE.sub("", write_no(text).translate(_JOINERS))


def write_no(text: str) -> str:
    """Write 没有X as 无X."""
    return text.replace("没有", "无")


def write_brand(text: str) -> str:
    """Write the ways to say that there is no brand in one way, and "X"牌 as X牌."""
    if '"' in text:
        text = _QUOTED_BRAND.sub(r"\1", text)
    return write_none(text, "brand")


def write_use(text: str) -> str:
    """Write X用, X使用, 用于X, 供X用 and 供X使用 as 用于X; 作X用 as 用作X.

    The wordings are data/use_words.tsv. 用作手柄 is the handle itself, 手柄用 something for it.
    """
    for before, after, written in _use_words():
        if not (text.startswith(before) and text.endswith(after)):
            continue
        use = text[len(before) : len(text) - len(after)] if after else text[len(before) :]
        if before and not after and len(use) > 1:
            # 用于饲料添加剂用途, 用于清洁用
            use = use.removesuffix("用") if not use.endswith("使用") else use[:-2]
        if use:
            return written + use
    return text


def write_separators(text: str) -> str:
    """Write the separators of a list as 、, and take away one at the end.

    A comma that groups thousands stays, and the / of 25kg/袋; / and + are separators only where no
    number or unit is divided by them.
    """
    groups = _THOUSANDS.findall(text)
    if groups:
        text = _THOUSANDS.sub(lambda found: found[0].replace(",", "\x00"), text)
    text = _LIST_SEPARATOR.sub("、", text).replace("\x00", ",")
    text = write_slashes_between_quantities(protect_per(text))
    text = _SLASH_OR_PLUS.sub(lambda found: (found[1] or "") + "、", text).replace(PER, "/")
    return _TRAILING.sub("", text) or text


class Label(NamedTuple):
    """A label: how 无 behind it is written, and the quantities that it may stand before."""

    none_form: str
    quantity: str


@cache
def _labels() -> dict[str, Label]:
    return {
        row["label"]: Label(row["none_form"], row["quantity"]) for row in read_table("labels.tsv")
    }


@cache
def _label_pattern() -> re.Pattern[str]:
    words = "|".join(sorted(_labels(), key=len, reverse=True))
    return re.compile(rf"({words})[:=]")


@cache
def _use_words() -> list[tuple[str, str, str]]:
    """How a use may be worded: what stands before it, behind it, and instead of both."""
    words = []
    for row in read_table("use_words.tsv"):
        before, _, after = row["wording"].partition("X")
        words.append((before, after, row["written"].removesuffix("X")))
    return words


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
    return {kind: (listed[0], frozenset(map(write_no, listed))) for kind, listed in words.items()}


_RULES = (
    (Form.SCRIPT, write_script),
    (Form.NUMERAL, write_numerals),
    (Form.SYMBOL, write_symbols),
    (Form.LABEL, strip_label),
    (Form.NONE, write_no),
    (Form.BRAND, write_brand),
    (Form.MODEL, lambda text: write_none(text, "model")),
    (Form.UNIT, write_units),
    (Form.DIMENSION, write_dimensions),
    (Form.USE, write_use),
    (Form.ORDER, write_composition),
    (Form.SEPARATOR, write_separators),
    (Form.SPACE, lambda text: _LETTER_DIGIT_SPACE.sub("", text)),
)
