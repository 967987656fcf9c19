"""The workbook of checked lines: what goes back into the declaration, and what was found."""

from collections.abc import Iterable, Iterator
from typing import Any

from declarations.models import IEFlag
from enterprise_lib.checking.table import Row
from pages.excel import Column

COLUMNS = (
    Column("行号"),
    Column("商品编码"),
    Column("进出口标志"),
    Column("商品名称"),
    Column("规格型号"),
    Column("自检结果"),
    Column("提示"),
    Column("如照此申报将标为"),
    Column("原规格型号"),
)


def sheet_rows(rows: Iterable[Row]) -> Iterator[list[Any]]:
    """Yield a row of the workbook for each checked row; 规格型号 is in the official order."""
    for row in rows:
        line = row.line
        flag = IEFlag(line.ie_flag).label if line.ie_flag in IEFlag.values else ""
        yield [
            row.number or None,
            line.hs_code,
            flag,
            line.name,
            row.corrected,
            row.state.label,
            row.said,
            row.outlook.mark.label if row.outlook else "",
            row.original,
        ]
