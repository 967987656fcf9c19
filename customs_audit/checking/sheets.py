"""What an upload's sheets say: which row bears the headings, which column holds which field.

`recognise` makes of a file's first rows the layouts that an upload keeps (AuditUpload.sheets): one
object a sheet, as the page shows it to be confirmed and gives it back. A sheet is certain when its
headings are known and its cells don't contradict them, or when an officer confirmed the same
headings before (HeadingMap).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from customs_audit.checking.likeness import best_field, contradicted_by
from customs_audit.models import HeadingMap
from declarations.cells import Cell
from declarations.faults import shown
from declarations.headers import (
    FIELDS,
    HEADING_ROWS_SEARCHED,
    HEADINGS_NEEDED,
    LABELS,
    PARTY_CODES,
    Part,
    field_of,
)

SAMPLE_ROWS = 5
# The heading row of a sheet that begins with data.
NO_HEADINGS = 0
_SHOWN_LENGTH = 60
_XML_COUNTRY_NAMES = frozenset({"OriginCountry", "originCountry"})
_LINE_FIELDS = frozenset(known.name for known in FIELDS if known.part is Part.LINE)

Rows = Sequence[tuple[int, Sequence[Cell]]]


@dataclass
class Sheet:
    """One sheet's layout, as AuditUpload.sheets keeps it.

    `row` is the heading row's number in the file, or NO_HEADINGS; `headings` hold one text a column, `columns` a
    field name, or "" where the column is left out, by column from 0. `doubts` say in one sentence
    each what should be looked at where the sheet is not certain.
    """

    name: str
    index: int
    row: int
    headings: list[str]
    columns: dict[int, str]
    use: bool = True
    certain: bool = True
    sample: list[list[str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Sheet:
        """Read what `as_json` gave, and perhaps a page changed."""
        return cls(
            str(kept["name"]),
            int(kept["index"]),
            int(kept["row"]),
            [str(heading) for heading in kept["headings"]],
            {int(column): str(name) for column, name in kept["columns"].items()},
            bool(kept["use"]),
            bool(kept["certain"]),
            [[str(text) for text in row] for row in kept.get("sample", [])],
            [str(doubt) for doubt in kept.get("doubts", [])],
        )

    def as_json(self) -> dict[str, Any]:
        """Give what AuditUpload.sheets keeps."""
        return {
            "name": self.name,
            "index": self.index,
            "row": self.row,
            "headings": self.headings,
            "columns": {str(column): name for column, name in self.columns.items()},
            "use": self.use,
            "certain": self.certain,
            "sample": self.sample,
            "doubts": self.doubts,
        }

    @property
    def fields(self) -> dict[str, int]:
        """The fields that the sheet holds, with their columns."""
        return {name: column for column, name in self.columns.items() if name}

    @property
    def is_head(self) -> bool:
        """Whether the sheet holds declaration heads without goods lines (表头)."""
        fields = self.fields.keys()
        return "entry_id" in fields and not fields & _LINE_FIELDS

    @property
    def swaps_countries(self) -> bool:
        """Whether an export's countries stand in each other's column (headers.Layout)."""
        column = self.fields.get("origin_country")
        return column is not None and self.headings[column] in _XML_COUNTRY_NAMES

    @property
    def unknown(self) -> list[str]:
        """The headings of columns that are left out."""
        return [
            heading
            for column, heading in enumerate(self.headings)
            if heading and not self.columns.get(column)
        ]


def heading_signature(headings: Sequence[str]) -> str:
    """What a sheet's headings are kept under (HeadingMap.signature): the SHA-256 of all of them."""
    text = json.dumps([heading.strip() for heading in headings], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def missing_columns(sheets: Sequence[Sheet]) -> list[tuple[Sheet, str, tuple[str, ...]]]:
    """What the used sheets of lines lack: the sheet, the label, and the fields that would do."""
    used = [sheet for sheet in sheets if sheet.use]
    from_heads = {name for sheet in used if sheet.is_head for name in sheet.fields}
    missing: list[tuple[Sheet, str, tuple[str, ...]]] = []
    for sheet in used:
        if sheet.is_head:
            continue
        held = set(sheet.fields)
        if "entry_id" in held:
            held |= from_heads
        for known in FIELDS:
            if known.required and known.name not in held:
                missing.append((sheet, known.label, (known.name,)))
        for uscc, code, label in PARTY_CODES:
            if not held & {uscc, code}:
                missing.append((sheet, label, (uscc, code)))
    return missing


def heading_problems(sheets: Sequence[Mapping[str, Any]]) -> list[str]:
    """What keeps confirmed layouts (AuditUpload.sheets) from being read: a sentence each."""
    read = [Sheet.from_json(kept) for kept in sheets]
    used = [sheet for sheet in read if sheet.use]
    if not any(not sheet.is_head for sheet in used):
        return ["没有选用含商品项的工作表；请至少选用一张。"]
    problems = []
    for sheet in used:
        chosen = [name for name in sheet.columns.values() if name]
        problems += [
            f"{_place(sheet)}有两列都对应“{LABELS[name]}”；请只保留一列。"
            for name in LABELS
            if chosen.count(name) > 1
        ]
    return problems + [
        f"{_place(sheet)}缺少必填列“{label}”；请指定哪一列是它。"
        for sheet, label, _ in missing_columns(used)
    ]


def recognise(index: int, name: str, first: Rows) -> Sheet | None:
    """The layout of a sheet with these first rows; None where no row bears known headings."""
    candidates = _heading_rows(first)
    kept = _confirmed_before(index, name, first)
    if kept is not None:
        return kept
    if not candidates:
        return None
    most = max(count for _, _, count in candidates)
    strong = [one for one in candidates if one[2] * 2 >= most]
    place, number, _ = max(strong, key=lambda one: (one[2], one[0]))
    # Rows of headings that follow one another (Chinese words, then codes): the last one's rows begin.
    while any(other[0] == place + 1 for other in strong):
        place, number, _ = next(other for other in strong if other[0] == place + 1)
    sheet = _layout(index, name, number, first[place][1])
    _show_sample(sheet, first)
    if len(strong) > 1:
        rows = "、".join(str(number) for _, number, _ in strong)
        sheet.doubts.append(f"第 {rows} 行都像表头；请确认数据从第 {number + 1} 行开始。")
    _doubt_columns(sheet, first)
    sheet.certain = not sheet.doubts
    return sheet


def relaid(sheet: Sheet, first: Rows, row: int) -> Sheet:
    """The layout of a sheet by another heading row among these first rows, or by NO_HEADINGS.

    Columns without headings are named by their places.
    """
    if row == NO_HEADINGS:
        width = max(len(_headings(cells)) for _, cells in first)
        cells: Sequence[Cell] = [f"第 {number} 列" for number in range(1, width + 1)]
    else:
        cells = next(cells for number, cells in first if number == row)
    other = _layout(sheet.index, sheet.name, row, cells)
    _show_sample(other, first)
    other.certain = False
    return other


def shown_rows(first: Rows) -> list[tuple[int, list[str]]]:
    """The first rows as texts, among which a page lets another heading row be chosen."""
    return [(number, [_shown(cell) for cell in cells]) for number, cells in first]


def doubt_missing(sheets: Sequence[Sheet]) -> bool:
    """Look for columns that could be what is missing; returns whether an officer can help.

    The columns that look like it are proposed; where none does, an officer may know better, as long
    as there is any column that is not known.
    """
    can_help = True
    for sheet, label, names in missing_columns(sheets):
        column = best_field(sheet.headings, sheet.sample, sheet.columns, names)
        if column is not None:
            place, name = column
            sheet.columns[place] = name
            sheet.doubts.append(f"没有“{label}”列，“{sheet.headings[place]}”列像是它；请确认。")
        elif sheet.unknown:
            sheet.doubts.append(f"没有找到“{label}”列；请指定哪一列是它。")
        else:
            can_help = False
        sheet.certain = False
    return can_help


def _place(sheet: Sheet) -> str:
    return f"工作表“{sheet.name}”" if sheet.name else "文件"


def _heading_rows(first: Rows) -> list[tuple[int, int, int]]:
    """The rows that may bear headings: place among the first, number, how many are known."""
    found = []
    for place, (number, cells) in enumerate(first[:HEADING_ROWS_SEARCHED]):
        count = len({known.name for cell in cells if (known := field_of(cell))})
        if count >= HEADINGS_NEEDED:
            found.append((place, number, count))
    return found


def _headings(cells: Sequence[Cell]) -> list[str]:
    headings = ["" if cell is None else str(cell).strip() for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    return headings


def _layout(index: int, name: str, number: int, cells: Sequence[Cell]) -> Sheet:
    sheet = Sheet(name, index, number, _headings(cells), {})
    taken: dict[str, int] = {}
    for column, heading in enumerate(sheet.headings):
        known = field_of(heading) if heading else None
        if known is None:
            sheet.columns[column] = ""
        elif known.name in taken:
            sheet.columns[column] = ""
            first = sheet.headings[taken[known.name]]
            sheet.doubts.append(f"“{first}”和“{heading}”都像“{known.label}”；请确认用哪一列。")
        else:
            taken[known.name] = column
            sheet.columns[column] = known.name
    return sheet


def _confirmed_before(index: int, name: str, first: Rows) -> Sheet | None:
    """The layout that an officer confirmed for a row of just these headings."""
    rows: dict[str, tuple[int, list[str]]] = {}
    for place, (_, cells) in enumerate(first[:HEADING_ROWS_SEARCHED]):
        headings = _headings(cells)
        if sum(1 for heading in headings if heading) >= HEADINGS_NEEDED:
            rows.setdefault(heading_signature(headings), (place, headings))
    for kept in HeadingMap.objects.filter(signature__in=rows).order_by("-saved_at", "-pk"):
        place, headings = rows[kept.signature]
        columns = {
            column: str(kept.columns.get(heading) or "") for column, heading in enumerate(headings)
        }
        if set(columns.values()) - {""} <= LABELS.keys():
            sheet = Sheet(name, index, first[place][0], headings, columns)
            _show_sample(sheet, first)
            return sheet
    return None


def _show_sample(sheet: Sheet, first: Rows) -> None:
    below = [cells for number, cells in first if number > sheet.row]
    width = len(sheet.headings)
    sheet.sample = [
        [_shown(cells[column]) if column < len(cells) else "" for column in range(width)]
        for cells in below[:SAMPLE_ROWS]
    ]


def _shown(cell: Cell) -> str:
    text = "" if cell is None else shown(cell)
    text = "".join(one if one.isprintable() else " " for one in text)
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"


def _doubt_columns(sheet: Sheet, first: Rows) -> None:
    """Doubt a column whose cells are clearly another field's."""
    below = [cells for number, cells in first if number > sheet.row]
    for column, name in sheet.columns.items():
        cells = [row[column] for row in below if column < len(row)]
        other = contradicted_by(name, cells) if name else None
        if other:
            sheet.doubts.append(
                f"“{sheet.headings[column]}”列的内容像是“{LABELS[other]}”；请确认。"
            )
