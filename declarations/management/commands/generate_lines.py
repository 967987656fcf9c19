"""`manage.py generate_lines --lines N --enterprises M --seed S`: invented lines for load tests."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from declarations.demo.province import MOST_ENTERPRISES, Size
from declarations.generating import generate


class Command(BaseCommand):
    """Stores declared lines and audited months of an invented province; prints one line of JSON."""

    help = "生成仿真的申报数据与审核数据，供压力测试使用；同一 --seed 生成同样的数据。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how much to make, the seed, and what part of it is audited."""
        parser.add_argument("--lines", type=_whole(1), required=True, help="申报商品项数")
        parser.add_argument(
            "--enterprises", type=_whole(1, MOST_ENTERPRISES), default=200, help="企业数"
        )
        parser.add_argument("--seed", type=_whole(0), default=1, help="随机种子")
        parser.add_argument("--until", type=_day, default=Size.until, help="最后申报日期")
        parser.add_argument("--years", type=_whole(1), default=Size.years, help="向前几年")
        parser.add_argument(
            "--audit-share", type=_share, default=Size.audit_share, help="审核月份中被审核的比例"
        )
        parser.add_argument(
            "--audit-months", type=_whole(0), default=Size.audit_months, help="审核月份数"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate, then print the counts and the seconds."""
        began = time.monotonic()
        size = Size(
            lines=options["lines"],
            enterprises=options["enterprises"],
            seed=options["seed"],
            until=options["until"],
            years=options["years"],
            audit_share=options["audit_share"],
            audit_months=options["audit_months"],
        )
        counts: dict[str, float] = {**generate(size, self._show)}
        if sys.stderr.isatty():
            self.stderr.write("")
        seconds = round(time.monotonic() - began, 1)
        self.stdout.write(json.dumps(counts | {"seconds": seconds}, ensure_ascii=False))

    def _show(self, stage: str, done: int) -> None:
        """Show progress on a terminal only."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r{stage} {done}          ", ending="")
            self.stderr.flush()


def _whole(least: int, most: int = 100_000_000) -> Callable[[str], int]:
    """A reader of whole numbers between two, for argparse."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"应为 {least} 到 {most} 的整数，而不是“{text}”。")
        return int(text)

    return read


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"比例应在 0 到 1 之间，而不是“{text}”。")
    return share


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if day > date.today():
        raise argparse.ArgumentTypeError(f"应为不晚于今天的日期（YYYY-MM-DD），而不是“{text}”。")
    return day
