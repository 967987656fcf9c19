"""Carrying a declared 规格型号 over to another element list: a draft in the official part order.

品牌类型 | 出口享惠情况 | elements 1..n | GTIN | CAS | 其他, and the anti-dumping tail behind them
(《报关单填制规范》, 海关总署公告 2019 年第 18 号, 三十五). Nothing is made up and nothing is lost: a part
of the old string stands in the new one or among `dropped`, with its own text (a label that only
repeats the element's name is left off, 品牌:佳驰 becomes 佳驰); what the new list asks for and the old
string doesn't say stays empty and is named in `missing`. No database here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from catalogue.changes import ChangeKind, ElementChange, list_changes
from catalogue.elements import ElementName, Part, PartKind, Reading

# The longest 规格型号 that a declaration takes (DecMessage_ImportSave_V1.0.xsd, GModel).
MAX_G_MODEL = 255

_LEADING = ((PartKind.BRAND_TYPE, "品牌类型"), (PartKind.EXPORT_BENEFIT, "出口享惠情况"))
_TRAILING = ((PartKind.GTIN, "GTIN"), (PartKind.CAS, "CAS"), (PartKind.OTHER, "其他"))
# Answers that say nothing which 其他 could keep.
_SAYS_NOTHING = ("无", "没有", "不适用", "*", "/", "-")


@dataclass(frozen=True)
class CarriedPart:
    """One place of the new string.

    `name` is the new catalogue element, None for a part that is none; `kind` what became of the
    element, None for parts that are none; `old_name` the name that the value stood under where it
    is another. `is_uncertain`: a person must see whether the value still fits. `note` is a Chinese
    sentence, empty where there is nothing to say.
    """

    name: ElementName | None
    label: str
    value: str
    kind: ChangeKind | None = None
    is_missing: bool = False
    is_uncertain: bool = False
    old_name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Carried:
    """A new 规格型号 as far as the old one gives it.

    `missing` names the places that are due and empty, in order; `dropped` are parts of the old
    string that have no place in the new one, as they were read.
    """

    text: str
    parts: tuple[CarriedPart, ...]
    missing: tuple[str, ...]
    dropped: tuple[Part, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing and nothing needs a look."""
        return not self.missing and not any(part.is_uncertain for part in self.parts)

    @property
    def may_go_to_other(self) -> tuple[Part, ...]:
        """Dropped parts that say something, which a person may want to keep under 其他."""
        return tuple(part for part in self.dropped if not _says_nothing(part.value))

    @property
    def is_too_long(self) -> bool:
        """Whether a declaration would not take it."""
        return len(self.text) > MAX_G_MODEL


def carry(reading: Reading, names: Sequence[ElementName]) -> Carried:
    """Carry a reading over to a new element list.

    A kept or moved element takes its value along; so does a renamed one, marked to be looked at.
    Where the old string has two parts for one place the first is taken, the other dropped.
    """
    held = _Held(reading)
    parts = [held.optional(kind, label, is_due=True) for kind, label in _LEADING]
    for change in list_changes(reading.names or (), names):
        if change.new is not None:
            parts.append(held.element(change, change.new))
    parts += [held.optional(kind, label) for kind, label in _TRAILING]
    tail = held.take(PartKind.ANTI_DUMPING)
    dropped = tuple(held.left())
    shown = [_with_hint(part, parts, dropped) for part in parts]
    if tail is not None:
        shown.append(CarriedPart(None, tail.name, tail.value))
    return Carried(
        join_places([part.value for part in parts], tail.value if tail is not None else ""),
        tuple(shown),
        tuple(part.label for part in parts if part.is_missing),
        dropped,
    )


