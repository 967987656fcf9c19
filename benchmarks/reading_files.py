"""What it costs to read an upload, from opening the file to its last row in the reader's hands.

    python -m benchmarks.reading_files [--rows 100000] [--columns 20] [--full]

Without --full one .xlsx of the size named; with it the largest of each kind that is allowed:
200,000 rows of 30 columns as .xlsx, 200,000 rows on four sheets as .xls, 1,000,000 rows and just
under 200 MiB as .csv. Rows repeat goods as declarations do. Printed for each: seconds of wall clock
and of the two processes, the child's memory at most, and for workbooks what calamine takes alone,
which reads neither formulas nor errors and crosses no pipe.
"""

import argparse
import csv
import os
import resource
import struct
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psutil
import xlsxwriter
import xlwt
from python_calamine import CalamineWorkbook
from xlwt.CompoundDoc import XlsDoc

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from benchmarks.memory import held_mib
from declarations.files.reading import read_upload

GOODS_REPEATED = 6
_FIRST_DAY = date(2025, 1, 1)


def rows(count: int, columns: int) -> Iterator[list[Any]]:
    """Rows of declarations: heads that go together, goods that come again, filled to the width."""
    numbers = Random(1)
    goods = [
        (f"{numbers.randrange(10**10):010d}", f"轮毂轴承{at}", f"0|3|角接触球轴承|用于汽车悬架|无品牌|LB5C{at:06d}|||")
        for at in range(count // GOODS_REPEATED + 1)
    ]  # fmt: skip
    for at in range(1, count + 1):
        row = [
            f"090120251{at:09d}", str(at % 50 + 1), "I", "0110", "0901",
            _FIRST_DAY + timedelta(days=at % 300), "91210200MA00000153", "2102980001",
            "大连虚构报关有限公司", "91210200MA0000023X", "2102960002", "大连虚构贸易有限公司",
            *numbers.choice(goods), "DEU", 10.5, "011", 2.5, at / 4, "USD",
        ]  # fmt: skip
        row += [f"其他内容{at % 1000}" for _ in range(columns - len(row))]
        yield row[:columns]


def write_xlsx(path: Path, count: int, columns: int) -> None:
    """An .xlsx by XlsxWriter, with shared strings as Excel writes them."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("数据")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, [f"列{at}" for at in range(columns)])
    for number, row in enumerate(rows(count, columns), start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(number, column, cell, day)
            elif isinstance(cell, str):
                sheet.write_string(number, column, cell)
            else:
                sheet.write_number(number, column, cell)
    book.close()


def write_csv(path: Path, count: int, size: int) -> None:
    """A .csv of so many rows that ends just below a size in bytes."""
    width = size // count
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"列{at}" for at in range(20)])
        for row in rows(count, 19):
            length = sum(len(str(cell).encode()) for cell in row) + 21
            writer.writerow([*row, "x" * max(0, width - length - 1)])


def write_xls(path: Path, count: int, columns: int, sheets: int = 4) -> None:
    """An .xls of text cells: xlwt writes its frame, the cells are put in as records."""
    book = xlwt.Workbook(encoding="utf-8")
    texts = [f"轮毂轴承{at}" for at in range(50_000)]
    for at in range(sheets):
        sheet = book.add_sheet(f"表{at}")
        for number, text in enumerate(texts if at == 0 else texts[:1]):
            sheet.write(number, 0, text)
    stream = book.get_biff_data()
    starts, at = [], 0
    while struct.unpack_from("<H", stream, at)[0] != 0x0A:
        if struct.unpack_from("<H", stream, at)[0] == 0x85:
            starts.append((at + 4, struct.unpack_from("<I", stream, at + 4)[0]))
        at += 4 + struct.unpack_from("<H", stream, at + 2)[0]
    made = bytearray(stream[: starts[0][1]])
    for place, start in starts:
        struct.pack_into("<I", made, place, len(made))
        begin = stream[start : start + 4 + struct.unpack_from("<H", stream, start + 2)[0]]
        cells = b"".join(
            struct.pack("<HHHHHI", 0xFD, 10, row, column, 15, (row * 7 + column) % len(texts))
            for row in range(count // sheets)
            for column in range(columns)
        )
        made += begin + cells + struct.pack("<HH", 0x0A, 0)
    with path.open("wb") as file:
        XlsDoc().save(file, bytes(made))


def measure(path: Path) -> None:
    """Read a file whole, and print what that cost."""
    started, parent, child = time.monotonic(), time.process_time(), children()
    with read_upload(path, path.name) as file:
        opened = time.monotonic() - started
        process = psutil.Process().children()[0].pid
        count = sum(sum(1 for _ in file.rows(at)) for at in range(len(file.sheets)))
        memory = held_mib(process, "VmHWM")
    wall = time.monotonic() - started
    parent, child = time.process_time() - parent, children() - child
    print(
        f"{path.name}: {path.stat().st_size / 2**20:.1f} MiB, {count:,} rows; first rows after "
        f"{opened:.2f} s, all after {wall:.2f} s (processor: reader {parent:.2f} s, child "
        f"{child:.2f} s); child at most {memory:.0f} MiB",
        flush=True,
    )
    if path.suffix != ".csv":
        bare, used = time.monotonic(), time.process_time()
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            for _ in book.get_sheet_by_name(name).iter_rows():
                pass
        bare, used = time.monotonic() - bare, time.process_time() - used
        print(f"  calamine alone {bare:.2f} s (processor {used:.2f} s), share {wall / bare:.2f}")


def children() -> float:
    """Processor seconds of the children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Write the files and read them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--full", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not asked.full:
            write_xlsx(folder / "a.xlsx", asked.rows, asked.columns)
            measure(folder / "a.xlsx")
            return
        write_xlsx(folder / "a.xlsx", 200_000, 30)
        write_xls(folder / "a.xls", 200_000, 12)
        write_csv(folder / "a.csv", 1_000_000, 195 * 2**20)
        for ending in ("xlsx", "xls", "csv"):
            measure(folder / f"a.{ending}")


if __name__ == "__main__":
    main()
