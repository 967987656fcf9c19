"""Telling what certificates, revocation lists and responders' answers say, for people to read.

Nothing is verified here and nothing may be concluded from it. Of certificates only those of
authorities are described: a card's names its holder.
"""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import ocsp
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from authorization.cards.certificates import Certificate, PublicKey
from authorization.cards.signatures import Scheme, scheme_of

_SCHEMES = {
    Scheme.RSA_SHA256: "RSA，SHA-256",
    Scheme.RSA_SHA384: "RSA，SHA-384",
    Scheme.RSA_SHA512: "RSA，SHA-512",
    Scheme.RSA_SHA1: "RSA，SHA-1（弱）",
    Scheme.SM2_SM3: "国密 SM2，SM3",
}
# In the order in which a subject is told.
_NAME_PARTS = ("common_name", "organizational_unit_name", "organization_name", "country_name")
_NAME_OIDS = (
    NameOID.COMMON_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.COUNTRY_NAME,
)


class Unreadable(ValueError):
    """These bytes are no list and no answer."""


@dataclass(frozen=True)
class List:
    """What a revocation list says of itself: whose, from when until when, and of how many.

    `issuer` is the name's DER, `issuer_words` the name in words; `until` is None without an end;
    `number` the list's own count, where it tells one.
    """

    issuer: bytes
    issuer_words: str
    listed: datetime
    until: datetime | None
    entries: int
    number: int | None


@dataclass(frozen=True)
class Said:
    """What a responder's answer says of one certificate."""

    status: str
    listed: datetime
    until: datetime | None


def scheme_words(name: str) -> str:
    """Tell a scheme by its name in records (`RSA_SHA256`); an unknown one is returned as it is."""
    return _SCHEMES[Scheme[name]] if name in Scheme.__members__ else name


def algorithm_words(oid: str) -> str:
    """Tell the scheme that a certificate was signed by."""
    scheme = scheme_of(oid)
    return oid if scheme is None else _SCHEMES[scheme]


def key_words(key: PublicKey) -> str:
    """Tell a key's kind and size."""
    return "SM2，256 位" if key.is_sm2 else f"RSA，{key.bits} 位"


def subject_words(certificate: Certificate) -> str:
    """Tell an authority's subject: its own name first, then what it belongs to."""
    text = certificate.subject_text
    return "，".join(text[part] for part in _NAME_PARTS if text.get(part)) or "（无名称）"


def grouped(fingerprint: str) -> str:
    """Write a fingerprint so that it can be compared by eye: groups of four digits, upper case."""
    digits = fingerprint.upper()
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def read_list(content: bytes) -> List:
    """Read what a revocation list (DER) says of itself. Raises Unreadable."""
    try:
        loaded = x509.load_der_x509_crl(content)
        return List(
            loaded.issuer.public_bytes(),
            _name_words(loaded.issuer),
            loaded.last_update_utc,
            loaded.next_update_utc,
            len(loaded),
            _number(loaded.extensions),
        )
    except Exception as error:  # malformed bytes fail in many ways
        raise Unreadable(type(error).__name__) from error


def _number(extensions: x509.Extensions) -> int | None:
    for extension in extensions:
        if extension.oid == ExtensionOID.CRL_NUMBER and isinstance(extension.value, x509.CRLNumber):
            return extension.value.crl_number
    return None


def _name_words(name: x509.Name) -> str:
    parts = [
        str(found[0].value) for oid in _NAME_OIDS if (found := name.get_attributes_for_oid(oid))
    ]
    return "，".join(parts) or "（无名称）"


def read_answer(content: bytes) -> Said:
    """Read what a responder's answer (DER) says of the first certificate in it. Raises Unreadable."""
    try:
        basic = ocsp.OCSPResponse.load(content, strict=True).basic_ocsp_response
        single = basic["tbs_response_data"]["responses"][0]
        said = {"good": "未吊销", "revoked": "已吊销"}.get(single["cert_status"].name, "不知道")
        return Said(said, single["this_update"].native, single["next_update"].native)
    except Exception as error:  # asn1crypto raises many kinds for malformed bytes
        raise Unreadable(type(error).__name__) from error
