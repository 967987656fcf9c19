"""A reading as plain data, for the command `read_elements`."""

import re
from collections.abc import Iterable
from typing import Protocol

from catalogue.reading.model import Part, PartKind, Reading
from catalogue.reading.splitting import BRAND_TYPES, EXPORT_BENEFITS

_GROUP = re.compile(r"[<＜]([^<>＜＞]*)[>＞]")


class Finding(Protocol):
    """What is asked of a finding of catalogue/checks/."""

    @property
    def rule(self) -> str:
        """The rule's name."""

    @property
    def element(self) -> str:
        """The element's name, empty for the whole."""

    @property
    def text(self) -> str:
        """One Chinese sentence."""


def as_data(reading: Reading, findings: Iterable[Finding] = ()) -> dict[str, object]:
    """Give a reading as JSON can hold it; the keys are those of docs/manual and stay.

    `elements` holds the catalogue's elements by number, 1 the first; `older` those of older lists;
    `gtin` and `cas` the code wherever it stands; `anti_dumping` the texts of the five <>.
    """
    edition = reading.edition
    return {
        "edition": edition.year if edition else None,
        "revision": edition.revision if edition else None,
        "confidence": reading.confidence,
        "is_certain": reading.is_certain,
        "brand_type": _value(reading, PartKind.BRAND_TYPE),
        "brand_type_meaning": BRAND_TYPES.get(_value(reading, PartKind.BRAND_TYPE), ""),
        "export_benefit": _value(reading, PartKind.EXPORT_BENEFIT),
        "export_benefit_meaning": EXPORT_BENEFITS.get(_value(reading, PartKind.EXPORT_BENEFIT), ""),
        "elements": [
            {
                "number": part.number,
                "name": part.name,
                "value": part.value,
                "category": part.category,
                "why": part.why,
                "is_certain": part.is_certain,
            }
            for part in sorted(reading.elements(), key=lambda part: part.number or 0)
        ],
        "older": [_named(part) for part in reading.of_kind(PartKind.OLDER)],
        "gtin": _code(reading, PartKind.GTIN, "GTIN"),
        "cas": _code(reading, PartKind.CAS, "CAS"),
        "other": "|".join(part.value for part in reading.of_kind(PartKind.OTHER) if part.value),
        "anti_dumping": [
            text
            for part in reading.of_kind(PartKind.ANTI_DUMPING)
            for text in _GROUP.findall(part.value)
        ],
        "unmatched": [part.value for part in reading.of_kind(PartKind.UNMATCHED)],
        "missing": [name.name for name in reading.missing()],
        "notes": list(reading.notes),
        "findings": [
            {"rule": finding.rule, "element": finding.element, "text": finding.text}
            for finding in findings
        ],
    }


def _named(part: Part) -> dict[str, str]:
    return {"name": part.name, "value": part.value, "why": part.why}


def _value(reading: Reading, kind: PartKind) -> str:
    return next((part.value for part in reading.of_kind(kind)), "")


def _code(reading: Reading, kind: PartKind, word: str) -> str:
    """The code of the tail, else the one under the catalogue's own element of that name."""
    parts = [*reading.of_kind(kind), *(p for p in reading.elements() if p.name.startswith(word))]
    return next((part.value for part in parts if part.value), "")
