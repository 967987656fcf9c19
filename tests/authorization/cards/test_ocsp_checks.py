"""Each check on an OCSP answer alone: what passes all others but this one says nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from asn1crypto import core, crl, ocsp, x509

from authorization.cards.answers import NoAnswer, Status
from authorization.cards.chain import TrustStore
from authorization.cards.crls import from_crl
from authorization.cards.making import Wish, issue, make_crl, make_ocsp
from authorization.cards.ocsp import MAX_SENT_CERTIFICATES, from_ocsp
from authorization.cards.revocation import ask
from authorization.cards.signatures import Scheme, Strength
from tests.cards import ALGORITHMS, cached_key, cached_rsa_key, make_world

USCC = "91210200123456789X"
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


@pytest.fixture(params=ALGORITHMS)
def authority(request):
    return make_world()[request.param]


@pytest.fixture
def card(authority):
    return authority.card(USCC).certificate


def responder_wish(**changes):
    wish = Wish(
        (("common_name", "某应答者"),),
        NOW - 90 * DAY,
        NOW + 90 * DAY,
        key_usage=frozenset({"digital_signature"}),
        extended_key_usage=("ocsp_signing",),
    )
    return replace(wish, **changes)


def read(authority, proof, card, at=NOW, **strength):
    store = TrustStore((authority.root.certificate,), strength=Strength(**strength))
    return from_ocsp(proof, card, authority.intermediate.certificate, store, at).status


def says_nothing(authority, proof, card, why, at=NOW, **strength):
    with pytest.raises(NoAnswer, match=why):
        read(authority, proof, card, at, **strength)


def answered_by(authority, card, responder):
    return make_ocsp(card, authority.intermediate, responder, NOW)


def changed(authority, card, change):
    """Change an answer of the right responder, who signs it anew."""
    outer = ocsp.OCSPResponse.load(answered_by(authority, card, authority.responder))
    basic = outer["response_bytes"]["response"].parsed
    change(basic)
    signed = basic["tbs_response_data"].dump(force=True)
    basic["signature"] = authority.responder.key.sign(signed)
    outer["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    return outer.dump(force=True)


def outer_of(inner):
    """Write what stands around an answer, by the bytes: a library would mend what is inside."""

    def value(tag, content):
        return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content

    basic = bytes.fromhex("06092b0601050507300101")
    body = value(0xA0, value(0x30, basic + value(0x04, inner)))
    return value(0x30, b"\x0a\x01\x00" + body)


class TestTheResponder:
    def test_one_of_a_forged_authority_of_the_same_name_is_unknown(self, authority, card):
        key = cached_key(authority.algorithm, "thief")
        forged = issue(authority.authority_wish("测试专用证书管理中心"), key)
        assert forged.certificate.subject == authority.intermediate.certificate.subject
        responder = issue(responder_wish(), key, forged)
        says_nothing(authority, answered_by(authority, card, responder), card, "unknown responder")

    def test_one_of_another_name_with_the_same_key_is_unknown(self, authority, card):
        other = issue(authority.authority_wish("别家"), authority.intermediate.key, authority.root)
        responder = issue(responder_wish(), cached_key(authority.algorithm, "responder"), other)
        says_nothing(authority, answered_by(authority, card, responder), card, "unknown responder")

    def test_one_with_a_weak_key_or_by_sha_1_needs_its_setting(self):
        authority = make_world()["rsa"]
        card = authority.card(USCC).certificate
        weak, strong = cached_rsa_key("weak responder", 1024), cached_rsa_key("responder")
        for wish, key, setting in (
            (responder_wish(), weak, "allow_rsa_1024"),
            (responder_wish(scheme=Scheme.RSA_SHA1), strong, "allow_sha1"),
        ):
            proof = answered_by(authority, card, issue(wish, key, authority.intermediate))
            says_nothing(authority, proof, card, "unknown responder")
            assert read(authority, proof, card, **{setting: True}) is Status.GOOD

    def test_one_with_a_critical_extension_that_is_not_understood_is_unknown(self, authority, card):
        extension = {"extn_id": "1.2.3.4", "critical": True}
        extension["extn_value"] = core.ParsableOctetString(b"\x05\x00")
        wish = responder_wish(more_extensions=(x509.Extension(extension),))
        key = cached_key(authority.algorithm, "responder")
        proof = answered_by(authority, card, issue(wish, key, authority.intermediate))
        says_nothing(authority, proof, card, "unknown responder")

    @pytest.mark.parametrize(("before", "is_read"), [(3, True), (4, False)])
    def test_it_is_looked_for_among_so_many_certificates(self, authority, card, before, is_read):
        assert MAX_SENT_CERTIFICATES == 4

        def bury(basic):
            own = basic["certs"][0]
            stranger = x509.Certificate.load(card.der)
            basic["certs"] = [stranger.copy() for _ in range(before)] + [own]

        proof = changed(authority, card, bury)
        if is_read:
            assert read(authority, proof, card) is Status.GOOD
        else:
            says_nothing(authority, proof, card, "unknown responder")


class TestTheAnswer:
    @pytest.mark.parametrize("name", ["issuer_name_hash", "issuer_key_hash"])
    def test_one_on_the_same_number_of_another_issuer_is_none(self, authority, card, name):
        def rename(basic):
            basic["tbs_response_data"]["responses"][0]["cert_id"][name] = b"x" * 20

        proof = changed(authority, card, rename)
        says_nothing(authority, proof, card, "another certificate")

    def test_one_that_names_the_issuer_by_another_hash_than_asked_is_none(self, authority, card):
        def hash_otherwise(basic):
            named = basic["tbs_response_data"]["responses"][0]["cert_id"]
            named["hash_algorithm"] = {"algorithm": "sha256"}

        proof = changed(authority, card, hash_otherwise)
        says_nothing(authority, proof, card, "another certificate")
        assert len(sha256(b"").digest()) != 20

    @pytest.mark.parametrize("where", ["all", "one"])
    def test_one_with_a_critical_extension_is_none(self, authority, card, where):
        extension = {"extn_id": "1.2.3.4", "extn_value": core.ParsableOctetString(b"\x05\x00")}

        def add(basic, critical):
            data = basic["tbs_response_data"]
            said = [{**extension, "critical": critical}]
            if where == "all":
                data["response_extensions"] = said
            else:
                data["responses"][0]["single_extensions"] = said

        proof = changed(authority, card, lambda basic: add(basic, True))
        says_nothing(authority, proof, card, "critical")
        proof = changed(authority, card, lambda basic: add(basic, False))
        assert read(authority, proof, card) is Status.GOOD

    def test_one_in_ber_or_beyond_any_size_is_none(self, authority, card, monkeypatch):
        proof = answered_by(authority, card, authority.responder)
        assert proof[:2] == b"\x30\x82"
        says_nothing(authority, b"\x30\x83\x00" + proof[2:], card, "not DER")
        inner = bytes(ocsp.OCSPResponse.load(proof)["response_bytes"]["response"])
        assert inner[:2] == b"\x30\x82" and outer_of(inner) == proof
        says_nothing(
            authority, outer_of(b"\x30\x83\x00" + inner[2:]), card, "OCSP response not DER"
        )
        monkeypatch.setattr("authorization.cards.ocsp.MAX_OCSP_BYTES", len(proof) - 1)
        says_nothing(authority, proof, card, "too large")

    def test_one_without_an_end_is_good_for_a_day(self, authority, card):
        def end_never(basic):
            del basic["tbs_response_data"]["responses"][0]["next_update"]

        proof = changed(authority, card, end_never)
        assert read(authority, proof, card, NOW + DAY) is Status.GOOD
        says_nothing(authority, proof, card, "time", NOW + DAY + timedelta(minutes=6))

    def test_one_for_an_hour_is_good_for_an_hour(self, authority, card):
        proof = answered_by(authority, card, authority.responder)
        assert read(authority, proof, card, NOW + timedelta(hours=1)) is Status.GOOD
        says_nothing(authority, proof, card, "time", NOW + timedelta(hours=1, minutes=6))


def test_an_answer_to_another_question_is_none_when_asking(authority, card):
    """Recorded and played again: right in all but the nonce."""

    def to_somebody_else(basic):
        nonce = {"extn_id": "nonce", "extn_value": core.OctetString(b"n" * 32)}
        basic["tbs_response_data"]["response_extensions"] = [nonce]

    proof = changed(authority, card, to_somebody_else)
    store = TrustStore((authority.root.certificate,))
    answer, failures = ask(
        card,
        authority.intermediate.certificate,
        store,
        NOW,
        crls=[],
        responders=["http://ocsp.example/"],
        fetch=lambda url, question: proof,
    )
    assert answer is None and failures == [
        "http://ocsp.example/: OCSP response to another question"
    ]


def test_a_list_of_cards_says_nothing_of_an_authority(authority):
    loaded = crl.CertificateList.load(make_crl(authority.root, {}, NOW))
    tbs = loaded["tbs_cert_list"]
    part = crl.IssuingDistributionPoint({"only_contains_user_certs": True})
    tbs["crl_extensions"] = [
        *tbs["crl_extensions"],
        {"extn_id": "issuing_distribution_point", "critical": True, "extn_value": part},
    ]
    loaded["signature"] = authority.root.key.sign(tbs.dump(force=True))
    link, root = authority.intermediate.certificate, authority.root.certificate
    with pytest.raises(NoAnswer, match="does not speak"):
        from_crl(loaded.dump(force=True), link, root, TrustStore((root,)), NOW)
