"""What a reading is: parts, each with what it was read as and why."""

from enum import Enum
from typing import NamedTuple

from catalogue.models import Edition


class PartKind(Enum):
    """What a part of the string was read as.

    OLDER is an element that the list does not have but older lists, or the rules for vehicle
    parts, do; UNMATCHED is 未对应要素: nothing explains it.
    """

    BRAND_TYPE = "brand_type"
    EXPORT_BENEFIT = "export_benefit"
    ELEMENT = "element"
    OLDER = "older"
    GTIN = "gtin"
    CAS = "cas"
    OTHER = "other"
    ANTI_DUMPING = "anti_dumping"
    UNMATCHED = "unmatched"


class ElementName(NamedTuple):
    """An element of a code as the catalogue prints it; `number` counts from 1."""

    number: int
    name: str
    category: str


class Part(NamedTuple):
    """One part of the string: what it was read as, its text, and why it went there.

    `number` is the catalogue's (from 1), None for parts that are no catalogue element. `value` is
    the text as declared without white space around it and without a label that only repeats the
    element's name (`label`, as in 品牌:佳驰); `raw` is the part byte for byte. `meaning` decodes
    品牌类型 and 出口享惠情况. `is_certain` is False where it may stand under a wrong name.
    """

    kind: PartKind
    number: int | None
    name: str
    value: str
    category: str
    why: str
    meaning: str = ""
    is_certain: bool = False
    label: str = ""
    raw: str = ""


class Reading(NamedTuple):
    """A whole string, read. `is_certain` is False where a part may stand under a wrong name.

    `names` is the whole element list it was read by, None where the edition hasn't the code;
    `confidence` is 0 to 1; `notes` are Chinese sentences on the whole: another edition tried, a
    shift found, elements missing. `separators` stand between the parts: one less than parts.
    """

    edition: Edition | None
    parts: tuple[Part, ...]
    is_certain: bool
    names: tuple[ElementName, ...] | None = None
    confidence: float = 0.0
    notes: tuple[str, ...] = ()
    separators: tuple[str, ...] = ()

    def elements(self) -> list[Part]:
        """Only the parts that stand under a catalogue element."""
        return [part for part in self.parts if part.kind is PartKind.ELEMENT]

    def of_kind(self, kind: PartKind) -> list[Part]:
        """The parts that were read as one kind, in order."""
        return [part for part in self.parts if part.kind is kind]

    def missing(self) -> tuple[ElementName, ...]:
        """The elements that the string does not reach or leaves empty, in the list's order."""
        filled = {part.number for part in self.parts if part.number is not None and part.value}
        return tuple(name for name in self.names or () if name.number not in filled)

    def joined(self) -> str:
        """Put the parts together again: the string as it was declared, byte for byte."""
        if not self.parts:
            return ""
        rest = zip(self.separators, self.parts[1:], strict=True)
        return self.parts[0].raw + "".join(between + part.raw for between, part in rest)

    @property
    def is_explained(self) -> bool:
        """Whether every part stands under an element or is named; 未对应要素 is neither."""
        return all(part.kind is not PartKind.UNMATCHED for part in self.parts)
