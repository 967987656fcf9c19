"""The audit month of a file in a watched folder: by its name, its sub-folder, or the command.

Somebody's guess about a month would end in verdicts of the wrong one, so that a month is read only
where nothing else can be meant: a day (2025-09-15, 20250915) is no month, and two different months
are none.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import PurePath

# 2025-09, 2025_09, 2025.09 and 202509 that no other digit and no day follows; 2025年9月.
_MONTH = re.compile(
    r"(?<![0-9])(?P<year>20[0-9]{2})[-_.]?(?P<month>0[1-9]|1[0-2])"
    r"(?![0-9]|[-_.][0-9]{1,2}(?![0-9]))"
    r"|(?<![0-9])(?P<年>20[0-9]{2})年(?P<月>0?[1-9]|1[0-2])月(?![0-9]{1,2}日)"
)
_HOW = "请在文件名中写明审核月份，如“审核 2025-09.xlsx”，或放入以月份命名的子文件夹（如 2025-09）"


class NoMonth(Exception):
    """It can't be told which month a file is of; the text is one sentence for its sender."""


def months_in(text: str) -> set[date]:
    """Every month that a name states, as its first day."""
    found = set()
    for match in _MONTH.finditer(text):
        year, month = match["year"] or match["年"], match["month"] or match["月"]
        found.add(date(int(year), int(month), 1))
    return found


def month_of_folder(name: str) -> date | None:
    """The month that a sub-folder is named after (2025-09, 202509, 2025年9月), or None."""
    match = _MONTH.fullmatch(name.strip())
    return next(iter(months_in(match[0]))) if match else None


def month_of_file(name: str, folder: str, asked: date | None) -> date:
    """The month of a file of this name in this sub-folder ("" for none); `asked` is the command's.

    Raises NoMonth where none of the three says it, or two of them differ.
    """
    stated = months_in(PurePath(name).stem)
    if len(stated) > 1:
        months = "、".join(f"{month:%Y-%m}" for month in sorted(stated))
        raise NoMonth(
            f"没有收取：文件名中有几个月份（{months}），不能确定审核月份；{_HOW}，再重新放入。"
        )
    of_folder = month_of_folder(folder) if folder else None
    found = {month for month in (*stated, of_folder, asked) if month}
    if not found:
        raise NoMonth(f"没有收取：文件名中没有审核月份；{_HOW}，再重新放入。")
    if len(found) > 1:
        where = [
            *(f"文件名是 {month:%Y-%m}" for month in stated),
            *([f"子文件夹是 {of_folder:%Y-%m}"] if of_folder else []),
            *([f"本次收件指定的是 {asked:%Y-%m}"] if asked else []),
        ]
        raise NoMonth(f"没有收取：审核月份不一致（{'，'.join(where)}）；请改正后重新放入。")
    return found.pop()
