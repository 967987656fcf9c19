"""What the pages of 目录查询 ask: which editions may be seen, and the tree of one edition."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile

from django.db.models import Count, QuerySet
from django.db.models.functions import Substr

from authorization.models import Role, User
from catalogue.elements import ElementName
from catalogue.models import CatalogueCode, CatalogueHeading, Edition, Element
from catalogue.wording import chinese_number, fold

Level = CatalogueHeading.Level
_NEAREST = 8


# --- editions ------------------------------------------------------------------------------------


def editions_for(user: User) -> list[Edition]:
    """List the editions that a user may see, those in force first, the newest first.

    Editions that are not in force are for administrators only. One query.
    """
    editions = Edition.objects.order_by("-in_force", "-effective_from", "-year", "-revision")
    if user.role != Role.ADMINISTRATOR:
        editions = editions.filter(in_force=True)
    return list(editions.defer("report"))


def edition_key(edition: Edition) -> str:
    """Name an edition in a URL: its year where it is in force, else year and revision (2025-2)."""
    return str(edition.year) if edition.in_force else f"{edition.year}-{edition.revision}"


def edition_named(editions: Sequence[Edition], key: str) -> Edition | None:
    """Find an edition by its key; a year of which none is in force gives its newest revision."""
    for edition in editions:
        if key in (edition_key(edition), f"{edition.year}-{edition.revision}"):
            return edition
    of_year = [edition for edition in editions if str(edition.year) == key]
    return max(of_year, key=lambda edition: edition.revision, default=None)


def earlier_edition(editions: Sequence[Edition], edition: Edition) -> Edition | None:
    """The edition to compare one with: the last before it, those in force before the others."""
    before = [other for other in editions if other.effective_from < edition.effective_from]
    others = before or [
        other for other in editions if other.pk != edition.pk and other.year == edition.year
    ]
    return max(
        others,
        key=lambda other: (other.in_force, other.effective_from, other.revision),
        default=None,
    )


def state_of(edition: Edition, editions: Sequence[Edition], today: date) -> str:
    """Say in one word how an edition stands: 未启用, 待施行, 现行, 往年, or 最新.

    最新: its dates are over, but no later one is in force, so that readings still go by it.
    """
    if not edition.in_force:
        return "未启用"
    if edition.effective_from > today:
        return "待施行"
    if edition.effective_to is None or edition.effective_to >= today:
        return "现行"
    newest = max(other.effective_from for other in editions if other.in_force)
    return "最新" if edition.effective_from == newest else "往年"


# --- the tree ------------------------------------------------------------------------------------


@dataclass
class Branch:
    """A 类, 章 or 品目 with how many codes stand below it."""

    level: str
    code: str
    name: str
    count: int = 0
    note: str = ""
    below: "list[Branch]" = field(default_factory=list)

    @property
    def title(self) -> str:
        """Its number as it is spoken of: 第十六类, 第 85 章, 85.42."""
        if self.level == Level.SECTION:
            number = chinese_number(int(self.code)) if self.code.isdecimal() else self.code
            return f"第{number}类"
        return f"第 {self.code} 章" if self.level == Level.CHAPTER else self.code

    @property
    def digits(self) -> str:
        """The digits that its codes begin with, for a chapter or heading."""
        return self.code.replace(".", "")

    @property
    def span(self) -> str:
        """Which chapters a section has."""
        if not self.below:
            return ""
        first, last = self.below[0].code, self.below[-1].code
        return f"第 {first} 章" if first == last else f"第 {first} 至 {last} 章"


def titles_of(edition: Edition, level: str, **conditions: object) -> dict[str, CatalogueHeading]:
    """Read an edition's sections, chapters or headings, by code.

    A source may name none (a mapped sheet has codes only). The Harmonized System keeps the
    sections and chapters from year to year, so these are then taken from the nearest edition that
    names them; headings are not.
    """
    rows = CatalogueHeading.objects.filter(level=level, **conditions)
    own = {row.code: row for row in rows.filter(edition=edition)}
    if own or level == Level.HEADING:
        return own
    others = sorted(
        rows.exclude(edition=edition).select_related("edition"),
        key=lambda row: (abs(row.edition.year - edition.year), -row.edition.pk),
        reverse=True,
    )
    return {row.code: row for row in others}


def sections(edition: Edition) -> list[Branch]:
    """The whole tree down to its chapters; chapters of no known section stand in one without name."""
    named, chapters = titles_of(edition, Level.SECTION), titles_of(edition, Level.CHAPTER)
    branches: dict[str, Branch] = {}
    for code, count in _counts(edition, 2):
        title = chapters.get(code)
        parent = title.parent if title is not None else ""
        if parent not in branches:
            section = named.get(parent)
            name = section.name if section is not None else ""
            branches[parent] = Branch(Level.SECTION, parent, name)
        branches[parent].below.append(
            Branch(Level.CHAPTER, code, title.name if title is not None else "", count)
        )
        branches[parent].count += count
    return sorted(branches.values(), key=lambda branch: branch.below[0].code)


def headings_of(edition: Edition, chapter: str) -> list[Branch]:
    """A chapter's headings with how many codes each has: two queries."""
    titles = titles_of(edition, Level.HEADING, code__startswith=chapter)
    counted = _counts(edition, 4, chapter)
    found = {}
    for digits, count in counted:
        code = f"{digits[:2]}.{digits[2:]}"
        title = titles.get(code)
        found[code] = Branch(Level.HEADING, code, title.name if title is not None else "", count)
    return list(found.values())


