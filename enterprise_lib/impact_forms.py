"""The query form of 新目录影响."""

from django import forms

from catalogue.changes import ChangeKind, CodeChangeKind
from declarations.models import IEFlag
from enterprise_lib.succession import CATEGORY_CHANGED
from enterprise_lib.touched import Wanted
from pages.forms import CodePrefixField, QueryForm

# What an element that is asked for and not said comes from: added to the list, or the whole list is.
BRINGS_MISSING = frozenset({ChangeKind.ADDED.value, CodeChangeKind.NEW.value})

KIND_CHOICES = [
    ("", ""),
    (ChangeKind.ADDED.value, "新增要素"),
    (ChangeKind.REMOVED.value, "删除要素"),
    (ChangeKind.RENAMED.value, "要素更名"),
    (ChangeKind.MOVED.value, "要素移位"),
    (CATEGORY_CHANGED, "要素类别变化"),
    (CodeChangeKind.GONE.value, "取消编码"),
    (CodeChangeKind.NEW.value, "新增编码"),
]


class ImpactQueryForm(QueryForm):
    """商品编码, 进出口标志, 变化类型, 只看缺少要素的; all optional."""

    hs_code = CodePrefixField(label="商品编码")
    ie_flag = forms.ChoiceField(
        label="进出口标志", choices=[("", ""), *IEFlag.choices], required=False
    )
    kind = forms.ChoiceField(label="变化类型", choices=KIND_CHOICES, required=False)
    missing = forms.ChoiceField(
        label="待补要素", choices=[("", ""), ("1", "只看缺少要素的")], required=False
    )

    def wanted(self) -> Wanted:
        """Return what a valid form asks for."""
        asked = self.cleaned_data
        kinds = []
        if asked["kind"]:
            kinds.append(frozenset({asked["kind"]}))
        if asked["missing"]:
            kinds.append(BRINGS_MISSING)
        return Wanted(
            hs_prefix=asked["hs_code"],
            ie_flag=IEFlag(asked["ie_flag"]) if asked["ie_flag"] else None,
            kinds=tuple(kinds),
        )
