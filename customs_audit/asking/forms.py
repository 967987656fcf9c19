"""The query forms of officers: the 企业库's conditions, and whose data."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from authorization.finding import enterprises_named
from comparison.models import Mark
from customs_audit.asking.conditions import (
    ContentConditions,
    DeclaredConditions,
    PartyConditions,
    PartyRole,
    VerdictConditions,
    VerdictState,
)
from customs_audit.models import UploadRelease
from declarations.code_tables import reasons, trade_modes
from declarations.keywords import read_keyword
from declarations.models import DeclaredLine, IEFlag
from pages.forms import CodePrefixField, DateSpan, DateSpanField, KeywordField, QueryForm

# Whoever means more enterprises than this types no name, but other conditions.
MOST_ENTERPRISES = 200
# A query of so few enterprises is one of them in particular: it wants a case reference.
FEW_ENTERPRISES = 3

_ALL = [("", "")]


def trade_mode_choices() -> list[tuple[str, str]]:
    """All 监管方式 as code and name, and none of them."""
    return [*_ALL, *((code, f"{code} {name}") for code, name in sorted(trade_modes().items()))]


def reason_choices() -> list[tuple[str, str]]:
    """All reason codes with their words, and none of them."""
    return [*_ALL, *((code, f"{code} {name}") for code, name in sorted(reasons().items()))]


class AskingForm(QueryForm):
    """What both queries ask for: 商品编码, 进出口标志, 企业, 企业类别, 申报日期, 关键字."""

    hs_code = CodePrefixField(label="商品编码")
    ie_flag = forms.ChoiceField(
        label="进出口标志", choices=[*_ALL, *IEFlag.choices], required=False
    )
    enterprise = KeywordField(
        label="企业",
        widget=forms.TextInput(attrs={"placeholder": "名称、统一社会信用代码或海关编码"}),
    )
    role = forms.ChoiceField(label="企业类别", choices=[*_ALL, *PartyRole.choices], required=False)
    declared_on = DateSpanField(label="申报日期")
    keyword = KeywordField(
        label="关键字",
        widget=forms.TextInput(attrs={"placeholder": "商品名称、规格型号或 18 位报关单号"}),
    )

    # Where another page leads here; it is typed nowhere.
    content = forms.IntegerField(
        label="内容编号",
        required=False,
        min_value=1,
        max_value=2**62,
        widget=forms.HiddenInput,
    )

    def clean_enterprise(self) -> str:
        """Look the enterprises up; raises ValidationError where there are none, or too many."""
        typed: str = self.cleaned_data["enterprise"]
        found = enterprises_named(typed, MOST_ENTERPRISES + 1) if typed else None
        if found is not None and not found:
            raise ValidationError("没有找到这家企业，请核对名称或代码后再查询。")
        if found is not None and len(found) > MOST_ENTERPRISES:
            raise ValidationError(
                f"符合的企业超过 {MOST_ENTERPRISES} 家，请把名称写得更完整，或改用代码。"
            )
        self.enterprises = found
        return typed

    def clean_keyword(self) -> str:
        """Return the keyword; raises ValidationError where nothing in it can be looked for."""
        keyword: str = self.cleaned_data["keyword"]
        if keyword and read_keyword(keyword) == ((), ()):
            raise ValidationError("关键字中没有可以检索的文字，请改用商品名称或规格型号中的词。")
        return keyword

    def clean(self) -> dict[str, Any]:
        """Refuse a 企业类别 of nobody."""
        asked: dict[str, Any] = super().clean() or self.cleaned_data
        if asked.get("role") and asked.get("enterprise") == "":
            self.add_error("role", "请同时填写企业：企业类别指该企业在报关单上的身份。")
        return asked

    # --- what a valid form asks for ---------------------------------------------------------------

    @cached_property
    def entry_ids(self) -> tuple[str, ...]:
        """The 报关单号 in the keyword."""
        return read_keyword(self.cleaned_data["keyword"])[1]

    @cached_property
    def named(self) -> list[int]:
        """The enterprises that the query names: those typed, where few, else an entry's parties."""
        typed: Sequence[int] | None = self.enterprises
        if typed is not None:
            return sorted(typed) if len(typed) <= FEW_ENTERPRISES else []
        lines = DeclaredLine.objects.filter(entry_id__in=self.entry_ids)
        return sorted({one for pair in lines.values_list("agent", "trader") for one in pair})

    @property
    def subject(self) -> str:
        """What of the query wants a case reference: enterprises or a 报关单号; "" for nothing."""
        typed: Sequence[int] | None = self.enterprises
        if typed is not None:
            few = len(typed) <= FEW_ENTERPRISES
            return "e:" + ",".join(map(str, sorted(typed))) if few else ""
        return f"n:{self.entry_ids[0]}" if len(self.entry_ids) == 1 else ""

    def content_conditions(self) -> ContentConditions:
        """Return the conditions on what was declared."""
        asked = self.cleaned_data
        return ContentConditions(
            number=asked["content"],
            hs_prefix=asked["hs_code"],
            ie_flag=IEFlag(asked["ie_flag"]) if asked["ie_flag"] else None,
            words=read_keyword(asked["keyword"])[0],
        )

    def parties(self) -> PartyConditions:
        """Return whose rows are asked for; a role without an enterprise asks for nothing."""
        typed: Sequence[int] | None = self.enterprises
        if typed is None:
            return PartyConditions()
        role = self.cleaned_data["role"]
        return PartyConditions(tuple(typed), PartyRole(role) if role else None)

    def span(self) -> tuple[date | None, date | None]:
        """Return from and to of the 申报日期."""
        span: DateSpan | None = self.cleaned_data["declared_on"]
        return (span[0], span[1]) if span else (None, None)


