"""The evidence of a card's signature: written down once, and proved again from itself alone.

All of a row is sealed with the card's certificate, by a key that is not in the database: a SHA-256
of every other column lies inside. Whoever can write to the database can neither change a row nor
make one up.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from authorization.cards.answers import Source
from authorization.cards.certificates import BadCertificate, Certificate, parse
from authorization.cards.challenge_text import Challenge, one_line, read_text
from authorization.cards.proving import Policy, Proof, Proved, Sent, prove
from authorization.cards.refusals import Refused
from authorization.cards.sealing import CannotOpen, seal, unseal
from authorization.masking import masked_identity, masked_name
from authorization.models import (
    CardAuthorization,
    CardChallenge,
    CardPurpose,
    CardSignature,
    Enterprise,
    KeptCertificate,
    KeptProof,
)

# What is sealed begins with this, so that a later form can be told from it.
_FORM = b"card evidence 1\n"
_DIGEST_BYTES = 32
_LONGEST_ACTING = timedelta(minutes=10)
# Every column but the row's number and the seal itself; a test holds this against the model.
SEALED_FIELDS = (
    "enterprise_id",
    "user_id",
    "purpose",
    "nonce",
    "text",
    "signature",
    "scheme",
    "card_fingerprint",
    "card_serial",
    "chain",
    "proofs",
    "policy",
    "notes",
    "holder_masked",
    "identity_masked",
    "enterprise_name_on_card",
    "name_differs",
    "verified_at",
)


class Invalid(Exception):
    """A stored signature can't be proved any more; str() says why, in Chinese."""


def keep(
    challenge: CardChallenge,
    sent: Sent,
    proofs: Sequence[Proof],
    proved: Proved,
    policy: Policy,
    at: datetime,
    *,
    authorization_days: int,
    keys: Sequence[str],
) -> CardSignature:
    """Store all that proves a signature again. For the caller's transaction."""
    _keep_certificates(proved.chain[1:])
    row = CardSignature(
        enterprise_id=challenge.enterprise_id,
        user_id=challenge.user_id,
        purpose=challenge.purpose,
        nonce=challenge.nonce,
        text=challenge.text,
        signature=sent.signature,
        card_fingerprint=sent.card.fingerprint,
        card_serial=sent.card.serial_text,
        proofs=_keep_proofs(proofs),
        policy=policy.as_json() | {"authorization_days": authorization_days},
        verified_at=at,
        **_shown(proved, read_text(challenge.text)),
    )
    row.sealed_card = seal(_FORM + digest(row) + sent.card.der, keys)
    row.save()
    return row


def _shown(proved: Proved, challenge: Challenge) -> dict[str, Any]:
    """Give the columns that follow from what was proved."""
    on_card = one_line(proved.card_enterprise_name)
    return {
        "scheme": proved.scheme.name,
        "chain": [link.fingerprint for link in proved.chain[1:]],
        "notes": list(proved.notes),
        "holder_masked": masked_name(proved.holder)[:64],
        "identity_masked": masked_identity(proved.identity_number)[:64],
        "enterprise_name_on_card": on_card[:255],
        "name_differs": on_card != challenge.enterprise_name,
    }


def _keep_certificates(links: Sequence[Certificate]) -> None:
    KeptCertificate.objects.bulk_create(
        [
            KeptCertificate(
                fingerprint=link.fingerprint,
                der=link.der,
                subject="，".join(link.subject_text.values()),
            )
            for link in links
        ],
        ignore_conflicts=True,
    )


def _keep_proofs(proofs: Sequence[Proof]) -> list[dict[str, Any]]:
    """Store each answer once, and say which belongs where in the chain."""
    named = [(proof, hashlib.sha256(proof.content).hexdigest()) for proof in proofs]
    # A list may be of many megabytes: not sent to the database when it is there.
    names = {name for _, name in named}
    known = set(
        KeptProof.objects.filter(fingerprint__in=names).values_list("fingerprint", flat=True)
    )
    new = {name: proof.content for proof, name in named if name not in known}
    KeptProof.objects.bulk_create(
        [KeptProof(fingerprint=name, content=content) for name, content in new.items()],
        ignore_conflicts=True,
    )
    return [
        {"place": proof.place, "source": proof.source.value, "fingerprint": name}
        for proof, name in named
    ]


def digest(row: CardSignature) -> bytes:
    """Hash every sealed column of a row, in one form."""
    values = {name: _plain(getattr(row, name)) for name in SEALED_FIELDS}
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    return value


# --- proving it again --------------------------------------------------------------------------


class Kept:
    """Reads kept certificates and answers, each once: many signatures rest on one long list."""

    def __init__(self) -> None:
        self.certificate = lru_cache(maxsize=64)(_kept_certificate)
        self.answer = lru_cache(maxsize=8)(_kept_answer)


def prove_again(
    row: CardSignature, roots: Sequence[Certificate], keys: Sequence[str], kept: Kept | None = None
) -> None:
    """Prove a stored signature from stored bytes alone, and all that its row says.

    `roots` are those configured now; `keys` open what is sealed; `kept` may serve many rows.
    Raises Invalid.
    """
    kept = kept or Kept()
    card = _open(row, keys)
    if (card.fingerprint, card.serial_text) != (row.card_fingerprint, row.card_serial):
        raise Invalid("封存的卡证书与记录的指纹或证书编号不同")
    challenge = _read_challenge(row)
    chain = [kept.certificate(name) for name in row.chain]
    if not chain or chain[-1] not in roots:
        raise Invalid("当时的根证书不在现在设置的根证书中（CARD_ROOTS）")
    proofs = [_proof(entry, kept) for entry in row.proofs]
    sent = Sent(row.text.encode(), bytes(row.signature), card)
    try:
        policy = Policy.from_json(row.policy, chain[-1:], chain[:-1])
        proved = prove(sent, proofs, policy, challenge.uscc, row.verified_at)
    except Refused as refused:
        raise Invalid(f"重新验证不通过（{refused.refusal.value}：{refused.detail}）") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Invalid("记录的当时设置不完整") from None
    for name, value in _shown(proved, challenge).items():
        if getattr(row, name) != value:
            raise Invalid(f"记录的 {name} 与重新验证的结果不同")
    _check_effect(row)


