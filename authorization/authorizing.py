"""Authorizing an enterprise with its legal-person card, and taking that back.

A challenge is consumed before anything is verified, in a transaction of its own, so that whatever
fails afterwards can't be tried again with the same one. Each try leaves a CardAttempt.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from authorization import evidence
from authorization.cards import configured, responders
from authorization.cards.certificates import Certificate
from authorization.cards.challenge_text import Challenge, Purpose, new_nonce, read_text
from authorization.cards.proving import decide, examine, gather, read_sent
from authorization.cards.refusals import Refusal, Refused
from authorization.change_models import ChangeEvent
from authorization.events import By, note_of
from authorization.models import (
    CardAttempt,
    CardAuthorization,
    CardChallenge,
    CardPurpose,
    CardSignature,
    Enterprise,
    Role,
    User,
)

# Of one user in each window: texts to sign, and answers with a signature.
CHALLENGES_ALLOWED = 10
ANSWERS_ALLOWED = 20
WINDOW_SECONDS = 600
_PURPOSES = {CardPurpose.AUTHORIZE: Purpose.AUTHORIZE, CardPurpose.REVOKE: Purpose.REVOKE}
_NONCE = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Asking:
    """Who asks: the user, the key of his session, his address ("" where unknown)."""

    user: User
    session_key: str
    address: str = ""

    @property
    def enterprise(self) -> Enterprise:
        """The user's enterprise. Raises PermissionDenied for all but legal representatives."""
        user = self.user
        if not user.is_active or user.role != Role.LEGAL_REPRESENTATIVE or user.enterprise is None:
            raise PermissionDenied("只有企业法人可以用法人卡授权。")
        return user.enterprise

    @property
    def session_hash(self) -> str:
        """SHA-256 of the session's key."""
        if not self.session_key:
            raise ValueError("a challenge is bound to a session: save it first")
        return hashlib.sha256(self.session_key.encode()).hexdigest()


