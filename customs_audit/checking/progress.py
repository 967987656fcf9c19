"""How far a check is, for the page that shows it: written beside the check's own transaction."""

from __future__ import annotations

import logging
import time
from types import TracebackType
from typing import Any

from django.db import DatabaseError, connection, connections

from customs_audit.models import AuditUpload
from declarations.files.reading import ReadFile

logger = logging.getLogger(__name__)

EVERY = 0.5  # seconds: not more often than a page looks
# The check's transaction holds nothing of the upload's row before its end; whoever does is not
# waited for.
_LOCK_TIMEOUT = "SET lock_timeout = '100ms'"
_NOTE = "UPDATE customs_audit_auditupload SET rows_done = %s, rows_total = %s WHERE id = %s"


class Progress:
    """Notes the rows that are done through a connection of its own, which ends with the block.

    How many there will be is reckoned from the share of the file that was read. Inside another
    transaction (a test's) nobody could see it, and nothing is noted.
    """

    def __init__(self, upload: AuditUpload, file: ReadFile) -> None:
        self._upload_id, self._file = upload.pk, file
        self._noted = time.monotonic()
        self._connection = None if connection.in_atomic_block else _beside()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def __call__(self, done: int) -> None:
        """Note that so many rows are done, unless the last note is fresh."""
        if self._connection is None or time.monotonic() - self._noted < EVERY:
            return
        self._noted = time.monotonic()
        share = self._file.share
        total = max(done, round(done / share)) if share else 0
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(_NOTE, [done, total, self._upload_id])
        except DatabaseError as error:
            logger.warning("progress of upload %s: %s", self._upload_id, error)


def _beside() -> Any:
    beside = connections.create_connection("default")
    with beside.cursor() as cursor:
        cursor.execute(_LOCK_TIMEOUT)
    return beside
