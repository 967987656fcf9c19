"""`manage.py verify_authorizations`: prove every stored card signature again, offline."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from authorization import evidence
from authorization.cards import configured
from authorization.models import CardSignature


class Command(BaseCommand):
    """Prints why each invalid one is; ends with one line of JSON, and exit code 1 if any is."""

    help = "逐一重新验证已保存的法人卡签名（只用已保存的数据，不联网）。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Prove, print, count."""
        roots, keys = configured.roots(), configured.sealing_keys()
        kept = evidence.Kept()
        checked = invalid = 0
        rows = CardSignature.objects.select_related("enterprise", "user").order_by("pk")
        for row in rows.iterator(chunk_size=100):
            checked += 1
            try:
                evidence.prove_again(row, roots, keys, kept)
            except evidence.Invalid as why:
                invalid += 1
                self.stdout.write(f"第 {row.pk} 号签名（{row.enterprise}，{row}）：{why}。")
        counts = {"checked": checked, "valid": checked - invalid, "invalid": invalid}
        self.stdout.write(json.dumps(counts))
        if invalid:
            raise SystemExit(1)
