"""Compositions: 乳糖73%，灰分7.5% …; 58%木粉 37%PE 5%助剂; 面料:100%涤纶；里料:100%棉.

Shares are read as intervals, so that ranges (35-39%), bounds (≥99%, 0.5%以下) and 约 take part in the
sum, and a remainder (余量) fills it. A sum of 100 begins anew, since compositions by layer follow
one another in one text.
"""

import re
import unicodedata
from typing import NamedTuple

from catalogue.checks.plan import Asked, Fault

# Where the parts of a whole must all be named (第28、29章; fibres of textiles), a sum below 100 is
# told from one share on; in ores, fuels and metals the main elements alone are customary.
_STRICT_CHAPTERS = frozenset({"28", "29"})
_FIBRE_CHAPTERS = frozenset(str(chapter) for chapter in range(50, 64))
_PARTIAL_CHAPTERS = frozenset({"25", "26", "27", *(str(chapter) for chapter in range(71, 84))})
_STRICT_TOLERANCE, _TOLERANCE = 0.05, 1.0
_ABOVE_TOLERANCE = 0.5

_DUE = re.compile(r"(?:成分|纤维|单体).*(?:含量|比例)")
_NOT_DUE = re.compile(r"表面材质|是否|请注明|申报|有效")
_SUMMED = re.compile(r"成分|纤维种类|单体单元")
_UNITS = {"%": 1.0, "‰": 0.1, "ppm": 1e-4}
_SHARE = re.compile(
    r"(?P<bound>[≥≤><]=?|≧|≦|不低于|不少于|不小于|大于等于|大于|至少|不超过|不高于|不大于|不多于"
    r"|小于等于|小于|低于|最多|高于|约为?|大约|min\.?|max\.?)?\s*[:：]?\s*"
    r"(?<![\d.])(?P<low>\d+(?:\.\d+)?)\s*(?:%|‰|ppm)?\s*"
    r"(?:(?:±|\+/-)\s*(?P<spread>\d+(?:\.\d+)?)\s*%?|[-~–—至到]+\s*(?P<high>\d+(?:\.\d+)?))?\s*"
    r"(?P<unit>%|‰|ppm)\s*"
    r"(?P<after>及?以上|及?以下|以内|左右|min|max)?",
    re.IGNORECASE,
)
_AT_LEAST = re.compile(r"[≥>≧]|不低于|不少于|不小于|大于|至少|高于|min|以上", re.IGNORECASE)
_AT_MOST = re.compile(
    r"[≤<≦]|不超过|不高于|不大于|不多于|小于|低于|最多|max|以下|以内", re.IGNORECASE
)
_ABOUT = re.compile(r"约|左右")
_REMAINDER = re.compile(
    r"(?:余量|其余|余下|剩余|余为|余者|其他|其它|等|辅料|助剂|杂质|微量|少量|添加剂|\bbal(?:ance)?\b|\brest\b)"
    r"(?![^\d,，;；、|]{0,12}\d)",
    re.IGNORECASE,
)
_LAYERS = re.compile(r"[；;]|[面里衬]料|填充|[内外表底中]层|[面里][:：]")
_BRACKETS = re.compile(r"[（(\[［][^（）()\[\]［］]*[)）\]］]")
# An amount in another measure is no missing percentage: 200毫克/片, 1:1, 80/20.
_AMOUNT = re.compile(
    r"\d\s*(?:mg|g|kg|ug|μg|毫克|微克|克|千克|公斤|iu|mol|ml|毫升|升|份|目|d\b|u\b|cfu|[:：/]\s*\d)"
    r"|百分之|单位",
    re.IGNORECASE,
)
_WHOLE_WORD = re.compile(r"纯|全(?:棉|毛|麻|涤|皮|铜|铝|木)|100")
_CAS = re.compile(r"\d{2,7}-\d{2}-\d")
_NO_INGREDIENT = re.compile(r"[\d.,*×xX/\-~ ]+(?:[a-zA-Z]{1,3}|毫米|厘米|米)?")  # a size: 2.2CM


class Share(NamedTuple):
    """A part of the whole in per cent, between `low` and `high`."""

    low: float
    high: float


