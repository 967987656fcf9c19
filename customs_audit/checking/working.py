"""A worker checks an upload: reads its file, stores rows and faults, and says how it stands.

A worker holds the upload by a lock of its connection, which goes with the worker; rows, faults and
the upload's new state are stored in one transaction. So whoever is killed at it leaves nothing,
another begins again, and nothing is stored twice.
"""

from __future__ import annotations

import logging
from itertools import islice
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from customs_audit.checking.across import judge_all
from customs_audit.checking.collecting import seldom_collecting
from customs_audit.checking.guessing import guessed
from customs_audit.checking.judging import row_context
from customs_audit.checking.levels import judge_if_changed
from customs_audit.checking.parties import PartyNotes
from customs_audit.checking.progress import Progress
from customs_audit.checking.quick import QuickCheck
from customs_audit.checking.rows import file_rows
from customs_audit.checking.sheets import (
    Sheet,
    doubt_missing,
    missing_columns,
    recognise,
    shown_rows,
)
from customs_audit.checking.states import end_checking
from customs_audit.checking.storing import RowStore
from customs_audit.holding import Work, held
from customs_audit.models import AuditUpload
from customs_audit.template_fields import SHEETS_WITHOUT_ROWS
from declarations.checks import Context
from declarations.faults import RejectedFile
from declarations.files.reading import ReadFile, read_upload
from declarations.reading import rejected
from declarations.rules import RULES, sentence

logger = logging.getLogger(__name__)

State = AuditUpload.State
UNCHECKED = (State.RECEIVED, State.CHECKING)
# A file at which workers were killed as often is not tried again.
MOST_ATTEMPTS = 3
PART = 5_000  # rows that are checked before they are copied

GAVE_UP = (
    f"校验这个文件时工作进程连续 {MOST_ATTEMPTS} 次中断，已停止，没有保存任何数据；"
    "请联系维护人员，或分成几个文件再上传。"
)
BROKE = "校验这个文件时系统出错，没有保存任何数据；请联系维护人员，文件已保留备查。"
LOST = "保存的文件读不出来，没有保存任何数据；请重新上传。"


def check_upload(upload_id: int) -> bool:
    """Check an upload; returns at once where another worker is at it or it is done.

    Returns whether this call ended it: to be mended, to be released, its headings to be confirmed,
    or refused with one sentence and without rows. OperationalError (the database is gone) leaves
    it to be done again.
    """
    with held(Work.CHECKING, upload_id) as is_free:
        upload = AuditUpload.objects.filter(pk=upload_id, state__in=UNCHECKED).first()
        if not is_free or upload is None:
            return False
        if upload.attempts >= MOST_ATTEMPTS:
            _refuse(upload, GAVE_UP)
            return True
        upload.attempts += 1
        upload.state, upload.started_at, upload.ended_at = State.CHECKING, timezone.now(), None
        upload.rows_done = upload.rows_total = 0
        upload.save(
            update_fields=[
                "attempts", "state", "started_at", "ended_at", "rows_done", "rows_total",
            ]
        )  # fmt: skip
        try:
            _check(upload)
        except RejectedFile as refused:
            _refuse(upload, "".join(fault.text for fault in refused.faults[:1]))
        except OSError:
            logger.exception("upload %s", upload_id)
            _refuse(upload, LOST)
        except OperationalError:
            raise
        except Exception:
            logger.exception("upload %s", upload_id)
            _refuse(upload, BROKE)
    return True


def _check(upload: AuditUpload) -> None:
    with read_upload(Path(upload.file.path), upload.file_name) as file:
        upload.is_typed = file.typed
        sheets = _sheets(upload, file)
        upload.sheets = [sheet.as_json() for sheet in sheets]
        upload.report = _report(sheets, file)
        if any(sheet.use and not sheet.certain for sheet in sheets):
            for kept in upload.sheets:
                kept["first"] = shown_rows(file.sheets[kept["index"]].first)
            _ask(upload)
            return
        context = row_context(upload)
        with Progress(upload, file) as progress, transaction.atomic():
            _delete_rows(upload)
            count = _store(upload, context, sheets, file, progress)
            if not count:
                raise rejected("file.empty")
            judge_all(upload)
            _tell_the_planner()
            end_checking(upload, count)
        judge_if_changed(upload, context.levels)


