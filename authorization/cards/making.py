"""Making keys, certificates, CRLs and OCSP answers: for soft cards, demo and tests.

Nothing here is trusted: the portal believes only roots that are configured (chain.py).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from asn1crypto import algos, core, crl, keys, ocsp, pem, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from authorization.cards import sm2
from authorization.cards.certificates import EPORT_ARC, Certificate, parse
from authorization.cards.ocsp import cert_id
from authorization.cards.signatures import Scheme

_SM2_CURVE = "1.2.156.10197.1.301"
keys.NamedCurve.register("sm2p256v1", _SM2_CURVE, sm2.SIZE)
_RSA_HASHES: dict[Scheme, hashes.HashAlgorithm] = {
    Scheme.RSA_SHA256: hashes.SHA256(),
    Scheme.RSA_SHA1: hashes.SHA1(),  # noqa: S303 (to show that it is refused)
}


@dataclass(frozen=True)
class Key:
    """A private key: RSA, or SM2 by its secret number."""

    rsa_key: rsa.RSAPrivateKey | None = None
    sm2_secret: int = 0

    @property
    def is_sm2(self) -> bool:
        """Whether it is an SM2 key."""
        return self.rsa_key is None

    @property
    def scheme(self) -> Scheme:
        """The scheme that it signs by unless told otherwise."""
        return Scheme.SM2_SM3 if self.is_sm2 else Scheme.RSA_SHA256

    @cached_property
    def point(self) -> bytes:
        """The public point of an SM2 key."""
        return sm2.point_of(self.sm2_secret)

    def sign(self, message: bytes, scheme: Scheme | None = None, *, raw: bool = False) -> bytes:
        """Sign a message; SM2 in DER, or as r‖s of 64 bytes where `raw`, as the cards do."""
        if self.rsa_key is None:
            r, s = sm2.sign(self.sm2_secret, message, point=self.point)
            return r.to_bytes(32, "big") + s.to_bytes(32, "big") if raw else sm2.encode(r, s)
        algorithm = _RSA_HASHES[scheme or self.scheme]
        return self.rsa_key.sign(message, padding.PKCS1v15(), algorithm)

    def public_info(self) -> Any:
        """Give the SubjectPublicKeyInfo."""
        if self.rsa_key is not None:
            der = self.rsa_key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            return keys.PublicKeyInfo.load(der)
        return keys.PublicKeyInfo(
            {
                "algorithm": {
                    "algorithm": "ec",
                    "parameters": keys.ECDomainParameters("named", "sm2p256v1"),
                },
                "public_key": keys.ECPointBitString(b"\x04" + self.point),
            }
        )

    def pem(self) -> bytes:
        """Write the key as PKCS#8, unencrypted: a test card's key is no secret."""
        if self.rsa_key is not None:
            return self.rsa_key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        private = keys.PrivateKeyInfo(
            {
                "version": 0,
                "private_key_algorithm": {
                    "algorithm": "ec",
                    "parameters": keys.ECDomainParameters("named", "sm2p256v1"),
                },
                "private_key": keys.ECPrivateKey(
                    {
                        "version": "ecPrivkeyVer1",
                        "private_key": self.sm2_secret,
                        "public_key": keys.ECPointBitString(b"\x04" + self.point),
                    }
                ),
            }
        )
        written: bytes = pem.armor("PRIVATE KEY", private.dump(force=True))
        return written


def rsa_key(bits: int = 2048) -> Key:
    """Make an RSA key."""
    return Key(rsa_key=rsa.generate_private_key(public_exponent=65537, key_size=bits))


def sm2_key() -> Key:
    """Make an SM2 key."""
    return Key(sm2_secret=sm2.generate()[0])


def load_key(content: bytes) -> Key:
    """Read a key that `Key.pem` wrote."""
    _, _, der = pem.unarmor(content)
    info = keys.PrivateKeyInfo.load(der)
    if info["private_key_algorithm"]["algorithm"].native == "rsa":
        loaded = serialization.load_pem_private_key(content, password=None)
        if not isinstance(loaded, rsa.RSAPrivateKey):
            raise ValueError("neither an RSA nor an SM2 key")
        return Key(rsa_key=loaded)
    return Key(sm2_secret=info["private_key"].parsed["private_key"].native)


@dataclass(frozen=True)
class Wish:
    """What a certificate shall say. `subject` in the order of its attributes, later ones inner.

    `eport` maps the last two numbers of an E-Port OID (`5.11`) to its text.
    """

    subject: Sequence[tuple[str, str]]
    not_before: datetime
    not_after: datetime
    is_ca: bool = False
    path_length: int | None = None
    key_usage: frozenset[str] | None = frozenset({"digital_signature", "non_repudiation"})
    extended_key_usage: tuple[str, ...] = ()
    eport: Mapping[str, str] | None = None
    crl_url: str = ""
    ocsp_url: str = ""
    serial: int = 0
    scheme: Scheme | None = None
    more_extensions: tuple[Any, ...] = ()


def name(attributes: Sequence[tuple[str, str]]) -> Any:
    """Build a name of UTF8Strings, such as (("country_name", "CN"), ("common_name", "张三"))."""
    return x509.Name(
        name="",
        value=x509.RDNSequence(
            [
                x509.RelativeDistinguishedName(
                    [
                        x509.NameTypeAndValue(
                            {
                                "type": kind,
                                "value": core.PrintableString(text)
                                if kind == "country_name"
                                else x509.DirectoryString("utf8_string", text),
                            }
                        )
                    ]
                )
                for kind, text in attributes
            ]
        ),
    )


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    certificate: Certificate
    key: Key


