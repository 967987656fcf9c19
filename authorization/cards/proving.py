"""Proving that an enterprise's legal-person card signed a text: once live, and again years later.

`gather` asks for what time will take away (the answers on revocation); `prove` decides from the
gathered bytes, the policy and the moment alone. Live verification is one after the other, so that
what was accepted can always be proved again by the same code.
"""

import base64
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authorization.cards import certificates
from authorization.cards.certificates import (
    ENTERPRISE_NAME,
    IDENTITY_NUMBER,
    KIND,
    ORGANISATION_CODE,
    BadCertificate,
    Certificate,
)
from authorization.cards.chain import TrustStore, find_chain
from authorization.cards.refusals import Refusal, Refused
from authorization.cards.revocation import (
    Answer,
    Fetch,
    NoAnswer,
    Source,
    Status,
    ask,
    from_crl,
    from_ocsp,
)
from authorization.cards.signatures import Scheme, Strength, verifies

MAX_TEXT_BYTES = 4096
MAX_SENT_CERTIFICATES = 4
# Places of the organisation code (GB 11714) in the 统一社会信用代码 (GB 32100).
_ORGANISATION = slice(8, 17)


@dataclass(frozen=True)
class Policy:
    """The settings in force: what is trusted, what marks a legal-person card, and what is refused.

    `accept_unanswered`: whether a card passes when neither CRL nor OCSP answers.
    """

    store: TrustStore
    kind_oid: str = KIND
    legal_person_kinds: frozenset[str] = frozenset({"01"})
    accept_unanswered: bool = False

    def as_json(self) -> dict[str, Any]:
        """Write the settings, without the certificates, for the record."""
        return {
            "roots": [root.fingerprint for root in self.store.roots],
            "allow_sha1": self.store.strength.allow_sha1,
            "allow_rsa_1024": self.store.strength.allow_rsa_1024,
            "signer_id": self.store.signer_id.decode("latin-1"),
            "kind_oid": self.kind_oid,
            "legal_person_kinds": sorted(self.legal_person_kinds),
            "accept_unanswered": self.accept_unanswered,
        }

    @classmethod
    def from_json(
        cls,
        written: Mapping[str, Any],
        roots: Sequence[Certificate],
        intermediates: Sequence[Certificate],
    ) -> "Policy":
        """Rebuild the settings of a record; only roots that it names are trusted."""
        named = set(written["roots"])
        store = TrustStore(
            tuple(root for root in roots if root.fingerprint in named),
            tuple(intermediates),
            Strength(written["allow_sha1"], written["allow_rsa_1024"]),
            written["signer_id"].encode("latin-1"),
        )
        return cls(
            store,
            written["kind_oid"],
            frozenset(written["legal_person_kinds"]),
            written["accept_unanswered"],
        )


@dataclass(frozen=True)
class Sent:
    """What the page sent: the signed text, the signature, the card's certificate and any others."""

    text: bytes
    signature: bytes
    card: Certificate
    others: tuple[Certificate, ...] = ()


@dataclass(frozen=True)
class Proof:
    """One answer's bytes on one certificate of the chain (by its place, 0 the card)."""

    place: int
    source: Source
    content: bytes


@dataclass(frozen=True)
class Proved:
    """What was proved: the chain, the scheme, the answers, and what the record should mention."""

    chain: tuple[Certificate, ...]
    scheme: Scheme
    answers: tuple[Answer, ...]
    unanswered: tuple[int, ...]
    card_enterprise_name: str
    holder: str
    identity_number: str
    notes: tuple[str, ...]


def read_sent(text: str, signature: str, card: str, others: Sequence[str] = ()) -> Sent:
    """Read what the page sent, base64 throughout but the text. Raises Refused (MALFORMED)."""
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) > MAX_TEXT_BYTES or len(others) > MAX_SENT_CERTIFICATES:
        raise Refused(Refusal.MALFORMED, "too much")
    try:
        raw = base64.b64decode("".join(signature.split()), validate=True)
        read = tuple(certificates.from_base64(other) for other in others)
        return Sent(encoded, raw, certificates.from_base64(card), read)
    except BadCertificate as error:
        raise Refused(Refusal.MALFORMED, str(error)) from error
    except ValueError as error:
        raise Refused(Refusal.MALFORMED, "signature not base64") from error


