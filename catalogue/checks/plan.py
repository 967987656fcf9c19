"""What an element asks, told from its name once: the checks that its value must pass."""

from __future__ import annotations

import re
from typing import NamedTuple

from catalogue.hints import Hint, hint_of, unbracketed


class Fault(NamedTuple):
    """A rule that a value breaks, and the facts for its sentence (bare and value are added)."""

    rule: str
    facts: dict[str, object]


class Asked(NamedTuple):
    """An element as it is asked: its printed name, the name without brackets, its hint, the chapter."""

    name: str
    bare: str
    hint: Hint
    chapter: str


_CODE_NAME = re.compile(r"型号|货号|款号|编号|牌号|钢号|厂号|机身号|零件号|注册号|编码|GTIN|CAS")
_CONDITIONAL = re.compile(
    r"^(?:如|若)|.(?:请|需|应|须|要)(?:额外)?(?:注明|申报|报明|列明|填报)|.请注明"
)
_LONGEST_NONE = 10
_DONE = re.compile(
    r"(?:浸渍|涂布|包覆|封装|切割|烘干|硫化|蓝变|曝光|录制|冲洗|改性|加捻|装配|破碎|活化|成卷|起绒|加密|漂白|镀贵金属)$"
)
_QUESTION_NAME = re.compile(r"^\W*(?:是否|有无)|是否")


def asked_of(name: str, chapter: str) -> Asked:
    """What the element `name` of a code of `chapter` (two digits) asks."""
    return Asked(name, unbracketed(name) or name, hint_of(name), chapter)


def is_code_name(bare: str) -> bool:
    """Whether the element holds a code (型号, 货号, 编号 ...), which is written in half width."""
    return bool(_CODE_NAME.search(bare))


def is_conditional(bare: str) -> bool:
    """Whether the element is due only under a condition: 如有填充物，请注明成分含量."""
    return not bare.startswith("是否") and bool(_CONDITIONAL.search(bare))


def is_question(bare: str) -> bool:
    """Whether the element is a question: 是否野生, 有无衬背."""
    return bool(_QUESTION_NAME.search(bare))


def advice_of(bare: str) -> str:
    """How to say that there is none, as the end of a sentence: 没有的写“无品牌”; empty without a way."""
    if is_question(bare):
        yes, no = answers_of(bare)
        return f"，如“{yes}”或“{no}”"
    if "品牌" in bare:
        return "，没有的写“无品牌”"
    for word in ("型号", "货号", "款号"):
        if word in bare:
            return f"，没有的写“无{word}”"
    if (shown := re.match(r"(.+?)(?:请|需|应)?注明$", bare)) and len(shown[1]) <= _LONGEST_NONE:
        return f"，不是的写“非{shown[1]}”"
    return ""


def answers_of(bare: str) -> tuple[str, str]:
    """The two answers in words to a question: 是否经水煮 → 经水煮, 未经水煮."""
    asked = re.split("是否|有无", bare, maxsplit=1)[-1]
    # 是否带工作部件，若带有请注明材质: what follows an answer is no part of it.
    asked = re.split("[，；](?:若|如)", asked, maxsplit=1)[0]
    asked = re.sub(r"(?:，?请?注明|请申报)$", "", asked)
    if bare.startswith("有无"):
        return f"有{asked}", f"无{asked}"
    for opening, no in (("已经", "未"), ("已", "未"), ("经过", "未"), ("经", "未"), ("装有", "未")):
        if asked.startswith(opening):
            return asked, f"{no}{asked.removeprefix('已')}"
    for opening in ("带", "含", "可", "需", "适", "在", "用于"):
        if asked.startswith(opening):
            return asked, f"不{asked}"
    if asked.startswith("有"):
        return asked, f"无{asked[1:]}"
    asked = asked.removeprefix("为").removeprefix("是")
    if _DONE.search(asked):
        return f"已{asked}", f"未{asked}"
    return asked, f"非{asked}"
