"""Reasons in Chinese: what is stored with an entry as codes and values, put into sentences.

Pure functions of the stored reason (comparison/marking.py and telling.py write it); whether another's
content may still be named is for the caller to ask.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from comparison.forms import form_labels
from comparison.models import MatchSource
from comparison.projection import HIDDEN, NO_LONGER_PUBLIC

Reason = Mapping[str, Any]

# How many elements a sentence names before it only counts the rest.
NAMED_ELEMENTS = 6


def whose(source: str) -> str:
    """Say whose conforming content a reason speaks of."""
    return "本企业规范数据" if source == MatchSource.OWN else "公共库规范数据"


def matched_sentence(match: Reason, source: str, hs_code: str) -> str:
    """Say what an entry is to the content that says the same: identical, or in which forms not.

    `hs_code` is the entry's own; where the last two digits differ the sentence names it.
    """
    if match.get("relation") == "identical":
        return f"与{whose(source)}中的同一申报内容一致。"
    forms = form_labels(match.get("forms", ()))
    codes = match.get("hs_code", "")
    if not codes:
        return f"与{whose(source)}仅填报形式不同：{forms or '书写形式'}。"
    ending = f"商品编码末两位不同（本条 {hs_code}，参考 {codes}）"
    if not forms:
        return f"与{whose(source)}前八位商品编码相同，{ending}，其余申报内容一致。"
    return f"与{whose(source)}仅填报形式不同：{forms}；{ending}。"


def nearest_sentence(reason: Reason, hs_code: str, *, is_seen: bool) -> str:
    """Say that nothing says the same, and where the nearest conforming content differs.

    `is_seen`: the enterprise may still see the content that the reason names.
    """
    if "nearest" not in reason:
        return "无相同申报要素的规范数据；正在查找最接近的一条，请稍后刷新。"
    nearest = reason["nearest"]
    if nearest is None:
        return f"海关尚未审核这一申报内容；税则号列 {hs_code[:8]} 下本企业和公共库都没有规范数据可供比对。"
    if not is_seen:
        return f"无相同申报要素的规范数据；最接近的一条：{NO_LONGER_PUBLIC}，将在下次比对时更新。"
    return f"无相同申报要素的规范数据；最接近的一条{_where(nearest)}。"


def named(elements: Sequence[str]) -> str:
    """Put element names into a sentence: “型号”“成分含量”, after some of them their number."""
    words = "".join(f"“{name}”" for name in elements[:NAMED_ELEMENTS])
    return words + (f"等 {len(elements)} 项" if len(elements) > NAMED_ELEMENTS else "")


def _where(nearest: Reason) -> str:
    if nearest["differing"]:
        return f"在{named(nearest['differing'])}上不同"
    if nearest.get("hidden"):
        return f"在可见的各项上没有不同，{HIDDEN}的部分不作比对"
    return "各项内容相同，但所在位置不同"
