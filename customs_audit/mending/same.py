"""The same correction for every row with the same fault at the same value."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from authorization.models import User
from customs_audit.mending.changes import CellChange, How, change_cells
from customs_audit.mending.declared import LINE_FIELDS, declared_texts, line_key
from customs_audit.mending.locking import EDITABLE, lock_upload
from customs_audit.models import AuditUpload, UploadFault, UploadRow
from declarations.cell_json import from_json
from declarations.cells import Cell
from declarations.headers import LABELS
from declarations.models import DeclaredLine
from declarations.rules import RULES

# Rows of one transaction: a second or two, for which others wait who mend the same upload.
AT_ONCE = 5_000


@dataclass(frozen=True)
class SameFault:
    """What rows have in common: a rule that one field breaks with one value (as faults keep it)."""

    rule: str
    field: str
    value: str

    def rows(self, upload: AuditUpload) -> QuerySet[UploadRow]:
        """The rows of an upload that can be corrected and have just this."""
        same = UploadFault.objects.filter(
            row=OuterRef("pk"), upload=upload, rule=self.rule, field=self.field, value=self.value
        )
        return UploadRow.objects.filter(Exists(same), upload=upload, state__in=EDITABLE)

    @classmethod
    def asked(cls, query: Mapping[str, str]) -> SameFault | None:
        """Read it from an address; None where it names no fault of a row."""
        rule, field = query.get("rule", ""), query.get("field", "")
        if rule not in RULES or field not in LABELS:
            return None
        return cls(rule, field, query.get("value", ""))


@dataclass
class Corrected:
    """What became of a correction so far: rows changed and refused, and where to go on."""

    rows: int = 0
    refused: int = 0
    why: str = ""
    last: int = 0
    left: int = 0


def correct(
    upload: AuditUpload,
    same: SameFault,
    text: str | None,
    *,
    by: User | None,
    seconds: float,
    after: int = 0,
) -> Corrected:
    """Give rows with the same fault and value a new text; None: each its declared line's own.

    Works off the rows beyond number `after`, in parts of one transaction each, until none is left
    or so many seconds are over: `left` then counts those to come. A row that a declared line stands
    behind refuses any other text of its goods (mending/changes.py). Raises CannotMend.
    """
    done = Corrected(last=after)
    until = time.monotonic() + seconds
    while True:
        with transaction.atomic():
            changes, done.last = _next_changes(lock_upload(upload), same, text, done.last)
            changed = change_cells(upload, changes, how=How.BULK, by=by)
        done.rows += len(changed.numbers)
        done.refused += len(changed.stopped)
        if changed.stopped:
            done.why = changed.stopped[0].sentence
        left = same.rows(upload).filter(number__gt=done.last)
        if time.monotonic() > until:
            done.left = left.count()
            return done
        if not left.exists():
            return done


def _next_changes(
    upload: AuditUpload, same: SameFault, text: str | None, after: int
) -> tuple[list[CellChange], int]:
    """Return the changes of the next rows, and the number of the last of them."""
    rows = list(
        same.rows(upload)
        .filter(number__gt=after)
        .order_by("number")
        .only("number", "version", "cells")[:AT_ONCE]
    )
    last = rows[-1].number if rows else after
    if text is not None:
        return [CellChange(row.number, row.version, same.field, text) for row in rows], last
    keys = {row.number: line_key(_line_cells(row)) for row in rows}
    declared = declared_texts(keys.values())
    changes = []
    for row in rows:
        key = keys[row.number]
        if key is not None and key in declared:
            own = declared[key].of(same.field)
            changes.append(CellChange(row.number, row.version, same.field, own))
    return changes, last


def with_declared_line(upload: AuditUpload, same: SameFault) -> int:
    """Count the rows of it whose line a declaration import stored: one query."""
    lines = DeclaredLine.objects.filter(
        entry_id=OuterRef("entry_id"), g_no=OuterRef("g_no"), declared_at__isnull=False
    )
    return same.rows(upload).exclude(entry_id="").filter(Exists(lines)).count()


def _line_cells(row: UploadRow) -> dict[str, Cell]:
    return {name: from_json(row.cells.get(name)) for name in LINE_FIELDS}
