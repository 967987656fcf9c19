"""Enterprises in the administrators' site: finding one, its page, correcting it, revoking.

An enterprise is authorized by a card alone; what may be corrected by hand, and what never,
authorization/correcting.py decides.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from authorization import correcting, events
from authorization.admin_base import ANY_WORD, ReadOnlyAdmin, Search
from authorization.admin_search import of_enterprise
from authorization.authorizing import revoke_by_administrator
from authorization.barriers import Barrier, Mend, barriers_of_enterprise, barriers_of_users
from authorization.change_models import ChangeEvent
from authorization.evidence_words import refusal_words
from authorization.finding import MOST_FOUND, enterprises_named
from authorization.models import CardAttempt, CardAuthorization, CustomsCode, Enterprise, Role, User
from authorization.sessions import not_over
from authorization.standing import standing_of

USERS_SHOWN = 50
ROWS_SHOWN = 10
_PAGE = "admin:authorization_enterprise_change"


class PageForm(forms.Form):
    """A form of an enterprise's page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


class RevokeForm(PageForm):
    """Why an authorization is revoked, and which one was looked at."""

    reason = forms.CharField(
        label="撤销原因",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="企业的法人和操作员会看到这段文字。",
        error_messages={
            "required": "请填写撤销原因，企业会看到这段文字。",
            "max_length": "撤销原因最多 500 字，请缩短后再提交。",
        },
    )
    authorization = forms.IntegerField(widget=forms.HiddenInput)


class CorrectForm(PageForm):
    """An enterprise's name and 统一社会信用代码."""

    name = forms.CharField(label="企业名称", max_length=70, required=False)
    uscc = forms.CharField(label="统一社会信用代码", max_length=30, required=False)
    join = forms.IntegerField(widget=forms.HiddenInput, required=False)


class CustomsCodeForm(PageForm):
    """A customs code to register."""

    code = forms.CharField(
        label="海关注册编码",
        max_length=20,
        error_messages={"required": "请填写 10 位海关注册编码。"},
    )
    join = forms.IntegerField(widget=forms.HiddenInput, required=False)


