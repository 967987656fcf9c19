"""Receiving audited files: hashed while they are stored, kept unchanged, each content once a month.

A file's name on the disk is one of ours, and no URL leads into its folder: only a view for officers
hands it out (upload_views.py).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from authorization.models import User
from customs_audit.holding import Work
from customs_audit.models import AuditKind, AuditUpload, UploadRelease
from customs_audit.queueing import queue_check
from declarations.files.limits import UPLOAD_LIMITS

MEBIBYTE = 2**20
WORKBOOK_LIMIT = UPLOAD_LIMITS.workbook_bytes
CSV_LIMIT = UPLOAD_LIMITS.csv_bytes
LIMITS = {".xlsx": WORKBOOK_LIMIT, ".xls": WORKBOOK_LIMIT, ".csv": CSV_LIMIT}
FIRST_MONTH = date(2000, 1, 1)
NAME_LENGTH = 255

Source = AuditUpload.Source
State = AuditUpload.State


class CannotReceive(Exception):
    """A file that is not taken; the text is one sentence for the user. Nothing was stored."""


@dataclass(frozen=True)
class Received:
    """What became of a file: the upload that it is now, and whether it is a new one.

    `same_content` names an earlier upload of the same bytes for another month or kind.
    """

    upload: AuditUpload
    is_new: bool
    same_content: AuditUpload | None = None


def check_month(month: date) -> date:
    """Return the month's first day. Raises CannotReceive for one that is to come, or too early."""
    first = month.replace(day=1)
    if first > timezone.localdate().replace(day=1):
        raise CannotReceive(f"审核月份 {first:%Y-%m} 还没有到；请选择本月或以前的月份。")
    if first < FIRST_MONTH:
        raise CannotReceive(f"审核月份 {first:%Y-%m} 早于 {FIRST_MONTH:%Y-%m}；请核对月份。")
    return first


def check_size(name: str, size: int) -> None:
    """Raise CannotReceive for a file that its ending or its size (in bytes) rules out."""
    ending = _ending(name)
    limit = LIMITS.get(ending)
    if limit is None:
        raise CannotReceive(
            f"“{name}”不是 .xlsx、.xls 或 .csv 文件；请用 Excel 另存为其中一种格式后再上传。"
        )
    if size == 0:
        raise CannotReceive(f"“{name}”是空的；请核对导出是否完整，再重新上传。")
    if size <= limit:
        return
    if ending == ".csv":
        raise CannotReceive(
            f"“{name}”超过 {limit // MEBIBYTE} MB；请分成几个文件（每个不超过 {UPLOAD_LIMITS.csv_rows:,} 行）再上传。"
        )
    raise CannotReceive(
        f"“{name}”超过 {limit // MEBIBYTE} MB；请另存为 .csv，或分成几个文件再上传。"
    )


def receive(
    file: File[Any],
    name: str,
    *,
    audit_month: date,
    audit_kind: AuditKind,
    user: User | None,
    source: Source = Source.PAGE,
) -> Received:
    """Keep a file unchanged and have a worker check it.

    `name` is the file's own, shown to users. The same bytes for the same month and kind are the
    upload that is there already, unless that one was refused or taken back whole. Raises
    CannotReceive; OSError where the disk can't take it.
    """
    name = own_name(name)
    month = check_month(audit_month)
    check_size(name, file.size)
    storage = _storage()
    hashed = _Hashing(file)
    stored = storage.save(f"audit_uploads/{month:%Y/%m}/{uuid4().hex}{_ending(name)}", hashed)
    upload = AuditUpload(
        file_name=name,
        file_hash=hashed.digest.hexdigest(),
        file_size=hashed.length,
        audit_month=month,
        audit_kind=audit_kind,
        uploaded_by=user,
        source=source,
    )
    upload.file.name = stored
    try:
        received = _once(upload)
    except BaseException:
        storage.delete(stored)
        raise
    if not received.is_new:
        storage.delete(stored)
    return received


def _once(upload: AuditUpload) -> Received:
    """Store the upload unless its content is there already, one after another."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [Work.RECEIVING])
        earlier = list(same_content(upload.file_hash).order_by("-pk"))
        for one in earlier:
            if (one.audit_month, one.audit_kind) == (upload.audit_month, upload.audit_kind):
                return Received(one, is_new=False)
        upload.save()
        transaction.on_commit(lambda: queue_check(upload))
    return Received(upload, is_new=True, same_content=earlier[0] if earlier else None)


def same_content(file_hash: str) -> QuerySet[AuditUpload]:
    """Find uploads of the same bytes that still stand: neither refused nor taken back whole."""
    releases = UploadRelease.objects.filter(upload=OuterRef("pk"))
    withdrawn = releases.filter(state=UploadRelease.State.WITHDRAWN)
    standing = releases.filter(
        state__in=[
            UploadRelease.State.TO_REVIEW,
            UploadRelease.State.RUNNING,
            UploadRelease.State.RELEASED,
        ]
    )
    return (
        AuditUpload.objects.filter(file_hash=file_hash)
        .exclude(state=State.REFUSED)
        .exclude(Exists(withdrawn) & ~Exists(standing))
        .select_related("uploaded_by")
    )


def own_name(name: str) -> str:
    """Give a file's own name without folders and characters that no name has, 255 at most."""
    base = re.split(r"[/\\]", name)[-1]
    clean = "".join(one for one in base if not unicodedata.category(one).startswith("C")).strip()
    ending = PurePosixPath(clean).suffix[:NAME_LENGTH]
    stem = clean.removesuffix(ending)
    return f"{stem[: NAME_LENGTH - len(ending)]}{ending}" or "文件"


def _ending(name: str) -> str:
    return PurePosixPath(name.strip()).suffix.lower()


def _storage() -> FileSystemStorage:
    """Where originals are kept: nobody writes into one again, and only our own group reads it."""
    return FileSystemStorage(file_permissions_mode=0o440, directory_permissions_mode=0o750)


class _Hashing(File):
    """A file that notes its hash and length while it is read once, from its beginning."""

    def __init__(self, file: File[Any]) -> None:
        super().__init__(file.file if isinstance(file, File) else file, file.name)
        self.digest = hashlib.sha256()
        self.length = 0

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the file piece by piece."""
        for chunk in super().chunks(chunk_size):
            self.digest.update(chunk)
            self.length += len(chunk)
            yield chunk
