"""Reading a catalogue from an Excel workbook whose columns are told by their headings.

One row a code: 税则号列 and its elements, in the three columns of the annex (归类要素, 价格要素,
其他要素) or in one (申报要素). Every visible sheet with such a heading row is read. A row without a
code that only names a heading (`03.03`) gives that heading's name.
"""

import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from catalogue.importing.held import NOTHING_HELD, Held
from catalogue.importing.result import (
    Progress,
    ReadCatalogue,
    ReadCode,
    ReadElement,
    ReadHeading,
    ReadReport,
    ReportLine,
    UnreadableCatalogue,
)
from catalogue.importing.sheet_elements import (
    catalogue_elements,
    odd_numbers,
    split_elements,
)
from catalogue.importing.tsv import borrowed_sentence, no_progress

HEADING_ROWS_SEARCHED = 20
UNPACKED_LIMIT = 512 * 2**20
CATEGORIES = ("classification", "price", "other")
# The field → what its column may be called, compared without case, width, spaces and punctuation.
ALIASES: dict[str, tuple[str, ...]] = {
    "hs8": ("税则号列", "商品编码", "商品编号", "税则号", "税号", "hs编码", "hs8", "编码"),
    "name": ("商品名称", "货品名称", "名称", "品名", "name"),
    "heading": ("品目", "品目号", "heading"),
    "inherited_from": ("要素承自", "inheritedfrom"),
    "page": ("页码", "page"),
    "note": ("备注", "说明", "note"),
    "classification": ("归类要素",),
    "price": ("价格要素",),
    "other": ("其他要素", "审单及其他要素"),
    "elements": ("申报要素", "规范申报要素", "要素", "elements"),
}
_NOT_A_WORD = re.compile(r"[\W_]+")
_HEADING_CODE = re.compile(r"([0-9]{2})\.?([0-9]{2})")
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*\bt="e"')
_SHOWN = 20
_STEP = 500

Cells = Sequence[object]


@dataclass
class _Table:
    """A sheet's rows below its heading row, and which column (from 0) holds which field."""

    sheet: str
    columns: dict[str, int]
    rows: list[tuple[int, Cells]]

    def text(self, cells: Cells, name: str) -> str:
        """A cell's text, trimmed; empty where the sheet has no such column."""
        place = self.columns.get(name)
        if place is None or place >= len(cells):
            return ""
        cell = cells[place]
        if isinstance(cell, float) and cell.is_integer():
            return str(int(cell))
        return str(cell).strip()


@dataclass
class _Reading:
    """What has been read so far."""

    held: Held
    codes: dict[str, ReadCode] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def read_xlsx(
    path: Path, progress: Progress = no_progress, held: Held = NOTHING_HELD
) -> ReadCatalogue:
    """Read a workbook; `progress` is called with (rows done, rows in all).

    Raises UnreadableCatalogue for a damaged or empty workbook, one without such a table, and for
    any row that is not a code with its list, naming sheet and row.
    """
    tables = _tables(path)
    total = sum(len(table.rows) for table in tables)
    reading = _Reading(held)
    done = 0
    for table in tables:
        for number, cells in table.rows:
            _take(reading, table, number, cells)
            done += 1
            if done % _STEP == 0:
                progress(done, total)
    if not reading.codes:
        raise UnreadableCatalogue("工作簿的表头之下没有税则号列，没有导入；请核对文件。")
    progress(total, total)
    return _catalogue(reading, has_categories=all("elements" not in t.columns for t in tables))


def _catalogue(reading: _Reading, *, has_categories: bool) -> ReadCatalogue:
    report = ReadReport()
    wanted = dict.fromkeys(code.heading for code in reading.codes.values())
    borrowed = reading.held.headings_of(wanted)
    headings = [
        ReadHeading(h.level, h.code, h.parent, reading.names.get(h.code, h.name), h.note)
        if h.level == "heading"
        else h
        for h in borrowed
    ]
    known = {h.code for h in headings}
    headings += [
        ReadHeading("heading", code, code[:2], name)
        for code, name in reading.names.items()
        if code in wanted and code not in known
    ]
    if not has_categories:
        report.lines.append(ReportLine(0, borrowed_sentence(reading.held)))
    pages = max(code.page for code in reading.codes.values())
    return ReadCatalogue(reading.codes, headings, report, pages)


# --- rows --------------------------------------------------------------------------------------


def _take(reading: _Reading, table: _Table, number: int, cells: Cells) -> None:
    """Read one row into a code or a heading's name."""
    hs8 = _hs8(table, number, cells)
    name = " ".join(table.text(cells, "name").split())
    elements = _elements(reading.held, table, cells, hs8)
    heading = _HEADING_CODE.fullmatch(hs8)
    if not hs8 or heading:
        if elements:
            raise _wrong(table, number, "有申报要素而没有 8 位税则号列")
        if heading and name:
            reading.names[f"{heading[1]}.{heading[2]}"] = name
        return
    if not re.fullmatch(r"[0-9]{8}", hs8):
        raise _wrong(table, number, f"税则号列“{_short(hs8)}”不是 8 位数字")
    if hs8 in reading.codes:
        raise _wrong(table, number, f"税则号列 {hs8} 与{reading.places[hs8]}重复")
    if not name:
        raise _wrong(table, number, "商品名称是空的")
    page = table.text(cells, "page")
    if page and not re.fullmatch(r"[0-9]{1,4}", page):
        raise _wrong(table, number, f"页码“{_short(page)}”不是数字")
    printed = _HEADING_CODE.fullmatch(table.text(cells, "heading"))
    if printed and printed[1] + printed[2] != hs8[:4]:
        raise _wrong(table, number, f"品目 {printed.group()} 与税则号列 {hs8} 不符")
    reading.places[hs8] = _place(table, number)
    reading.codes[hs8] = ReadCode(
        hs8,
        f"{hs8[:2]}.{hs8[2:4]}",
        name,
        elements,
        path=reading.held.paths.get(hs8, ()),
        inherited_from=table.text(cells, "inherited_from"),
        page=int(page or 0),
        note=table.text(cells, "note"),
    )