class _Held:
    """The parts of the old string, each given out at most once."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._taken: set[int] = set()
        self._places: defaultdict[tuple[PartKind, int | None], list[int]] = defaultdict(list)
        for at, part in enumerate(reading.parts):
            if part.value.strip():
                number = part.number if part.kind is PartKind.ELEMENT else None
                self._places[part.kind, number].append(at)

    def take(self, kind: PartKind, number: int | None = None) -> Part | None:
        """Give out the first part of a place, if the old string says something there."""
        waiting = self._places[kind, number]
        if not waiting:
            return None
        at = waiting.pop(0)
        self._taken.add(at)
        return self._reading.parts[at]

    def optional(self, kind: PartKind, label: str, *, is_due: bool = False) -> CarriedPart:
        """Fill a place that is no catalogue element; only the two leading codes are due."""
        part = self.take(kind)
        if part is not None:
            sure = part.is_certain
            note = "" if sure else _look_at(part)
            return CarriedPart(None, label, part.value, is_uncertain=not sure, note=note)
        note = f"原规格型号中没有{label}，请补填" if is_due else ""
        return CarriedPart(None, label, "", is_missing=is_due, note=note)

    def element(self, change: ElementChange, new: ElementName) -> CarriedPart:
        """Fill the place of a new element from its old one."""
        old = change.old
        part = self.take(PartKind.ELEMENT, old.number) if old is not None else None
        sure = part is None or part.is_certain
        return CarriedPart(
            new,
            new.name,
            part.value if part is not None else "",
            ChangeKind(change.kind),
            is_missing=part is None,
            is_uncertain=part is not None and (change.kind is ChangeKind.RENAMED or not sure),
            old_name=old.name if old is not None and old.name != new.name else "",
            note=_note(change, part, sure),
        )

    def left(self) -> Iterator[Part]:
        """Yield what was not given out and says something, in the order of the string."""
        for at, part in enumerate(self._reading.parts):
            if part.value.strip() and at not in self._taken:
                yield part


def _note(change: ElementChange, part: Part | None, sure: bool) -> str:
    """Say in one sentence what a person has to know about the place, if anything."""
    old, new = change.old, change.new
    if old is None:
        return "新版目录新增的要素，请补填"
    if part is None:
        before = f"（原名“{old.name}”）" if new is not None and old.name != new.name else ""
        return f"原规格型号中此项为空{before}，请补填"
    if not sure:
        return _look_at(part)
    if change.kind is ChangeKind.RENAMED:
        return f"由“{old.name}”更名，请核对原填报内容是否仍符合要求"
    if change.kind is ChangeKind.MOVED and new is not None:
        return f"由第 {old.number} 项移到第 {new.number} 项"
    return ""


def _look_at(part: Part) -> str:
    return f"请核对此项：{part.why.rstrip('。')}"


def _with_hint(
    part: CarriedPart, parts: Iterable[CarriedPart], dropped: Iterable[Part]
) -> CarriedPart:
    """Tell a missing element where the old string may have its value; nothing is moved."""
    if not part.is_missing or part.name is None:
        return part
    elsewhere = [(other.label, other.value) for other in parts if other.name is None]
    elsewhere += [(other.name, other.value) for other in dropped]
    for label, value in elsewhere:
        if value and _same_word(label, part.label):
            hint = f"；原规格型号中有“{value.strip()}”，如相符可填于此"
            return replace(part, note=part.note + hint)
    return part


def _same_word(label: str, name: str) -> bool:
    """Whether a place that is no element is meant by an element's name: CAS and CAS号."""
    return label in {"GTIN", "CAS"} and name.upper().startswith(label)


def join_places(values: Sequence[str], tail: str = "") -> str:
    """Write the string: GTIN, CAS and 其他 are the last three of `values`.

    Of these empty ones at the end are left out; the places before them stay, so that what is
    missing shows. The anti-dumping tail comes last.
    """
    kept = list(values)
    least = len(kept) - len(_TRAILING)
    while len(kept) > least and not kept[-1]:
        kept.pop()
    return "|".join([*kept, tail] if tail else kept)


def _says_nothing(value: str) -> bool:
    text = value.strip()
    return text.startswith(_SAYS_NOTHING) and len(text) <= 4
