"""A world of test cards: roots, intermediates, CRLs, and cards for whichever enterprise a test has.

Made once per test process, of real keys, by the functions that make soft cards; an enterprise of a
test is authorized by a card of this world through the portal's own verification.
"""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from asn1crypto import pem
from django.conf import settings
from django.utils import timezone

from authorization import evidence
from authorization.authorizing import Asking, accept, issue_challenge
from authorization.cards import configured
from authorization.cards.certificates import Certificate
from authorization.cards.challenge_text import Challenge, Purpose, new_nonce
from authorization.cards.making import Key, Made, Wish, issue, make_crl, rsa_key, sm2_key
from authorization.cards.proving import Sent, decide, examine, gather
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

ORIGIN = "https://testserver"
ALGORITHMS = ("rsa", "sm2")
HOLDER = "欧阳小三"
# Invented: the place's digits belong to no place.
IDENTITY_NUMBER = "999999190001010018"
LEGAL_PERSON, OPERATOR = "01", "02"
REVOKED_SERIALS = range(0x0BAD0000, 0x0BAD0100)
_DAY = timedelta(days=1)
_serial = count(0x10000001)


@lru_cache(maxsize=32)
def cached_rsa_key(name: str, bits: int = 2048) -> Key:
    """Give an RSA key by its name: making one takes a quarter of a second."""
    return rsa_key(bits)


@lru_cache(maxsize=32)
def cached_sm2_key(name: str) -> Key:
    """Give an SM2 key by its name."""
    return sm2_key()


def cached_key(algorithm: str, name: str) -> Key:
    """Give a key of either algorithm by its name."""
    return cached_rsa_key(name) if algorithm == "rsa" else cached_sm2_key(name)


@dataclass(frozen=True)
class Authority:
    """A root, an intermediate under it, and whom the intermediate lets answer on revocation."""

    algorithm: str
    now: datetime

    @cached_property
    def root(self) -> Made:
        """The root, ten years old and good for ten more."""
        wish = self.authority_wish("测试专用根证书")
        return issue(replace(wish, path_length=2), cached_key(self.algorithm, "root"))

    @cached_property
    def intermediate(self) -> Made:
        """The authority that signs cards."""
        wish = replace(self.authority_wish("测试专用证书管理中心"), path_length=0)
        return issue(wish, cached_key(self.algorithm, "intermediate"), self.root)

    @cached_property
    def responder(self) -> Made:
        """The intermediate's OCSP responder."""
        wish = Wish(
            (("country_name", "CN"), ("common_name", f"测试专用 OCSP {self.algorithm}")),
            self.now - 30 * _DAY,
            self.now + 30 * _DAY,
            key_usage=frozenset({"digital_signature"}),
            extended_key_usage=("ocsp_signing",),
        )
        return issue(wish, cached_key(self.algorithm, "responder"), self.intermediate)

    @cached_property
    def crls(self) -> tuple[bytes, bytes]:
        """The lists of the root (on the intermediate) and of the intermediate (on cards)."""
        at = self.now - timedelta(hours=1)
        revoked = dict.fromkeys(REVOKED_SERIALS, at - _DAY)
        return make_crl(self.root, {}, at), make_crl(self.intermediate, revoked, at)

    def authority_wish(self, name: str) -> Wish:
        """Say what an authority's certificate shall hold."""
        return Wish(
            (
                ("country_name", "CN"),
                ("organization_name", "虚构电子口岸"),
                ("common_name", f"{name} {self.algorithm.upper()}"),
            ),
            self.now - 3650 * _DAY,
            self.now + 3650 * _DAY,
            is_ca=True,
            key_usage=frozenset({"key_cert_sign", "crl_sign"}),
        )

    def card_wish(self, uscc: str, name: str = "大连虚构贸易有限公司", **changes: Any) -> Wish:
        """Say what a card's certificate shall hold; `eport` in `changes` adds to the usual ones."""
        eport = {
            "5.1": name,
            "5.3": LEGAL_PERSON,
            "5.8": IDENTITY_NUMBER,
            "5.9": "03-JJ0G900000000",
            "5.11": uscc[8:17],
            **changes.pop("eport", {}),
        }
        wish = Wish(
            (
                ("country_name", "CN"),
                ("organizational_unit_name", name),
                ("common_name", HOLDER),
            ),
            self.now - 365 * _DAY,
            self.now + 3285 * _DAY,
            extended_key_usage=("client_auth", "email_protection"),
            eport={number: text for number, text in eport.items() if text is not None},
            serial=next(_serial),
        )
        return replace(wish, **changes)

    def card(
        self,
        uscc: str,
        name: str = "大连虚构贸易有限公司",
        *,
        key: Key | None = None,
        issuer: Made | None = None,
        **changes: Any,
    ) -> Made:
        """Issue a card to the enterprise of a 统一社会信用代码; all cards share a key unless told."""
        wish = self.card_wish(uscc, name, **changes)
        return issue(wish, key or cached_key(self.algorithm, "card"), issuer or self.intermediate)


