"""What a part's text looks like by itself, whatever stands around it.

One signal a part, the most telling first. Text may come in full or half width. No database.
"""

import re
from enum import IntEnum

from catalogue.reading.units import NUMBER, UNIT_DIMENSIONS, Dimension


class Signal(IntEnum):
    """Forms of text; from QUANTITY on, one for each dimension of a quantity."""

    EMPTY = 0
    MARK = 1  # * / - and the like
    YES_NO = 2  # 是, 否, 有, 无 alone
    CAS = 3  # with a valid check digit
    CAS_LIKE = 4
    GTIN = 5  # 12 to 14 digits with a valid check digit
    DATE = 6
    VEHICLE_NUMBER = 7  # S/…, W/…, WF/…
    COMMON_NUMBER = 8  # …/TY
    KIT = 9  # 成套散件, 毛坯
    COMMON_PART = 10  # 通用零件, 生产件
    WHOLE_NUMBER = 11  # 装配后完整品的零部件编号
    NO_PART_NUMBER = 12  # 无零部件编号
    BRAND = 13
    NO_BRAND = 14
    NO_MODEL = 15
    PERCENT = 16
    CODE = 17
    LATIN = 18
    FINISHED = 19  # 成品, 半成品
    USE = 20
    NOT = 21  # 非…, 未…, 不…
    NONE = 22  # 无…
    YES = 23  # 是…, 已…, 装…
    MATERIAL = 24
    SHORT = 25  # a word or two
    TEXT = 26
    DATE_NONE = 27  # 无签约日期
    WITHHELD = 29  # 已隐去: whatever stood there
    GTIN_8 = 28  # eight digits whose check digit holds: a tenth of all numbers of eight digits
    QUANTITY = 32


SIGNAL_COUNT = Signal.QUANTITY + len(Dimension)


def signal_of(text: str) -> int:
    """Tell the signal of a part without white space around it; QUANTITY + its Dimension."""
    found = _WHOLE.get(text)
    if found is not None:
        return found
    match = (_ASCII if text.isascii() else _OTHER).match(text)
    if match is None:
        return Signal.SHORT if len(text) <= _SHORT else Signal.TEXT
    kind = match.lastgroup
    if kind == "UNIT":
        return Signal.QUANTITY + UNIT_DIMENSIONS.get(match["UNIT"].casefold(), 0)
    if kind == "CAS":
        return Signal.CAS if is_cas(text) else Signal.CAS_LIKE
    if kind == "GTIN":
        if not is_gtin(text):
            return Signal.CODE
        return Signal.GTIN_8 if len(text) == _GTIN_8_DIGITS else Signal.GTIN
    return _GROUPS[kind or ""]


def is_cas(text: str) -> bool:
    """Whether a text is a CAS number whose check digit holds (CAS Registry: check digit)."""
    if not _CAS.fullmatch(text):
        return False
    digits = [int(c) for c in text if c != "-"]
    total = sum(place * digit for place, digit in enumerate(reversed(digits[:-1]), 1))
    return total % 10 == digits[-1]


def is_gtin(text: str) -> bool:
    """Whether a text is a GTIN-8, -12, -13 or -14 whose check digit holds (GS1, section 7.9)."""
    if len(text) not in {8, 12, 13, 14} or not (text.isascii() and text.isdigit()):
        return False
    digits = [int(c) for c in text]
    total = sum(d * (3 if place % 2 == 0 else 1) for place, d in enumerate(reversed(digits[:-1])))
    return (-total) % 10 == digits[-1]


# What a reader may not see stands as this; it speaks for no element and against none.
WITHHELD = "已隐去"
_SHORT = 12
_GTIN_8_DIGITS = 8
_CAS = re.compile(r"[0-9]{2,7}-[0-9]{2}-[0-9]")
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_DATE = (
    r"(?:19|20)[0-9]{2}"
    r"(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    rf"|[-/.年]\s?(?:0?[1-9]|1[0-2])(?:[-/.月]\s?{_DAY}?日?)?)"
)
_UNITS = "|".join(sorted(map(re.escape, UNIT_DIMENSIONS), key=len, reverse=True))
_MEASURE = rf"{NUMBER}\s?(?P<UNIT>{_UNITS})(?![a-zA-Z])"

