"""What a part's text looks like by itself, whatever stands around it.

One signal a part, the most telling first. Text may come in full or half width. No database.
"""

import re
from enum import IntEnum

from catalogue.reading.units import CHINESE_DIGITS, NUMBER, UNIT_DIMENSIONS, Dimension


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
    """Tell the signal of a part without white space around it; QUANTITY + its Dimension.

    The same as signal_by_forms, faster: most parts are plain, and told by their first and last
    characters and one search for the words by which the forms are known.
    """
    found = _WHOLE.get(text)
    if found is not None:
        return found
    if text.isascii():
        return _ascii_signal(text)
    if text[0] in OPENERS:
        return signal_by_forms(text)
    last = text[-1]
    if last == "牌":
        if len(text) > 1 and text[-2] not in NOT_A_BRAND and not _MORE_THAN_BRAND.search(text):
            return Signal.BRAND
    elif _TELLING.search(text) is None:
        if last == "用":
            return Signal.PERCENT if _PERCENT.search(text) else Signal.USE
        if _NUMBER.search(text):
            return _number_signal(text)
        if last in STUFF_ENDS and len(text) <= _STUFF_LENGTH and _STUFF_END.search(text):
            return Signal.MATERIAL
        return Signal.SHORT if len(text) <= _SHORT else Signal.TEXT
    return signal_by_forms(text)


def signal_by_forms(text: str) -> int:
    """Tell the signal of a part by trying one form after another."""
    found = _WHOLE.get(text)
    if found is not None:
        return found
    match = (_ASCII if text.isascii() else _OTHER).match(text)
    if match is None:
        return Signal.SHORT if len(text) <= _SHORT else Signal.TEXT
    return _told(match, text)


def _ascii_signal(text: str) -> int:
    if text[0].isalpha() and "%" not in text and "/" not in text:
        if len(text) < _CODE_LENGTH or _DIGIT.search(text) is None:
            return Signal.LATIN
        return Signal.CODE
    return signal_by_forms(text)


def _number_signal(text: str) -> int:
    """The signal of a text with a number and none of the telling words."""
    if _PERCENT.search(text):
        return Signal.PERCENT
    match = _MEASURED.match(text)
    if match is None:
        return Signal.SHORT if len(text) <= _SHORT else Signal.TEXT
    return _told(match, text)


def _told(match: re.Match[str], text: str) -> int:
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
    |[^0-9a-zA-Z%]{{0,3}}{_MEASURE}[^a-zA-Z0-9]{{0,3}}\Z
    |(?P<CODE>(?=.{{3}})[^0-9]*[0-9])
    |(?P<LATIN>)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
NOT_A_BRAND = "车门铭招标吊路胸奖金银铜纸克将示告号站"
_STUFF = (
    "铁|钢|铝|铜|锌|锡|合金|金属|塑料|塑胶|橡胶|硅胶|胶合板|木|竹|藤|布|纸|皮|革|棉|麻|毛|丝|绒|"
    "玻璃|陶瓷|瓷|石|水泥|涤纶|锦纶|尼龙|氨纶|腈纶|粘胶|纤维|树脂|泡沫|聚\\w{0,6}[烯酯胺醚醇]|PVC|PE|PP|ABS|PET|PU|"
    "制|制品|制成|材质|材料"
)
_STUFF_END = re.compile(rf"(?:{_STUFF}|作面)\Z", re.IGNORECASE)
_STUFF_LENGTH = 24
# The last characters of these words, and of polymers (聚…).
STUFF_ENDS = frozenset(
    "铁钢铝铜锌锡金属料胶板木竹藤布纸皮革棉麻毛丝绒璃瓷石泥纶龙维脂沫制品成质面烯酯胺醚醇CcEePpSsTtUu"
)
# A part that begins with one of these may be any form.
OPENERS = frozenset("无没非未不否是已有带含装可适供应使型规货款料件编半成SWsw")
_MORE_THAN_BRAND = re.compile(r"装配|完整品|生产件|通用|成套|毛坯|用|供|无")


def known_by(words: str, pair: str = "") -> re.Pattern[str]:
    """Compile words parted by bars, to be searched for: first characters first, which is fast.

    A word may say what must not stand before it, as in (?<!无)型号. `pair` is a lookbehind for a
    first character and what follows it.
    """
    found = [(re.sub(r"\A\(\?<!.*?\)", "", word), word) for word in words.split("|")]
    first = "".join(sorted({bare[0] for bare, _ in found}))
    behind = (
        f"(?<={bare[0]}){bare[1:]}"
        # Not behind one character: (?<!无)型号.
        + ("" if bare == word else f"(?<!{word[4 : word.index(')')]}{bare})")
        for bare, word in found
    )
    if pair:
        return re.compile(f"[{first}{CHINESE_DIGITS}](?:{'|'.join([*behind, pair])})")
    return re.compile(f"[{first}](?:{'|'.join(behind)})")


# What the forms below are known by, wherever it stands.
_TELLING = known_by(
    "牌[,，、/／;；：:（(\\s子]|品牌|商标|外文|英文|中文|型号|规格|用[,，;；、（(。]|用途|用于|使用|供|应用|"
    "含量|日期|装配后|完整品|成套散件|毛坯|生产件|通用|成品|适用|料号|件号|编号|款号|货号"
)
_DIGIT = re.compile("[0-9]")
_NUMBER = re.compile(f"[0-9０-９{CHINESE_DIGITS}]")
_PERCENT = re.compile(r"[0-9０-９]\s?[%％‰]")
_CODE_LENGTH = 3
_MEASURED = re.compile(
    rf"""
    (?P<DATE>{_DATE}\Z)
    |[^0-9０-９{CHINESE_DIGITS}]{{0,10}}{_MEASURE}.{{0,2}}\Z
    |(?P<MATERIAL>.{{0,24}}(?:{_STUFF}|作面)\Z)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
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
    |(?P<BRAND>.*(?<![{NOT_A_BRAND}])牌(?:\Z|[,，、/／;；：:（(\s子])
        |.*(?:品牌|商标|[外英中]文名称|英文[:：]|中文[:：]))
    |(?P<NO_MODEL>.*无(?:规格)?型号|.*无规格|.*型号\s?[:：]?\s?无\Z)
    |(?P<CODE>(?:规格)?(?:型号|货号|款号|料号|件号|编号)\s?[:：])
    |(?P<PERCENT>.*(?:[0-9０-９]\s?[%％‰]|含量))
    |(?P<FINISHED>(?:非|半)?成品\Z)
    |(?P<YES_NO_USE>(?:非|不是|未|是|否)\w+用\Z)
    |(?P<USED>.*(?:用|使用|用途)(?:\Z|[,，;；、（(。])|.*(?:供.{{1,12}}使用|用于|适用于))
    |(?P<NONE>无|没有)
    |(?P<NOT>非(?!织造|离子|合金|晶)|未|不(?!锈|饱和|干胶)|否)
    |[^0-9０-９{CHINESE_DIGITS}]{{0,10}}{_MEASURE}.{{0,2}}\Z
    |(?P<YES>是|已|有|带|含|装|可)
    |(?P<MATERIAL>.{{0,24}}(?:{_STUFF}|作面)\Z)
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
