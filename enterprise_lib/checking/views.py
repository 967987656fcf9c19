"""申报前自检: one line, a table, a row of a table.

What is checked is sent by POST and shown in the answer: a URL with the text in it would be kept in
the logs of every server on the way and in the browser's history. A table is kept in the cache for
its session (checking/keeping.py); nothing reaches the database but a draft that is asked for.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from authorization.events import By
from authorization.gate import as_user
from authorization.ledger import note_export
from enterprise_lib.checking.checker import check_line
from enterprise_lib.checking.forms import Do, LineForm, Sent, TableForm, line_form, read_sent
from enterprise_lib.checking.intake import (
    MOST_BYTES,
    MOST_ROWS,
    IntakeRefused,
    take_paste,
    take_workbook,
)
from enterprise_lib.checking.keeping import (
    KEPT_HOURS,
    TableGone,
    changing_table,
    forget_table,
    keep_table,
    new_token,
    open_table,
)
from enterprise_lib.checking.lines import Line
from enterprise_lib.checking.sheet import COLUMNS, sheet_rows
from enterprise_lib.checking.showing import result_of
from enterprise_lib.checking.table import CheckTable, Row, State, check_again, check_rows
from enterprise_lib.checking.tables import CheckTable as ShownTable
from enterprise_lib.drafts import DraftRefused, DraftText, save_draft, save_drafts
from enterprise_lib.models import Draft
from enterprise_lib.views import ENTERPRISE_SIDE, enterprise_of
from pages.excel import workbook_response
from pages.forms import QueryForm
from pages.paging import ListSource, RowSource
from pages.ticks import TickError, done, ticked_keys
from pages.views import ListPage

GONE = "这张表已不在系统中（退出登录，或超过保留时间）；请重新粘贴或上传。"
FREQUENT_RULES = 6


def line_context(request: HttpRequest, form: LineForm, sent: Sent | None = None) -> dict[str, Any]:
    """Return what the page of one line draws: its form, and the result where it can be checked."""
    context: dict[str, Any] = {"form": form, "fault": sent.fault if sent else ""}
    if form.is_bound and form.is_valid():
        context["result"] = result_of(enterprise_of(request), form.line, sent)
    return context


def line_sheet(request: HttpRequest, line: Line) -> HttpResponse:
    """Return the workbook of one line."""
    rows = check_rows(enterprise_of(request), [line])
    name = f"申报前自检_{line.hs_code}_{timezone.localtime():%Y%m%d-%H%M}"
    entry = note_export(
        By.of(request),
        what="申报前自检：一行",
        query=[("商品编码", line.hs_code)],
        enterprises=[enterprise_of(request).pk],
        rows=1,
    )
    return workbook_response(name, COLUMNS[1:], (row[1:] for row in sheet_rows(rows)), entry=entry)


def keep_as_draft(request: HttpRequest, line: Line) -> Draft:
    """Keep a line as a draft, with the edition that it was read by. Raises DraftRefused."""
    return save_draft(
        enterprise_of(request),
        as_user(request),
        hs_code=line.hs_code,
        ie_flag=line.ie_flag,
        name=line.name,
        g_model=line.g_model,
        edition=check_line(line).reading.edition,
    )


@ENTERPRISE_SIDE
class CheckPage(View):
    """申报前自检: the form of one line and that of a table; a line's result by POST."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show both forms; hs_code, ie_flag, name and g_model of the URL fill the first."""
        names = LineForm.base_fields
        given = {name: request.GET[name] for name in names if name in request.GET}
        return self.show(request, LineForm(initial=given))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check the line, or keep it as a draft, or hand it out as a workbook."""
        sent = read_sent(request.POST)
        form = LineForm(sent.data)
        if form.is_valid() and not sent.fault:
            if sent.do is Do.DOWNLOAD:
                return line_sheet(request, form.line)
            if sent.do is Do.DRAFT:
                try:
                    draft = keep_as_draft(request, form.line)
                except DraftRefused as refused:
                    messages.error(request, str(refused))
                else:
                    messages.success(request, "已存为草稿；只有本企业能看到，不参与标记和统计。")
                    return redirect("enterprise_lib:draft", draft.pk)
        return self.show(request, form, sent)

    @staticmethod
    def show(
        request: HttpRequest,
        form: LineForm,
        sent: Sent | None = None,
        table_form: TableForm | None = None,
    ) -> HttpResponse:
        """Draw the page."""
        context = {
            "title": "申报前自检",
            "table_form": table_form or TableForm(),
            "most_rows": MOST_ROWS,
            "most_megabytes": MOST_BYTES // 2**20,
            "kept_hours": KEPT_HOURS,
            **line_context(request, form, sent),
        }
        return render(request, "enterprise_lib/check.html", context)


@require_POST
@ENTERPRISE_SIDE
def take_table(request: HttpRequest) -> HttpResponse:
    """Take a table in and go to its page; what can't be taken stays in the form, with why."""
    form = TableForm(request.POST, request.FILES)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            if asked["file"]:
                taken = take_workbook(asked["file"], asked["otherwise"])
                source = str(asked["file"].name)
            else:
                taken, source = take_paste(asked["text"], asked["otherwise"]), "粘贴的表格"
        except IntakeRefused as refused:
            form.add_error("file" if asked["file"] else "text", str(refused))
        else:
            rows = check_rows(enterprise_of(request), taken.lines)
            table = CheckTable(new_token(), source[:120], rows, taken.remarks)
            keep_table(request, table)
            return redirect("enterprise_lib:check_table", table.token)
    return CheckPage.show(request, LineForm(), table_form=form)


