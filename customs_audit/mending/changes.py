"""Changing cells of an upload's rows: the one way, whoever asks for it.

A change names the version of the row that its author saw. What somebody else changed meanwhile is
left as it is and told; everything else is stored with its history, and the rows are checked again,
all in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from authorization.models import User
from customs_audit.checking import recheck, refresh_state
from customs_audit.mending.declared import (
    GOODS_FIELDS,
    LINE_FIELDS,
    DeclaredText,
    LineKey,
    cell_text,
    declared_texts,
    line_key,
)
from customs_audit.mending.locking import (
    EDITABLE,
    WHY_NOT_ROW,
    RowState,
    lock_rows,
    lock_upload,
    store_cells,
)
from customs_audit.models import AuditUpload, UploadRow, UploadRowChange
from declarations.cell_json import from_json, to_json
from declarations.headers import LABELS

How = UploadRowChange.How

# Excel's own limit of a cell; the rules on each field are much narrower.
LONGEST_TEXT = 32_767


@dataclass(frozen=True)
class CellChange:
    """A cell's new text: the row by its number, the version that its author saw, the field."""

    number: int
    version: int
    field: str
    text: str


@dataclass(frozen=True)
class Stopped:
    """A change that was not made, and why: one sentence."""

    change: CellChange
    sentence: str


@dataclass
class Changed:
    """What became of changes: rows that changed, how many cells, and what was not done.

    `conflicts` meet a row that somebody else changed since; `refused` can't be made as they are.
    """

    numbers: list[int] = field(default_factory=list)
    cells: int = 0
    conflicts: list[Stopped] = field(default_factory=list)
    refused: list[Stopped] = field(default_factory=list)

    @property
    def stopped(self) -> list[Stopped]:
        """Everything that was not done."""
        return [*self.conflicts, *self.refused]


def change_cells(
    upload: AuditUpload, changes: Sequence[CellChange], *, how: str, by: User | None
) -> Changed:
    """Make these changes, keep each, and check their rows again; one transaction.

    A row that has another version than its change names is left alone, as is one that is set aside,
    in a release or released. A text equal to the cell's changes nothing. 商品编码, 商品名称 and
    规格型号 take only the declared line's text where one is stored (mending/declared.py). Raises
    CannotMend where the upload is in no state for it.
    """
    with transaction.atomic():
        locked = lock_upload(upload)
        rows = lock_rows(locked, {change.number for change in changes})
        done = Changed()
        wanted = _possible(rows, changes, done)
        records = _apply(rows, wanted, done, how=how, by=by)
        if not records:
            return done
        done.numbers = sorted({record.row.number for record in records})
        done.cells = len(records)
        store_cells([rows[number] for number in done.numbers])
        UploadRowChange.objects.bulk_create(records, batch_size=2_000)
        recheck(locked, done.numbers)
        refresh_state(locked)
        upload.state = locked.state
    return done


def _possible(
    rows: Mapping[int, UploadRow], changes: Iterable[CellChange], done: Changed
) -> dict[int, list[CellChange]]:
    """Sort the changes by row, without those whose row or field can't take any."""
    wanted: dict[int, list[CellChange]] = {}
    for change in changes:
        row = rows.get(change.number)
        if row is None:
            done.refused.append(
                Stopped(change, f"这个上传里没有第 {change.number} 行，请刷新页面。")
            )
        elif row.state not in EDITABLE:
            done.refused.append(Stopped(change, WHY_NOT_ROW[RowState(row.state)]))
        elif change.field not in LABELS:
            done.refused.append(Stopped(change, "没有这一列，请刷新页面后重试。"))
        elif len(change.text) > LONGEST_TEXT:
            done.refused.append(
                Stopped(change, f"内容超过 {LONGEST_TEXT:,} 个字，请删减后再保存。")
            )
        elif row.version != change.version:
            done.conflicts.append(Stopped(change, "这一行刚被别人改过，请看过现在的内容再决定。"))
        else:
            wanted.setdefault(change.number, []).append(change)
    return wanted


