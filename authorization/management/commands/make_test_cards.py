"""`manage.py make_test_cards`: a test root and soft cards for enterprises, under var/cards."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from authorization.models import Enterprise, Role
from authorization.softcards.deck import DeckError, Holder, make_deck
from authorization.softcards.places import places, require_tests_allowed


class Command(BaseCommand):
    """Makes what is missing and renews old CRLs; again, it changes nothing. One line of JSON."""

    help = (
        "生成测试根证书、中级证书、吊销列表、OCSP 应答密钥，以及各企业的软法人卡"
        "（法人卡 RSA 与 SM2、操作员卡、过期卡、吊销卡），保存在 var/cards。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Cards of an enterprise that is not in the database yet."""
        parser.add_argument(
            "--enterprise",
            action="append",
            default=[],
            metavar="统一社会信用代码=名称",
            help="再为此企业制卡；可重复。默认为所有有企业法人用户的企业制卡。",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make, then print how many cards there are and how many are new."""
        holders = [*_registered(), *(_given(text) for text in options["enterprise"])]
        try:
            require_tests_allowed()
            cards, new = make_deck(places(), holders)
        except DeckError as problem:
            raise CommandError(str(problem)) from None
        where = str(places().index)
        self.stdout.write(json.dumps({"cards": len(cards), "new": new, "index": where}))


def _registered() -> list[Holder]:
    """List the enterprises with a legal representative, by the beginning of his name."""
    found = Enterprise.objects.filter(
        users__role=Role.LEGAL_REPRESENTATIVE, uscc__isnull=False
    ).distinct()
    return [Holder(str(one.uscc), str(one.uscc), one.name or str(one.uscc)) for one in found]


def _given(text: str) -> Holder:
    uscc, equals, name = text.partition("=")
    if len(uscc) != 18 or not equals or not name:
        raise CommandError(f"“{text}”应写作“统一社会信用代码=企业名称”，代码 18 位。")
    return Holder(uscc, uscc, name)
