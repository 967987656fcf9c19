"""A card's certificate, read from DER: who, which key, what it may be used for, E-Port's own fields.

asn1crypto reads it, because cryptography refuses SM2 keys. Everything that is used later is read
here, once, so that bytes from outside fail here and nowhere else.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from asn1crypto import core, x509

from authorization.cards import sm2

# A real card's certificate is about 1.5 KiB; nothing near this limit is one.
MAX_CERTIFICATE_BYTES = 16 * 1024
EPORT_ARC = "1.3.6.1.4.1.5315.100"
ENTERPRISE_NAME = f"{EPORT_ARC}.5.1"
KIND = f"{EPORT_ARC}.5.3"
IDENTITY_NUMBER = f"{EPORT_ARC}.5.8"
CARD_NUMBER = f"{EPORT_ARC}.5.9"
ORGANISATION_CODE = f"{EPORT_ARC}.5.11"

_SM2_CURVE = "1.2.156.10197.1.301"
_RSA_KEY = "1.2.840.113549.1.1.1"
_EC_KEY = "1.2.840.10045.2.1"
_PEM = re.compile(
    rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----", re.ASCII
)
# Extensions that this room understands: a critical one that it doesn't must refuse (RFC 5280 4.2).
_UNDERSTOOD = frozenset(
    {
        "basic_constraints",
        "key_usage",
        "extended_key_usage",
        "crl_distribution_points",
        "authority_information_access",
        "authority_key_identifier",
        "key_identifier",
        "subject_alt_name",
        "issuer_alt_name",
        "certificate_policies",
    }
)


class BadCertificate(ValueError):
    """These bytes are no certificate that this room can read; the text is for the record."""


@dataclass(frozen=True)
class PublicKey:
    """An RSA key by modulus and exponent, or an SM2 key by its point x‖y (64 bytes)."""

    modulus: int = 0
    exponent: int = 0
    point: bytes = b""

    @property
    def is_sm2(self) -> bool:
        """Whether it is an SM2 key; else RSA."""
        return bool(self.point)

    @property
    def bits(self) -> int:
        """The size of an RSA key's modulus, or 256."""
        return 256 if self.is_sm2 else self.modulus.bit_length()


@dataclass(frozen=True, eq=False)
class Certificate:
    """What verification asks of a certificate.

    `tbs` are the signed bytes, `signature` the issuer's over them by `algorithm` (an OID).
    `path_length` is None without a limit; `key_usage` None where the extension is absent;
    `eport` maps E-Port's OIDs to their texts; times are aware.
    """

    der: bytes = field(repr=False)
    tbs: bytes = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)
    subject: bytes = field(repr=False)
    issuer: bytes = field(repr=False)
    serial: int
    not_before: datetime
    not_after: datetime
    key: PublicKey = field(repr=False)
    is_ca: bool
    path_length: int | None
    key_usage: frozenset[str] | None
    extended_key_usage: frozenset[str]
    unknown_critical: tuple[str, ...]
    crl_urls: tuple[str, ...]
    ocsp_urls: tuple[str, ...]
    subject_text: Mapping[str, str] = field(repr=False)
    eport: Mapping[str, str] = field(repr=False)
    key_bytes: bytes = field(repr=False)

    def __eq__(self, other: object) -> bool:
        """Certificates are equal where their bytes are."""
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        return hash(self.der)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the DER, hexadecimal."""
        return sha256(self.der).hexdigest()

    @property
    def serial_text(self) -> str:
        """The serial as the control gives it: hexadecimal, 16 digits with leading zeros."""
        return f"{self.serial:016X}"

    @property
    def is_self_issued(self) -> bool:
        """Whether subject and issuer are the same name."""
        return self.subject == self.issuer


def from_base64(text: str) -> Certificate:
    """Read a certificate as the control sends it: base64 of the DER, with or without PEM lines.

    Raises BadCertificate.
    """
    raw = text.encode("ascii", "replace")
    if len(raw) > 2 * MAX_CERTIFICATE_BYTES:
        raise BadCertificate("too large")
    pem = _PEM.fullmatch(raw.strip())
    body = b"".join((pem.group(1) if pem else raw).split())
    try:
        return parse(base64.b64decode(body, validate=True))
    except binascii.Error as error:
        raise BadCertificate("not base64") from error


def from_pem_file(content: bytes) -> list[Certificate]:
    """Read every certificate of a PEM file, or the one of a DER file. Raises BadCertificate."""
    blocks = [base64.b64decode(b"".join(body.split())) for body in _PEM.findall(content)]
    return [parse(block) for block in blocks or [content]]


def parse(der: bytes) -> Certificate:
    """Read one certificate from exactly these bytes. Raises BadCertificate for anything else."""
    if not 0 < len(der) <= MAX_CERTIFICATE_BYTES:
        raise BadCertificate("empty or too large")
    try:
        loaded = x509.Certificate.load(der, strict=True)
        return _read(loaded, der)
    except BadCertificate:
        raise
    except Exception as error:  # asn1crypto raises many kinds for malformed bytes
        raise BadCertificate(f"malformed: {type(error).__name__}") from error


def _read(loaded: Any, der: bytes) -> Certificate:
    tbs = loaded["tbs_certificate"]
    if tbs["version"].native != "v3":
        raise BadCertificate("not a version 3 certificate")
    algorithm = loaded["signature_algorithm"]
    if tbs["signature"].dump() != algorithm.dump():
        raise BadCertificate("two signature algorithms")
    extensions = _extensions(tbs)
    constraints = extensions.get("basic_constraints")
    usage = extensions.get("key_usage")
    extended = extensions.get("extended_key_usage")
    return Certificate(
        der=der,
        tbs=tbs.dump(),
        algorithm=algorithm["algorithm"].dotted,
        signature=loaded["signature_value"].native,
        subject=tbs["subject"].dump(),
        issuer=tbs["issuer"].dump(),
        serial=tbs["serial_number"].native,
        not_before=_moment(tbs["validity"]["not_before"]),
        not_after=_moment(tbs["validity"]["not_after"]),
        key=_key(tbs["subject_public_key_info"]),
        is_ca=bool(constraints is not None and constraints["ca"].native),
        path_length=None if constraints is None else constraints["path_len_constraint"].native,
        key_usage=None if usage is None else frozenset(usage.native),
        extended_key_usage=frozenset(extended.native if extended is not None else ()),
        unknown_critical=_unknown_critical(tbs),
        crl_urls=_crl_urls(extensions.get("crl_distribution_points")),
        ocsp_urls=_ocsp_urls(extensions.get("authority_information_access")),
        subject_text=_subject_text(tbs["subject"]),
        eport=_eport(tbs),
        key_bytes=_key_bits(tbs["subject_public_key_info"]),
    )


def _extensions(tbs: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for extension in tbs["extensions"]:
        oid = extension["extn_id"].dotted
        if oid in seen:
            raise BadCertificate(f"extension {oid} twice")
        seen.add(oid)
        if not oid.startswith(f"{EPORT_ARC}."):
            found[extension["extn_id"].native] = extension["extn_value"].parsed
    return found


def _unknown_critical(tbs: Any) -> tuple[str, ...]:
    return tuple(
        extension["extn_id"].dotted
        for extension in tbs["extensions"]
        if extension["critical"].native
        and extension["extn_id"].native not in _UNDERSTOOD
        and not extension["extn_id"].dotted.startswith(f"{EPORT_ARC}.")
    )


def _eport(tbs: Any) -> dict[str, str]:
    texts: dict[str, str] = {}
    for extension in tbs["extensions"]:
        oid = extension["extn_id"].dotted
        if oid.startswith(f"{EPORT_ARC}."):
            texts[oid] = _text(bytes(extension["extn_value"]))
    return texts


def _text(raw: bytes) -> str:
    """Read the string inside an extension's OCTET STRING: a UTF8String, else the bytes as UTF-8."""
    try:
        return str(core.UTF8String.load(raw, strict=True).native)
    except ValueError:
        return raw.decode("utf-8")


