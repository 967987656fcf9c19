"""`manage.py reseal_authorizations`: seal all that is sealed by the first key, so that an old one may go."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from authorization import ledger_proof
from authorization.authenticators import Authenticator
from authorization.authenticators import sealed as sealed_secret
from authorization.cards import configured
from authorization.cards.sealing import CannotOpen, reseal
from authorization.models import CardSignature


class Command(BaseCommand):
    """Changes the seals alone: what lies inside them stays, byte for byte. Again, it changes nothing."""

    help = (
        "用 CARD_SEALING_KEYS 的第一个密钥重新封存全部法人卡证书、动态口令和查询导出台账；"
        "全部完成后（unopened 为 0）才可以从设置中去掉旧密钥。"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal row by row, print what can't be opened; exit code 1 if anything can't."""
        keys = configured.sealing_keys()
        checked = resealed = unopened = 0
        rows = CardSignature.objects.order_by("pk").values_list("pk", "sealed_card")
        for number, sealed in rows.iterator(chunk_size=100):
            checked += 1
            old = bytes(sealed)
            try:
                new = reseal(old, keys)
            except CannotOpen as why:
                unopened += 1
                self.stdout.write(f"第 {number} 号签名：{why}")
                continue
            if new != old:
                CardSignature.objects.filter(pk=number, sealed_card=old).update(sealed_card=new)
                resealed += 1
        for device in Authenticator.objects.order_by("pk"):
            checked += 1
            try:
                key = sealed_secret(device.bin_key, device.user_id)
            except CannotOpen as why:
                unopened += 1
                self.stdout.write(f"第 {device.pk} 号动态口令：{why}")
                continue
            if key != device.key:
                Authenticator.objects.filter(pk=device.pk, key=device.key).update(key=key)
                resealed += 1
        of_ledger = ledger_proof.reseal(keys)
        if of_ledger[2]:
            self.stdout.write(f"查询导出台账：{of_ledger[2]:,} 条的封印不是由设置的密钥所作。")
        checked, resealed, unopened = (
            mine + its for mine, its in zip((checked, resealed, unopened), of_ledger, strict=True)
        )
        counts = {"checked": checked, "resealed": resealed, "unopened": unopened}
        self.stdout.write(json.dumps(counts))
        if unopened:
            raise SystemExit(1)