def _open(row: CardSignature, keys: Sequence[str]) -> Certificate:
    """Open the seal: the row must be as it was when it was sealed."""
    try:
        content = unseal(bytes(row.sealed_card), keys)
    except CannotOpen as error:
        raise Invalid(str(error).rstrip("。")) from None
    start = len(_FORM)
    if not content.startswith(_FORM):
        raise Invalid("封存的内容不是本系统的格式")
    if content[start : start + _DIGEST_BYTES] != digest(row):
        raise Invalid("记录在封存之后被改动过")
    try:
        return parse(content[start + _DIGEST_BYTES :])
    except BadCertificate:
        raise Invalid("封存的卡证书不完整") from None


def _read_challenge(row: CardSignature) -> Challenge:
    """Read the signed text: it must name what the row says."""
    try:
        said = read_text(row.text)
    except ValueError:
        raise Invalid("签名原文不是规定的格式") from None
    named = {
        "随机数": said.nonce == row.nonce,
        "用途": said.purpose.name.lower() == row.purpose,
        "统一社会信用代码": said.uscc == row.enterprise.uscc,
        "用户": said.username == one_line(row.user.username),
        "时间": said.issued_at <= row.verified_at < said.expires_at,
    }
    for label, agrees in named.items():
        if not agrees:
            raise Invalid(f"签名原文中的{label}与记录不同")
    return said


def _kept_certificate(fingerprint: str) -> Certificate:
    kept = KeptCertificate.objects.filter(pk=fingerprint).first()
    if kept is None or hashlib.sha256(bytes(kept.der)).hexdigest() != fingerprint:
        raise Invalid("证书链中的证书缺失或被改动过")
    try:
        return parse(bytes(kept.der))
    except BadCertificate:
        raise Invalid("证书链中的证书不完整") from None


def _proof(entry: Any, kept: Kept) -> Proof:
    try:
        place, source, name = (
            int(entry["place"]),
            Source(entry["source"]),
            str(entry["fingerprint"]),
        )
    except (KeyError, TypeError, ValueError):
        raise Invalid("记录的吊销查询不完整") from None
    return Proof(place, source, kept.answer(name))


def _kept_answer(fingerprint: str) -> bytes:
    kept = KeptProof.objects.filter(pk=fingerprint).first()
    if kept is None or hashlib.sha256(bytes(kept.content)).hexdigest() != fingerprint:
        raise Invalid("吊销查询的应答缺失或被改动过")
    return bytes(kept.content)


def _check_effect(row: CardSignature) -> None:
    """What the signature was for is what has become of it: an authorization, or the end of one."""
    if row.purpose == CardPurpose.REVOKE:
        ended = CardAuthorization.objects.filter(end_signature=row).first()
        if ended is None or ended.enterprise_id != row.enterprise_id:
            raise Invalid("撤销签名没有对应被撤销的授权")
        if CardAuthorization.objects.filter(signature=row).exists():
            raise Invalid("撤销签名被登记为授权")
        return
    held = CardAuthorization.objects.filter(signature=row).first()
    if held is None or held.enterprise_id != row.enterprise_id:
        raise Invalid("授权签名没有对应的授权")
    try:
        days = timedelta(days=row.policy["authorization_days"])
    except (KeyError, TypeError):
        raise Invalid("记录的当时设置不完整") from None
    if (held.valid_from, held.valid_until) != (row.verified_at, row.verified_at + days):
        raise Invalid("授权的起止时间与签名时的设置不符")
    _check_end(held)
    _check_standing(held)


def _check_end(held: CardAuthorization) -> None:
    """An authorization that the card ended names the signature that did."""
    by = held.end_signature
    if (held.end == CardAuthorization.End.CARD) != (by is not None):
        raise Invalid("授权的终止方式与撤销签名不符")
    if by is not None and (by.enterprise_id, by.purpose) != (
        held.enterprise_id,
        CardPurpose.REVOKE,
    ):
        raise Invalid("授权的终止方式与撤销签名不符")
    if by is not None and not _soon_after(by.verified_at, held.ended_at):
        raise Invalid("授权的终止时间与撤销签名的时间不符")
    if held.ended_at is not None and held.ended_at < held.valid_from:
        raise Invalid("授权的终止时间早于生效时间")


def _soon_after(signed: datetime, ended: datetime | None) -> bool:
    """Whether an end follows its signature as closely as asking responders and waiting allow."""
    return ended is not None and signed <= ended <= signed + _LONGEST_ACTING


def _check_standing(held: CardAuthorization) -> None:
    """The enterprise stands as authorized by exactly the authorization that has not ended."""
    standing = Enterprise.objects.filter(authorization=held).first()
    if held.ended_at is not None:
        if standing is not None:
            raise Invalid("企业仍登记着已终止的授权")
        return
    if standing is None or standing.pk != held.enterprise_id:
        raise Invalid("企业没有登记这次授权")
    said = (standing.authorized_at, standing.authorized_until)
    if not standing.is_authorized or said != (held.valid_from, held.valid_until):
        raise Invalid("企业登记的授权起止时间与授权不符")
