"""One expression for each list that knows the plainest strings as a whole.

It accepts only strings whose every part surely has a signal that suits its element
(scores.py), so that such a string is read as by all other rules, only faster; a test holds both
to the same result. What it does not accept goes the long way.
"""

import re
from collections.abc import Callable, Sequence

from catalogue.reading.signals import NOT_A_BRAND, STUFF_ENDS, Signal, known_by
from catalogue.reading.units import CHINESE_DIGITS, UNIT_DIMENSIONS

# Words that make a part more than its ends tell, wherever they stand.
_HARD = known_by(
    "装配后|完整品|成套散件|毛坯|生产件|通用[零部件]|成品|含量|日期|料号|件号|编号|款号|货号|规格|用途|用于|使用|供|应用|"
    "适用|用[,，;；、（(。]|作面|商标|(?<!无)型号|(?<!及)外文|英文|(?<!无)中文|(?<![无文])品牌|名称|无牌[号照]",
    f"(?<=[{CHINESE_DIGITS.replace('千', '')}])[{''.join(sorted({unit[0] for unit in UNIT_DIMENSIONS}))}]",
)
_BREAKS = r"\s|｜:：<>＜＞"
_OPEN = "(?![无没非未不否是已有带含装可])"
# No character of which a form is told, at least one of them Chinese.
_DULL = "(?=[A-Za-z]*[^\\x00-\\x7f])[^\\x00-@\\[-`{-\\x7f０-９％‰｜：＜＞\\s牌]+"
_ENDS = "".join(sorted(STUFF_ENDS))
_BEFORE_NUMBER = f"[^\\x00-\\x7f０-９％‰｜：＜＞\\s牌用{CHINESE_DIGITS}]{{0,8}}"
_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:[×*xX-][0-9]+(?:\.[0-9]+)?)*"
_CAS = r"(?!(?:19|20)[0-9]{2}-)[0-9]{2,7}-[0-9]{2}-[0-9]"
_DATE = r"20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_PLAIN = {Signal.SHORT, Signal.TEXT}
# Each form with the signals that it may be: it is used where all of them suit.
_FORMS: tuple[tuple[set[Signal], str], ...] = (
    ({Signal.NO_BRAND}, "无(?:中文)?(?:及外文)?品牌(?:[,，][^|｜:：<>＜＞\\s]*牌)?|无牌"),
    (
        {Signal.BRAND},
        rf"{_OPEN}[^{_BREAKS}/][^|｜:：<>＜＞/用]*(?<![{NOT_A_BRAND}])牌(?:[,，/][A-Za-z][A-Za-z -]*(?<! ))?",
    ),
    ({Signal.NO_MODEL}, "无型号"),
    ({Signal.YES_NO}, "[无是否]"),
    ({Signal.CODE, Signal.LATIN}, r"(?=[^|]{3})[A-Za-z][A-Za-z0-9.+-]*(?: [A-Za-z0-9.+-]+)*"),
    ({Signal.CODE}, r"[0-9]+(?:-[0-9]+)*-[A-Z]"),
    ({Signal.LATIN}, r"(?=[^|]{3})[A-Za-z][A-Za-z.&-]*(?: [A-Za-z.&-]+)*"),
    ({Signal.DATE}, _DATE),
    ({Signal.CAS, Signal.CAS_LIKE}, _CAS),
    ({Signal.GTIN, Signal.CODE}, "[0-9]{12,14}"),
    ({Signal.PERCENT}, rf"[^{_BREAKS}/牌]*[0-9][%％][^{_BREAKS}/牌]*"),
    (_PLAIN | {Signal.MATERIAL}, f"{_OPEN}{_DULL}(?<!用)|不锈钢(?:{_DULL}(?<!用))?"),
    (
        _PLAIN,
        f"{_OPEN}{_DULL}(?<![用{_ENDS}])|{_NUMBER}[^{_BREAKS}0-9牌]{{1,6}}×[0-9]+[瓶袋桶盒罐包]/箱|{_NUMBER}[千克吨毫升公斤米]{{1,2}}/[^{_BREAKS}0-9牌用]{{2,4}}(?<![{_ENDS}])",
    ),
    ({Signal.USE}, f"{_OPEN}{_DULL}(?<=用)"),
    ({Signal.NONE}, f"无(?!型号|中文){_DULL}(?<!用)"),
    ({Signal.NOT}, f"(?:非(?!织造|离子|合金|晶)|未|不(?!锈|饱和|干胶)){_DULL}(?<!用)"),
    ({Signal.YES}, f"[是已有带含装可]{_DULL}(?<!用)"),
)


def quick_check(scores: Sequence[Sequence[float]]) -> Callable[[str], bool]:
    """Make the check of a list from the worth of each signal under each of its elements."""
    # Each part is decided once: a part holds no bar.
    parts = "".join(rf"\|(?>(?:{_element(worth)}) ?(?=\||\Z))" for worth in scores)
    known = re.compile(rf"[0-4]\|[0-3]{parts}\|*").fullmatch
    hard = _HARD.search

    def accepts(text: str) -> bool:
        return hard(text) is None and known(text) is not None

    return accepts


def _element(worth: Sequence[float]) -> str:
    suited = {signal for signal, value in enumerate(worth) if value >= 0}
    forms = [form for signals, form in _FORMS if signals <= suited]
    units = [
        re.escape(unit)
        for unit, dimension in UNIT_DIMENSIONS.items()
        if Signal.QUANTITY + dimension in suited
    ]
    if units:
        longest_first = "|".join(sorted(units, key=len, reverse=True))
        forms.append(
            rf"{_BEFORE_NUMBER}{_NUMBER}(?i:{longest_first})(?:/[桶袋瓶箱片支盒个套罐包])?"
        )
    # An empty part never speaks against its element.
    return "|".join([*forms, ""])