_ASCII = re.compile(
    rf"""
    (?P<DATE>{_DATE}\Z)
    |(?P<CAS>[0-9]{{2,7}}-[0-9]{{2}}-[0-9]\Z)
    |(?P<GTIN>(?:[0-9]{{8}}|[0-9]{{12,14}})\Z)
    |(?P<COMMON_NUMBER>[0-9A-Za-z][^%]*/TY\Z)
    |(?P<VEHICLE_NUMBER>(?:S|W|WF)/[0-9A-Za-z])
    |(?P<PERCENT>[^%]*[0-9]\s?%)
    |(?:.{{0,3}}?[*xX]\s?)?[<>=~]{{0,2}}{_MEASURE}[^a-zA-Z0-9]{{0,3}}\Z
    |(?P<CODE>(?=.{{3}})[^0-9]*[0-9])
    |(?P<LATIN>)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_NOT_A_BRAND = "车门铭招标吊路胸奖金银铜纸克将示告号站"
_STUFF = (
    "铁|钢|铝|铜|锌|锡|合金|金属|塑料|塑胶|橡胶|硅胶|胶合板|木|竹|藤|布|纸|皮|革|棉|麻|毛|丝|绒|"
    "玻璃|陶瓷|瓷|石|水泥|涤纶|锦纶|尼龙|氨纶|腈纶|粘胶|纤维|树脂|泡沫|聚\\w{1,6}|PVC|PE|PP|ABS|PET|PU"
)
_OTHER = re.compile(
    rf"""
    (?P<DATE>(?:\w{{0,4}}日期[:：]?\s?)?{_DATE}\Z)
    |(?P<DATE_NONE>无\w{{0,4}}日期\Z)
    |(?P<WHOLE_NUMBER>.*(?:装配后|完整品))
    |(?P<COMMON_PART>.{{0,8}}(?:生产件|通用零?部?件))
    |(?P<NO_PART_NUMBER>无.*?(?:零部?件|部件).*?号)
    |(?P<USE>(?:.{{0,20}}[/，,])?(?:适用|用于|供|使用在|应用).*(?<!牌)\Z)
    |(?P<KIT>.*(?:成套散件|毛坯))
    |(?P<NO_BRAND>(?:无|没有).{{0,8}}?(?:品牌|商标|牌(?![号照]))
        |无.{{0,6}}?[中外英]文.{{0,6}}?名称|品牌\s?[:：]?\s?无\Z)
    |(?P<BRAND>.*(?<![{_NOT_A_BRAND}])牌(?:\Z|[,，、/／;；：:（(\s子])
        |.*(?:品牌|商标|[外英中]文名称|英文[:：]|中文[:：]))
    |(?P<NO_MODEL>.*无(?:规格)?型号|.*无规格|.*型号\s?[:：]?\s?无\Z)
    |(?P<CODE>(?:规格)?(?:型号|货号|款号|料号|件号|编号)\s?[:：])
    |(?P<PERCENT>.*(?:[0-9０-９]\s?[%％‰]|含量))
    |(?P<FINISHED>(?:非|半)?成品\Z)
    |(?P<YES_NO_USE>(?:非|不是|未|是|否)\w+用\Z)
    |(?P<USED>.*(?:用|使用|用途)(?:\Z|[,，;；、（(。])|.*(?:供.{{1,12}}使用|用于|适用于))
    |(?P<NONE>无|没有)
    |(?P<NOT>非(?!织造|离子|合金|晶)|未|不(?!锈|饱和|干胶)|否)
    |[^0-9０-９]{{0,8}}?[≥≤<>~＞＜约]{{0,2}}{_MEASURE}.{{0,2}}\Z
    |(?P<YES>是|已|有|带|含|装|可)
    |(?P<MATERIAL>.{{0,24}}(?:制|制品|制成|材质|材料|{_STUFF}|布作面)\Z)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_GROUPS: dict[str, int] = {
    **{signal.name: int(signal) for signal in Signal},
    "USED": int(Signal.USE),
    "YES_NO_USE": int(Signal.NOT),
}
_WHOLE: dict[str, int] = {
    "": Signal.EMPTY,
    WITHHELD: Signal.WITHHELD,
    **dict.fromkeys(["*", "/", "-", "--", "—", "——", ".", "\\", "N/A", "NA", "无无"], Signal.MARK),
    **dict.fromkeys(
        ["是", "否", "有", "无", "非", "不", "未", "是的", "不是", "没有", "不含", "Y", "N"],
        Signal.YES_NO,
    ),
    **dict.fromkeys(["无品牌", "无牌", "无牌子", "无中文及外文品牌"], Signal.NO_BRAND),
    **dict.fromkeys(["无型号", "无规格型号", "无规格"], Signal.NO_MODEL),
}