def _hs8(table: _Table, number: int, cells: Cells) -> str:
    """The row's code without dots; a number that lost the zero before chapters 01-09 gets it back."""
    place = table.columns["hs8"]
    cell = cells[place] if place < len(cells) else ""
    if isinstance(cell, float):
        if not cell.is_integer():
            return str(cell)
        digits = str(int(cell))
        return digits.zfill(8) if len(digits) == 7 else digits
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    return re.sub(r"[.\s]", "", text) if re.fullmatch(r"[0-9.\s]+", text) else text


def _elements(held: Held, table: _Table, cells: Cells, hs8: str) -> tuple[ReadElement, ...]:
    """The row's list: the three columns one after another, or the one column."""
    if "elements" in table.columns:
        names = catalogue_elements(split_elements(table.text(cells, "elements")))
        return held.elements(hs8, odd_numbers(names))
    columns = [(category, split_elements(table.text(cells, category))) for category in CATEGORIES]
    # The annex numbers on over its columns; a sheet may as well begin each of them at 1.
    numbered = odd_numbers([name for _, names in columns for name in names])
    by_column = [name for _, names in columns for name in odd_numbers(names)]
    if not any(printed for _, printed in by_column):
        numbered = by_column
    categories = [category for category, names in columns for _ in names]
    return tuple(
        ReadElement(number, name, category, printed)
        for number, ((name, printed), category) in enumerate(
            zip(numbered, categories, strict=True), 1
        )
    )


# --- sheets ------------------------------------------------------------------------------------


def _tables(path: Path) -> list[_Table]:
    try:
        _refuse_errors_and_giants(path)
        workbook = CalamineWorkbook.from_path(str(path))
        names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
        found = [(name, list(_rows(workbook, name))) for name in names]
    except (CalamineError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise UnreadableCatalogue(
            "工作簿已损坏或不是 .xlsx 格式，没有导入；请用 Excel 打开核对并另存为 .xlsx 后再导入。"
        ) from error
    if not any(rows for _, rows in found):
        raise UnreadableCatalogue("工作簿是空的，没有导入；请核对文件。")
    tables = [table for name, rows in found if (table := _table(name, rows)) is not None]
    if not tables:
        raise UnreadableCatalogue(
            f"工作簿前 {HEADING_ROWS_SEARCHED} 行中没有目录的表头（需要税则号列、商品名称，以及归类要素、"
            "价格要素、其他要素或申报要素），没有导入；请核对是否选错了文件。"
        )
    return tables


def _refuse_errors_and_giants(path: Path) -> None:
    """Refuse error cells (#REF!), which would read as empty lists, and packed giants."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_LIMIT:
            raise UnreadableCatalogue(
                f"工作簿解开后超过 {UNPACKED_LIMIT // 2**20} MB，不像是目录，没有导入；请核对文件。"
            )
        for name in archive.namelist():
            if not re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
                continue
            found = _ERROR_CELL.search(archive.read(name))
            if found:
                raise UnreadableCatalogue(
                    f"工作簿单元格 {found[1].decode()} 是错误值（如 #REF!），没有导入；请修正后再导入。"
                )


def _rows(workbook: CalamineWorkbook, name: str) -> Iterator[tuple[int, Cells]]:
    sheet = workbook.get_sheet_by_name(name)
    if sheet.start is None:
        return
    padding = [""] * sheet.start[1]
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if any(str(cell).strip() for cell in cells):
            yield number, [*padding, *cells]


def _table(sheet: str, rows: list[tuple[int, Cells]]) -> _Table | None:
    """Find the heading row of a sheet: a code column and at least one of elements."""
    for place, (_, cells) in enumerate(islice(rows, HEADING_ROWS_SEARCHED)):
        columns: dict[str, int] = {}
        for column, cell in enumerate(cells):
            known = _field(cell)
            if known is not None:
                columns.setdefault(known, column)
        if {"hs8", "name"} <= columns.keys() and columns.keys() & {*CATEGORIES, "elements"}:
            if columns.keys() & set(CATEGORIES):
                columns.pop("elements", None)
            return _Table(sheet, columns, rows[place + 1 :])
    return None


def _field(cell: object) -> str | None:
    key = _NOT_A_WORD.sub("", unicodedata.normalize("NFKC", str(cell)).casefold())
    return next((name for name, aliases in ALIASES.items() if key in aliases), None)


def _place(table: _Table, number: int) -> str:
    return f"工作表“{table.sheet}”第 {number} 行"


def _wrong(table: _Table, number: int, what: str) -> UnreadableCatalogue:
    return UnreadableCatalogue(
        f"{_place(table, number)}{what}，没有导入；请修正后重新导入整个文件。"
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