@dataclass(frozen=True)
class World:
    """Both authorities, as of one moment."""

    rsa: Authority
    sm2: Authority

    def __getitem__(self, algorithm: str) -> Authority:
        return {"rsa": self.rsa, "sm2": self.sm2}[algorithm]

    def install(self, folder: Path) -> None:
        """Write roots, intermediates and CRLs where CARD_ROOTS, ... of `card_settings` look."""
        for authority in (self.rsa, self.sm2):
            word = authority.algorithm
            _write(folder / "roots" / f"{word}.pem", as_pem(authority.root.certificate))
            link = authority.intermediate.certificate
            _write(folder / "intermediates" / f"{word}.pem", as_pem(link))
            for which, content in zip(("root", "intermediate"), authority.crls, strict=True):
                _write(folder / "crls" / f"{word}-{which}.crl", content)


def card_settings(folder: Path) -> dict[str, Any]:
    """Give the settings under which this world's cards are believed."""
    return {
        "CARD_ROOTS": str(folder / "roots"),
        "CARD_INTERMEDIATES": str(folder / "intermediates"),
        "CARD_CRLS": str(folder / "crls"),
        "CARD_OCSP_URLS": [],
        "CARD_ACCEPT_UNANSWERED": False,
    }


@lru_cache(maxsize=1)
def make_world() -> World:
    """Make the world of this process."""
    now = datetime.now(UTC).replace(microsecond=0)
    return World(Authority("rsa", now), Authority("sm2", now))


@lru_cache(maxsize=4)
def _installed(roots: str) -> World:
    world = make_world()
    world.install(Path(roots).parent)
    return world


def installed_world() -> World:
    """Make the world and write its files where the settings look, once."""
    return _installed(str(settings.CARD_ROOTS))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def as_pem(certificate: Certificate) -> bytes:
    """Write a certificate as a PEM file holds it."""
    written: bytes = pem.armor("CERTIFICATE", certificate.der)
    return written


def as_base64(content: bytes) -> str:
    """Write bytes as the control sends them."""
    return base64.b64encode(content).decode()


def signed(card: Made, text: str | bytes) -> str:
    """Sign as a card does (SpcSignDataAsPEM): RSA by SHA-256, SM2 as r‖s; base64."""
    content = text.encode() if isinstance(text, str) else text
    return as_base64(card.key.sign(content, raw=True))


@contextmanager
def card_holder(enterprise: Enterprise) -> Iterator[User]:
    """Find the enterprise's legal representative, or make one.

    Who is made may log in for this long only: afterwards he shows in no list.
    """
    holder = enterprise.users.filter(role=Role.LEGAL_REPRESENTATIVE).order_by("-is_active").first()
    if holder is not None and holder.is_active:
        yield holder
        return
    if holder is None:
        holder = User(
            username=f"card-holder-{enterprise.pk}",
            display_name=HOLDER,
            role=Role.LEGAL_REPRESENTATIVE,
            enterprise=enterprise,
        )
    holder.is_active = True
    holder.save()
    try:
        yield holder
    finally:
        User.objects.filter(pk=holder.pk).update(is_active=False)


