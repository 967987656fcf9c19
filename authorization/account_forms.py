"""Forms about accounts: a new operator, a password by a link."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm, UsernameField
from django.core.validators import RegexValidator

from authorization.models import User
from authorization.passwords import RULE

USERNAME_FORM = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9_.@-]{2,63}\Z",
    "用户名须为 3 至 64 位字母、数字或 _ . @ -，并以字母或数字开头。",
)
TAKEN = "该用户名已被使用，请换一个。"


class UserSearch(forms.Form):
    """What narrows the list of users; anything strange means no narrowing."""

    STATES = [("", "全部"), ("active", "启用"), ("disabled", "停用")]

    keyword = forms.CharField(label="用户", max_length=64, required=False)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)


class PlainForm(forms.Form):
    """Fields in our look, with Chinese sentences."""

    use_required_attribute = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "form-control")
            field.error_messages["required"] = f"请输入{field.label}。"
            field.error_messages["max_length"] = f"{field.label}最多 %(limit_value)d 个字符。"
            field.error_messages["null_characters_not_allowed"] = "请删除其中的特殊字符。"


class AddOperatorForm(PlainForm):
    """A new operator of one's own enterprise."""

    username = UsernameField(
        label="用户名",
        max_length=64,
        validators=[USERNAME_FORM],
        help_text="登录时使用，建立后不能更改；请与“单一窗口”用户名一致。",
    )
    display_name = forms.CharField(label="姓名", max_length=64)

    def clean_username(self) -> str:
        """Refuse a name that somebody has, in whatever case."""
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(TAKEN)
        return name


class LinkPasswordForm(SetPasswordForm):
    """The new password twice, for whoever holds a link."""

    error_messages = {"password_mismatch": "两次输入的密码不一致，请重新输入。"}

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        first, second = self.fields["new_password1"], self.fields["new_password2"]
        first.label, second.label = "新密码", "再次输入新密码"
        first.help_text, second.help_text = RULE, ""
        for field in self.fields.values():
            field.error_messages["required"] = f"请输入{field.label}。"
        self.label_suffix = ""
