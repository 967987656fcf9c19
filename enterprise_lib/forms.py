"""The query form of the 企业库: the manual's conditions, as typed."""

from typing import Any

from django import forms

from comparison.models import Mark
from declarations.code_tables import trade_modes
from declarations.keywords import read_keyword
from declarations.models import IEFlag
from enterprise_lib.conditions import Conditions, PartyRole
from pages.forms import CodePrefixField, DateSpan, DateSpanField, KeywordField, QueryForm


def trade_mode_choices() -> list[tuple[str, str]]:
    """All 监管方式 as code and name, and none of them."""
    modes = [(code, f"{code} {name}") for code, name in sorted(trade_modes().items())]
    return [("", ""), *modes]


class LibraryQueryForm(QueryForm):
    """标记类型, 监管方式, 商品编码, 进出口标志, 企业类别, 申报日期, 关键字; all optional."""

    mark = forms.MultipleChoiceField(
        label="标记类型",
        choices=Mark.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"wide": True}),
    )
    hs_code = CodePrefixField(label="商品编码")
    trade_mode = forms.ChoiceField(label="监管方式", choices=trade_mode_choices, required=False)
    ie_flag = forms.ChoiceField(
        label="进出口标志", choices=[("", ""), *IEFlag.choices], required=False
    )
    role = forms.ChoiceField(
        label="企业类别", choices=[("", ""), *PartyRole.choices], required=False
    )
    declared_on = DateSpanField(label="申报日期")
    keyword = KeywordField(
        label="关键字",
        widget=forms.TextInput(attrs={"placeholder": "商品名称、规格型号或 18 位报关单号"}),
    )

    def clean_keyword(self) -> str:
        """Return the keyword; raises ValidationError where nothing in it can be looked for."""
        keyword: str = self.cleaned_data["keyword"]
        if keyword and read_keyword(keyword) == ((), ()):
            raise forms.ValidationError(
                "关键字中没有可以检索的文字，请改用商品名称或规格型号中的词。"
            )
        return keyword

    def conditions(self) -> Conditions:
        """Return what a valid form asks for."""
        asked: dict[str, Any] = self.cleaned_data
        span: DateSpan | None = asked["declared_on"]
        words, entry_ids = read_keyword(asked["keyword"])
        return Conditions(
            marks=frozenset(Mark(mark) for mark in asked["mark"]),
            trade_modes=frozenset(filter(None, [asked["trade_mode"]])),
            hs_prefix=asked["hs_code"],
            ie_flag=IEFlag(asked["ie_flag"]) if asked["ie_flag"] else None,
            role=PartyRole(asked["role"]) if asked["role"] else None,
            declared_from=span[0] if span else None,
            declared_to=span[1] if span else None,
            words=words,
            entry_ids=entry_ids,
        )
