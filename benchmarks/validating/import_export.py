"""The same file and rules by django-import-export, as quick as it can be told to be.

`python -m benchmarks.validating.import_export PATH ROWS` imports the first ROWS rows (0: all) and
prints seconds as JSON. Rows are stored as our own are, in bulk and without the differences that it
would show; each row is checked by the same `check_row`, its faults stored in bulk. Rules across rows,
which it has no place for, are left out.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import django

BATCH = 1_000


def resource_for(upload: Any) -> Any:
    """The resource that imports rows into an upload."""
    from import_export import resources

    from customs_audit.checking.judging import row_context
    from customs_audit.checking.row_facts import facts_of
    from customs_audit.checking.storing import storable, stored_facts
    from customs_audit.models import UploadFault, UploadRow
    from declarations.cell_json import to_json
    from declarations.checks import check_row
    from declarations.faults import Level
    from declarations.headers import field_of

    context = row_context(upload)

    class AuditedRows(resources.ModelResource):
        """Audited rows, checked one by one."""

        class Meta:
            model = UploadRow
            fields = ("number",)
            import_id_fields = ()
            force_init_instance = True
            use_bulk = True
            batch_size = BATCH
            skip_diff = True
            skip_html_diff = True
            skip_unchanged = False
            report_skipped = False
            use_transactions = True

        def before_import(self, dataset: Any, **kwargs: Any) -> None:
            """Look at the headings once."""
            self.names = {
                heading: known.name
                for heading in dataset.headers
                if (known := field_of(heading)) is not None
            }
            self.waiting: list[tuple[Any, list[Any]]] = []

        def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            """Check the row, and fill the instance."""
            cells = {name: _cell(row[heading]) for heading, name in self.names.items()}
            checked = check_row(cells, context)
            errors = sum(found.level is Level.ERROR for found in checked.findings)
            instance.upload = upload
            instance.number = kwargs["row_number"]
            instance.row_number = kwargs["row_number"] + 1
            instance.cells = {name: to_json(cell) for name, cell in cells.items()}
            instance.errors, instance.warnings = errors, len(checked.findings) - errors
            instance.state = "faulty" if errors else "clean"
            for name, value in facts_of(checked)._asdict().items():
                setattr(instance, name, value)
            self.waiting.append((instance, checked.findings))

        def bulk_create(self, *args: Any, **kwargs: Any) -> None:
            """Store the batch, and its faults."""
            super().bulk_create(*args, **kwargs)
            waiting, self.waiting = self.waiting, []
            UploadFault.objects.bulk_create(
                UploadFault(
                    row=instance,
                    upload=upload,
                    field=found.field,
                    rule=found.rule,
                    level=found.level,
                    value=storable(found.value),
                    facts=stored_facts(found.facts),
                )
                for instance, findings in waiting
                for found in findings
            )

    return AuditedRows()


def _cell(cell: Any) -> Any:
    return "" if cell is None else cell


def main() -> None:
    """Import, and time it."""
    path, count = Path(sys.argv[1]), int(sys.argv[2])
    django.setup()
    from django.utils import timezone
    from import_export.formats.base_formats import CSV, XLSX

    from customs_audit.models import AuditUpload, UploadFault, UploadRow

    upload = AuditUpload.objects.create(
        audit_month=timezone.localdate().replace(day=1), file_name=path.name
    )
    form = XLSX() if path.suffix == ".xlsx" else CSV()
    begun = time.perf_counter()
    data = path.read_bytes()
    dataset = form.create_dataset(data if form.is_binary() else data.decode("utf-8-sig"))
    read = time.perf_counter() - begun
    whole = len(dataset)
    if count:
        dataset = _first(dataset, count)
    begun = time.perf_counter()
    result = resource_for(upload).import_data(dataset, raise_errors=True)
    seconds = time.perf_counter() - begun
    print(
        json.dumps(
            {
                "read_seconds": read,
                "import_seconds": seconds,
                "rows": UploadRow.objects.filter(upload=upload).count(),
                "whole_rows": whole,
                "faults": UploadFault.objects.filter(upload=upload).count(),
                "has_errors": result.has_errors(),
            }
        )
    )


def _first(dataset: Any, count: int) -> Any:
    import tablib

    return tablib.Dataset(*dataset[:count], headers=dataset.headers)


if __name__ == "__main__":
    main()
