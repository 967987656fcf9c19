"""Authorizations, their evidence and every try with a card in the administrators' site, to look at.

The card's own certificate, which names its holder, is sealed and is neither opened nor handed out
here. Revoking stands in authorization/admin_enterprises.py.
"""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from authorization.admin_base import ReadOnlyAdmin, Search, shortened
from authorization.admin_search import NamesEnterprise, of_enterprise
from authorization.cards.describing import (
    Unreadable,
    grouped,
    read_answer,
    read_list,
    scheme_words,
)
from authorization.events import By
from authorization.evidence_words import evidence_of, link_of, refusal_words
from authorization.ledger import note_export, noted
from authorization.models import (
    CardAttempt,
    CardAuthorization,
    CardChallenge,
    CardSignature,
    KeptCertificate,
    KeptProof,
)

_FINGERPRINT = r"[0-9A-Fa-f]{64}"
_SERIAL = r"[0-9A-Fa-f]{16,40}"


def _serial(word: str) -> Q:
    return Q(card_serial=word.upper())


def _fingerprint(word: str) -> Q:
    return Q(pk=word.lower())


@admin.register(CardAuthorization)
class CardAuthorizationAdmin(NamesEnterprise, ReadOnlyAdmin):
    """授权: from its signature to its end, with the evidence."""

    list_display = [
        "valid_from",
        "of_enterprise",
        "valid_until",
        "state",
        "ended_at",
        "ended_by",
    ]
    list_select_related = ["enterprise", "ended_by"]
    list_filter = ["end"]
    searches = of_enterprise()
    change_form_template = "admin/authorization/cardauthorization/change_form.html"

    @admin.display(description="状态")
    def state(self, authorization: CardAuthorization) -> str:
        """Say whether it is in force, or how it ended."""
        return authorization.state_words

    def get_queryset(self, request: HttpRequest) -> QuerySet[CardAuthorization]:
        """Bring the signatures along where one row is shown."""
        rows: QuerySet[CardAuthorization] = super().get_queryset(request)
        match = request.resolver_match
        if match is not None and (match.url_name or "").endswith("_change"):
            return rows.select_related(
                "enterprise", "ended_by", "signature__user", "end_signature__user"
            )
        return rows

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show an authorization with what proves it."""
        context = extra_context or {}
        held = self.get_object(request, object_id)
        if isinstance(held, CardAuthorization):
            context |= {
                "held": held,
                "evidence": evidence_of(held.signature),
                "end_evidence": evidence_of(held.end_signature) if held.end_signature else None,
            }
        return super().change_view(request, object_id, form_url, context)


@admin.register(CardSignature)
class CardSignatureAdmin(NamesEnterprise, ReadOnlyAdmin):
    """法人卡签名: the evidence, without what is sealed."""

    list_display = [
        "verified_at",
        "of_enterprise",
        "purpose",
        "scheme_in_words",
        "holder_masked",
        "card_serial",
        "name_differs",
    ]
    list_select_related = ["enterprise"]
    searches = [*of_enterprise(), Search(_SERIAL, "证书编号", _serial)]
    change_form_template = "admin/authorization/cardsignature/change_form.html"
    exclude = ["sealed_card", "signature"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CardSignature]:
        """Leave what is sealed in the database."""
        rows: QuerySet[CardSignature] = super().get_queryset(request)
        return rows.select_related("enterprise", "user").defer("sealed_card")

    @admin.display(description="签名算法")
    def scheme_in_words(self, row: CardSignature) -> str:
        """Return the scheme in words."""
        return scheme_words(row.scheme)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the evidence."""
        context = extra_context or {}
        row = self.get_object(request, object_id)
        if isinstance(row, CardSignature):
            context["evidence"] = evidence_of(row)
        return super().change_view(request, object_id, form_url, context)


@admin.register(CardAttempt)
class CardAttemptAdmin(NamesEnterprise, ReadOnlyAdmin):
    """法人卡验证记录."""

    list_display = ["tried_at", "of_enterprise", "user", "purpose", "result", "address"]
    list_select_related = ["enterprise", "user"]
    searches = of_enterprise()
    fields = [
        "tried_at",
        "enterprise",
        "user",
        "purpose",
        "result",
        "detail",
        "card_serial",
        "address",
    ]

    @admin.display(description="结果")
    def result(self, attempt: CardAttempt) -> str:
        """Say that it was accepted, or what the page said."""
        said = refusal_words(attempt.refusal)
        return f"被拒：{said}" if attempt.refusal else said


@admin.register(CardChallenge)
class CardChallengeAdmin(NamesEnterprise, ReadOnlyAdmin):
    """签名请求: the texts of the last day, signed or not."""

    list_display = ["issued_at", "of_enterprise", "user", "purpose", "expires_at", "used_at"]
    list_select_related = ["enterprise", "user"]
    searches = of_enterprise()
    fields = ["issued_at", "enterprise", "user", "purpose", "text", "expires_at", "used_at"]


