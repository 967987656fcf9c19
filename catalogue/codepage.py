"""What the page of one code shows: its elements by an edition, and what other editions say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from catalogue import browsing
from catalogue.changes import ChangeKind, ElementChange, count_changes, list_changes
from catalogue.models import CatalogueCode, Edition, Element, ElementCategory
from catalogue.shelf import Shelf, Shown
from catalogue.wording import skeleton, split_hint


@dataclass(frozen=True)
class NamedElement:
    """An element as the page shows it: its name and bracket hint apart."""

    number: int
    name: str
    hint: str
    printed_number: str

    @classmethod
    def of(cls, element: Element) -> "NamedElement":
        """Draw a stored one."""
        return cls(element.number, *split_hint(element.name), element.printed_number)


@dataclass(frozen=True)
class Column:
    """One of the catalogue's three columns of elements."""

    label: str
    elements: list[NamedElement]


@dataclass(frozen=True)
class EditionRow:
    """What one edition says of the code; `changes` says in a few words what it changed."""

    edition: Shown
    code: CatalogueCode | None
    count: int
    changes: str
    is_against: bool
    can_be_compared: bool


@dataclass(frozen=True)
class Against:
    """The code's list beside that of another edition, usually the one before."""

    old: Shown
    new: Shown
    changes: tuple[ElementChange, ...]
    has_changes: bool
    old_name: str

    @property
    def is_different(self) -> bool:
        """Whether the two editions say anything different."""
        return self.has_changes or bool(self.old_name)


@dataclass(frozen=True)
class CodePage:
    """All of it. `missing_in` names the newest edition where that hasn't the code."""

    shelf: Shelf
    code: CatalogueCode
    path: list[str]
    place: browsing.Place
    columns: list[Column]
    count: int
    skeleton: str
    editions: list[EditionRow]
    against: Against | None
    missing_in: str
    before: CatalogueCode | None
    after: CatalogueCode | None
    siblings: list[browsing.TreeRow]

    @property
    def inherited_from(self) -> str:
        """The heading or sub-heading whose elements the code takes."""
        return self.code.inherited_from.rstrip("：: ") or "本编码自列要素"

    @property
    def shown(self) -> Shown:
        """The shown edition."""
        return self.shelf.drawn(self.shelf.edition)

    @property
    def edition_key(self) -> str:
        """The shown edition's key in a URL."""
        return browsing.edition_key(self.shelf.edition)


def page_of(shelf: Shelf, hs8: str, held: Mapping[int, CatalogueCode], against: str) -> CodePage:
    """Gather the page; `held` are the code's rows by edition, `against` the key to compare with.

    Where the shown edition hasn't the code, the newest that has it is shown. About nine queries.
    """
    missing_in = ""
    if shelf.edition.pk not in held:
        missing_in = str(shelf.edition)
        newest = next(edition for edition in shelf.editions if edition.pk in held)
        shelf = replace(shelf, edition=newest)
    edition, code = shelf.edition, held[shelf.edition.pk]
    elements = browsing.elements_of(held.values())
    other = _compared_with(shelf, held, against)
    before, after = browsing.neighbours(edition, hs8)
    return CodePage(
        shelf=shelf,
        code=code,
        path=browsing.path_of(code),
        place=browsing.place_of(edition, hs8[:4]),
        columns=_columns(elements[code.pk]),
        count=len(elements[code.pk]),
        skeleton=skeleton(element.name for element in elements[code.pk]),
        editions=_edition_rows(shelf, held, elements, other),
        against=_against(shelf, held, elements, other),
        missing_in=missing_in,
        before=before,
        after=after,
        siblings=list(browsing.tree_of(browsing.codes_below(edition, hs8[:4]))),
    )


def _columns(elements: Sequence[Element]) -> list[Column]:
    return [
        Column(label, [NamedElement.of(e) for e in elements if e.category == category])
        for category, label in ElementCategory.choices
    ]


def _compared_with(shelf: Shelf, held: Mapping[int, CatalogueCode], against: str) -> Edition | None:
    """The edition that the shown one is compared with: the asked one, else the last before it."""
    having = [edition for edition in shelf.editions if edition.pk in held]
    asked = browsing.edition_named(having, against) if against else None
    if asked is not None and asked.pk != shelf.edition.pk:
        return asked
    return browsing.earlier_edition(having, shelf.edition)


def _edition_rows(
    shelf: Shelf,
    held: Mapping[int, CatalogueCode],
    elements: Mapping[int, list[Element]],
    other: Edition | None,
) -> list[EditionRow]:
    rows = []
    for edition in shelf.editions:
        code = held.get(edition.pk)
        rows.append(
            EditionRow(
                edition=shelf.drawn(edition),
                code=code,
                count=len(elements[code.pk]) if code else 0,
                changes=_changes_since(shelf, edition, held, elements),
                is_against=other is not None and other.pk == edition.pk,
                can_be_compared=code is not None and edition.pk != shelf.edition.pk,
            )
        )
    return rows


def _changes_since(
    shelf: Shelf,
    edition: Edition,
    held: Mapping[int, CatalogueCode],
    elements: Mapping[int, list[Element]],
) -> str:
    """Say what an edition changed from the one before it."""
    earlier = browsing.earlier_edition(shelf.editions, edition)
    code = held.get(edition.pk)
    if earlier is None or edition.pk == earlier.pk:
        return "没有更早的版本可比" if code else "没有该编码"
    old = held.get(earlier.pk)
    if code is None:
        return f"没有该编码（{earlier}中有）" if old else "没有该编码"
    if old is None:
        return f"{earlier}中没有该编码"
    changes = list_changes(
        browsing.names_of(elements[old.pk]), browsing.names_of(elements[code.pk])
    )
    return f"{says(changes)}（与 {earlier}相比）"


def says(changes: Sequence[ElementChange]) -> str:
    """Say how many elements were added, removed, renamed, moved or put in another column."""
    counted = count_changes(changes)
    parts = [
        f"{kind.label} {counted[kind]} 项"
        for kind in ChangeKind
        if kind != ChangeKind.KEPT and counted[kind]
    ]
    columns = sum(change.category_changed for change in changes if change.kind == ChangeKind.KEPT)
    if columns:
        parts.append(f"换栏 {columns} 项")
    return "、".join(parts) or "要素不变"


def _against(
    shelf: Shelf,
    held: Mapping[int, CatalogueCode],
    elements: Mapping[int, list[Element]],
    other: Edition | None,
) -> Against | None:
    """Put the lists of two editions side by side, the older one first."""
    if other is None:
        return None
    first, second = sorted(
        (other, shelf.edition), key=lambda one: (one.effective_from, one.revision)
    )
    old, new = held[first.pk], held[second.pk]
    changes = list_changes(browsing.names_of(elements[old.pk]), browsing.names_of(elements[new.pk]))
    old_name, new_name = browsing.full_name(old), browsing.full_name(new)
    return Against(
        old=shelf.drawn(first),
        new=shelf.drawn(second),
        changes=changes,
        has_changes=any(change.is_change for change in changes),
        old_name=old_name if old_name != new_name else "",
    )
