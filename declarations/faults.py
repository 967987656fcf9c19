"""What an import says about a row: the fault, its rule, and the file that lists them all."""

from __future__ import annotations

import csv
import datetime
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, TextIO

from django.db.models import TextChoices

SHOWN_FAULTS = 20
SHOWN_VALUE_LENGTH = 255


class Level(TextChoices):
    """Whether a fault keeps its row out."""

    ERROR = "error", "错误"
    WARNING = "warning", "提醒"


class Fault(NamedTuple):
    """One fault: where it stands, what stood there, which rule it breaks, and what to do.

    `row` counts from 1 as Excel does, 0 for the file as a whole; `column` is the heading as the
    file writes it; `text` is one Chinese sentence.
    """

    row: int
    column: str
    value: str
    rule: str
    level: Level
    text: str
    sheet: str = ""

    def __str__(self) -> str:
        place = f"第 {self.row} 行" if self.row else "文件"
        if self.sheet:
            place = f"工作表“{self.sheet}”{place}"
        return f"{place} {self.column}：{self.text}" if self.column else f"{place}：{self.text}"


class RejectedFile(Exception):
    """The file can't be read as a table of declarations at all; `faults` says why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("；".join(str(fault) for fault in faults))
        self.faults = faults


class ImportRefused(Exception):
    """Nothing was stored, because of at least one error; `log` holds all of them."""

    def __init__(self, log: FaultLog) -> None:
        super().__init__(
            f"有 {log.errors} 处错误，没有导入任何数据；请按清单修正后重新导入整个文件。"
        )
        self.log = log


HEADINGS = ["工作表/文件", "行号", "列", "原值", "规则", "级别", "说明"]


class FaultLog:
    """Counts faults, keeps the first errors, and writes every fault to a CSV file beside.

    The file is made at the first fault only, in UTF-8 with BOM so that Excel opens it. Nothing
    else grows with the number of faults, so that a million of them cost no memory.
    """

    def __init__(self, folder: Path, stem: str) -> None:
        stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S-%f")
        self._path = folder / f"{stem}-{stamp}.csv"
        self._file: TextIO | None = None
        self.first: list[Fault] = []
        self.by_rule: Counter[str] = Counter()
        self.errors = 0
        self.warnings = 0

    def __enter__(self) -> FaultLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path | None:
        """The file that lists every fault, or None while there is none."""
        return self._path if self.errors or self.warnings else None

    def add(self, fault: Fault) -> None:
        """Count a fault and write it down."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(HEADINGS)
        if fault.level == Level.ERROR:
            self.errors += 1
            if len(self.first) < SHOWN_FAULTS:
                self.first.append(fault)
        else:
            self.warnings += 1
        self.by_rule[fault.rule] += 1
        self._writer.writerow(
            [
                fault.sheet,
                fault.row or "",
                inert(fault.column),
                inert(fault.value),
                fault.rule,
                fault.level.label,
                fault.text,
            ]
        )

    def close(self) -> None:
        """Finish the file; more faults may not be added."""
        if self._file is not None:
            self._file.close()


def shown(value: object) -> str:
    """A cell's value as a fault shows it, short enough for a list."""
    # With a zero added, -0.0 is 0, as a database and a spreadsheet show it.
    text = f"{value + 0.0:.15G}" if isinstance(value, float) else str(value)
    return text if len(text) <= SHOWN_VALUE_LENGTH else text[: SHOWN_VALUE_LENGTH - 1] + "…"


def inert(text: str) -> str:
    """Text that Excel neither runs as a formula nor shortens to a number."""
    if text[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + text
    if len(text) > 11 and text.isdigit():
        return "\t" + text
    return text
