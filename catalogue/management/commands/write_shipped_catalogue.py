"""Write the shipped catalogue file anew from the official PDF."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.importing.pdf import read_pdf
from catalogue.importing.result import UnreadableCatalogue
from catalogue.importing.self_checks import check_catalogue
from catalogue.shipped_writing import shipped_text


class Command(BaseCommand):
    """`write_shipped_catalogue PDF OUT --edition YYYY`."""

    help = "从官方 PDF 生成随系统提供的目录文件。"

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the two files and the year."""
        parser.add_argument("pdf", type=Path)
        parser.add_argument("out", type=Path)
        parser.add_argument("--edition", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, check, write; the last line is one of JSON with counts."""
        year: int = options["edition"]
        try:
            read = read_pdf(options["pdf"])
            check_catalogue(read)
        except (UnreadableCatalogue, OSError) as error:
            raise CommandError(str(error)) from error
        text = shipped_text(read, year, date(year, 1, 1), date(year, 12, 31))
        options["out"].write_text(text, encoding="utf-8")
        counts = {"codes": len(read.codes), "bytes": len(text.encode())}
        self.stdout.write(json.dumps(counts))
