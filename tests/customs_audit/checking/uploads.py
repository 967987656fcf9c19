"""Uploads for the tests of checking: a file of rows, received and checked without a worker."""

import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile

from customs_audit.checking import check_upload
from customs_audit.models import AuditUpload, UploadFault, UploadRow
from tests.declarations.files import write_csv, write_xlsx

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
