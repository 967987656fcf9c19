"""Whether a certificate was revoked: by a CRL file, or by asking its OCSP responder.

An answer keeps its own bytes, so that it can be verified again years later. Bytes that do not
verify are no answer; what to do without one is the caller's setting.
"""

import http.client
import logging
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import sha1
from typing import Any
from urllib.parse import urlsplit

from asn1crypto import algos, crl, ocsp

from authorization.cards.certificates import Certificate, parse
from authorization.cards.chain import TrustStore, check_strength, is_signed_by
from authorization.cards.refusals import Refused
from authorization.cards.signatures import Scheme, scheme_of, verifies

logger = logging.getLogger(__name__)

MAX_CRL_BYTES = 32 * 1024 * 1024
MAX_OCSP_BYTES = 64 * 1024
# The responder's clock may be a little ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)
# An OCSP answer without nextUpdate is good for this long.
OCSP_LIFE = timedelta(days=1)
_OCSP_SIGNING = "ocsp_signing"
_SHA1 = "1.3.14.3.2.26"


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

    `fingerprint` names the certificate asked about; `until` is when the answer loses its worth.
    """

    source: Source
    status: Status
    fingerprint: str
    proof: bytes
    until: datetime
    reason: str = ""


class NoAnswer(Exception):
    """These bytes answer nothing for this certificate; the text is for the record."""


Fetch = Callable[[str, bytes], bytes]


def from_crl(
    proof: bytes, certificate: Certificate, issuer: Certificate, store: TrustStore, at: datetime
) -> Answer:
    """Read a CRL's answer on a certificate at a moment. Raises NoAnswer."""
    listed, serials, until = _read_crl(proof, issuer, store)
    if listed > at + CLOCK_SKEW or at > until:
        raise NoAnswer("CRL not of this time")
    revoked = serials.get(certificate.serial)
    # A card that was revoked later than this moment had not been revoked then.
    if revoked is not None and revoked[0] <= at:
        return Answer(Source.CRL, Status.REVOKED, certificate.fingerprint, proof, until, revoked[1])
    return Answer(Source.CRL, Status.GOOD, certificate.fingerprint, proof, until)


# A CRL may list a hundred thousand serials: read and verified once, looked up after.
@lru_cache(maxsize=8)
def _read_crl(
    proof: bytes, issuer: Certificate, store: TrustStore
) -> tuple[datetime, dict[int, tuple[datetime, str]], datetime]:
    if not 0 < len(proof) <= MAX_CRL_BYTES:
        raise NoAnswer("CRL empty or too large")
    try:
        loaded = crl.CertificateList.load(proof, strict=True)
        listed = loaded["tbs_cert_list"]
        if listed["issuer"].dump() != issuer.subject:
            raise NoAnswer("CRL of another issuer")
        for extension in listed["crl_extensions"] or ():
            # A delta, indirect or partial list (RFC 5280 5.2.4, 5.2.5) tells too little.
            if extension["critical"].native:
                raise NoAnswer(f"CRL with critical {extension['extn_id'].dotted}")
        if issuer.key_usage is not None and "crl_sign" not in issuer.key_usage:
            raise NoAnswer("issuer may not sign CRLs")
        _verify(loaded, listed.dump(), issuer, store)
        if listed["next_update"].native is None:
            raise NoAnswer("CRL without next update")
        serials = {
            entry["user_certificate"].native: (entry["revocation_date"].native, _why(entry))
            for entry in listed["revoked_certificates"] or ()
        }
        return listed["this_update"].native, serials, listed["next_update"].native
    except NoAnswer:
        raise
    except Exception as error:  # asn1crypto raises many kinds for malformed bytes
        raise NoAnswer(f"CRL malformed: {type(error).__name__}") from error


def _why(entry: Any) -> str:
    reason = entry.crl_reason_value
    return "" if reason is None else str(reason.native)


def _verify(signed: Any, body: bytes, issuer: Certificate, store: TrustStore) -> None:
    scheme = scheme_of(signed["signature_algorithm"]["algorithm"].dotted)
    if scheme is None or (scheme is Scheme.RSA_SHA1 and not store.strength.allow_sha1):
        raise NoAnswer("signed by an algorithm that is not allowed")
    if not verifies(issuer.key, scheme, body, signed["signature"].native, store.signer_id):
        raise NoAnswer("wrong signature")


def ocsp_request(certificate: Certificate, issuer: Certificate) -> bytes:
    """Write the question of RFC 6960 on one certificate (SHA-1 only names the issuer here)."""
    request = ocsp.OCSPRequest(
        {"tbs_request": {"request_list": [{"req_cert": _cert_id(certificate, issuer)}]}}
    )
    written: bytes = request.dump()
    return written


def _cert_id(certificate: Certificate, issuer: Certificate) -> ocsp.CertId:
    return ocsp.CertId(
        {
            "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha1"}),
            "issuer_name_hash": sha1(issuer.subject, usedforsecurity=False).digest(),
            "issuer_key_hash": sha1(issuer.key_bytes, usedforsecurity=False).digest(),
            "serial_number": certificate.serial,
        }
    )


