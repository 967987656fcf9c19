"""`manage.py verify_ledger`: prove that no entry of the ledger was changed, made up or taken out."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from authorization import ledger_heads, ledger_proof
from authorization.cards import configured
from authorization.ledger_heads import Head

# Broken entries told one by one; the count is of all.
_TOLD = 20


class Command(BaseCommand):
    """Prints the broken entries; ends with one line of JSON, and exit code 1 if anything is broken."""

    help = "逐条验证查询导出台账的哈希链、封印和链尾（只读，不联网）。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an end of the chain from elsewhere."""
        parser.add_argument(
            "--head",
            metavar="序号:摘要",
            help="另行保存的链尾（以前输出的 head），代替本机链尾文件",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prove, print, count."""
        problem, kept = "", None
        try:
            kept = _head(options["head"]) if options["head"] else ledger_heads.kept_head()
        except ValueError as why:
            problem = str(why)
            self.stdout.write(f"{problem}。")
        found = ledger_proof.check(configured.sealing_keys(), kept)
        for one in found.broken[:_TOLD]:
            self.stdout.write(f"第 {one.number} 条：{one.why}。")
        for name in found.unguarded:
            self.stdout.write(f"数据库中防止改动台账的触发器 {name} 不存在或已停用。")
        first = found.broken[0] if found.broken else None
        counts = {
            "entries": found.entries,
            "broken": len(found.broken),
            "first_broken": first.number if first else None,
            "guarded": not found.unguarded,
            "head": f"{found.head.number}:{found.head.hash.hex()}",
            "kept_head": kept.number if kept else None,
        }
        self.stdout.write(json.dumps(counts))
        if first or found.unguarded or problem:
            raise SystemExit(1)


def _head(text: str) -> Head:
    number, _, hashed = text.partition(":")
    try:
        return Head(int(number), bytes.fromhex(hashed))
    except ValueError:
        raise ValueError("--head 应为“序号:摘要”，即以前输出的 head") from None
