"""The old and the new string of a touched content side by side, element by element."""

from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.carrying import Carried, CarriedPart
from catalogue.changes import ChangeKind, ElementChange, list_changes
from catalogue.elements import Part, PartKind, Reading
from enterprise_lib.new_catalogue import Impact

_REMOVED = "新版目录没有此要素，新规格型号中不再填报"
_DROPPED = "原规格型号的这一部分未对应到新版目录的要素"
_TO_OTHER = "；如仍需申报，可自行填入“其他”"


@dataclass(frozen=True)
class Side:
    """One line: what stood there, what becomes of it, what stands there now.

    `part` is the new string's place, None where there is none; `change` what became of the
    catalogue's element, None for parts that are none. `note` is a sentence, or empty.
    """

    old_number: int | None
    old_name: str
    old_value: str
    change: ElementChange | None
    part: CarriedPart | None
    note: str

    @property
    def state(self) -> str:
        """The class by which the line is coloured: missing, uncertain, dropped, or nothing."""
        if self.part is None:
            return "is-dropped"
        if self.part.is_missing:
            return "is-missing-part"
        return "is-uncertain" if self.part.is_uncertain else ""


def sides_of(impact: Impact) -> list[Side]:
    """Lay the two strings side by side; only the old one where the code is gone."""
    if impact.carried is None:
        return [_old_only(part, "") for part in impact.reading.parts]
    return list(_sides(impact.reading, impact.carried))


def tail_of(carried: Carried) -> CarriedPart | None:
    """Return the anti-dumping tail of the new string, if it has one."""
    places = carried.parts[-1]
    is_tail = places.name is None and places.label not in {"GTIN", "CAS", "其他"}
    return places if is_tail else None


def _sides(reading: Reading, carried: Carried) -> Iterator[Side]:
    parts = list(carried.parts)
    leading, trailing = parts[:2], [part for part in parts[2:] if part.name is None]
    for part in leading:
        yield _same(part)
    elements = iter([part for part in parts if part.name is not None])
    left = list(carried.dropped)
    names = [part.name for part in parts if part.name is not None]
    for change in list_changes(reading.names or (), names):
        if change.kind is ChangeKind.REMOVED:
            yield _removed(change, left, carried)
        else:
            yield _kept(change, next(elements))
    for part in trailing:
        yield _same(part)
    for dropped in left:
        yield _old_only(dropped, _DROPPED + _other_hint(dropped, carried))


def _same(part: CarriedPart) -> Side:
    """A place that is no element: it stays what it is."""
    return Side(None, part.label if part.value else "", part.value, None, part, part.note)


def _kept(change: ElementChange, part: CarriedPart) -> Side:
    old = change.old
    if old is None:
        return Side(None, "", "", change, part, part.note)
    return Side(old.number, old.name, part.value, change, part, part.note)


def _removed(change: ElementChange, left: list[Part], carried: Carried) -> Side:
    """A removed element with what stood under it, which is taken out of `left`."""
    old = change.old
    number, name = (old.number, old.name) if old is not None else (None, "")
    for part in left:
        if part.kind is PartKind.ELEMENT and part.number == number:
            left.remove(part)
            note = _REMOVED + _other_hint(part, carried)
            return Side(number, name, part.value, change, None, note)
    return Side(number, name, "", change, None, _REMOVED)


def _old_only(part: Part, note: str) -> Side:
    return Side(part.number, part.name, part.value, None, None, note)


def _other_hint(part: Part, carried: Carried) -> str:
    return _TO_OTHER if part in carried.may_go_to_other else ""
