"""From a taken file to an upload, or to declared lines: once, whoever is killed at it.

The file is copied first: what is hashed, kept and read is then one and the same, however slow or
changeable the network folder is. What came of a file is stored in the transaction that brings its
content in, under the name of its claim.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from customs_audit.inbox.folder import Claim, NotAFile, opened, shortened
from customs_audit.inbox.months import NoMonth, month_of_file
from customs_audit.inbox_models import InboxFile
from customs_audit.models import AuditKind, AuditUpload
from customs_audit.uploads import CannotReceive, check_size, own_name, receive
from declarations.decmessage.limits import MOST_PACKED
from declarations.decmessage.rows import SUFFIXES as DECLARED_SUFFIXES
from declarations.faults import FaultLog, ImportRefused
from declarations.loading import fault_folder, import_declarations
from declarations.models import ImportRun

Outcome = InboxFile.Outcome

NO_FILE = "没有收取：收到的不是一个文件；请把文件本身复制到收件文件夹。"
WRONG_KIND = (
    "没有收取：只收 .xlsx、.xls、.csv 的审核数据，以及 .xml、.zip 的报关单报文；"
    "请另存为其中一种格式后重新放入。"
)
EMPTY = "没有收取：文件是空的；请核对导出是否完整，再重新放入。"
TOO_LARGE = f"没有收取：文件超过 {MOST_PACKED // 2**20} MB；请分成几个文件重新放入。"
# A file at which as many processes were killed is put away as not taken.
MOST_ATTEMPTS = 3
GAVE_UP = (
    f"没有收取：处理这个文件时进程连续 {MOST_ATTEMPTS} 次中断，没有保存任何数据；"
    "请联系维护人员，文件已保留备查。"
)
LOST = "文件在处理中被移走，没有写报告；请勿改动“处理中”文件夹。"
BROKE = "没有收取：处理这个文件时系统出错，没有保存任何数据；请联系维护人员，文件已保留备查。"


class StillWritten(Exception):
    """The file changed while it was read; it is taken up again later."""


@dataclass(frozen=True)
class Wanted:
    """How audited files are taken: the month that the command names (or None), the kind of audit."""

    month: date | None
    kind: AuditKind


@dataclass(frozen=True)
class _Copy:
    path: Path
    digest: str


def begin(claim: Claim, file: Path, folder: Path) -> InboxFile:
    """The record of a taken file, with one attempt more."""
    record, _ = InboxFile.objects.get_or_create(
        claim=claim.name,
        defaults={
            "folder": str(folder)[-255:],
            "file_name": own_name(shortened(file.name)),
            "is_declared": file.suffix.lower() in DECLARED_SUFFIXES,
        },
    )
    record.attempts += 1
    record.save(update_fields=["attempts"])
    return record


def take_in(record: InboxFile, claim: Claim, file: Path, wanted: Wanted) -> None:
    """Bring a taken file in and store what came of it, for now or for good.

    Raises StillWritten where it is being written to, OSError where it can't be read or the disk is
    full; nothing has happened then.
    """
    try:
        month = None if record.is_declared else month_of_file(file.name, claim.month, wanted.month)
        with _copied(file, record.file_name) as copy:
            record.file_hash = copy.digest
            if month is None:
                _take_declared(record, copy)
            else:
                _take_audited(record, copy, month, wanted.kind)
    except (NoMonth, CannotReceive) as refused:
        end(record, Outcome.REFUSED, str(refused))


def end(record: InboxFile, outcome: InboxFile.Outcome, message: str, **facts: object) -> None:
    """Store what came of a file for good."""
    record.outcome, record.message, record.ended_at = outcome, message, timezone.now()
    record.facts |= facts
    record.save()


def _take_audited(record: InboxFile, copy: _Copy, month: date, kind: AuditKind) -> None:
    """Have it checked as an upload; the upload and the record are stored together."""
    received = None
    try:
        with transaction.atomic(), copy.path.open("rb") as file:
            received = receive(
                File(file),
                record.file_name,
                audit_month=month,
                audit_kind=kind,
                user=None,
                source=AuditUpload.Source.INBOX,
            )
            record.upload = received.upload
            record.facts = {"is_new": received.is_new}
            if received.same_content:
                record.facts["same_content"] = received.same_content.pk
            record.save()
    except BaseException:
        if received and received.is_new:
            received.upload.file.delete(save=False)
        raise


def _take_declared(record: InboxFile, copy: _Copy) -> None:
    """Import it as declared lines, all or nothing; the lines and the record are stored together."""
    earlier = ImportRun.objects.filter(file_hash=copy.digest).order_by("-pk").first()
    if earlier:
        at = timezone.localtime(earlier.started_at)
        end(
            record,
            Outcome.RECEIVED,
            f"这个文件已于 {at:%Y-%m-%d %H:%M} 装入（当时名为“{earlier.file_name}”），没有再装入一次。",
        )
        return
    with FaultLog(fault_folder(), Path(record.file_name).stem[:80]) as log:
        try:
            with transaction.atomic():
                counts = import_declarations(copy.path, log)
                facts = _told(log) | {"counts": counts}
                end(record, Outcome.RECEIVED, _imported(counts), **facts)
        except ImportRefused as refused:
            end(record, Outcome.REFUSED, str(refused), **_told(log))


def _imported(counts: dict[str, int]) -> str:
    return (
        f"已装入申报数据 {counts['lines']:,} 项：新增 {counts['new']:,}，更正 {counts['corrected']:,}，"
        f"与原来相同 {counts['unchanged']:,}，原只有审核数据的 {counts['became_declared']:,}。"
    )


def _told(log: FaultLog) -> dict[str, object]:
    """What a report tells of the faults: the counts, the first errors, where the whole list is."""
    return {
        "errors": log.errors,
        "warnings": log.warnings,
        "first": [str(fault) for fault in log.first],
        "list": str(log.path) if log.path else "",
    }


# --- the copy --------------------------------------------------------------------------------


@contextmanager
def _copied(file: Path, name: str) -> Iterator[_Copy]:
    """A copy of our own of a taken file, under its own name, for as long as the block runs.

    Raises CannotReceive for what is no file, empty, or larger than what may come.
    """
    try:
        with opened(file) as source:
            before = os.fstat(source.fileno())
            _check(name, before.st_size)
            with tempfile.TemporaryDirectory(dir=_work_folder()) as work:
                copy = Path(work) / name
                with copy.open("wb") as target:
                    shutil.copyfileobj(source, target, 2**20)
                after = os.fstat(source.fileno())
                if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                    raise StillWritten(str(file))
                with copy.open("rb") as copied:
                    digest = hashlib.file_digest(copied, "sha256").hexdigest()
                yield _Copy(copy, digest)
    except NotAFile as error:
        raise CannotReceive(NO_FILE) from error


def _check(name: str, size: int) -> None:
    """Raise CannotReceive for a file that its ending or size rules out."""
    ending = Path(name).suffix.lower()
    if ending not in (".xlsx", ".xls", ".csv", *DECLARED_SUFFIXES):
        raise CannotReceive(WRONG_KIND)
    if size == 0:
        raise CannotReceive(EMPTY)
    if ending not in DECLARED_SUFFIXES:
        check_size(name, size)
    elif size > MOST_PACKED:
        raise CannotReceive(TOO_LARGE)


def _work_folder() -> Path:
    folder = Path(settings.VAR_DIR) / "inbox"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
