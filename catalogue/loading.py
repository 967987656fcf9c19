"""Storing the shipped catalogue edition in the database."""

from django.db import connection, transaction

from catalogue.models import CatalogueCode, Edition
from catalogue.shipped import ShippedEdition, shipped_edition

_COPY_CODES = "COPY catalogue_cataloguecode (edition_id, hs8, heading, name) FROM STDIN"
_COPY_ELEMENTS = "COPY catalogue_element (code_id, number, name, category) FROM STDIN"


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
    with connection.cursor() as cursor:
        with cursor.copy(_COPY_CODES) as copy:
            for code in shipped.codes.values():
                copy.write_row((edition.pk, code.hs8, code.heading, code.name))
        stored = dict(CatalogueCode.objects.filter(edition=edition).values_list("hs8", "pk"))
        count = 0
        with cursor.copy(_COPY_ELEMENTS) as copy:
            for code in shipped.codes.values():
                for element in code.elements:
                    copy.write_row((stored[code.hs8], *element))
                count += len(code.elements)
        # Pages join these tables from the first request on.
        cursor.execute("ANALYZE catalogue_cataloguecode, catalogue_element")
    return {"editions": 1, "codes": len(stored), "elements": count}
