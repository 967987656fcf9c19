"""The forms of 申报前自检: one line, and a table; and what a line's form was sent with."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django import forms
from django.http import QueryDict

from declarations.models import IEFlag
from enterprise_lib.checking.composing import bar_fault, compose
from enterprise_lib.checking.lines import Line, one_line, read_line
from enterprise_lib.drafts import LONGEST_G_MODEL
from pages.forms import QueryForm

# More places than any list has; a text of more parts is shown, not laid out.
MOST_PLACES = 150


class LineForm(QueryForm):
    """商品编码, 进出口标志, 商品名称, 规格型号 of one line."""

    hs_code = forms.CharField(
        label="商品编码",
        max_length=32,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "10 位数字"}),
    )
    ie_flag = forms.ChoiceField(
        label="进出口标志", choices=IEFlag.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(label="商品名称", max_length=1_000, required=False)
    g_model = forms.CharField(
        label="规格型号",
        max_length=40_000,
        widget=forms.Textarea(
            attrs={"rows": 3, "placeholder": "各要素用竖线“|”分隔，例如 4|3|用于平板电脑|逻辑|……"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = {
            "hs_code": "商品编码为空，请填写 10 位数字。",
            "ie_flag": "请选择进口或出口。",
            "g_model": "规格型号为空，请填写后再自检。",
        }
        for name, sentence in said.items():
            self.fields[name].error_messages["required"] = sentence

    def clean(self) -> dict[str, Any]:
        """Read the line by the rules of a table's row; its error stands at the field it is about."""
        asked = super().clean() or {}
        if self.errors:
            return asked
        self.line = read_line(
            0,
            {
                "hs_code": asked["hs_code"],
                "ie_flag": asked["ie_flag"],
                "g_name": asked["name"],
                "g_model": asked["g_model"],
            },
        )
        if self.line.error:
            too_long = len(one_line(asked["g_model"])) > LONGEST_G_MODEL
            self.add_error("g_model" if too_long else "hs_code", self.line.error)
        return asked


class TableForm(QueryForm):
    """A table: pasted, or uploaded as .xlsx; the 进出口标志 of rows that name none."""

    text = forms.CharField(
        label="粘贴表格",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 7,
                "placeholder": "从 Excel 中选中商品编码、商品名称、规格型号、进出口标志各列"
                "（可连同表头），复制后粘贴到这里",
            }
        ),
    )
    file = forms.FileField(
        label="或上传文件",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".xlsx", "class": "form-control form-control-sm"}),
    )
    otherwise = forms.ChoiceField(
        label="进出口标志",
        required=False,
        choices=[("", "按表格判断"), *IEFlag.choices],
        widget=forms.RadioSelect,
        initial="",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].error_messages["empty"] = "文件是空的，请选择有内容的 .xlsx 文件。"


class Do(StrEnum):
    """What the pressed button of a line's form asks for."""

    CHECK = "check"
    RECOMPOSE = "recompose"
    DRAFT = "draft"
    DOWNLOAD = "download"
    SAVE = "save"
    RESTORE = "restore"


@dataclass(frozen=True)
class Sent:
    """What a line's form was sent with: its own fields, and the elements that it laid out.

    `from_parts` says that the elements are what counts; `fault` why they can't be put together.
    """

    do: Do
    data: Mapping[str, str]
    parts: list[str]
    tail: str
    from_parts: bool = False
    fault: str = ""


def read_sent(post: QueryDict) -> Sent:
    """Tell whether the text or the elements were meant, and put the elements together.

    Both stand in one form, so that nothing typed in either is lost. What was changed counts,
    whichever button was pressed or key hit; where both were, the button decides, and where neither
    was, every button but 自检 takes the elements in the official order.
    """
    try:
        do = Do(post.get("do", ""))
    except ValueError:
        do = Do.CHECK
    data = {name: post.get(name, "") for name in ("hs_code", "ie_flag", "name", "g_model")}
    parts, tail = post.getlist("part")[:MOST_PLACES], post.get("tail", "")
    if not parts:
        return Sent(do, data, parts, tail)
    least = _whole(post.get("least", ""))
    composed = compose(parts, tail, least)
    text_changed = one_line(data["g_model"]) != one_line(post.get("basis", ""))
    parts_changed = composed != post.get("laid_out", "")
    from_parts = parts_changed if parts_changed != text_changed else do is not Do.CHECK
    if not from_parts:
        return Sent(do, data, parts, tail)
    labels = post.getlist("label")
    faults = [
        bar_fault(labels[i] if i < len(labels) else f"第 {i + 1} 项", part)
        for i, part in enumerate(parts)
    ]
    fault = next(filter(None, faults), "")
    if not fault:
        data["g_model"] = composed
    return Sent(do, data, parts, tail, True, fault)


def line_form(line: Line) -> LineForm:
    """Return the form of a line as it is kept, checked."""
    return LineForm(
        {
            "hs_code": line.hs_code,
            "ie_flag": line.ie_flag,
            "name": line.name,
            "g_model": line.g_model,
        }
    )


def _whole(text: str) -> int:
    return min(int(text), MOST_PLACES) if text.isascii() and text.isdigit() and len(text) < 9 else 0
