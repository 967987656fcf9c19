"""The declared line behind an audited row: the only text that its goods may be mended to.

What was declared is what customs judged. So 商品编码, 商品名称 and 规格型号 of an audited row may become
the stored declared line's, or go back to what the file said, and nothing else; where no such line
is stored, nobody can tell and they may be edited (design: customs side, "Mend").
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import F
from django.utils import timezone

from declarations.cells import Cell, RowCheck
from declarations.faults import shown
from declarations.head_checks import check_entry_id, check_g_no
from declarations.models import DeclaredLine

GOODS_FIELDS = ("hs_code", "g_name", "g_model")
LINE_FIELDS = ("entry_id", "g_no")

LineKey = tuple[str, int]


@dataclass(frozen=True)
class DeclaredText:
    """What a declared line says of its goods, byte for byte."""

    hs_code: str
    g_name: str
    g_model: str

    def of(self, field: str) -> str:
        """The text of one of GOODS_FIELDS."""
        return str(getattr(self, field))


def line_key(cells: Mapping[str, Cell], today: datetime.date | None = None) -> LineKey | None:
    """Read which declared line a row is about: 报关单号 and 项号, or None where one can't be read."""
    row = RowCheck(cells, audited=True)
    entry = check_entry_id(row, today or timezone.localdate())
    g_no = check_g_no(row)
    return (entry[0], g_no) if entry and isinstance(g_no, int) else None


def declared_texts(keys: Iterable[LineKey | None]) -> dict[LineKey, DeclaredText]:
    """Return the texts of those of these lines that a declaration import stored: one query.

    A line that only audits have brought is no declaration.
    """
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    lines = (
        DeclaredLine.objects.filter(
            entry_id__in={entry_id for entry_id, _ in wanted}, declared_at__isnull=False
        )
        .order_by()
        .values_list(
            "entry_id",
            "g_no",
            F("goods__hs_code"),
            F("goods__name"),
            F("goods__g_model"),
        )
    )
    found = {(entry_id, g_no): DeclaredText(*texts) for entry_id, g_no, *texts in lines}
    return {key: found[key] for key in wanted & found.keys()}


def cell_text(cell: Cell) -> str:
    """Write a cell as the pages and the error workbook show it, whole and on its own."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    return shown(cell)
