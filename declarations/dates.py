"""Reading a declaration's date in every form that files carry it."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

# Excel's day 0 in the 1900 system, set so that its wrong 29 February 1900 does no harm after it.
EXCEL_EPOCH = datetime.date(1899, 12, 30)
EXCEL_SERIALS = range(36526, 109_575)  # 2000-01-01 up to the year 2200

_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{6})?", re.ASCII)
_PARTED = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?",
    re.ASCII,
)
_SERIAL = re.compile(r"(\d{5,6})(?:\.\d+)?", re.ASCII)


def parse_date(cell: object) -> datetime.date | None:
    """The date in a cell, or None where there is none to be read; never raises.

    Takes 20250131 (also with hhmmss), 2025-01-31, 2025/1/31, 2025.1.31 and 2025年1月31日 (also with
    a time), date cells, and Excel's serial numbers, as numbers or as text.
    """
    if isinstance(cell, datetime.datetime):
        return cell.date()
    if isinstance(cell, datetime.date):
        return cell
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        return _from_number(cell)
    if isinstance(cell, str):
        return _from_text(cell.strip())
    return None


def is_serial(cell: object) -> bool:
    """Whether a cell that holds a date holds it as Excel's serial number, as number or as text."""
    if isinstance(cell, str):
        match = _SERIAL.fullmatch(cell.strip())
        return match is not None and int(match[1]) in EXCEL_SERIALS
    return isinstance(cell, (int, float)) and int(cell) in EXCEL_SERIALS


def _from_number(number: float) -> datetime.date | None:
    if not 0 <= number < 1e9:  # also refuses nan
        return None
    if int(number) in EXCEL_SERIALS:
        return EXCEL_EPOCH + datetime.timedelta(days=int(number))
    return _from_text(str(int(number))) if number == int(number) else None


@lru_cache(maxsize=20_000)
def _from_text(text: str) -> datetime.date | None:
    if (match := _COMPACT.fullmatch(text)) or (match := _PARTED.fullmatch(text)):
        year, month, day = match.groups()
    elif (match := _SERIAL.fullmatch(text)) and int(match[1]) in EXCEL_SERIALS:
        return EXCEL_EPOCH + datetime.timedelta(days=int(match[1]))
    else:
        return None
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        return None
