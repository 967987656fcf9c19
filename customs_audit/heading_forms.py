"""Confirming what a file's columns mean: the sheets as they were found, and as an officer says.

A sheet is one object of `AuditUpload.sheets`; the checking room finds it and reads it back. What is
missing or twice is said by the same rules that refuse a file (declarations/headers.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from declarations.headers import FIELDS, LABELS, PARTY_CODES, Layout, Part, missing_columns
from declarations.rules import sentence

NOT_READ = ""
SHOWN_SAMPLES = 3

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
    found: str
    name: str
    problem: str = ""


@dataclass
class SheetChoice:
    """A sheet as it is to be confirmed."""

    number: int
    name: str
    row: int
    use: bool
    columns: list[ColumnChoice]
    problems: list[str] = field(default_factory=list)

    @property
    def layout(self) -> Layout:
        """The layout that the choices make, for the rules on whole files."""
        chosen = {one.index: one.field for one in self.columns if one.field}
        headings = {one.field: one.heading for one in self.columns if one.field}
        return Layout(self.name, self.row, chosen, headings)


def field_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the fields to choose from, in their groups, each as (name, label)."""
    return [
        (title, [(known.name, known.label) for known in FIELDS if known.part in parts])
        for title, parts in GROUPS
    ]


def read_choices(
    sheets: Sequence[Mapping[str, Any]], sent: Mapping[str, str] | None = None
) -> list[SheetChoice]:
    """Return the sheets with what was found for each column, or what a form sent for it."""
    return [_read_sheet(number, sheet, sent) for number, sheet in enumerate(sheets)]


def _read_sheet(
    number: int, sheet: Mapping[str, Any], sent: Mapping[str, str] | None
) -> SheetChoice:
    columns = []
    for index, heading in enumerate(sheet["headings"]):
        samples = [row[index] for row in sheet.get("sample", ()) if index < len(row) and row[index]]
        if not heading and not samples:
            continue
        found = sheet["columns"].get(str(index), NOT_READ)
        name = f"field-{number}-{index}"
        chosen = found if sent is None else sent.get(name, NOT_READ)
        columns.append(
            ColumnChoice(
                index=index,
                letters=xl_col_to_name(index),
                heading=heading,
                samples=samples[:SHOWN_SAMPLES],
                field=chosen if chosen in LABELS else NOT_READ,
                found=found,
                name=name,
            )
        )
    use = bool(sheet["use"]) if sent is None else bool(sent.get(f"use-{number}"))
    return SheetChoice(number, sheet["name"], sheet["row"], use, columns)


def find_problems(choices: Sequence[SheetChoice]) -> list[str]:
    """Say what keeps these choices from being read; also beside the columns that are twice."""
    used = [sheet for sheet in choices if sheet.use]
    if not used:
        return ["没有选用任何工作表；请至少选用一个。"]
    for sheet in used:
        _mark_twice(sheet)
    problems = [problem for sheet in used for problem in sheet.problems]
    layouts = [sheet.layout for sheet in used]
    if all(layout.is_head or not layout.headings for layout in layouts):
        return [*problems, sentence("sheet.no_header")]
    missing: dict[str, list[str]] = {}
    for fault in missing_columns(layouts, audited=True):
        missing.setdefault(fault.sheet, []).append(fault.column)
    for name, labels in missing.items():
        where = f"工作表“{name}”" if name and len(used) > 1 else ""
        problems.append(
            f"{where}还没有选出：{'、'.join(labels)}；请在对应的列上选择，文件里没有的请补上后重新上传。"
        )
    return problems


def _mark_twice(sheet: SheetChoice) -> None:
    first: dict[str, ColumnChoice] = {}
    for column in sheet.columns:
        if not column.field:
            continue
        other = first.setdefault(column.field, column)
        if other is column:
            continue
        label = LABELS[column.field]
        column.problem = other.problem = f"“{label}”选了两列，请只保留一列。"
        sheet.problems.append(
            f"{other.letters} 列“{other.heading}”和 {column.letters} 列“{column.heading}”"
            f"都选了“{label}”；请只保留一列，另一列选“不读取”。"
        )


def confirmed(
    sheets: Sequence[Mapping[str, Any]], choices: Iterable[SheetChoice]
) -> list[dict[str, Any]]:
    """Return the sheets as confirmed: what each column is, and certain."""
    found = []
    for sheet, choice in zip(sheets, choices, strict=True):
        columns = {str(one.index): one.field for one in choice.columns}
        found.append(dict(sheet) | {"use": choice.use, "columns": columns, "certain": True})
    return found


def heading_columns(choice: SheetChoice) -> dict[str, str]:
    """Return which heading means which field, to be kept for the next file alike."""
    return {one.heading: one.field for one in choice.columns if one.heading}
