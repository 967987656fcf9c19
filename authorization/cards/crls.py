"""A certificate revocation list's answer (RFC 5280, sections 5 and 6.3).

cryptography reads the list, thirty times as fast as asn1crypto reads a hundred thousand entries;
whose key signed it is checked here, because that may be an SM2 key.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from authorization.cards.answers import CLOCK_SKEW, Answer, NoAnswer, Source, Status, check_signed
from authorization.cards.certificates import Certificate
from authorization.cards.chain import TrustStore

MAX_CRL_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class _Part:
    """Which certificates a list speaks of, where it doesn't of all (IssuingDistributionPoint)."""

    names: frozenset[bytes] | None = None
    only_cards: bool = False
    only_authorities: bool = False

    def holds(self, certificate: Certificate) -> bool:
        if (self.only_cards and certificate.is_ca) or (
            self.only_authorities and not certificate.is_ca
        ):
            return False
        return self.names is None or bool(self.names & certificate.crl_points)


@dataclass(frozen=True)
class _List:
    """A list that was verified."""

    listed: datetime
    until: datetime
    serials: frozenset[int]
    part: _Part


def from_crl(
    proof: bytes, certificate: Certificate, issuer: Certificate, store: TrustStore, at: datetime
) -> Answer:
    """Read a CRL's answer on a certificate at a moment. Raises NoAnswer."""
    found = _read(proof, issuer, store)
    if found.listed > at + CLOCK_SKEW or at > found.until:
        raise NoAnswer("CRL not of this time")
    if not found.part.holds(certificate):
        raise NoAnswer("CRL does not speak of this certificate")
    # Whatever the reason or the date of an entry: a card that is listed is not to be believed.
    status = Status.REVOKED if certificate.serial in found.serials else Status.GOOD
    return Answer(Source.CRL, status, certificate.fingerprint, proof, found.until, issuer)


def speaks_of_cards(proof: bytes, issuer: Certificate, store: TrustStore, at: datetime) -> bool:
    """Whether an issuer's list, good at a moment, speaks of cards that he issued. Raises NoAnswer.

    Of a part of them too: which cards name that part, only the cards say.
    """
    found = _read(proof, issuer, store)
    if found.listed > at + CLOCK_SKEW or at > found.until:
        raise NoAnswer("CRL not of this time")
    return not found.part.only_authorities


# A list may hold a hundred thousand serials: read and verified once, looked up after.
@lru_cache(maxsize=8)
def _read(proof: bytes, issuer: Certificate, store: TrustStore) -> _List:
    if not 0 < len(proof) <= MAX_CRL_BYTES:
        raise NoAnswer("CRL empty or too large")
    try:
        loaded = x509.load_der_x509_crl(proof)
        if loaded.issuer.public_bytes() != issuer.subject:
            raise NoAnswer("CRL of another issuer")
        if issuer.key_usage is not None and "crl_sign" not in issuer.key_usage:
            raise NoAnswer("issuer may not sign CRLs")
        algorithm = loaded.signature_algorithm_oid.dotted_string
        check_signed(loaded.tbs_certlist_bytes, algorithm, loaded.signature, issuer, store)
        until = loaded.next_update_utc
        if until is None:
            raise NoAnswer("CRL without next update")
        serials = frozenset(entry.serial_number for entry in loaded)
        return _List(loaded.last_update_utc, until, serials, _part(loaded.extensions))
    except NoAnswer:
        raise
    except Exception as error:  # malformed bytes fail in many ways
        raise NoAnswer(f"CRL malformed: {type(error).__name__}") from error


def _part(extensions: x509.Extensions) -> _Part:
    """Read of which certificates a list speaks; raises NoAnswer where it tells too little."""
    part = _Part()
    for extension in extensions:
        if extension.oid == ExtensionOID.DELTA_CRL_INDICATOR:
            raise NoAnswer("CRL is a delta")
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            part = _named(extension.value)
        elif extension.critical:
            raise NoAnswer(f"CRL with critical {extension.oid.dotted_string}")
    return part


def _named(point: x509.IssuingDistributionPoint) -> _Part:
    if (
        point.indirect_crl
        or point.only_some_reasons
        or point.only_contains_attribute_certs
        or point.relative_name
    ):
        raise NoAnswer("CRL of some reasons, or of several issuers")
    names = None if point.full_name is None else frozenset(map(_general_name, point.full_name))
    return _Part(names, point.only_contains_user_certs, point.only_contains_ca_certs)


def _general_name(name: x509.GeneralName) -> bytes:
    """Write a URI or a directory name as it stands in a certificate's distribution points."""
    if isinstance(name, x509.UniformResourceIdentifier):
        tag, content = 0x86, name.value.encode()
    elif isinstance(name, x509.DirectoryName):
        tag, content = 0xA4, name.value.public_bytes()
    else:
        raise NoAnswer("CRL of a point with an unknown kind of name")
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = (len(content).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(content).to_bytes(size, "big") + content
