"""A catalogue file from its path to a stored edition: what the command and the upload share."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from authorization.events import NOBODY, By
from catalogue.editions import Source, Stored, held_revision, put_in_force, store_edition
from catalogue.importing.files import kind_of, read_catalogue
from catalogue.importing.held import NOTHING_HELD, Held
from catalogue.importing.result import (
    Progress,
    ReadCatalogue,
    ReadHeading,
    UnreadableCatalogue,
)
from catalogue.importing.tsv import no_progress
from catalogue.models import CatalogueCode, CatalogueHeading, Edition, Element

YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Wanted:
    """As what a file is to be stored: its catalogue's year and the dates it is in force.

    `name` is the file's own name where the path is that of a copy.
    """

    year: int
    effective_from: date
    effective_to: date
    name: str = ""

    @classmethod
    def of(
        cls, year: int, start: date | None = None, end: date | None = None, name: str = ""
    ) -> "Wanted":
        """Fill in the whole year where dates are not given.

        Raises UnreadableCatalogue for a year that is none, and dates that are no span.
        """
        if year not in YEARS:
            raise UnreadableCatalogue(
                f"目录年份 {year} 不对（应为 {YEARS[0]} 至 {YEARS[-1]}），没有导入；请核对。"
            )
        start, end = start or date(year, 1, 1), end or date(year, 12, 31)
        if end < start:
            raise UnreadableCatalogue(
                f"失效日期 {end} 早于生效日期 {start}，没有导入；请核对两个日期。"
            )
        return cls(year, start, end, name)


def file_hash(path: Path) -> str:
    """Give the file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def same_file(path: Path, wanted: Wanted, *, in_force: bool = False) -> Stored | None:
    """Say what importing a file does whose content is held for its year already; None where not.

    Nothing is read or stored; with `in_force` the revision it was read into is put in force.
    """
    held = held_revision(wanted.year, file_hash(path))
    if held is None:
        return None
    if not in_force or held.in_force:
        return Stored(held, is_new=False)
    switched = put_in_force(held)
    return Stored(
        held,
        is_new=False,
        changed=switched.changed,
        replaced=switched.replaced,
        was_put_in_force=switched.is_done,
    )


def read_file(path: Path, wanted: Wanted, progress: Progress = no_progress) -> ReadCatalogue:
    """Read and check a file, borrowing what it lacks from the edition nearest to its year.

    Raises UnreadableCatalogue and OSError as read_catalogue does.
    """
    held = nearest_held(wanted.year)
    borrows = borrowable(held) if held else NOTHING_HELD
    return read_catalogue(path, progress, held=borrows, name=wanted.name)


def store_file(
    read: ReadCatalogue, path: Path, wanted: Wanted, *, in_force: bool = False, by: By = NOBODY
) -> Stored:
    """Store what was read from a file: all or nothing. Raises UnreadableCatalogue."""
    name = wanted.name or path.name
    return store_edition(
        read,
        year=wanted.year,
        effective_from=wanted.effective_from,
        effective_to=wanted.effective_to,
        source=Source(kind_of(path, name), name, file_hash(path)),
        in_force=in_force,
        by=by,
    )


def nearest_held(year: int) -> Edition | None:
    """Find the edition that a file of a year borrows from.

    The nearest year's, its revision in force before others, then the newest.
    """
    return min(
        Edition.objects.all(),
        key=lambda held: (abs(held.year - year), not held.in_force, -held.revision),
        default=None,
    )


def borrowable(edition: Edition) -> Held:
    """Read an edition's categories, headings and sub-headings: three queries."""
    paths = CatalogueCode.objects.filter(edition=edition).values_list("hs8", "path")
    return Held.of(
        str(edition),
        _element_rows(edition),
        _headings(edition),
        {hs8: tuple(path.split("\n")) for hs8, path in paths if path},
    )


def _element_rows(edition: Edition) -> Iterator[tuple[str, str, str]]:
    rows = Element.objects.filter(code__edition=edition).order_by("pk")
    yield from rows.values_list("code__hs8", "name", "category").iterator()


def _headings(edition: Edition) -> Iterator[ReadHeading]:
    for heading in CatalogueHeading.objects.filter(edition=edition).order_by("pk"):
        yield ReadHeading(heading.level, heading.code, heading.parent, heading.name, heading.note)
