"""The chain from a card's certificate up to a configured root (RFC 5280, section 6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from authorization.cards import sm2
from authorization.cards.certificates import Certificate
from authorization.cards.refusals import Refusal, Refused
from authorization.cards.signatures import (
    DEFAULT_STRENGTH,
    MAX_RSA_BITS,
    Scheme,
    Strength,
    scheme_of,
    verifies,
)

# E-Port's chains have two or three links; a longer one is somebody's attempt.
MAX_LINKS = 6


@dataclass(frozen=True)
class TrustStore:
    """What is trusted: roots, and intermediates that help to reach them, as configured."""

    roots: tuple[Certificate, ...]
    intermediates: tuple[Certificate, ...] = ()
    strength: Strength = DEFAULT_STRENGTH
    signer_id: bytes = sm2.DEFAULT_SIGNER_ID


def find_chain(
    card: Certificate, store: TrustStore, at: datetime, sent: Sequence[Certificate] = ()
) -> tuple[Certificate, ...]:
    """Find the chain card, issuers ..., root that holds at a moment (aware).

    `sent` are certificates that came with the card: they may link, never be roots. Raises
    Refused: for the card's own fault if it has one, else because no chain holds.
    """
    _check_card(card, store.strength, at)
    fault: Refused | None = None
    for chain in _chains((card,), _Links(store, tuple(sent))):
        try:
            _check_issuers(chain, store.strength, at)
        except Refused as refused:
            fault = fault or refused
        else:
            return chain
    raise fault or Refused(Refusal.NO_CHAIN, "no path to a configured root")


class _Links:
    """Who signed whom, each question answered once: sent certificates may sign each other."""

    def __init__(self, store: TrustStore, sent: tuple[Certificate, ...]) -> None:
        self.roots = store.roots
        self.others = tuple(dict.fromkeys((*store.intermediates, *sent)))
        self._signer_id = store.signer_id
        self._known: dict[tuple[Certificate, Certificate], bool] = {}

    def has_signed(self, issuer: Certificate, certificate: Certificate) -> bool:
        """Whether an issuer of the right name signed a certificate."""
        if issuer.subject != certificate.issuer:
            return False
        pair = (issuer, certificate)
        if pair not in self._known:
            self._known[pair] = is_signed_by(certificate, issuer, self._signer_id)
        return self._known[pair]


def _chains(chain: tuple[Certificate, ...], links: _Links) -> Iterator[tuple[Certificate, ...]]:
    """Walk every path of right signatures from the last link on to a root."""
    last = chain[-1]
    for root in links.roots:
        if links.has_signed(root, last):
            yield (*chain, root)
    if len(chain) >= MAX_LINKS - 1:
        return
    for link in links.others:
        # An authority only: a card, or what calls itself one, signs nothing.
        if link.is_ca and link not in chain and links.has_signed(link, last):
            yield from _chains((*chain, link), links)


def is_signed_by(certificate: Certificate, issuer: Certificate, signer_id: bytes) -> bool:
    """Say whether the issuer's key signed this certificate."""
    check = _authority_is_signed_by if certificate.is_ca else _is_signed_by
    return check(certificate, issuer, signer_id)


def _is_signed_by(certificate: Certificate, issuer: Certificate, signer_id: bytes) -> bool:
    scheme = scheme_of(certificate.algorithm)
    return scheme is not None and verifies(
        issuer.key, scheme, certificate.tbs, certificate.signature, signer_id
    )


# The same few authorities stand in every chain. A card is not kept in memory: it names a person.
_authority_is_signed_by = lru_cache(maxsize=64)(_is_signed_by)


def _check_card(card: Certificate, strength: Strength, at: datetime) -> None:
    check_strength(card, strength)
    if at < card.not_before:
        raise Refused(Refusal.CERTIFICATE_NOT_YET_VALID, f"from {card.not_before:%Y-%m-%d}")
    if at > card.not_after:
        raise Refused(Refusal.CERTIFICATE_EXPIRED, f"until {card.not_after:%Y-%m-%d}")
    if card.is_ca:
        raise Refused(Refusal.NOT_A_CARD, "certificate of an authority")
    if "digital_signature" not in (card.key_usage or ()):
        raise Refused(Refusal.NOT_A_CARD, "key not for signatures")
    if card.unknown_critical:
        raise Refused(Refusal.NOT_A_CARD, f"critical {', '.join(card.unknown_critical)}")


def _check_issuers(chain: Sequence[Certificate], strength: Strength, at: datetime) -> None:
    """Check every link above the card; `below` counts the authorities between it and the card."""
    below = 0
    for position, link in enumerate(chain[1:], start=1):
        is_root = position == len(chain) - 1
        if not link.not_before <= at <= link.not_after:
            raise Refused(Refusal.NO_CHAIN, f"link {position} not valid at this time")
        if not link.is_ca:
            raise Refused(Refusal.NO_CHAIN, f"link {position} is no authority")
        # A root of the old kind may lack the extension; whoever configured it vouches for it.
        may_sign = link.key_usage is None if is_root else False
        if not may_sign and "key_cert_sign" not in (link.key_usage or ()):
            raise Refused(Refusal.NO_CHAIN, f"link {position} may not sign certificates")
        if link.path_length is not None and below > link.path_length:
            raise Refused(Refusal.NO_CHAIN, f"path longer than link {position} allows")
        if link.unknown_critical:
            raise Refused(Refusal.NO_CHAIN, f"critical extension in link {position}")
        if not is_root:
            check_strength(link, strength)
        else:
            _check_key(link, strength)
        if not link.is_self_issued:
            below += 1


def check_strength(certificate: Certificate, strength: Strength) -> None:
    """Refuse a certificate by its key's size or by the algorithm it was signed with."""
    scheme = scheme_of(certificate.algorithm)
    if scheme is None or (scheme is Scheme.RSA_SHA1 and not strength.allow_sha1):
        raise Refused(Refusal.ALGORITHM_NOT_ALLOWED, f"signed by {certificate.algorithm}")
    _check_key(certificate, strength)


def _check_key(certificate: Certificate, strength: Strength) -> None:
    key = certificate.key
    if not key.is_sm2 and not strength.least_rsa_bits <= key.bits <= MAX_RSA_BITS:
        raise Refused(Refusal.KEY_TOO_WEAK, f"RSA of {key.bits} bits")
