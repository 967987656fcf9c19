"""One row as a plain form: each cell a field, the version that its author saw beside them.

The fields are named `cell-` and the field; what was shown comes back as `was-`, so that only what
was typed is a change. A cell that holds no text (a number, a date) is stored as the text that is
shown where `as_text` names it.
"""

from __future__ import annotations

from django.http import QueryDict

from customs_audit.mending.changes import CellChange
from customs_audit.models import UploadRow
from declarations.headers import LABELS

CELL, WAS = "cell-", "was-"


def read_row_form(sent: QueryDict, row: UploadRow) -> list[CellChange]:
    """Return the changes that a row's form asks for; one without a version changes nothing."""
    version = sent.get("version", "")
    if not (version.isascii() and version.isdecimal() and len(version) < 10):
        return []
    as_text = set(sent.getlist("as_text"))
    changes = []
    for name in LABELS:
        text = sent.get(CELL + name)
        if text is None:
            continue
        # A form ends its lines as the network does; a cell of a file as Excel does.
        text, was = (value.replace("\r\n", "\n") for value in (text, sent.get(WAS + name, "")))
        if text != was or name in as_text:
            changes.append(CellChange(row.number, int(version), name, text))
    return changes
