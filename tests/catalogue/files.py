"""Whole catalogue files for tests, made of the shipped edition: the self-checks refuse small ones."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import xlsxwriter

from catalogue.importing.tsv import COLUMNS
from catalogue.shipped import ShippedCode, shipped_edition

CATEGORIES = ("classification", "price", "other")


def codes(leave_out: str = "") -> Iterator[ShippedCode]:
    """The shipped codes, without those that begin with some digits."""
    for code in shipped_edition().codes.values():
        if not (leave_out and code.hs8.startswith(leave_out)):
            yield code


def write_whole_tsv(
    path: Path, lists: Mapping[str, str] | None = None, leave_out: str = ""
) -> Path:
    """Write every shipped code; `lists` gives some another list, as `1:名;2:名`."""
    rows = ["\t".join(COLUMNS)]
    for code in codes(leave_out):
        elements = ";".join(f"{e.number}:{e.name}" for e in code.elements)
        elements = (lists or {}).get(code.hs8, elements)
        cells = (code.hs8, code.heading, code.name, code.inherited_from, str(code.page), elements)
        rows.append("\t".join(cells))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def write_whole_xlsx(path: Path) -> Path:
    """Write every shipped code under the annex's headings, numbered as the annex numbers."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("目录")
        sheet.write_row(0, 0, ["税则号列", "商品名称", "归类要素", "价格要素", "其他要素", "页码"])
        for number, code in enumerate(codes(), 1):
            columns = [
                "；".join(f"{e.number}.{e.name}" for e in code.elements if e.category == category)
                for category in CATEGORIES
            ]
            sheet.write_row(number, 0, [code.hs8, code.name, *columns, code.page])
    return path
