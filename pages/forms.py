"""Fields and widgets of query forms: what users type into a list page's conditions."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms

MIN_DATE = date(2000, 1, 1)
# What a Chinese input method types for figures and dots.
_HALF_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")


class DateSpan(tuple[date | None, date | None]):
    """From and to, both included; None is open."""

    __slots__ = ()


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateSpanWidget(forms.MultiWidget):
    """Two date pickers, named NAME_from and NAME_to in the URL."""

    template_name = "pages/widgets/date_span.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"from": DateInput(), "to": DateInput()}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        """Split a span for the two pickers."""
        return list(value) if value else [None, None]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give each picker a name for screen readers."""
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], ("起始", "截止"), strict=True):
            part["attrs"]["aria-label"] = f"{self.attrs.get('data-label', '日期')}{label}"
        return context


class DateSpanField(forms.MultiValueField):
    """From-to dates; cleaned to a DateSpan, or None when both are empty."""

    widget = DateSpanWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        sentence = "请输入有效日期，例如 2025-09-30。"
        parts = tuple(
            forms.DateField(required=False, error_messages={"invalid": sentence}) for _ in range(2)
        )
        super().__init__(fields=parts, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[date | None]) -> DateSpan | None:
        """Join both dates; raises ValidationError when they are the wrong way round."""
        start, end = (*data_list, None, None)[:2]
        if start is None and end is None:
            return None
        if start and end and start > end:
            raise forms.ValidationError("起始日期晚于截止日期，请调整后再查询。")
        if (start and start < MIN_DATE) or (end and end < MIN_DATE):
            raise forms.ValidationError(f"日期不能早于 {MIN_DATE:%Y-%m-%d}，请调整后再查询。")
        return DateSpan((start, end))


class CodePrefixField(forms.CharField):
    """The first digits of a 商品编码; dots and spaces as people write them are taken off."""

    def __init__(self, *, least: int = 2, most: int = 10, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        self.least, self.most = least, most
        super().__init__(max_length=32, **kwargs)
        self.widget.attrs.setdefault("inputmode", "numeric")
        self.widget.attrs.setdefault("placeholder", f"前 {least} 至 {most} 位数字")

    def clean(self, value: Any) -> str:
        """Return the digits; raises ValidationError for anything else, or too few or too many."""
        text = re.sub(r"[\s.。·]", "", (super().clean(value) or "").translate(_HALF_WIDTH))
        if text and not re.fullmatch(rf"[0-9]{{{self.least},{self.most}}}", text):
            raise forms.ValidationError(
                f"应为 {self.least} 至 {self.most} 位数字（可只填前几位），例如 8542 或 8542399000。"
            )
        return text


class KeywordField(forms.CharField):
    """Words to search for; white space is folded to single spaces."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 100)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Return the words separated by single spaces."""
        return " ".join((super().clean(value) or "").split())


class QueryForm(forms.Form):
    """The base of every query form: our look, Chinese sentences, an ALL choice in each select."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _say_it_in_chinese(field)
            self._dress(name, field)

    def _dress(self, name: str, field: forms.Field) -> None:
        widget = field.widget
        if isinstance(widget, forms.MultiWidget):
            widget.attrs.setdefault("data-label", field.label or name)
            for part in widget.widgets:
                part.attrs["class"] = "form-control form-control-sm"
        elif isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
            widget.template_name = "pages/widgets/choices.html"
            # Several boxes are one question: the grid names the group, not each box.
            widget.attrs.setdefault("data-group", "true")
        elif isinstance(widget, forms.Select):
            widget.attrs["class"] = "form-select form-select-sm"
            _call_the_empty_choice_all(field)
        elif not isinstance(widget, forms.CheckboxInput | forms.HiddenInput):
            widget.attrs["class"] = "form-control form-control-sm"
            widget.attrs.setdefault("autocomplete", "off")

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """Each fault as (id of the field, its label, the sentence), in the order of the form."""
        found = [("", "", str(sentence)) for sentence in self.non_field_errors()]
        for bound in self:
            if bound.errors:
                # A select's parts are its options, which have no ids.
                target = _first_id(bound.subwidgets[0].data) or bound.id_for_label
                found += [(target, str(bound.label), str(sentence)) for sentence in bound.errors]
        return found


def _first_id(widget: Mapping[str, Any]) -> str:
    """Return the id of a widget, or of the first of its parts, so that a link reaches it."""
    parts = widget.get("subwidgets")
    return _first_id(parts[0]) if parts else str(widget["attrs"].get("id", ""))


def _call_the_empty_choice_all(field: forms.Field) -> None:
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label is not None:
            field.empty_label = "全部"
    elif isinstance(field, forms.ChoiceField):
        choices: Iterable[Any] = field.widget.choices
        field.widget.choices = [
            (value, "全部" if value in ("", None) else label) for value, label in choices
        ]


def _say_it_in_chinese(field: forms.Field) -> None:
    """Replace Django's general sentences with ones that say what to do."""
    field.error_messages["required"] = "此项必填，请填写后再查询。"
    if isinstance(field, forms.ChoiceField):
        field.error_messages["invalid_choice"] = "“%(value)s”不在可选范围内，请从列表中选择。"
    elif isinstance(field, forms.DateField):
        field.error_messages["invalid"] = "请输入有效日期，例如 2025-09-30。"
    elif isinstance(field, forms.IntegerField):
        field.error_messages["invalid"] = "请输入整数。"
    elif isinstance(field, forms.CharField):
        field.error_messages["max_length"] = "最多 %(limit_value)d 个字，请删减后再查询。"
        field.error_messages["null_characters_not_allowed"] = "请删除其中的特殊字符后再查询。"
