"""草稿: the list of an enterprise's drafts, and one of them on the page of the self-check."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views import View
from django.views.decorators.http import require_POST

from authorization.events import By
from authorization.gate import as_user
from authorization.ledger import note_export
from enterprise_lib.checking.checker import check_line
from enterprise_lib.checking.forms import Do, LineForm, Sent, line_form, read_sent
from enterprise_lib.checking.lines import Line, read_line
from enterprise_lib.checking.sheet import COLUMNS, sheet_rows
from enterprise_lib.checking.table import check_rows
from enterprise_lib.checking.views import line_context, line_sheet
from enterprise_lib.drafts import (
    DraftRefused,
    DraftText,
    change_draft,
    delete_drafts,
    drafts_of,
    find_drafts,
    save_draft,
)
from enterprise_lib.models import Draft
from enterprise_lib.views import ENTERPRISE_SIDE, enterprise_of
from pages.excel import workbook_response
from pages.filters import CodePrefixFilter, KeywordFilter, PortalFilterSet
from pages.paging import Page
from pages.tables import (
    ActionsColumn,
    HsCodeColumn,
    LongTextColumn,
    PlainColumn,
    PortalTable,
    TickColumn,
)
from pages.ticks import TickError, done, ticked_keys, way_back
from pages.views import ListPage


class DraftFilterSet(PortalFilterSet):
    """商品编码, and words of the name or the 规格型号."""

    hs_code = CodePrefixFilter(label="商品编码")
    keyword = KeywordFilter(label="关键字", method="search")

    def search(self, drafts: "QuerySet[Draft]", name: str, value: str) -> "QuerySet[Draft]":
        """Narrow to drafts whose name and g_model hold each word between them."""
        for word in value.split():
            drafts = drafts.filter(Q(name__icontains=word) | Q(g_model__icontains=word))
        return drafts


class UpdatedColumn(PlainColumn):
    """When a draft was last changed, to the minute."""

    cell_class = "cell-date"

    def render(self, value: Any) -> str:
        """Write the day and the minute."""
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"

    def value(self, value: Any) -> Any:
        """Return the moment itself."""
        return value


class DraftTable(PortalTable):
    """One page of drafts."""

    tick = TickColumn(accessor="pk")
    hs_code = HsCodeColumn(verbose_name="商品编码")
    name = PlainColumn(verbose_name="商品名称", cell_class="cell-name")
    g_model = LongTextColumn(verbose_name="规格型号")
    ie_flag = PlainColumn(
        accessor="get_ie_flag_display", verbose_name="进出口", cell_class="cell-short"
    )
    edition = PlainColumn(verbose_name="所据目录", cell_class="cell-short")
    updated_at = UpdatedColumn(verbose_name="修改时间")
    actions = ActionsColumn("enterprise_lib/_draft_actions.html")


@ENTERPRISE_SIDE
class DraftList(ListPage):
    """草稿: query, sort, page, tick, export."""

    title = "草稿"
    template_name = "enterprise_lib/drafts.html"
    filterset_class = DraftFilterSet
    table_class = DraftTable
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "updated_at": ("updated_at", "pk"),
        "hs_code": ("hs_code", "pk"),
        "name": ("name", "pk"),
    }
    default_sort = "-updated_at"
    export_name = "草稿"
    nothing_yet_title = "还没有草稿"
    nothing_yet_help = (
        "在“申报前自检”或“新目录影响”中点击“存为草稿”，内容会保留在这里，只有本企业能看到。"
    )

    def get_queryset(self) -> "QuerySet[Draft]":
        """Return this enterprise's drafts."""
        return drafts_of(enterprise_of(self.request)).select_related("edition")

    def concerned(self, page: Page[Draft]) -> Iterable[int]:
        """Return this enterprise."""
        return [enterprise_of(self.request).pk]


def draft_of(request: HttpRequest, pk: int) -> Draft:
    """Return a draft of this enterprise; raises Http404 for any other."""
    return ticked_drafts(request, [str(pk)])[0]


def ticked_drafts(request: HttpRequest, keys: list[str]) -> list[Draft]:
    """Return the drafts that keys name; raises Http404 where one is another's, or gone."""
    try:
        return find_drafts(enterprise_of(request), [_number(key) for key in keys])
    except Draft.DoesNotExist as unknown:
        raise Http404("没有这条草稿。") from unknown


