"""Uploads for the tests of checking: a file of rows, received and checked without a worker."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from customs_audit.checking import check_upload, row_context, working
from customs_audit.checking.across import judge_all
from customs_audit.checking.progress import Progress
from customs_audit.checking.sheets import Sheet
from customs_audit.checking.states import end_checking
from customs_audit.models import AuditUpload, UploadFault, UploadRow
from declarations.headers import LABELS
from tests.declarations.files import write_csv, write_xlsx

State = AuditUpload.State
SEPTEMBER = datetime.date(2025, 9, 1)


def upload_of(path: Path, **fields: Any) -> AuditUpload:
    """Store an upload of this file, unchecked."""
    upload = AuditUpload(
        **{"audit_month": SEPTEMBER, "file_name": path.name, "file_size": path.stat().st_size}
        | fields
    )
    upload.file.save(path.name, ContentFile(path.read_bytes()), save=True)
    return upload


def check(path: Path, **fields: Any) -> AuditUpload:
    """Store an upload of this file and check it."""
    upload = upload_of(path, **fields)
    assert check_upload(upload.pk)
    upload.refresh_from_db()
    return upload


def check_rows(folder: Path, rows: Any, *, kind: str = "csv", **fields: Any) -> AuditUpload:
    """Check rows written as .csv or .xlsx."""
    write = write_csv if kind == "csv" else write_xlsx
    return check(write(folder / f"data.{kind}", rows), **fields)


class CellsInMemory:
    """A file of one sheet that no child has to read."""

    share = 1.0
    notes: tuple[Any, ...] = ()

    def __init__(self, names: list[str], rows: list[dict[str, Any]]) -> None:
        self._names, self._rows = names, rows

    def rows(self, index: int) -> Iterator[tuple[int, list[Any]]]:
        for number, row in enumerate(self._rows, 2):
            yield number, [row.get(name, "") for name in self._names]


def check_cells(
    rows: list[dict[str, Any]], upload: AuditUpload | None = None, **fields: Any
) -> AuditUpload:
    """Check rows as a worker does with those of a file, in place of what the upload has."""
    upload = upload or AuditUpload.objects.create(
        **{"audit_month": SEPTEMBER, "file_name": "cells.xlsx", "state": State.CHECKING} | fields
    )
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = dict(enumerate(names))
    sheet = Sheet("", 0, 1, [LABELS[name] for name in names], columns)
    with transaction.atomic():
        working._delete_rows(upload)
        file = CellsInMemory(names, rows)
        with Progress(upload, file) as progress:
            count = working._store(upload, row_context(upload), [sheet], file, progress)
        judge_all(upload)
        end_checking(upload, count)
    return upload


def faults_of(upload: AuditUpload) -> set[tuple[int, str, str]]:
    """Every fault of an upload: row, rule, field."""
    faults = UploadFault.objects.filter(upload=upload)
    return set(faults.values_list("row__number", "rule", "field"))


def stored(upload: AuditUpload) -> list[Any]:
    """Everything that a check decides, to be compared: each row with its columns and its faults."""
    columns = [
        "number", "state", "cells", "errors", "warnings", "entry_id", "g_no", "goods_key",
        "content_key", "head_key", "conforming", "auditor",
    ]  # fmt: skip
    rows = UploadRow.objects.filter(upload=upload).order_by("number").prefetch_related("faults")
    return [
        (
            [_plain(getattr(row, name)) for name in columns],
            sorted(
                (fault.rule, fault.field, fault.level, fault.value, sorted(fault.facts.items()))
                for fault in row.faults.all()
            ),
        )
        for row in rows
    ]


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
