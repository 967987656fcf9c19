"""Repairing what Excel damaged, where there is just one way back, and the proof of it.

A repair is offered for a column and a rule, for all rows of an upload where it can be proven, and
accepted at once: it replaces cells, keeps each change, and has the rows checked again. What can't
be proven stays a fault that somebody mends.

Proven are: zeros that a code lost, where with them it is a code of its table (a 商品编号 of the catalogue)
and without them none; a code stored as a number with all its digits; a day as Excel's serial
number, where its year is the 报关单号's (counted from 1904 it were another year); and the last
digits of a 报关单号, where just one declared line has those before, the 项号 and the very text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from authorization.models import User
from customs_audit.checking.judging import row_context
from customs_audit.checking.rechecking import hold, recheck
from customs_audit.checking.states import refresh_state
from customs_audit.models import AuditUpload, UploadFault, UploadRow, UploadRowChange
from declarations import code_tables
from declarations.cell_json import from_json
from declarations.cells import Cell
from declarations.checks import Context
from declarations.headers import LABELS

# Rows of one call: half a minute, in which a page can still answer.
MOST_AT_ONCE = 30_000
# Rows whose cells are held at a time while they are changed.
CHUNK = 2_000
_MENDABLE = (UploadRow.State.FAULTY, UploadRow.State.CLEAN)
_CODE_WIDTH = 3
_FIFTEEN_DIGITS = re.compile(r"([1-9])\.([0-9]{14})E\+?(1[67])", re.IGNORECASE)
_PADDED, _WHOLE = "code.zero_padded", "code.number_read"
_SERIAL, _LOST = "declared_on.serial", "code.digits_lost"


@dataclass(frozen=True)
class Repair:
    """What can be repaired at once: where, in how many rows, and one of them as an example.

    `before` is the cell as its fault shows it, `after` the text that takes its place; `proof` is
    one sentence.
    """

    column: str
    rule: str
    rows: int
    before: str
    after: str
    proof: str

    @property
    def label(self) -> str:
        """The column in words."""
        return LABELS[self.column]


class Mended(NamedTuple):
    """A row's cell that can be repaired: the row's number, what stands there, and what will."""

    number: int
    value: str
    after: str


def offered(upload: AuditUpload) -> list[Repair]:
    """What can be repaired in the rows that wait, the most rows first."""
    found = [*_padded_codes(upload), *_one_of(_SERIAL, upload), *_one_of(_LOST, upload)]
    return sorted(found, key=lambda one: (-one.rows, one.column, one.rule))


def accept(upload: AuditUpload, column: str, rule: str, by: User | None) -> int:
    """Repair a column's rows that break a rule and can be repaired; returns how many.

    The first MOST_AT_ONCE of them; `offered` says whether there are more. Each change is kept, and the rows are checked again, in one transaction.
    """
    with transaction.atomic():
        hold(upload)
        mended = {one.number: one.after for one in _mended(upload, column, rule)}
        numbers = sorted(mended)[:MOST_AT_ONCE]
        for start in range(0, len(numbers), CHUNK):
            _change(upload, column, numbers[start : start + CHUNK], mended, by)
        if numbers:
            recheck(upload, numbers)
            refresh_state(upload)
    return len(numbers)


def _change(
    upload: AuditUpload,
    column: str,
    numbers: Sequence[int],
    mended: Mapping[int, str],
    by: User | None,
) -> None:
    rows = list(UploadRow.objects.filter(upload=upload, number__in=numbers))
    now = timezone.now()
    changes = []
    for row in rows:
        before, row.cells[column] = row.cells.get(column), mended[row.number]
        row.version += 1
        changes.append(
            UploadRowChange(
                row=row,
                field=column,
                version=row.version,
                before=before,
                after=row.cells[column],
                how=UploadRowChange.How.REPAIR,
                by=by,
                at=now,
            )
        )
    UploadRowChange.objects.bulk_create(changes)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE customs_audit_uploadrow r"
            "   SET version = r.version + 1,"
            "       cells = jsonb_set(r.cells, ARRAY[%s], to_jsonb(m.after))"
            "  FROM unnest(%s::bigint[], %s::text[]) AS m (id, after) WHERE r.id = m.id",
            [column, [row.pk for row in rows], [mended[row.number] for row in rows]],
        )


# --- codes that lost zeros, or became numbers with all their digits ------------------------------


def _table_of(column: str, context: Context) -> tuple[int, Any, str] | None:
    """A column's codes: their width, what tells whether one is known, and the table's name."""
    if column == "hs_code":

        def in_catalogue(code: str) -> bool:
            return any(code[:8] in codes for codes in context.editions.values())

        return 10, in_catalogue, "规范申报目录"
    if column == "trade_mode":
        return 4, code_tables.trade_modes().__contains__, "监管方式代码表"
    if column == "custom_master":
        return 4, code_tables.customs_districts().__contains__, "关区代码表"
    if column in ("g_unit", "unit_1", "unit_2"):
        return _CODE_WIDTH, code_tables.units().__contains__, "计量单位代码表"
    return None


class _Code(NamedTuple):
    """A damaged code that is proven: what the fault shows, the code, and why it is that."""

    rule: str
    column: str
    value: str
    after: str
    proof: str
    rows: int


def _proven_codes(upload: AuditUpload) -> Iterator[_Code]:
    """Every damaged code with its proof, by what faults say: few, however many rows have it."""
    context = row_context(upload)
    damaged = (
        UploadFault.objects.filter(
            upload=upload,
            row__state__in=_MENDABLE,
            rule__in=(_PADDED, _WHOLE, "trade_mode.form", "unit.unknown"),
        )
        .annotate(read=KeyTextTransform("read", "facts"))
        .values_list("rule", "field", "value", "read")
        .annotate(rows=Count("row", distinct=True))
        .order_by()
    )
    for rule, column, value, read, rows in damaged:
        table = _table_of(column, context)
        if table is None or not value.isascii() or not value.strip().isdigit():
            continue
        width, is_known, name = table
        digits = value.strip()
        after = read or digits.zfill(width)
        if after == digits and rule == _WHOLE and is_known(after):
            proof = f"数字 {digits} 的位数完整，在{name}中。"
        elif after != digits and is_known(after) and not is_known(digits):
            proof = f"{digits} 补足 {len(after)} 位为 {after}，在{name}中；{digits} 本身不是代码。"
        else:
            continue
        yield _Code(rule, column, value, after, proof, rows)


def _padded_codes(upload: AuditUpload) -> Iterator[Repair]:
    groups: dict[tuple[str, str], list[_Code]] = {}
    for code in _proven_codes(upload):
        groups.setdefault((code.column, code.rule), []).append(code)
    for (column, rule), codes in groups.items():
        if column == "hs_code":
            codes = _as_declared(upload, rule, codes)
        if not codes:
            continue
        example = max(codes, key=lambda code: (code.rows, code.value))
        count = sum(code.rows for code in codes)
        yield Repair(column, rule, count, example.value, example.after, example.proof)


def _as_declared(upload: AuditUpload, rule: str, codes: Sequence[_Code]) -> list[_Code]:
    """Leave out of the counts the rows of which another 商品编码 was declared."""
    found = Counter(row.value for row in _mended_codes(upload, "hs_code", rule))
    return [code._replace(rows=found[code.value]) for code in codes if found[code.value]]


def _mended_codes(upload: AuditUpload, column: str, rule: str) -> Iterator[Mended]:
    after_of = {
        code.value: code.after
        for code in _proven_codes(upload)
        if (code.column, code.rule) == (column, rule)
    }
    wanted: dict[str, Any] = {
        "upload": upload.pk,
        "rule": rule,
        "column": column,
        "values": list(after_of),
        "afters": list(after_of.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CODE_ROWS, wanted)
        yield from (Mended(*row) for row in cursor.fetchall())


# --- days, and 报关单号 that lost their last digits ------------------------------------------------

# What was declared is what was judged: where the line is stored, no other 商品编码 is put in its place.
_CODE_ROWS = """
SELECT r.number, f.value, m.after
  FROM unnest(%(values)s::text[], %(afters)s::text[]) AS m (value, after)
  JOIN customs_audit_uploadfault f ON f.value = m.value
  JOIN customs_audit_uploadrow r ON r.id = f.row_id
 WHERE f.upload_id = %(upload)s AND f.rule = %(rule)s AND f.field = %(column)s
   AND r.state IN ('faulty', 'clean')
   AND (%(column)s <> 'hs_code' OR NOT EXISTS (
        SELECT 1 FROM declarations_declaredline l JOIN declarations_goods g ON g.id = l.goods_id
         WHERE l.entry_id = r.entry_id AND l.g_no = r.g_no AND l.declared_at IS NOT NULL
           AND g.hs_code <> m.after))
