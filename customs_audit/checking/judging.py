"""Judging rows by their cells: the one way, whoever asks (check, recheck, workbook, release)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils import timezone

from catalogue.models import Edition
from customs_audit.models import AuditUpload, RuleLevel, UploadFault, UploadRow
from declarations.cell_json import from_json
from declarations.cells import Cell, told
from declarations.checks import Checked, Context, check_row
from declarations.faults import Level
from declarations.goods_checks import Editions
from declarations.rules import RULES
from declarations.staging import editions_in_force


def row_context(upload: AuditUpload) -> Context:
    """What an upload's rows are checked against now: three small queries."""
    return Context(
        today=timezone.localdate(),
        audit_month=upload.audit_month,
        editions=_editions(),
        typed=upload.is_typed,
        levels=levels(),
    )


def levels() -> dict[str, Level]:
    """The rules whose level an administrator has changed."""
    changed = RuleLevel.objects.values_list("rule", "level")
    return {
        rule: Level(level) for rule, level in changed if rule in RULES and RULES[rule].switchable
    }


def cells_of(row: UploadRow) -> dict[str, Cell]:
    """A row's cells as the rules read them."""
    return cells_from_json(row.cells)


def cells_from_json(cells: Mapping[str, Any]) -> dict[str, Cell]:
    """Cells as they are stored (field → JSON), as the rules read them."""
    return {name: from_json(cell) for name, cell in cells.items()}


def checked(row: UploadRow, context: Context) -> Checked:
    """What the rules on one row say of it; those across rows stand in its faults alone."""
    return check_row(cells_of(row), context)


def sentence_of(fault: UploadFault) -> str:
    """The fault in one Chinese sentence, and the stored text where it differs from that."""
    text = told(fault.rule, fault.field, fault.value, fault.facts)
    stored = fault.facts.get("stored")
    return f"{text}已装入的是：{stored}" if stored else text


def _editions() -> Editions:
    """The catalogues in force, kept until others are: their codes take a tenth of a second."""
    held = Edition.objects.filter(in_force=True).order_by("pk")
    return _editions_of(tuple(held.values_list("pk", "in_force_since")))


@lru_cache(maxsize=2)
def _editions_of(in_force: tuple[tuple[int, object], ...]) -> Editions:
    return editions_in_force()
