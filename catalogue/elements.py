"""Reading a 规格型号 string into named elements by a catalogue edition.

The order of the parts is 品牌类型 | 出口享惠情况 | catalogue elements 1..n in printed order | GTIN |
CAS | 其他 (《报关单填制规范》, 海关总署公告 2019 年第 18 号, 三十五; Single Window's message
specification, GModel). This first reader goes by position and says whether it is certain; it never
raises on any string and loses no part.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from django.core.cache import cache

from catalogue.models import CatalogueCode, Edition

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
# <原厂商中文名称><原厂商英文名称><反倾销税率><反补贴税率><是否符合价格承诺>
_ANTI_DUMPING = re.compile(r"(?:<[^<>]*>){5}\s*\Z")
# How long one process may keep an edition's element list, in seconds.
_LIST_TTL = 300


class PartKind(Enum):
    """What a part of the string was read as."""

    BRAND_TYPE = "brand_type"
    EXPORT_BENEFIT = "export_benefit"
    ELEMENT = "element"
    GTIN = "gtin"
    CAS = "cas"
    OTHER = "other"
    ANTI_DUMPING = "anti_dumping"
    UNMATCHED = "unmatched"


_TAIL = ((PartKind.GTIN, "GTIN"), (PartKind.CAS, "CAS"), (PartKind.OTHER, "其他"))


@dataclass(frozen=True)
class ElementName:
    """An element of a code as the catalogue prints it; `number` counts from 1."""

    number: int
    name: str
    category: str


@dataclass(frozen=True)
class Part:
    """One part of the string: what it was read as, its text as declared, and why it went there.

    `number` is the catalogue's (from 1), empty for parts that are no catalogue element;
    `meaning` decodes 品牌类型 and 出口享惠情况.
    """

    kind: PartKind
    number: int | None
    name: str
    value: str
    category: str
    why: str
    meaning: str = ""


@dataclass(frozen=True)
class Reading:
    """A whole string, read. `is_certain` is False where a part may stand under a wrong name.

    `names` is the whole element list it was read by, None where the edition hasn't the code.
    """

    edition: Edition | None
    parts: tuple[Part, ...]
    is_certain: bool
    names: tuple[ElementName, ...] | None = None

    def elements(self) -> list[Part]:
        """Only the parts that stand under a catalogue element."""
        return [part for part in self.parts if part.kind is PartKind.ELEMENT]


def edition_on(on_date: date | None = None) -> Edition | None:
    """Find the edition in force on a date; the nearest that is held; the newest without a date."""
    editions = list(Edition.objects.filter(in_force=True).order_by("-effective_from"))
    if not editions or on_date is None:
        return editions[0] if editions else None
    for edition in editions:
        ended = edition.effective_to is not None and edition.effective_to < on_date
        if edition.effective_from <= on_date and not ended:
            return edition
    return min(editions, key=lambda e: abs((e.effective_from - on_date).days))


def element_names(edition: Edition | None, hs_code: str) -> tuple[ElementName, ...] | None:
    """List the elements of a code in an edition; None where the edition hasn't the code."""
    if edition is None:
        return None
    key = f"elements:{edition.pk}:{hs_code[:8]}"
    found: tuple[ElementName, ...] | str | None = cache.get(key)
    if found is None:
        code = CatalogueCode.objects.filter(edition=edition, hs8=hs_code[:8]).first()
        found = (
            "absent"
            if code is None
            else tuple(
                ElementName(e.number, e.name, e.get_category_display())
                for e in code.elements.order_by("number")
            )
        )
        cache.set(key, found, _LIST_TTL)
    return None if isinstance(found, str) else found


def read(g_model: str, hs_code: str, ie_flag: str, on_date: date | None = None) -> Reading:
    """Read a declared 规格型号 by the edition of `on_date` (default: the newest in force)."""
    edition = edition_on(on_date)
    return read_by(g_model, ie_flag, edition, element_names(edition, hs_code))


def read_by(
    g_model: str,
    ie_flag: str,
    edition: Edition | None,
    names: Sequence[ElementName] | None,
) -> Reading:
    """Read a 规格型号 by a given element list; a pure function of its arguments.

    Certain only where both leading codes are there and the catalogue elements are all there, with
    at most GTIN, CAS and 其他 behind them.
    """
    tail = _ANTI_DUMPING.search(g_model)
    text = g_model[: tail.start()] if tail else g_model
    values = text.split("|")
    if tail and values and not values[-1].strip():
        values.pop()  # the bar that parts the tail from the rest
    parts: list[Part] = []
    leading = _has_leading_codes(values)
    if leading:
        brand, benefit = values[0].strip(), values[1].strip()
        parts.append(
            Part(
                PartKind.BRAND_TYPE,
                None,
                "品牌类型",
                values[0],
                "",
                "第 1 部分是品牌类型代码",
                BRAND_TYPES[brand],
            )
        )
        parts.append(
            Part(
                PartKind.EXPORT_BENEFIT,
                None,
                "出口享惠情况",
                values[1],
                "",
                "第 2 部分是出口享惠情况代码",
                EXPORT_BENEFITS[benefit],
            )
        )
    rest = values[2:] if leading else values
    count = len(names) if names is not None else 0
    for place, value in enumerate(rest):
        parts.append(_place(place, value, names, count))
    if tail:
        parts.append(
            Part(
                PartKind.ANTI_DUMPING,
                None,
                "反倾销反补贴信息",
                tail.group(),
                "",
                "末尾五组尖括号是原厂商、反倾销、反补贴信息",
            )
        )
    fits = names is not None and count <= len(rest) <= count + len(_TAIL)
    listed = None if names is None else tuple(names)
    return Reading(edition, tuple(parts), leading and fits, listed)


def _has_leading_codes(values: Sequence[str]) -> bool:
    """Whether the string begins with 品牌类型 and 出口享惠情况 (strings before 2018 don't)."""
    return (
        len(values) >= 2
        and values[0].strip() in BRAND_TYPES
        and values[1].strip() in EXPORT_BENEFITS
    )


def _place(place: int, value: str, names: Sequence[ElementName] | None, count: int) -> Part:
    """Read one part behind the leading codes by its place, counted from 0."""
    if names is None:
        return Part(
            PartKind.UNMATCHED, None, "未对应要素", value, "", "目录中没有该商品编码，无法对应要素"
        )
    if place < count:
        name = names[place]
        return Part(
            PartKind.ELEMENT,
            name.number,
            name.name,
            value,
            name.category,
            f"按目录顺序为第 {name.number} 个要素",
        )
    if place < count + len(_TAIL):
        kind, label = _TAIL[place - count]
        return Part(
            kind, None, label, value, "", f"目录要素之后依次为 GTIN、CAS、其他，此处为{label}"
        )
    return Part(
        PartKind.UNMATCHED, None, "未对应要素", value, "", "超出目录要素以及 GTIN、CAS、其他"
    )
