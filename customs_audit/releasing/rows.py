"""The rows of a release, read anew from their cells by the rules that hold now."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from customs_audit.checking import checked, row_context
from customs_audit.models import UploadRelease, UploadRow
from declarations.auditing import store_rows
from declarations.faults import Fault, FaultLog, ImportRefused, Level
from declarations.staging import Progress, SoundRow

# Rows that are read and stored at a time.
PART = 2_000
# A sentence names at most so many rows.
NAMED = 5


class RowsFaulty(Exception):
    """Rows have errors now that they had not when they were submitted; one sentence says which."""


class CountedFaults(FaultLog):
    """Counts faults and keeps the first errors; writes no file."""

    def __init__(self) -> None:
        super().__init__(Path(), "")

    def add(self, fault: Fault) -> None:
        """Count a fault."""
        if fault.level == Level.ERROR:
            self.errors += 1
            self.first.append(fault)
        else:
            self.warnings += 1


def store_verdicts_of(release: UploadRelease, progress: Progress) -> dict[str, int]:
    """Store the rows as verdicts that don't count yet, in the caller's transaction; return counts.

    Raises RowsFaulty, and nothing may be kept then.
    """
    log = CountedFaults()
    try:
        return store_rows(release.release, _sound_parts(release, progress), log, progress)
    except ImportRefused as refused:
        first = log.first[0]
        raise RowsFaulty(
            f"有 {log.errors:,} 处错误（文件第 {first.row} 行：{first.text.rstrip('。')}），"
            "没有发布任何数据；各行已退回，请修正后重新提交。"
        ) from refused


def _sound_parts(release: UploadRelease, progress: Progress) -> Iterator[Sequence[SoundRow]]:
    context = row_context(release.upload)
    faulty: list[int] = []
    done = 0
    for rows in _parts(release):
        part: list[SoundRow] = []
        for row in rows:
            read = checked(row, context).row
            if read is None:
                faulty.append(row.number)
            else:
                part.append((row.row_number, row.sheet, read))
        done += len(rows)
        progress("检查", done)
        yield part
    if faulty:
        named = "、".join(map(str, faulty[:NAMED])) + (" 等" if len(faulty) > NAMED else " ")
        raise RowsFaulty(
            f"序号 {named}共 {len(faulty):,} 行按现在的规则有错误，没有发布任何数据；"
            "各行已退回，请修正后重新提交。"
        )
    if done != release.row_count:
        raise RuntimeError(f"release {release.pk}: {done} of {release.row_count} rows")


def _parts(release: UploadRelease) -> Iterator[list[UploadRow]]:
    after = 0
    rows = UploadRow.objects.filter(
        upload=release.upload_id, state=UploadRow.State.IN_RELEASE, release=release
    ).only("number", "sheet", "row_number", "cells")
    while part := list(rows.filter(number__gt=after).order_by("number")[:PART]):
        yield part
        after = part[-1].number