def _apply(
    rows: Mapping[int, UploadRow],
    wanted: Mapping[int, list[CellChange]],
    done: Changed,
    *,
    how: str,
    by: User | None,
) -> list[UploadRowChange]:
    """Put the allowed changes into the rows' cells, and return a record of each."""
    allowed = _guard([(rows[number], changes) for number, changes in wanted.items()], done)
    records = []
    for row, changes in allowed:
        differing = [
            change for change in changes if to_json(change.text) != row.cells.get(change.field)
        ]
        # A cell that is blank in either way stays as it is.
        differing = [c for c in differing if c.text or row.cells.get(c.field) is not None]
        if not differing:
            continue
        row.version += 1
        for change in differing:
            after = to_json(change.text)
            records.append(
                UploadRowChange(
                    row=row,
                    field=change.field,
                    version=row.version,
                    before=row.cells.get(change.field),
                    after=after,
                    how=how,
                    by=by,
                )
            )
            row.cells[change.field] = after
    return records


def _guard(
    rows: Sequence[tuple[UploadRow, list[CellChange]]], done: Changed
) -> list[tuple[UploadRow, list[CellChange]]]:
    """Take out what would let the goods say something that was neither declared nor in the file."""
    of_goods = [
        (row, changes)
        for row, changes in rows
        if any(change.field in GOODS_FIELDS or change.field in LINE_FIELDS for change in changes)
    ]
    if not of_goods:
        return list(rows)
    keys: dict[int, LineKey | None] = {
        row.number: line_key(_cells_after(row, changes)) for row, changes in of_goods
    }
    declared = declared_texts(keys.values())
    originals = original_cells([row for row, _ in of_goods], GOODS_FIELDS)
    allowed = []
    for row, changes in rows:
        key = keys.get(row.number)
        text = declared.get(key) if key else None
        if text is not None:
            changes = _keep_to_declared(row, changes, text, originals.get(row.pk, {}), done)
        if changes:
            allowed.append((row, changes))
    return allowed


def _cells_after(row: UploadRow, changes: Iterable[CellChange]) -> dict[str, Any]:
    cells = {name: from_json(row.cells.get(name)) for name in (*LINE_FIELDS, *GOODS_FIELDS)}
    return cells | {change.field: change.text for change in changes}


def _keep_to_declared(
    row: UploadRow,
    changes: list[CellChange],
    text: DeclaredText,
    originals: Mapping[str, Any],
    done: Changed,
) -> list[CellChange]:
    """Refuse texts of goods that are not the declared line's, and lines that others' texts have.

    What the file itself said is no mending and always allowed.
    """
    after = {name: row.cells.get(name) for name in GOODS_FIELDS}
    after |= {c.field: to_json(c.text) for c in changes if c.field in GOODS_FIELDS}
    wrong = {
        name
        for name in GOODS_FIELDS
        if not _is_allowed(after[name], text.of(name), originals.get(name, row.cells.get(name)))
    }
    touched = {change.field for change in changes}
    # A text that was edited while no declared line was known meets one by a new number.
    meets = bool(wrong - touched) and bool(touched & set(LINE_FIELDS))
    kept = []
    for change in changes:
        if change.field in wrong:
            label = LABELS[change.field]
            why = (
                f"这一项有已装入的申报数据，“{label}”只能改为申报的文本，因为审核的就是申报的内容。"
            )
            done.refused.append(Stopped(change, why))
        elif meets and change.field in (*LINE_FIELDS, *GOODS_FIELDS):
            labels = "、".join(LABELS[name] for name in GOODS_FIELDS if name in wrong - touched)
            why = f"这一项有已装入的申报数据，而“{labels}”改成了别的内容；请先改回原值，再改报关单号和项号。"
            done.refused.append(Stopped(change, why))
        else:
            kept.append(change)
    return kept


def _is_allowed(after: Any, declared: str, original: Any) -> bool:
    if after == original:
        return True
    return cell_text(from_json(after)) in {declared, cell_text(from_json(original))}


def original_cells(
    rows: Iterable[UploadRow], fields: Iterable[str] | None = None
) -> dict[int, dict[str, Any]]:
    """Return what the file said of the cells that were changed since: row's id → field → cell (JSON).

    One query; a row or field that nobody changed is not among them.
    """
    changes = UploadRowChange.objects.filter(row__in=[row.pk for row in rows]).exclude(field="")
    if fields is not None:
        changes = changes.filter(field__in=list(fields))
    first = changes.order_by("row", "field", "pk").distinct("row", "field")
    found: dict[int, dict[str, Any]] = {}
    for row_id, name, before in first.values_list("row", "field", "before"):
        found.setdefault(row_id, {})[name] = before
    return found
