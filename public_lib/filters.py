"""The conditions of the 公共库: only what the projection shows (design: "Publication and privacy")."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from comparison.models import PublicContent
from comparison.projection import FEW_ENTERPRISES
from declarations.code_tables import trade_modes
from declarations.models import IEFlag
from declarations.normalise import keyword_words
from pages.filters import CodePrefixFilter, PortalFilterSet
from public_lib.forms import MonthSpan, MonthSpanField, SearchField


def trade_mode_choices() -> list[tuple[str, str]]:
    """Return the 监管方式 as (code, code and name), in the order of the codes."""
    return [(code, f"{code} {name}") for code, name in sorted(trade_modes().items())]


class MonthSpanFilter(django_filters.Filter):
    """审核月份 from-to, both included.

    A content whose month is shown as a quarter is found by every month of that quarter, so that
    no query tells more than the page shows.
    """

    field_class = MonthSpanField

    def filter(
        self, qs: "QuerySet[PublicContent]", value: MonthSpan | None
    ) -> "QuerySet[PublicContent]":
        """Narrow by one or both ends."""
        if value is None:
            return qs
        if value.start:
            quarter = value.start.replace(month=(value.start.month - 1) // 3 * 3 + 1)
            is_few = Q(enterprise_count__lt=FEW_ENTERPRISES)
            # The first of both lets an index find the few rows that the second looks at.
            qs = qs.filter(Q(shown_from__gte=quarter), Q(shown_from__gte=value.start) | is_few)
        if value.end:
            qs = qs.filter(shown_from__lte=value.end)
        return qs


class SearchFilter(django_filters.Filter):
    """Words of the shown text; give it `method=`."""

    field_class = SearchField


class PublicFilterSet(PortalFilterSet):
    """The query form of the 公共库.

    `qs` has every condition but the keyword; its words are `words`, since how to look for them is
    decided by how many rows they find (public_lib/queries.py).
    """

    trade_mode = django_filters.ChoiceFilter(
        label="监管方式", choices=trade_mode_choices, method="of_trade_mode"
    )
    hs_code = CodePrefixFilter(label="商品编码")
    ie_flag = django_filters.ChoiceFilter(label="进出口标志", choices=IEFlag.choices)
    months = MonthSpanFilter(label="审核月份")
    keyword = SearchFilter(
        label="关键字",
        method="leave_to_words",
        widget=forms.TextInput(attrs={"placeholder": "商品名称或规格型号中的词"}),
    )

    def of_trade_mode(
        self, qs: "QuerySet[PublicContent]", name: str, value: str
    ) -> "QuerySet[PublicContent]":
        """Narrow to contents with a public line of this 监管方式."""
        return qs.filter(trade_modes__contains=[value])

    def leave_to_words(
        self, qs: "QuerySet[PublicContent]", name: str, value: str
    ) -> "QuerySet[PublicContent]":
        """Leave the rows as they are."""
        return qs

    @property
    def words(self) -> list[str]:
        """The normalised words that a content's search text must all contain; form must be valid."""
        data: dict[str, Any] = self.form.cleaned_data
        return list(dict.fromkeys(keyword_words(data.get("keyword") or "")))