def gather(
    sent: Sent,
    policy: Policy,
    at: datetime,
    *,
    crls: Sequence[bytes],
    responders: Sequence[str],
    fetch: Fetch,
) -> tuple[list[Proof], list[str]]:
    """Ask whether any link of the card's chain was revoked; what failed is said beside it.

    Only a card whose chain and signature hold is asked about: a stranger's certificate sends the
    portal nowhere. Raises Refused.
    """
    chain = find_chain(sent.card, policy.store, at, sent.others)
    _check_signature(sent, policy)
    proofs: list[Proof] = []
    failures: list[str] = []
    for place, (link, issuer) in enumerate(itertools.pairwise(chain)):
        named = [url for url in link.ocsp_urls if url in responders]
        answer, failed = ask(
            link, issuer, policy.store, at, crls=crls, responders=named, fetch=fetch
        )
        failures += failed
        if answer is not None:
            proofs.append(Proof(place, answer.source, answer.proof))
    return proofs, failures


def prove(sent: Sent, proofs: Sequence[Proof], policy: Policy, uscc: str, at: datetime) -> Proved:
    """Decide whether this card authorizes for the enterprise of this 统一社会信用代码 at a moment.

    Raises Refused. Nothing is asked of anybody.
    """
    chain = find_chain(sent.card, policy.store, at, sent.others)
    scheme = _check_signature(sent, policy)
    answers, unanswered = _check_revocation(chain, proofs, policy, at)
    _check_card_is_theirs(sent.card, policy, uscc)
    notes = []
    if any(link.key.bits < 2048 and not link.key.is_sm2 for link in chain):
        notes.append("rsa_1024")
    if any(link.algorithm == Scheme.RSA_SHA1.value for link in chain[:-1]):
        notes.append("sha1")
    if unanswered:
        notes.append("revocation_unanswered")
    card = sent.card
    return Proved(
        chain,
        scheme,
        answers,
        unanswered,
        card.eport.get(ENTERPRISE_NAME) or card.subject_text.get("organizational_unit_name", ""),
        card.subject_text.get("common_name", ""),
        card.eport.get(IDENTITY_NUMBER, ""),
        tuple(notes),
    )


def _check_signature(sent: Sent, policy: Policy) -> Scheme:
    """Find by which scheme the card signed the text; an RSA card may sign by SHA-1 if allowed."""
    key, store = sent.card.key, policy.store
    if key.is_sm2:
        schemes = [Scheme.SM2_SM3]
    else:
        schemes = [Scheme.RSA_SHA256]
        if store.strength.allow_sha1:
            schemes.append(Scheme.RSA_SHA1)
    for scheme in schemes:
        if verifies(key, scheme, sent.text, sent.signature, store.signer_id):
            return scheme
    if not key.is_sm2 and verifies(key, Scheme.RSA_SHA1, sent.text, sent.signature):
        raise Refused(Refusal.ALGORITHM_NOT_ALLOWED, "signed with SHA-1")
    raise Refused(Refusal.SIGNATURE_WRONG, "signature does not verify")


def _check_revocation(
    chain: Sequence[Certificate], proofs: Sequence[Proof], policy: Policy, at: datetime
) -> tuple[tuple[Answer, ...], tuple[int, ...]]:
    """Read the proofs again; every link below the root needs a good answer."""
    answers: list[Answer] = []
    unanswered: list[int] = []
    for place, (link, issuer) in enumerate(itertools.pairwise(chain)):
        found = [
            answer
            for proof in proofs
            if proof.place == place
            for answer in [_read_again(proof, link, issuer, policy, at)]
            if answer is not None
        ]
        if any(answer.status is Status.REVOKED for answer in found):
            raise Refused(Refusal.REVOKED, f"link {place} revoked")
        answers += found
        if not found:
            unanswered.append(place)
    if unanswered and not policy.accept_unanswered:
        raise Refused(Refusal.REVOCATION_UNKNOWN, f"no answer on links {unanswered}")
    return tuple(answers), tuple(unanswered)


def _read_again(
    proof: Proof, link: Certificate, issuer: Certificate, policy: Policy, at: datetime
) -> Answer | None:
    read = from_crl if proof.source is Source.CRL else from_ocsp
    try:
        return read(proof.content, link, issuer, policy.store, at)
    except NoAnswer:
        return None


def _check_card_is_theirs(card: Certificate, policy: Policy, uscc: str) -> None:
    """The card is a legal-person card, and its organisation code the enterprise's characters 9-17."""
    kind = card.eport.get(policy.kind_oid, "")
    if kind not in policy.legal_person_kinds:
        raise Refused(Refusal.NOT_LEGAL_PERSON, f"kind {kind or 'absent'}")
    code = card.eport.get(ORGANISATION_CODE, "").replace("-", "").upper()
    if len(uscc) != 18 or code != uscc[_ORGANISATION]:
        raise Refused(Refusal.OTHER_ENTERPRISE, "organisation code differs")