class Downloads(ReadOnlyAdmin):
    """Kept bytes that name no person: shown by what they say of themselves, and handed out."""

    searches = [Search(_FINGERPRINT, "SHA-256 指纹", _fingerprint)]
    ordering = ["pk"]

    def get_urls(self) -> list[URLPattern]:
        """Add the download."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_download"
        view = self.admin_site.admin_view(self.download_view)
        return [path("<str:fingerprint>/download/", view, name=name), *super().get_urls()]

    def download_view(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
        """Hand out the bytes."""
        raise NotImplementedError

    def download_link(self, row: Any) -> SafeString:
        """Lead to the download."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_download"
        return format_html('<a href="{}">下载</a>', reverse(name, args=[row.pk]))

    download_link.short_description = "文件"  # type: ignore[attr-defined]

    @admin.display(description="SHA-256 指纹")
    def grouped_fingerprint(self, row: Any) -> str:
        """Write the fingerprint so that it can be compared by eye."""
        return grouped(row.pk)


@admin.register(KeptCertificate)
class KeptCertificateAdmin(Downloads):
    """证书链证书: of authorities only."""

    list_display = ["subject", "validity", "key", "short_fingerprint", "download_link"]
    fields = ["subject", "grouped_fingerprint", "validity", "key", "download_link"]

    @admin.display(description="指纹")
    def short_fingerprint(self, row: KeptCertificate) -> str:
        """Cut the fingerprint for the list."""
        return shortened(row.pk.upper(), 17)

    @admin.display(description="有效期")
    def validity(self, row: KeptCertificate) -> str:
        """Say from when until when."""
        link = link_of(row)
        if link.not_before is None or link.not_after is None:
            return "证书不能读取"
        return f"{link.not_before:%Y-%m-%d} 至 {link.not_after:%Y-%m-%d}"

    @admin.display(description="密钥")
    def key(self, row: KeptCertificate) -> str:
        """Tell the key and who signed how."""
        return link_of(row).key or "—"

    def download_view(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
        """Hand out the certificate in DER."""
        kept = get_object_or_404(KeptCertificate, pk=fingerprint)
        return _file(request, bytes(kept.der), f"{kept.pk[:16]}.cer", "application/pkix-cert")


@admin.register(KeptProof)
class KeptProofAdmin(Downloads):
    """吊销查询应答: lists and responders' answers that authorizations rest on."""

    list_display = ["short_fingerprint", "size", "download_link"]
    fields = ["says", "grouped_fingerprint", "size", "download_link"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeptProof]:
        """Ask for the size only: a list may be of many megabytes."""
        rows: QuerySet[KeptProof] = super().get_queryset(request)
        return rows.defer("content").annotate(octets=Length(F("content")))

    @admin.display(description="指纹")
    def short_fingerprint(self, row: KeptProof) -> str:
        """Cut the fingerprint for the list."""
        return shortened(row.pk.upper(), 17)

    @admin.display(description="大小（字节）")
    def size(self, row: Any) -> str:
        """Return the number of bytes."""
        return f"{row.octets:,}"

    @admin.display(description="内容")
    def says(self, row: KeptProof) -> str:
        """Tell what it says of itself."""
        return _says(bytes(row.content))

    def download_view(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
        """Hand out the bytes as they were received."""
        kept = get_object_or_404(KeptProof, pk=fingerprint)
        content = bytes(kept.content)
        ending, kind = ("ors", "application/ocsp-response")
        if _says(content).startswith(_LIST):
            ending, kind = ("crl", "application/pkix-crl")
        return _file(request, content, f"{kept.pk[:16]}.{ending}", kind)


_LIST = "吊销列表"


def _says(content: bytes) -> str:
    """Tell what a kept answer says of itself."""
    try:
        found = read_list(content)
    except Unreadable:
        pass
    else:
        return (
            f"{_LIST}，{found.issuer_words} 签发，共 {found.entries:,} 项，"
            f"{_time(found.listed)} 至 {_time(found.until)}"
        )
    try:
        answer = read_answer(content)
    except Unreadable:
        return "不能读取"
    return f"在线查询应答：{answer.status}，{_time(answer.listed)} 至 {_time(answer.until)}"


def _time(moment: datetime | None) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment is not None else "未注明"


def _file(request: HttpRequest, content: bytes, name: str, kind: str) -> HttpResponse:
    entry = note_export(
        By.of(request), what=f"证书与吊销证明：{name}", rows=0, facts={"bytes": len(content)}
    )
    disposition = f'attachment; filename="{name}"'
    return noted(HttpResponse(content, kind, headers={"Content-Disposition": disposition}), entry)
