"""What changed between two editions: of one element list, and code by code.

Pure comparison of names and places; `edition_changes` alone reads the database. What counts as
the same element under another name is decided by catalogue/renaming.py.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import models

from catalogue.elements import ElementName
from catalogue.lists import list_key
from catalogue.models import CatalogueCode, Edition, Element
from catalogue.renaming import APART, paired_names, rename_cost

# One equal name outweighs any number of renamed ones that a list can hold.
_EQUAL = 1_000_000


class ChangeKind(models.TextChoices):
    """What became of one element of a list."""

    KEPT = "kept", "不变"
    ADDED = "added", "新增"
    REMOVED = "removed", "删除"
    RENAMED = "renamed", "更名"
    MOVED = "moved", "移位"


class CodeChangeKind(models.TextChoices):
    """What became of one eight-digit code."""

    NEW = "new", "新增编码"
    GONE = "gone", "取消编码"
    CHANGED = "changed", "要素变化"


@dataclass(frozen=True, slots=True)
class ElementChange:
    """One element, old and new: `old` is None where it is added, `new` where it is removed."""

    kind: ChangeKind
    old: ElementName | None
    new: ElementName | None

    @property
    def category_changed(self) -> bool:
        """Whether the element moved to another of the catalogue's three columns."""
        return (
            self.old is not None
            and self.new is not None
            and self.old.category != (self.new.category)
        )

    @property
    def is_change(self) -> bool:
        """Whether there is anything to say about it."""
        return self.kind is not ChangeKind.KEPT or self.category_changed

    @property
    def sentence(self) -> str:
        """Say it in a few Chinese words, such as 更名：用途 → 应用场景."""
        text = ChangeKind(self.kind).label
        if self.old is not None and self.new is not None:
            if self.old.name != self.new.name:
                text += f"：{self.old.name} → {self.new.name}"
            elif self.kind is ChangeKind.MOVED:
                text += f"：{self.new.name}（第 {self.old.number} 项 → 第 {self.new.number} 项）"
            else:
                text += f"：{self.new.name}"
            if self.category_changed:
                text += f"（{self.old.category} → {self.new.category}）"
            return text
        standing = self.new or self.old
        return f"{text}：{standing.name if standing is not None else ''}"


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A code that two editions treat differently; `name` is the newer edition's where it has one.

    `changes` lists every element of a changed code, the unchanged ones too; those of a new code are
    all added, of a code that is gone all removed.
    """

    hs8: str
    name: str
    kind: CodeChangeKind
    changes: tuple[ElementChange, ...]


def list_changes(
    old: Sequence[ElementName], new: Sequence[ElementName]
) -> tuple[ElementChange, ...]:
    """Say what became of each element, in the new list's order, removed ones where they stood.

    Moved means another order among the elements that stay, not merely another number because
    something was put in before. An element that only changed its column is 不变 with
    `category_changed`.
    """
    return _changes(tuple(old), tuple(new))


# Many codes share their lists, so an edition's codes have far fewer pairs of lists.
@lru_cache(maxsize=4096)
def _changes(
    old: tuple[ElementName, ...], new: tuple[ElementName, ...]
) -> tuple[ElementChange, ...]:
    # Between equally good answers the lists' own order decides, so that the way back always
    # tells the same pairs.
    if _sorting(old) <= _sorting(new):
        pairs = _pairs(old, new)
    else:
        pairs = [(one, other, kind) for other, one, kind in _pairs(new, old)]
    old_of = {new_at: old_at for old_at, new_at, _ in pairs}
    kinds = {new_at: kind for _, new_at, kind in pairs}
    taken = set(old_of.values())
    removed = [at for at in range(len(old)) if at not in taken]
    return tuple(_in_order(old, new, old_of, kinds, removed))


def _sorting(names: Iterable[ElementName]) -> list[tuple[str, str]]:
    return [(name.name, name.category) for name in names]


def _pairs(
    old: Sequence[ElementName], new: Sequence[ElementName]
) -> list[tuple[int, int, ChangeKind]]:
    """Pair the places of elements that are the same: kept first, then moved, then renamed."""
    stays = _longest_common(old, new)
    found = [(one, other, ChangeKind.KEPT) for one, other in stays]
    found += [(one, other, ChangeKind.MOVED) for one, other in _same_names(old, new, stays)]
    taken_old, taken_new = {one for one, _, _ in found}, {other for _, other, _ in found}
    free_old = [at for at in range(len(old)) if at not in taken_old]
    free_new = [at for at in range(len(new)) if at not in taken_new]
    kept_old, kept_new = [one for one, _ in stays], [other for _, other in stays]
    renamed = paired_names(
        [(old[at].name, _gap(at, kept_old)) for at in free_old],
        [(new[at].name, _gap(at, kept_new)) for at in free_new],
    )
    found += [(free_old[one], free_new[other], ChangeKind.RENAMED) for one, other in renamed]
    return found


def _in_order(
    old: Sequence[ElementName],
    new: Sequence[ElementName],
    old_of: dict[int, int],
    kinds: dict[int, ChangeKind],
    removed: Sequence[int],
) -> Iterator[ElementChange]:
    """Walk the new list; a removed element comes behind what it stood behind in the old one."""
    waiting = list(removed)
    limits = _next_anchors(len(old), len(new), old_of, kinds)
    for at, name in enumerate(new):
        while waiting and waiting[0] < limits[at]:
            yield ElementChange(ChangeKind.REMOVED, old[waiting.pop(0)], None)
        if at in old_of:
            yield ElementChange(kinds[at], old[old_of[at]], name)
        else:
            yield ElementChange(ChangeKind.ADDED, None, name)
    for at in waiting:
        yield ElementChange(ChangeKind.REMOVED, old[at], None)


def _next_anchors(
    old_size: int, new_size: int, old_of: dict[int, int], kinds: dict[int, ChangeKind]
) -> list[int]:
    """For each new place the old place of the next element, itself or later, that kept its order.

    Kept elements are such, and renamed ones that stand in order between them.
    """
    limits = [old_size] * new_size
    limit, floor = old_size, -1
    floors: list[int] = []
    for at in range(new_size):
        if kinds.get(at) is ChangeKind.KEPT:
            floor = old_of[at]
        floors.append(floor)
    for at in range(new_size - 1, -1, -1):
        kind = kinds.get(at)
        if kind is ChangeKind.KEPT or (
            kind is ChangeKind.RENAMED and floors[at] < old_of[at] < limit
        ):
            limit = old_of[at]
        limits[at] = limit
    return limits


def _longest_common(
    old: Sequence[ElementName], new: Sequence[ElementName]
) -> list[tuple[int, int]]:
    """Find the longest common subsequence of the names, as pairs of places.

    Of several that are as long, the one that leaves the most renamed elements in place.
    """
    gain = [
        [
            _EQUAL if one.name == other.name else APART - rename_cost(one.name, other.name, True)
            for other in new
        ]
        for one in old
    ]
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j + 1] + gain[i][j], best[i + 1][j], best[i][j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if gain[i][j] and best[i][j] == best[i + 1][j + 1] + gain[i][j]:
            if gain[i][j] == _EQUAL:
                found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _same_names(
    old: Sequence[ElementName], new: Sequence[ElementName], stays: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Pair what has the same name at another relative place, in the order of the lists."""
    kept_old, kept_new = {at for at, _ in stays}, {at for _, at in stays}
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(old):
        if at not in kept_old:
            places[name.name].append(at)
    for at, name in enumerate(new):
        if at not in kept_new and places[name.name]:
            yield places[name.name].pop(0), at


