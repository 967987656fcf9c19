"""The administrators' pages of the second factor: enrol, verify, recovery codes."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from authorization import second_factor
from authorization.account_forms import PlainForm
from authorization.events import By
from authorization.gate import as_user, open_before_second_factor, roles
from authorization.models import Role, User


class CodeForm(PlainForm):
    """One code: of the authenticator, or a recovery code."""

    code = forms.CharField(
        label="动态口令",
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@roles(Role.ADMINISTRATOR)
@open_before_second_factor
@never_cache
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Ask for a code, or let an administrator without an authenticator enrol one."""
    user = as_user(request)
    onward = _onward(request)
    if second_factor.is_given(request):
        return _state(request, user)
    form = CodeForm(request.POST or None)
    enrolled = second_factor.authenticator_of(user) is not None
    if request.method == "POST" and form.is_valid():
        try:
            if not enrolled:
                codes = second_factor.enrol(request, user, form.cleaned_data["code"])
                return _codes(request, codes, onward)
            left = second_factor.verify(request, user, form.cleaned_data["code"])
        except second_factor.WrongCode as wrong:
            form.add_error("code", str(wrong))
        else:
            if left is not None:
                sentence = f"已使用一个恢复码，还剩 {left} 个；请尽快重新生成，或请其他管理员重置。"
                messages.warning(request, sentence)
            return redirect(onward)
    context = {"form": form, "next": onward, "title": "动态口令"}
    if enrolled:
        return render(request, "authorization/second_factor.html", context)
    device = second_factor.authenticator_to_enrol(user)
    context |= {
        "title": "绑定动态口令",
        "qr": second_factor.qr_code(device),
        "key": second_factor.typed_key(device),
    }
    return render(request, "authorization/second_factor_enrol.html", context)


@require_POST
@roles(Role.ADMINISTRATOR)
@never_cache
def new_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, asked for with a fresh code, and show them this once."""
    user = as_user(request)
    if not second_factor.is_given(request):
        return redirect("account:second_factor")
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            codes = second_factor.new_recovery_codes(
                By.of(request), user, form.cleaned_data["code"]
            )
        except second_factor.WrongCode as wrong:
            form.add_error("code", str(wrong))
        else:
            return _codes(request, codes, "/")
    return _state(request, user, form)


def _codes(request: HttpRequest, codes: list[str], onward: str) -> HttpResponse:
    context = {"title": "恢复码", "codes": codes, "next": onward}
    return render(request, "authorization/recovery_codes.html", context)


def _state(request: HttpRequest, user: User, form: CodeForm | None = None) -> HttpResponse:
    left = second_factor.codes_left(user)
    context = {"title": "动态口令", "left": left, "form": form or CodeForm()}
    return render(request, "authorization/second_factor_state.html", context)


def _onward(request: HttpRequest) -> str:
    """Return the page that was asked for, where it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else "/"
