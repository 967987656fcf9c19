"""A read line laid out in the official order, one field for each element, and put together again.

The order is 品牌类型 | 出口享惠情况 | catalogue elements 1..n | GTIN | CAS | 其他, an anti-dumping tail
last (《报关单填制规范》, 海关总署公告 2019 年第 18 号, 三十五). What stands under no element of the list
follows behind 其他, so that nothing typed is lost.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from catalogue.checks import Finding
from catalogue.elements import BRAND_TYPES, EXPORT_BENEFITS, Part, PartKind, Reading
from declarations.models import IEFlag
from enterprise_lib.checking.lines import one_line

BARS = ("|", "｜")
_TAIL = ((PartKind.GTIN, "GTIN"), (PartKind.CAS, "CAS"), (PartKind.OTHER, "其他"))
_LEADING = ((PartKind.BRAND_TYPE, "品牌类型"), (PartKind.EXPORT_BENEFIT, "出口享惠情况"))
# Codes that only one direction may name (报文格式说明, GModel; 填制规范, 三十五（九）).
_ONLY_EXPORT = {PartKind.BRAND_TYPE: {"3"}, PartKind.EXPORT_BENEFIT: {"0", "1", "2"}}
_ONLY_IMPORT = {PartKind.EXPORT_BENEFIT: {"3"}}


class Slot(NamedTuple):
    """One place of the official order: what it is called, what stands there, what was found.

    `options` are the codes that 品牌类型 and 出口享惠情况 may have; `is_extra` is a part that stands
    under no element of the list; `fault` says why a typed value can't stand there.
    """

    kind: PartKind
    label: str
    value: str = ""
    number: int | None = None
    category: str = ""
    meaning: str = ""
    why: str = ""
    findings: tuple[Finding, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    is_declared: bool = True
    is_extra: bool = False
    is_certain: bool = True
    fault: str = ""

    @property
    def is_due(self) -> bool:
        """Whether it is an element of the catalogue that the text doesn't reach."""
        return self.kind is PartKind.ELEMENT and not self.is_declared and not self.value

    @property
    def has_odd_value(self) -> bool:
        """Whether a value stands in a leading place that is none of its codes."""
        return bool(self.value) and self.value not in {code for code, _ in self.options}


@dataclass(frozen=True)
class Layout:
    """All places in order, the anti-dumping tail apart; `general` findings stand at no element.

    `least` is how many places a composed text names even where they are empty: the two leading
    codes and the catalogue's elements.
    """

    slots: tuple[Slot, ...]
    tail: Slot | None
    least: int
    general: tuple[Finding, ...] = ()

    @property
    def values(self) -> list[str]:
        """What stands in each place."""
        return [slot.value for slot in self.slots]

    @property
    def g_model(self) -> str:
        """The text put together in the official order."""
        return compose(self.values, self.tail.value if self.tail else "", self.least)

    def with_values(self, values: Sequence[str], tail: str) -> "Layout":
        """Return the layout with typed values, each that holds a bar marked with its fault."""
        slots = tuple(
            slot._replace(value=value, fault=bar_fault(slot.label, value))
            for slot, value in zip(self.slots, values, strict=True)
        )
        return replace(
            self, slots=slots, tail=self.tail._replace(value=tail) if self.tail else None
        )


def compose(values: Sequence[str], tail: str, least: int) -> str:
    """Join values with bars; empty ones behind the first `least` are left out at the end.

    The anti-dumping tail comes behind them, so that an empty element before it still shows.
    """
    parts = [one_line(value) for value in values]
    while len(parts) > least and not parts[-1]:
        parts.pop()
    tail = one_line(tail)
    return "|".join([*parts, tail] if tail else parts)


def bar_fault(label: str, value: str) -> str:
    """Say why a value can't stand in one place, or nothing."""
    if any(bar in value for bar in BARS):
        return f"“{label}”里有竖线；竖线只用来分隔要素，请改用顿号或逗号。"
    return ""


def lay_out(reading: Reading, findings: Sequence[Finding], ie_flag: str) -> Layout:
    """Lay a reading out in the official order, each finding at its element."""
    at_part: dict[int, list[Finding]] = defaultdict(list)
    at_name: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.part is None:
            at_name[finding.element].append(finding)
        else:
            at_part[finding.part].append(finding)
    places: dict[tuple[PartKind, int | None], Slot] = {}
    extras: list[Slot] = []
    tail = None
    for index, part in enumerate(reading.parts):
        slot = _slot_of(part, tuple(at_part.get(index, ())))
        key = (part.kind, part.number)
        if part.kind is PartKind.ANTI_DUMPING:
            tail = slot
        elif part.kind in _PLACED and key not in places:
            places[key] = slot
        elif part.value.strip() or slot.findings:
            extras.append(slot._replace(is_extra=True))
    official = [_taken(places, blank, at_name, ie_flag) for blank in _blanks(reading)]
    # Elements of a place that this list hasn't got (none today, but nothing may be lost).
    extras = [slot._replace(is_extra=True) for slot in places.values()] + extras
    general = tuple(finding for found in at_name.values() for finding in found)
    least = len(_LEADING) + len(reading.names or ())
    return Layout((*official, *extras), tail, least, general)


_PLACED = frozenset({kind for kind, _ in (*_LEADING, *_TAIL)} | {PartKind.ELEMENT})


def _slot_of(part: Part, findings: tuple[Finding, ...]) -> Slot:
    return Slot(
        part.kind,
        part.name,
        part.value.strip(),
        part.number,
        part.category,
        part.meaning,
        part.why,
        findings,
        is_certain=part.is_certain,
    )


def _blanks(reading: Reading) -> list[Slot]:
    """The places of the official order, empty."""
    blanks = [Slot(kind, label, is_declared=False) for kind, label in _LEADING]
    blanks += [
        Slot(PartKind.ELEMENT, name.name, "", name.number, name.category, is_declared=False)
        for name in reading.names or ()
    ]
    if reading.names is not None:
        blanks += [Slot(kind, label, is_declared=False) for kind, label in _TAIL]
    return blanks


def _taken(
    places: dict[tuple[PartKind, int | None], Slot],
    blank: Slot,
    at_name: dict[str, list[Finding]],
    ie_flag: str,
) -> Slot:
    """Take what was read for a place out of `places`, and what was found about its name."""
    slot = places.pop((blank.kind, blank.number), blank)
    found = (*slot.findings, *at_name.pop(blank.label, ()))
    return slot._replace(label=blank.label, findings=found, options=_options(blank.kind, ie_flag))


def _options(kind: PartKind, ie_flag: str) -> tuple[tuple[str, str], ...]:
    """The codes that may stand in a leading place for this direction."""
    if kind is PartKind.BRAND_TYPE:
        codes = BRAND_TYPES
    elif kind is PartKind.EXPORT_BENEFIT:
        codes = EXPORT_BENEFITS
    else:
        return ()
    barred = (_ONLY_EXPORT if ie_flag == IEFlag.IMPORT else _ONLY_IMPORT).get(kind, set())
    return tuple((code, words) for code, words in codes.items() if code not in barred)
