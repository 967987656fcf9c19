"""The workbooks that audited rows are written into: text cells, lists to choose from, checks.

One for each kind of audit. The first sheet holds headings alone, so that nothing in it is ever
uploaded by mistake; what an example is stands on the sheet 填写说明, which no reader takes for data
because none of its rows is a heading row.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from xlsxwriter.utility import xl_col_to_name

from customs_audit.models import AuditKind
from customs_audit.template_fields import (
    CODES_SHEET,
    DATA_SHEET,
    GUIDE_SHEET,
    GUIDES,
    LISTS_SHEET,
    Form,
    fields_of,
    need_of,
)
from declarations import code_tables
from declarations.headers import Field, Part
from pages.excel import CONTENT_TYPE

# The rows that a workbook may bring (customs_audit's limits) and the heading.
LAST_ROW = 200_001
# Excel shows no more of a prompt, and refuses a file whose prompt is longer.
PROMPT_LENGTH = 255

ABOUT = {
    AuditKind.MONTHLY: "月度审核：某个月申报的商品项逐项审核，一项一行。",
    AuditKind.SPECIAL: "专项审核：按商品、企业或要素抽出的商品项，一项一行。",
    AuditKind.REVIEW: "复核：对已有结论的商品项再次审核，一项一行；数量和金额不必填写。",
}
STEPS = (
    "在“审核数据”工作表中从第 2 行起填写，一个商品项一行；不要改动表头，不用的选填列可以留空或删除。",
    "深蓝色表头为必填列，灰蓝色为选填列，绿色为审核结论列。",
    "编号和代码按文本保存，前导零不会丢失；从别处粘贴时请用“选择性粘贴—数值”，以免带入数字格式。",
    "不要使用公式和合并单元格；一个文件最多 200,000 行，更多请另存为 .csv 或分成几个文件。",
    "填好后在“审核数据上传”页面选择审核月份和审核类别，把文件拖到页面上即可。",
)


def template_response(kind: AuditKind) -> HttpResponse:
    """Return the template of a kind as a download."""
    return HttpResponse(
        template_workbook(kind),
        content_type=CONTENT_TYPE,
        headers={
            "Content-Disposition": content_disposition_header(True, f"{kind.label}数据模板.xlsx")
        },
    )


@cache
def template_workbook(kind: AuditKind) -> bytes:
    """Return the template of a kind as the bytes of an .xlsx file."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": f"{kind.label}数据模板", "subject": kind.value})
    looks = _Looks(book)
    data = book.add_worksheet(DATA_SHEET)
    _write_guide(book.add_worksheet(GUIDE_SHEET), kind, looks)
    _write_codes(book.add_worksheet(CODES_SHEET), looks)
    lists = _write_lists(book.add_worksheet(LISTS_SHEET))
    _write_data(data, fields_of(kind), lists, looks)
    book.close()
    return target.getvalue()


class _Looks:
    """The cell formats of a template."""

    def __init__(self, book: Any) -> None:
        plain = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        head = plain | {"bold": True, "align": "center", "text_wrap": True, "border": 1}
        head |= {"border_color": "#B9C4D0", "num_format": "@"}
        self.required = book.add_format(head | {"bg_color": "#1B3A63", "font_color": "#FFFFFF"})
        self.optional = book.add_format(head | {"bg_color": "#DCE6F1", "font_color": "#1B3A63"})
        self.audit = book.add_format(head | {"bg_color": "#1E6B45", "font_color": "#FFFFFF"})
        self.cells: dict[Form, Any] = {
            "text": book.add_format(plain | {"num_format": "@"}),
            "date": book.add_format(plain | {"num_format": "yyyy-mm-dd", "align": "left"}),
            "number": book.add_format(plain),
        }
        self.title = book.add_format(
            plain | {"bold": True, "font_size": 14, "font_color": "#1B3A63"}
        )
        self.text = book.add_format(plain | {"text_wrap": True, "num_format": "@"})
        boxed = plain | {"text_wrap": True, "border": 1, "border_color": "#D5DCE4"}
        self.boxed = book.add_format(boxed | {"num_format": "@"})
        self.example = book.add_format(
            boxed | {"num_format": "@", "font_color": "#6B7A89", "italic": True}
        )

    def head_of(self, known: Field) -> Any:
        """Return the look of a field's heading."""
        if known.part is Part.AUDIT:
            return self.audit
        return self.required if need_of(known) != "选填" else self.optional