class TableQueryForm(QueryForm):
    """Which rows of a table are shown."""

    SHOWN = (
        ("", "全部"),
        ("problems", "只看有问题的"),
        *((state.value, state.label) for state in State),
        ("same", "有相同规范数据的"),
    )
    show = forms.ChoiceField(label="显示", choices=SHOWN, required=False)
    keyword = forms.CharField(label="编码或名称", required=False, max_length=100)

    def asks_for(self, row: Row) -> bool:
        """Whether a row is one of those asked for."""
        show, words = self.cleaned_data["show"], self.cleaned_data["keyword"].split()
        if show == "problems" and row.state is State.CLEAN:
            return False
        if show == "same" and not (row.outlook and row.outlook.judged):
            return False
        if show in State.values and row.state.value != show:
            return False
        line = row.line
        return all(line.hs_code.startswith(word) or word in line.name for word in words)


@ENTERPRISE_SIDE
class TableList(ListPage):
    """A table under check: its summary, its rows, filtered and paged."""

    title = "表格自检"
    template_name = "enterprise_lib/check_table.html"
    form_class = TableQueryForm
    table_class = ShownTable
    empty_title = "没有这样的行"
    empty_help = "换一个显示条件，或点击“重置”查看全部行。"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the list, or say that the table is gone."""
        try:
            self.kept = open_table(request, kwargs["token"])
        except TableGone:
            return gone(request)
        return super().get(request, *args, **kwargs)

    def get_source(self, query: TableQueryForm) -> RowSource[Row]:
        """Return the rows asked for, in the order of the table."""
        return ListSource([row for row in self.kept.rows if query.asks_for(row)])

    def get_extra_context(self) -> dict[str, Any]:
        """Return the summary."""
        counts = self.kept.counts()
        same = sum(1 for row in self.kept.rows if row.outlook and row.outlook.judged)
        return {
            "kept": self.kept,
            "total": len(self.kept.rows),
            "counts": [
                (state.value, state.label, counts[state.value])
                for state in (State.FINDINGS, State.CLEAN, State.ERROR)
            ],
            "same": same,
            "frequent": self.kept.frequent(FREQUENT_RULES),
            "kept_hours": KEPT_HOURS,
        }


@require_safe
@ENTERPRISE_SIDE
def export_table(request: HttpRequest, token: str) -> HttpResponse:
    """Hand out all rows of a table as a workbook, the 规格型号 in the official order."""
    try:
        table = open_table(request, token)
    except TableGone:
        return gone(request)
    name = f"申报前自检_{timezone.localtime():%Y%m%d-%H%M}"
    entry = note_export(
        By.of(request),
        what="申报前自检：整张表",
        enterprises=[enterprise_of(request).pk],
        rows=len(table.rows),
    )
    return workbook_response(name, COLUMNS, sheet_rows(table.rows), entry=entry)


@require_POST
@ENTERPRISE_SIDE
def table_drafts(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the ticked rows of a table as drafts, in the official order."""
    back = redirect("enterprise_lib:check_table", token)
    try:
        table = open_table(request, token)
        wanted = set(ticked_keys(request))
        rows = [row for row in table.rows if str(row.number) in wanted]
        refused = next((row for row in rows if row.state is State.ERROR), None)
        if refused is not None:
            messages.error(
                request, f"第 {refused.number} 行不能自检，请先改正或去掉勾选，再存为草稿。"
            )
            return back
        texts = [
            DraftText(row.line.hs_code, row.line.ie_flag, row.line.name, row.corrected)
            for row in rows
        ]
        kept = save_drafts(enterprise_of(request), as_user(request), texts)
    except TableGone:
        return gone(request)
    except (TickError, DraftRefused) as refusal:
        messages.error(request, str(refusal))
        return back
    done(request, f"已把 {len(rows):,} 行存为 {len({d.pk for d in kept}):,} 条草稿。")
    return back


