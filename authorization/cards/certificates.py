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
from authorization.cards.der import is_der

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
_MAX_SERIAL_BITS = 160  # RFC 5280 4.1.2.2
# A public exponent beyond this is nobody's, and makes each verification slow.
_MAX_EXPONENT = 2**32
_READ: dict[str, type[Any]] = {
    "basic_constraints": x509.BasicConstraints,
    "key_usage": x509.KeyUsage,
    "extended_key_usage": x509.ExtKeyUsageSyntax,
    "crl_distribution_points": x509.CRLDistributionPoints,
    "authority_information_access": x509.AuthorityInfoAccessSyntax,
}
# Extensions that this room understands: a critical one that it doesn't must refuse (RFC 5280 4.2).
_UNDERSTOOD = frozenset(_READ) | {
    "authority_key_identifier",
    "key_identifier",
    "subject_alt_name",
    "issuer_alt_name",
    # Asked for no particular policy, any will do (RFC 5280 6.1.1 c).
    "certificate_policies",
}
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class BadCertificate(ValueError):
    """These bytes are no certificate that this room can read; the text is for the record."""


class OtherKey(BadCertificate):
    """A certificate of a key that is neither RSA nor SM2."""


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
    `crl_points` are the names (DER) of the lists that it may stand on; `texts` maps the OIDs of
    extensions that no standard names, E-Port's among them, to their texts; times are aware.
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
    crl_points: frozenset[bytes] = field(repr=False)
    ocsp_urls: tuple[str, ...]
    subject_text: Mapping[str, str] = field(repr=False)
    texts: Mapping[str, str] = field(repr=False)
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
    try:
        blocks = [base64.b64decode(b"".join(body.split())) for body in _PEM.findall(content)]
    except binascii.Error as error:
        raise BadCertificate("not base64") from error
    return [parse(block) for block in blocks or [content]]


def parse(der: bytes) -> Certificate:
    """Read one certificate from exactly these bytes. Raises BadCertificate for anything else."""
    if not 0 < len(der) <= MAX_CERTIFICATE_BYTES:
        raise BadCertificate("empty or too large")
    if not is_der(der):
        raise BadCertificate("not DER")
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
    serial = tbs["serial_number"].native
    if serial <= 0 or serial.bit_length() > _MAX_SERIAL_BITS:
        raise BadCertificate("serial number out of range")
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
        serial=serial,
        not_before=_moment(tbs["validity"]["not_before"]),
        not_after=_moment(tbs["validity"]["not_after"]),
        key=_key(tbs["subject_public_key_info"]),
        is_ca=bool(constraints is not None and constraints["ca"].native),
        path_length=None if constraints is None else constraints["path_len_constraint"].native,
        key_usage=None if usage is None else frozenset(usage.native),
        extended_key_usage=frozenset(extended.native if extended is not None else ()),
        unknown_critical=_unknown_critical(tbs),
        crl_points=_crl_points(extensions.get("crl_distribution_points")),
        ocsp_urls=_ocsp_urls(extensions.get("authority_information_access")),
        subject_text=_subject_text(tbs["subject"]),
        texts=_texts(tbs),
        key_bytes=_key_bits(tbs["subject_public_key_info"]),
    )


def _extensions(tbs: Any) -> dict[str, Any]:
    """Read the extensions that the standards name and this room asks for."""
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for extension in tbs["extensions"]:
        oid, name = extension["extn_id"].dotted, extension["extn_id"].native
        if oid in seen:
            raise BadCertificate(f"extension {oid} twice")
        seen.add(oid)
        if name in _READ:
            content = bytes(extension["extn_value"])
            if not is_der(content):
                raise BadCertificate(f"extension {oid} not DER")
            found[name] = _READ[name].load(content, strict=True)
    return found


def _unknown_critical(tbs: Any) -> tuple[str, ...]:
    return tuple(
        extension["extn_id"].dotted
        for extension in tbs["extensions"]
        if extension["critical"].native
        and extension["extn_id"].native not in _UNDERSTOOD
        and not extension["extn_id"].dotted.startswith(f"{EPORT_ARC}.")
    )


def _texts(tbs: Any) -> dict[str, str]:
    # asn1crypto has a word for each extension of a standard; others keep their digits.
    return {
        extension["extn_id"].dotted: _text(bytes(extension["extn_value"]))
        for extension in tbs["extensions"]
        if extension["extn_id"].native == extension["extn_id"].dotted
    }


def _text(raw: bytes) -> str:
    """Read the string inside an extension's OCTET STRING; one without a header is read as UTF-8."""
    for kind in (core.UTF8String, core.PrintableString, core.IA5String):
        try:
            return printable(str(kind.load(raw, strict=True).native))
        except (ValueError, TypeError):
            continue
    return printable(raw.decode("utf-8", "replace"))


def printable(text: str) -> str:
    """Make a text from outside one line without control characters, which no column would take."""
    return _UNPRINTABLE.sub(" ", text).strip()


def _key(info: Any) -> PublicKey:
    algorithm = info["algorithm"]
    kind = algorithm["algorithm"].dotted
    if kind == _RSA_KEY:
        parsed = info["public_key"].parsed
        modulus, exponent = parsed["modulus"].native, parsed["public_exponent"].native
        if (
            modulus <= 0
            or modulus % 2 == 0
            or exponent % 2 == 0
            or not 3 <= exponent < _MAX_EXPONENT
        ):
            raise BadCertificate("RSA key out of range")
        return PublicKey(modulus=modulus, exponent=exponent)
    if kind != _EC_KEY:
        raise OtherKey(f"key of kind {kind}")
    parameters = algorithm["parameters"]
    if parameters.name != "named" or parameters.chosen.dotted != _SM2_CURVE:
        raise OtherKey("another curve")
    raw = _key_bits(info)
    if len(raw) != 1 + 2 * sm2.SIZE or raw[0] != 4 or not sm2.is_on_curve(raw[1:]):
        raise BadCertificate("no point of the SM2 curve")
    return PublicKey(point=raw[1:])


def _key_bits(info: Any) -> bytes:
    """Give the bits of the key as they stand in the certificate (OCSP's key hash is over these)."""
    encoded: bytes = info["public_key"].contents
    if encoded[:1] != b"\x00":
        raise BadCertificate("key with unused bits")
    return encoded[1:]


def _moment(value: Any) -> datetime:
    native = value.native
    if not isinstance(native, datetime) or native.tzinfo is None:
        raise BadCertificate("a time that is none")
    return native.astimezone(UTC)


def _subject_text(name: Any) -> dict[str, str]:
    """Read the subject's attributes; of several of a kind the last one, as the cards print it."""
    return {
        key: printable(value if isinstance(value, str) else str(value[-1]))
        for key, value in name.native.items()
    }


def _crl_points(points: Any) -> frozenset[bytes]:
    names: set[bytes] = set()
    for point in points or ():
        name = point["distribution_point"]
        if name.native is not None and name.name == "full_name":
            names |= {general.dump() for general in name.chosen}
    return frozenset(names)


def _ocsp_urls(access: Any) -> tuple[str, ...]:
    return tuple(
        description["access_location"].native
        for description in access or ()
        if description["access_method"].native == "ocsp"
        and description["access_location"].name == "uniform_resource_identifier"
    )
