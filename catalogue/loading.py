"""Storing the shipped catalogue edition in the database."""

from catalogue.editions import Source, Stored, store_edition
from catalogue.importing.result import (
    ReadCatalogue,
    ReadCode,
    ReadElement,
    ReadHeading,
    ReadReport,
)
from catalogue.models import CatalogueHeading, Edition, SourceKind
from catalogue.shipped import SHIPPED_FILE, ShippedEdition, shipped_edition


def load_shipped_edition() -> dict[str, int]:
    """Store the shipped edition and put it in force, unless its year has something better.

    A year that is held from another file stays as it is: what an administrator imported is never
    replaced by what the product carries. A year of which only earlier shipped files are held gets
    this one as a new revision, in force where the earlier one is. Returns {"editions", "codes",
    "elements"}: how many rows this call stored, all 0 when there was nothing to do.
    """
    shipped = shipped_edition()
    held = list(Edition.objects.filter(year=shipped.year).values_list("source_hash", "source_kind"))
    is_held = any(sha256 == shipped.source_hash for sha256, _ in held)
    if is_held or any(kind != SourceKind.SHIPPED for _, kind in held):
        return {"editions": 0, "codes": 0, "elements": 0}
    stored = _store(shipped, in_force=not held)
    return {
        "editions": int(stored.is_new),
        "codes": stored.codes,
        "elements": stored.elements,
    }


def _store(shipped: ShippedEdition, *, in_force: bool) -> Stored:
    return store_edition(
        as_read(shipped),
        year=shipped.year,
        effective_from=shipped.effective_from,
        effective_to=shipped.effective_to,
        source=Source(SourceKind.SHIPPED, SHIPPED_FILE.name, shipped.source_hash),
        in_force=in_force,
    )


def as_read(shipped: ShippedEdition) -> ReadCatalogue:
    """Give the shipped edition in the form that every reader of a catalogue gives."""
    codes = {
        code.hs8: ReadCode(
            code.hs8,
            code.heading,
            code.name,
            tuple(ReadElement(e.number, e.name, e.category) for e in code.elements),
            path=code.path,
            inherited_from=code.inherited_from,
            page=code.page,
        )
        for code in shipped.codes.values()
    }
    level = CatalogueHeading.Level
    headings = [
        *(ReadHeading(level.SECTION, code, "", name) for code, name in shipped.sections.items()),
        *(
            ReadHeading(level.CHAPTER, code, chapter.section, chapter.name)
            for code, chapter in shipped.chapters.items()
        ),
        *(
            ReadHeading(level.HEADING, code, code[:2], name)
            for code, name in shipped.headings.items()
        ),
    ]
    pages = max((code.page for code in codes.values()), default=0)
    return ReadCatalogue(codes, headings, ReadReport(), pages)