@require_POST
@ENTERPRISE_SIDE
def forget(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether a table shall go; with `sure`, throw it away."""
    if "sure" not in request.POST:
        try:
            kept = open_table(request, token)
        except TableGone:
            return gone(request)
        changed = sum(1 for row in kept.rows if row.is_changed)
        context = {"title": "清除这张表", "kept": kept, "changed": changed}
        return render(request, "enterprise_lib/check_forget.html", context)
    forget_table(request, token)
    messages.success(request, "这张表已清除。")
    return redirect("enterprise_lib:check")


def gone(request: HttpRequest) -> HttpResponse:
    """Go to the forms and say that a table is gone."""
    messages.error(request, GONE)
    return redirect("enterprise_lib:check")


@method_decorator(never_cache, name="dispatch")
@ENTERPRISE_SIDE
class RowPage(View):
    """A row of a table: as one line, its changes kept in the table."""

    def get(self, request: HttpRequest, token: str, number: int) -> HttpResponse:
        """Show the row with what was found in it."""
        try:
            table = open_table(request, token)
        except TableGone:
            return gone(request)
        row = table.row(number)
        if row is None:
            messages.error(request, f"这张表没有第 {number} 行。")
            return redirect("enterprise_lib:check_table", token)
        return self.show(request, table, row, line_form(row.line))

    def post(self, request: HttpRequest, token: str, number: int) -> HttpResponse:
        """Check the row as it was sent and keep it in the table."""
        sent = read_sent(request.POST)
        form = LineForm(sent.data)
        try:
            with changing_table(request, token) as table:
                row = table.row(number)
                if row is None:
                    return redirect("enterprise_lib:check_table", token)
                if sent.do is Do.RESTORE:
                    form = line_form(row.line.with_text(row.original))
                if not form.is_valid() or (sent.fault and sent.do is not Do.RESTORE):
                    return self.show(request, table, row, form, sent)
                line = Line(**{**vars(form.line), "number": number})
                row = check_again(enterprise_of(request), row, line)
                table.put(row)
        except TableGone:
            return gone(request)
        return self.answer(request, sent, token, row)

    def answer(self, request: HttpRequest, sent: Sent, token: str, row: Row) -> HttpResponse:
        """Do what the button asked for, once the row is kept."""
        if sent.do is Do.DOWNLOAD:
            return line_sheet(request, row.line)
        if sent.do is Do.DRAFT:
            try:
                keep_as_draft(request, row.line)
            except DraftRefused as refused:
                messages.error(request, str(refused))
            else:
                messages.success(request, f"第 {row.number} 行已存为草稿。")
        else:
            messages.success(request, f"第 {row.number} 行已重新自检，修改保留在这张表中。")
        return redirect("enterprise_lib:check_row", token, row.number)

    @staticmethod
    def show(
        request: HttpRequest,
        table: CheckTable,
        row: Row,
        form: LineForm,
        sent: Sent | None = None,
    ) -> HttpResponse:
        """Draw the page, with the ways to the rows before and after."""
        numbers = [one.number for one in table.rows]
        place = numbers.index(row.number)
        problems = [one.number for one in table.rows if one.state is not State.CLEAN]
        context: Mapping[str, Any] = {
            "title": f"第 {row.number} 行",
            "kept": table,
            "row": row,
            "previous": numbers[place - 1] if place else None,
            "following": numbers[place + 1] if place + 1 < len(numbers) else None,
            "next_problem": next((n for n in problems if n > row.number), None),
            "back": reverse("enterprise_lib:check_table", args=[table.token]),
            **line_context(request, form, sent),
        }
        return render(request, "enterprise_lib/check_row.html", context)
