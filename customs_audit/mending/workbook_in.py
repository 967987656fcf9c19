"""An error workbook that came back: which rows it names, and what it would change of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from authorization.models import User
from customs_audit.mending.declared import cell_text
from customs_audit.mending.workbook_keys import (
    KEY_HEADINGS,
    MOST_ROWS,
    PLACE_HEADING,
    SENTENCE_HEADING,
    RowKey,
)
from customs_audit.models import AuditUpload, UploadRow, UploadRowChange
from customs_audit.workbook_models import MendWorkbook, MendWorkbookRow
from declarations.cell_json import from_json
from declarations.cells import BadCell, Cell
from declarations.faults import RejectedFile
from declarations.files.reading import read_upload
from declarations.headers import LABELS
from pages.excel import clean_text

PART = 1_000
_FIELDS = {label: name for name, label in LABELS.items()}
_OTHER = (PLACE_HEADING, SENTENCE_HEADING)


class UnusableWorkbook(Exception):
    """The file is no error workbook of this upload; the text is one sentence for the user."""


@dataclass(frozen=True)
class SentRow:
    """A row of the workbook: where it stands there, what it is about, its texts by field."""

    place: int
    key: RowKey
    texts: dict[str, str]


def take_workbook(upload: AuditUpload, path: Path, name: str, by: User | None) -> MendWorkbook:
    """Keep what a workbook would change of an upload, for somebody to look at and decide.

    Nothing of the upload is changed. Raises UnusableWorkbook for a file that can't be read, one of
    another upload, rows without a key or with one twice, and one that changes nothing.
    """
    sent = read_workbook(upload, path, name)
    changed = list(_changed_rows(upload, sent))
    if not changed:
        raise UnusableWorkbook("这张修正表与页面上的内容相同，没有改动；请改好并保存后再上传。")
    with transaction.atomic():
        book = MendWorkbook.objects.create(
            upload=upload, file_name=name[-255:], rows_read=len(sent), taken_by=by
        )
        for row in changed:
            row.workbook = book
        MendWorkbookRow.objects.bulk_create(changed, batch_size=PART)
    return book


def read_workbook(upload: AuditUpload, path: Path, name: str) -> list[SentRow]:
    """Read the rows of an error workbook of this upload. Raises UnusableWorkbook."""
    try:
        with read_upload(path, name) as file:
            for index, sheet in enumerate(file.sheets):
                for number, cells in sheet.first:
                    columns = _columns(cells)
                    if columns is not None:
                        below = (row for row in file.rows(index) if row[0] > number)
                        return _read_rows(upload, columns, below)
    except RejectedFile as rejected:
        raise UnusableWorkbook(rejected.faults[0].text) from rejected
    raise UnusableWorkbook(
        "这个文件不是本系统的修正表（没有隐藏的行标识列）；请下载修正表，在其中改好后上传。"
    )


def _columns(cells: Sequence[Cell]) -> dict[str, int] | None:
    """Which column holds which heading, where this is the heading row of an error workbook."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if isinstance(cell, str) and cell.strip():
            found.setdefault(cell.strip(), place)
    return found if all(name in found for name in KEY_HEADINGS) else None


def _read_rows(
    upload: AuditUpload, columns: dict[str, int], rows: Iterable[tuple[int, Sequence[Cell]]]
) -> list[SentRow]:
    fields = {_FIELDS[head]: place for head, place in columns.items() if head in _FIELDS}
    sent: list[SentRow] = []
    seen: dict[int, int] = {}
    for place, cells in rows:
        texts = [_text(cells, columns[name]) for name in KEY_HEADINGS]
        own = {name: _cell(cells, column) for name, column in fields.items()}
        if not any(texts) and not any(cell not in ("", None) for cell in own.values()):
            continue
        key = RowKey.read((texts[0], texts[1], texts[2], texts[3]))
        if key is None:
            raise UnusableWorkbook(
                f"第 {place} 行没有行标识，或隐藏的行标识被改动；修正表不能增加行，"
                "请在下载的修正表中重新修改。"
            )
        if key.upload != upload.pk:
            raise UnusableWorkbook(
                f"这是上传 {key.upload} 的修正表，不是本上传（{upload.pk}）的；请到那个上传的页面上传。"
            )
        if key.number in seen:
            raise UnusableWorkbook(
                f"第 {seen[key.number]} 行和第 {place} 行的行标识相同；"
                "可能是复制了整行，请删去其中一行后再上传。"
            )
        seen[key.number] = place
        sent.append(SentRow(place, key, _texts(own, place)))
        if len(sent) > MOST_ROWS:
            raise UnusableWorkbook(
                f"修正表超过 {MOST_ROWS:,} 行；请分成几张，每张保留隐藏的行标识列。"
            )
    if not sent:
        raise UnusableWorkbook("修正表里没有数据行；请确认保存的是改好的修正表。")
    return sent


def _texts(cells: dict[str, Cell], place: int) -> dict[str, str]:
    texts = {}
    for name, cell in cells.items():
        if isinstance(cell, BadCell):
            what = "公式" if cell.rule == "cell.formula" else f"错误值（{cell.text}）"
            raise UnusableWorkbook(
                f"第 {place} 行的“{LABELS[name]}”是{what}；请改为具体的内容后再上传。"
            )
        texts[name] = _line_ends(cell_text(cell))
    return texts


def _cell(cells: Sequence[Cell], place: int) -> Cell:
    return cells[place] if place < len(cells) else ""


def _text(cells: Sequence[Cell], place: int) -> str:
    return cell_text(_cell(cells, place)).strip()


def _line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


# --- what it would change ------------------------------------------------------------------------


def _changed_rows(upload: AuditUpload, sent: Sequence[SentRow]) -> Iterator[MendWorkbookRow]:
    """Yield the rows that say something else than what the workbook was handed out with."""
    for start in range(0, len(sent), PART):
        part = sent[start : start + PART]
        numbers = [one.key.number for one in part]
        rows = {
            row.number: row for row in UploadRow.objects.filter(upload=upload, number__in=numbers)
        }
        before = _earlier_cells(part, rows)
        for one in part:
            row = rows.get(one.key.number)
            if row is None or one.key.version > row.version:
                raise UnusableWorkbook(
                    f"第 {one.place} 行在本上传中不存在；请重新下载修正表，在其中修改。"
                )
            cells = row.cells | before.get(row.pk, {})
            texts = {
                name: [was, text]
                for name, text in one.texts.items()
                if text != (was := handed_out(cells.get(name)))
            }
            if texts:
                yield MendWorkbookRow(number=row.number, version=one.key.version, texts=texts)


def handed_out(cell: Any) -> str:
    """The text by which a cell (as JSON) stands in a workbook."""
    return clean_text(cell_text(from_json(cell)))


def _earlier_cells(
    sent: Sequence[SentRow], rows: dict[int, UploadRow]
) -> dict[int, dict[str, Any]]:
    """Return what cells said that were changed since the workbook's version of their row."""
    versions = {
        rows[one.key.number].pk: one.key.version
        for one in sent
        if one.key.number in rows and one.key.version < rows[one.key.number].version
    }
    found: dict[int, dict[str, Any]] = {}
    changes = UploadRowChange.objects.filter(row__in=list(versions)).exclude(field="")
    for row_id, field, version, before in changes.order_by("pk").values_list(
        "row", "field", "version", "before"
    ):
        if version > versions[row_id]:
            found.setdefault(row_id, {}).setdefault(field, before)
    return found
