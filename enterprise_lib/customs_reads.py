"""海关查询记录: when customs looked at this enterprise's data, or took it along, and why.

The other side of the ledger (authorization/ledger.py). An officer is told by role and account
number: the enterprise can name him to customs, who know who that is, and he is not addressed in
person. Of a query that did not name this enterprise, only conditions that name nobody are told.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from authorization.ledger_models import LedgerEnterprise, LedgerEntry
from enterprise_lib.views import ENTERPRISE_SIDE, enterprise_of
from pages.filters import DateSpanFilter, PortalFilterSet
from pages.forms import DateSpan
from pages.paging import Page
from pages.tables import PlainColumn, PortalTable
from pages.views import ListPage

# Conditions that say nothing of any enterprise, whatever was asked for.
_NAMES_NOBODY = frozenset(
    {
        "商品编码", "进出口标志", "监管方式", "标记类型", "申报日期", "审核月份", "审核结论",
        "不规范原因", "结论状态", "企业类别",
    }
)  # fmt: skip
_GENERAL = "未针对特定企业，内容中包含贵企业的数据"


def officer_words(entry: LedgerEntry) -> str:
    """Tell who it was: role and number of the account, no name."""
    return "海关系统" if entry.user_id is None else f"海关人员 {entry.user_id:04d}"


def told_page(entry: LedgerEntry, then: int) -> str:
    """Tell the page; what it was about (after a colon: a file's name) to whom the query names."""
    return entry.what if then in entry.named else entry.what.partition("：")[0]


def told_query(entry: LedgerEntry, then: int) -> str:
    """Tell the conditions, all of them to an enterprise (its id then) that they name."""
    is_named = then in entry.named
    return "；".join(
        f"{label}：{value}" for label, value in entry.query if is_named or label in _NAMES_NOBODY
    )


def told_case(entry: LedgerEntry, then: int) -> str:
    """Tell why: the case reference, or that the query named nobody in particular."""
    return entry.case if then in entry.named and entry.case else _GENERAL


class ReadFilterSet(PortalFilterSet):
    """Conditions: when, and looked at or exported."""

    kind = django_filters.ChoiceFilter(
        label="方式", choices=LedgerEntry.Kind.choices, field_name="entry__kind"
    )
    at = DateSpanFilter(label="时间", method="of_days")

    def of_days(
        self, qs: "QuerySet[LedgerEnterprise]", name: str, value: DateSpan
    ) -> "QuerySet[LedgerEnterprise]":
        """Narrow to whole days of this place's time, both included."""
        start, end = value
        if start:
            qs = qs.filter(entry__at__gte=_midnight(start))
        if end:
            qs = qs.filter(entry__at__lt=_midnight(end + timedelta(days=1)))
        return qs


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


class MomentColumn(PlainColumn):
    """When it was, to the second."""

    cell_class = "cell-date"

    def render(self, value: datetime) -> str:
        """Write the local time."""
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"

    def value(self, value: datetime) -> str:
        """Return the same text: a workbook's times have no seconds."""
        return self.render(value)


class OfficerColumn(PlainColumn):
    """Who it was."""

    def render(self, record: LedgerEnterprise) -> str:
        """Write role and number."""
        return officer_words(record.entry)

    def value(self, record: LedgerEnterprise) -> str:
        """Return the same words."""
        return officer_words(record.entry)


class WhatColumn(PlainColumn):
    """Which page, by which conditions."""

    def render(self, record: LedgerEnterprise) -> SafeString:
        """Draw the page, and the conditions below it."""
        words = told_query(record.entry, record.then)
        below = format_html('<span class="cell-second">{}</span>', words) if words else ""
        return format_html("{}{}", told_page(record.entry, record.then), below)

    def value(self, record: LedgerEnterprise) -> str:
        """Return both as text."""
        words = told_query(record.entry, record.then)
        page = told_page(record.entry, record.then)
        return f"{page}（{words}）" if words else page


class CaseColumn(PlainColumn):
    """Why."""

    def render(self, record: LedgerEnterprise) -> str:
        """Write the reason."""
        return told_case(record.entry, record.then)

    def value(self, record: LedgerEnterprise) -> str:
        """Return the same words."""
        return told_case(record.entry, record.then)


class ReadTable(PortalTable):
    """One row for each time."""

    at = MomentColumn(verbose_name="时间", accessor="entry__at")
    officer = OfficerColumn(verbose_name="查询人", accessor="pk", cell_class="cell-short")
    kind = PlainColumn(
        verbose_name="方式", accessor="entry__get_kind_display", cell_class="cell-short"
    )
    what = WhatColumn(verbose_name="查询内容", accessor="pk")
    case = CaseColumn(verbose_name="查询依据", accessor="pk")


@ENTERPRISE_SIDE
class CustomsReads(ListPage):
    """海关查询记录: the newest first."""

    title = "海关查询记录"
    template_name = "enterprise_lib/customs_reads.html"
    filterset_class = ReadFilterSet
    table_class = ReadTable
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {"at": ("entry_id",)}
    default_sort = "-at"
    export_name = "海关查询记录"
    nothing_yet_title = "海关还没有查询过本企业的数据"
    nothing_yet_help = "海关人员在本系统中查看或导出本企业的数据时，会自动记录在这里。"

    def get_queryset(self) -> "QuerySet[LedgerEnterprise]":
        """Return what officers did with this enterprise's data."""
        rows = LedgerEnterprise.objects.filter(
            enterprise=enterprise_of(self.request), by_customs=True
        )
        return rows.select_related("entry")

    def concerned(self, page: Page[LedgerEnterprise]) -> Iterable[int]:
        """Return this enterprise."""
        return [enterprise_of(self.request).pk]
