"""How well a part's own form suits what an element asks for.

The unit is about one doubt: 0 and above is no contradiction, STRONG and above speaks for the
element by itself, below 0 speaks against it. The figures were set on the goods texts of
docs/decisions/reading-elements.md.
"""

from functools import cache

from catalogue.reading.signals import SIGNAL_COUNT, Signal
from catalogue.reading.slots import Slot, SlotType
from catalogue.reading.units import Dimension

STRONG = 2.5
# A word of the element's name or hint in the part; a label before a colon that names it.
WORD_BONUS = 3.0
LABEL_BONUS = 8.0
WRONG_LABEL = -6.0
QUANTITY = Signal.QUANTITY

# What a form is worth where the element's type says nothing else.
_ANYWHERE: dict[Signal, float] = {
    Signal.EMPTY: -0.2,
    Signal.MARK: 0,
    Signal.YES_NO: 0,
    Signal.CAS: -4,
    Signal.CAS_LIKE: -1,
    Signal.GTIN: -2,
    Signal.GTIN_8: -0.5,
    Signal.DATE: -3,
    Signal.DATE_NONE: -4,
    Signal.VEHICLE_NUMBER: -3,
    Signal.COMMON_NUMBER: -3,
    Signal.KIT: -3,
    Signal.COMMON_PART: -3,
    Signal.WHOLE_NUMBER: -3,
    Signal.NO_PART_NUMBER: -3,
    Signal.BRAND: -4,
    Signal.NO_BRAND: -4,
    Signal.NO_MODEL: -4,
    Signal.PERCENT: 0,
    Signal.CODE: -0.5,
    Signal.LATIN: 0,
    Signal.FINISHED: -0.5,
    Signal.USE: 0,
    Signal.NOT: 0,
    Signal.NONE: 0,
    Signal.YES: 0,
    Signal.MATERIAL: 0,
    Signal.SHORT: 0.3,
    Signal.TEXT: 0.3,
    Signal.WITHHELD: 0,
}
_NUMBER_FORMS: dict[Signal, float] = {
    Signal.USE: -2,
    Signal.PERCENT: -1.5,
    Signal.SHORT: 0,
    Signal.TEXT: 0,
    Signal.NOT: -1,
    Signal.MATERIAL: -1,
    Signal.GTIN: 0.5,
    Signal.GTIN_8: 2.5,
    Signal.NONE: 0.3,
    Signal.LATIN: 0.5,
    Signal.FINISHED: -2,
    Signal.VEHICLE_NUMBER: 0.5,
    QUANTITY: 0.3,
}
_YES_NO_FORMS: dict[Signal, float] = {
    Signal.YES_NO: 3,
    Signal.NOT: 1.5,
    Signal.NONE: 1,
    Signal.YES: 1.5,
    Signal.SHORT: -0.5,
    Signal.TEXT: -0.8,
    Signal.USE: -1,
    Signal.MATERIAL: -1,
    Signal.PERCENT: -2,
    Signal.CODE: -2.5,
    Signal.LATIN: -2,
    QUANTITY: -2,
}
_BY_TYPE: dict[SlotType, dict[Signal, float]] = {
    SlotType.BRAND: {
        Signal.BRAND: 4,
        Signal.NO_BRAND: 4,
        Signal.LATIN: 1.5,
        Signal.SHORT: 0,
        Signal.TEXT: -0.5,
        Signal.CODE: -0.5,
        Signal.USE: -2,
        Signal.NOT: -2,
        Signal.NONE: -1,
        Signal.YES: -1,
        Signal.MATERIAL: -1,
        Signal.PERCENT: -3,
        Signal.FINISHED: -3,
        QUANTITY: -3,
    },
    SlotType.MODEL: {**_NUMBER_FORMS, Signal.NO_MODEL: 4, Signal.CODE: 2.5},
    SlotType.ITEM_NUMBER: {**_NUMBER_FORMS, Signal.NO_MODEL: 0, Signal.CODE: 2.5},
    SlotType.PART_NUMBER: {
        **_NUMBER_FORMS,
        Signal.CODE: 3,
        Signal.VEHICLE_NUMBER: 2,
        Signal.COMMON_NUMBER: 1,
        Signal.NO_PART_NUMBER: 2.5,
        Signal.NO_MODEL: 1.5,
        Signal.GTIN: 2,
        Signal.GTIN_8: 3,
    },
    SlotType.CAS_ELEMENT: {
        Signal.CAS: 5,
        Signal.CAS_LIKE: 2.5,
        Signal.CODE: -1,
        Signal.SHORT: -1.5,
        Signal.TEXT: -1.5,
        Signal.PERCENT: -2.5,
        Signal.USE: -2.5,
        Signal.LATIN: -1.5,
        QUANTITY: -2.5,
    },
    SlotType.GTIN_ELEMENT: {
        Signal.GTIN: 5,
        Signal.GTIN_8: 4,
        Signal.CODE: 0,
        Signal.SHORT: -2,
        Signal.TEXT: -2,
        Signal.PERCENT: -2.5,
        Signal.USE: -2.5,
        Signal.LATIN: -2,
        QUANTITY: -2.5,
    },
    SlotType.DATE: {
        Signal.DATE: 5,
        Signal.DATE_NONE: 5,
        Signal.CODE: -1,
        Signal.SHORT: -1,
        Signal.TEXT: -1,
        Signal.PERCENT: -2.5,
        Signal.USE: -2.5,
        Signal.LATIN: -2,
        Signal.MATERIAL: -2,
        QUANTITY: -2.5,
    },
    SlotType.COMPOSITION: {
        Signal.PERCENT: 4,
        Signal.MATERIAL: 1,
        Signal.USE: -2,
        Signal.CODE: -1,
        Signal.NOT: -0.5,
        QUANTITY: -1,
    },
    SlotType.YES_NO: _YES_NO_FORMS,
    SlotType.NOTE: {Signal.NOT: 1, Signal.NONE: 1, Signal.YES_NO: 1, Signal.YES: 0.5},
    SlotType.USE: {
        Signal.USE: 3,
        Signal.NOT: -1,
        Signal.PERCENT: -2.5,
        Signal.CODE: -1.5,
        Signal.MATERIAL: -0.7,
        Signal.FINISHED: -2,
        Signal.LATIN: -0.5,
        QUANTITY: -2.5,
    },
    SlotType.MATERIAL: {
        Signal.MATERIAL: 3,
        Signal.PERCENT: 1.5,
        Signal.USE: -2,
        Signal.CODE: -1.5,
        Signal.FINISHED: -2,
        QUANTITY: -2,
    },
    SlotType.QUANTITY: {
        Signal.CODE: 0,
        Signal.SHORT: 0,
        Signal.USE: -2,
        Signal.PERCENT: -0.5,
        Signal.MATERIAL: -2,
        QUANTITY: 0,
    },
    SlotType.SIZE: {
        Signal.CODE: 0,
        Signal.NO_MODEL: 0.3,
        Signal.USE: -2,
        Signal.PERCENT: -1.5,
        QUANTITY: 2.5,
    },
    SlotType.LATIN_NAME: {
        Signal.LATIN: 4,
        Signal.SHORT: -0.3,
        Signal.TEXT: 0,
        Signal.CODE: 0,
        Signal.PERCENT: -3,
        Signal.USE: -2,
        Signal.MATERIAL: -1,
        QUANTITY: -3,
    },
    SlotType.KIND: {Signal.SHORT: 0.7, Signal.TEXT: 0.5, Signal.CODE: -1, QUANTITY: -0.7},
    SlotType.GTIN: {
        Signal.EMPTY: 0.1,
        Signal.GTIN: 5,
        Signal.GTIN_8: 2.5,
        Signal.MARK: -1,
        Signal.YES_NO: -1,
        **dict.fromkeys(
            (
                Signal.CODE,
                Signal.SHORT,
                Signal.TEXT,
                Signal.LATIN,
                Signal.PERCENT,
                Signal.USE,
                Signal.NOT,
                Signal.NONE,
                Signal.YES,
                Signal.MATERIAL,
                Signal.FINISHED,
                QUANTITY,
            ),
            -4,
        ),
    },
    SlotType.OTHER: dict.fromkeys((*_ANYWHERE, QUANTITY), 0),
}
_BY_TYPE[SlotType.CAS] = {
    **_BY_TYPE[SlotType.GTIN],
    Signal.GTIN: -4,
    Signal.GTIN_8: -4,
    Signal.CAS: 5,
    Signal.CAS_LIKE: 2,
}


def signal_scores(slot: Slot) -> tuple[float, ...]:
    """Give what each signal is worth under an element, by the signal's number."""
    return _scores(slot.type, slot.dimensions)


@cache
def _scores(slot_type: SlotType, dimensions: frozenset[int]) -> tuple[float, ...]:
    given = _BY_TYPE[slot_type]
    scores = [0.0] * SIGNAL_COUNT
    for signal, worth in _ANYWHERE.items():
        scores[signal] = given.get(signal, worth)
    for dimension in Dimension:
        worth = given.get(QUANTITY, 0)
        if dimension in dimensions:
            worth = max(worth, 4 if slot_type is SlotType.QUANTITY else 2.5)
        elif dimensions and slot_type in {SlotType.QUANTITY, SlotType.SIZE}:
            worth = min(worth, -1.0)
        scores[QUANTITY + dimension] = worth
    return tuple(scores)