@admin.register(Enterprise)
class EnterpriseAdmin(ReadOnlyAdmin):
    """企业: found by code, name or pinyin; a page of its own says how it stands and why."""

    list_display = ["name_or_code", "uscc", "first_code", "standing", "authorized_until"]
    list_display_links = ["name_or_code", "uscc"]
    list_filter = ["is_authorized"]
    search_fields = ["name"]  # Django asks for it where an autocomplete field leads here
    searches = [
        Search(
            ANY_WORD,
            "统一社会信用代码、海关注册编码或其开头、企业名称中的字、拼音或首字母",
            lambda word: Q(pk__in=enterprises_named(word)),
        )
    ]
    changes_of = ChangeEvent.Of.ENTERPRISE

    def get_queryset(self, request: HttpRequest) -> QuerySet[Enterprise]:
        """Bring the customs codes of a listed page along, in one query."""
        rows: QuerySet[Enterprise] = super().get_queryset(request)
        return rows.prefetch_related("customs_codes")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Keep the enterprises that all typed words name together; say where that is too many."""
        if not search_term.split():
            return queryset, False
        ids = enterprises_named(search_term)
        # A choice field asks here too, and shows no messages.
        if len(ids) == MOST_FOUND and request.path == reverse(
            "admin:authorization_enterprise_changelist"
        ):
            sentence = f"符合的企业很多，只列出其中 {MOST_FOUND:,} 家，请多输入几个字。"
            self.message_user(request, sentence, messages.WARNING)
        return queryset.filter(pk__in=ids), False

    @admin.display(description="企业")
    def name_or_code(self, enterprise: Enterprise) -> str:
        """Return what it is called."""
        return str(enterprise)

    @admin.display(description="海关注册编码")
    def first_code(self, enterprise: Enterprise) -> str:
        """Return its customs code, and how many more there are."""
        codes = [code.code for code in enterprise.customs_codes.all()]
        more = f" 等 {len(codes)} 个" if len(codes) > 1 else ""
        return f"{codes[0]}{more}" if codes else ""

    @admin.display(description="授权")
    def standing(self, enterprise: Enterprise) -> str:
        """Say how it stands, from its own row."""
        if enterprise.may_be_entered():
            return "已授权"
        return "授权已到期" if enterprise.is_authorized else "未授权"

    # --- pages ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """Add what is done on an enterprise's page, and the search that leads straight there."""
        own = [
            path("find/", self.admin_site.admin_view(self.find_view), name=_name("find")),
            *(
                path(f"<int:enterprise_id>/{word}/", self.admin_site.admin_view(view), name=name)
                for word, name, view in (
                    ("revoke", _name("revoke"), self.revoke_view),
                    ("correct", _name("correct"), self.correct_view),
                    ("customs-code", _name("customs_code"), self.customs_code_view),
                )
            ),
        ]
        return own + super().get_urls()

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Lead to the only enterprise that is found, else to the list of what is."""
        typed = request.GET.get("q", "").strip()
        ids = enterprises_named(typed, 2)
        if len(ids) == 1:
            return redirect(_PAGE, ids[0])
        query = f"?{urlencode({'q': typed})}" if typed else ""
        return redirect(f"{reverse('admin:authorization_enterprise_changelist')}{query}")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an enterprise: what keeps its users out, its users, authorizations and tries."""
        if request.method not in {"GET", "HEAD"}:
            raise PermissionDenied("企业信息不在此处修改。")
        enterprise = self.get_object(request, object_id)
        if not isinstance(enterprise, Enterprise):
            # Django says that there is none.
            return super().change_view(request, object_id, form_url, extra_context)
        context = self._context(request, enterprise, str(enterprise)) | page_facts(enterprise)
        return TemplateResponse(request, "admin/authorization/enterprise/page.html", context)

    def revoke_view(self, request: HttpRequest, enterprise_id: int) -> HttpResponse:
        """Ask for a reason, then end the authorization; say so where there is none any more."""
        enterprise = get_object_or_404(Enterprise, pk=enterprise_id)
        held = enterprise.authorization
        form = RevokeForm(
            request.POST or None, initial={"authorization": held.pk if held else None}
        )
        if request.method == "POST" and form.is_valid():
            try:
                revoke_by_administrator(enterprise, events.By.of(request), **form.cleaned_data)
            except ValueError as refusal:
                messages.warning(request, str(refusal))
            else:
                messages.success(
                    request, f"已撤销 {enterprise} 的授权，其用户下次点击即被拒之门外。"
                )
            return redirect(_PAGE, enterprise.pk)
        if held is None:
            messages.info(request, "该企业现在没有授权，无需撤销。")
            return redirect(_PAGE, enterprise.pk)
        users = User.objects.filter(enterprise=enterprise, is_active=True)
        counts = users.aggregate(
            users=Count("pk", distinct=True),
            sessions=Count("open_sessions", filter=not_over("open_sessions__")),
        )
        context = self._context(request, enterprise, f"撤销授权：{enterprise}")
        context |= {"form": form, "held": held, **counts}
        return TemplateResponse(request, "admin/authorization/enterprise/revoke.html", context)

    def correct_view(self, request: HttpRequest, enterprise_id: int) -> HttpResponse:
        """Correct name and 统一社会信用代码."""
        enterprise = get_object_or_404(Enterprise, pk=enterprise_id)
        initial = {"name": enterprise.name, "uscc": enterprise.uscc or ""}
        form = CorrectForm(request.POST or None, initial=initial)
        if enterprise.card_signatures.exists():
            # Sent all the same it is refused, with the reason (correcting.py).
            form.fields["uscc"].widget.attrs["readonly"] = True

        def do(*, name: str, uscc: str, join: bool) -> Enterprise:
            by = events.By.of(request)
            return correcting.correct(by, enterprise, name=name, uscc=uscc, join=join)

        return self._corrected(request, enterprise, form, do, "更正企业信息")

    def customs_code_view(self, request: HttpRequest, enterprise_id: int) -> HttpResponse:
        """Register a customs code."""
        enterprise = get_object_or_404(Enterprise, pk=enterprise_id)
        form = CustomsCodeForm(request.POST or None)

        def do(*, code: str, join: bool) -> Enterprise:
            correcting.add_customs_code(events.By.of(request), enterprise, code, join=join)
            return enterprise

        return self._corrected(request, enterprise, form, do, "登记海关注册编码")

    def _corrected(
        self, request: HttpRequest, enterprise: Enterprise, form: forms.Form, do: Any, title: str
    ) -> HttpResponse:
        """Do what the form says, show why it can't be done, or ask before two are joined."""
        context = self._context(request, enterprise, f"{title}：{enterprise}")
        if request.method == "POST" and form.is_valid():
            fields = {name: value for name, value in form.cleaned_data.items() if name != "join"}
            try:
                kept = do(**fields, join=bool(form.cleaned_data["join"]))
            except correcting.CannotCorrect as refusal:
                form.add_error(None, str(refusal))
            except correcting.WouldJoin as asks:
                context["asks"] = asks
            else:
                messages.success(request, f"已保存：{kept}。")
                return redirect(_PAGE, kept.pk)
        context |= {"form": form, "verb": title}
        return TemplateResponse(request, "admin/authorization/enterprise/correct.html", context)

    def _context(self, request: HttpRequest, enterprise: Enterprise, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "enterprise": enterprise,
        }


