"""Catalogue files that administrators upload: received once, read by a worker, stored whole.

A worker holds the upload by a lock of its connection, which goes with the worker: whoever is killed
at it, another begins again, and two never work at one. The edition and the upload's end are stored
in one transaction, so that the same file is never stored twice.
"""

import hashlib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from celery import current_app
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as QueueError

from authorization.events import By
from authorization.models import User
from catalogue.editions import Stored
from catalogue.importing.files import kind_of_start
from catalogue.importing.result import Progress, ReadCatalogue, ReadReport, UnreadableCatalogue
from catalogue.incoming import Wanted, read_file, same_file, store_file
from catalogue.models import CatalogueImport, Edition

logger = logging.getLogger(__name__)

IMPORT_TASK = "catalogue.import_file"
# First numbers of advisory locks of our own: of receiving uploads, and of each upload's worker.
RECEIVING_LOCK = 20_190_021
WORKING_LOCK = 20_190_022
# A file at which workers were killed as often is not tried again.
MOST_ATTEMPTS = 3
# A waiting upload is asked for again after this time, in case the queue lost it.
LOST_AFTER = timedelta(seconds=60)
PROGRESS_EVERY = 0.5  # seconds

State = CatalogueImport.State
UNFINISHED = (State.WAITING, State.RUNNING)

GAVE_UP = (
    f"读取这个文件时工作进程连续 {MOST_ATTEMPTS} 次中断，已停止，没有改变任何数据；"
    "请联系维护人员，或改用 .xlsx、.tsv 文件。"
)
BROKE = "读取这个文件时系统出错，没有改变任何数据；请联系维护人员，文件已保留备查。"
LOST = "保存的文件读不出来，没有改变任何数据；请重新上传。"


def check_upload(file: UploadedFile) -> None:
    """Refuse at once what a look at size, ending and first bytes tells. Raises UnreadableCatalogue."""
    start = file.read(1024)
    file.seek(0)
    kind_of_start(file.size or 0, start, file.name or "")


def receive(file: UploadedFile, wanted: Wanted, user: User) -> tuple[CatalogueImport, bool]:
    """Keep an uploaded file and have a worker read it; in the caller's transaction or its own.

    Returns the upload and whether it is new: the same file for the same year that still waits or
    is being read (a second click) is the one that is there.
    """
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RECEIVING_LOCK])
        held = CatalogueImport.objects.filter(
            year=wanted.year, source_hash=digest.hexdigest(), state__in=UNFINISHED
        ).first()
        if held is not None:
            return held, False
        upload = CatalogueImport(
            file_name=wanted.name[-255:],
            source_hash=digest.hexdigest(),
            year=wanted.year,
            effective_from=wanted.effective_from,
            effective_to=wanted.effective_to,
            uploaded_by=user,
        )
        # By its hash: whatever the file is called, its name on the disk is one of ours.
        ending = Path(wanted.name).suffix.lower()
        upload.file.save(f"{wanted.year}-{digest.hexdigest()[:16]}{ending}", file, save=True)
        transaction.on_commit(lambda: _send(upload.pk))
    return upload, True


def _send(upload_id: int) -> None:
    """Have a worker read it; a queue that can't be reached loses nothing: beat asks again."""
    try:
        current_app.send_task(IMPORT_TASK, [upload_id], queue="files", retry=False)
    except QueueError as error:
        logger.warning("队列暂时连不上，上传的目录将由定时任务补上：%s", error)


def lost_uploads() -> list[int]:
    """List the uploads that nobody works at: their worker was killed, or the queue lost them."""
    waiting_since = timezone.now() - LOST_AFTER
    found = []
    for upload in CatalogueImport.objects.filter(state__in=UNFINISHED).order_by("pk"):
        if upload.state == State.WAITING and upload.uploaded_at > waiting_since:
            continue
        with _held(upload.pk) as is_free:
            if is_free:
                found.append(upload.pk)
    return found


def work_upload(upload_id: int) -> bool:
    """Read an upload's file and store it; returns at once where another is at it or it is done.

    Returns whether this call ended it. Whatever is wrong with the file ends it with one sentence
    and changes nothing. OperationalError (the database is gone) leaves it to be done again.
    """
    with _held(upload_id) as is_free:
        upload = CatalogueImport.objects.filter(pk=upload_id, state__in=UNFINISHED).first()
        if not is_free or upload is None:
            return False
        if upload.attempts >= MOST_ATTEMPTS:
            _end(upload, State.FAILED, GAVE_UP)
            return True
        upload.attempts += 1
        upload.state, upload.started_at = State.RUNNING, timezone.now()
        upload.pages_done = 0
        upload.save(update_fields=["attempts", "state", "started_at", "pages_done"])
        try:
            _work(upload)
        except UnreadableCatalogue as refused:
            _end(upload, State.FAILED, str(refused), report=refused.report)
        except OSError:
            logger.exception("upload %s", upload_id)
            _end(upload, State.FAILED, LOST)
        except OperationalError:
            raise
        except Exception:
            logger.exception("upload %s", upload_id)
            _end(upload, State.FAILED, BROKE)
    return True


def _work(upload: CatalogueImport) -> None:
    path = Path(upload.file.path)
    wanted = Wanted.of(upload.year, upload.effective_from, upload.effective_to, upload.file_name)
    stored = same_file(path, wanted)
    if stored is not None:
        _finish(upload, stored)
        return
    read: ReadCatalogue = read_file(path, wanted, _progress(upload))
    with transaction.atomic():
        _finish(upload, store_file(read, path, wanted, by=By(upload.uploaded_by)))


def _finish(upload: CatalogueImport, stored: Stored) -> None:
    """End an upload well, in the transaction that stored its edition."""
    _end(upload, State.DONE, stored.sentence, edition=stored.edition)


def _end(
    upload: CatalogueImport,
    state: CatalogueImport.State,
    message: str,
    *,
    edition: Edition | None = None,
    report: ReadReport | None = None,
) -> None:
    upload.state, upload.message, upload.ended_at = state, message, timezone.now()
    upload.edition = edition
    if edition is not None:
        upload.report = edition.report
    elif report is not None:
        upload.report = report.as_json()
    upload.save(update_fields=["state", "message", "ended_at", "edition", "report"])


def _progress(upload: CatalogueImport) -> Progress:
    """Note how far the reading is, for the page that shows it; not more often than it looks."""
    noted = 0.0

    def note(done: int, total: int) -> None:
        nonlocal noted
        if done < total and time.monotonic() - noted < PROGRESS_EVERY:
            return
        noted = time.monotonic()
        CatalogueImport.objects.filter(pk=upload.pk).update(pages_done=done, pages_total=total)

    return note


@contextmanager
def _held(upload_id: int) -> Iterator[bool]:
    """Hold an upload against other workers; yields False where another holds it."""
    numbers = [WORKING_LOCK, upload_id]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", numbers)
        is_free = bool(cursor.fetchone()[0])
        try:
            yield is_free
        finally:
            if is_free:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", numbers)
