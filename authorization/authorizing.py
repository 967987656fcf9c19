"""Authorizing an enterprise with its legal-person card, and taking that back.

A challenge is consumed before anything is verified, in a transaction of its own, so that whatever
fails afterwards can't be tried again with the same one. Each try leaves a CardAttempt.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from authorization.cards import configured
from authorization.cards.certificates import Certificate
from authorization.cards.challenge_text import Challenge, Purpose, new_nonce
from authorization.cards.proving import Proof, Proved, Sent, gather, prove, read_sent
from authorization.cards.refusals import Refusal, Refused
from authorization.cards.revocation import fetch_ocsp
from authorization.cards.sealing import seal
from authorization.masking import masked_identity, masked_name
from authorization.models import (
    CardAttempt,
    CardAuthorization,
    CardChallenge,
    CardPurpose,
    CardSignature,
    Enterprise,
    KeptCertificate,
    KeptProof,
    User,
)

ATTEMPTS_ALLOWED = 10
ATTEMPTS_WINDOW_SECONDS = 600
_PURPOSES = {CardPurpose.AUTHORIZE: Purpose.AUTHORIZE, CardPurpose.REVOKE: Purpose.REVOKE}


@dataclass(frozen=True)
class Asking:
    """Who asks: the user, the key of his session, his address ("" where unknown)."""

    user: User
    session_key: str
    address: str = ""

    @property
    def enterprise(self) -> Enterprise:
        """The user's enterprise; only users of one may ask."""
        if self.user.enterprise is None:
            raise ValueError("only an enterprise's user signs with a card")
        return self.user.enterprise

    @property
    def session_hash(self) -> str:
        """SHA-256 of the session's key."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()


def issue_challenge(asking: Asking, purpose: CardPurpose, origin: str) -> CardChallenge:
    """Make a text for the card to sign. Raises Refused after too many tries."""
    _count_try(asking)
    enterprise = asking.enterprise
    if not enterprise.uscc:
        raise ValueError("an enterprise without 统一社会信用代码 can't be authorized")
    challenge = Challenge(
        origin,
        _PURPOSES[purpose],
        enterprise.name,
        enterprise.uscc,
        asking.user.username,
        timezone.now().replace(microsecond=0),
        new_nonce(),
    )
    # Old ones are of no use to anybody; the evidence keeps its own copy of the text.
    CardChallenge.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
    return CardChallenge.objects.create(
        nonce=challenge.nonce,
        purpose=purpose,
        text=challenge.text,
        enterprise=enterprise,
        user=asking.user,
        session_hash=asking.session_hash,
        issued_at=challenge.issued_at,
        expires_at=challenge.expires_at,
    )


def accept(
    asking: Asking,
    purpose: CardPurpose,
    *,
    nonce: str,
    signature: str,
    card: str,
    others: Sequence[str] = (),
) -> CardSignature:
    """Verify what a card signed and do what it was signed for; returns the stored evidence.

    `signature`, `card` and `others` are base64, as the control gives them. Raises Refused, having
    written down why.
    """
    seen: list[Certificate] = []
    try:
        challenge = _consume(asking, purpose, nonce)
        sent = read_sent(challenge.text, signature, card, others)
        seen.append(sent.card)
        at = timezone.now()
        policy = configured.policy()
        proofs, failures = gather(
            sent,
            policy,
            at,
            crls=configured.crls(),
            responders=settings.CARD_OCSP_URLS,
            fetch=fetch_ocsp,
        )
        proved = prove(sent, proofs, policy, asking.enterprise.uscc or "", at)
    except Refused as refused:
        _note(asking, purpose, seen, refused.refusal.value, refused.detail)
        raise
    with transaction.atomic():
        evidence = _store(asking, challenge, sent, proofs, proved, at)
        _ACTIONS[purpose](asking, evidence)
        _note(asking, purpose, seen, "", "; ".join(failures))
    return evidence


def revoke_by_administrator(enterprise: Enterprise, administrator: User, reason: str) -> None:
    """End an enterprise's authorization without a card. Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("撤销授权必须写明原因。")
    with transaction.atomic():
        held = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        _end(held, CardAuthorization.End.ADMINISTRATOR, administrator, reason.strip())


def _consume(asking: Asking, purpose: CardPurpose, nonce: str) -> CardChallenge:
    """Use a challenge up, whoever sent it, then see whether it was his to use."""
    now = timezone.now()
    used = CardChallenge.objects.filter(nonce=nonce, used_at__isnull=True).update(used_at=now)
    challenge = CardChallenge.objects.filter(nonce=nonce).first()
    if challenge is None:
        raise Refused(Refusal.CHALLENGE_UNKNOWN, "no such challenge")
    if not used:
        raise Refused(Refusal.CHALLENGE_USED, f"used {challenge.used_at:%H:%M:%S}")
    if (
        challenge.user_id != asking.user.pk
        or challenge.enterprise_id != asking.enterprise.pk
        or challenge.session_hash != asking.session_hash
        or challenge.purpose != purpose
    ):
        raise Refused(Refusal.FOREIGN_CHALLENGE, "other session, user, enterprise or purpose")
    if now >= challenge.expires_at:
        raise Refused(Refusal.CHALLENGE_EXPIRED, f"expired {challenge.expires_at:%H:%M:%S}")
    return challenge


