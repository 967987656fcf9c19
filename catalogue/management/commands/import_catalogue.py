"""`manage.py import_catalogue FILE --edition YYYY [--from DATE --to DATE] [--in-force]`."""

import json
import time
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.editions import Stored
from catalogue.importing.result import Progress, ReadReport, UnreadableCatalogue
from catalogue.incoming import Wanted, read_file, same_file, store_file

# Of a page's oddities, and of pages, as many are printed; the admin's page shows all.
_SHOWN_LINES = 200


def a_date(text: str) -> date:
    """Read YYYY-MM-DD. Raises ValueError, which argparse turns into its own message."""
    return date.fromisoformat(text)


class Command(BaseCommand):
    """Stores a catalogue file as an edition: counts as one line of JSON, all else on stderr."""

    help = "装入一年的规范申报目录（官方 .pdf、.xlsx 或 .tsv）：全部装入，或什么都不装入。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, its year, its dates, and whether to put it in force."""
        parser.add_argument("file", metavar="FILE", type=Path, help=".pdf、.xlsx 或 .tsv 文件")
        parser.add_argument("--edition", required=True, type=int, metavar="YYYY", help="目录年份")
        parser.add_argument(
            "--from", dest="start", type=a_date, metavar="DATE", help="生效日期，默认当年 1 月 1 日"
        )
        parser.add_argument(
            "--to", dest="end", type=a_date, metavar="DATE", help="失效日期，默认当年 12 月 31 日"
        )
        parser.add_argument("--in-force", action="store_true", help="装入后即启用")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file; CommandError (exit code 1) when nothing was stored."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"找不到文件 {path}；请核对路径。")
        began = time.monotonic()
        try:
            wanted = Wanted.of(options["edition"], options["start"], options["end"])
            stored = self._import(path, wanted, in_force=options["in_force"])
        except UnreadableCatalogue as refused:
            self._end_progress()
            if refused.report is not None:
                self._show_report(refused.report)
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"文件 {path} 读不出来（{error.strerror}）。") from error
        self._say(stored.sentence)
        seconds = round(time.monotonic() - began, 2)
        self.stdout.write(json.dumps(_counts(stored) | {"seconds": seconds}, ensure_ascii=False))

    def _import(self, path: Path, wanted: Wanted, *, in_force: bool) -> Stored:
        stored = same_file(path, wanted, in_force=in_force)
        if stored is not None:
            return stored
        read = read_file(path, wanted, self._progress())
        self._end_progress()
        self._show_report(read.report)
        return store_file(read, path, wanted, in_force=in_force)

    def _progress(self) -> Progress:
        self._shows_progress = self.stderr.isatty()
        if not self._shows_progress:
            return lambda done, total: None
        return lambda done, total: self._say(f"\r已读 {done:,} / {total:,} ", ending="")

    _shows_progress = False

    def _end_progress(self) -> None:
        if self._shows_progress:
            self._shows_progress = False
            self._say("")

    def _say(self, text: str, ending: str = "\n") -> None:
        """Write to stderr what is no error."""
        self.stderr.write(text, style_func=str, ending=ending)

    def _show_report(self, report: ReadReport) -> None:
        """Print page by page what could not be read or is odd, then the self-checks' figures."""
        lines = sorted(report.lines, key=lambda line: line.page)
        for page, found in groupby(lines[:_SHOWN_LINES], key=lambda line: line.page):
            place = f"第 {page} 页" if page else "整个文件"
            for line in found:
                self._say(f"{place}：{line.text}")
        if len(lines) > _SHOWN_LINES:
            self._say(f"……共 {len(lines)} 条，以上为前 {_SHOWN_LINES} 条。")


def _counts(stored: Stored) -> dict[str, object]:
    edition = stored.edition
    return {
        "edition": edition.year,
        "revision": edition.revision,
        "stored": stored.is_new,
        "in_force": edition.in_force,
        "codes": stored.codes,
        "elements": stored.elements,
        "changed": stored.changed,
        "report": len(edition.report.get("lines", ())),
    }