"""
_SERIAL_ROWS = """
SELECT r.number, f.value, f.facts->>'read'
  FROM customs_audit_uploadfault f JOIN customs_audit_uploadrow r ON r.id = f.row_id
 WHERE f.upload_id = %(upload)s AND f.rule = 'declared_on.serial' AND f.field = 'declared_on'
   AND r.state IN ('faulty', 'clean')
   AND substring(r.entry_id FROM 5 FOR 4) = left(f.facts->>'read', 4)
"""
_LOST_ROWS = """
SELECT r.number, f.value, r.cells->'entry_id', r.g_no, r.goods_key
  FROM customs_audit_uploadfault f JOIN customs_audit_uploadrow r ON r.id = f.row_id
 WHERE f.upload_id = %(upload)s AND f.rule = 'code.digits_lost' AND f.field = 'entry_id'
   AND r.state IN ('faulty', 'clean') AND r.g_no IS NOT NULL AND r.goods_key IS NOT NULL
"""
# Between digits, so that any collation orders them alike.
_ONLY_LINE = """
SELECT w.number, w.value, min(l.entry_id)
  FROM unnest(%s::integer[], %s::text[], %s::text[], %s::integer[], %s::bytea[])
       AS w (number, value, prefix, g_no, goods_key)
  JOIN declarations_declaredline l
    ON l.entry_id BETWEEN rpad(w.prefix, 18, '0') AND rpad(w.prefix, 18, '9')
   AND l.g_no = w.g_no
  JOIN declarations_goods g ON g.id = l.goods_id AND g.goods_key = w.goods_key
 WHERE l.declared_at IS NOT NULL
 GROUP BY w.number, w.value HAVING count(*) = 1