def issue(wish: Wish, key: Key, issuer: Made | None = None) -> Made:
    """Make a certificate; self-signed without an issuer."""
    signer = issuer.key if issuer else key
    scheme = wish.scheme or signer.scheme
    algorithm = algos.SignedDigestAlgorithm({"algorithm": scheme.value})
    subject = name(wish.subject)
    tbs = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": wish.serial or secrets.randbits(63) | 1,
            "signature": algorithm,
            "issuer": x509.Name.load(issuer.certificate.subject) if issuer else subject,
            "validity": {
                "not_before": _time(wish.not_before),
                "not_after": _time(wish.not_after),
            },
            "subject": subject,
            "subject_public_key_info": key.public_info(),
            "extensions": _extensions(wish),
        }
    )
    signed = tbs.dump()
    certificate = x509.Certificate(
        {
            # As bytes: built anew from its parts, it would take as long once more.
            "tbs_certificate": x509.TbsCertificate.load(signed),
            "signature_algorithm": algorithm,
            "signature_value": signer.sign(signed, scheme),
        }
    )
    return Made(parse(certificate.dump()), key)


def _time(moment: datetime) -> Any:
    return x509.Time("utc_time" if moment.year < 2050 else "general_time", moment)


def _extensions(wish: Wish) -> list[Any]:
    found: list[dict[str, Any]] = [
        {
            "extn_id": "basic_constraints",
            "critical": True,
            "extn_value": {"ca": wish.is_ca, "path_len_constraint": wish.path_length},
        }
    ]
    if wish.key_usage is not None:
        usage = {"extn_id": "key_usage", "critical": True, "extn_value": set(wish.key_usage)}
        found.append(usage)
    if wish.extended_key_usage:
        found.append({"extn_id": "extended_key_usage", "extn_value": list(wish.extended_key_usage)})
    if wish.crl_url:
        point = {
            "distribution_point": x509.DistributionPointName("full_name", [_url(wish.crl_url)])
        }
        found.append({"extn_id": "crl_distribution_points", "extn_value": [point]})
    if wish.ocsp_url:
        access = {"access_method": "ocsp", "access_location": _url(wish.ocsp_url)}
        found.append({"extn_id": "authority_information_access", "extn_value": [access]})
    for numbers, text in (wish.eport or {}).items():
        inner = core.UTF8String(text).dump()
        found.append(
            {
                "extn_id": f"{EPORT_ARC}.{numbers}",
                "extn_value": core.ParsableOctetString(inner),
            }
        )
    return [*(x509.Extension(extension) for extension in found), *wish.more_extensions]


def _url(text: str) -> Any:
    return x509.GeneralName("uniform_resource_identifier", text)


def make_crl(
    issuer: Made,
    revoked: Mapping[int, datetime],
    at: datetime,
    life: timedelta = timedelta(days=30),
    number: int = 1,
) -> bytes:
    """Write a CRL: serial → when it was revoked."""
    algorithm = algos.SignedDigestAlgorithm({"algorithm": issuer.key.scheme.value})
    tbs = crl.TbsCertList(
        {
            "version": "v2",
            "signature": algorithm,
            "issuer": x509.Name.load(issuer.certificate.subject),
            "this_update": _time(at),
            "next_update": _time(at + life),
            "revoked_certificates": [
                {"user_certificate": serial, "revocation_date": _time(moment)}
                for serial, moment in revoked.items()
            ]
            or None,
            "crl_extensions": [{"extn_id": "crl_number", "extn_value": number}],
        }
    )
    written: bytes = crl.CertificateList(
        {
            "tbs_cert_list": tbs,
            "signature_algorithm": algorithm,
            "signature": issuer.key.sign(tbs.dump()),
        }
    ).dump()
    return written


def make_ocsp(
    certificate: Certificate,
    issuer: Made,
    responder: Made,
    at: datetime,
    *,
    revoked_at: datetime | None = None,
    unknown: bool = False,
    life: timedelta = timedelta(hours=1),
) -> bytes:
    """Write an OCSP response on one certificate, signed by the issuer or his responder."""
    if unknown:
        status = ocsp.CertStatus("unknown", ocsp.StatusUnknown())
    elif revoked_at is not None:
        status = ocsp.CertStatus(
            "revoked", {"revocation_time": revoked_at, "revocation_reason": "key_compromise"}
        )
    else:
        status = ocsp.CertStatus("good", ocsp.StatusGood())
    data = ocsp.ResponseData(
        {
            "responder_id": ocsp.ResponderId(
                "by_name", x509.Name.load(responder.certificate.subject)
            ),
            "produced_at": at,
            "responses": [
                {
                    "cert_id": cert_id(certificate, issuer.certificate),
                    "cert_status": status,
                    "this_update": at,
                    "next_update": at + life,
                }
            ],
        }
    )
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": data,
            "signature_algorithm": {"algorithm": responder.key.scheme.value},
            "signature": responder.key.sign(data.dump()),
            "certs": [x509.Certificate.load(responder.certificate.der)],
        }
    )
    written: bytes = ocsp.OCSPResponse(
        {
            "response_status": "successful",
            "response_bytes": {
                "response_type": "basic_ocsp_response",
                "response": core.ParsableOctetString(basic.dump()),
            },
        }
    ).dump()
    return written