def _gap(at: int, kept: Sequence[int]) -> int:
    """Count the kept elements before a place: equal counts on both sides are the same place."""
    return sum(1 for place in kept if place < at)


# --- whole editions ----------------------------------------------------------------------------


def edition_changes(old: Edition, new: Edition) -> list[CodeChange]:
    """List the codes that are new, gone or have another element list, by code.

    Reads the elements of only those codes whose `list_key` differs: four queries.
    """
    return code_changes(old, new, list_difference(old, new))


def code_changes(old: Edition, new: Edition, hs8s: Iterable[str]) -> list[CodeChange]:
    """Say what became of some codes, by code; a code with equal lists, or in neither, is left out.

    Costs two queries for each edition.
    """
    wanted = sorted(set(hs8s))
    before, after = _lists(old, wanted), _lists(new, wanted)
    found: list[CodeChange] = []
    for hs8 in wanted:
        name_before, list_before = before.get(hs8, ("", None))
        name_after, list_after = after.get(hs8, ("", None))
        if list_before == list_after:
            continue
        kind = CodeChangeKind.CHANGED
        if list_before is None:
            kind = CodeChangeKind.NEW
        elif list_after is None:
            kind = CodeChangeKind.GONE
        changes = list_changes(list_before or (), list_after or ())
        found.append(CodeChange(hs8, name_after or name_before, kind, changes))
    return found


def list_difference(old: Edition, new: Edition) -> set[str]:
    """The codes that only one of two editions has, or whose lists differ: two queries."""
    before, after = _keys(old), _keys(new)
    return {hs8 for hs8 in before.keys() | after.keys() if before.get(hs8) != after.get(hs8)}


def count_changes(changes: Iterable[ElementChange]) -> Counter[ChangeKind]:
    """Count the changes by kind."""
    return Counter(ChangeKind(change.kind) for change in changes)


def _keys(edition: Edition) -> dict[str, str]:
    """Each code's list key; computed where an edition was stored without."""
    keys = dict(CatalogueCode.objects.filter(edition=edition).values_list("hs8", "list_key"))
    without = [hs8 for hs8, key in keys.items() if not key]
    if without:
        lists: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        rows = Element.objects.filter(code__edition=edition, code__list_key="")
        for hs8, name, category in rows.order_by("code", "number").values_list(
            "code__hs8", "name", "category"
        ):
            lists[hs8].append((name, category))
        keys.update({hs8: list_key(lists[hs8]) for hs8 in without})
    return keys


def _lists(edition: Edition, hs8s: Sequence[str]) -> dict[str, tuple[str, tuple[ElementName, ...]]]:
    """Each wanted code's name and element list."""
    codes = CatalogueCode.objects.filter(edition=edition, hs8__in=hs8s)
    named = {pk: (hs8, name) for pk, hs8, name in codes.values_list("pk", "hs8", "name")}
    lists: defaultdict[int, list[ElementName]] = defaultdict(list)
    elements = Element.objects.filter(code__edition=edition, code__hs8__in=hs8s)
    for element in elements.order_by("code", "number"):
        lists[element.code_id].append(
            ElementName(element.number, element.name, element.get_category_display())
        )
    return {hs8: (name, tuple(lists[pk])) for pk, (hs8, name) in named.items()}
