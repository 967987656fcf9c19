"""What a CRL or an OCSP responder says of one certificate, with the bytes that prove it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from authorization.cards.certificates import Certificate
from authorization.cards.chain import TrustStore
from authorization.cards.signatures import Scheme, scheme_of, verifies

# An authority's clock may be a little ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)


class Status(Enum):
    """What an answer says of a certificate."""

    GOOD = "good"
    REVOKED = "revoked"


class Source(Enum):
    """Who gave an answer."""

    CRL = "crl"
    OCSP = "ocsp"


@dataclass(frozen=True)
class Answer:
    """A verified answer on one certificate, with the bytes that prove it.

    `fingerprint` names the certificate asked about; `until` is when the answer loses its worth;
    `signer` who signed it.
    """

    source: Source
    status: Status
    fingerprint: str
    proof: bytes = field(repr=False)
    until: datetime
    signer: Certificate


class NoAnswer(Exception):
    """These bytes answer nothing for this certificate; the text is for the record."""


# Asks a responder at an address a question (DER), and gives its answer; raises NoAnswer.
Fetch = Callable[[str, bytes], bytes]


def check_signed(
    body: bytes, algorithm: str, signature: bytes, signer: Certificate, store: TrustStore
) -> None:
    """Raise NoAnswer unless the signer signed the body by an algorithm that is allowed."""
    scheme = scheme_of(algorithm)
    if scheme is None or (scheme is Scheme.RSA_SHA1 and not store.strength.allow_sha1):
        raise NoAnswer("signed by an algorithm that is not allowed")
    if not verifies(signer.key, scheme, body, signature, store.signer_id):
        raise NoAnswer("wrong signature")
