"""The words and forms that both the import's row checks and the checks on a reading go by."""

import re
import unicodedata
from collections.abc import Iterable

from catalogue.word_lists import words

BRAND_TYPE_CODES = ("0", "1", "2", "3", "4")
FILLERS = words("filler")
VAGUE_NAMES = words("vague_name")

CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
# Five groups: 原厂商中文名称, 原厂商英文名称, 反倾销税率, 反补贴税率, 是否符合价格承诺 (三十五（十二）).
ANTI_DUMPING = re.compile(r"(?:<[^<>]*>){5}")

# Only 无, words that say what is absent, and separators: 无品牌, 无中文及外文品牌, 无中、外文名称品牌.
_NO_BRAND = re.compile(r"(?:品牌[:：])?(?:无[中英外文及和或与、,，/;；名称品牌子商标]*)+")
_BRAND_WORD = re.compile(r"牌|商标|名称")
_BRAND = re.compile(r"^品牌[:：].|(?<![吊标铭挂招号门路名])牌(?:$|[,，/、])")
_NO_BRAND_PHRASE = re.compile(
    r"无(?:[中英外国][文国]?|及|和|或|与|、|,|，|/|名称)*(?:品牌|牌子|牌|商标|名称)"
)
_MAKER = re.compile(r"(?:生产)?(?:厂商|厂家|厂名|制造商|生产商|企业)")
_LABEL = re.compile(r"^(?:[中英外]文)?(?:品牌|商标|牌号)(?:名称)?\s*[:：]\s*")
_EDGES = " ,，;；、.。/()（）:："


def export_benefits_of(ie_flag: str) -> tuple[str, ...]:
    """The codes of 出口享惠情况 that may stand: 3 on an import, 0, 1 or 2 on an export."""
    return ("3",) if ie_flag == "I" else ("0", "1", "2")


def has_other_script(text: str) -> bool:
    """Whether a text has Chinese characters that simplified writing (GB/T 2312) does not: 無品牌.

    Words are looked for in simplified characters, so that one not found there proves nothing.
    """
    if text.isascii():
        return False
    try:
        "".join(CHINESE.findall(text)).encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False


def is_filler(text: str) -> bool:
    """Whether a part says nothing: 无, 是, 否, *, / and the like."""
    return text in FILLERS


def brand_texts(parts: Iterable[str]) -> tuple[list[str], list[str]]:
    """Of parts whose elements are not known: those that deny a brand, and those that name one."""
    listed = list(parts)
    absent = [part for part in listed if _NO_BRAND.fullmatch(part) and _BRAND_WORD.search(part)]
    named = [part for part in listed if part not in absent and _BRAND.search(part)]
    return absent, named


def brand_is_named(text: str) -> bool | None:
    """Whether the text of a brand element names a brand (True) or denies one (False).

    None where it can't be told: a filler, a maker in place of a brand. 无中文品牌GM names one.
    """
    text = unicodedata.normalize("NFKC", text).strip()
    if not text or is_filler(text):
        return None
    if text.upper() in words("no_brand"):
        return False
    rest = _NO_BRAND_PHRASE.sub("", _LABEL.sub("", text))
    denied = len(rest) < len(_LABEL.sub("", text))
    rest = rest.strip(_EDGES)
    if not denied:
        return None if rest in FILLERS or _MAKER.match(rest) or rest[:1] in "无非未不" else True
    if not rest or rest in words("no_brand"):
        return False
    if _MAKER.search(rest):
        return False
    # 无中文品牌GM, 德尔福牌,无外文品牌; what is neither letters nor 牌 is a remark.
    return True if re.search(r"牌|[A-Za-z]{2}|[外英]文", rest) else None
