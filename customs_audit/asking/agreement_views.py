"""The officers' work lists of agreement: how far officers agree, and on which contents they don't."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from customs_audit.asking.agreement import (
    Agreements,
    Differing,
    Judgement,
    agreements,
    differing,
    judgements_of,
)
from customs_audit.asking.kappa import Agreement, common, words_of
from customs_audit.run_tables import ContentNameColumn, ContentTextColumn
from customs_audit.views import CUSTOMS_SIDE
from declarations.code_tables import reason_name
from declarations.models import Content
from pages.forms import CodePrefixField, QueryForm
from pages.paging import Count, RowSource
from pages.tables import HsCodeColumn, PlainColumn, PortalTable
from pages.views import ListPage

_ALL = [("", "")]
TITLE = "审核一致性"


class AgreementForm(QueryForm):
    """Whose agreement is asked for: everybody's, one officer's with all others, or two officers'."""

    first = forms.ChoiceField(label="审核人员", required=False)
    second = forms.ChoiceField(label="另一人员", required=False)
    chapter = forms.ChoiceField(label="商品章", required=False)

    def __init__(self, *args: Any, held: Agreements, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        officers = [*_ALL, *((name, name) for name in held.officers)]
        chapters = [*_ALL, *((key, f"第 {key} 章") for key in held.by_chapter())]
        for name, choices in (("first", officers), ("second", officers), ("chapter", chapters)):
            field: Any = self.fields[name]
            field.choices = [(key, label or "全部") for key, label in choices]

    def clean(self) -> dict[str, Any]:
        """Refuse to compare an officer with himself."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        if asked.get("first") and asked.get("first") == asked.get("second"):
            self.add_error("second", "请选择另一位审核人员：不能与本人比较。")
        return asked


@dataclass(frozen=True)
class Line:
    """One line of a table of agreement."""

    label: str
    agreement: Agreement
    kappa: float | None
    url: str = ""

    @property
    def shown_kappa(self) -> str:
        """κ in two decimals, or a dash."""
        return "—" if self.kappa is None else f"{self.kappa:.2f}"

    @property
    def words(self) -> str:
        """How large it is."""
        return words_of(self.kappa)

    @property
    def share(self) -> str:
        """The share of contents on which they agree, in per cent."""
        observed = self.agreement.observed
        return "—" if observed is None else f"{observed * 100:.1f}%"


@require_safe
@CUSTOMS_SIDE
def agreement(request: HttpRequest) -> HttpResponse:
    """Show how officers agree: by pairs, by chapter, by reason."""
    held = agreements()
    form = AgreementForm(request.GET, held=held)
    shown = held
    if form.is_valid():
        asked = form.cleaned_data
        officers = [name for name in (asked["first"], asked["second"]) if name]
        shown = held.among(officers, asked["chapter"])
    context = {
        "title": TITLE,
        "query_form": form,
        "is_valid": form.is_valid(),
        "has_any": bool(held.chapters),
        "pairs": _pairs(shown),
        "chapters": _chapters(shown),
        "reasons": _reasons(shown),
    }
    return render(request, "customs_audit/agreement.html", context)


def _pairs(shown: Agreements) -> list[Line]:
    """Write the pairs, those with most contents in common first: Cohen's κ of each."""
    found = sorted(shown.pairs.items(), key=lambda item: (-item[1].total, item[0].first))
    return [
        Line(f"{pair.first}、{pair.second}", agreement, agreement.kappa)
        for pair, agreement in found
    ]


def _chapters(shown: Agreements) -> list[Line]:
    listing = reverse("customs_audit:differing")
    return [
        Line(
            f"第 {chapter} 章",
            agreement,
            _kappa(shown, agreement),
            f"{listing}?{urlencode({'hs_code': chapter})}",
        )
        for chapter, agreement in shown.by_chapter().items()
    ]


def _reasons(shown: Agreements) -> list[Line]:
    return [
        Line(f"{code} {reason_name(code)}", agreement, _kappa(shown, agreement))
        for code, agreement in shown.by_reason().items()
    ]


def _kappa(shown: Agreements, agreement: Agreement) -> float | None:
    """Return Cohen's κ of one pair; over several pairs nobody is first or second."""
    return agreement.kappa if len(shown.pairs) == 1 else common(agreement)


# --- contents judged differently -----------------------------------------------------------------


class DifferingForm(QueryForm):
    """商品编码, 审核人员, and by what they differ."""

    hs_code = CodePrefixField(label="商品编码")
    auditor = forms.CharField(label="审核人员", required=False, max_length=64)
    kind = forms.ChoiceField(
        label="不一致类型",
        choices=[*_ALL, ("conclusion", "结论不同"), ("reason", "仅原因不同")],
        required=False,
    )


@dataclass(frozen=True)
class DifferingRow:
    """A content with each officer's newest judgement of it."""

    content: Content
    differing: Differing
    judgements: Sequence[Judgement]

    @property
    def kind(self) -> str:
        """By what they differ."""
        return "结论不同" if self.differing.by_conclusion else "仅原因不同"

    @property
    def told(self) -> list[str]:
        """Each officer's judgement in words."""
        return [_told(one) for one in self.judgements]


def _told(one: Judgement) -> str:
    conclusion = "规范" if one.conforming else "不规范"
    reasons = "、".join(f"{code} {reason_name(code)}" for code in one.reason_codes)
    return f"{one.auditor}：{conclusion}（{one.audit_month:%Y-%m}）" + (
        f" {reasons}" if reasons else ""
    )


class DifferingRows:
    """Contents that officers judged differently, under some conditions (pages.paging.RowSource)."""

    def __init__(self, asked: Mapping[str, Any], *, by_code: bool, descending: bool) -> None:
        self._found = [one for one in differing() if _fits(one, asked)]
        if by_code:
            self._found.sort(key=lambda one: one.hs_code, reverse=descending)
        elif not descending:
            self._found.reverse()

    def count(self) -> Count:
        """Count the contents."""
        return Count(len(self._found))

    def rows(self, offset: int, limit: int) -> list[DifferingRow]:
        """Return at most `limit` contents from `offset`: two queries."""
        shown = self._found[offset : offset + limit]
        contents = Content.objects.in_bulk([one.content_id for one in shown])
        judgements = judgements_of(list(contents))
        return [
            DifferingRow(contents[one.content_id], one, judgements.get(one.content_id, []))
            for one in shown
            if one.content_id in contents
        ]


def _fits(one: Differing, asked: Mapping[str, Any]) -> bool:
    kind = asked["kind"]
    return (
        one.hs_code.startswith(asked["hs_code"])
        and (not asked["auditor"] or asked["auditor"] in one.officers)
        and (not kind or one.by_conclusion == (kind == "conclusion"))
    )


class JudgementColumn(PlainColumn):
    """What each officer said, a line each."""

    def render(self, record: DifferingRow) -> SafeString:
        """Draw the lines."""
        return format_html_join(
            "", '<span class="judgement">{}</span>', ((t,) for t in record.told)
        )

    def value(self, record: DifferingRow) -> str:
        """Return the lines as one text."""
        return "；".join(record.told)


class VerdictsColumn(PlainColumn):
    """The way to the verdicts themselves."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(exclude_from_export=True, cell_class="cell-actions", **kwargs)

    def render(self, record: DifferingRow) -> SafeString:
        """Draw the link."""
        url = f"{reverse('customs_audit:verdicts')}?{urlencode({'content': record.content.pk})}"
        return format_html('<a href="{}">查看结论</a>', url)


class DifferingTable(PortalTable):
    """One row for each content that officers judged differently."""

    hs_code = HsCodeColumn(accessor="content__hs_code", verbose_name="商品编码")
    ie_flag = PlainColumn(
        accessor="content__get_ie_flag_display", verbose_name="进出口", cell_class="cell-short"
    )
    name = ContentNameColumn(accessor="content__name", verbose_name="商品名称")
    g_model = ContentTextColumn(accessor="content__g_model", verbose_name="规格型号")
    kind = PlainColumn(accessor="kind", verbose_name="不一致类型", cell_class="cell-short")
    told = JudgementColumn(accessor="told", verbose_name="各人最近结论")
    verdicts = VerdictsColumn(accessor="content__pk", verbose_name="操作")


@CUSTOMS_SIDE
class DifferingList(ListPage):
    """Contents that officers judged differently, those judged last first."""

    title = "审核不一致的内容"
    template_name = "customs_audit/differing.html"
    form_class = DifferingForm
    table_class = DifferingTable
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {"hs_code": (), "verdicts": ()}
    default_sort = "-verdicts"
    export_name = "审核不一致的内容"
    nothing_yet_title = "没有审核不一致的内容"
    nothing_yet_help = "不同审核人员对同一申报内容的最近结论或不规范原因不同时，会列在这里。"

    def get_source(self, query: DifferingForm) -> RowSource[DifferingRow]:
        """Return the contents of a valid query."""
        return DifferingRows(
            query.cleaned_data,
            by_code=self.sort.removeprefix("-") == "hs_code",
            descending=self.sort.startswith("-"),
        )
