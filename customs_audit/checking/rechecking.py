"""Checking rows again after an edit: themselves, and all that rules across rows tie to them.

Gives just what a full check of the same cells would (tests/customs_audit/checking hold it as a
property over random edits).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection, transaction

from customs_audit.checking.across import ACROSS_NAMES, judge_again
from customs_audit.checking.judging import cells_of, checked, row_context
from customs_audit.checking.parties import PartyNotes
from customs_audit.checking.row_facts import RowFacts, facts_of
from customs_audit.checking.storing import storable, stored_facts
from customs_audit.models import AuditUpload, UploadFault, UploadRow
from declarations.cells import Finding
from declarations.checks import Context

# Edits of one upload are judged one after another: each sees what the one before changed.
RECHECK_LOCK = 20_190_034
CHUNK = 2_000


def recheck(upload: AuditUpload, numbers: Sequence[int]) -> None:
    """Check these rows again, and what they are tied to, in the caller's transaction.

    To be called after their cells changed, or after they were set aside or taken back. Replaces
    faults, sets the columns beside the cells and the states 待修正 and 待发布; versions and other
    states stay. Raises TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("recheck needs a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RECHECK_LOCK, upload.pk])
    context = row_context(upload)
    entries: set[str] = set()
    contents: set[bytes] = set()
    changed: list[int] = []
    for rows in _chunks(upload, sorted(set(numbers))):
        for row in rows:
            _tie(row, entries, contents)
        _check(rows, context, upload)
        for row in rows:
            _tie(row, entries, contents)
            changed.append(row.pk)
    judge_again(upload, numbers, sorted(entries), sorted(contents), changed)


def _chunks(upload: AuditUpload, numbers: Sequence[int]) -> Iterator[list[UploadRow]]:
    for start in range(0, len(numbers), CHUNK):
        found = UploadRow.objects.filter(upload=upload, number__in=numbers[start : start + CHUNK])
        yield list(found.order_by("number"))


def _tie(row: UploadRow, entries: set[str], contents: set[bytes]) -> None:
    """Note what ties a row to others as it stands."""
    if row.entry_id:
        entries.add(row.entry_id)
    if row.content_key is not None:
        contents.add(bytes(row.content_key))


def _check(rows: Sequence[UploadRow], context: Context, upload: AuditUpload) -> None:
    """Replace the faults that one row and what is stored decide, and the columns."""
    results = [checked(row, context) for row in rows]
    parties = PartyNotes(context)
    parties.learn(result.values for result in results)
    faults: list[UploadFault] = []
    for row, result in zip(rows, results, strict=True):
        for name, value in facts_of(result)._asdict().items():
            setattr(row, name, value)
        findings = result.findings + parties.findings(result.values, cells_of(row))
        faults += [_fault(found, row, upload) for found in findings]
    UploadFault.objects.filter(row__in=rows).exclude(rule__in=ACROSS_NAMES).delete()
    UploadFault.objects.bulk_create(faults, batch_size=CHUNK)
    UploadRow.objects.bulk_update(rows, RowFacts._fields, batch_size=500)


def _fault(found: Finding, row: UploadRow, upload: AuditUpload) -> UploadFault:
    return UploadFault(
        row=row,
        upload=upload,
        field=found.field,
        rule=found.rule,
        level=found.level,
        value=storable(found.value),
        facts=stored_facts(found.facts),
    )
