"""What import_declarations and import_audit share: progress, faults, and the line of JSON."""

from __future__ import annotations

import json
import time
from abc import abstractmethod
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from declarations.faults import FaultLog, ImportRefused
from declarations.loading import fault_folder
from declarations.staging import Progress


class ImportCommand(BaseCommand):
    """Imports one file: counts as one line of JSON on stdout, everything else on stderr."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument(
            "file",
            metavar="FILE",
            type=Path,
            help=".csv、.xlsx、.xls，申报数据也可为报文 .xml 或 .zip",
        )

    @abstractmethod
    def run_import(
        self, path: Path, log: FaultLog, progress: Progress, options: dict[str, Any]
    ) -> dict[str, int]:
        """Import the file and return the counts; raises ImportRefused."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file; CommandError (exit code 1) when nothing was stored."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"找不到文件 {path}；请核对路径。")
        started = time.monotonic()
        with FaultLog(fault_folder(), path.stem) as log:
            try:
                counts = self.run_import(path, log, self._progress(), options)
            except ImportRefused as refused:
                self._end_progress()
                self._show_faults(log)
                self._print({"errors": log.errors, "warnings": log.warnings, **_where(log)})
                raise CommandError(str(refused)) from refused
            except OSError as error:
                raise CommandError(f"文件 {path} 读不出来（{error.strerror}）。") from error
        self._end_progress()
        self._show_faults(log)
        seconds = round(time.monotonic() - started, 2)
        self._print({**counts, "seconds": seconds, **_where(log)})

    def _progress(self) -> Progress:
        self._shows_progress = self.stderr.isatty()
        if not self._shows_progress:
            return lambda stage, done: None
        return lambda stage, done: self._say(f"\r{stage} {done:,} 行 ", ending="")

    def _end_progress(self) -> None:
        if self._shows_progress:
            self._say("")

    def _say(self, text: str, ending: str = "\n") -> None:
        """Write to stderr what is no error."""
        self.stderr.write(text, style_func=str, ending=ending)

    def _show_faults(self, log: FaultLog) -> None:
        for fault in log.first:
            self.stderr.write(str(fault))
        if log.errors > len(log.first):
            self.stderr.write(f"……共 {log.errors} 处错误，以上为前 {len(log.first)} 处。")
        if log.path:
            self._say(f"{log.errors} 处错误、{log.warnings} 处提醒，全部清单见 {log.path}")

    def _print(self, counts: dict[str, object]) -> None:
        self.stdout.write(json.dumps(counts, ensure_ascii=False))


def _where(log: FaultLog) -> dict[str, object]:
    return {"faults": str(log.path)} if log.path else {}
