"""新目录影响: which contents a new catalogue touches, and a draft of each new string."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.http import require_POST, require_safe

from authorization.events import By
from authorization.gate import as_user
from authorization.ledger import note_export
from authorization.models import Enterprise
from catalogue.browsing import nearest_codes
from catalogue.carrying import MAX_G_MODEL, join_places
from comparison.models import LibraryEntry
from declarations.models import Content
from enterprise_lib.checking.composing import bar_fault
from enterprise_lib.checking.lines import one_line
from enterprise_lib.drafts import DraftRefused, save_draft
from enterprise_lib.impact_forms import ImpactQueryForm
from enterprise_lib.impact_sides import sides_of, tail_of
from enterprise_lib.impact_tables import SHEET_COLUMNS, ImpactTable, sheet_rows
from enterprise_lib.new_catalogue import Impact, impacts_of
from enterprise_lib.succession import Succession, succession
from enterprise_lib.touched import TouchedContents, Wanted
from enterprise_lib.views import ENTERPRISE_SIDE, enterprise_of
from pages.excel import workbook_response
from pages.paging import Count, ListSource, RowSource
from pages.query_words import in_words
from pages.ticks import TickError, done, ticked_keys, way_back
from pages.views import ListPage

TITLE = "新目录影响"
# An export reads and carries over each string: this many take a few seconds.
MAX_EXPORT = 5_000
MAX_DRAFTS = 500
_LONGEST_ID = 18


class ImpactRows:
    """The row source of the list: touched contents as they are shown."""

    def __init__(self, enterprise: Enterprise, held: Succession, wanted: Wanted) -> None:
        self._enterprise, self._held = enterprise, held
        self._touched = TouchedContents(enterprise, held, wanted)

    def count(self) -> Count:
        """Count the touched contents."""
        return self._touched.count()

    def rows(self, offset: int, limit: int) -> list[Impact]:
        """Return some of them, the most rows of the last 24 months first."""
        return impacts_of(self._enterprise, self._held, self._touched.rows(offset, limit))


@ENTERPRISE_SIDE
class ImpactList(ListPage):
    """The list: query, page, tick, keep as drafts."""

    title = TITLE
    template_name = "enterprise_lib/impact.html"
    form_class = ImpactQueryForm
    table_class = ImpactTable
    held: Succession | None = None

    def get_source(self, query: ImpactQueryForm) -> RowSource[Impact]:
        """Return the contents of this enterprise that the newest edition touches."""
        self.held = succession()
        if self.held is None or not self.held.spans:
            return ListSource([])
        return ImpactRows(enterprise_of(self.request), self.held, query.wanted())

    def get_extra_context(self) -> dict[str, Any]:
        """Say what is compared with what, and why a list may be empty."""
        extra: dict[str, Any] = {
            "held": self.held,
            "max_export": MAX_EXPORT,
            "can_compare": self.held is not None and bool(self.held.spans),
        }
        if self.held is None:
            title, text = "系统中还没有规范申报目录", "管理员装入并启用目录后，请再查看本页。"
        elif not self.held.spans:
            title = f"当前只有一个版本的规范申报目录（{self.held.newest}）"
            text = "新版目录启用后，这里会列出受影响的申报内容，并给出新规格型号的草稿。"
        else:
            title = "新版目录没有影响本企业的申报内容"
            text = "本企业近 24 个月申报内容所用的商品编码，在新版目录中的要素没有变化。"
            if any(self.request.GET.get(name) for name in ImpactQueryForm.base_fields):
                return extra
        return extra | {"empty_title": title, "empty_help": text}


@require_safe
@ENTERPRISE_SIDE
def impact_export(request: HttpRequest) -> HttpResponse:
    """Download what a query finds, the largest first, up to MAX_EXPORT contents."""
    form = ImpactQueryForm(request.GET)
    held = succession()
    found: list[Impact] = []
    if form.is_valid() and held is not None and held.spans:
        found = ImpactRows(enterprise_of(request), held, form.wanted()).rows(0, MAX_EXPORT)
    if not found:
        messages.error(request, "没有数据可以导出，请放宽查询条件，查到数据后再导出。")
        return redirect(f"{reverse('enterprise_lib:impact')}?{request.GET.urlencode()}")
    stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
    entry = note_export(
        By.of(request),
        what=TITLE,
        query=in_words(form),
        enterprises=[enterprise_of(request).pk],
        rows=len(found),
    )
    return workbook_response(f"{TITLE}_{stamp}", SHEET_COLUMNS, sheet_rows(found), entry=entry)


@ENTERPRISE_SIDE
class ImpactDetail(View):
    """One content: old and new side by side, to be filled in and kept as a draft."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, content_id: str) -> HttpResponse:
        """Show what the newest edition changes."""
        impact = own_impact(request, int(content_id))
        if impact is None:
            return _not_touched(request)
        return self._page(request, impact)

    def post(self, request: HttpRequest, content_id: str) -> HttpResponse:
        """Keep the new string, as it was filled in, as a draft."""
        impact = own_impact(request, int(content_id))
        if impact is None:
            return _not_touched(request)
        carried = impact.carried
        if carried is None:
            messages.error(request, "新版目录中没有该编码，没有草稿可以保留；请核对商品编码。")
            return redirect(request.get_full_path())
        values = [one_line(value) for value in request.POST.getlist("part")]
        tail = one_line(request.POST.get("tail", ""))
        places = _places(impact)
        if len(values) != len(places):
            messages.error(request, "提交的要素与目录不一致，请刷新页面后重新填写。")
            return self._page(request, impact)
        faults = [bar_fault(part.label, value) for part, value in zip(places, values, strict=True)]
        fault = next(filter(None, faults), "")
        try:
            if not fault:
                keep_draft(request, impact, join_places(values, tail))
        except DraftRefused as refused:
            fault = str(refused)
        if fault:
            messages.error(request, fault)
            return self._page(request, impact, values)
        messages.success(request, "已保留为草稿，可在“草稿”中继续修改。")
        return redirect(request.get_full_path())

    def _page(
        self, request: HttpRequest, impact: Impact, values: Sequence[str] | None = None
    ) -> HttpResponse:
        places = _places(impact)
        typed = dict(zip(map(id, places), values, strict=True)) if values is not None else {}
        sides = [
            (side, typed.get(id(side.part), side.part.value if side.part else ""))
            for side in sides_of(impact)
        ]
        carried = impact.carried
        context = {
            "title": TITLE,
            "impact": impact,
            "sides": sides,
            "tail": tail_of(carried) if carried is not None else None,
            "least": len(places) - 3,
            "max_length": MAX_G_MODEL,
            "near": nearest_codes(impact.newest, impact.goods.hs_code[:8])
            if impact.is_gone
            else [],
            "back": _back(request),
        }
        return render(request, "enterprise_lib/impact_detail.html", context)


