"""What the brackets in an element's name ask for: 制作或保存方法（鲜、冷）, 规格（板材的厚度、宽度）.

The catalogue prints hints in one pair of brackets behind the element's name: values to choose from
(the list is open where it ends in 等 or is introduced by 如), things that must each be answered
(长度×宽度, 颜色；形状, 是否带皮), a unit (毫米), or an instruction that no value can be held against.
Pure functions of the name; no database.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from catalogue.word_lists import attribute_kinds, words

_OPENING, _CLOSING = "（(［[", "）)］]"
_SEPARATORS = re.compile(
    r"[、，,；;。/]|或者|或|和|及|与|还是|以及|(?<=[\u3400-\u9fff])[×*xX](?=[\u3400-\u9fff])"
)
_OPEN_END = re.compile(
    r"等(?:用|形状|类似形状|类似用途|品种|级|制|类)?(?:[。；;，,]|$)|之类|类似|[…×]{2}|××|[Xx]{2}|某某"
)
_EXAMPLE = re.compile(r"^(?:如|例如|比如|诸如)[，,：:]?")
# Words that make a hint an instruction: nothing in it is a value that could be declared.
_INSTRUCTION = re.compile(
    r"注明|申报|填报|报明|列明|表示|具体|指(?!针)|适用于|包括|须|需|若|如果|如为|如是|如有|可用|不包"
    r"|按|以.*计|[［\[（(]"
)
_QUESTION = re.compile(r"^(?:是否|有无|即是否)(?:已经|经过|经|已|为|带有|有|带|进一步)?")
_QUESTION_STARTS = re.compile(r"[，,；;]|[、和](?=是否|有无)")
_TEMPLATE_MARKS = re.compile(r"××|[Xx]{2}|某某")
_SIDES = re.compile(r"[长宽高厚]{2,3}")


@dataclass(frozen=True, slots=True)
class Hint:
    """What a bracket asks for.

    `options` are values of which one is to be declared; `each` are things (attributes such as 厚度,
    questions such as 带皮 of 是否带皮) of which every one is to be answered; `is_open` says that
    `options` are examples only; `unit` is the unit that the bracket names.
    """

    text: str
    options: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    is_open: bool = True
    unit: str = ""

    @property
    def is_template(self) -> bool:
        """Whether it is a sentence to be filled in, 适用于××品牌××机."""
        return "适用于" in self.text and bool(_TEMPLATE_MARKS.search(self.text))

    @property
    def is_dichotomy(self) -> bool:
        """Whether the options are X and 非X or 未X."""
        return len(self.options) == 2 and self.options[1] in {
            f"{no}{self.options[0]}" for no in "非未不"
        }


NO_HINT = Hint("")


@lru_cache(maxsize=8192)
def unbracketed(name: str) -> str:
    """An element's name without brackets and stray marks: 发动机品牌（中文或外文名称）、型号 → 发动机品牌、型号."""
    bare, depth = [], 0
    for char in name:
        if char in _OPENING:
            depth += 1
        elif char in _CLOSING:
            depth = max(depth - 1, 0)
        elif not depth:
            bare.append(char)
    text = "".join(bare).strip(" .。：:；;，,")
    return re.sub(r"^\d(?=[^\d℃%])", "", text)


def bracket_text(name: str) -> str:
    """The text of the first outermost bracket, an unclosed one to its end; empty without one."""
    start, depth = -1, 0
    for place, char in enumerate(name):
        if char in _OPENING:
            if not depth:
                start = place + 1
            depth += 1
        elif char in _CLOSING and depth:
            depth -= 1
            if not depth:
                return name[start:place].strip()
    return name[start:].strip() if depth else ""


@lru_cache(maxsize=8192)
def hint_of(name: str) -> Hint:
    """Parse the bracket hint of an element's name; NO_HINT where it has none. Never raises."""
    text = bracket_text(name)
    if not text:
        return NO_HINT
    unit = re.sub(r"^单位(?:[:：，,]|为)?", "", text)
    if unit != text or unit in words("unit"):
        return Hint(text, unit=unit)
    if _is_open_language(text) or _TEMPLATE_MARKS.search(text):
        return Hint(text)
    if _SIDES.fullmatch(text):
        return Hint(text, each=tuple(text), is_open=False)
    is_example = bool(_EXAMPLE.search(text))
    is_open = is_example or bool(_OPEN_END.search(text))
    body = _EXAMPLE.sub("", text)
    clauses = _QUESTION_STARTS.split(body)
    questions = _questions(clauses)
    if _INSTRUCTION.search(body) and not questions:
        return Hint(text)
    # What follows a question inside its clause belongs to it: 是否去皮、去边或粗锯成方.
    rest = [clause for clause in clauses if not _QUESTION.match(clause.strip())]
    items = _distinct(item for clause in rest for item in _items(clause))
    asked = [item for item in items if attribute_kind(item)]
    # 成卷的宽度或成张的边长: one of them is enough, so nothing is due from each.
    alternatives = "或" in re.sub("或类似", "", body)
    if asked and (alternatives or is_open or len(asked) < len(items)):
        mixed = is_open or alternatives
        each = () if mixed else tuple(items)
        return Hint(text, each=each, questions=questions, is_open=mixed)
    if asked:
        return Hint(text, each=tuple(asked), questions=questions, is_open=False)
    if any(_INSTRUCTION.search(clause) for clause in rest):
        items = []
    # 其他石棉, 其他防腐液: a list with a rest is open.
    is_open = is_open or any(item.startswith(("其他", "其它")) for item in items)
    return Hint(text, options=tuple(items), questions=questions, is_open=is_open)


def attribute_kind(item: str) -> str:
    """How an attribute is answered (number, colour, shape, latin, chinese, any); empty for a value."""
    kinds = attribute_kinds()
    if item in kinds:
        return kinds[item]
    for length in range(min(len(item) - 1, 4), 1, -1):
        if found := kinds.get(item[-length:]):
            return found
    return ""


def _is_open_language(text: str) -> bool:
    """中文或外文名称, 中文或拉丁学名: either language will do."""
    return bool(re.search(r"[中外英]文.*或|或.*[中外英]文|及或|或及", text))


def _items(body: str) -> list[str]:
    found = []
    for piece in _SEPARATORS.split(body):
        item = re.sub(r"等(?:用|形状|类似形状|类似用途|品种|级|制|类)?$", "", piece.strip())
        if item:
            found.append(item)
    return found


def _questions(clauses: Iterable[str]) -> tuple[str, ...]:
    """What 是否… asks after, each once: 是否有接头；是否同轴电缆 → 接头, 同轴电缆."""
    found = []
    for clause in map(str.strip, clauses):
        if (opened := _QUESTION.match(clause)) and (
            asked := re.sub("等$", "", clause[opened.end() :])
        ):
            found.append(asked)
    return tuple(_distinct(found))


def _distinct(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
