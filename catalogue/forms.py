"""What is typed on the pages of 目录查询."""

from collections.abc import Sequence
from typing import Any

from django import forms

from catalogue.changes import ChangeKind, CodeChangeKind
from catalogue.searching import BadQuery, Query, Scope, read_query
from pages.forms import CodePrefixField, KeywordField, QueryForm

Choices = Sequence[tuple[str, str]]


class SearchForm(QueryForm):
    """The one box of 目录查询, and where to look."""

    q = KeywordField(label="查询内容", required=True)
    scope = forms.ChoiceField(label="查询范围", choices=Scope.choices, required=False)
    chapter = forms.RegexField(r"[0-9]{2}", label="章", required=False)

    def clean_q(self) -> Query:
        """Return what to look for; raises ValidationError where that is nothing."""
        try:
            return read_query(self.cleaned_data["q"])
        except BadQuery as bad:
            raise forms.ValidationError(str(bad)) from bad


# What a code's change is filtered by: what became of the code, or of one of its elements.
CHANGE_CHOICES: Choices = (
    ("", ""),
    *CodeChangeKind.choices,
    *((kind.value, f"有{kind.label}的要素") for kind in ChangeKind if kind != ChangeKind.KEPT),
)


class ChangesForm(QueryForm):
    """The conditions of the page of changes between two editions."""

    kind = forms.ChoiceField(label="变化", choices=CHANGE_CHOICES, required=False)
    chapter = forms.ChoiceField(label="章", required=False)
    hs_code = CodePrefixField(label="商品编码", most=8)

    def __init__(self, *args: Any, chapters: Choices = (), **kwargs: Any) -> None:
        """Take the chapters that have changes as (two digits, what the list says)."""
        super().__init__(*args, **kwargs)
        self.fields["chapter"].choices = [("", "全部"), *chapters]  # type: ignore[attr-defined]


class EditionsForm(QueryForm):
    """Which two editions to compare, by their keys (catalogue.browsing.edition_key)."""

    old = forms.ChoiceField(label="原版本")
    new = forms.ChoiceField(label="新版本")

    def __init__(self, *args: Any, editions: Choices = (), **kwargs: Any) -> None:
        """Take the editions as (key, name)."""
        super().__init__(*args, **kwargs)
        for name in ("old", "new"):
            self.fields[name].choices = list(editions)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Return both keys; raises ValidationError where they are the same edition."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("old") and cleaned.get("old") == cleaned.get("new"):
            raise forms.ValidationError("两个版本相同，请选择两个不同的版本进行对比。")
        return cleaned
