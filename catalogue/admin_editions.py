"""目录版本 in the administrators' site: what each says of its source, 启用, 撤回, 与其他版本比较."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from authorization.admin_base import ReadOnlyAdmin
from authorization.change_models import ChangeEvent
from authorization.events import By
from catalogue.changes import edition_changes
from catalogue.editions import Switched, codes_that_would_change, put_in_force, withdraw
from catalogue.models import Edition
from catalogue.reports import shown_report

CHANGES_ON_A_PAGE = 50


class EditionAdmin(ReadOnlyAdmin):
    """目录版本: looked at here, stored by imports alone."""

    list_display = [
        "__str__",
        "effective_from",
        "effective_to",
        "source_kind",
        "in_force",
        "in_force_since",
        "loaded_at",
    ]
    ordering = ["-year", "-revision"]
    fields = [
        "year",
        "revision",
        "effective_from",
        "effective_to",
        "in_force",
        "in_force_since",
        "source_kind",
        "source_name",
        "source_hash",
        "loaded_at",
    ]
    change_form_template = "admin/catalogue/edition/change_form.html"
    changes_of = ChangeEvent.Of.EDITION

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of 启用, 撤回 and 比较."""
        own = [
            path(
                f"<int:edition_id>/{word}/",
                self.admin_site.admin_view(view),
                name=f"catalogue_edition_{name}",
            )
            for word, name, view in (
                ("put-in-force", "put_in_force", self.put_in_force_view),
                ("withdraw", "withdraw", self.withdraw_view),
                ("compare", "compare", self.compare_view),
            )
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an edition with its report and how much it holds."""
        context = extra_context or {}
        edition = self.get_object(request, object_id)
        if edition is not None:
            context |= {"report": shown_report(edition.report), "code_count": edition.codes.count()}
        return super().change_view(request, object_id, form_url, context)

    # --- 启用, 撤回 ------------------------------------------------------------------------------

    def put_in_force_view(self, request: HttpRequest, edition_id: int) -> HttpResponse:
        """Ask, then put the edition in force."""
        return self._switch_view(request, edition_id, on=True)

    def withdraw_view(self, request: HttpRequest, edition_id: int) -> HttpResponse:
        """Ask, then withdraw the edition."""
        return self._switch_view(request, edition_id, on=False)

    def _switch_view(self, request: HttpRequest, edition_id: int, *, on: bool) -> HttpResponse:
        edition = get_object_or_404(Edition, pk=edition_id)
        verb = "启用" if on else "撤回"
        if request.method == "POST":
            by = By.of(request)
            switched = put_in_force(edition, by) if on else withdraw(edition, by)
            self._tell(request, edition, verb, switched)
            return redirect("admin:catalogue_edition_change", edition.pk)
        if edition.in_force == on:
            self.message_user(request, _already(edition, on=on), messages.INFO)
            return redirect("admin:catalogue_edition_change", edition.pk)
        others = Edition.objects.filter(in_force=True).exclude(pk=edition.pk)
        context = self._context(request, edition, f"{verb} {edition}") | {
            "verb": verb,
            "on": on,
            "changed": len(codes_that_would_change(edition, on=on)),
            "replaced": others.filter(year=edition.year).first() if on else None,
            "is_last": not on and not others.exists(),
            "report": shown_report(edition.report),
        }
        return TemplateResponse(request, "admin/catalogue/edition/switch.html", context)

    def _tell(self, request: HttpRequest, edition: Edition, verb: str, switched: Switched) -> None:
        """Say what was done."""
        if not switched.is_done:
            self.message_user(request, _already(edition, on=verb == "启用"), messages.INFO)
            return
        sentence = f"已{verb} {edition}"
        if switched.replaced:
            sentence += f"，代替 {switched.replaced}"
        sentence += (
            f"；{switched.changed} 个税则号列的申报要素有变化，相关申报内容将重新比对。"
            if switched.changed
            else "；各税则号列的申报要素没有变化。"
        )
        self.message_user(request, sentence, messages.SUCCESS)

    # --- 比较 -----------------------------------------------------------------------------------

    def compare_view(self, request: HttpRequest, edition_id: int) -> HttpResponse:
        """Show what changed from another edition (`with`) to this one, code by code."""
        edition = get_object_or_404(Edition, pk=edition_id)
        others = Edition.objects.exclude(pk=edition.pk).order_by("-year", "-revision")
        context = self._context(request, edition, f"比较 {edition}")
        chosen = request.GET.get("with", "")
        if not chosen.isdigit():
            older = others.filter(effective_from__lte=edition.effective_from).first()
            nearest = older or others.first()
            if nearest is not None:
                address = reverse("admin:catalogue_edition_compare", args=[edition.pk])
                return HttpResponseRedirect(f"{address}?with={nearest.pk}")
            changes, other = [], None
        else:
            other = get_object_or_404(others, pk=int(chosen[:18]))
            changes = edition_changes(other, edition)
        page = Paginator(changes, CHANGES_ON_A_PAGE).get_page(request.GET.get("p"))
        context |= {"other": other, "others": others, "page": page, "changed": len(changes)}
        return TemplateResponse(request, "admin/catalogue/edition/compare.html", context)

    def _context(self, request: HttpRequest, edition: Edition, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": edition,
            "edition": edition,
        }


def _already(edition: Edition, *, on: bool) -> str:
    return f"{edition} 原来就{'已启用' if on else '没有启用'}，没有改变任何数据。"