def _store(
    asking: Asking,
    challenge: CardChallenge,
    sent: Sent,
    proofs: Sequence[Proof],
    proved: Proved,
    at: datetime,
) -> CardSignature:
    enterprise = asking.enterprise
    KeptCertificate.objects.bulk_create(
        [
            KeptCertificate(
                fingerprint=link.fingerprint,
                der=link.der,
                subject="，".join(link.subject_text.values()),
            )
            for link in proved.chain[1:]
        ],
        ignore_conflicts=True,
    )
    kept = [(proof, hashlib.sha256(proof.content).hexdigest()) for proof in proofs]
    KeptProof.objects.bulk_create(
        [KeptProof(fingerprint=name, content=proof.content) for proof, name in kept],
        ignore_conflicts=True,
    )
    return CardSignature.objects.create(
        enterprise=enterprise,
        user=asking.user,
        purpose=challenge.purpose,
        nonce=challenge.nonce,
        text=challenge.text,
        signature=sent.signature,
        scheme=proved.scheme.name,
        sealed_card=seal(sent.card.der, configured.sealing_keys()),
        card_fingerprint=sent.card.fingerprint,
        card_serial=sent.card.serial_text,
        chain=[link.fingerprint for link in proved.chain[1:]],
        proofs=[
            {"place": proof.place, "source": proof.source.value, "fingerprint": name}
            for proof, name in kept
        ],
        policy=configured.policy().as_json(),
        notes=list(proved.notes),
        holder_masked=masked_name(proved.holder),
        identity_masked=masked_identity(proved.identity_number),
        enterprise_name_on_card=proved.card_enterprise_name[:255],
        name_differs=proved.card_enterprise_name.strip() != enterprise.name.strip(),
        verified_at=at,
    )


def _authorize(asking: Asking, evidence: CardSignature) -> None:
    enterprise = Enterprise.objects.select_for_update().get(pk=asking.enterprise.pk)
    _end(enterprise, CardAuthorization.End.RENEWED, asking.user, "", evidence)
    until = evidence.verified_at + timedelta(days=settings.AUTHORIZATION_DAYS)
    enterprise.authorization = CardAuthorization.objects.create(
        enterprise=enterprise,
        signature=evidence,
        valid_from=evidence.verified_at,
        valid_until=until,
    )
    enterprise.is_authorized = True
    enterprise.authorized_at = evidence.verified_at
    enterprise.authorized_until = until
    enterprise.save(
        update_fields=["authorization", "is_authorized", "authorized_at", "authorized_until"]
    )


def _revoke(asking: Asking, evidence: CardSignature) -> None:
    enterprise = Enterprise.objects.select_for_update().get(pk=asking.enterprise.pk)
    _end(enterprise, CardAuthorization.End.CARD, asking.user, "", evidence)


_ACTIONS: dict[CardPurpose, Callable[[Asking, CardSignature], None]] = {
    CardPurpose.AUTHORIZE: _authorize,
    CardPurpose.REVOKE: _revoke,
}


def _end(
    enterprise: Enterprise,
    end: CardAuthorization.End,
    user: User,
    reason: str,
    evidence: CardSignature | None = None,
) -> None:
    """End what is in force, if anything is; the enterprise is locked by the caller."""
    by_card = evidence if end == CardAuthorization.End.CARD else None
    CardAuthorization.objects.filter(enterprise=enterprise, ended_at__isnull=True).update(
        ended_at=timezone.now(),
        end=end,
        ended_by=user,
        end_reason=reason,
        end_signature=by_card,
    )
    enterprise.authorization = None
    enterprise.is_authorized = False
    enterprise.authorized_at = enterprise.authorized_until = None
    enterprise.save(
        update_fields=["authorization", "is_authorized", "authorized_at", "authorized_until"]
    )


def _note(
    asking: Asking, purpose: CardPurpose, seen: Sequence[Certificate], refusal: str, detail: str
) -> None:
    CardAttempt.objects.create(
        enterprise=asking.enterprise,
        user=asking.user,
        purpose=purpose,
        refusal=refusal,
        detail=detail,
        card_serial=seen[0].serial_text if seen else "",
        address=asking.address or None,
    )


def _count_try(asking: Asking) -> None:
    """Allow a user so many challenges in so many seconds."""
    key = f"card-tries:{asking.user.pk}"
    cache.add(key, 0, ATTEMPTS_WINDOW_SECONDS)
    if cache.incr(key) > ATTEMPTS_ALLOWED:
        raise Refused(Refusal.TOO_MANY_ATTEMPTS, "too many challenges")
