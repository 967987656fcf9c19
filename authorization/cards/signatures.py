"""Verifying a signature by an RSA or SM2 key.

RSA with SHA-256 (PKCS#1 v1.5, as the cards sign) by cryptography; SHA-1 only where a caller
allows it. SM2 with SM3 by authorization/cards/sm2.py, r‖s of 64 bytes or DER.
"""

from dataclasses import dataclass
from enum import Enum

from asn1crypto import core
from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from authorization.cards import sm2
from authorization.cards.certificates import PublicKey
from authorization.cards.der import is_der

MAX_SIGNATURE_BYTES = 1024
# Larger moduli than any card's take long to verify.
MAX_RSA_BITS = 4096


class Scheme(Enum):
    """A signature's scheme, by the object identifier that names it in a certificate."""

    RSA_SHA256 = "1.2.840.113549.1.1.11"
    RSA_SHA384 = "1.2.840.113549.1.1.12"
    RSA_SHA512 = "1.2.840.113549.1.1.13"
    RSA_SHA1 = "1.2.840.113549.1.1.5"
    SM2_SM3 = "1.2.156.10197.1.501"


_HASHES: dict[Scheme, type[hashes.HashAlgorithm]] = {
    Scheme.RSA_SHA256: hashes.SHA256,
    Scheme.RSA_SHA384: hashes.SHA384,
    Scheme.RSA_SHA512: hashes.SHA512,
    Scheme.RSA_SHA1: hashes.SHA1,
}


@dataclass(frozen=True)
class Strength:
    """What a setting allows beyond RSA of 2,048 bits with SHA-256 and SM2 with SM3."""

    allow_sha1: bool = False
    allow_rsa_1024: bool = False

    @property
    def least_rsa_bits(self) -> int:
        """The smallest RSA key that is allowed, in bits."""
        return 1024 if self.allow_rsa_1024 else 2048


DEFAULT_STRENGTH = Strength()


def scheme_of(oid: str) -> Scheme | None:
    """Find the scheme that an object identifier names; None for one that this room knows not."""
    return next((scheme for scheme in Scheme if scheme.value == oid), None)


def verifies(
    key: PublicKey,
    scheme: Scheme,
    message: bytes,
    signature: bytes,
    signer_id: bytes = sm2.DEFAULT_SIGNER_ID,
) -> bool:
    """Say whether this is the key's signature of the whole message by this scheme.

    False for any bytes that are not; never raises on them. Strength is the caller's question.
    """
    if not 0 < len(signature) <= MAX_SIGNATURE_BYTES:
        return False
    if scheme is Scheme.SM2_SM3:
        numbers = sm2_numbers(signature)
        return (
            key.is_sm2
            and numbers is not None
            and sm2.verify(key.point, message, *numbers, signer_id)
        )
    if key.is_sm2 or key.bits > MAX_RSA_BITS:
        return False
    try:
        public = RSAPublicNumbers(key.exponent, key.modulus).public_key()
        public.verify(signature, message, padding.PKCS1v15(), _HASHES[scheme]())
    except (InvalidSignature, UnsupportedAlgorithm, InternalError, ValueError):
        return False
    return True


def sm2_numbers(signature: bytes) -> tuple[int, int] | None:
    """Read (r, s): 64 bytes big-endian, or strict DER; None for anything else."""
    if len(signature) == 2 * sm2.SIZE:
        return (
            int.from_bytes(signature[: sm2.SIZE], "big"),
            int.from_bytes(signature[sm2.SIZE :], "big"),
        )
    if not is_der(signature):
        return None
    try:
        numbers = core.SequenceOf.load(signature, strict=True, spec=core.Integer)
        r, s = (int(number) for number in numbers.native)
    except (ValueError, TypeError):
        return None
    if r <= 0 or s <= 0 or max(r, s) >= sm2.N:
        return None
    # Only the one encoding that DER allows: else a signature could be written in many ways.
    return (r, s) if sm2.encode(r, s) == signature else None
