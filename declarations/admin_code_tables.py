"""代码表 in the administrators' site: the customs code tables that come with the portal, to read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from declarations import code_tables


@dataclass(frozen=True)
class CodeTable:
    """One table: its word in the address, its name, what it holds, and its rows."""

    word: str
    name: str
    note: str
    rows: Callable[[], Mapping[str, str]]

    def matching(self, typed: str) -> list[tuple[str, str]]:
        """Return the rows whose code begins with, or whose name holds, what was typed."""
        wanted = typed.upper()
        return [
            (code, name)
            for code, name in self.rows().items()
            if code.startswith(wanted) or typed in name
        ]

    @property
    def size(self) -> int:
        """How many codes it has."""
        return len(self.rows())


TABLES = (
    CodeTable("trade-modes", "监管方式", "四位代码。", code_tables.trade_modes),
    CodeTable("units", "计量单位", "三位代码。", code_tables.units),
    CodeTable(
        "districts",
        "关区",
        "四位代码；只收辽宁的关区，其他关区只提示、不报错。",
        code_tables.customs_districts,
    ),
    CodeTable(
        "countries",
        "国别（地区）",
        "三位字母；没有字母代码的用 2018 年以前的三位数字。",
        code_tables.countries,
    ),
    CodeTable("currencies", "币制", "三位字母。", code_tables.currencies),
    CodeTable("reasons", "不规范原因", "本系统的代码。", code_tables.reasons),
)


@require_safe
def code_tables_view(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """Show one table (`table`), searched by `q`. `frame`: what every page of the site needs."""
    wanted = request.GET.get("table", TABLES[0].word)
    table = next((table for table in TABLES if table.word == wanted), None)
    if table is None:
        raise Http404("没有这个代码表。")
    typed = request.GET.get("q", "").strip()
    context = {
        **frame,
        "title": f"代码表：{table.name}",
        "tables": TABLES,
        "table": table,
        "typed": typed,
        "rows": table.matching(typed),
    }
    return TemplateResponse(request, "admin/code_tables.html", context)
