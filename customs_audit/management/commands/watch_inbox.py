"""`manage.py watch_inbox DIR [--once] [--month YYYY-MM] [--kind monthly|special|review]`."""

import json
import signal
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from customs_audit.inbox.folder import CannotWatch, Inbox
from customs_audit.inbox.taking import Wanted
from customs_audit.inbox.watching import Watcher
from customs_audit.models import AuditKind
from declarations.management.commands.import_audit import audit_month


class Command(BaseCommand):
    """Takes files from a folder, one line of JSON on stdout for each; ends on SIGTERM or Ctrl-C."""

    help = "看守收件文件夹：收取放入的审核数据和报关单报文，校验后把报告放在文件旁边。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder, and how its files are taken."""
        parser.add_argument("folder", metavar="DIR", type=Path, help="收件文件夹")
        parser.add_argument(
            "--once", action="store_true", help="处理完已有的文件即结束（自行校验，不等待后台）"
        )
        parser.add_argument(
            "--month",
            type=audit_month,
            metavar="YYYY-MM",
            help="审核月份；不写时按文件名或子文件夹的名称",
        )
        parser.add_argument(
            "--kind",
            choices=AuditKind.values,
            default=AuditKind.MONTHLY.value,
            help="审核类别：monthly 月度审核，special 专项审核，review 复核",
        )
        parser.add_argument(
            "--settle",
            type=_seconds,
            default=10.0,
            metavar="SECONDS",
            help="文件多少秒不变才收取（10）",
        )
        parser.add_argument(
            "--every", type=_seconds, default=5.0, metavar="SECONDS", help="每隔多少秒看一次（5）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Watch until told to stop; CommandError (exit code 1) where the folder can't be watched."""
        inbox = Inbox(options["folder"].absolute(), options["settle"])
        wanted = Wanted(options["month"], AuditKind(options["kind"]))
        watcher = Watcher(inbox, wanted, self._say, checks=options["once"])
        try:
            inbox.prepare()
            with _on_signals(watcher):
                if options["once"]:
                    watcher.once(min(options["every"], 1.0))
                else:
                    watcher.watch(options["every"])
        except CannotWatch as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError("数据库连不上；请稍后再运行，没有处理完的文件不会丢失。") from error
        except OSError as error:
            raise CommandError(f"收件文件夹用不了（{error}）；请稍后再运行。") from error

    def _say(self, facts: Any) -> None:
        self.stdout.write(json.dumps(facts, ensure_ascii=False))
        self.stdout.flush()


@contextmanager
def _on_signals(watcher: Watcher) -> Iterator[None]:
    """SIGTERM and Ctrl-C end the watcher after the file in hand; SIGIO is of no interest.

    The kernel sends SIGIO where somebody opens a file on which is_written_to holds a lease.
    """
    handlers: dict[int, Any] = {
        signal.SIGTERM: watcher.stop,
        signal.SIGINT: watcher.stop,
        signal.SIGIO: signal.SIG_IGN,
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _seconds(text: str) -> float:
    """A time for argparse: none negative, none longer than an hour."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3600:
        raise ArgumentTypeError(f"应为 0 到 3600 的秒数，而不是“{text}”。")
    return seconds