class DeclaredQueryForm(AskingForm):
    """The query of declared lines."""

    mark = forms.MultipleChoiceField(
        label="标记类型",
        choices=Mark.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"wide": True}),
    )
    trade_mode = forms.ChoiceField(label="监管方式", choices=trade_mode_choices, required=False)
    field_order = [
        "mark", "hs_code", "trade_mode", "ie_flag", "enterprise", "role", "declared_on", "keyword",
    ]  # fmt: skip

    def conditions(self) -> DeclaredConditions:
        """Return what a valid form asks for."""
        asked: dict[str, Any] = self.cleaned_data
        start, end = self.span()
        return DeclaredConditions(
            content=self.content_conditions(),
            parties=self.parties(),
            marks=frozenset(Mark(mark) for mark in asked["mark"]),
            trade_mode=asked["trade_mode"],
            declared_from=start,
            declared_to=end,
            entry_ids=self.entry_ids,
        )


class MonthInput(forms.TextInput):
    """The browser's own month picker, YYYY-MM."""

    input_type = "month"


class VerdictQueryForm(AskingForm):
    """The query of audited rows."""

    month = forms.DateField(
        label="审核月份",
        required=False,
        input_formats=["%Y-%m"],
        widget=MonthInput(attrs={"placeholder": "如 2026-04"}),
    )
    conclusion = forms.ChoiceField(
        label="审核结论",
        choices=[*_ALL, ("conforming", "规范"), ("nonconforming", "不规范")],
        required=False,
    )
    state = forms.ChoiceField(
        label="结论状态", choices=[*_ALL, *VerdictState.choices], required=False
    )
    reason = forms.ChoiceField(label="不规范原因", choices=reason_choices, required=False)
    auditor = KeywordField(label="审核人员", max_length=64)
    release = forms.IntegerField(label="发布编号", required=False, min_value=1, max_value=2**62)
    upload = forms.IntegerField(label="上传编号", required=False, min_value=1, max_value=2**62)
    field_order = [
        "month", "conclusion", "state", "reason", "hs_code", "ie_flag", "enterprise", "role",
        "declared_on", "auditor", "release", "upload", "keyword",
    ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month"].error_messages["invalid"] = "请输入有效月份，例如 2026-04。"

    def conditions(self) -> VerdictConditions:
        """Return what a valid form asks for."""
        asked: dict[str, Any] = self.cleaned_data
        start, end = self.span()
        return VerdictConditions(
            content=self.content_conditions(),
            parties=self.parties(),
            state=VerdictState(asked["state"]) if asked["state"] else None,
            month=asked["month"],
            conforming=asked["conclusion"] == "conforming" if asked["conclusion"] else None,
            reason=asked["reason"],
            auditor=asked["auditor"],
            releases=self._releases(),
            declared_from=start,
            declared_to=end,
            entry_ids=self.entry_ids,
        )

    def _releases(self) -> tuple[int, ...] | None:
        """Return the releases asked for by number, and by the upload they came from."""
        release, upload = self.cleaned_data["release"], self.cleaned_data["upload"]
        if upload is None:
            return None if release is None else (release,)
        of_upload = UploadRelease.objects.filter(upload=upload, release__isnull=False)
        found = set(of_upload.values_list("release_id", flat=True))
        return tuple(found if release is None else found & {release})
