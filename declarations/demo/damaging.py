"""Audited rows as they come from a spreadsheet that people worked in: fifteen kinds of faults.

For the demo and for trials. Every fault is one that real files have (Excel's own damage, slips of the
hand, columns left empty); each kind names the rule that must find it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import xlsxwriter

Value = str | int | float
Cells = dict[str, Value]

# A sheet of this name holds the rows; the first row is the headings.
SHEET = "审核数据"
_EXCEL_EPOCH_ORDINAL = 693_594  # 1899-12-30, from which Excel counts days


class Formula(str):
    """A cell that is a formula."""


class Kind(NamedTuple):
    """A kind of fault: its name, the rule that finds it, and what it does to a row's cells."""

    name: str
    rule: str
    damage: Callable[[Cells], None]


def _set(heading: str, value: Value) -> Callable[[Cells], None]:
    def damage(cells: Cells) -> None:
        cells[heading] = value

    return damage


def _entry_id_as_number(cells: Cells) -> None:
    cells["报关单号"] = float(cells["报关单号"])


def _entry_id_of_the_other_flag(cells: Cells) -> None:
    number = str(cells["报关单号"])
    cells["报关单号"] = f"{number[:8]}{'0' if number[8] == '1' else '1'}{number[9:]}"


def _trade_mode_as_number(cells: Cells) -> None:
    cells["监管方式"] = int(cells["监管方式"])


def _unit_as_number(cells: Cells) -> None:
    cells["成交单位"] = 35


def _day_as_number(cells: Cells) -> None:
    day = date.fromisoformat(str(cells["申报日期"]))
    cells["申报日期"] = day.toordinal() - _EXCEL_EPOCH_ORDINAL


def _wrong_check_digit(cells: Cells) -> None:
    number = str(cells["境内收发货人统一社会信用代码"])
    cells["境内收发货人统一社会信用代码"] = number[:-1] + ("1" if number[-1] != "1" else "2")


def _full_width_code(cells: Cells) -> None:
    code = str(cells["商品编号"])
    cells["商品编号"] = "".join(chr(ord(digit) + 0xFEE0) for digit in code)


def _no_reason(cells: Cells) -> None:
    cells |= {"审核结论": "不规范", "原因代码": "", "原因说明": ""}


def _odd_reason_code(cells: Cells) -> None:
    cells |= {"审核结论": "不规范", "原因代码": "要素缺失", "原因说明": "缺少要素"}


KINDS: tuple[Kind, ...] = (
    Kind("报关单号变成数字", "code.scientific", _entry_id_as_number),
    Kind("报关单号与进出口标志不符", "entry_id.ie_flag", _entry_id_of_the_other_flag),
    Kind("监管方式丢了前导零", "code.zero_padded", _trade_mode_as_number),
    Kind("监管方式不在代码表中", "trade_mode.unknown", _set("监管方式", "9999")),
    Kind("计量单位变成数字", "code.zero_padded", _unit_as_number),
    Kind("申报日期变成序列号", "", _day_as_number),
    Kind("申报日期写不成日期", "declared_on.form", _set("申报日期", "八月三日")),
    Kind("海关注册编码变成科学计数", "code.scientific", _set("申报单位海关注册编码", 3.301963e86)),
    Kind("信用代码校验位不对", "uscc.check_digit", _wrong_check_digit),
    Kind("商品编号是全角", "code.full_width", _full_width_code),
    Kind("没有审核结论", "field.blank", _set("审核结论", "")),
    Kind("不规范而没有原因", "verdict.no_reason", _no_reason),
    Kind("原因代码不成代码", "reason_code.form", _odd_reason_code),
    Kind("总价是公式", "cell.formula", _set("总价", Formula("=1+1"))),
    Kind("币制不在代码表中", "currency.unknown", _set("币制", "美金")),
)
# The fifteenth kind needs another row: the line that the row before names.
REPEATED = "商品项重复"


def damage(
    rows: Sequence[dict[str, str]], share: float, seed: int
) -> tuple[list[Cells], Counter[str]]:
    """Damage a share of the rows (0 to 1), each by one kind, all kinds in turn.

    Returns the rows as cells in their order, and how many rows each kind struck. The same seed
    damages the same rows alike.
    """
    rng = Random(seed)  # noqa: S311 - invented data, no secret
    damaged: list[Cells] = [dict(row) for row in rows]
    struck = rng.sample(range(1, len(rows)), min(len(rows) - 1, round(len(rows) * share)))
    counts: Counter[str] = Counter()
    for turn, place in enumerate(sorted(struck)):
        kind = turn % (len(KINDS) + 1)
        if kind == len(KINDS):
            damaged[place] = {**damaged[place], **_line_of(rows[place - 1])}
            counts[REPEATED] += 1
        else:
            KINDS[kind].damage(damaged[place])
            counts[KINDS[kind].name] += 1
    return damaged, counts


def _line_of(row: dict[str, str]) -> Cells:
    """What names the line of a row, so that another row repeats it."""
    return {
        name: row[name] for name in ("报关单号", "项号", "进出口标志", "申报日期", "申报地海关")
    }


def write_audit_workbook(path: Path, rows: Iterable[Cells]) -> int:
    """Write rows to an .xlsx file, numbers as numbers and formulas as such; returns how many.

    Memory stays the same for any number of rows. Raises ValueError where there are none.
    """
    book = xlsxwriter.Workbook(
        path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(SHEET)
    number = -1
    try:
        for number, cells in enumerate(rows):
            if not number:
                for column, heading in enumerate(cells):
                    sheet.write_string(0, column, heading)
                sheet.freeze_panes(1, 0)
            _write_row(sheet, number + 1, cells.values(), text)
    finally:
        book.close()
    if number < 0:
        raise ValueError("no rows to write")
    return number + 1


def _write_row(sheet: Any, row: int, values: Iterable[Value], text: Any) -> None:
    for column, value in enumerate(values):
        if isinstance(value, Formula):
            sheet.write_formula(row, column, value)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, text)
        else:
            sheet.write_number(row, column, value)
