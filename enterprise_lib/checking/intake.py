"""Taking a table in: pasted text or an uploaded workbook, to lines that can be checked."""

import re
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from declarations.faults import RejectedFile
from declarations.reading import open_sheets
from enterprise_lib.checking.columns import Columns, Row, find_columns
from enterprise_lib.checking.lines import Line, read_line
from enterprise_lib.checking.pasting import split_cells

MOST_ROWS = 5_000
MOST_BYTES = 10 * 2**20
# What a workbook of ten megabytes may unpack to, and what a sheet may span: calamine lays a sheet
# out whole, so that one filled cell far away would take the machine's memory.
MOST_UNPACKED = 200 * 2**20
MOST_CELLS = 5_000_000
_REFERENCE = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
# Rows that may stand above the headings and between the data without counting.
_SLACK = 200


class IntakeRefused(Exception):
    """The table can't be taken; the text is one sentence for the user."""


@dataclass(frozen=True)
class Taken:
    """The lines of a table, and remarks on how it was read."""

    lines: list[Line]
    remarks: list[str]


def take_paste(text: str, otherwise: str = "") -> Taken:
    """Read pasted text. `otherwise` as in `read_line`. Raises IntakeRefused."""
    if not text.strip():
        raise IntakeRefused("请先粘贴表格，或选择一个 .xlsx 文件，再进行自检。")
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise IntakeRefused("粘贴的内容超过 10 MB，请分几次粘贴，或另存为 .xlsx 后上传。")
    rows: list[Row] = [
        (number, cells)
        for number, cells in enumerate(split_cells(text), start=1)
        if any(cell.strip() for cell in cells)
    ]
    return _take(rows, typed=False, otherwise=otherwise)


def take_workbook(file: UploadedFile, otherwise: str = "") -> Taken:
    """Read an uploaded .xlsx: its first sheet that holds such a table. Raises IntakeRefused."""
    name = file.name or ""
    if not name.lower().endswith(".xlsx"):
        raise IntakeRefused(
            "只能上传 .xlsx 文件；其他格式请用 Excel 打开，另存为“Excel 工作簿（*.xlsx）”后再上传。"
        )
    if (file.size or 0) > MOST_BYTES:
        raise IntakeRefused("文件超过 10 MB，请删去图片和多余的工作表，或分成几个文件后再上传。")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        with path.open("wb") as target:
            for chunk in file.chunks():
                target.write(chunk)
        return _take_sheets(path, otherwise)


def _take_sheets(path: Path, otherwise: str) -> Taken:
    _look_before_unpacking(path)
    best: list[Row] = []
    try:
        for sheet in open_sheets(path):
            rows = []
            for row in sheet.rows:
                rows.append(row)
                if len(rows) > MOST_ROWS + _SLACK:
                    break
            if find_columns(rows).has_headings:
                return _take(rows, typed=True, otherwise=otherwise)
            best = best or rows
    except RejectedFile as rejected:
        raise IntakeRefused(rejected.faults[0].text) from rejected
    return _take(best, typed=True, otherwise=otherwise)


def _look_before_unpacking(path: Path) -> None:
    """Refuse what is no workbook, and one that would unpack or spread beyond all measure."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise IntakeRefused("文件解开后太大，请只保留要自检的行和列，另存后再上传。")
            for entry in archive.infolist():
                if entry.filename.startswith("xl/worksheets/"):
                    _look_at_span(archive, entry)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
        raise IntakeRefused(
            "文件打不开，可能已损坏、加了密码或不是真正的 .xlsx；请用 Excel 打开并另存后再上传。"
        ) from error


def _look_at_span(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    last_row = last_column = 0
    with archive.open(entry) as sheet:
        rest = b""
        while data := sheet.read(2**20):
            data = rest + data
            for letters, digits in _REFERENCE.findall(data):
                last_row = max(last_row, int(digits))
                last_column = max(last_column, _column_number(letters))
            rest = data[-200:]
    if last_row * last_column > MOST_CELLS:
        raise IntakeRefused(
            f"工作表用到了第 {last_row:,} 行，范围太大；请把要自检的行复制到新的工作簿后再上传。"
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _take(rows: Sequence[Row], *, typed: bool, otherwise: str) -> Taken:
    if not rows:
        raise IntakeRefused("表格里没有内容；请确认复制或上传的是含有商品编码和规格型号的表格。")
    columns = find_columns(rows)
    if columns.missing:
        raise IntakeRefused(
            f"表格里没有“{'”“'.join(columns.missing)}”列；请从 Excel 中选中含有这些列的单元格，"
            "复制后重新粘贴。"
        )
    data = [(number, cells) for number, cells in rows if number >= columns.first_row]
    if not data:
        raise IntakeRefused("表头下面没有数据行；请连同数据行一起复制或上传。")
    if len(data) > MOST_ROWS:
        raise IntakeRefused(
            f"一次最多自检 {MOST_ROWS:,} 行，这张表不止 {MOST_ROWS:,} 行；请分成几张表。"
        )
    lines = [
        read_line(number, columns.cells_of(cells), typed=typed, otherwise=otherwise)
        for number, cells in data
    ]
    return Taken(lines, _remarks(rows, columns, otherwise))


def _remarks(rows: Sequence[Row], columns: Columns, otherwise: str) -> list[str]:
    """Say how the table was read, wherever it could have been read otherwise."""
    remarks = []
    letters = {name: _letter(place) for name, place in columns.places.items()}
    if not columns.has_headings:
        read = "、".join(
            f"第 {letters[name]} 列作{label}" for name, label in _READ_AS.items() if name in letters
        )
        remarks.append(f"没有找到表头，按内容判断：{read}；不对时请连同表头一起粘贴。")
    above = sum(1 for number, _ in rows if number < columns.first_row - 1)
    if above:
        remarks.append(f"表头上面有 {above} 行，未读取。")
    if columns.unknown:
        remarks.append(f"自检不需要的列，未读取：{'、'.join(columns.unknown[:12])}。")
    if "ie_flag" not in columns.places and not otherwise:
        remarks.append("没有进出口标志列：规格型号第二部分为 3 的按进口，其余按出口自检。")
    return remarks


_READ_AS = {
    "hs_code": "商品编码",
    "g_name": "商品名称",
    "g_model": "规格型号",
    "ie_flag": "进出口标志",
}


def _letter(place: int) -> str:
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
