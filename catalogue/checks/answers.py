"""Whether a value answers the bracket hint of its element."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from catalogue.checks.plan import Asked, Fault, answers_of
from catalogue.hints import Hint, attribute_kind
from catalogue.word_lists import hint_synonyms, words

_GENERIC = frozenset("制式型类状用品的性及与和或其他它等")
_NUMBER = re.compile(
    r"\d+(?:\.\d+)?|[一二两三四五六七八九十百千半]+(?=\s*(?:毫|厘|分|微|米|克|千|公|升|寸|尺|英))"
)
_LATIN = re.compile(r"[A-Za-z]{2}")
_CHINESE = re.compile("[\u3400-\u9fff]")
_COLOUR = re.compile(
    r"色|透明|白|黑|红|黄|蓝|绿|灰|棕|紫|橙|粉红|银|金|本色|彩|褐|米|青", re.IGNORECASE
)
_SHAPE = re.compile(
    r"状|形|粉|粒|块|片|板|膜|卷|条|管|液|体|丝|棒|方|圆|晶|球|带|网|杆|锭|浆|膏|胶|平|柱|环|锥|砂|末|团|屑|泡|箔"
)
# 无…, 非…, 未…, 不…: a value that says there is none is an answer to anything.
_DENIAL = re.compile(r"^[无非未不没][^|]")
_ALL_DENIED = re.compile(r"未(?:经|进)?(?:一步|任何|其他|进一步)?加工|未经处理")


def check_one_of(asked: Asked, text: str) -> Fault | None:
    """A closed list of values: the value must hold one of them, or a word that means it."""
    found, telling = _told_by(asked.hint.options)
    value = unicodedata.normalize("NFKC", text)
    if found.search(value) or not telling.isdisjoint(value):
        return None
    rule = "weaving_incomplete" if asked.bare == "织造方法" else "hint_unanswered"
    facts: dict[str, object] = {"hint": asked.hint.text}
    if rule == "weaving_incomplete":
        facts["missing"] = "或".join(asked.hint.options)
    return Fault(rule, facts)


def check_each(asked: Asked, text: str) -> Fault | None:
    """Things that must each be answered: sizes by as many numbers, languages, colour and shape."""
    value = unicodedata.normalize("NFKC", text)
    if _DENIAL.match(value):
        return None
    each = asked.hint.each
    kinds = [attribute_kind(item) for item in each]
    missing = [
        item for item, kind in zip(each, kinds, strict=True) if not _has(kind, item, value, asked)
    ]
    sizes = [item for item, kind in zip(each, kinds, strict=True) if kind == "number"]
    numbers = len(_NUMBER.findall(value))
    if sizes and numbers < len(sizes) and not _is_standard_size(value):
        missing += sizes if not numbers else [_rest_of(sizes, value, len(sizes) - numbers)]
    return _incomplete(asked, missing)


def check_questions(asked: Asked, text: str) -> Fault | None:
    """Questions inside a hint (是否有接头；是否同轴电缆): each must be spoken of."""
    value = unicodedata.normalize("NFKC", text)
    questions = asked.hint.questions
    if asked.hint.is_open:
        questions = questions[:-1]  # the last one ends in 等
    if not questions or _ALL_DENIED.search(value):
        return None
    missing = [question for question in questions if not _speaks_of(question, value)]
    return _incomplete(asked, [f"是否{question}" for question in missing])


def check_evasion(asked: Asked, text: str) -> Fault | None:
    """Words that say nothing about the goods: 其他, 普通, 详见合同."""
    if text not in words("evasion"):
        return None
    if text in asked.hint.options:
        return None
    shown = asked.hint.text if asked.hint.options or asked.hint.each else ""
    return Fault("value_vague", {"asked": f"（{shown}）" if shown else ""})


def check_yes_no(asked: Asked, text: str) -> Fault | None:
    """A question answered by 是, 否 and the like only (是或否 is allowed where the hint says so)."""
    if "是或否" in asked.name and text == "否":
        return None
    yes, no = answers_of(asked.bare)
    return Fault("yes_no_only", {"yes": yes, "no": no})


def _incomplete(asked: Asked, missing: Sequence[str]) -> Fault | None:
    if not missing:
        return None
    rule = "weaving_incomplete" if asked.bare == "织造方法" else "hint_incomplete"
    facts: dict[str, object] = {"hint": asked.hint.text, "missing": "、".join(missing)}
    return Fault(rule, facts)


def _rest_of(sizes: Sequence[str], value: str, count: int) -> str:
    """Which sizes are missing: those whose last character the value does not speak of."""
    unsaid = [size for size in sizes if not set(size[-2:]) & set(value)]
    return "、".join(unsaid) if len(unsaid) == count else f"{count}项"


def _has(kind: str, item: str, value: str, asked: Asked) -> bool:
    if kind == "latin":
        return bool(_LATIN.search(value))
    if kind == "chinese":
        return bool(_CHINESE.search(value))
    if kind == "colour":
        return bool(_COLOUR.search(value))
    if kind == "shape":
        return bool(_SHAPE.search(value))
    # A word among sizes (成条、浸渍、每平方米克重) is to be spoken of, itself or its contrary.
    if not kind and len(item) > 1 and asked.bare == "规格":
        return _speaks_of(item.removeprefix("成"), value)
    return True


def _is_standard_size(value: str) -> bool:
    """DN50, M8, 4分, SCH40: sizes of a standard stand for several numbers."""
    return bool(re.search(r"DN\s*\d|M\d|SCH|#|号|GB|ISO|ASTM", value, re.IGNORECASE))


def _speaks_of(asked: str, value: str) -> bool:
    telling = set(asked) - _GENERIC
    if not telling.isdisjoint(value):
        return True
    return any(
        word in value
        for option, meant in hint_synonyms().items()
        if option in asked
        for word in meant
    )


@lru_cache(maxsize=4096)
def _told_by(options: tuple[str, ...]) -> tuple[re.Pattern[str], frozenset[str]]:
    """A pattern of the options and their synonyms; the characters that tell the options apart."""
    synonyms = hint_synonyms()
    found: set[str] = set()
    for option in options:
        core = option.rstrip("制式型类状用品的") or option
        found.add(core)
        if len(core) > 2 and core[0] in "已经":
            found.add(core[1:])
        found.update(synonyms.get(option, ()))
        for known, meant in synonyms.items():
            if known in option:
                found.update(meant)
    shared = set.intersection(*(set(option) for option in options)) if len(options) > 1 else set()
    telling = {char for option in options for char in option} - shared - _GENERIC
    if len(options) == 2 and len(options[0]) > 1 and options[1][1:] == options[0]:
        telling = set("非未不") & set(options[1])
        found.add(options[0][:2])
    pattern = "|".join(map(re.escape, sorted(found, key=len, reverse=True)))
    return re.compile(pattern, re.IGNORECASE), frozenset(telling)


def is_closed_choice(asked: Asked) -> bool:
    """Whether the value must be one of the hint's options; uses only where it is X or 非X."""
    hint: Hint = asked.hint
    if not hint.options or hint.is_open:
        return False
    return asked.bare in words("chosen") or hint.is_dichotomy
