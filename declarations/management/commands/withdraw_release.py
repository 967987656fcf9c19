"""`manage.py withdraw_release ID --reason TEXT`."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from declarations.models import Release
from declarations.releases import CannotWithdraw, withdraw


class Command(BaseCommand):
    """Takes a release back; marks become what they were without it."""

    help = "撤回一次审核数据发布。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the release and the reason."""
        parser.add_argument("release", metavar="ID", type=int, help="发布编号")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="撤回原因")

    def handle(self, *args: Any, **options: Any) -> None:
        """Withdraw it; CommandError (exit code 1) where there is no such release, or it can't."""
        release = Release.objects.filter(pk=options["release"]).first()
        if release is None:
            raise CommandError(f"没有编号为 {options['release']} 的发布；请核对编号。")
        try:
            withdraw(release, options["reason"])
        except CannotWithdraw as error:
            raise CommandError(str(error)) from error
        counts = {"release": release.pk, "verdicts": release.verdicts.count()}
        self.stdout.write(json.dumps(counts, ensure_ascii=False))