@require_POST
@ENTERPRISE_SIDE
def impact_drafts(request: HttpRequest) -> HttpResponse:
    """保留为草稿 for the ticked rows, or the one whose button was pressed."""
    back = way_back(request, reverse("enterprise_lib:impact"))
    try:
        ids = _content_ids(ticked_keys(request))
        found = own_impacts(request, ids)
        kept = [impact for impact in found.values() if impact.carried is not None]
        with transaction.atomic():
            contents = Content.objects.only("pk").in_bulk([one.content_id for one in kept])
            for impact in kept:
                keep_draft(request, impact, impact.draft, contents[impact.content_id])
    except (TickError, DraftRefused) as refused:
        messages.error(request, str(refused))
        return redirect(back)
    if not kept:
        messages.error(request, "勾选的商品编码在新版目录中已取消，没有草稿可以保留；请核对编码。")
        return redirect(back)
    sentence = f"已将 {len(kept):,} 项保留为草稿，可在“草稿”中补填、修改。"
    if len(kept) < len(ids):
        sentence += f"另有 {len(ids) - len(kept):,} 项的编码已取消或不再受影响，未生成草稿。"
    if request.POST.get("only"):
        messages.success(request, sentence)
    else:
        done(request, sentence)
    return redirect(back)


# --- what the views share ------------------------------------------------------------------------


def own_impacts(request: HttpRequest, ids: Sequence[int]) -> Mapping[int, Impact]:
    """Find which of these contents are touched; raises Http404 where one is another's."""
    enterprise = enterprise_of(request)
    own = LibraryEntry.objects.filter(enterprise=enterprise, content_id__in=ids).count()
    if own != len(ids):
        raise Http404("企业库中没有这项内容")
    held = succession()
    if held is None or not held.spans:
        return {}
    source = ImpactRows(enterprise, held, Wanted(content_ids=tuple(ids)))
    return {impact.content_id: impact for impact in source.rows(0, len(ids))}


def own_impact(request: HttpRequest, content_id: int) -> Impact | None:
    """Find one touched content of this enterprise; raises Http404 where it is another's."""
    return own_impacts(request, [content_id]).get(content_id)


def keep_draft(
    request: HttpRequest, impact: Impact, g_model: str, content: Content | None = None
) -> None:
    """Keep a new string as a draft of the enterprise. Raises DraftRefused."""
    save_draft(
        enterprise_of(request),
        as_user(request),
        hs_code=impact.goods.hs_code,
        ie_flag=impact.goods.ie_flag,
        name=impact.goods.name,
        g_model=g_model,
        source_content=content or Content.objects.only("pk").get(pk=impact.content_id),
        edition=impact.newest,
    )


def _content_ids(keys: Sequence[str]) -> list[int]:
    """Read the keys of tick boxes. Raises TickError for too many, Http404 for what is no key."""
    if len(keys) > MAX_DRAFTS:
        raise TickError(
            f"一次最多保留 {MAX_DRAFTS} 项草稿，现在勾选了 {len(keys):,} 项，请分批操作。"
        )
    if not all(key.isascii() and key.isdigit() and len(key) <= _LONGEST_ID for key in keys):
        raise Http404("企业库中没有这项内容")
    return list(dict.fromkeys(int(key) for key in keys))


def _places(impact: Impact) -> list[Any]:
    """The new string's places that the page has a field for: all but the anti-dumping tail."""
    if impact.carried is None:
        return []
    tail = tail_of(impact.carried)
    return [part for part in impact.carried.parts if part is not tail]


def _not_touched(request: HttpRequest) -> HttpResponse:
    messages.info(request, "这项申报内容不受新版目录影响，或近 24 个月没有申报。")
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Return the list's URL that a page was reached from, with its query, if it names one."""
    listing = reverse("enterprise_lib:impact")
    back = request.GET.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if safe and back.partition("?")[0] == listing else listing
