"""`manage.py load_shipped_catalogue`: the catalogue edition that the product carries."""

import json
import time
from typing import Any

from django.core.management.base import BaseCommand

from catalogue.loading import load_shipped_edition


class Command(BaseCommand):
    """Stores the shipped edition unless its year is held. Prints one line of JSON."""

    help = "装入随产品提供的规范申报目录（2025 年版）；该年版已有时不改变任何数据。"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then print the counts and the seconds."""
        began = time.monotonic()
        counts: dict[str, float] = {**load_shipped_edition()}
        seconds = round(time.monotonic() - began, 1)
        self.stdout.write(json.dumps(counts | {"seconds": seconds}))
