"""The report that lies beside a file of a watched folder: what came of it, and what to do.

A plain text that Notepad shows (UTF-8 with BOM, CRLF), and where there are faults a list of them
all: a workbook for audited rows, the import's own table (.csv) for declared ones.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone

from authorization.events import NOBODY
from authorization.ledger import note_export
from customs_audit.checking import sentence_of
from customs_audit.inbox.folder import FAULTS_TABLE, FAULTS_WORKBOOK, REPORT
from customs_audit.inbox_models import InboxFile
from customs_audit.models import AuditUpload, UploadFault, UploadRow
from customs_audit.upload_queries import fault_counts, level_counts, row_counts
from declarations.faults import Level, shown
from declarations.headers import LABELS
from pages.excel import Column, write_workbook

SHOWN_RULES = 30
SHOWN_ROWS = 5
LONGEST_VALUE = 40
# More faults than these are read on the page; nobody mends so many by a list.
MOST_LISTED = 50_000

_LIST_HEADS = (
    Column("工作表", 14),
    Column("行号", 8),
    Column("列", 18),
    Column("原值", 30),
    Column("级别", 8),
    Column("说明", 60),
)
_RowState = UploadRow.State
Outcome = InboxFile.Outcome


def told_upload(upload: AuditUpload) -> tuple[InboxFile.Outcome, str]:
    """What came of a file whose upload has been checked: where it lies, and one sentence."""
    if upload.state == AuditUpload.State.REFUSED:
        return Outcome.REFUSED, upload.message
    if upload.state == AuditUpload.State.TO_CONFIRM:
        return Outcome.TO_SETTLE, (
            f"已收取，表头需要确认；请海关人员登录本系统，打开上传 {upload.pk}，确认各列的含义。"
        )
    counts = row_counts(upload)
    total, faulty = sum(counts.values()), counts[_RowState.FAULTY]
    if faulty:
        return Outcome.TO_SETTLE, (
            f"已收取 {total:,} 行，其中 {faulty:,} 行待修正；"
            f"请海关人员登录本系统，打开上传 {upload.pk}，在页面或修正表中修正。"
        )
    return Outcome.RECEIVED, f"已收取 {total:,} 行，全部通过校验，可以在上传 {upload.pk} 中发布。"


def told_repeated(upload: AuditUpload) -> str:
    """The sentence on a file whose content is there already."""
    at = timezone.localtime(upload.uploaded_at)
    return (
        f"这个文件与 {at:%Y-%m-%d %H:%M} 收到的“{upload.file_name}”（上传 {upload.pk}）内容相同，"
        "没有再收取一次。"
    )


def write_report(folder: Path, record: InboxFile) -> None:
    """Write the report and the list of faults of a file into the folder where it lies.

    Again where they are there already. Raises OSError; runs outside any transaction.
    """
    name = record.file_name
    lines = [*_head(record), *_body(record)]
    listed = _write_list(folder, record)
    if listed:
        lines += ["", f"全部问题见“{listed}”。"]
    _write_text(folder / f"{name}{REPORT}", lines)


def write_note(beside: Path, sentence: str) -> None:
    """Write a sentence beside something that stays where it lies; not again where it says so."""
    path = beside.with_name(f"{beside.name}{REPORT}")
    text = _text([sentence])
    try:
        if path.read_bytes() == text:
            return
    except OSError:
        pass
    path.write_bytes(text)


def _write_text(path: Path, lines: list[str]) -> None:
    path.write_bytes(_text(lines))


def _text(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig", "replace")


# --- the text --------------------------------------------------------------------------------


def _head(record: InboxFile) -> Iterator[str]:
    yield "收件报告"
    yield "=" * 40
    yield f"文件：　　{record.file_name}"
    yield f"内容：　　{'申报数据（报关单报文）' if record.is_declared else '海关审核数据'}"
    yield f"收到时间：{timezone.localtime(record.taken_at):%Y-%m-%d %H:%M:%S}"
    upload = record.upload
    if upload:
        yield f"上传编号：{upload.pk}"
        yield f"审核月份：{upload.audit_month:%Y-%m}　{upload.get_audit_kind_display()}"
    yield f"结果：　　{record.get_outcome_display()}"
    yield ""
    yield record.message


def _body(record: InboxFile) -> Iterator[str]:
    if record.upload and record.facts.get("is_new"):
        yield from _of_upload(record.upload)
    elif record.is_declared:
        yield from _of_import(record)


def _of_upload(upload: AuditUpload) -> Iterator[str]:
    counts, levels = row_counts(upload), level_counts(upload)
    total = sum(counts.values())
    if not total:
        return
    yield ""
    yield (
        f"共 {total:,} 行：待发布 {counts[_RowState.CLEAN]:,}，待修正 {counts[_RowState.FAULTY]:,}；"
        f"错误 {levels[Level.ERROR]:,} 处，提醒 {levels[Level.WARNING]:,} 处。"
    )
    for note in upload.report:
        yield f"· {note['text']}"
    groups = fault_counts(upload)
    for level in Level:
        found = [group for group in groups if group.level == level]
        if found:
            yield ""
            yield f"{level.label}："
        for number, group in enumerate(found[:SHOWN_RULES], start=1):
            yield from _of_group(upload, number, group.rule, group.field, group.rows)
        if len(found) > SHOWN_RULES:
            yield f"……共 {len(found)} 类。"


def _of_group(upload: AuditUpload, number: int, rule: str, field: str, rows: int) -> Iterator[str]:
    faults = list(
        UploadFault.objects.filter(upload=upload, rule=rule, field=field)
        .select_related("row")
        .order_by("row__number")[:SHOWN_ROWS]
    )
    places = "、".join(_place(upload, fault) for fault in faults)
    more = "等" if rows > len(faults) else ""
    yield f"{number}. {LABELS.get(field, field)}（{rows:,} 行）：{sentence_of(faults[0])}"
    yield f"   在{places}{more}"


def _place(upload: AuditUpload, fault: UploadFault) -> str:
    used = [sheet for sheet in upload.sheets if sheet.get("use")]
    sheet = f"“{_sheet_name(upload, fault.row.sheet)}”" if len(used) > 1 else ""
    value = f"（{shown(fault.value)[:LONGEST_VALUE]}）" if fault.value else ""
    return f"{sheet}第 {fault.row.row_number} 行{value}"


def _sheet_name(upload: AuditUpload, index: int) -> str:
    return next((str(sheet["name"]) for sheet in upload.sheets if sheet["index"] == index), "")


def _of_import(record: InboxFile) -> Iterator[str]:
    first = record.facts.get("first", [])
    errors, warnings = record.facts.get("errors", 0), record.facts.get("warnings", 0)
    if errors or warnings:
        yield ""
        yield f"错误 {errors:,} 处，提醒 {warnings:,} 处。"
    if first:
        yield ""
        yield "错误："
        yield from (f"{number}. {text}" for number, text in enumerate(first, start=1))
        if errors > len(first):
            yield f"……共 {errors:,} 处，以上为前 {len(first)} 处。"


# --- the list --------------------------------------------------------------------------------


def _write_list(folder: Path, record: InboxFile) -> str:
    """Write the list of all faults beside; returns its name, "" where there is nothing to list.

    What it quotes of stored data leaves the portal with it, so that the ledger notes it.
    """
    if record.is_declared:
        source = Path(record.facts.get("list") or "/nowhere")
        if not source.is_file():  # none, or another host's
            return ""
        name = f"{record.file_name}{FAULTS_TABLE}"
        _note(record, record.facts.get("errors", 0) + record.facts.get("warnings", 0))
        shutil.copyfile(source, folder / name)
        return name
    upload = record.upload
    if upload is None or not record.facts.get("is_new"):
        return ""
    count = UploadFault.objects.filter(upload=upload).count()
    if not count:
        return ""
    name = f"{record.file_name}{FAULTS_WORKBOOK}"
    _note(record, min(count, MOST_LISTED))
    with (folder / name).open("wb") as target:
        write_workbook(target, "问题清单", _LIST_HEADS, _listed(upload))
    return f"{name}”（前 {MOST_LISTED:,} 处）“" if count > MOST_LISTED else name


def _note(record: InboxFile, rows: int) -> None:
    what = f"收件文件夹：“{record.file_name}”的问题清单"
    note_export(NOBODY, what=what, rows=rows, facts={"inbox_file": record.pk})


def _listed(upload: AuditUpload) -> Iterator[tuple[object, ...]]:
    faults = (
        UploadFault.objects.filter(upload=upload)
        .select_related("row")
        .order_by("row__number", "level", "pk")[:MOST_LISTED]
    )
    for fault in faults.iterator(chunk_size=2_000):
        yield (
            _sheet_name(upload, fault.row.sheet),
            fault.row.row_number,
            LABELS.get(fault.field, fault.field),
            fault.value,
            Level(fault.level).label,
            sentence_of(fault),
        )
