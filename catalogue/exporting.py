"""Printing an edition as tab-separated text: the columns of catalogue/importing/tsv.py."""

from collections.abc import Iterator

from catalogue.editions import element_lists
from catalogue.importing.tsv import COLUMNS
from catalogue.models import CatalogueCode, Edition


def edition_lines(edition: Edition) -> Iterator[str]:
    """Walk the lines, the heading row first, without line ends; codes in the source's order."""
    yield "\t".join(COLUMNS)
    lists = {
        code: ";".join(f"{element.number}:{_cell(element.name)}" for element in elements)
        for code, elements in element_lists(edition)
    }
    for code in CatalogueCode.objects.filter(edition=edition).order_by("pk").iterator():
        cells = (code.hs8, code.heading, code.name, code.inherited_from, str(code.page))
        yield "\t".join((*map(_cell, cells), lists.get(code.pk, "")))


def _cell(text: str) -> str:
    """A text that breaks no row: tabs, line ends and what else a program takes for one."""
    return " ".join(text.split()) if not text.isprintable() else text