def from_ocsp(
    proof: bytes, certificate: Certificate, issuer: Certificate, store: TrustStore, at: datetime
) -> Answer:
    """Read an OCSP response's answer on a certificate at a moment. Raises NoAnswer."""
    if not 0 < len(proof) <= MAX_OCSP_BYTES:
        raise NoAnswer("OCSP response empty or too large")
    try:
        response = ocsp.OCSPResponse.load(proof, strict=True)
        if response["response_status"].native != "successful":
            raise NoAnswer(f"OCSP {response['response_status'].native}")
        basic = response["response_bytes"]["response"].parsed
        data = basic["tbs_response_data"]
        responder = _responder(basic, issuer, store, at)
        _verify(basic, data.dump(), responder, store)
        return _single_answer(data["responses"], proof, certificate, issuer, at)
    except NoAnswer:
        raise
    except Exception as error:  # asn1crypto raises many kinds for malformed bytes
        raise NoAnswer(f"OCSP malformed: {type(error).__name__}") from error


def _responder(basic: Any, issuer: Certificate, store: TrustStore, at: datetime) -> Certificate:
    """Find whose key must have signed: the issuer, or one that he gave this task (4.2.2.2)."""
    named = basic["tbs_response_data"]["responder_id"]
    sent = [parse(sent.dump()) for sent in basic["certs"] or ()]
    for candidate in (issuer, *sent):
        if named.name == "by_name":
            is_named = named.chosen.untag().dump() == candidate.subject
        else:
            key_hash = sha1(candidate.key_bytes, usedforsecurity=False).digest()
            is_named = named.native == key_hash
        if is_named and (candidate is issuer or _is_delegated(candidate, issuer, store, at)):
            return candidate
    raise NoAnswer("OCSP response of an unknown responder")


def _is_delegated(
    candidate: Certificate, issuer: Certificate, store: TrustStore, at: datetime
) -> bool:
    try:
        check_strength(candidate, store.strength)
    except Refused:
        return False
    return (
        candidate.issuer == issuer.subject
        and _OCSP_SIGNING in candidate.extended_key_usage
        and candidate.not_before <= at <= candidate.not_after
        and not candidate.unknown_critical
        and is_signed_by(candidate, issuer, store.signer_id)
    )


def _single_answer(
    responses: Iterable[Any],
    proof: bytes,
    certificate: Certificate,
    issuer: Certificate,
    at: datetime,
) -> Answer:
    wanted = _cert_id(certificate, issuer)
    for single in responses:
        asked = single["cert_id"]
        if asked["hash_algorithm"]["algorithm"].dotted != _SHA1 or any(
            asked[name].native != wanted[name].native
            for name in ("issuer_name_hash", "issuer_key_hash", "serial_number")
        ):
            continue
        said, listed = single["cert_status"], single["this_update"].native
        until = single["next_update"].native or listed + OCSP_LIFE
        if listed > at + CLOCK_SKEW or at > until + CLOCK_SKEW:
            raise NoAnswer("OCSP response not of this time")
        if said.name == "good":
            return Answer(Source.OCSP, Status.GOOD, certificate.fingerprint, proof, until)
        if said.name == "revoked":
            reason = said.chosen["revocation_reason"].native
            return Answer(
                Source.OCSP,
                Status.REVOKED,
                certificate.fingerprint,
                proof,
                until,
                str(reason or ""),
            )
        raise NoAnswer("OCSP: unknown")
    raise NoAnswer("OCSP response on another certificate")


def ask(
    certificate: Certificate,
    issuer: Certificate,
    store: TrustStore,
    at: datetime,
    *,
    crls: Sequence[bytes],
    responders: Sequence[str],
    fetch: Fetch,
) -> tuple[Answer | None, list[str]]:
    """Ask the configured CRLs, then the OCSP responders, for one certificate.

    A revocation by either counts; else the first good answer. Returns the answer, None when
    nobody answers, and what each that failed said, for the record.
    """
    good: Answer | None = None
    failures: list[str] = []
    for proof in crls:
        try:
            answer = from_crl(proof, certificate, issuer, store, at)
        except NoAnswer as none:
            failures.append(str(none))
            continue
        if answer.status is Status.REVOKED:
            return answer, failures
        good = good or answer
    if not responders:
        return good, failures
    question = ocsp_request(certificate, issuer)
    for url in responders:
        try:
            answer = from_ocsp(fetch(url, question), certificate, issuer, store, at)
        except NoAnswer as none:
            failures.append(f"{url}: {none}")
            continue
        # OCSP knows of a moment ago what a list may not know yet.
        return answer, failures
    return good, failures


def fetch_ocsp(url: str, question: bytes, seconds: float = 5) -> bytes:
    """Ask a responder by HTTP POST; raises NoAnswer where it doesn't answer in time."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise NoAnswer("responder's address is not http")
    request = urllib.request.Request(  # noqa: S310 (scheme checked above)
        url, data=question, headers={"Content-Type": "application/ocsp-request"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            content: bytes = answer.read(MAX_OCSP_BYTES + 1)
            return content
    except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
        raise NoAnswer(f"no answer: {type(error).__name__}") from error


def now() -> datetime:
    """Give the present moment, aware, in UTC."""
    return datetime.now(UTC)
