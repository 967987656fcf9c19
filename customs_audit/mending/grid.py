"""The rows of a grid as a page draws them: every cell with its faults, its history, what may be done.

Four queries for a page of rows, however many: faults, changes, those who made them, declared lines.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db import connection

from comparison.marked import Pieces, mark_differences
from customs_audit.checking import sentence_of
from customs_audit.checking.across import ACROSS_NAMES
from customs_audit.mending.declared import (
    GOODS_FIELDS,
    DeclaredText,
    cell_text,
    declared_texts,
    line_key,
)
from customs_audit.mending.locking import EDITABLE, WHY_NOT_ROW, RowState
from customs_audit.models import AuditUpload, UploadFault, UploadRow, UploadRowChange
from declarations.cell_json import from_json
from declarations.cells import BadCell
from declarations.faults import SHOWN_VALUE_LENGTH, Level, shown
from declarations.headers import FIELDS, LABELS

_PLACES = {known.name: place for place, known in enumerate(FIELDS)}


@dataclass(frozen=True)
class GridFault:
    """A fault as it stands below its value; `same_query` asks for all rows that have just this."""

    rule: str
    level: Level
    sentence: str
    same_query: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it keeps its row from being released."""
        return self.level == Level.ERROR


@dataclass(frozen=True)
class Was:
    """What the file said of a cell that is another now, and the last change of it."""

    text: str
    last: UploadRowChange


@dataclass(frozen=True)
class Offer:
    """The declared line's text of a cell that says another, with what differs marked."""

    text: str
    pieces: Pieces


