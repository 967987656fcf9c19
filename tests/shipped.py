"""A small part of the shipped catalogue: storing all of it takes a second or two a test."""

from dataclasses import replace

from catalogue.editions import Source, store_edition
from catalogue.loading import as_read
from catalogue.models import Edition, SourceKind
from catalogue.shipped import shipped_edition

# The headings that tests declare goods of.
HEADINGS = ("3902", "3924", "6109", "7318", "8482", "8542", "8544", "8708", "9401", "9403", "9506")


def load_shipped_headings(*headings: str) -> Edition:
    """Store the shipped edition with these headings' codes alone, in force."""
    shipped = shipped_edition()
    read = as_read(shipped)
    wanted = headings or HEADINGS
    read = replace(read, codes={k: c for k, c in read.codes.items() if k.startswith(wanted)})
    store_edition(
        read,
        year=shipped.year,
        effective_from=shipped.effective_from,
        effective_to=shipped.effective_to,
        source=Source(SourceKind.SHIPPED, "part.txt", shipped.source_hash),
        in_force=True,
    )
    return Edition.objects.get(year=shipped.year)
