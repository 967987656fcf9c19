"""What every reader of a catalogue file gives, whatever the file's kind. No database here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

# Called with (pages or rows done, in all).
Progress = Callable[[int, int], None]


class UnreadableCatalogue(Exception):
    """The file is no catalogue that can be read; the text is one Chinese sentence for the user.

    `report` holds what was found page by page up to there, if anything was.
    """

    def __init__(self, sentence: str, report: "ReadReport | None" = None) -> None:
        super().__init__(sentence)
        self.report = report


class ReadElement(NamedTuple):
    """One element: its position in the list (1..n), printed name, category code.

    `category` is a value of catalogue.models.ElementCategory; `printed_number` the source's own
    number where that is not the position, else empty.
    """

    number: int
    name: str
    category: str
    printed_number: str = ""


@dataclass(frozen=True, slots=True)
class ReadHeading:
    """A 类, 章 or 品目: `level` and `parent` as in catalogue.models.CatalogueHeading."""

    level: str
    code: str
    parent: str
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadCode:
    """An eight-digit code: fields as in catalogue.models.CatalogueCode.

    `path` the sub-headings above it, outermost first, without dashes and colons.
    """

    hs8: str
    heading: str
    name: str
    elements: tuple[ReadElement, ...]
    path: tuple[str, ...] = ()
    inherited_from: str = ""
    page: int = 0
    note: str = ""


class ReportLine(NamedTuple):
    """One thing that could not be read or is odd: the page (0: the whole file), and a sentence."""

    page: int
    text: str


@dataclass
class ReadReport:
    """What a reading has to say: by page, and the self-checks' figures (name → number or text)."""

    lines: list[ReportLine] = field(default_factory=list)
    figures: dict[str, int | float | str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Give the report as Edition.report keeps it."""
        return {
            "lines": [{"page": line.page, "text": line.text} for line in self.lines],
            "figures": self.figures,
        }


@dataclass
class ReadCatalogue:
    """A whole catalogue as read from a file: codes by hs8 in the file's order."""

    codes: Mapping[str, ReadCode]
    headings: list[ReadHeading]
    report: ReadReport
    pages: int
