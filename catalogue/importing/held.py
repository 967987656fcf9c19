"""What a file without columns of categories or headings takes from an edition that is held.

A tab-separated catalogue names no category, heading or section, an Excel sheet perhaps none. An
element then has the category it has in the held edition for the same code; else the one its name
mostly has there; else that of the element before it (the annex's columns follow one another), and
归类要素 at the head of a list. Sub-headings are those of the same code, headings those that the file
has codes of. No database here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalogue.importing.result import ReadElement, ReadHeading

FIRST_CATEGORY = "classification"


@dataclass(frozen=True)
class Held:
    """An edition that is held, as far as other files borrow from it.

    `label` names it to people; `of_code` maps (hs8, element name) to a category, `of_name` a name
    to the one it mostly has.
    """

    label: str = ""
    of_code: Mapping[tuple[str, str], str] = field(default_factory=dict)
    of_name: Mapping[str, str] = field(default_factory=dict)
    headings: Sequence[ReadHeading] = ()
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        label: str,
        elements: Iterable[tuple[str, str, str]],
        headings: Iterable[ReadHeading],
        paths: Mapping[str, tuple[str, ...]],
    ) -> "Held":
        """Make it of (hs8, element name, category), headings, and hs8 → sub-headings above it."""
        of_code: dict[tuple[str, str], str] = {}
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for hs8, name, category in elements:
            of_code[hs8, name] = category
            counts[name][category] += 1
        of_name = {name: count.most_common(1)[0][0] for name, count in counts.items()}
        return cls(label, of_code, of_name, tuple(headings), paths)

    def elements(self, hs8: str, names: Sequence[tuple[str, str]]) -> tuple[ReadElement, ...]:
        """Give a list its categories; `names` are (name, printed number or empty) in order."""
        category = FIRST_CATEGORY
        found = []
        for number, (name, printed) in enumerate(names, 1):
            category = self.of_code.get((hs8, name)) or self.of_name.get(name) or category
            found.append(ReadElement(number, name, category, printed))
        return tuple(found)

    def headings_of(self, headings: Iterable[str]) -> list[ReadHeading]:
        """Give the held names of these headings (`03.03`), with their chapters and sections."""
        wanted = set(headings)
        by_key = {(heading.level, heading.code): heading for heading in self.headings}
        kept: set[tuple[str, str]] = set()
        for heading in self.headings:
            if heading.level != "heading" or heading.code not in wanted:
                continue
            chapter = by_key.get(("chapter", heading.parent))
            kept.add(("heading", heading.code))
            if chapter is not None:
                kept |= {("chapter", chapter.code), ("section", chapter.parent)}
        return [heading for heading in self.headings if (heading.level, heading.code) in kept]


NOTHING_HELD = Held()
