"""Logging in, and changing one's password."""

from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from authorization import throttle
from authorization.passwords import RULE


class PortalLoginForm(AuthenticationForm):
    """User name and password; says why a login failed, not which half was wrong."""

    error_messages = {
        "invalid_login": "用户名或密码不正确，请核对后重新输入。",
        # An inactive account is refused in the same words: they would confirm the password.
        "inactive": "用户名或密码不正确，请核对后重新输入。",
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        username, password = self.fields["username"], self.fields["password"]
        username.label, password.label = "用户名", "密码"
        username.error_messages["required"] = "请输入用户名。"
        password.error_messages["required"] = "请输入密码。"
        self.label_suffix = ""

    def clean(self) -> dict[str, Any]:
        """Look the password up, unless the account or the address must wait."""
        username = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if username is None or not password:
            return self.cleaned_data
        address = "" if self.request is None else throttle.client_address(self.request)
        try:
            attempt = throttle.begin(username, address)
        except throttle.TooManyFailures as error:
            raise ValidationError(str(error), code="too_many_failures") from None
        self.user_cache = authenticate(self.request, username=username, password=password)
        if self.user_cache is None:
            raise self.get_invalid_login_error()
        self.confirm_login_allowed(self.user_cache)
        attempt.succeeded()
        return self.cleaned_data


class PortalPasswordChangeForm(PasswordChangeForm):
    """The old password once, the new one twice."""

    error_messages = {
        "password_mismatch": "两次输入的新密码不一致，请重新输入。",
        "password_incorrect": "原密码不正确，请重新输入。",
    }

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address
        self.fields["old_password"].label = "原密码"
        self.fields["new_password1"].label = "新密码"
        self.fields["new_password2"].label = "再次输入新密码"
        self.fields["new_password1"].help_text = RULE
        self.fields["new_password2"].help_text = ""
        for field in self.fields.values():
            field.error_messages["required"] = f"请输入{field.label}。"
        self.label_suffix = ""

    def clean_old_password(self) -> str:
        """Compare with the account; guesses at an open session count as failures to log in."""
        try:
            attempt = throttle.begin(self.user.get_username(), self.address)
        except throttle.TooManyFailures as error:
            raise ValidationError(str(error), code="too_many_failures") from None
        old: str = super().clean_old_password()
        attempt.succeeded()
        return old

    def clean_new_password1(self) -> str:
        """Refuse the old password as the new one.

        Compared with what was typed above, never with the account: else the answer would tell a
        stranger at an open session whether a guess is the password.
        """
        new: str = self.cleaned_data.get("new_password1", "")
        if new and new == self.cleaned_data.get("old_password"):
            raise ValidationError("新密码不能与原密码相同，请另设一个。")
        return new
