"""Proving that an enterprise's legal-person card signed a text: once live, and again years later.

`examine` looks at chain and signature; `gather` asks for what time will take away (the answers on
revocation); `decide` decides from these, the policy and the moment alone. Live verification is one
after the other; `prove` is the same without asking anybody, so that what was accepted can always
be proved again by the same code.
"""

import base64
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authorization.cards import certificates
from authorization.cards.answers import Answer, Fetch, NoAnswer, Source, Status
from authorization.cards.certificates import (
    ENTERPRISE_NAME,
    IDENTITY_NUMBER,
    KIND,
    ORGANISATION_CODE,
    BadCertificate,
    Certificate,
    OtherKey,
)
from authorization.cards.chain import TrustStore, find_chain
from authorization.cards.crls import from_crl
from authorization.cards.ocsp import from_ocsp
from authorization.cards.refusals import Refusal, Refused
from authorization.cards.revocation import ask
from authorization.cards.signatures import MAX_SIGNATURE_BYTES, Scheme, Strength, verifies

MAX_TEXT_BYTES = 4096
MAX_SENT_CERTIFICATES = 4
# Places of the organisation code (GB 11714) in the 统一社会信用代码 (GB 32100).
_ORGANISATION = slice(8, 17)
# What of a card's kind may stand in a record: were the setting to name another field, that field
# might be personal.
_SAYABLE_KIND = re.compile(r"[0-9A-Z]{1,4}", re.ASCII)


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
class Examined:
    """A card whose chain holds and whose key signed the text, by this scheme."""

    card: Certificate
    chain: tuple[Certificate, ...]
    scheme: Scheme


@dataclass(frozen=True)
class Proof:
    """One answer's bytes on one certificate of the chain (by its place, 0 the card)."""

    place: int
    source: Source
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Proved:
    """What was proved: the chain, the scheme, the answers, and what the record should mention."""

    chain: tuple[Certificate, ...]
    scheme: Scheme
    answers: tuple[Answer, ...]
    unanswered: tuple[int, ...]
    card_enterprise_name: str
    holder: str = field(repr=False)
    identity_number: str = field(repr=False)
    notes: tuple[str, ...]


def read_sent(text: str, signature: str, card: str, others: Sequence[str] = ()) -> Sent:
    """Read what the page sent, base64 throughout but the text. Raises Refused."""
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) > MAX_TEXT_BYTES or len(others) > MAX_SENT_CERTIFICATES:
        raise Refused(Refusal.MALFORMED, "too much")
    if len(signature) > 2 * MAX_SIGNATURE_BYTES:
        raise Refused(Refusal.MALFORMED, "signature too long")
    try:
        raw = base64.b64decode("".join(signature.split()), validate=True)
        read = tuple(certificates.from_base64(other) for other in others)
        return Sent(encoded, raw, certificates.from_base64(card), read)
    except OtherKey as error:
        raise Refused(Refusal.ALGORITHM_NOT_ALLOWED, str(error)) from error
    except BadCertificate as error:
        raise Refused(Refusal.MALFORMED, str(error)) from error
    except ValueError as error:
        raise Refused(Refusal.MALFORMED, "signature not base64") from error


def examine(sent: Sent, policy: Policy, at: datetime) -> Examined:
    """Find the card's chain at a moment and the scheme of its signature. Raises Refused."""
    chain = find_chain(sent.card, policy.store, at, sent.others)
    return Examined(sent.card, chain, _check_signature(sent, policy))


def gather(
    examined: Examined,
    policy: Policy,
    at: datetime,
    *,
    crls: Sequence[bytes],
    responders: Sequence[str],
    fetch: Fetch,
) -> tuple[list[Proof], list[str]]:
    """Ask whether any link of the card's chain was revoked; what failed is said beside it.

    Only a card that was examined is asked about: a stranger's certificate sends the portal nowhere.
    """
    proofs: list[Proof] = []
    failures: list[str] = []
    for place, (link, issuer) in enumerate(itertools.pairwise(examined.chain)):
        answer, failed = ask(
            link, issuer, policy.store, at, crls=crls, responders=responders, fetch=fetch
        )
        failures += failed
        if answer is not None:
            proofs.append(Proof(place, answer.source, answer.proof))
            if answer.status is Status.REVOKED:
                break
    return proofs, failures


def prove(sent: Sent, proofs: Sequence[Proof], policy: Policy, uscc: str, at: datetime) -> Proved:
    """Decide from bytes alone whether a card authorized for an enterprise at a moment.

    Raises Refused. Nothing is asked of anybody.
    """
    return decide(examine(sent, policy, at), proofs, policy, uscc, at)


def decide(
    examined: Examined, proofs: Sequence[Proof], policy: Policy, uscc: str, at: datetime
) -> Proved:
    """Decide whether an examined card authorizes for the enterprise of this 统一社会信用代码.

    Raises Refused.
    """
    card, chain = examined.card, examined.chain
    answers, unanswered = _check_revocation(chain, proofs, policy, at)
    _check_card_is_theirs(card, policy, uscc)
    return Proved(
        chain,
        examined.scheme,
        answers,
        unanswered,
        card.texts.get(ENTERPRISE_NAME) or card.subject_text.get("organizational_unit_name", ""),
        card.subject_text.get("common_name", ""),
        card.texts.get(IDENTITY_NUMBER, ""),
        _notes(examined, is_unanswered=bool(unanswered)),
    )


def _notes(examined: Examined, *, is_unanswered: bool) -> tuple[str, ...]:
    """List what only a setting allowed."""
    chain = examined.chain
    # The root's own signature proves nothing; its key does.
    signed_by = {*(link.algorithm for link in chain[:-1]), examined.scheme.value}
    found = {
        "rsa_1024": any(link.key.bits < 2048 and not link.key.is_sm2 for link in chain),
        "sha1": Scheme.RSA_SHA1.value in signed_by,
        "revocation_unanswered": is_unanswered,
    }
    return tuple(note for note, is_so in found.items() if is_so)


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
            if (answer := _read_again(proof, link, issuer, policy, at)) is not None
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
    kind = card.texts.get(policy.kind_oid, "")
    if kind not in policy.legal_person_kinds:
        said = kind if _SAYABLE_KIND.fullmatch(kind) else "absent or odd"
        raise Refused(Refusal.NOT_LEGAL_PERSON, f"kind {said}")
    code = card.texts.get(ORGANISATION_CODE, "").replace("-", "").upper()
    if len(uscc) != 18 or code != uscc[_ORGANISATION]:
        raise Refused(Refusal.OTHER_ENTERPRISE, "organisation code differs")
