"""Reading a catalogue from tab-separated text: hs8, heading, name, inherited_from, page, elements.

UTF-8, one code a line, elements as `1:名;2:名`. It is what export_catalogue prints. Categories and
heading names, which it has not, come from a held edition (catalogue/importing/held.py).
"""

import re
from pathlib import Path

from catalogue.importing.held import NOTHING_HELD, Held
from catalogue.importing.result import (
    Progress,
    ReadCatalogue,
    ReadCode,
    ReadReport,
    ReportLine,
    UnreadableCatalogue,
)

COLUMNS = ("hs8", "heading", "name", "inherited_from", "page", "elements")
_HS8 = re.compile(r"[0-9]{8}")
_HEADING = re.compile(r"[0-9]{2}\.[0-9]{2}")
_PAGE = re.compile(r"[0-9]{1,4}")
# An element's name may hold ";" or ":", so only a number behind ";" begins another.
_NEXT_ELEMENT = re.compile(r";(?=[0-9]{1,3}:)")
_ELEMENT = re.compile(r"([0-9]{1,3}):(.+)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SHOWN = 20
# Rows between two reports of progress.
_STEP = 500


def no_progress(done: int, total: int) -> None:
    """Show nothing."""


def read_tsv(
    path: Path, progress: Progress = no_progress, held: Held = NOTHING_HELD
) -> ReadCatalogue:
    """Read a tab-separated catalogue; `progress` is called with (rows done, rows in all).

    Raises UnreadableCatalogue, naming the row, for any row that is not a code with its list; and
    OSError where the file can't be opened.
    """
    lines = _lines(path)
    columns = tuple(lines[0].split("\t")) if lines else ()
    if columns != COLUMNS:
        raise UnreadableCatalogue(
            f"文件第 1 行不是目录的表头（应依次为 {'、'.join(COLUMNS)}，以制表符分隔），"
            "没有导入；请核对是否选错了文件。"
        )
    codes: dict[str, ReadCode] = {}
    rows: dict[str, int] = {}
    report = ReadReport()
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            code = _code(number, line, held)
            if code.hs8 in rows:
                raise _wrong(number, f"税则号列 {code.hs8} 与第 {rows[code.hs8]} 行重复")
            rows[code.hs8] = number
            codes[code.hs8] = code
        if number % _STEP == 0:
            progress(number - 1, len(lines) - 1)
    if not codes:
        raise UnreadableCatalogue("文件只有表头，没有税则号列，没有导入；请核对文件。")
    progress(len(lines) - 1, len(lines) - 1)
    headings = held.headings_of(code.heading for code in codes.values())
    report.lines.append(ReportLine(0, borrowed_sentence(held)))
    pages = max(code.page for code in codes.values())
    return ReadCatalogue(codes, headings, report, pages)


def borrowed_sentence(held: Held) -> str:
    """Say whence categories and headings came that a file has not."""
    if not held.label:
        return "文件不含要素类别和品目名称，系统中也没有其他版本可以参照：要素都按归类要素装入。"
    return f"文件不含要素类别和品目名称，已参照{held.label}补上。"


def _lines(path: Path) -> list[str]:
    """Split the file into lines at line feeds only. Raises UnreadableCatalogue for other encodings."""
    raw = path.read_bytes()
    if not raw.strip():
        raise UnreadableCatalogue("文件是空的，没有导入；请核对文件。")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableCatalogue(
            f"文件第 {row} 行不是 UTF-8 编码，没有导入；请将文件另存为 UTF-8 编码后再导入。"
        ) from error
    found = _CONTROL.search(text)
    if found:
        row = text.count("\n", 0, found.start()) + 1
        raise _wrong(row, "含有控制字符，不是文本")
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]


def _code(number: int, line: str, held: Held) -> ReadCode:
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise _wrong(number, f"有 {len(cells)} 列，应为 {len(COLUMNS)} 列")
    hs8, heading, name, inherited_from, page, elements = (cell.strip() for cell in cells)
    if not _HS8.fullmatch(hs8):
        raise _wrong(number, f"税则号列“{_short(hs8)}”不是 8 位数字")
    if not _HEADING.fullmatch(heading) or heading.replace(".", "") != hs8[:4]:
        raise _wrong(number, f"品目“{_short(heading)}”与税则号列 {hs8} 不符")
    if not name:
        raise _wrong(number, "货品名称是空的")
    if not _PAGE.fullmatch(page):
        raise _wrong(number, f"页码“{_short(page)}”不是数字")
    names = _element_names(number, elements)
    return ReadCode(
        hs8,
        heading,
        name,
        held.elements(hs8, names),
        path=held.paths.get(hs8, ()),
        inherited_from=inherited_from,
        page=int(page),
    )


def _element_names(number: int, text: str) -> list[tuple[str, str]]:
    """Read `1:名;2:名` into (name, printed number where it is not the position)."""
    names = []
    for position, part in enumerate(_NEXT_ELEMENT.split(text) if text else (), 1):
        match = _ELEMENT.fullmatch(part)
        if match is None or not match[2].strip():
            raise _wrong(number, f"申报要素“{_short(part)}”应写成“序号:名称”，各要素以“;”分隔")
        printed = "" if int(match[1]) == position else match[1]
        names.append((match[2].strip(), printed))
    return names


def _wrong(row: int, what: str) -> UnreadableCatalogue:
    return UnreadableCatalogue(f"文件第 {row} 行{what}，没有导入；请修正后重新导入整个文件。")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
