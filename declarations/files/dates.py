"""Which cells of a workbook are dates, and which date a number stands for.

A spreadsheet stores a date as a number and says only by the number format that it is one
(ECMA-376 part 1, 18.8.30 and 18.17.4).
"""

from __future__ import annotations

import datetime
import re

DATE = "date"
DURATION = "duration"

# Formats that every program knows without their being written down; 27 to 36 and 50 to 58 are the
# dates of the Chinese and other East Asian versions.
_BUILT_IN = {
    **dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), DATE),
    46: DURATION,
}
_NOT_A_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|"[^"]*$')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_BRACKETED = re.compile(r"\[[^\]]*\]")
_DATE_LETTERS = re.compile(r"[ymdhs]", re.IGNORECASE)
_GENERAL = re.compile(r"general|g/通用格式", re.IGNORECASE)

EPOCH_1900 = datetime.datetime(1899, 12, 30)
EPOCH_1904 = datetime.datetime(1904, 1, 1)
_FEBRUARY_29 = 60  # the day in 1900 that never was: days before it are one further
_DAYS_IN_ALL = 2_958_466  # to the end of the year 9999
_MILLISECONDS = 86_400_000

Moment = datetime.datetime | datetime.date | datetime.time | datetime.timedelta


def kind_of_format(number: int, code: str | None) -> str | None:
    """DATE, DURATION or None for a number format: its number, and its code where one is written."""
    if code is None:
        return _BUILT_IN.get(number)
    section = _NOT_A_CODE.sub("", code).split(";", 1)[0]
    if _ELAPSED.search(section):
        return DURATION
    section = _GENERAL.sub("", _BRACKETED.sub("", section))
    return DATE if _DATE_LETTERS.search(section) else None


def moment(number: float, kind: str, is_1904: bool) -> Moment | float:
    """What a number in a cell of this kind stands for; the number where it stands for none.

    A whole number is a date, one below 1 a time of day, others both, to the millisecond.
    """
    if not 0 <= number < _DAYS_IN_ALL - (1462 if is_1904 else 0):
        return number
    if kind == DURATION:
        return datetime.timedelta(milliseconds=round(number * _MILLISECONDS))
    days, part = divmod(round(number * _MILLISECONDS), _MILLISECONDS)
    since = datetime.timedelta(days=days, milliseconds=part)
    if days == 0:
        return (EPOCH_1900 + since).time()
    found = (EPOCH_1904 if is_1904 else EPOCH_1900) + since
    if days < _FEBRUARY_29 and not is_1904:
        found += datetime.timedelta(days=1)
    return found if part else found.date()


def moment_of_text(text: str) -> Moment | str:
    """A date cell of Strict Open XML (ISO 8601); the text where it is none."""
    try:
        if "T" not in text:
            return datetime.date.fromisoformat(text)
        if text.startswith("T"):
            return datetime.time.fromisoformat(text[1:])
        found = datetime.datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=None)
    except ValueError:
        return text
    return found if found.time() != datetime.time() else found.date()
