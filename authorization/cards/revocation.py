"""Whether a certificate was revoked: by the configured CRLs, and by asking OCSP responders.

An answer keeps its own bytes, so that it can be verified again years later. Bytes that do not
verify are no answer; what to do without one is the caller's setting.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from authorization.cards.answers import Answer, Fetch, NoAnswer, Status
from authorization.cards.certificates import Certificate
from authorization.cards.chain import TrustStore
from authorization.cards.crls import from_crl
from authorization.cards.ocsp import from_ocsp, ocsp_request

NONCE_BYTES = 32


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
    """Ask the configured CRLs, then the configured OCSP responders, for one certificate.

    A revocation by either counts; else the first good answer. Those responders come first that
    the certificate names itself; an address that is not configured is never asked. Returns the
    answer, None when nobody answers, and what each that failed said, for the record.
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
    for url in sorted(responders, key=lambda url: url not in certificate.ocsp_urls):
        nonce = secrets.token_bytes(NONCE_BYTES)
        try:
            content = fetch(url, ocsp_request(certificate, issuer, nonce))
            answer = from_ocsp(content, certificate, issuer, store, at, nonce)
            _check_signer(answer, issuer, store, at, crls)
        except NoAnswer as none:
            failures.append(f"{url}: {none}")
            continue
        # OCSP knows of a moment ago what a list may not know yet.
        return answer, failures
    return good, failures


def _check_signer(
    answer: Answer, issuer: Certificate, store: TrustStore, at: datetime, crls: Sequence[bytes]
) -> None:
    """Raise NoAnswer where a list says that the responder's own certificate was revoked."""
    if answer.signer == issuer:
        return
    for proof in crls:
        try:
            about = from_crl(proof, answer.signer, issuer, store, at)
        except NoAnswer:
            continue
        if about.status is Status.REVOKED:
            raise NoAnswer("OCSP responder's certificate is revoked")