def shares_of(text: str) -> list[Share]:
    """The shares in a composition text in order; ‰ and ppm as per cent."""
    shares = []
    for match in _SHARE.finditer(unicodedata.normalize("NFKC", text)):
        factor = _UNITS[match["unit"].lower()]
        low = float(match["low"]) * factor
        high = float(match["high"]) * factor if match["high"] else low
        words = f"{match['bound'] or ''} {match['after'] or ''}"
        if match["spread"]:
            spread = float(match["spread"]) * factor
            low, high = low - spread, low + spread
        elif high < low:
            low = high  # 聚酰胺6-5%: the first number belongs to a name
        elif _AT_LEAST.search(words):
            high = max(100.0, low)
        elif _AT_MOST.search(words):
            low = 0.0
        elif _ABOUT.search(words):
            low, high = low * 0.9, high * 1.1
        shares.append(Share(low, high))
    return shares


def asks_composition(asked: Asked) -> bool:
    """Whether shares are due in this element: 成分含量, 面料成分含量, 单体单元的种类和比例."""
    return bool(_DUE.search(asked.bare)) and not _NOT_DUE.search(asked.bare)


def holds_composition(asked: Asked) -> bool:
    """Whether shares that stand in this element are those of a whole: 纤维成分, 成分 too."""
    return bool(_SUMMED.search(asked.bare)) and not _NOT_DUE.search(asked.bare)


def is_about_composition(name: str) -> bool:
    """Whether an element's name speaks of what something consists of: 如有填充物，请注明成分含量."""
    return bool(re.search(r"成分|含量|单体|纤维|材质|面料", name))


def is_whole(text: str) -> bool:
    """Whether a text holds shares that are 100 together."""
    return _completes(shares_of(text), _TOLERANCE)


def check_shares_given(asked: Asked, text: str) -> Fault | None:
    """An element that asks shares and names ingredients only."""
    if any(sign in text for sign in "%％‰") or "ppm" in text.lower():
        return None
    if _AMOUNT.search(text) or _WHOLE_WORD.search(text) or _CAS.search(text):
        return None
    if _NO_INGREDIENT.fullmatch(text):
        return None
    return Fault("composition_no_share", {})


def check_sum(asked: Asked, text: str) -> Fault | None:
    """Shares that are not 100 together, by the chapter's custom."""
    if not ("%" in text or "％" in text):
        return None
    shares = shares_of(text)
    if not shares:
        return None
    strict = asked.chapter in _STRICT_CHAPTERS
    tolerance = _STRICT_TOLERANCE if strict else _TOLERANCE
    if _completes(shares, tolerance):
        return None
    bare = _BRACKETS.sub("", text)
    if bare != text and _completes(shares_of(bare), tolerance):
        return None
    low, high = sum(share.low for share in shares), sum(share.high for share in shares)
    if low > 100 + _ABOVE_TOLERANCE:
        # A whole beside shares of something else (100%涤纶，透气率30%) is no fault to name.
        if _LAYERS.search(text) or any(_is_whole(*share, tolerance) for share in shares):
            return None
        return Fault("composition_above", {"total": _shown(low)})
    if high >= 100 - tolerance or not _below_is_told(asked, text, shares):
        return None
    return Fault("composition_below", {"total": _shown(high)})


def _below_is_told(asked: Asked, text: str, shares: list[Share]) -> bool:
    if _REMAINDER.search(unicodedata.normalize("NFKC", text)) or "贵金属" in asked.bare:
        return False
    if asked.chapter in _STRICT_CHAPTERS:
        return True
    if asked.chapter in _PARTIAL_CHAPTERS:
        return False
    if asked.chapter in _FIBRE_CHAPTERS:
        return True
    return len(shares) > 1


def _completes(shares: list[Share], tolerance: float) -> bool:
    """Whether the shares are 100 together, or a run of wholes of 100 each."""
    low = high = 0.0
    if _is_whole(sum(s.low for s in shares), sum(s.high for s in shares), tolerance):
        return True
    for share in shares:
        low, high = low + share.low, high + share.high
        if _is_whole(low, high, tolerance):
            low = high = 0.0
    return bool(shares) and low == 0.0


def _is_whole(low: float, high: float, tolerance: float) -> bool:
    return low <= 100 + _ABOVE_TOLERANCE and high >= 100 - tolerance - 1e-9


def _shown(total: float) -> str:
    return f"{total:.4f}".rstrip("0").rstrip(".")
