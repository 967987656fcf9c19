"""`manage.py export_catalogue --edition YYYY`: an edition as tab-separated text on stdout."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.editions import edition_of_year
from catalogue.exporting import edition_lines


class Command(BaseCommand):
    """Prints the year's revision in force, else its newest."""

    help = "以制表符分隔文本输出一年的目录（已启用的修订；没有启用时为最新的修订）。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the year."""
        parser.add_argument("--edition", required=True, type=int, metavar="YYYY", help="目录年份")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print line by line; CommandError where the year isn't held."""
        edition = edition_of_year(options["edition"])
        if edition is None:
            raise CommandError(
                f"没有 {options['edition']} 年版目录；请先用 import_catalogue 装入。"
            )
        for line in edition_lines(edition):
            self.stdout.write(line)
