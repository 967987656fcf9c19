"""A list page over rows in memory, so that the shared pages are tested without any room."""

import datetime
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from authorization.gate import open_to_everyone
from pages import ticks
from pages.forms import CodePrefixField, DateSpanField, KeywordField, QueryForm
from pages.paging import ListSource
from pages.tables import (
    ActionsColumn,
    CodeColumn,
    DayColumn,
    LongTextColumn,
    MarkColumn,
    NumberColumn,
    PlainColumn,
    PortalTable,
    SheetOnlyColumn,
    TickColumn,
)
from pages.views import ListPage
from portal import urls as portal_urls

LONG = (
    "4|3|用途:船用柴油发动机润滑|从石油提取矿物油占总重量的百分比:矿物基础油85%,添加剂15%|"
    "包装规格:208升/桶|品牌:ExampleLube|型号:XL-40|签约日期:20250715|计价日期:无||||||<无><无><><><>"
)


@dataclass(frozen=True)
class Line:
    pk: int
    mark: str
    is_conflict: bool
    note: str
    hs_code: str
    name: str
    g_model: str
    declared_on: datetime.date
    entry_id: str
    g_no: int
    quantity: int


def lines(number: int = 130) -> list[Line]:
    marks = ["conforming", "nonconforming", "system_matched", "self_selected", "unmarked"]
    return [
        Line(
            pk=i,
            mark=marks[i % 5],
            is_conflict=i % 10 == 1,
            note="审核时文本" if i % 10 == 2 else "",
            hs_code="0306329000" if i % 2 else "8542399000",
            name="=1+1" if i == 3 else f"冻面包蟹{i}" if i % 2 else f"集成电路{i}",
            g_model=LONG if i % 3 else "0|0|布作面",
            declared_on=datetime.date(2025, 9, 30) - datetime.timedelta(days=i),
            entry_id=f"090820251{i:09d}",
            g_no=i % 20 + 1,
            quantity=i * 1000,
        )
        for i in range(number)
    ]


class LineTable(PortalTable):
    tick = TickColumn(accessor="pk")
    mark = MarkColumn(verbose_name="标记类型", conflict="is_conflict", note="note")
    hs_code = CodeColumn(verbose_name="商品编码")
    name = PlainColumn(verbose_name="商品名称", cell_class="cell-name")
    g_model = LongTextColumn(verbose_name="规格型号")
    declared_on = DayColumn(verbose_name="申报日期")
    entry_id = CodeColumn(verbose_name="报关单号", second="g_no", second_label="项号")
    g_no = SheetOnlyColumn(verbose_name="项号")
    quantity = NumberColumn(verbose_name="数量")
    actions = ActionsColumn("tests_pages/row_actions.html")


class LineQuery(QueryForm):
    mark = forms.ChoiceField(
        label="标记类型",
        required=False,
        choices=[("", ""), ("conforming", "规范"), ("unmarked", "未标记")],
    )
    sides = forms.MultipleChoiceField(
        label="企业类别",
        required=False,
        choices=[("agent", "申报单位"), ("trader", "收发货人")],
        widget=forms.CheckboxSelectMultiple,
    )
    hs_code = CodePrefixField(label="商品编码")
    declared_on = DateSpanField(label="申报日期")
    keyword = KeywordField(label="关键字")


@open_to_everyone
class LineList(ListPage):
    title = "样例列表"
    template_name = "tests_pages/list.html"
    table_class = LineTable
    form_class = LineQuery
    sorts = {"declared_on": ("declared_on", "pk"), "hs_code": ("hs_code", "pk")}
    default_sort = "-declared_on"
    export_name = "样例"
    asked = 0

    def get_source(self, query):
        type(self).asked += 1
        wanted = query.cleaned_data
        span = wanted["declared_on"] or (None, None)
        found = [
            line
            for line in lines()
            if line.hs_code.startswith(wanted["hs_code"])
            and wanted["keyword"] in line.name
            and wanted["mark"] in ("", line.mark)
            and (not span[0] or line.declared_on >= span[0])
            and (not span[1] or line.declared_on <= span[1])
        ]
        field = self.sort.removeprefix("-")
        found.sort(
            key=lambda line: (getattr(line, field), line.pk), reverse=self.sort.startswith("-")
        )
        return ListSource(found)


@open_to_everyone
class EmptyList(ListPage):
    title = "空列表"
    table_class = LineTable
    nothing_yet_title = "贵企业还没有数据"

    def get_source(self, query):
        return ListSource([])


@open_to_everyone
def act(request: HttpRequest) -> HttpResponse:
    try:
        keys = ticks.ticked_keys(request)
    except ticks.TickError as problem:
        messages.error(request, str(problem))
    else:
        ticks.done(request, f"已处理 {len(keys)} 行：{'、'.join(keys)}。")
    return HttpResponseRedirect(ticks.way_back(request, "/lines/"))


urlpatterns = [
    *portal_urls.urlpatterns,  # the frame links to the portal's own pages
    path("lines/", LineList.as_view(), name="lines"),
    path("empty/", EmptyList.as_view(), name="empty"),
    path("act/", act, name="act"),
]
