"""Whether an element of one edition is an element of another under a new name.

Editions reword more than they change: a bracket hint comes or goes (品牌 → 品牌（中文或外文名称）),
是否 is put in front (封装 → 是否封装), a name is made longer (成分 → 成分含量) or said in another
word (用途 → 应用场景). Pairs are chosen for a whole list at once, at the least cost in all, so that
one good guess never takes the partner of a better one. No database here.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz

# Words that successive editions of the catalogue use for one and the same thing.
_SAME_THING = (
    frozenset({"用途", "应用场景", "适用场景", "应用领域", "适用范围", "使用场合", "适用机型"}),
    frozenset({"材质", "材料", "质地"}),
    frozenset({"种类", "类型", "类别", "品种"}),
    frozenset({"外观", "形状", "外形"}),
    frozenset({"加工方法", "加工工艺", "制作方法", "制造方法", "生产工艺", "生产方法"}),
    frozenset({"级别", "等级", "质量等级"}),
    frozenset({"规格", "尺寸", "规格尺寸"}),
    frozenset({"原理", "工作原理"}),
    frozenset({"CAS号", "CAS编号", "CAS", "CAS登记号"}),
    frozenset({"货号", "款号"}),
    frozenset({"零部件编号", "零件编号", "零部件号", "原厂零件编号"}),
)
_INNERMOST_BRACKETS = re.compile(r"[（(\[【〔［][^（()）\[\]【】〔〕［］]*[)）\]】〕］]")
_ASKING = re.compile(r"^(?:是否|有无|请注明|如有|如为|如果|如)|(?:请注明|请申报)$")
_IDLE = re.compile(r"[\s：:，,。；;、]+")
# Costs in hundredths; a pair that costs more than APART is not the same element.
APART = 100
_ELSEWHERE = 60
_LONGER = 40
_REWORDED = 55
_SYNONYM = 35
# Where characters differ, the names must agree in this share of them (of 100), and in their end,
# which in Chinese names the thing itself: 额定电压 is not 额定电流, 含油率 not 含水率.
_ALIKE = 76
_HEAD = 2


@lru_cache(maxsize=16384)
def plain_name(name: str) -> str:
    """The name without bracket hints, white space and idle punctuation, of one width."""
    text, before = name, ""
    while text != before:
        before, text = text, _INNERMOST_BRACKETS.sub("", text)
    text = _IDLE.sub("", unicodedata.normalize("NFKC", text))
    return text or _IDLE.sub("", unicodedata.normalize("NFKC", name))


@lru_cache(maxsize=16384)
def core_name(name: str) -> str:
    """The plain name without the words that only ask: 是否封装 is 封装, 粒度请注明 is 粒度."""
    text, before = plain_name(name), ""
    while text != before:
        before, text = text, _ASKING.sub("", text) or text
    return text


@lru_cache(maxsize=65536)
def rename_cost(one: str, other: str, same_place: bool) -> int:
    """Say how unlike two names are, 0 (only a hint differs) to 100 (not the same element).

    Equal but for hints or asking words they may stand anywhere; looser likeness counts only where
    both stand between the same unchanged neighbours.
    """
    if plain_name(one) == plain_name(other):
        return 0 if same_place else _ELSEWHERE
    first, second = core_name(one), core_name(other)
    if first == second:
        return 5 if same_place else _ELSEWHERE + 5
    if not same_place:
        return APART
    if any(first in words and second in words for words in _SAME_THING):
        return _SYNONYM
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= _HEAD and 2 * len(shorter) >= len(longer):
        if longer.startswith(shorter) or longer.endswith(shorter):
            return _LONGER
        ratio = fuzz.ratio(first, second)
        if ratio >= _ALIKE and first[-_HEAD:] == second[-_HEAD:]:
            return _REWORDED + round(100 - ratio)
    return APART


def paired_names(
    old: Sequence[tuple[str, int]], new: Sequence[tuple[str, int]]
) -> list[tuple[int, int]]:
    """Pair old with new names that are the same element, at the least cost in all.

    Each is (name, place); equal places are between the same neighbours. Returns pairs of indexes
    in the order of `old`; what is not paired was removed, or added.
    """
    # What a pair saves; the one more makes the greater number of pairs win between equal sums.
    saved = [
        [
            max(0, APART - rename_cost(name, other, place == other_place)) * 1000
            for other, other_place in new
        ]
        for name, place in old
    ]
    for row in saved:
        row[:] = [value + 1 if value else 0 for value in row]
    if not any(map(any, saved)):
        return []
    return [
        (at, partner)
        for at, partner in enumerate(_assignment(saved))
        if partner is not None and saved[at][partner]
    ]


def _assignment(saved: Sequence[Sequence[int]]) -> list[int | None]:
    """Give each row the column by which the sum of `saved` is greatest (the Hungarian method)."""
    size = max(len(saved), len(saved[0]))
    cost = [
        [-saved[i][j] if i < len(saved) and j < len(saved[0]) else 0 for j in range(size)]
        for i in range(size)
    ]
    row_price, column_price = [0] * (size + 1), [0] * (size + 1)
    row_of = [0] * (size + 1)  # of each column, counted from 1; 0 is free
    for row in range(1, size + 1):
        row_of[0], column = row, 0
        least: list[float] = [float("inf")] * (size + 1)
        came_from, seen = [0] * (size + 1), [False] * (size + 1)
        while row_of[column]:
            seen[column] = True
            here, step, following = row_of[column], float("inf"), 0
            for other in range(1, size + 1):
                if seen[other]:
                    continue
                price = cost[here - 1][other - 1] - row_price[here] - column_price[other]
                if price < least[other]:
                    least[other], came_from[other] = price, column
                if least[other] < step:
                    step, following = least[other], other
            for other in range(size + 1):
                if seen[other]:
                    row_price[row_of[other]] += int(step)
                    column_price[other] -= int(step)
                else:
                    least[other] -= step
            column = following
        while column:
            row_of[column] = row_of[came_from[column]]
            column = came_from[column]
    partners: list[int | None] = [None] * len(saved)
    for column in range(1, len(saved[0]) + 1):
        if 0 < row_of[column] <= len(saved):
            partners[row_of[column] - 1] = column - 1
    return partners
