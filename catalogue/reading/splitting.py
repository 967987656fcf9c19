"""Cutting a 规格型号 string into its parts, so that nothing is lost."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

BRAND_TYPES = {
    "0": "无品牌",
    "1": "境内自主品牌",
    "2": "境内收购品牌",
    "3": "境外品牌（贴牌生产）",
    "4": "境外品牌（其他）",
}
EXPORT_BENEFITS = {
    "0": "不享受优惠关税",
    "1": "享受优惠关税",
    "2": "不能确定",
    "3": "不适用于进口报关单",
}


class Pieces(NamedTuple):
    """The parts of a string as they stand, what stands between them, and its anti-dumping part.

    `tail` is the index of the anti-dumping part, -1 where there is none; `groups` how many <> it
    has.
    """

    raws: list[str]
    separators: tuple[str, ...]
    tail: int
    groups: int


# <原厂商中文名称><原厂商英文名称><反倾销税率><反补贴税率><是否符合价格承诺>; some write them in full
# width, or leave one out, and still name a producer.
_ANTI_DUMPING = re.compile(r"(?:[<＜][^<>＜＞]*[>＞]\s*){2,}(?=[\s|｜]*\Z)")
_GROUP = re.compile(r"[<＜][^<>＜＞]*[>＞]")
_BAR = re.compile(r"([|｜])")
ANTI_DUMPING_GROUPS = 5


def cut(text: str) -> Pieces:
    """Cut at the bars, half or full width, and before an anti-dumping tail."""
    if ">" in text or "＞" in text:
        found = _ANTI_DUMPING.search(text)
        if found is not None:
            return _cut_with_tail(text, found)
    if "｜" not in text:
        raws = text.split("|")
        return Pieces(raws, ("|",) * (len(raws) - 1), -1, 0)
    raws, separators = _cut_at_bars(text)
    return Pieces(raws, tuple(separators), -1, 0)


def _cut_at_bars(text: str) -> tuple[list[str], list[str]]:
    pieces = _BAR.split(text)
    return pieces[::2], pieces[1::2]


def _cut_with_tail(text: str, found: re.Match[str]) -> Pieces:
    """Take the tail as one part, whatever bars stand inside its brackets."""
    raws, separators = _cut_at_bars(text[: found.start()])
    if not raws[-1].strip() and separators:
        # The white space before the tail belongs to it.
        tail_raw = raws.pop() + found.group()
    elif len(raws) == 1 and not raws[0].strip():
        tail_raw = raws.pop() + found.group()
    else:
        separators.append("")
        tail_raw = found.group()
    place = len(raws)
    raws.append(tail_raw)
    after, more = _cut_at_bars(text[found.end() :])
    if more:
        # What stands behind the tail: bars and white space only.
        raws[-1] += after[0]
        raws += after[1:]
        separators += more
    else:
        raws[-1] += after[0]
    return Pieces(raws, tuple(separators), place, len(_GROUP.findall(found.group())))


class Leading(NamedTuple):
    """A leading code as read: the digit or nothing, its meaning, and why."""

    code: str
    meaning: str
    why: str
    is_certain: bool


def leading_codes(
    values: Sequence[str], end: int, element_count: int
) -> tuple[Leading | None, Leading | None]:
    """Read 品牌类型 and 出口享惠情况 from the first two parts, each None where it is not there.

    Only the first `end` parts are looked at. Strings before 2018 have neither code. Empty ones are
    told from empty elements by the number of parts behind them.
    """
    if end < 1:
        return None, None
    first = values[0]
    if end > 1:
        known = KNOWN_TYPES.get(first), KNOWN_BENEFITS.get(values[1])
        if known[0] is not None and known[1] is not None:
            return known
    return _odd_codes(first, values[1] if end > 1 else None, end >= element_count + 2)


def _odd_codes(
    first: str, second: str | None, has_room: bool
) -> tuple[Leading | None, Leading | None]:
    """Read leading codes of which one is empty, unknown or written otherwise."""
    code = _code(first, BRAND_TYPES)
    other = None if second is None else _code(second, EXPORT_BENEFITS)
    if code is not None and other is not None:
        if first or second or has_room:
            return _brand_type(first, code), _export_benefit(second or "", other)
        return None, None
    if code and second is not None:
        return _brand_type(first, code), None
    return None, None


def _code(value: str, meanings: dict[str, str]) -> str | None:
    """Give the digit of a leading code, "" for an empty part, None for what is no code."""
    if value in meanings:
        return value
    if not value:
        return ""
    if len(value) > _LONGEST_CODE:
        return None
    plain = unicodedata.normalize("NFKC", value).strip()
    for label in _LABELS:
        plain = plain.removeprefix(label).lstrip(": ")
    if len(plain) == 1 and plain in _DIGITS:
        return plain
    plain = plain.replace("（", "(").replace("）", ")")
    for code, meaning in meanings.items():
        if plain and plain == unicodedata.normalize("NFKC", meaning) and code != "0":
            return code
    return None


_LONGEST_CODE = 16
_DIGITS = "0123456789"
_LABELS = ("品牌类型", "出口享惠情况")


def _brand_type(value: str, code: str) -> Leading:
    if code in BRAND_TYPES:
        return Leading(code, BRAND_TYPES[code], "第 1 部分是品牌类型代码", True)
    if not code:
        return Leading("", "", "第 1 部分是品牌类型，没有填", True)
    return Leading(code, "", f"第 1 部分是品牌类型，代码应为 0 至 4，填的是 {value}", False)


def _export_benefit(value: str, code: str) -> Leading:
    if code in EXPORT_BENEFITS:
        return Leading(code, EXPORT_BENEFITS[code], "第 2 部分是出口享惠情况代码", True)
    if not code:
        return Leading("", "", "第 2 部分是出口享惠情况，没有填", True)
    return Leading(code, "", f"第 2 部分是出口享惠情况，代码应为 0 至 3，填的是 {value}", False)


KNOWN_TYPES = {code: _brand_type(code, code) for code in BRAND_TYPES}
KNOWN_BENEFITS = {code: _export_benefit(code, code) for code in EXPORT_BENEFITS}
