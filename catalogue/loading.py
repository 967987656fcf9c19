"""Storing the shipped catalogue edition in the database."""

from django.db import transaction

from catalogue.models import CatalogueCode, Edition, Element
from catalogue.shipped import ShippedEdition, shipped_edition


def load_shipped_edition() -> dict[str, int]:
    """Store the shipped edition and put it in force; a year that is held stays as it is.

    Returns {"editions", "codes", "elements"}: how many rows this call stored, all 0 when the
    year is held already. Meant for the first start, before any line is loaded, so that nothing
    has to be compared again.
    """
    shipped = shipped_edition()
    with transaction.atomic():
        if Edition.objects.filter(year=shipped.year).exists():
            return {"editions": 0, "codes": 0, "elements": 0}
        return _store(shipped)


def _store(shipped: ShippedEdition) -> dict[str, int]:
    edition = Edition.objects.create(
        year=shipped.year,
        effective_from=shipped.effective_from,
        effective_to=shipped.effective_to,
        source_hash=shipped.source_hash,
        in_force=True,
    )
    codes = CatalogueCode.objects.bulk_create(
        (
            CatalogueCode(edition=edition, hs8=code.hs8, heading=code.heading, name=code.name)
            for code in shipped.codes.values()
        ),
        batch_size=2000,
    )
    elements = Element.objects.bulk_create(
        (
            Element(
                code=stored, number=element.number, name=element.name, category=element.category
            )
            for stored in codes
            for element in shipped.codes[stored.hs8].elements
        ),
        batch_size=4000,
    )
    return {"editions": 1, "codes": len(codes), "elements": len(elements)}
