"""The grid of an upload's rows as a list page's table: columns are the upload's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from customs_audit.mending.grid import GridRow, grid_rows
from customs_audit.models import AuditUpload, UploadRow
from declarations.headers import LABELS
from pages.paging import Count, RowSource
from pages.tables import PortalTable, TickColumn

# Rows are counted so far: what can be reached by turning pages.
REACH = 10_000


@dataclass(frozen=True)
class Heading:
    """A column of the grid."""

    field: str
    label: str


def headings(fields: Sequence[str]) -> list[Heading]:
    """Name the columns of these fields."""
    return [Heading(name, LABELS[name]) for name in fields]


# What tells rows apart at a glance; it stays where only columns with faults are shown.
ALWAYS = "g_name"


def faulty_fields(rows: Sequence[GridRow], fields: Sequence[str]) -> list[str]:
    """Return the columns in which any of these rows has a fault, and the 商品名称."""
    faulty = {cell.field for row in rows for cell in row.cells if cell.faults or cell.offer}
    return [name for name in fields if name in faulty or name == ALWAYS]


class GridTable(PortalTable):
    """Rows with all their cells, drawn by a template of its own."""

    tick = TickColumn(accessor="key")

    def __init__(
        self, rows: Sequence[GridRow], fields: Sequence[str], upload: AuditUpload, here: str
    ) -> None:
        super().__init__(
            rows,
            template_name="customs_audit/_mend_table.html",
            attrs={"class": "list-table mend-table"},
        )
        self.headings = headings(fields)
        self.upload = upload
        # Where the pages that a cell leads to come back to.
        self.here = here
        self.drawn = [row.with_fields(fields) for row in rows]


class GridSource(RowSource[GridRow]):
    """Rows of a query in the file's order: found by an index alone, then fetched and drawn."""

    def __init__(
        self, upload: AuditUpload, rows: QuerySet[UploadRow], fields: Sequence[str]
    ) -> None:
        self._upload, self._rows, self._fields = upload, rows, fields

    def count(self) -> Count:
        """Count the rows as far as pages reach."""
        found = self._rows.order_by()[: REACH + 1].count()
        return Count(min(found, REACH), found > REACH)

    def rows(self, offset: int, limit: int) -> Sequence[GridRow]:
        """Return one slice."""
        keys = list(
            self._rows.order_by("number").values_list("pk", flat=True)[offset : offset + limit]
        )
        found = UploadRow.objects.filter(pk__in=keys).select_related("set_aside_by")
        return grid_rows(self._upload, list(found.order_by("number")), self._fields)