def _write_data(sheet: Any, fields: Sequence[Field], lists: dict[str, str], looks: _Looks) -> None:
    """Write the headings, and give each column its format, its list or check, and its prompt."""
    sheet.set_row(0, 34)
    for column, known in enumerate(fields):
        guide = GUIDES[known.name]
        sheet.set_column(column, column, guide.width, looks.cells[guide.form])
        sheet.write_string(0, column, known.label, looks.head_of(known))
        sheet.data_validation(1, column, LAST_ROW - 1, column, _validation(known, column, lists))
    sheet.freeze_panes(1, 1)
    last = xl_col_to_name(len(fields) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A2:{last}{LAST_ROW}"})
    sheet.set_tab_color("#1B3A63")
    sheet.activate()


def _validation(known: Field, column: int, lists: dict[str, str]) -> dict[str, Any]:
    """Return Excel's validation of a column: its list or check, what it says before and after."""
    guide = GUIDES[known.name]
    if guide.lists:
        check: dict[str, Any] = {"validate": "list", "source": lists[guide.lists]}
    else:
        check = dict(guide.check)
    if check.get("validate") == "custom":
        check["value"] = check["value"].format(c=f"{xl_col_to_name(column)}2")
    need = need_of(known)
    return check | {
        "input_title": f"{known.label}（{need}）"[:32],
        "input_message": guide.how[:PROMPT_LENGTH],
        "error_title": "请核对",
        "error_message": f"“{known.label}”{guide.how}"[:PROMPT_LENGTH],
        "error_type": "warning" if guide.may_differ else "stop",
    }


def _write_guide(sheet: Any, kind: AuditKind, looks: _Looks) -> None:
    """Write how the workbook is filled in, and one example from top to bottom."""
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 70)
    sheet.set_column(3, 3, 40)
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, f"{kind.label}数据模板", looks.title)
    sheet.merge_range(1, 0, 1, 3, ABOUT[kind], looks.text)
    row = 2
    for number, step in enumerate(STEPS, start=1):
        sheet.merge_range(row, 0, row, 3, f"{number}. {step}", looks.text)
        row += 1
    row += 1
    for column, title in enumerate(("列", "是否必填", "填写要求", "示例（不会被读取）")):
        sheet.write_string(row, column, title, looks.required)
    for known in fields_of(kind):
        row += 1
        guide = GUIDES[known.name]
        texts = (known.label, need_of(known), guide.how)
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text, looks.boxed)
        sheet.write_string(row, 3, guide.example, looks.example)


def _write_codes(sheet: Any, looks: _Looks) -> None:
    """Write which code means what, for codes that are chosen without their names."""
    tables = (
        ("监管方式对照", code_tables.trade_modes()),
        ("不规范原因对照", code_tables.reasons()),
    )
    for place, (title, table) in enumerate(tables):
        column = place * 3
        sheet.set_column(column, column, 10)
        sheet.set_column(column + 1, column + 1, 34)
        sheet.write_string(0, column, title, looks.title)
        for row, (code, name) in enumerate(table.items(), start=1):
            sheet.write_string(row, column, code, looks.boxed)
            sheet.write_string(row, column + 1, name, looks.boxed)
    sheet.set_row(0, 24)
    sheet.freeze_panes(1, 0)


def _write_lists(sheet: Any) -> dict[str, str]:
    """Write each list to choose from into a column of a hidden sheet; returns where each stands."""
    found = {}
    for column, (name, values) in enumerate(template_lists().items()):
        sheet.write_column(0, column, values)
        letter = xl_col_to_name(column)
        found[name] = f"='{LISTS_SHEET}'!${letter}$1:${letter}${len(values)}"
    sheet.hide()
    return found


def template_lists() -> dict[str, list[str]]:
    """Return what there is to choose from; each value is one that the checker takes."""
    return {
        "ie_flag": ["进口", "出口"],
        "verdict": ["规范", "不规范"],
        "trade_mode": list(code_tables.trade_modes()),
        "unit": list(code_tables.units().values()),
        "currency": list(code_tables.currencies().values()),
        "country": list(code_tables.countries().values()),
        "reason_code": list(code_tables.reasons()),
    }