def issue_challenge(asking: Asking, purpose: CardPurpose, origin: str) -> CardChallenge:
    """Make a text for the card to sign; `origin` like https://host.

    Raises Refused where there is nothing to sign, or after too many tries; PermissionDenied for
    all but legal representatives.
    """
    # As it is now: another tab may have authorized it since the user was read.
    enterprise = Enterprise.objects.get(pk=asking.enterprise.pk)
    _limit(asking, purpose, "challenges", CHALLENGES_ALLOWED)
    try:
        _check_need(enterprise, purpose)
    except Refused as refused:
        _note(asking, purpose, (), refused.refusal.value, "")
        raise
    challenge = Challenge(
        origin,
        _PURPOSES[purpose],
        enterprise.name,
        enterprise.uscc or "",
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


# In an error's report these would show the card, and with it the holder's identity number.
_PERSONAL = sensitive_variables("card", "others", "seen", "sent", "examined", "proved", "row")


@_PERSONAL
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
    written down why; PermissionDenied for all but legal representatives. Not to be called inside
    a transaction: what it consumes must stay consumed.
    """
    _ = asking.enterprise
    _limit(asking, purpose, "answers", ANSWERS_ALLOWED)
    seen: list[Certificate] = []
    try:
        challenge = _consume(asking, purpose, nonce)
        return _verify(asking, challenge, signature, card, others, seen)
    except Refused as refused:
        _note(asking, purpose, seen, refused.refusal.value, refused.detail)
        raise


@_PERSONAL
def _verify(
    asking: Asking,
    challenge: CardChallenge,
    signature: str,
    card: str,
    others: Sequence[str],
    seen: list[Certificate],
) -> CardSignature:
    """Verify a signature of a consumed challenge and act on it; `seen` gets the card."""
    sent = read_sent(challenge.text, signature, card, others)
    seen.append(sent.card)
    at = _moment_of(challenge)
    policy = configured.policy()
    examined = examine(sent, policy, at)
    proofs, failures = gather(
        examined,
        policy,
        at,
        crls=configured.crls(),
        responders=settings.CARD_OCSP_URLS,
        fetch=responders.within(),
    )
    uscc = read_text(challenge.text).uscc
    try:
        proved = decide(examined, proofs, policy, uscc, at)
    except Refused as refused:
        if refused.refusal is Refusal.REVOCATION_UNKNOWN:
            # An old list, a silent responder: for whoever reads the record, not for the page.
            refused.detail = "; ".join(dict.fromkeys((refused.detail, *failures)))
        raise
    purpose = CardPurpose(challenge.purpose)
    with transaction.atomic():
        enterprise = Enterprise.objects.select_for_update().get(pk=challenge.enterprise_id)
        if enterprise.uscc != uscc:
            raise Refused(Refusal.FOREIGN_CHALLENGE, "enterprise's code changed meanwhile")
        _check_still_theirs(challenge)
        _check_not_overtaken(challenge)
        _check_need(enterprise, purpose)
        kept = evidence.keep(
            challenge,
            sent,
            proofs,
            proved,
            policy,
            at,
            authorization_days=settings.AUTHORIZATION_DAYS,
            keys=configured.sealing_keys(),
        )
        _ACTIONS[purpose](enterprise, kept)
        _note(asking, purpose, seen, "", "; ".join(failures))
    return kept


def _moment_of(challenge: CardChallenge) -> datetime:
    """Give the moment that a consumed challenge's signature is judged, and kept, as of.

    The one at which its life was looked at: were it a later one, or that of a server whose clock
    is behind the issuing one's, what is accepted could never be proved again.
    """
    return max(challenge.used_at or timezone.now(), challenge.issued_at)


def _check_still_theirs(challenge: CardChallenge) -> None:
    """Refuse whoever was disabled, or became another, while answers on revocation were waited for."""
    user = User.objects.get(pk=challenge.user_id)
    is_still = user.is_active and user.role == Role.LEGAL_REPRESENTATIVE
    if not is_still or user.enterprise_id != challenge.enterprise_id:
        raise Refused(Refusal.FOREIGN_CHALLENGE, "user disabled or changed meanwhile")


def _check_not_overtaken(challenge: CardChallenge) -> None:
    """Refuse a text from before an administrator's revocation: it must not undo that unseen.

    Texts are dated to the second: one of the same second passes for a later one.
    """
    if CardAuthorization.objects.filter(
        enterprise=challenge.enterprise_id,
        end=CardAuthorization.End.ADMINISTRATOR,
        ended_at__gte=challenge.issued_at + timedelta(seconds=1),
    ).exists():
        raise Refused(Refusal.FOREIGN_CHALLENGE, "revoked by an administrator meanwhile")


def _check_need(enterprise: Enterprise, purpose: CardPurpose) -> None:
    """Refuse where no card could do anything."""
    if not enterprise.uscc:
        raise Refused(Refusal.NO_CREDIT_CODE)
    if purpose == CardPurpose.REVOKE and not enterprise.is_authorized:
        raise Refused(Refusal.NOTHING_TO_REVOKE)


def revoke_by_administrator(
    enterprise: Enterprise, by: By, reason: str, authorization: int | None = None
) -> CardAuthorization:
    """End an enterprise's authorization without a card; returns it, ended.

    `authorization` is the number of the one that is meant, where one was looked at. Raises
    ValueError, with a Chinese sentence, without a reason, where nothing is in force, or another.
    """
    reason = reason.strip()
    if not reason:
        raise ValueError("撤销授权必须写明原因。")
    if by.user is None or by.user.role != Role.ADMINISTRATOR:
        raise PermissionDenied("只有管理员可以这样撤销授权。")
    with transaction.atomic():
        held = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
        ended = held.authorization
        if ended is None:
            raise ValueError("该企业现在没有授权，无需撤销。")
        if authorization is not None and authorization != ended.pk:
            raise ValueError("这次授权已经终止，企业此后重新授权过；请核对现在的授权后再撤销。")
        facts = {
            "authorization": ended.pk,
            "authorized_until": f"{timezone.localtime(ended.valid_until):%Y-%m-%d %H:%M}",
        }
        _end(held, CardAuthorization.End.ADMINISTRATOR, by.user, reason)
        note_of(
            ChangeEvent.Kind.AUTHORIZATION_REVOKED,
            ChangeEvent.Of.ENTERPRISE,
            held,
            by,
            facts,
            {"authorization": None, "authorized_until": None, "reason": reason},
        )
    ended.refresh_from_db()
    return ended


def _consume(asking: Asking, purpose: CardPurpose, nonce: str) -> CardChallenge:
    """Use a challenge up, whoever sent it, then see whether it was his to use."""
    if not _NONCE.fullmatch(nonce):
        raise Refused(Refusal.CHALLENGE_UNKNOWN, "no nonce")
    now = timezone.now()
    # Durable: in a caller's transaction a failure would give the challenge back.
    with transaction.atomic(durable=True):
        unused = CardChallenge.objects.filter(nonce=nonce, used_at__isnull=True)
        was_unused = bool(unused.update(used_at=now))
    challenge = CardChallenge.objects.filter(nonce=nonce).first()
    if challenge is None:
        raise Refused(Refusal.CHALLENGE_UNKNOWN, "no such challenge")
    if (
        challenge.user_id != asking.user.pk
        or challenge.enterprise_id != asking.enterprise.pk
        or challenge.session_hash != asking.session_hash
        or challenge.purpose != purpose
    ):
        raise Refused(Refusal.FOREIGN_CHALLENGE, "other session, user, enterprise or purpose")
    if not was_unused:
        raise Refused(Refusal.CHALLENGE_USED, f"used {challenge.used_at:%H:%M:%S}")
    if now >= challenge.expires_at:
        raise Refused(Refusal.CHALLENGE_EXPIRED, f"expired {challenge.expires_at:%H:%M:%S}")
    return challenge


def _authorize(enterprise: Enterprise, kept: CardSignature) -> None:
    _end(enterprise, CardAuthorization.End.RENEWED, kept.user, "")
    until = kept.verified_at + timedelta(days=kept.policy["authorization_days"])
    enterprise.authorization = CardAuthorization.objects.create(
        enterprise=enterprise,
        signature=kept,
        valid_from=kept.verified_at,
        valid_until=until,
    )
    enterprise.is_authorized = True
    enterprise.authorized_at = kept.verified_at
    enterprise.authorized_until = until
    enterprise.save(update_fields=_STANDING)


def _revoke(enterprise: Enterprise, kept: CardSignature) -> None:
    _end(enterprise, CardAuthorization.End.CARD, kept.user, "", kept)


_STANDING = ["authorization", "is_authorized", "authorized_at", "authorized_until"]
# Each is handed the enterprise, locked.
_ACTIONS: dict[CardPurpose, Callable[[Enterprise, CardSignature], None]] = {
    CardPurpose.AUTHORIZE: _authorize,
    CardPurpose.REVOKE: _revoke,
}


def _end(
    enterprise: Enterprise,
    end: CardAuthorization.End,
    user: User,
    reason: str,
    by_card: CardSignature | None = None,
) -> None:
    """End what is in force, if anything is; the enterprise is locked by the caller.

    Never before it began or its revocation was signed: another server's clock may be ahead.
    """
    now = timezone.now() if by_card is None else max(timezone.now(), by_card.verified_at)
    CardAuthorization.objects.filter(enterprise=enterprise, ended_at__isnull=True).update(
        ended_at=Greatest("valid_from", Value(now)),
        end=end,
        ended_by=user,
        end_reason=reason,
        end_signature=by_card,
    )
    enterprise.authorization = None
    enterprise.is_authorized = False
    enterprise.authorized_at = enterprise.authorized_until = None
    enterprise.save(update_fields=_STANDING)


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
        address=_as_ip(asking.address),
    )


def _as_ip(address: str) -> str | None:
    """Give an address as the column takes it; None for what a proxy made of it, if it is none."""
    try:
        return str(ip_address(address.partition("%")[0]))
    except ValueError:
        return None


def _limit(asking: Asking, purpose: CardPurpose, kind: str, allowed: int) -> None:
    """Allow a user so many in a window; the first one too many is written down."""
    count = _count(f"card-{kind}:{asking.user.pk}")
    if count <= allowed:
        return
    refused = Refused(Refusal.TOO_MANY_ATTEMPTS, f"too many {kind}; further ones not recorded")
    if count == allowed + 1:
        _note(asking, purpose, (), refused.refusal.value, refused.detail)
    raise refused


def _count(key: str) -> int:
    for _ in range(5):
        cache.add(key, 0, WINDOW_SECONDS)
        try:
            return cache.incr(key)
        except ValueError:  # expired between the two
            continue
    return 1
