"""`manage.py compare [--full]`: work the comparison off in this process."""

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from comparison.working import full_compare, work_outbox


class Command(BaseCommand):
    """Works the outbox off, or computes everything anew; prints one line of JSON."""

    help = "比对：处理待比对数据；--full 全部重新比对。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --full."""
        parser.add_argument("--full", action="store_true", help="全部重新比对")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, then print the counts and the seconds."""
        began = time.monotonic()
        counts = full_compare(self._show) if options["full"] else work_outbox()
        seconds = round(time.monotonic() - began, 2)
        if sys.stderr.isatty():
            self.stderr.write("")
        self.stdout.write(json.dumps({**counts, "full": options["full"], "seconds": seconds}))

    def _show(self, done: int, total: int) -> None:
        """Show progress on a terminal only."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r已比对 {done} / {total} 条内容", ending="")
            self.stderr.flush()
