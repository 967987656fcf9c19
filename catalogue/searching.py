"""Looking codes up by what people type into one box: a code, words of the goods, an element.

A search goes over an index of the whole edition that each process keeps (editions never change
once they are stored), because width and case must be folded in 9,000 names, their headings and
their elements for every word (docs/decisions/catalogue-search.md).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from django.db.models import TextChoices

from catalogue.models import CatalogueCode, CatalogueHeading, Edition, Element
from catalogue.wording import fold

MAX_WORDS = 8
_HALF_WIDTH = str.maketrans("０１２３４５６７８９．。·", "0123456789...")
_DIGITS_AND_DOTS = re.compile(r"[0-9][0-9.\s]*")
_BETWEEN_WORDS = re.compile(r"[\s，,；;、]+")
# Editions whose index one process keeps; each takes about 6 MiB.
_INDEXES_KEPT = 4


class Scope(TextChoices):
    """Where words are looked for."""

    ALL = "", "全部"
    GOODS = "goods", "货品名称"
    ELEMENTS = "elements", "申报要素"


class BadQuery(ValueError):
    """Nothing can be looked up by this text; the message is a sentence for the user."""


class Query(NamedTuple):
    """What was typed: the digits of a code (2 to 10, or 13), or else folded words."""

    digits: str
    words: tuple[str, ...]

    @property
    def hs8(self) -> str:
        """The whole eight-digit code, where the digits name one."""
        return self.digits[:8] if len(self.digits) >= 8 else ""


def read_query(text: str) -> Query:
    """Read what was typed; raises BadQuery where it is neither a code nor words."""
    plain = text.translate(_HALF_WIDTH).strip()
    if _DIGITS_AND_DOTS.fullmatch(plain):
        digits = re.sub(r"[.\s]", "", plain)
        if not (2 <= len(digits) <= 10 or len(digits) == 13):
            raise BadQuery(
                f"商品编码应为 2 至 10 位或 13 位数字，现在是 {len(digits)} 位，"
                "请改为例如 8542、8542.39.90 或 8542399000。"
            )
        return Query(digits, ())
    words = tuple(dict.fromkeys(word for word in _BETWEEN_WORDS.split(fold(text)) if word))
    if not words:
        raise BadQuery("请输入商品编码、货品名称或申报要素中的字。")
    if len(words) > MAX_WORDS:
        raise BadQuery(f"一次最多查询 {MAX_WORDS} 个词，现在是 {len(words)} 个，请删减后再查询。")
    return Query("", words)


@dataclass(frozen=True, slots=True)
class IndexedElement:
    """An element as a search shows it: its number, printed name, and that name folded."""

    number: int
    name: str
    folded: str


class IndexedCode(NamedTuple):
    """A code as the index holds it; `name`, `path` and `heading_name` are folded."""

    hs8: str
    heading: str
    name: str
    path: str
    heading_name: str
    list_of: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A code that was found. `rank`: 0 by its own name, 1 with its path, 2 with its heading's."""

    hs8: str
    rank: int
    elements: tuple[IndexedElement, ...]


BY_ELEMENT = 3


class EditionIndex:
    """The names of a whole edition, folded; its codes in order."""

    def __init__(self, edition: Edition) -> None:
        """Read the edition: three queries, about 0.2 s."""
        headings = dict(
            CatalogueHeading.objects.filter(
                edition=edition, level=CatalogueHeading.Level.HEADING
            ).values_list("code", "name")
        )
        folded_headings = {code: fold(name) for code, name in headings.items()}
        rows = list(
            CatalogueCode.objects.filter(edition=edition)
            .order_by("hs8")
            .values_list("pk", "hs8", "heading", "name", "path", "list_key")
        )
        # Codes share their lists: one code stands for all of one list. A code that was stored
        # without the list's key stands for itself.
        first_of: dict[str, int] = {}
        standing = {pk: first_of.setdefault(key or f"#{pk}", pk) for pk, *_, key in rows}
        self.lists = _lists(set(standing.values()))
        self.codes = [
            IndexedCode(
                hs8, heading, fold(name), fold(path), folded_headings.get(heading, ""), standing[pk]
            )
            for pk, hs8, heading, name, path, _ in rows
        ]

    def search(self, query: Query, scope: str = Scope.ALL, chapter: str = "") -> list[Hit]:
        """Find codes, best first: by code in order, by words those named so before the others."""
        codes: Iterable[IndexedCode] = self.codes
        if chapter:
            codes = (code for code in codes if code.hs8.startswith(chapter))
        if query.digits:
            start = query.digits[:8]
            return [Hit(code.hs8, 0, ()) for code in codes if code.hs8.startswith(start)]
        found = [hit for code in codes if (hit := self._hit(code, query.words, scope))]
        return sorted(found, key=lambda hit: hit.rank)  # stable: by code within a rank

    def _hit(self, code: IndexedCode, words: Sequence[str], scope: str) -> Hit | None:
        """Say how all of the words stand in a code, or None where one is missing."""
        rank = 0
        shown: list[IndexedElement] = []
        for word in words:
            place = BY_ELEMENT if scope == Scope.ELEMENTS else _place(code, word)
            if place == BY_ELEMENT:
                named = [] if scope == Scope.GOODS else self._named(code.list_of, word)
                if not named:
                    return None
                shown += named
            rank = max(rank, place)
        return Hit(code.hs8, rank, tuple(dict.fromkeys(shown)))

    def _named(self, list_of: int, word: str) -> list[IndexedElement]:
        """The elements of a list whose name holds a word."""
        return [element for element in self.lists.get(list_of, ()) if word in element.folded]


def _place(code: IndexedCode, word: str) -> int:
    """Say where a word stands: 0 the name or the code itself, 1 the path, 2 the heading, 3 nowhere."""
    if word in code.name or (word.isdecimal() and code.hs8.startswith(word)):
        return 0
    if word in code.path:
        return 1
    return 2 if word in code.heading_name else BY_ELEMENT


def _lists(codes: set[int]) -> dict[int, tuple[IndexedElement, ...]]:
    """Read the element lists of some codes."""
    lists: defaultdict[int, list[IndexedElement]] = defaultdict(list)
    folded: dict[str, str] = {}
    elements = Element.objects.filter(code__in=codes).order_by("code", "number")
    for code, number, name in elements.values_list("code", "number", "name"):
        if name not in folded:
            folded[name] = fold(name)
        lists[code].append(IndexedElement(number, name, folded[name]))
    return {code: tuple(elements) for code, elements in lists.items()}


@lru_cache(maxsize=_INDEXES_KEPT)
def _index_of(pk: int) -> EditionIndex:
    return EditionIndex(Edition.objects.get(pk=pk))


def index_of(edition: Edition) -> EditionIndex:
    """Return an edition's index, made on the first call of this process."""
    return _index_of(edition.pk)