def _key(info: Any) -> PublicKey:
    algorithm = info["algorithm"]
    kind = algorithm["algorithm"].dotted
    if kind == _RSA_KEY:
        parsed = info["public_key"].parsed
        modulus, exponent = parsed["modulus"].native, parsed["public_exponent"].native
        if modulus <= 0 or exponent < 3 or exponent % 2 == 0:
            raise BadCertificate("RSA key out of range")
        return PublicKey(modulus=modulus, exponent=exponent)
    if kind != _EC_KEY:
        raise BadCertificate(f"key of kind {kind}")
    parameters = algorithm["parameters"]
    curve = core.ObjectIdentifier.load(parameters.dump(), strict=True).dotted
    if curve != _SM2_CURVE:
        raise BadCertificate(f"curve {curve}")
    raw = _key_bits(info)
    if len(raw) != 1 + 2 * sm2.SIZE or raw[0] != 4 or not sm2.is_on_curve(raw[1:]):
        raise BadCertificate("no point of the SM2 curve")
    return PublicKey(point=raw[1:])


def _key_bits(info: Any) -> bytes:
    """Give the bits of the key as they stand in the certificate (OCSP's key hash is over these)."""
    encoded: bytes = info["public_key"].contents
    return encoded[1:]


def _moment(value: Any) -> datetime:
    native = value.native
    if not isinstance(native, datetime) or native.tzinfo is None:
        raise BadCertificate("a time that is none")
    return native.astimezone(UTC)


def _subject_text(name: Any) -> dict[str, str]:
    """Read the subject's attributes; of several of a kind the last one, as the cards print it."""
    return {
        key: value if isinstance(value, str) else str(value[-1])
        for key, value in name.native.items()
    }


def _crl_urls(points: Any) -> tuple[str, ...]:
    urls: list[str] = []
    for point in points or ():
        name = point["distribution_point"]
        if name.native is not None and name.name == "full_name":
            urls += [
                general.native
                for general in name.chosen
                if general.name == "uniform_resource_identifier"
            ]
    return tuple(urls)


def _ocsp_urls(access: Any) -> tuple[str, ...]:
    return tuple(
        description["access_location"].native
        for description in access or ()
        if description["access_method"].native == "ocsp"
        and description["access_location"].name == "uniform_resource_identifier"
    )