def _counts(edition: Edition, digits: int, start: str = "") -> "Iterable[tuple[str, int]]":
    """Count the codes by their first digits, in order: one query."""
    codes = CatalogueCode.objects.filter(edition=edition, hs8__startswith=start)
    return (
        codes.annotate(start=Substr("hs8", 1, digits))
        .values_list("start")
        .annotate(Count("pk"))
        .order_by("start")
    )


@dataclass(frozen=True)
class Place:
    """Where a code or heading stands: its section, chapter and heading, each if it has a name."""

    section: Branch | None
    chapter: Branch
    heading: Branch | None = None


def place_of(edition: Edition, digits: str) -> Place:
    """Find what a chapter's two digits or a heading's four belong to: up to four queries."""
    chapter = titles_of(edition, Level.CHAPTER, code=digits[:2]).get(digits[:2])
    section = None
    if chapter is not None and chapter.parent:
        named = titles_of(edition, Level.SECTION, code=chapter.parent).get(chapter.parent)
        section = Branch(Level.SECTION, chapter.parent, named.name if named else "")
    heading = None
    if len(digits) == 4:
        code = f"{digits[:2]}.{digits[2:]}"
        title = titles_of(edition, Level.HEADING, code=code).get(code)
        heading = Branch(Level.HEADING, code, title.name if title is not None else "")
    if chapter is None:
        return Place(section, Branch(Level.CHAPTER, digits[:2], ""), heading)
    return Place(
        section, Branch(Level.CHAPTER, digits[:2], chapter.name, note=chapter.note), heading
    )


# --- codes ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TreeRow:
    """A line of a heading's tree: a sub-heading (`code` empty), or a code; `depth` from 0."""

    depth: int
    name: str
    code: CatalogueCode | None = None


def tree_of(codes: Iterable[CatalogueCode]) -> Iterator[TreeRow]:
    """Lay codes out below their sub-headings, each of which is named once."""
    above: list[str] = []
    for code in codes:
        path = path_of(code)
        shared = len(
            list(takewhile(lambda pair: pair[0] == pair[1], zip(above, path, strict=False)))
        )
        for depth in range(shared, len(path)):
            yield TreeRow(depth, path[depth])
        yield TreeRow(len(path), code.name, code)
        above = path


def path_of(code: CatalogueCode) -> list[str]:
    """A code's sub-headings, outermost first."""
    return [line for line in code.path.split("\n") if line]


def full_name(code: CatalogueCode) -> str:
    """Write a code's name behind its sub-headings, parted by " > "."""
    return " > ".join([*path_of(code), code.name])


def codes_below(edition: Edition, start: str) -> "QuerySet[CatalogueCode]":
    """The codes that begin with some digits, in order."""
    return CatalogueCode.objects.filter(edition=edition, hs8__startswith=start).order_by("hs8")


def nearest_codes(edition: Edition, hs8: str) -> list[CatalogueCode]:
    """Codes that a wrong one may have meant: of its heading, those that share most digits first.

    Where the edition has no such heading, of its chapter's nearest headings. One query.
    """
    found = list(codes_below(edition, hs8[:4])) or list(codes_below(edition, hs8[:2]))
    found.sort(key=lambda code: (-_shared_digits(code.hs8, hs8), abs(int(code.hs8) - int(hs8))))
    return sorted(found[:_NEAREST], key=lambda code: code.hs8)


def _shared_digits(one: str, other: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=True))))


def in_editions(editions: Sequence[Edition], hs8: str) -> dict[int, CatalogueCode]:
    """A code's rows in some editions, by the edition's id: one query."""
    rows = CatalogueCode.objects.filter(edition__in=editions, hs8=hs8)
    return {row.edition_id: row for row in rows}


def elements_of(codes: Iterable[CatalogueCode]) -> dict[int, list[Element]]:
    """The elements of some codes in their order, by the code's id: one query."""
    lists: defaultdict[int, list[Element]] = defaultdict(list)
    for element in Element.objects.filter(code__in=list(codes)).order_by("code", "number"):
        lists[element.code_id].append(element)
    return lists


def names_of(elements: Iterable[Element]) -> tuple[ElementName, ...]:
    """Write elements as the reader and the comparison of editions take them."""
    return tuple(ElementName(e.number, e.name, e.get_category_display()) for e in elements)


def neighbours(edition: Edition, hs8: str) -> tuple[CatalogueCode | None, CatalogueCode | None]:
    """The codes before and after one in the edition: two queries."""
    codes = CatalogueCode.objects.filter(edition=edition)
    before = codes.filter(hs8__lt=hs8).order_by("-hs8").first()
    return before, codes.filter(hs8__gt=hs8).order_by("hs8").first()


def titles_named(edition: Edition, digits: str, words: Sequence[str], limit: int) -> list[Branch]:
    """Find the chapters and headings that digits name, or whose names hold all words: a query."""
    rows = CatalogueHeading.objects.filter(
        edition=edition, level__in=(Level.CHAPTER, Level.HEADING)
    ).order_by("code")
    if digits:
        names = {digits[:2], f"{digits[:2]}.{digits[2:4]}" if len(digits) >= 4 else ""}
        found = list(rows.filter(code__in=names))
    else:
        found = [row for row in rows if all(word in fold(row.name) for word in words)]
    return [Branch(row.level, row.code, row.name) for row in found[:limit]]
