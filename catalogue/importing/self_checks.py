"""Placeholder until the PDF branch lands."""

from catalogue.importing.result import ReadCatalogue


def check_catalogue(read: ReadCatalogue) -> None:
    """Check."""
