"""The fields of the query form that only the 公共库 has: a span of months, words to search for."""

import re
from datetime import date
from typing import Any, NamedTuple

from django import forms

from declarations.normalise import keyword_words
from pages.forms import KeywordField


class MonthSpan(NamedTuple):
    """First days of the first and the last month, both included; None is open."""

    start: date | None
    end: date | None


class MonthInput(forms.TextInput):
    """The browser's own month picker; a plain field where it has none."""

    input_type = "month"

    def format_value(self, value: Any) -> str | None:
        """Write a month as the picker wants it: 2026-09."""
        return f"{value:%Y-%m}" if isinstance(value, date) else super().format_value(value)


class MonthField(forms.Field):
    """A month as 2026-09, also written 202609 or 2026年9月; cleaned to its first day."""

    widget = MonthInput

    def clean(self, value: Any) -> Any:
        """Return the month's first day or None; raises ValidationError for anything else."""
        text = re.sub(r"\s", "", str(value or ""))
        if not text:
            return None
        found = re.fullmatch(r"(20\d\d)(?:[-/.年]?)(0?[1-9]|1[0-2])月?", text, re.ASCII)
        if not found:
            raise forms.ValidationError("请输入有效月份，例如 2026-09。")
        return date(int(found[1]), int(found[2]), 1)


class MonthSpanWidget(forms.MultiWidget):
    """Two month pickers, named NAME_from and NAME_to in the URL."""

    template_name = "pages/widgets/date_span.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"from": MonthInput(), "to": MonthInput()}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """Split a span for the two pickers."""
        return list(value) if value else [None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give each picker a name for screen readers."""
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], ("起始", "截止"), strict=True):
            part["attrs"]["aria-label"] = f"{self.attrs.get('data-label', '月份')}{label}"
        return context


class MonthSpanField(forms.MultiValueField):
    """From-to months; cleaned to a MonthSpan, or None when both are empty."""

    widget = MonthSpanWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        parts = (MonthField(required=False), MonthField(required=False))
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[date | None]) -> MonthSpan | None:
        """Join both months; raises ValidationError when they are the wrong way round."""
        start, end = (*data_list, None, None)[:2]
        if start is None and end is None:
            return None
        if start and end and start > end:
            raise forms.ValidationError("起始月份晚于截止月份，请调整后再查询。")
        return MonthSpan(start, end)


class SearchField(KeywordField):
    """Words that the shown text must all contain."""

    def clean(self, value: Any) -> str:
        """Return the words; raises ValidationError where nothing in them can be looked for."""
        text = super().clean(value)
        if text and not keyword_words(text):
            raise forms.ValidationError(
                "关键字中没有可以检索的文字，请改用商品名称或规格型号中的词。"
            )
        return text
