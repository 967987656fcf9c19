"""The conditions of an upload's grid."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.lookups import Contains, IContains

from customs_audit.mending.grid import kinds_of_faults
from customs_audit.models import AuditUpload, UploadFault, UploadRow
from customs_audit.upload_rules import rule_words
from declarations.faults import Level
from declarations.headers import LABELS
from pages.filters import KeywordFilter, PortalFilterSet

RowState = UploadRow.State

# Which rows: what waits to be mended comes first, and is what a bare address shows.
TO_MEND, WARNED, ALL = RowState.FAULTY.value, "warned", "all"
SHOWS = [
    (TO_MEND, "待修正"),
    (WARNED, "待修正和有提醒的"),
    (RowState.SET_ASIDE.value, RowState.SET_ASIDE.label),
    (RowState.CLEAN.value, RowState.CLEAN.label),
    (RowState.IN_RELEASE.value, RowState.IN_RELEASE.label),
    (RowState.RELEASED.value, RowState.RELEASED.label),
    (ALL, "文件的所有行"),
]
# What an officer remembers of a row; in all cells it would take three times as long.
SEARCHED = (
    "g_name",
    "g_model",
    "hs_code",
    "agent_name",
    "trader_name",
    "agent_uscc",
    "agent_code",
    "trader_uscc",
    "trader_code",
    "auditor",
)


class GridFilterSet(PortalFilterSet):
    """Conditions on an upload's rows; rule, column and level are those of one fault."""

    show = django_filters.ChoiceFilter(
        label="显示", choices=SHOWS, empty_label=None, method="shown"
    )
    rule = django_filters.ChoiceFilter(label="规则", method="of_fault")
    field = django_filters.ChoiceFilter(label="列", method="of_fault")
    level = django_filters.ChoiceFilter(label="级别", choices=Level.choices, method="of_fault")
    entry_id = django_filters.CharFilter(
        label="报关单号", max_length=18, lookup_expr="startswith", strip=True
    )
    keyword = KeywordFilter(label="关键字", method="search")

    def __init__(self, data: Any, *, upload: AuditUpload, **kwargs: Any) -> None:
        rows = UploadRow.objects.filter(upload=upload)
        super().__init__(data, queryset=rows, **kwargs)
        self.upload = upload
        kinds = kinds_of_faults(upload)
        rules = dict.fromkeys(rule for _, rule, _ in kinds)
        fields = [name for name in LABELS if any(name == field for _, _, field in kinds)]
        self.filters["rule"].extra["choices"] = [(rule, rule_words(rule)) for rule in rules]
        self.filters["field"].extra["choices"] = [(name, LABELS[name]) for name in fields]

    @property
    def qs(self) -> QuerySet[UploadRow]:
        """The rows; a bare address shows those that wait to be mended."""
        rows = super().qs
        return rows if self._asked("show") else self.shown(rows, "show", TO_MEND)

    def shown(self, rows: QuerySet[UploadRow], name: str, value: str) -> QuerySet[UploadRow]:
        """Narrow by what became of them."""
        if value == ALL:
            return rows
        if value == WARNED:
            # In the words of the index upload_row_to_see.
            return rows.filter(Q(state=RowState.FAULTY) | Q(state=RowState.CLEAN, warnings__gt=0))
        return rows.filter(state=value)

    def of_fault(self, rows: QuerySet[UploadRow], name: str, value: str) -> QuerySet[UploadRow]:
        """Narrow to rows with a fault of this rule, column and level: once for the three."""
        asked = [part for part in ("rule", "field", "level") if self._asked(part)]
        if name != asked[0]:
            return rows
        faults = UploadFault.objects.filter(
            row=OuterRef("pk"),
            upload=self.upload,
            # Both levels are named, so that the index is entered by its whole beginning.
            level__in=[self._asked("level")] if "level" in asked else Level.values,
            **{part: self._asked(part) for part in asked if part != "level"},
        )
        return rows.filter(Exists(faults))

    def search(self, rows: QuerySet[UploadRow], name: str, value: str) -> QuerySet[UploadRow]:
        """Narrow to rows that hold each word in a text that names what or who they are about."""
        for word in value.split():
            # Without letters there is no case to fold, which takes as long as all the rest.
            holds = IContains if re.search("[A-Za-z]", word) else Contains
            found = Q()
            for field in SEARCHED:
                found |= Q(holds(KT(f"cells__{field}"), word))
            rows = rows.filter(found)
        return rows

    def _asked(self, name: str) -> Any:
        return self.form.cleaned_data.get(name)

    def get_form_class(self) -> type[forms.Form]:
        """Build the form, whose sentences name what to choose."""
        form = super().get_form_class()
        form.base_fields["entry_id"].widget.attrs["placeholder"] = "前几位或全部 18 位"
        form.base_fields["keyword"].widget.attrs["placeholder"] = "商品、规格、企业、编码、审核人员"
        return form
