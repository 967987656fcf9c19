"""`manage.py import_audit FILE --month YYYY-MM`."""

import datetime
import re
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from declarations.auditing import import_audit
from declarations.faults import FaultLog
from declarations.management.import_command import ImportCommand
from declarations.staging import Progress


def audit_month(text: str) -> datetime.date:
    """``"2025-09"`` → its first day. Raises ArgumentTypeError for no month, or one to come."""
    match = re.fullmatch(r"(20[0-9]{2})-(0[1-9]|1[0-2])", text)
    if not match:
        raise ArgumentTypeError(f"审核月份“{text}”应写成 YYYY-MM，如 2025-09")
    month = datetime.date(int(match[1]), int(match[2]), 1)
    if month > timezone.localdate():
        raise ArgumentTypeError(f"审核月份 {text} 还没有到，请核对")
    return month


class Command(ImportCommand):
    """Imports a month's audited rows and releases them."""

    help = "装入并发布一个月的海关审核数据（.csv 或 .xlsx）：全部装入，或一行都不装入。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and the audit month."""
        super().add_arguments(parser)
        parser.add_argument(
            "--month", required=True, type=audit_month, metavar="YYYY-MM", help="审核月份"
        )

    def run_import(
        self, path: Path, log: FaultLog, progress: Progress, options: dict[str, Any]
    ) -> dict[str, int]:
        """Import the file as a release of the month."""
        return import_audit(path, options["month"], log, progress)
