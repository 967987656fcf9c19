"""The card page, where the legal representative authorizes, renews or revokes with the card."""

import json
import re
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import date
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from authorization.authorizing import Asking, accept, issue_challenge
from authorization.cards.refusals import Refusal, Refused
from authorization.gate import as_user, must_wait, open_before_authorization, roles
from authorization.models import CardPurpose, CardSignature, Enterprise, Role
from authorization.standing import State, standing_of
from authorization.throttle import client_address

# A certificate and a signature take 4 KiB.
MAX_BODY_BYTES = 64 * 1024
STEPS = ("连接控件", "读取法人卡", "输入密码并签名", "系统验证")
_NONCE = re.compile(r"[0-9a-f]{64}")


class BadRequest(ValueError):
    """The script of the page sent something else than it does; the text is a sentence."""


@require_safe
@roles(Role.LEGAL_REPRESENTATIVE)
@open_before_authorization
@never_cache
def card(request: HttpRequest) -> HttpResponse:
    """Show where the enterprise is authorized, or the authorization renewed."""
    return _card_page(request, CardPurpose.AUTHORIZE)


@require_safe
@roles(Role.LEGAL_REPRESENTATIVE)
@open_before_authorization
@never_cache
def revoke(request: HttpRequest) -> HttpResponse:
    """Show where the authorization is taken back; there is nothing to take back without one."""
    if must_wait(as_user(request)):
        return redirect("authorization:card")
    return _card_page(request, CardPurpose.REVOKE)


@require_POST
@roles(Role.LEGAL_REPRESENTATIVE)
@open_before_authorization
@never_cache
def challenge(request: HttpRequest) -> JsonResponse:
    """Answer {purpose} with a text to sign: {nonce, text}, or {sentence} where there is none."""
    try:
        sent = _sent(request, "purpose")
        origin = f"{request.scheme}://{request.get_host()}"
        made = issue_challenge(_asking(request), _purpose(sent), origin)
    except Refused as refused:
        return _refused(refused)
    except BadRequest as problem:
        return _sentence(str(problem), HTTPStatus.BAD_REQUEST)
    return JsonResponse({"nonce": made.nonce, "text": made.text})


@require_POST
@roles(Role.LEGAL_REPRESENTATIVE)
@open_before_authorization
@never_cache
def accept_signature(request: HttpRequest) -> JsonResponse:
    """Verify {purpose, nonce, signature, card} and do what was signed: {sentence, next, standing}."""
    try:
        sent = _sent(request, "purpose", "nonce", "signature", "card")
        nonce = sent["nonce"] if _NONCE.fullmatch(sent["nonce"]) else ""
        evidence = accept(
            _asking(request),
            _purpose(sent),
            nonce=nonce,
            signature=sent["signature"],
            card=sent["card"],
        )
    except Refused as refused:
        return _refused(refused)
    except BadRequest as problem:
        return _sentence(str(problem), HTTPStatus.BAD_REQUEST)
    return JsonResponse(_done(evidence))


def control_address(request: HttpRequest) -> str:
    """Return the local control's address for a page of this scheme."""
    address: str = settings.CARD_CONTROL_WSS if request.is_secure() else settings.CARD_CONTROL_WS
    return address


def _card_page(request: HttpRequest, purpose: CardPurpose) -> HttpResponse:
    enterprise = _enterprise(request)
    if not enterprise.uscc:
        return redirect("unauthorized")
    address = control_address(request)
    # The one page that talks to something else than us (portal/middleware.py).
    request.csp_connect_to = address  # type: ignore[attr-defined]
    return render(
        request,
        "authorization/card.html",
        {
            "title": "撤销授权" if purpose == CardPurpose.REVOKE else "授权确认",
            "purpose": purpose.value,
            "is_revoking": purpose == CardPurpose.REVOKE,
            "enterprise": enterprise,
            "standing": standing_of(enterprise),
            "steps": STEPS,
            "chooser_address": f"http{address[2:]}/" if settings.DEMO_MODE else "",
            "control_address": address,
            "control_download_url": settings.CARD_CONTROL_DOWNLOAD_URL,
        },
    )


def _enterprise(request: HttpRequest) -> Enterprise:
    """Return the user's enterprise: a legal representative has one, the database sees to it."""
    enterprise = as_user(request).enterprise
    assert enterprise is not None  # noqa: S101 (constraint user_enterprise_by_role)
    return enterprise


def _asking(request: HttpRequest) -> Asking:
    if not _enterprise(request).uscc:
        raise BadRequest("贵企业没有统一社会信用代码，不能用法人卡授权，请拨打服务热线补全。")
    key = request.session.session_key or ""
    return Asking(as_user(request), key, client_address(request))


def _sent(request: HttpRequest, *names: str) -> dict[str, str]:
    """Read the named texts of a JSON object."""
    try:
        # Content-Length is the client's word; the server reads no further than it says.
        if int(request.headers.get("Content-Length") or 0) > MAX_BODY_BYTES:
            raise ValueError("too long")
        read: Any = json.loads(request.body)
        found = {name: read[name] for name in names}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadRequest("请求的内容不正确，请刷新页面后重试。") from None
    if not all(isinstance(value, str) for value in found.values()):
        raise BadRequest("请求的内容不正确，请刷新页面后重试。")
    return found


def _purpose(sent: dict[str, str]) -> CardPurpose:
    try:
        return CardPurpose(sent["purpose"])
    except ValueError:
        raise BadRequest("请求的内容不正确，请刷新页面后重试。") from None


def _refused(refused: Refused) -> JsonResponse:
    is_rate = refused.refusal is Refusal.TOO_MANY_ATTEMPTS
    status = HTTPStatus.TOO_MANY_REQUESTS if is_rate else HTTPStatus.UNPROCESSABLE_ENTITY
    return _sentence(refused.refusal.sentence, status)


def _sentence(sentence: str, status: HTTPStatus) -> JsonResponse:
    return JsonResponse({"sentence": sentence}, status=status)


def _done(evidence: CardSignature) -> dict[str, str]:
    """Say what was done, and where the page goes next."""
    if evidence.purpose == CardPurpose.REVOKE:
        return {
            "sentence": "授权已撤销，本企业用户从现在起不能再进入系统。",
            "next": reverse("unauthorized"),
            "standing": State.REVOKED_BY_CARD.label,
        }
    until = localtime(evidence.authorization.valid_until)
    sentence = f"授权有效期至 {date(until, 'Y 年 n 月 j 日')}，本企业用户现在可以使用全部功能。"
    if evidence.name_differs:
        sentence += (
            f"卡上的企业名称“{evidence.enterprise_name_on_card}”与登记的名称"
            f"“{evidence.enterprise.name}”不同，已记录，不影响授权。"
        )
    standing = f"{State.VALID.label}，有效期至 {until:%Y-%m-%d}"
    return {"sentence": sentence, "next": reverse("home"), "standing": standing}
