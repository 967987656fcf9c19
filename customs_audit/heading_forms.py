"""Confirming what a file's columns mean: the sheets as they were found, and as an officer says.

A sheet is one object of `AuditUpload.sheets`; the checking room finds it and reads it back
(checking/sheets.py), by whose rules a file can be read or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from xlsxwriter.utility import xl_col_to_name

from authorization.models import User
from customs_audit.checking.sheets import (
    NO_HEADINGS,
    Sheet,
    heading_signature,
    missing_columns,
    relaid,
)
from customs_audit.models import HeadingMap
from declarations.headers import FIELDS, LABELS, PARTY_CODES, Part

NOT_READ = ""
SHOWN_SAMPLES = 3
SHOWN_HEADINGS = 4
HEADLESS = (NO_HEADINGS, "没有表头，第一行就是数据")
NO_SHEET = "没有选用含商品项的工作表；请至少选用一个。"

# The groups of the list that a column's field is chosen from.
GROUPS = (
    ("报关单号", (Part.KEY,)),
    ("报关单表头", (Part.HEAD,)),
    ("商品项", (Part.LINE,)),
    ("审核结论", (Part.AUDIT,)),
)


@dataclass(frozen=True)
class Need:
    """Something that a file must say: its label, and the fields of which one is enough."""

    label: str
    fields: tuple[str, ...]


NEEDS: tuple[Need, ...] = (
    *(Need(known.label, (known.name,)) for known in FIELDS if known.required),
    *(Need(label, (uscc, code)) for uscc, code, label in PARTY_CODES),
)


@dataclass
class ColumnChoice:
    """A column of a sheet: its place, heading and some values, and the field chosen for it."""

    index: int
    letters: str
    heading: str
    samples: list[str]
    field: str
    name: str
    problem: str = ""


@dataclass
class SheetChoice:
    """A sheet as it is to be confirmed: as found or laid out anew, and what was chosen in it.

    `rows` are those that may bear the headings: number and what stands there; NO_HEADINGS is one.
    """

    number: int
    sheet: Sheet
    rows: list[tuple[int, str]]
    columns: list[ColumnChoice]
    was_relaid: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def chosen(self) -> Sheet:
        """The layout that the choices make."""
        sheet = self.sheet
        columns = dict.fromkeys(range(len(sheet.headings)), NOT_READ)
        columns |= {column.index: column.field for column in self.columns}
        return Sheet(
            sheet.name, sheet.index, sheet.row, sheet.headings, columns, sheet.use, certain=True
        )


def field_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the fields to choose from, in their groups, each as (name, label)."""
    return [
        (title, [(known.name, known.label) for known in FIELDS if known.part in parts])
        for title, parts in GROUPS
    ]


def read_choices(
    sheets: Sequence[Mapping[str, Any]], sent: Mapping[str, str] | None = None
) -> list[SheetChoice]:
    """Return the sheets with what was found for each column, or what a form sent for it.

    Where the form names another heading row, the sheet is laid out by that one anew.
    """
    return [_read_sheet(number, kept, sent) for number, kept in enumerate(sheets)]


def _read_sheet(
    number: int, kept: Mapping[str, Any], sent: Mapping[str, str] | None
) -> SheetChoice:
    sheet = Sheet.from_json(kept)
    first = [(int(row), list(texts)) for row, texts in kept.get("first", ())]
    rows = [(row, f"第 {row} 行：{_written(texts)}") for row, texts in first if any(texts)]
    rows += [HEADLESS] if rows else []
    drawn, was_relaid = sheet.row, False
    if sent is not None:
        # The row that the form's columns were drawn for, and the row that is wanted now.
        drawn = _number(sent.get(f"drawn-{number}"), rows, sheet.row)
        wanted = _number(sent.get(f"row-{number}"), rows, drawn)
        was_relaid = wanted != drawn
        if wanted != sheet.row:
            sheet = relaid(sheet, first, wanted)
        sheet.use = bool(sent.get(f"use-{number}"))
    columns = []
    for index, heading in enumerate(sheet.headings):
        samples = [texts[index] for texts in sheet.sample if index < len(texts) and texts[index]]
        if not heading and not samples:
            continue
        name = f"field-{number}-{index}"
        chosen = sheet.columns.get(index, NOT_READ)
        if sent is not None and not was_relaid:
            chosen = sent.get(name, NOT_READ)
        chosen = chosen if chosen in LABELS else NOT_READ
        letters = xl_col_to_name(index)
        columns.append(ColumnChoice(index, letters, heading, samples[:SHOWN_SAMPLES], chosen, name))
    return SheetChoice(number, sheet, rows, columns, was_relaid)


def _number(text: str | None, rows: Sequence[tuple[int, str]], otherwise: int) -> int:
    known = {str(row): row for row, _ in rows}
    return known.get(text or "", otherwise)


def _written(texts: Sequence[str]) -> str:
    shown = [text for text in texts if text]
    more = "……" if len(shown) > SHOWN_HEADINGS else ""
    return "、".join(text[:12] for text in shown[:SHOWN_HEADINGS]) + more


def find_problems(choices: Sequence[SheetChoice]) -> list[str]:
    """Say what keeps these choices from being read; also beside the columns that are twice."""
    used = [choice for choice in choices if choice.sheet.use]
    chosen = [choice.chosen for choice in used]
    if all(sheet.is_head for sheet in chosen):
        return [NO_SHEET]
    for choice in used:
        _mark_twice(choice)
    problems = [problem for choice in used for problem in choice.problems]
    missing: dict[int, list[str]] = {}
    for sheet, label, _ in missing_columns(chosen):
        missing.setdefault(chosen.index(sheet), []).append(label)
    for place, labels in missing.items():
        where = f"工作表“{chosen[place].name}”" if len(used) > 1 else ""
        problems.append(
            f"{where}还没有选出：{'、'.join(labels)}；请在对应的列上选择，文件里没有的请补上后重新上传。"
        )
    return problems


def _mark_twice(choice: SheetChoice) -> None:
    first: dict[str, ColumnChoice] = {}
    for column in choice.columns:
        if not column.field:
            continue
        other = first.setdefault(column.field, column)
        if other is column:
            continue
        label = LABELS[column.field]
        column.problem = other.problem = f"“{label}”选了两列，请只保留一列。"
        choice.problems.append(
            f"{other.letters} 列“{other.heading}”和 {column.letters} 列“{column.heading}”"
            f"都选了“{label}”；请只保留一列，另一列选“不读取”。"
        )


def confirmed(choices: Iterable[SheetChoice]) -> list[dict[str, Any]]:
    """Return the sheets as an upload keeps them: what each column is, and certain."""
    return [choice.chosen.as_json() for choice in choices]


def keep_headings(choices: Iterable[SheetChoice], by: User) -> None:
    """Keep what the headings of the used sheets mean, for the next file with the same ones."""
    for choice in choices:
        if not choice.sheet.use or choice.sheet.row == NO_HEADINGS:
            continue
        columns = {one.heading: one.field for one in choice.columns if one.heading}
        HeadingMap.objects.update_or_create(
            signature=heading_signature(choice.sheet.headings),
            defaults={"columns": columns, "saved_by": by, "saved_at": timezone.now()},
        )