@dataclass
class GridCell:
    """One cell: its text, what it is where that is no text, faults, history, the declared text."""

    field: str
    text: str
    kind: str = ""
    faults: list[GridFault] = dataclasses.field(default_factory=list)
    was: Was | None = None
    offer: Offer | None = None
    locked: str = ""
    # What was typed here and not taken, and why.
    typed: str = ""
    stopped: str = ""

    @property
    def label(self) -> str:
        """The field's Chinese name."""
        return LABELS[self.field]

    @property
    def lines(self) -> int:
        """How many lines a form's field of it wants."""
        return min(1 + len(self.text) // 26, 5)

    @property
    def level(self) -> str:
        """The worst level of its faults, or nothing."""
        if any(fault.is_error for fault in self.faults):
            return Level.ERROR.value
        return Level.WARNING.value if self.faults else ""


@dataclass
class GridRow:
    """One row with its cells in the order of the grid's columns."""

    row: UploadRow
    cells: list[GridCell]
    locked: str = ""
    # What the stored declared line says of its goods, where there is one.
    declared: DeclaredText | None = None
    # Faults of no column that is shown.
    faults: list[GridFault] = dataclasses.field(default_factory=list)

    @property
    def key(self) -> int:
        """What ticks and addresses name it by."""
        return self.row.number

    @cached_property
    def by_field(self) -> dict[str, GridCell]:
        """Its cells by field."""
        return {cell.field: cell for cell in self.cells}

    def with_fields(self, fields: Sequence[str]) -> GridRow:
        """Return the row with only these of its cells."""
        return dataclasses.replace(self, cells=[self.by_field[name] for name in fields])

    @property
    def can_be_found_right(self) -> bool:
        """Whether it waits without any error, as a withdrawn release left it."""
        return self.row.state == RowState.FAULTY and not self.row.errors


def grid_fields(upload: AuditUpload, also: Sequence[str] = ()) -> list[str]:
    """Return the upload's columns: those of its sheets in their order, then `also` in the form's."""
    found: dict[str, None] = {}
    for sheet in upload.sheets:
        if not sheet.get("use", True):
            continue
        columns = sheet.get("columns", {})
        for place in sorted(columns, key=int):
            if columns[place] in LABELS:
                found[columns[place]] = None
    missing = [name for name in also if name in LABELS and name not in found]
    return [*found, *sorted(missing, key=_PLACES.__getitem__)]


def kinds_of_faults(upload: AuditUpload) -> list[tuple[str, str, str]]:
    """Return which kinds of fault (level, rule, field) an upload has: one query.

    It leaps over the index from one kind to the next, so that it costs as many steps as there are
    kinds, not as there are faults.
    """
    with connection.cursor() as cursor:
        cursor.execute(_KINDS, {"upload": upload.pk})
        return cursor.fetchall()


_KINDS = """
WITH RECURSIVE kind AS (
    (SELECT level, rule, field FROM customs_audit_uploadfault WHERE upload_id = %(upload)s
      ORDER BY level, rule, field LIMIT 1)
    UNION ALL
    SELECT n.level, n.rule, n.field FROM kind k CROSS JOIN LATERAL (
        SELECT f.level, f.rule, f.field FROM customs_audit_uploadfault f
         WHERE f.upload_id = %(upload)s AND (f.level, f.rule, f.field) > (k.level, k.rule, k.field)
         ORDER BY f.level, f.rule, f.field LIMIT 1) n
)
SELECT level, rule, field FROM kind
"""


def grid_rows(
    upload: AuditUpload, rows: Sequence[UploadRow], fields: Sequence[str]
) -> list[GridRow]:
    """Draw rows of an upload with these columns; faults of other fields stand with 报关单号."""
    faults = _faults_of(rows)
    changes = _changes_of(rows)
    cells_of = {row.pk: {name: from_json(cell) for name, cell in row.cells.items()} for row in rows}
    keys = {row.pk: line_key(cells_of[row.pk]) for row in rows}
    declared = declared_texts(keys.values())
    drawn = []
    for row in rows:
        key = keys[row.pk]
        text = declared.get(key) if key else None
        locked = "" if row.state in EDITABLE else WHY_NOT_ROW[RowState(row.state)]
        cells = [
            _cell(name, row, cells_of[row.pk], faults[row.pk].get(name, ()), changes[row.pk])
            for name in fields
        ]
        others = [
            GridFault(fault.rule, Level(fault.level), sentence_of(fault))
            for name, found in faults[row.pk].items()
            for fault in found
            if name not in fields
        ]
        one = GridRow(row, cells, locked, text, others)
        for cell in cells:
            cell.locked = locked
            if text is not None and cell.field in GOODS_FIELDS:
                _offer(cell, text.of(cell.field))
        drawn.append(one)
    return drawn


def _offer(cell: GridCell, declared: str) -> None:
    if cell.text != declared:
        cell.offer = Offer(declared, mark_differences(cell.text, declared)[1])
    cell.locked = cell.locked or "这一项有已装入的申报数据，只能改为申报的文本。"


def _cell(
    name: str,
    row: UploadRow,
    cells: Mapping[str, Any],
    faults: Sequence[UploadFault],
    changes: Mapping[str, tuple[Any, UploadRowChange]],
) -> GridCell:
    held = cells.get(name)
    cell = GridCell(name, cell_text(held), _kind(held))
    value = "" if held is None else shown(held)
    for fault in faults:
        # A value that a fault keeps cut short names no rows alike, and what rows are told together is
        # not mended by one value for all.
        alike = (
            fault.value == value
            and len(value) < SHOWN_VALUE_LENGTH
            and fault.rule not in ACROSS_NAMES
        )
        query = urlencode({"rule": fault.rule, "field": name, "value": value}) if alike else ""
        cell.faults.append(GridFault(fault.rule, Level(fault.level), sentence_of(fault), query))
    if name in changes:
        before, last = changes[name]
        if before != row.cells.get(name):
            cell.was = Was(cell_text(from_json(before)), last)
    return cell


def _kind(cell: Any) -> str:
    if cell is None or isinstance(cell, str):
        return ""
    if isinstance(cell, BadCell):
        return "公式" if cell.rule == "cell.formula" else "错误值"
    return "数字" if isinstance(cell, (int, float)) else "日期"


def _faults_of(rows: Sequence[UploadRow]) -> dict[int, dict[str, list[UploadFault]]]:
    found: dict[int, dict[str, list[UploadFault]]] = {row.pk: defaultdict(list) for row in rows}
    for fault in UploadFault.objects.filter(row__in=list(found)).order_by("row", "level", "pk"):
        found[fault.row_id][fault.field].append(fault)
    return found


def _changes_of(rows: Sequence[UploadRow]) -> dict[int, dict[str, tuple[Any, UploadRowChange]]]:
    """Return for each changed cell what the file said, and the last change."""
    found: dict[int, dict[str, tuple[Any, UploadRowChange]]] = {row.pk: {} for row in rows}
    changes = UploadRowChange.objects.filter(row__in=list(found)).exclude(field="")
    for change in changes.select_related("by").order_by("pk"):
        cells = found[change.row_id]
        first = cells[change.field][0] if change.field in cells else change.before
        cells[change.field] = (first, change)
    return found
