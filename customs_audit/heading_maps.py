"""Headings that an officer has confirmed, kept for the next file with the same headings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from django.utils import timezone

from authorization.models import User
from customs_audit.models import HeadingMap


def heading_signature(headings: Sequence[str]) -> str:
    """Return what a sheet's headings are known by: their SHA-256, in order, spaces around cut off.

    Empty headings at the end don't count: a file often has some that an earlier one had not.
    """
    texts = [heading.strip() for heading in headings]
    while texts and not texts[-1]:
        texts.pop()
    return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).hexdigest()


def kept_map(headings: Sequence[str]) -> dict[str, str] | None:
    """Return which heading means which field ("" for none), as kept for these; None where none is."""
    found = HeadingMap.objects.filter(signature=heading_signature(headings)).first()
    return found.columns if found else None


def keep_map(headings: Sequence[str], columns: Mapping[str, str], by: User | None) -> None:
    """Keep what these headings mean; an earlier word on the same headings is replaced."""
    HeadingMap.objects.update_or_create(
        signature=heading_signature(headings),
        defaults={"columns": dict(columns), "saved_by": by, "saved_at": timezone.now()},
    )
