"""卡证书与吊销列表 in the administrators' site: what is configured, and what is wrong with it.

The files lie in folders that settings name, so nothing is changed here.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from authorization.cards import responders
from authorization.cards.trust_report import ask_responder, report

_ASKED = "card-trust:asked"
_ASKED_SECONDS = 24 * 3600
# Each setting that says where files lie, and what lies there.
_FOLDERS = (
    ("CARD_ROOTS", "可信根证书（.pem、.cer、.crt、.der）"),
    ("CARD_INTERMEDIATES", "中级证书（.pem、.cer、.crt、.der）"),
    ("CARD_CRLS", "吊销列表（.crl）"),
)


@require_http_methods(["GET", "HEAD", "POST"])
def trust_view(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """Show what is trusted; POST asks the responders as well and comes back. `frame`: the site's."""
    if request.method == "POST":
        _ask()
        messages.success(
            request, "已重新检查全部文件" + ("和 OCSP 服务。" if settings.CARD_OCSP_URLS else "。")
        )
        return redirect("admin:card_trust")
    now = timezone.now()
    context = {
        **frame,
        "title": "卡证书与吊销列表",
        "now": now,
        "report": report(now),
        "responders": _responders(),
        "accepts_unanswered": settings.CARD_ACCEPT_UNANSWERED,
        "folders": [(name, words, getattr(settings, name)) for name, words in _FOLDERS],
    }
    return TemplateResponse(request, "admin/card_trust.html", context)


def _ask() -> None:
    """Ask every responder, and remember what came of it for whoever looks next."""
    fetch, now = responders.within(), timezone.now()
    asked: dict[str, tuple[datetime, bool, str]] = {}
    for url in settings.CARD_OCSP_URLS:
        try:
            answered, said = ask_responder(url, now, fetch)
        except (ImproperlyConfigured, OSError):
            answered, said = False, "证书文件不能读取，没有询问"
        asked[url] = (now, answered, said)
    cache.set(_ASKED, asked, _ASKED_SECONDS)


def _responders() -> list[dict[str, Any]]:
    asked = cache.get(_ASKED) or {}
    rows = []
    for url in settings.CARD_OCSP_URLS:
        at, answered, said = asked.get(url, (None, None, ""))
        rows.append({"url": url, "at": at, "answered": answered, "said": said})
    return rows