def _name(word: str) -> str:
    return f"authorization_enterprise_{word}"


def page_facts(enterprise: Enterprise) -> dict[str, Any]:
    """Return what an enterprise's page shows: a fixed number of queries."""
    every = User.objects.filter(enterprise=enterprise).order_by("-is_active", "role", "username")
    users = list(
        every.select_related("enterprise").annotate(
            session_count=Count("open_sessions", filter=not_over("open_sessions__"))
        )[: USERS_SHOWN + 1]
    )
    shown = users[:USERS_SHOWN]
    barriers = barriers_of_users(shown)
    authorizations = CardAuthorization.objects.filter(enterprise=enterprise).select_related(
        "ended_by", "signature__user"
    )
    attempts = CardAttempt.objects.filter(enterprise=enterprise).select_related("user")
    changes = ChangeEvent.objects.filter(enterprise=enterprise).select_related("actor")
    return {
        "codes": [code.code for code in enterprise.customs_codes.order_by("code")],
        "standing": standing_of(enterprise),
        "barriers": [
            (barrier, _mend(barrier, enterprise))
            for barrier in barriers_of_enterprise(enterprise, shown)
        ],
        "users": [
            (user, [(barrier, _mend(barrier, enterprise, user)) for barrier in barriers[user.pk]])
            for user in shown
        ],
        "more_users": len(users) > USERS_SHOWN,
        "authorizations": authorizations.defer(
            "signature__sealed_card", "signature__text"
        ).order_by("-valid_from", "-pk")[:ROWS_SHOWN],
        "attempts": [
            (attempt, refusal_words(attempt.refusal))
            for attempt in attempts.order_by("-tried_at", "-pk")[:ROWS_SHOWN]
        ],
        "changes": [
            (event, events.told(event)) for event in changes.order_by("-at", "-pk")[:ROWS_SHOWN]
        ],
    }


def _mend(
    barrier: Barrier, enterprise: Enterprise, user: User | None = None
) -> tuple[str, str] | None:
    """Return where a barrier is mended, and what that is called."""
    match barrier.mend:
        case Mend.COMPLETE_CODE:
            return reverse(
                "admin:authorization_enterprise_correct", args=[enterprise.pk]
            ), "补全代码"
        case Mend.ADD_USER:
            role = Role.LEGAL_REPRESENTATIVE.value
            wanted = {"enterprise": str(enterprise.pk), "role": role}
            return f"{reverse('admin:authorization_user_add')}?{urlencode(wanted)}", "新增法人账号"
        case Mend.ACCOUNT if user is not None:
            return reverse("admin:authorization_user_account", args=[user.pk]), "到账号页处理"
        case Mend.ATTEMPTS:
            rows = reverse("admin:authorization_cardattempt_changelist")
            return f"{rows}?{urlencode({'enterprise__id__exact': enterprise.pk})}", "查看刷卡记录"
        case Mend.TRUST:
            return reverse("admin:card_trust"), "查看卡证书与吊销列表"
    return None


@admin.register(CustomsCode)
class CustomsCodeAdmin(ReadOnlyAdmin):
    """海关注册编码."""

    list_display = ["code", "enterprise"]
    list_select_related = ["enterprise"]
    searches = of_enterprise()
