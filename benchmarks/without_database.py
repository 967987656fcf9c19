"""Django set up for what needs no database, and the shipped element lists."""

import os
from functools import cache

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("DATABASE_URL", "postgresql://unused/unused")
os.environ.setdefault("REDIS_URL", "redis://unused")
django.setup()

from catalogue.elements import ElementName  # noqa: E402
from catalogue.shipped import shipped_edition  # noqa: E402


@cache
def element_list(hs8: str) -> tuple[ElementName, ...] | None:
    """The element list of an eight-digit code by the shipped edition; None where it has none."""
    code = shipped_edition().codes.get(hs8)
    if code is None:
        return None
    return tuple(ElementName(e.number, e.name, e.category) for e in code.elements)
