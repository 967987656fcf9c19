"""An OCSP responder's answer (RFC 6960, nonce RFC 9654)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha1
from typing import Any

from asn1crypto import algos, core, ocsp

from authorization.cards.answers import CLOCK_SKEW, Answer, NoAnswer, Source, Status, check_signed
from authorization.cards.certificates import BadCertificate, Certificate, parse
from authorization.cards.chain import TrustStore, check_strength, is_signed_by
from authorization.cards.der import is_der
from authorization.cards.refusals import Refused

MAX_OCSP_BYTES = 64 * 1024
MAX_SENT_CERTIFICATES = 4
# An answer without nextUpdate is good for this long; none is good for longer than the other.
OCSP_LIFE = timedelta(days=1)
OCSP_AGE = timedelta(days=7)
_OCSP_SIGNING = "ocsp_signing"
_SHA1 = "1.3.14.3.2.26"


def ocsp_request(certificate: Certificate, issuer: Certificate, nonce: bytes = b"") -> bytes:
    """Write the question on one certificate (SHA-1 only names the issuer here)."""
    tbs: dict[str, Any] = {"request_list": [{"req_cert": cert_id(certificate, issuer)}]}
    if nonce:
        tbs["request_extensions"] = [
            {"extn_id": "nonce", "extn_value": core.OctetString(nonce)},
        ]
    written: bytes = ocsp.OCSPRequest({"tbs_request": tbs}).dump()
    return written


def cert_id(certificate: Certificate, issuer: Certificate) -> ocsp.CertId:
    """Name a certificate as OCSP does: hashes of its issuer's name and key, and its serial."""
    return ocsp.CertId(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha1"}),
            "issuer_name_hash": sha1(issuer.subject, usedforsecurity=False).digest(),
            "issuer_key_hash": sha1(issuer.key_bytes, usedforsecurity=False).digest(),
            "serial_number": certificate.serial,
        }
    )


def from_ocsp(
    proof: bytes,
    certificate: Certificate,
    issuer: Certificate,
    store: TrustStore,
    at: datetime,
    nonce: bytes = b"",
) -> Answer:
    """Read an OCSP response's answer on a certificate at a moment. Raises NoAnswer.

    A responder may leave the nonce out, as those that sign answers beforehand do; another nonce
    than the one asked with is no answer.
    """
    if not 0 < len(proof) <= MAX_OCSP_BYTES or not is_der(proof):
        raise NoAnswer("OCSP response too large, or not DER")
    try:
        response = ocsp.OCSPResponse.load(proof, strict=True)
        if response["response_status"].native != "successful":
            raise NoAnswer(f"OCSP {response['response_status'].native}")
        content = response["response_bytes"]["response"]
        if not is_der(bytes(content)):
            raise NoAnswer("OCSP response not DER")
        basic = ocsp.BasicOCSPResponse.load(bytes(content), strict=True)
        data = basic["tbs_response_data"]
        signer = _signer(basic, issuer, store, at)
        algorithm = basic["signature_algorithm"]["algorithm"].dotted
        check_signed(data.dump(), algorithm, basic["signature"].native, signer, store)
        _check_extensions(data, nonce)
        return _single_answer(data["responses"], proof, certificate, issuer, signer, at)
    except NoAnswer:
        raise
    except Exception as error:  # asn1crypto raises many kinds for malformed bytes
        raise NoAnswer(f"OCSP malformed: {type(error).__name__}") from error


def _check_extensions(data: Any, nonce: bytes) -> None:
    for extension in data["response_extensions"] or ():
        if extension["extn_id"].native == "nonce":
            if nonce and extension["extn_value"].parsed.native != nonce:
                raise NoAnswer("OCSP response to another question")
        elif extension["critical"].native:
            raise NoAnswer(f"OCSP response with critical {extension['extn_id'].dotted}")


def _signer(basic: Any, issuer: Certificate, store: TrustStore, at: datetime) -> Certificate:
    """Find whose key must have signed: the issuer, or one that he gave this task (4.2.2.2)."""
    named = basic["tbs_response_data"]["responder_id"]
    for candidate in (issuer, *_sent(basic)):
        if named.name == "by_name":
            is_named = named.chosen.untag().dump() == candidate.subject
        else:
            key_hash = sha1(candidate.key_bytes, usedforsecurity=False).digest()
            is_named = named.native == key_hash
        if is_named and (candidate is issuer or _is_delegated(candidate, issuer, store, at)):
            return candidate
    raise NoAnswer("OCSP response of an unknown responder")


def _sent(basic: Any) -> Iterable[Certificate]:
    for place, sent in enumerate(basic["certs"] or ()):
        if place >= MAX_SENT_CERTIFICATES:
            return
        try:
            yield parse(sent.dump())
        except BadCertificate:
            continue


def _is_delegated(
    candidate: Certificate, issuer: Certificate, store: TrustStore, at: datetime
) -> bool:
    try:
        check_strength(candidate, store.strength)
    except Refused:
        return False
    usage = candidate.key_usage
    return (
        candidate.issuer == issuer.subject
        and not candidate.is_ca
        and _OCSP_SIGNING in candidate.extended_key_usage
        and (usage is None or "digital_signature" in usage)
        and candidate.not_before <= at <= candidate.not_after
        and not candidate.unknown_critical
        and is_signed_by(candidate, issuer, store.signer_id)
    )


def _single_answer(
    responses: Iterable[Any],
    proof: bytes,
    certificate: Certificate,
    issuer: Certificate,
    signer: Certificate,
    at: datetime,
) -> Answer:
    wanted = cert_id(certificate, issuer)
    for single in responses:
        asked = single["cert_id"]
        if asked["hash_algorithm"]["algorithm"].dotted != _SHA1 or any(
            asked[name].native != wanted[name].native
            for name in ("issuer_name_hash", "issuer_key_hash", "serial_number")
        ):
            continue
        if any(extension["critical"].native for extension in single["single_extensions"] or ()):
            raise NoAnswer("OCSP answer with a critical extension")
        listed = single["this_update"].native
        until = single["next_update"].native or listed + OCSP_LIFE
        until = min(until, listed + OCSP_AGE)
        if listed > at + CLOCK_SKEW or at > until + CLOCK_SKEW:
            raise NoAnswer("OCSP response not of this time")
        said = single["cert_status"].name
        if said not in {"good", "revoked"}:
            raise NoAnswer("OCSP: unknown")
        status = Status.GOOD if said == "good" else Status.REVOKED
        return Answer(Source.OCSP, status, certificate.fingerprint, proof, until, signer)
    raise NoAnswer("OCSP response on another certificate")
