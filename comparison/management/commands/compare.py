"""`manage.py compare [--full]`: work the comparison off in this process, or by the workers."""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comparison import runs
from comparison.working import full_compare, help_full_run, work_outbox

LOOK_SECONDS = 1.0


class Command(BaseCommand):
    """Works the outbox off, or computes everything anew; prints one line of JSON."""

    help = (
        "比对：处理待比对数据；--full 全部重新比对（已有全部比对在进行时，本命令帮助它完成）。"
        "可在多台主机上同时运行。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --full, and who works at it."""
        parser.add_argument("--full", action="store_true", help="全部重新比对")
        parser.add_argument(
            "--workers",
            type=_processes,
            default=1,
            help="与 --full 同用：由本命令的几个进程同时比对（默认 1）",
        )
        parser.add_argument(
            "--queue",
            action="store_true",
            help="与 --full 同用：交给各主机的工作进程，本命令只等待并显示进度",
        )
        # What --workers starts: helps a run that has begun, and begins none.
        parser.add_argument("--help-run", type=int, help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, then print the counts and the seconds; raises CommandError where it failed."""
        if options["help_run"]:
            help_full_run(options["help_run"])
            return
        if not options["full"] and (options["queue"] or options["workers"] > 1):
            raise CommandError("--queue 和 --workers 只能与 --full 同用。")
        began = time.monotonic()
        try:
            counts = self._full(options) if options["full"] else self._outbox()
        except (runs.RunFailed, runs.RunRefused) as problem:
            raise CommandError(str(problem)) from None
        seconds = round(time.monotonic() - began, 2)
        if sys.stderr.isatty():
            self.stderr.write("")
        self.stdout.write(json.dumps({**counts, "full": options["full"], "seconds": seconds}))

    def _outbox(self) -> dict[str, int]:
        held_back = runs.held_back_chapters()
        if held_back:
            self.stderr.write(f"第 {'、'.join(held_back)} 章的比对已取消，重试前不处理。")
        return work_outbox()

    def _full(self, options: dict[str, Any]) -> dict[str, int]:
        if options["queue"]:
            return self._wait_for_workers()
        if options["workers"] == 1:
            return full_compare(self._show)
        run = runs.active_full_run() or runs.begin_full_run()
        helpers = [_helper(run.pk) for _ in range(options["workers"] - 1)]
        try:
            return full_compare(self._show)
        finally:
            for helper in helpers:
                helper.wait()

    def _wait_for_workers(self) -> dict[str, int]:
        """Have the workers of all hosts do it; Ctrl-C leaves them at it."""
        run = runs.active_full_run() or runs.begin_full_run()
        while runs.is_active(run.pk):
            time.sleep(LOOK_SECONDS)
            run.refresh_from_db()
            self._show(run.contents_done, run.contents_total)
        return runs.counts_of(run.pk)

    def _show(self, done: int, total: int) -> None:
        """Show progress on a terminal only."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r已比对 {done} / {total} 条内容", ending="")
            self.stderr.flush()


def _helper(run_id: int) -> "subprocess.Popen[bytes]":
    """Start another process of ours at the same run."""
    manage = Path(__file__).resolve().parents[3] / "manage.py"
    return subprocess.Popen(
        [sys.executable, manage, "compare", "--full", "--help-run", str(run_id)]
    )


def _processes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"应为 1 到 64 的整数，而不是“{text}”。")
    return int(text)
