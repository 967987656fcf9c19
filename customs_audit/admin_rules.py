"""校验规则 in the administrators' site: every rule for audited rows, and its level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from authorization.events import By
from customs_audit.checking.levels import CannotSwitch, ShownRule, set_level, shown_rules
from declarations.faults import Level

# What the address may ask for, and in words.
SELECTIONS = (("", "全部规则"), ("switchable", "可以调整的"), ("changed", "调整过的"))


@require_http_methods(["GET", "HEAD", "POST"])
def rules_view(request: HttpRequest, frame: dict[str, Any]) -> HttpResponse:
    """Show the rules (`show`: which, `q`: searched by), or set one's level.

    `frame`: what every page of the site needs.
    """
    if request.method == "POST":
        return _switch(request)
    shown, typed = request.GET.get("show", ""), request.GET.get("q", "").strip()
    context = {
        **frame,
        "title": "校验规则",
        "selections": SELECTIONS,
        "shown": shown,
        "typed": typed,
        "rules": _chosen(shown_rules(), shown, typed),
    }
    return TemplateResponse(request, "admin/rules.html", context)


def _chosen(rules: Sequence[ShownRule], shown: str, typed: str) -> list[ShownRule]:
    if shown == "switchable":
        rules = [one for one in rules if one.rule.switchable]
    elif shown == "changed":
        rules = [one for one in rules if one.changed is not None]
    return [
        one
        for one in rules
        if typed.lower() in one.name or typed in one.rule.text or typed in one.rule.source
    ]


def _switch(request: HttpRequest) -> HttpResponse:
    name, level = request.POST.get("rule", ""), request.POST.get("level", "")
    if level not in Level.values:
        messages.error(request, "没有这个级别；请刷新页面后重试。")
        return redirect(request.get_full_path())
    try:
        set_level(By.of(request), name, Level(level))
    except CannotSwitch as refused:
        messages.error(request, str(refused))
    else:
        messages.success(
            request,
            f"规则“{name}”现为“{Level(level).label}”；待修正和待发布的数据正在按新的级别重新校验。",
        )
    return redirect(request.get_full_path())
