"""Checked uploads for the tests of mending: rows as a file would have brought them, without one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from authorization.models import User
from customs_audit.checking import recheck, refresh_state
from customs_audit.mending.changes import CellChange, Changed, change_cells
from customs_audit.models import AuditUpload, UploadRow, UploadRowChange
from declarations.cell_json import to_json
from declarations.headers import LABELS
from tests.declarations.files import Row, fields_of

MARCH = date(2026, 3, 1)
How = UploadRowChange.How


def make_checked(rows: Sequence[Row], **fields: Any) -> AuditUpload:
    """Store an upload of these rows, checked."""
    names = fields_of(rows)
    sheet = {
        "name": "数据",
        "index": 0,
        "row": 1,
        "headings": [LABELS[name] for name in names],
        "columns": {str(place): name for place, name in enumerate(names)},
        "use": True,
        "certain": True,
        "sample": [],
    }
    upload = AuditUpload.objects.create(
        **{
            "state": AuditUpload.State.TO_MEND,
            "audit_month": MARCH,
            "file_name": "三月审核.xlsx",
            "file_hash": "0" * 64,
            "sheets": [sheet],
            "rows_total": len(rows),
            "rows_done": len(rows),
            **fields,
        }
    )
    UploadRow.objects.bulk_create(
        UploadRow(
            upload=upload,
            number=number,
            sheet=0,
            row_number=number + 1,
            state=UploadRow.State.CLEAN,
            cells={name: to_json(cell) for name, cell in row.items()},
        )
        for number, row in enumerate(rows, start=1)
    )
    with transaction.atomic():
        recheck(upload, range(1, len(rows) + 1))
        refresh_state(upload)
    return upload


def row_of(upload: AuditUpload, number: int) -> UploadRow:
    """A row as it is stored now."""
    return UploadRow.objects.get(upload=upload, number=number)


def change(
    upload: AuditUpload,
    number: int,
    field: str,
    text: str,
    *,
    version: int | None = None,
    how: How = How.GRID,
    by: User | None = None,
) -> Changed:
    """Change one cell, by default at the version that the row has."""
    at = row_of(upload, number).version if version is None else version
    return change_cells(upload, [CellChange(number, at, field, text)], how=how, by=by)


def states(upload: AuditUpload) -> list[str]:
    """The states of an upload's rows, in their order."""
    rows = UploadRow.objects.filter(upload=upload).order_by("number")
    return list(rows.values_list("state", flat=True))
