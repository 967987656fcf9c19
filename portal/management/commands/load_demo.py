"""`manage.py load_demo`: the demo's enterprises, users, lines and audited months."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from authorization.cards.refusals import Refused
from authorization.softcards.deck import DeckError
from authorization.softcards.places import require_tests_allowed
from declarations.faults import ImportRefused
from portal.demo import load_demo


class Command(BaseCommand):
    """Loads what of the demo is missing; again, it changes nothing. Prints one line of JSON."""

    help = "装载演示数据：虚构企业、用户、申报数据与两个月的审核数据；已有的不再装载。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then print the counts and the seconds."""
        began = time.monotonic()
        try:
            require_tests_allowed()
            counts = load_demo(Path(settings.VAR_DIR), timezone.localdate(), self._show)
        except (OSError, ImportRefused, DeckError, Refused) as error:
            raise CommandError(f"演示数据没有装载完：{error}") from error
        if sys.stderr.isatty():
            self.stderr.write("")
        seconds = round(time.monotonic() - began, 1)
        self.stdout.write(json.dumps({**counts, "seconds": seconds}, ensure_ascii=False))

    def _show(self, step: str) -> None:
        """Show progress on a terminal only."""
        if sys.stderr.isatty():
            self.stderr.write(f"\r装载{step} …          ", ending="")
            self.stderr.flush()
