"""`manage.py import_declarations FILE`."""

from pathlib import Path
from typing import Any

from declarations.faults import FaultLog
from declarations.loading import import_declarations
from declarations.management.import_command import ImportCommand
from declarations.staging import Progress


class Command(ImportCommand):
    """Imports declared lines; the same file again changes nothing."""

    help = "装入申报数据（.csv、.xlsx，或单一窗口报文 .xml、.zip）：全部装入，或一行都不装入。"

    def run_import(
        self, path: Path, log: FaultLog, progress: Progress, options: dict[str, Any]
    ) -> dict[str, int]:
        """Import the file as declared lines."""
        return import_declarations(path, log, progress)
