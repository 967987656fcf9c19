"""Small editions for tests: a few codes with their element lists, stored as an import stores them."""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256

from catalogue.editions import Source, store_edition
from catalogue.importing.result import ReadCatalogue, ReadCode, ReadElement, ReadReport
from catalogue.models import Edition, SourceKind

Lists = Mapping[str, Sequence[str]]


def read_lists(lists: Lists, category: str = "classification") -> ReadCatalogue:
    """Give a catalogue as a reader gives it: each code (eight digits) with its element names."""
    codes = {
        hs8: ReadCode(
            hs8,
            f"{hs8[:2]}.{hs8[2:4]}",
            f"商品{hs8}",
            tuple(ReadElement(n, name, category) for n, name in enumerate(names, 1)),
            page=1,
        )
        for hs8, names in lists.items()
    }
    return ReadCatalogue(codes, [], ReadReport(), 1)


def store_lists(
    year: int,
    lists: Lists,
    *,
    in_force: bool = False,
    dates: tuple[date, date | None] | None = None,
) -> Edition:
    """Store an edition of these lists; a year that is held gets a new revision."""
    start, end = dates or (date(year, 1, 1), date(year, 12, 31))
    told = sha256(repr((year, sorted(lists.items()), start, end)).encode()).hexdigest()
    return store_edition(
        read_lists(lists),
        year=year,
        effective_from=start,
        effective_to=end,
        source=Source(SourceKind.TSV, f"{year}.tsv", told),
        in_force=in_force,
    ).edition
