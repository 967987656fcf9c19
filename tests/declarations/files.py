"""Files of declared and audited rows for tests: valid rows, and how to write them down.

A row is a dict from field names (declarations.headers) to cells. Parties are invented.
"""

import csv
import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from declarations.headers import LABELS
from tests.factories import customs_code, valid_uscc

AGENT_USCC = valid_uscc(serial=1001)
AGENT_CODE = customs_code(broker=True, serial=1001)
TRADER_USCC = valid_uscc(serial=2001)
TRADER_CODE = customs_code(serial=2001)
OTHER_USCC = valid_uscc(serial=3001)

Row = dict[str, Any]


def entry_id(serial: int, ie_flag: str = "I", year: int = 2025, customs: str = "0901") -> str:
    """A 报关单号 of the right form."""
    return f"{customs}{year}{1 if ie_flag == 'I' else 0}{serial:09d}"


def declared_row(serial: int = 1, g_no: int = 1, **cells: Any) -> Row:
    """A declared line that breaks no rule, but for what `cells` say otherwise."""
    ie_flag = cells.get("ie_flag", "I")
    row: Row = {
        "entry_id": entry_id(serial, ie_flag if ie_flag in ("I", "E") else "I"),
        "g_no": str(g_no),
        "ie_flag": "I",
        "trade_mode": "0110",
        "custom_master": "0901",
        "declared_on": "20250314",
        "agent_uscc": AGENT_USCC,
        "agent_code": AGENT_CODE,
        "agent_name": "大连虚构报关有限公司",
        "trader_uscc": TRADER_USCC,
        "trader_code": TRADER_CODE,
        "trader_name": "大连虚构贸易有限公司",
        "hs_code": "8482103000",
        "g_name": "轮毂轴承",
        "g_model": "0|3|角接触球轴承|无品牌|LB5C2C300BB",
        "origin_country": "DEU",
        "destination_country": "CHN",
        "g_qty": "10",
        "g_unit": "011",
        "decl_price": "2.5",
        "decl_total": "25",
        "trade_curr": "USD",
    }
    return row | cells


def audited_row(serial: int = 1, g_no: int = 1, **cells: Any) -> Row:
    """An audited row that breaks no rule: 规范, unless `cells` say otherwise."""
    audit = {"verdict": "规范", "reason_code": "", "reason_text": "", "auditor": "李审核"}
    return declared_row(serial, g_no) | audit | cells


def nonconforming_row(serial: int = 1, g_no: int = 1, **cells: Any) -> Row:
    """An audited row that is 不规范 for a reason."""
    audit = {"verdict": "不规范", "reason_code": "R01", "reason_text": "缺少型号"}
    return audited_row(serial, g_no) | audit | cells


def fields_of(rows: Iterable[Row]) -> list[str]:
    """Every field that the rows name, in the order of their first use."""
    return list(dict.fromkeys(name for row in rows for name in row))


def write_csv(
    path: Path,
    rows: Sequence[Row],
    *,
    headings: Mapping[str, str] = LABELS,
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
    title: str = "",
) -> Path:
    """Write rows under their headings (field name → heading), with a title line if given."""
    names = fields_of(rows)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        if title:
            writer.writerow([title])
        writer.writerow([headings[name] for name in names])
        writer.writerows([row.get(name, "") for name in names] for row in rows)
    return path


def write_xlsx(
    path: Path,
    sheets: Mapping[str, Sequence[Row]] | Sequence[Row],
    *,
    headings: Mapping[str, str] = LABELS,
) -> Path:
    """Write one sheet, or several by name; text stays text, numbers and dates are cells of theirs.

    Text that begins with "=" is written as a formula.
    """
    named = sheets if isinstance(sheets, Mapping) else {"数据": sheets}
    workbook = xlsxwriter.Workbook(str(path))
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    for sheet_name, rows in named.items():
        sheet = workbook.add_worksheet(sheet_name)
        names = fields_of(rows)
        for column, name in enumerate(names):
            sheet.write_string(0, column, headings[name])
        for number, row in enumerate(rows, start=1):
            for column, name in enumerate(names):
                cell = row.get(name, "")
                if isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(number, column, cell, None, "25")
                elif isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif isinstance(cell, datetime.date):
                    sheet.write_datetime(number, column, cell, day)
                else:
                    sheet.write_number(number, column, cell)
    workbook.close()
    return path