def _store(
    upload: AuditUpload,
    context: Context,
    sheets: list[Sheet],
    file: ReadFile,
    progress: Progress,
) -> int:
    """Check and store every row; returns how many there are."""
    parties = PartyNotes(context)
    with seldom_collecting(), RowStore(upload) as store:
        for shape, rows in file_rows(sheets, file.rows):
            quick = QuickCheck(shape, context, parties, store)
            while part := list(islice(rows, PART)):
                quick.check(part)
                progress(store.count)
    return store.count


def _tell_the_planner() -> None:
    """Take statistics of what was just stored, without the cells: pages are opened at once.

    Until autovacuum comes by (a minute), a page of 20,000 rows waited half a minute for a plan
    that expected none.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL default_statistics_target = 25")  # reads 7,500 rows of 30,000
        cursor.execute(
            "ANALYZE customs_audit_uploadrow"
            " (id, upload_id, number, state, warnings, entry_id, g_no, content_key, release_id),"
            " customs_audit_uploadfault (upload_id, row_id, level, rule, field)"
        )


def _sheets(upload: AuditUpload, file: ReadFile) -> list[Sheet]:
    """The layouts that were confirmed, or those that are recognised."""
    kept = [Sheet.from_json(sheet) for sheet in upload.sheets]
    if kept and all(sheet.certain for sheet in kept if sheet.use):
        found = kept
    else:
        read = [recognise(at, sheet.name, sheet.first) for at, sheet in enumerate(file.sheets)]
        found = [sheet for sheet in read if sheet is not None]
    if not any(sheet.use and not sheet.is_head for sheet in found):
        unknown = set(range(len(file.sheets))) - {sheet.index for sheet in found}
        others = guessed({at: (file.sheets[at].name, file.sheets[at].first) for at in unknown})
        if found is kept or not others:
            raise rejected("sheet.no_header" if any(s.first for s in file.sheets) else "file.empty")
        return sorted([*found, *others], key=lambda sheet: sheet.index)
    missing = missing_columns(found)
    if missing and (found is kept or not doubt_missing(found)):
        raise rejected("column.missing", label=missing[0][1])
    return found


def _report(sheets: list[Sheet], file: ReadFile) -> list[dict[str, str]]:
    """What is known of the file beside its rows: warnings, as rule, value and sentence."""
    notes = [(note.rule, note.value) for note in file.notes]
    read = {sheet.index for sheet in sheets if sheet.use}
    notes += [
        ("sheet.ignored", sheet.name)
        for at, sheet in enumerate(file.sheets)
        if sheet.first and at not in read
    ]
    notes = [(rule, value) for rule, value in notes if value not in SHEETS_WITHOUT_ROWS]
    notes += [
        ("column.unknown", "、".join(sheet.unknown))
        for sheet in sheets
        if sheet.use and sheet.unknown
    ]
    return [
        {
            "rule": rule,
            "level": RULES[rule].level.value,
            "value": value,
            "text": sentence(rule, value=value),
        }
        for rule, value in notes
    ]


def _ask(upload: AuditUpload) -> None:
    """Have an officer confirm the headings; the tries begin anew then."""
    upload.state, upload.attempts, upload.ended_at = State.TO_CONFIRM, 0, timezone.now()
    upload.message = ""
    upload.save(
        update_fields=[
            "state", "attempts", "ended_at", "message", "sheets", "report", "is_typed",
        ]
    )  # fmt: skip


def _refuse(upload: AuditUpload, message: str) -> None:
    upload.state, upload.message, upload.ended_at = State.REFUSED, message, timezone.now()
    upload.rows_done = upload.rows_total = 0
    upload.save(update_fields=["state", "message", "ended_at", "rows_done", "rows_total"])


def _delete_rows(upload: AuditUpload) -> None:
    with connection.cursor() as cursor:
        for table in ("customs_audit_uploadfault", "customs_audit_uploadrow"):
            cursor.execute(f"DELETE FROM {table} WHERE upload_id = %s", [upload.pk])
