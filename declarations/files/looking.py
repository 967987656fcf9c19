"""What a file really is, before anything of it is parsed: size, ending, first bytes, what it holds.

The type is that of the content. A name that says something else is refused, with what the file
really is: Excel warns of such a file as well, and whoever sent it thinks it is something else.
"""

from __future__ import annotations

import codecs
import os
import re
from pathlib import PurePath
from typing import IO

from declarations.files.archives import WORKBOOK_IN_ZIP, kind_of_zip
from declarations.files.compound import ENCRYPTED_PACKAGE, EXCEL_STREAMS, MACROS, kind_of_compound
from declarations.files.limits import MIB, Limits
from declarations.files.refusing import Refused, damaged

ENDINGS = (".xlsx", ".xls", ".csv")
ZIP_START = b"PK\x03\x04"
COMPOUND_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_START_LENGTH = 4096

_CHOOSE = "请选择要导入的数据文件"
_SAVE_AS = "请用 Excel 打开，另存为 .xlsx 再导入"
# First bytes of what people send by mistake, and others on purpose: what it is, what to do.
_STARTS = (
    (b"MZ", "程序（.exe）", _CHOOSE),
    (b"\x7fELF", "程序", _CHOOSE),
    (b"#!", "脚本程序", _CHOOSE),
    (b"%PDF", "PDF 文档", _CHOOSE),
    (b"{\\rtf", "RTF 文档", _CHOOSE),
    (b"Rar!", "RAR 压缩包", "请解压后选择里面的数据文件"),
    (b"7z\xbc\xaf", "7z 压缩包", "请解压后选择里面的数据文件"),
    (b"\x1f\x8b", "gzip 压缩包", "请解压后选择里面的数据文件"),
    (b"PK\x05\x06", "空的 zip 压缩包", _CHOOSE),
    (b"\x89PNG", "图片", _CHOOSE),
    (b"\xff\xd8\xff", "图片", _CHOOSE),
    (b"GIF8", "图片", _CHOOSE),
    (b"SQLite format", "数据库文件", _CHOOSE),
    (b"\x09\x00\x04\x00", "Excel 4.0 或更早的工作簿", _SAVE_AS),
    (b"\x09\x02\x06\x00", "Excel 4.0 或更早的工作簿", _SAVE_AS),
    (b"\x09\x04\x06\x00", "Excel 4.0 或更早的工作簿", _SAVE_AS),
)
_WEB_PAGE = re.compile(rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!DOCTYPE\s+html|html|head|meta|style|table|div)\b",
                       re.IGNORECASE | re.DOTALL)  # fmt: skip
_XML = re.compile(rb"\s*<\?xml\b")
_MAIL = re.compile(rb"\s*MIME-Version:", re.IGNORECASE)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def look(file: IO[bytes], name: str, limits: Limits) -> str:
    """What to read the file as: "xlsx", "xls" or "csv". Raises Refused for anything else.

    `name` is what whoever sent it calls the file. Reads the start, and the directory of a zip
    archive or compound file, which are small.
    """
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        raise _refused_ending(ending)
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise Refused("file.empty")
    _check_size(ending, size, limits)
    file.seek(0)
    start = file.read(_START_LENGTH)
    kind = _kind(file, start, ending, limits)
    file.seek(0)
    if "." + kind != ending:
        raise Refused("file.content", ending=ending, **_MISNAMED[kind])
    return kind


_MISNAMED = {
    "xlsx": {"kind": ".xlsx 工作簿", "advice": "请把文件名改为 .xlsx 结尾再导入"},
    "xls": {
        "kind": ".xls 工作簿",
        "advice": "请把文件名改为 .xls 结尾，或用 Excel 另存为 .xlsx，再导入",
    },
    "csv": {"kind": "文本（CSV）", "advice": "请把文件名改为 .csv 结尾再导入"},
}

_OTHER_TABLES = {
    ".xlsm": "启用宏的工作簿（.xlsm）",
    ".xltm": "启用宏的模板（.xltm）",
    ".xltx": "模板（.xltx）",
    ".xlt": "模板（.xlt）",
    ".xlsb": "二进制工作簿（.xlsb）",
    ".ods": "OpenDocument 表格（.ods）",
    ".et": "WPS 表格（.et）",
    ".numbers": "Numbers 表格",
}


def _refused_ending(ending: str) -> Refused:
    if ending in _OTHER_TABLES:
        return Refused("file.other_table", kind=_OTHER_TABLES[ending])
    return Refused("file.type")


def _check_size(ending: str, size: int, limits: Limits) -> None:
    if ending == ".csv":
        if size > limits.csv_bytes:
            raise Refused("file.size", limit=limits.csv_bytes // MIB)
    elif size > limits.workbook_bytes:
        raise Refused("file.workbook_size", limit=limits.workbook_bytes // MIB)


def _kind(file: IO[bytes], start: bytes, ending: str, limits: Limits) -> str:
    if start.startswith(ZIP_START):
        return _zip_kind(file, ending, limits)
    if start.startswith(COMPOUND_START):
        return _compound_kind(file, ending)
    for beginning, kind, advice in _STARTS:
        if start.startswith(beginning):
            raise Refused("file.content", ending=ending, kind=kind, advice=advice)
    return _text_kind(start, ending)


def _zip_kind(file: IO[bytes], ending: str, limits: Limits) -> str:
    kind = kind_of_zip(file, limits)
    if kind == WORKBOOK_IN_ZIP:
        return "xlsx"
    advice = "请解压后选择里面的数据文件" if kind.startswith("zip") else _SAVE_AS
    raise Refused("file.content", ending=ending, kind=kind, advice=advice)


def _compound_kind(file: IO[bytes], ending: str) -> str:
    kind = kind_of_compound(file)
    if kind == ENCRYPTED_PACKAGE:
        raise Refused("file.encrypted")
    if kind == MACROS:
        raise Refused("file.macros")
    if kind in EXCEL_STREAMS:
        return "xls"
    raise Refused("file.content", ending=ending, kind=kind, advice=_CHOOSE)


def _text_kind(start: bytes, ending: str) -> str:
    if start.startswith(_UTF_16):
        return "csv"
    bare = start.removeprefix(codecs.BOM_UTF8)
    if _WEB_PAGE.match(bare) or (_XML.match(bare) and b"<html" in bare):
        raise Refused("file.content", ending=ending, kind="网页（HTML）", advice=_SAVE_AS)
    if _MAIL.match(bare):
        raise Refused("file.content", ending=ending, kind="单个文件网页（MHT）", advice=_SAVE_AS)
    if _XML.match(bare):
        kind = "XML 表格（2003 版）" if b"office:spreadsheet" in bare else "XML 文件"
        raise Refused("file.content", ending=ending, kind=kind, advice=_SAVE_AS)
    if b"\0" in start:
        if ending == ".csv":
            raise Refused("file.encoding")
        raise damaged("开头不是工作簿")
    return "csv"
