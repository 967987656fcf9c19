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

# One statement for all: an UPDATE a row takes a hundred times as long.
_SET_FACTS = """
UPDATE customs_audit_uploadrow r
   SET entry_id = f.entry_id, g_no = f.g_no, goods_key = f.goods_key,
       content_key = f.content_key, head_key = f.head_key, conforming = f.conforming,
       auditor = f.auditor
  FROM unnest(%s::bigint[], %s::text[], %s::integer[], %s::bytea[], %s::bytea[], %s::bytea[],
              %s::boolean[], %s::text[])
       AS f (id, entry_id, g_no, goods_key, content_key, head_key, conforming, auditor)
 WHERE r.id = f.id
"""


def hold(upload: AuditUpload) -> None:
    """Wait until no other transaction judges rows of this upload, until this one ends.

    Raises TransactionManagementError outside a transaction, where the lock would last no time.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("hold needs a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [RECHECK_LOCK, upload.pk])


def recheck(upload: AuditUpload, numbers: Sequence[int]) -> None:
    """Check these rows again, and what they are tied to, in the caller's transaction.

    To be called after their cells changed, or after they were set aside or taken back. Replaces
    faults, sets the columns beside the cells and the states 待修正 and 待发布; versions and other
    states stay. Raises TransactionManagementError outside a transaction.
    """
    hold(upload)
    context = row_context(upload)
    parties = PartyNotes(context)
    entries: set[str] = set()
    contents: set[bytes] = set()
    changed: list[int] = []
    set_aside: list[int] = []
    for rows in _chunks(upload, sorted(set(numbers))):
        for row in rows:
            _tie(row, entries, contents)
        if not rows:
            continue
        _check(rows, context, parties, upload)
        for row in rows:
            _tie(row, entries, contents)
            changed.append(row.pk)
            if row.state == UploadRow.State.SET_ASIDE:
                set_aside.append(row.pk)
    judge_again(upload, numbers, sorted(entries), sorted(contents), changed, set_aside)


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


def _check(
    rows: Sequence[UploadRow], context: Context, parties: PartyNotes, upload: AuditUpload
) -> None:
    """Replace the faults that one row and what is stored decide, and the columns."""
    results = [checked(row, context) for row in rows]
    parties.learn(result.values for result in results)
    faults: list[UploadFault] = []
    facts: list[RowFacts] = []
    for row, result in zip(rows, results, strict=True):
        facts.append(facts_of(result))
        row.entry_id, row.content_key = facts[-1].entry_id, facts[-1].content_key
        findings = result.findings + parties.findings(result.values, cells_of(row))
        faults += [_fault(found, row, upload) for found in findings]
    UploadFault.objects.filter(row__in=rows).exclude(rule__in=ACROSS_NAMES).delete()
    UploadFault.objects.bulk_create(faults, batch_size=CHUNK)
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*facts, strict=True)]
        cursor.execute(_SET_FACTS, [[row.pk for row in rows], *columns])


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
