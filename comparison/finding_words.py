"""Findings in Chinese: what a page says beside each element. The edge; no rule of comparing here."""

import re
from collections.abc import Sequence

from catalogue.elements import BRAND_TYPES, EXPORT_BENEFITS
from comparison.amounts import Amount, AmountPair, unit_name
from comparison.display import display_text
from comparison.findings import Finding, Kind, Relation
from comparison.forms import form_labels
from comparison.marked import Pieces, differing_texts
from declarations.normalise import normalise_text

# How many differing places a note quotes before it only counts them.
QUOTED = 2
_LONGEST_QUOTE = 24
_MEANINGS = {"品牌类型": BRAND_TYPES, "出口享惠情况": EXPORT_BENEFITS}
_NEGATIONS = ("非", "未", "无", "不", "没有")


def note_of(finding: Finding, mine: Pieces, theirs: Pieces) -> str:
    """Say in words what a finding found; `mine` and `theirs` are its values as shown, marked."""
    match finding.relation:
        case Relation.EQUAL:
            return f"相同（仅{form_labels(finding.forms)}不同）" if finding.forms else "相同"
        case Relation.FORM:
            return (
                f"仅填报形式不同：{form_labels(finding.forms)}"
                if finding.forms
                else "仅填报形式不同"
            )
        case Relation.HIDDEN:
            return "参考数据此项已隐去，不作比对"
        case Relation.MOVED:
            return "内容相同，所在位置不同"
        case Relation.MISSING:
            return "本条未填" if not finding.mine else "参考数据未填"
    said = (
        _by_kind(finding)
        or _amounts(finding.amounts)
        or (finding.kind is Kind.CODE and _place(mine, theirs))
        or _pieces(mine, theirs)
    )
    return f"不同：{said}" if said else "不同"


def _by_kind(finding: Finding) -> str:
    """What the kind of the element has to say by itself; empty where the characters say it all."""
    meanings = _MEANINGS.get(finding.element)
    if meanings:
        return _sides(*(_with_meaning(v, meanings) for v in (finding.mine, finding.theirs)))
    if finding.kind is Kind.YES_NO:
        return _sides(finding.mine, finding.theirs)
    if finding.shares:
        return "；".join(
            f"{display_text(name)}：本条 {a or '无此项'}，参考 {b or '无此项'}"
            for name, a, b in finding.shares
        )
    return _negation(finding) or _order(finding)


def _order(finding: Finding) -> str:
    """A list in another order is another list: say that its items are the same."""
    items = [
        sorted(re.split("[、,;/&+ ]+", normalise_text(value)))
        for value in (finding.mine, finding.theirs)
    ]
    same = items[0] == items[1] and len(items[0]) > 1 and finding.kind is not Kind.CODE
    return "所列各项相同，次序不同" if same else ""


def _with_meaning(code: str, meanings: dict[str, str]) -> str:
    meaning = meanings.get(code)
    return f"{code} {meaning}" if meaning else code


def _negation(finding: Finding) -> str:
    """成套散件 and 非成套散件 are opposites: say which side has the word."""
    for word in _NEGATIONS:
        if finding.theirs == word + finding.mine:
            return f"参考多“{word}”字，意思相反"
        if finding.mine == word + finding.theirs:
            return f"本条多“{word}”字，意思相反"
    return ""


def _amounts(pairs: Sequence[AmountPair]) -> str:
    return "；".join(map(_amount, pairs))


def _amount(pair: AmountPair) -> str:
    """Say both in one unit: 50 毫米 与 60 毫米; 5 厘米 = 50 毫米."""
    if not pair.is_equal:
        unit = unit_name(pair.unit)
        converted = pair.mine.unit != pair.theirs.unit
        both = f"{pair.mine_in_one} {unit} 与 {pair.theirs_in_one} {unit}"
        return (
            f"{both}（本条 {_shown(pair.mine)}，参考 {_shown(pair.theirs)}）" if converted else both
        )
    if pair.mine.unit == pair.theirs.unit:
        return f"{_shown(pair.mine)} 与 {_shown(pair.theirs)} 数值相等，小数位数或分隔写法不同"
    return f"{_shown(pair.mine)} = {_shown(pair.theirs)}，大小相等，所用单位不同"


def _shown(amount: Amount) -> str:
    return f"{amount.number} {unit_name(amount.unit)}"


def _pieces(mine: Pieces, theirs: Pieces) -> str:
    """Quote the characters that differ; only count the places where they are many or long."""
    quoted = [differing_texts(mine), differing_texts(theirs)]
    places = max(map(len, quoted))
    longest = max((len(text) for texts in quoted for text in texts), default=0)
    if not places or places > QUOTED or longest > _LONGEST_QUOTE:
        return f"{places} 处文字" if places > QUOTED else ""
    return _sides(*("、".join(texts) for texts in quoted))


def _place(mine: Pieces, theirs: Pieces) -> str:
    """In a code say the place too, where there is one: 第 11 位，本条：A；参考：G."""
    changed = [[i for i, piece in enumerate(side) if piece.differs] for side in (mine, theirs)]
    if not all(len(places) == 1 for places in changed) or (len(mine) == len(theirs) == 1):
        return ""
    start = sum(len(piece.text) for piece in mine[: changed[0][0]]) + 1
    longest = max(
        len(side[places[0]].text) for side, places in zip((mine, theirs), changed, strict=True)
    )
    where = f"第 {start} 位" if longest == 1 else f"第 {start} 位起"
    return f"{where}，{_sides(mine[changed[0][0]].text, theirs[changed[1][0]].text)}"


def _sides(mine: str, theirs: str) -> str:
    if not mine:
        return f"参考多出“{theirs}”"
    if not theirs:
        return f"本条多出“{mine}”"
    return f"本条：{mine}；参考：{theirs}"