def sign_for(
    purpose: CardPurpose,
    enterprise: Enterprise,
    user: User | None = None,
    *,
    algorithm: str = "rsa",
    card: Made | None = None,
    others: Sequence[Certificate] = (),
) -> CardSignature:
    """Let a card of this world sign for a purpose, through the portal's own verification."""
    if user is None:
        with card_holder(enterprise) as holder:
            return sign_for(
                purpose, enterprise, holder, algorithm=algorithm, card=card, others=others
            )
    world = installed_world()
    asking = Asking(user, f"session of {user.pk}")
    challenge = issue_challenge(asking, purpose, ORIGIN)
    card = card or world[algorithm].card(enterprise.uscc or "", enterprise.name)
    evidence = accept(
        asking,
        purpose,
        nonce=challenge.nonce,
        signature=signed(card, challenge.text),
        card=as_base64(card.certificate.der),
        others=[as_base64(other.der) for other in others],
    )
    enterprise.refresh_from_db()
    return evidence


def authorize(enterprise: Enterprise, user: User | None = None, **options: Any) -> CardSignature:
    """Authorize an enterprise by a card of this world; `options` as `sign_for` takes them."""
    return sign_for(CardPurpose.AUTHORIZE, enterprise, user, **options)


def authorize_new(enterprise: Enterprise) -> None:
    """Authorize an enterprise that was just stored: what `authorize` leaves, at half its cost.

    Thousands of tests need an authorized enterprise and are not about its card. The card, its
    signature and their proof are as real; left out are the questions to the database whose answer
    is known of a new enterprise. tests/test_factories.py holds both against each other.
    """
    world = installed_world()
    policy = configured.policy()
    now = timezone.now()
    holder = User.objects.create(
        username=f"card-holder-{enterprise.pk}",
        display_name=HOLDER,
        role=Role.LEGAL_REPRESENTATIVE,
        enterprise=enterprise,
        is_active=False,
    )
    asking = Asking(holder, f"session of {holder.pk}")
    text = Challenge(
        ORIGIN,
        Purpose.AUTHORIZE,
        enterprise.name,
        enterprise.uscc or "",
        holder.username,
        now.replace(microsecond=0),
        new_nonce(),
    )
    challenge = CardChallenge.objects.create(
        nonce=text.nonce,
        purpose=CardPurpose.AUTHORIZE,
        text=text.text,
        enterprise=enterprise,
        user=holder,
        session_hash=asking.session_hash,
        issued_at=text.issued_at,
        expires_at=text.expires_at,
        used_at=now,
    )
    card = world.rsa.card(enterprise.uscc or "", enterprise.name)
    signature = card.key.sign(text.text.encode(), raw=True)
    sent = Sent(text.text.encode(), signature, card.certificate)
    examined = examine(sent, policy, now)
    proofs, failures = gather(
        examined, policy, now, crls=configured.crls(), responders=[], fetch=_nobody
    )
    proved = decide(examined, proofs, policy, text.uscc, now)
    kept = evidence.keep(
        challenge,
        sent,
        proofs,
        proved,
        policy,
        now,
        authorization_days=settings.AUTHORIZATION_DAYS,
        keys=configured.sealing_keys(),
    )
    until = now + timedelta(days=settings.AUTHORIZATION_DAYS)
    enterprise.authorization = CardAuthorization.objects.create(
        enterprise=enterprise, signature=kept, valid_from=now, valid_until=until
    )
    enterprise.is_authorized = True
    enterprise.authorized_at, enterprise.authorized_until = now, until
    enterprise.save(
        update_fields=["authorization", "is_authorized", "authorized_at", "authorized_until"]
    )
    CardAttempt.objects.create(
        enterprise=enterprise,
        user=holder,
        purpose=CardPurpose.AUTHORIZE,
        detail="; ".join(failures),
        card_serial=sent.card.serial_text,
    )


def _nobody(url: str, content: bytes) -> bytes:
    raise AssertionError("this world asks no responder")


def revoke(enterprise: Enterprise, user: User | None = None, **options: Any) -> CardSignature:
    """Take an enterprise's authorization back by a card of this world."""
    return sign_for(CardPurpose.REVOKE, enterprise, user, **options)
