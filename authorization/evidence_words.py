"""The evidence of a card's signature in words, for administrators to read.

Made of the row and of what is kept beside it. The sealed certificate of the card is never opened
here: only `manage.py verify_authorizations` does that.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authorization.cards.answers import Source
from authorization.cards.certificates import BadCertificate, parse
from authorization.cards.describing import (
    Unreadable,
    algorithm_words,
    grouped,
    key_words,
    read_answer,
    read_list,
    scheme_words,
    subject_words,
)
from authorization.cards.refusals import Refusal
from authorization.models import CardSignature, KeptCertificate, KeptProof

_NOTES = {
    "rsa_1024": "证书链中有不足 2048 位的 RSA 密钥，因当时的设置允许而通过",
    "sha1": "签名或证书链使用 SHA-1，因当时的设置允许而通过",
    "revocation_unanswered": "有证书查不到吊销状态，因当时的设置允许而通过",
}
_SOURCES = {Source.CRL.value: "吊销列表（CRL）", Source.OCSP.value: "在线查询（OCSP）"}
_POLICY = (
    ("authorization_days", "授权有效天数"),
    ("accept_unanswered", "查不到吊销状态时"),
    ("allow_sha1", "SHA-1 签名"),
    ("allow_rsa_1024", "1024 位 RSA 密钥"),
    ("kind_oid", "识别法人卡的证书扩展"),
    ("legal_person_kinds", "法人卡的类型值"),
    ("signer_id", "SM2 签名者标识"),
    ("roots", "信任的根证书"),
)


@dataclass(frozen=True)
class Link:
    """An authority's certificate of the chain; only `fingerprint` where it is missing."""

    fingerprint: str
    place: str
    subject: str = ""
    key: str = ""
    algorithm: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None

    @property
    def grouped(self) -> str:
        """The fingerprint, to be compared by eye."""
        return grouped(self.fingerprint)


@dataclass(frozen=True)
class Asked:
    """One answer on revocation: about which certificate, from where, of when."""

    fingerprint: str
    about: str
    source: str
    said: str = ""
    listed: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Evidence:
    """All of a signature that may be shown."""

    row: CardSignature
    links: list[Link]
    answers: list[Asked]
    policy: list[tuple[str, str]]
    notes: list[str]

    @property
    def scheme(self) -> str:
        """The scheme of the signature."""
        return scheme_words(self.row.scheme)

    @property
    def card_fingerprint(self) -> str:
        """The card certificate's fingerprint, to be compared by eye."""
        return grouped(self.row.card_fingerprint)

    @property
    def signature(self) -> str:
        """The signature itself, in base64."""
        return base64.b64encode(bytes(self.row.signature)).decode()


def evidence_of(row: CardSignature) -> Evidence:
    """Tell a signature's evidence; two queries. What is missing or unreadable is said so."""
    return Evidence(
        row,
        _links(row.chain),
        _answers(row.proofs),
        _policy(row.policy),
        [_NOTES.get(note, note) for note in row.notes],
    )


def refusal_words(code: str) -> str:
    """Tell why a card was refused: the sentence that the page showed; accepted ones say so."""
    if not code:
        return "通过"
    known = {refusal.value: refusal.sentence for refusal in Refusal}
    return known.get(code, code)


def link_of(kept: KeptCertificate, place: str = "") -> Link:
    """Describe a kept authority's certificate."""
    try:
        read = parse(bytes(kept.der))
    except BadCertificate:
        return Link(kept.fingerprint, place)
    return Link(
        kept.fingerprint,
        place,
        subject_words(read),
        key_words(read.key),
        algorithm_words(read.algorithm),
        read.not_before,
        read.not_after,
    )


def _links(chain: list[str]) -> list[Link]:
    kept = KeptCertificate.objects.in_bulk(chain)
    last = len(chain) - 1
    links = []
    for position, fingerprint in enumerate(chain):
        place = "根证书" if position == last else f"上级证书 {position + 1}"
        found = kept.get(fingerprint)
        links.append(link_of(found, place) if found else Link(fingerprint, place))
    return links


def _answers(proofs: Iterable[Mapping[str, Any]]) -> list[Asked]:
    entries = list(proofs)
    names = [str(entry.get("fingerprint", "")) for entry in entries]
    kept = KeptProof.objects.in_bulk(names)
    answers: list[Asked] = []
    for entry, name in zip(entries, names, strict=True):
        place, source = entry.get("place"), str(entry.get("source", ""))
        about = "法人卡证书" if place == 0 else f"上级证书 {place}"
        proof = kept.get(name)
        answers.append(
            _asked(name, about, source, bytes(proof.content) if proof is not None else b"")
        )
    return answers


def _asked(name: str, about: str, source: str, content: bytes) -> Asked:
    words = _SOURCES.get(source, source)
    try:
        if source == Source.CRL.value:
            revocations = read_list(content)
            # What an accepted signature rests on never lists the certificate.
            said = f"不在列表中（共 {revocations.entries} 项）"
            return Asked(name, about, words, said, revocations.listed, revocations.until)
        answer = read_answer(content)
    except Unreadable:
        return Asked(name, about, words)
    return Asked(name, about, words, answer.status, answer.listed, answer.until)


def _policy(policy: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(label, _setting(name, policy[name])) for name, label in _POLICY if name in policy]


def _setting(name: str, value: Any) -> str:
    if name == "accept_unanswered":
        return "通过" if value else "拒绝"
    if isinstance(value, bool):
        return "接受" if value else "不接受"
    if name == "roots":
        return "；".join(f"{root[:16].upper()}…" for root in map(str, value))
    if isinstance(value, list):
        return "、".join(map(str, value))
    return str(value)
