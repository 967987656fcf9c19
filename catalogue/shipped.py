"""The catalogue edition that the installed product carries, read from its own compact file.

No database here: loading.py stores it, and the demo's goods are checked against it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

SHIPPED_FILE = Path(__file__).parent / "data" / "catalogue_2025.txt"
CATEGORIES = ("classification", "price", "other")  # the order of the annex's three columns


class ShippedChapter(NamedTuple):
    """A chapter: the two digits of its section, and its title."""

    section: str
    name: str


class ShippedElement(NamedTuple):
    """One declaration element: its position in the list (1..n), printed name, category code."""

    number: int
    name: str
    category: str


@dataclass(frozen=True, slots=True)
class ShippedCode:
    """An eight-digit code of the edition.

    `heading` as printed (`03.03`), `page` of the annex, `inherited_from` the heading or
    sub-heading that its elements are inherited from, empty when its own row names them; `path`
    the sub-headings above it, outermost first.
    """

    hs8: str
    heading: str
    name: str
    elements: tuple[ShippedElement, ...]
    page: int
    inherited_from: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShippedEdition:
    """The whole edition; `source_hash` is the SHA-256 of the file, in hexadecimal.

    `headings` maps a printed heading to its name, `sections` two digits to a title, `chapters` two
    digits to section and title.
    """

    year: int
    effective_from: date
    effective_to: date
    source_hash: str
    codes: Mapping[str, ShippedCode]
    headings: Mapping[str, str]
    sections: Mapping[str, str]
    chapters: Mapping[str, ShippedChapter]


class ShippedCatalogueError(ValueError):
    """The shipped file is not in the form that its head describes; the message names the line."""


@dataclass(slots=True)
class _Reader:
    """What has been read so far, line by line."""

    edition: tuple[int, date, date] | None = None
    heading: str = ""
    section: str = ""
    path: tuple[str, ...] = ()
    lists: list[tuple[ShippedElement, ...]] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)
    chapters: dict[str, ShippedChapter] = field(default_factory=dict)
    codes: dict[str, ShippedCode] = field(default_factory=dict)

    def take(self, parts: list[str]) -> None:
        """Read one line, split at its tabs."""
        match parts:
            case ["*", year, start, end]:
                self.edition = int(year), date.fromisoformat(start), date.fromisoformat(end)
            case ["=", *columns] if len(columns) <= len(CATEGORIES):
                self.lists.append(tuple(_elements(columns)))
            case ["%", section, name]:
                self.section = section
                self.sections[section] = name
            case ["@", chapter, name]:
                self.chapters[chapter] = ShippedChapter(self.section, name)
            case ["+", heading, name]:
                self.heading, self.path = heading, ()
                self.headings[heading] = name
            case ["-", depth, *names] if len(names) < 2:
                self.path = (*self.path[: int(depth)], *names)
            case [hs8, name, number, page, *rest] if len(hs8) == 8 and hs8.isdigit():
                inherited = self.heading if rest == ["^"] else "".join(rest)
                elements = self.lists[int(number) - 1]
                self.codes[hs8] = ShippedCode(
                    hs8, self.heading, name, elements, int(page), inherited, self.path
                )
            case _:
                raise ValueError("unknown kind of line")


def _elements(columns: list[str]) -> Iterator[ShippedElement]:
    number = 0
    for category, column in zip(CATEGORIES, columns, strict=False):
        for name in column.split(";") if column else ():
            number += 1
            yield ShippedElement(number, name, category)


def read_shipped(path: Path = SHIPPED_FILE) -> ShippedEdition:
    """Read the shipped file (about 0.05 s).

    Raises ShippedCatalogueError for a line that is not in the form its head describes.
    """
    raw = path.read_bytes()
    reader = _Reader()
    for number, line in enumerate(raw.decode("utf-8").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        try:
            reader.take(line.split("\t"))
        except (ValueError, IndexError) as error:
            raise ShippedCatalogueError(f"{path.name} 第 {number} 行：{error}") from error
    if reader.edition is None or not reader.codes:
        raise ShippedCatalogueError(f"{path.name} 没有版本行或没有商品编码。")
    year, start, end = reader.edition
    return ShippedEdition(
        year,
        start,
        end,
        sha256(raw).hexdigest(),
        reader.codes,
        reader.headings,
        reader.sections,
        reader.chapters,
    )


@cache
def shipped_edition() -> ShippedEdition:
    """The product's own edition, read once a process."""
    return read_shipped()


def element_names(hs_code: str) -> tuple[str, ...]:
    """The element names of a code of eight or more digits in order; KeyError if not in it."""
    return tuple(element.name for element in shipped_edition().codes[hs_code[:8]].elements)