"""


def _mended_days(upload: AuditUpload) -> Iterator[Mended]:
    with connection.cursor() as cursor:
        cursor.execute(_SERIAL_ROWS, {"upload": upload.pk})
        yield from (Mended(*row) for row in cursor.fetchall())


def _mended_entries(upload: AuditUpload) -> Iterator[Mended]:
    with connection.cursor() as cursor:
        cursor.execute(_LOST_ROWS, {"upload": upload.pk})
        damaged = cursor.fetchall()
    wanted = []
    for number, value, cell, g_no, key in damaged:
        prefix = reliable_digits(from_json(json.loads(cell)))
        if prefix:
            wanted.append((number, value, prefix, g_no, key))
    with connection.cursor() as cursor:
        for start in range(0, len(wanted), CHUNK):
            columns = zip(*wanted[start : start + CHUNK], strict=True)
            cursor.execute(_ONLY_LINE, [list(column) for column in columns])
            yield from (Mended(*row) for row in cursor.fetchall())


def reliable_digits(cell: Cell) -> str:
    """The first digits of a 报关单号, of which Excel kept fifteen; "" where it did not.

    A 报关单号 that begins with a zero (Dalian's all do) is a number of seventeen digits: its first
    sixteen are known then. A text that shows fewer than fifteen was rounded, so that its last digit
    may be another; so was a number that says more than Excel keeps, which another program wrote.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        shown = f"{cell:.14E}"
        if float(shown) != cell:
            return ""
    else:
        shown = cell.strip() if isinstance(cell, str) else ""
    match = _FIFTEEN_DIGITS.fullmatch(shown)
    if match is None:
        return ""
    return ("0" if match[3] == "16" else "") + match[1] + match[2]


_FINDERS = {_SERIAL: ("declared_on", _mended_days), _LOST: ("entry_id", _mended_entries)}
_PROOFS = {
    _SERIAL: "Excel 以序列号 {value} 存 {after}，与报关单号中的年份一致（按 1904 日期系统则不是这一年）。",
    _LOST: "已装入的申报数据中，前几位、项号、商品编号、名称和规格型号都相同的只有 {after} 这一项。",
}


def _one_of(rule: str, upload: AuditUpload) -> Iterator[Repair]:
    column, find = _FINDERS[rule]
    mended = list(find(upload))
    if mended:
        first = min(mended)
        proof = _PROOFS[rule].format(value=first.value, after=first.after)
        yield Repair(column, rule, len(mended), first.value, first.after, proof)


def _mended(upload: AuditUpload, column: str, rule: str) -> Iterator[Mended]:
    named, find = _FINDERS.get(rule, ("", None))
    if find is None:
        yield from _mended_codes(upload, column, rule)
    elif named == column:
        yield from find(upload)
