"""Watching a folder: taking what has come whole, waiting for its check, putting it away, again.

Any number of watchers may watch one folder. Each file is worked at under an advisory lock of its
claim, which goes with the watcher's connection: what one was killed at, the next look of any of
them goes on with, from what the database knows of it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.db.models import QuerySet
from django.utils import timezone

from customs_audit.checking import check_upload
from customs_audit.checking.working import UNCHECKED
from customs_audit.holding import Work, held
from customs_audit.inbox.folder import (
    UNREADABLE,
    Claim,
    Found,
    Inbox,
    Readiness,
    shortened,
)
from customs_audit.inbox.taking import (
    BROKE,
    GAVE_UP,
    LOST,
    MOST_ATTEMPTS,
    StillWritten,
    Wanted,
    begin,
    end,
    take_in,
)
from customs_audit.inbox_models import InboxFile
from customs_audit.inbox_report import told_repeated, told_upload, write_note, write_report
from customs_audit.models import AuditUpload, UploadRow
from customs_audit.upload_queries import row_counts

logger = logging.getLogger(__name__)

Outcome = InboxFile.Outcome
LONGEST_REST = 30.0  # seconds between looks while database or folder is away

Say = Callable[[Mapping[str, Any]], None]


@dataclass
class Watcher:
    """One watcher of one folder; `say` is told of every file that has ended.

    With `checks` it checks uploads itself, so that nobody waits for a worker.
    """

    inbox: Inbox
    wanted: Wanted
    say: Say
    checks: bool = False
    _stopping: threading.Event = field(default_factory=threading.Event)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def stop(self, *about: object) -> None:
        """End after the file in hand; may be called from a signal's handler."""
        self._stopping.set()

    def watch(self, every: float) -> None:
        """Look every so many seconds until stopped, whatever goes away and comes back meanwhile."""
        rest = every
        while not self._stopping.is_set():
            rest = every if self._looks() else min(rest * 2, LONGEST_REST)
            self._stopping.wait(rest)

    def once(self, every: float) -> None:
        """Work off what lies there now, and end; what is still coming stays.

        Raises OperationalError or OSError where database or folder are away.
        """
        patience = time.monotonic() + 2 * self.inbox.settle + every
        while not self._stopping.is_set():
            self.look()
            waits = bool(self.inbox.claims()) or any(self.inbox.found())
            if not waits or (time.monotonic() > patience and not self._waits_for_a_check()):
                return
            self._stopping.wait(every)

    def _waits_for_a_check(self) -> bool:
        """Whether a worker is at an upload that came from here."""
        return self._records().filter(outcome=Outcome.WORKING, upload__isnull=False).exists()

    def _records(self) -> QuerySet[InboxFile]:
        names = [claim.name for claim in self.inbox.claims()]
        return InboxFile.objects.filter(claim__in=names)

    def _looks(self) -> bool:
        """Look once; False where the database or the folder is away."""
        try:
            close_old_connections()
            self.look()
        except (OperationalError, InterfaceError) as error:
            why = str(error).strip().partition("\n")[0]
            logger.warning("数据库暂时连不上，稍后再试：%s", why)
            connection.close()
            return False
        except OSError as error:
            logger.warning("收件文件夹暂时用不了，稍后再试：%s", error)
            return False
        return True

    def look(self) -> None:
        """Take what has come whole and go on with what was taken. Raises OSError, OperationalError."""
        if not self.inbox.is_there:
            raise FileNotFoundError(f"{self.inbox.root} 不在，或缺少子文件夹")
        for path, sentence in self.inbox.strangers():
            self._one(path.name, partial(self._leave, path, sentence))
        for claim in self.inbox.claims():
            self._one(claim.name, partial(self._work, claim))
        for found in list(self.inbox.found()):
            self._one(found.path.name, partial(self._take, found))
        self.inbox.drop_notes()
        self._end_lost()

    def _one(self, name: str, act: Callable[[], None]) -> None:
        """Do one thing, unless told to stop; what the disk or folder refuses keeps nothing else up."""
        if self._stopping.is_set():
            return
        try:
            act()
        except OSError as error:
            if self._is_news(name, str(error)):
                logger.warning("“%s”暂时处理不了，稍后再试：%s", name, error)

    def _is_news(self, name: str, text: str) -> bool:
        is_news = (name, text) not in self._told
        self._told.add((name, text))
        return is_news

    def _leave(self, path: Path, sentence: str) -> None:
        """Tell why something stays where it lies: beside it, and once in our own output."""
        write_note(path, sentence)
        if self._is_news(str(path), sentence):
            self.say({"file": shortened(path.name), "outcome": "left", "message": sentence})

    def _take(self, found: Found) -> None:
        readiness = self.inbox.readiness(found.path)
        if readiness is Readiness.UNREADABLE:
            self._leave(found.path, UNREADABLE)
        if readiness is not Readiness.WHOLE:
            return
        claim = self.inbox.take(found)
        if claim:
            self._work(claim)

    def _work(self, claim: Claim) -> None:
        """Bring a claim as far as it goes now; one that another watcher holds is left alone."""
        with held(Work.TAKING, claim.number) as is_free:
            if is_free and claim.path.is_dir():
                self._go_on(claim)

    def _go_on(self, claim: Claim) -> None:
        record = InboxFile.objects.filter(claim=claim.name).select_related("upload").first()
        if record is None or (record.outcome == Outcome.WORKING and record.upload is None):
            record = self._take_in(claim)
        if record and record.outcome == Outcome.WORKING and record.upload:
            self._follow(record, record.upload)
        if record and record.outcome != Outcome.WORKING:
            self._put_away(claim, record)

    def _take_in(self, claim: Claim) -> InboxFile | None:
        """Bring a claim's file in; None where it is not to be had yet, or not at all."""
        file = claim.file()
        if file is None:
            self.inbox.drop_empty(claim)
            return None
        record = begin(claim, file, self.inbox.root)
        if record.attempts > MOST_ATTEMPTS:
            end(record, Outcome.REFUSED, GAVE_UP)
            return record
        try:
            take_in(record, claim, file, self.wanted)
        except (OSError, StillWritten) as error:
            record.attempts -= 1
            record.save(update_fields=["attempts"])
            if isinstance(error, OSError):
                raise
            return None
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("%s", claim.name)
            if record.attempts < MOST_ATTEMPTS:
                return None
            end(record, Outcome.REFUSED, BROKE)
        return record

    def _follow(self, record: InboxFile, upload: AuditUpload) -> None:
        """See whether a file's upload has been checked, and what came of it."""
        if not record.facts["is_new"]:
            end(record, Outcome.RECEIVED, told_repeated(upload))
            return
        if self.checks and upload.state in UNCHECKED:
            check_upload(upload.pk)
            upload.refresh_from_db()
        if upload.state not in UNCHECKED:
            end(record, *told_upload(upload))

    def _put_away(self, claim: Claim, record: InboxFile) -> None:
        write_report(claim.path, record)
        target = self.inbox.put_away(claim, Outcome(record.outcome), _folder_name(record))
        self.say(_ended(record) | {"folder": f"{target.parent.name}/{target.name}"})

    def _end_lost(self) -> None:
        """End the records of files that somebody has taken out of our hands."""
        since = timezone.now() - timedelta(minutes=1)
        working = InboxFile.objects.filter(
            folder=str(self.inbox.root)[-255:], outcome=Outcome.WORKING, taken_at__lt=since
        )
        lost = list(working)
        there = {claim.name for claim in self.inbox.claims()}
        for record in lost:
            if record.claim not in there:
                end(record, Outcome.REFUSED, LOST)


def _folder_name(record: InboxFile) -> str:
    """What a file's folder is called: never as the file itself, which a folder could be taken for."""
    if record.upload_id:
        return f"{record.file_name}（上传 {record.upload_id}）"
    is_in = record.outcome == Outcome.RECEIVED
    return f"{record.file_name}（{'申报数据' if is_in else '未收取'}）"


def _ended(record: InboxFile) -> dict[str, Any]:
    """What is said of a file that has ended: one line of JSON."""
    facts: dict[str, Any] = {"file": record.file_name, "outcome": record.outcome}
    upload = record.upload
    if upload:
        counts = row_counts(upload)
        facts |= {
            "upload": upload.pk,
            "month": f"{upload.audit_month:%Y-%m}",
            "rows": sum(counts.values()),
            "faulty": counts[UploadRow.State.FAULTY],
            "is_new": record.facts["is_new"],
        }
    elif record.is_declared:
        facts |= record.facts.get("counts", {})
        facts |= {name: record.facts.get(name, 0) for name in ("errors", "warnings")}
    took = (record.ended_at or timezone.now()) - record.taken_at
    return facts | {"message": record.message, "seconds": round(took.total_seconds(), 1)}