def _number(key: str) -> int:
    """Read a draft's number; what is none names no draft."""
    return int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0


def line_of(draft: Draft, number: int = 0) -> Line:
    """Return a draft as a line to check."""
    return read_line(
        number,
        {
            "hs_code": draft.hs_code,
            "ie_flag": draft.ie_flag,
            "g_name": draft.name,
            "g_model": draft.g_model,
        },
    )


@ENTERPRISE_SIDE
class DraftPage(View):
    """One draft, checked; 保存 replaces it, everything else leaves it as it is."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the draft with what the rules find in it today."""
        draft = draft_of(request, pk)
        line = Line(0, draft.hs_code, draft.ie_flag, draft.name, draft.g_model)
        return self.show(request, draft, line_form(line))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check what was sent; save it, keep it as another draft, or hand it out as asked."""
        draft = draft_of(request, pk)
        sent = read_sent(request.POST)
        form = LineForm(sent.data)
        if form.is_valid() and not sent.fault:
            if sent.do is Do.DOWNLOAD:
                return line_sheet(request, form.line)
            if sent.do in {Do.SAVE, Do.DRAFT}:
                try:
                    kept = self.keep(request, draft, form.line, sent.do)
                except DraftRefused as refused:
                    messages.error(request, str(refused))
                else:
                    return redirect("enterprise_lib:draft", kept.pk)
        return self.show(request, draft, form, sent)

    @staticmethod
    def keep(request: HttpRequest, draft: Draft, line: Line, do: Do) -> Draft:
        """Save the changed text in the draft, or as another one. Raises DraftRefused."""
        edition = check_line(line).reading.edition
        text = DraftText(line.hs_code, line.ie_flag, line.name, line.g_model)
        if do is Do.SAVE:
            change_draft(draft, text, edition)
            messages.success(request, "草稿已保存。")
            return draft
        other = save_draft(enterprise_of(request), as_user(request), **vars(text), edition=edition)
        messages.success(request, "已另存为一条草稿。")
        return other

    @staticmethod
    def show(
        request: HttpRequest, draft: Draft, form: LineForm, sent: Sent | None = None
    ) -> HttpResponse:
        """Draw the page; `is_unsaved` where what is shown is not what is kept."""
        context = line_context(request, form, sent)
        shown = getattr(form, "line", None)
        kept = (draft.hs_code, draft.ie_flag, draft.name, draft.g_model)
        unsaved = sent is not None and (
            shown is None or (shown.hs_code, shown.ie_flag, shown.name, shown.g_model) != kept
        )
        context |= {
            "title": "草稿",
            "draft": draft,
            "is_unsaved": unsaved,
            "back": reverse("enterprise_lib:drafts"),
        }
        return render(request, "enterprise_lib/draft.html", context)


@require_POST
@ENTERPRISE_SIDE
def export_drafts(request: HttpRequest) -> HttpResponse:
    """Hand out the ticked drafts as a workbook, checked, in the official order."""
    try:
        drafts = ticked_drafts(request, ticked_keys(request))
    except TickError as error:
        messages.error(request, str(error))
        return redirect(way_back(request, reverse("enterprise_lib:drafts")))
    lines = [line_of(draft, number) for number, draft in enumerate(drafts, start=1)]
    rows = check_rows(enterprise_of(request), lines)
    name = f"草稿_{timezone.localtime():%Y%m%d-%H%M}"
    entry = note_export(
        By.of(request), what="草稿", enterprises=[enterprise_of(request).pk], rows=len(rows)
    )
    return workbook_response(name, COLUMNS, sheet_rows(rows), entry=entry)


@require_POST
@ENTERPRISE_SIDE
def remove_drafts(request: HttpRequest) -> HttpResponse:
    """Ask whether the ticked drafts shall go; with `sure`, delete them."""
    back = way_back(request, reverse("enterprise_lib:drafts"))
    try:
        drafts = ticked_drafts(request, ticked_keys(request))
    except TickError as error:
        messages.error(request, str(error))
        return redirect(back)
    if "sure" in request.POST:
        count = delete_drafts(enterprise_of(request), [draft.pk for draft in drafts])
        done(request, f"已删除 {count:,} 条草稿。")
        return redirect(back)
    context = {"title": "删除草稿", "drafts": drafts, "next": back}
    return render(request, "enterprise_lib/drafts_delete.html", context)
