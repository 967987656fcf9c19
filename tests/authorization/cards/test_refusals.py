"""Each refusal, by real keys, through accept(): what an attacker with a card of his own would try."""

import base64
from datetime import timedelta

import pytest
from asn1crypto import core, x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from authorization import authorizing
from authorization.authorizing import Asking, issue_challenge
from authorization.cards.challenge_text import read_text
from authorization.cards.making import issue, make_crl, rsa_key, sm2_key
from authorization.cards.refusals import _SENTENCES, Refusal, Refused
from authorization.cards.signatures import Scheme
from authorization.models import CardAttempt, CardChallenge, CardPurpose, CardSignature, Role
from tests.authorization.cards.trying import Trial, spent
from tests.cards import (
    ALGORITHMS,
    ORIGIN,
    REVOKED_SERIALS,
    as_base64,
    authorize,
    cached_key,
    cached_rsa_key,
    revoke,
    signed,
)
from tests.factories import make_enterprise, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(params=ALGORITHMS)
def trial(request):
    cache.clear()
    return Trial(request.param)


@pytest.fixture
def rsa(request):
    cache.clear()
    return Trial("rsa")


class TestAGoodCard:
    def test_it_authorizes_and_leaves_its_evidence(self, trial, settings):
        kept = trial.send()
        trial.enterprise.refresh_from_db()
        assert trial.enterprise.is_authorized and trial.enterprise.may_be_entered()
        assert trial.enterprise.authorization.signature == kept
        assert trial.enterprise.authorized_until == kept.verified_at + timedelta(
            days=settings.AUTHORIZATION_DAYS
        )
        assert kept.scheme == {"rsa": "RSA_SHA256", "sm2": "SM2_SM3"}[trial.algorithm]
        assert kept.notes == [] and not kept.name_differs
        assert kept.card_serial == f"{trial.authority.card_wish('').serial - 1:016X}"
        attempt = CardAttempt.objects.latest("pk")
        assert (attempt.refusal, attempt.card_serial) == ("", kept.card_serial)
        assert attempt.address == "10.1.2.3"

    def test_its_certificate_may_come_as_pem(self, trial):
        card = trial.card()
        body = base64.encodebytes(card.certificate.der).decode()
        card = _with_rsa_numbers(rsa, (1 << 511) | 1, 65537)
        rsa.refuses(Refusal.KEY_TOO_WEAK, card, signature=as_base64(b"x" * 64))

    def test_rsa_beyond_4096_bits_is_refused_at_once(self, rsa):
        card = _with_rsa_numbers(rsa, (1 << 16_000) | 1, 65537)
        rsa.refuses(Refusal.KEY_TOO_WEAK, card, signature=as_base64(b"x" * 1000))

    @pytest.mark.parametrize("exponent", [1, 2, 0, (1 << 2040) | 1])
    def test_an_odd_exponent_of_rsa_is_malformed(self, rsa, exponent):
        card = _with_rsa_numbers(rsa, (1 << 2047) | 1, exponent)
        rsa.refuses(Refusal.MALFORMED, card, signature=as_base64(b"x" * 256))

    def test_one_signed_with_sha_1_is_refused_unless_a_setting_allows_it(self, rsa, settings):
        card = rsa.card(scheme=Scheme.RSA_SHA1)
        rsa.refuses(Refusal.ALGORITHM_NOT_ALLOWED, card)
        rsa.again()
        settings.CARD_ALLOW_SHA1 = True
        assert rsa.send(card).notes == ["sha1"]

    @pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP256K1(), ec.SECP384R1()])
    def test_a_key_of_another_curve_is_refused(self, rsa, curve):
        rsa.refuses(
            Refusal.ALGORITHM_NOT_ALLOWED, _of_curve(rsa, curve), signature=as_base64(b"0" * 64)
        )

    def test_a_huge_one_is_malformed(self, rsa):
        padding = x509.Extension(
            {
                "extn_id": "1.2.3.4.5",
                "extn_value": core.ParsableOctetString(b"x" * 20_000),
            }
        )
        huge = _unparsed(rsa, (padding,))
        rsa.refuses(Refusal.MALFORMED, huge, signature=as_base64(b"x" * 256))


class TestRevocation:
    def test_a_card_on_the_list_is_refused(self, trial):
        trial.refuses(Refusal.REVOKED, trial.card(serial=REVOKED_SERIALS[3]))

    def test_a_card_of_a_revoked_intermediate_is_refused(self, trial, settings, tmp_path):
        authority = trial.authority
        at = timezone.now().replace(microsecond=0)
        lists = {
            "a.crl": make_crl(authority.root, {authority.intermediate.certificate.serial: at}, at),
            "b.crl": authority.crls[1],
        }
        for name, content in lists.items():
            (tmp_path / name).write_bytes(content)
        settings.CARD_CRLS = str(tmp_path)
        trial.refuses(Refusal.REVOKED)

    def test_without_any_answer_it_is_refused(self, trial, settings, tmp_path):
        settings.CARD_CRLS = str(tmp_path)
        trial.refuses(Refusal.REVOCATION_UNKNOWN)

    def test_without_any_answer_it_passes_where_a_setting_says_so_and_the_record_too(
        self, trial, settings, tmp_path
    ):
        settings.CARD_CRLS = str(tmp_path)
        settings.CARD_ACCEPT_UNANSWERED = True
        kept = trial.send()
        assert kept.notes == ["revocation_unanswered"] and kept.proofs == []
        assert kept.policy["accept_unanswered"] is True

    def test_that_setting_saves_no_revoked_card(self, trial, settings):
        settings.CARD_ACCEPT_UNANSWERED = True
        trial.refuses(Refusal.REVOKED, trial.card(serial=REVOKED_SERIALS[0]))


class TestTheBinding:
    def test_an_operators_card_is_refused(self, trial):
        trial.refuses(Refusal.NOT_LEGAL_PERSON, trial.card(eport={"5.3": "02"}))

    def test_a_card_that_does_not_say_what_it_is_is_refused(self, trial):
        trial.refuses(Refusal.NOT_LEGAL_PERSON, trial.card(eport={"5.3": None}))

    def test_what_marks_a_legal_persons_card_is_a_setting(self, trial, settings):
        settings.CARD_KIND_OID = "1.3.6.1.4.1.5315.100.2.4"
        settings.CARD_LEGAL_PERSON_KINDS = ["07", "08"]
        trial.refuses(Refusal.NOT_LEGAL_PERSON)
        trial.again()
        trial.send(trial.card(eport={"2.4": "08"}))

    def test_it_may_be_an_extension_of_another_arc(self, rsa, settings):
        settings.CARD_KIND_OID = "1.2.3.4.5"
        settings.CARD_LEGAL_PERSON_KINDS = ["法人"]
        kind = x509.Extension(
            {
                "extn_id": "1.2.3.4.5",
                "extn_value": core.ParsableOctetString(core.UTF8String("法人").dump()),
            }
        )
        rsa.send(rsa.card(more_extensions=(kind,)))

    def test_a_card_of_another_enterprise_is_refused(self, trial):
        other = make_enterprise(authorized=False)
        trial.refuses(
            Refusal.OTHER_ENTERPRISE, trial.authority.card(other.uscc, trial.enterprise.name)
        )

    @pytest.mark.parametrize("code", [None, "", "12345678", "1234567890"])
    def test_a_card_without_a_whole_code_is_refused(self, rsa, code):
        rsa.refuses(Refusal.OTHER_ENTERPRISE, rsa.card(eport={"5.11": code}))


class TestLimits:
    def test_the_eleventh_text_in_ten_minutes_is_refused_and_written_down_once(self):
        cache.clear()
        user = make_user(Role.LEGAL_REPRESENTATIVE, make_enterprise(authorized=False))
        asking = Asking(user, "the session")
        for _ in range(authorizing.CHALLENGES_ALLOWED):
            issue_challenge(asking, CardPurpose.AUTHORIZE, ORIGIN)
        for _ in range(3):
            with pytest.raises(Refused) as caught:
                issue_challenge(asking, CardPurpose.AUTHORIZE, ORIGIN)
            assert caught.value.refusal is Refusal.TOO_MANY_ATTEMPTS
        attempt = CardAttempt.objects.get(user=user)
        assert attempt.refusal == "too_many_attempts"
        colleague = make_user(Role.LEGAL_REPRESENTATIVE, user.enterprise)
        issue_challenge(Asking(colleague, "x"), CardPurpose.AUTHORIZE, ORIGIN)

    def test_answers_are_limited_as_well_whatever_they_answer(self, rsa):
        for _ in range(authorizing.ANSWERS_ALLOWED):
            rsa.refuses(Refusal.CHALLENGE_UNKNOWN, nonce="0" * 64)
        rsa.refuses(Refusal.TOO_MANY_ATTEMPTS)
        assert not spent(rsa.challenge)
        before = CardAttempt.objects.count()
        with pytest.raises(Refused):
            rsa.send()
        assert CardAttempt.objects.count() == before

    def test_old_texts_are_thrown_away(self, rsa):
        CardChallenge.objects.update(expires_at=timezone.now() - 2 * DAY)
        rsa.again()
        assert CardChallenge.objects.get() == rsa.challenge


def test_every_refusal_has_a_sentence_of_its_own():
    assert len(set(_SENTENCES.values())) == len(Refusal) == len(_SENTENCES)
    for refusal in Refusal:
        assert refusal.sentence.endswith("。") and len(refusal.sentence) > 10


def test_the_text_reads_back_what_was_asked_for(rsa):
    said = read_text(rsa.challenge.text)
    assert said.uscc == rsa.enterprise.uscc and said.username == rsa.user.username
    assert said.nonce == rsa.challenge.nonce and len(bytes.fromhex(said.nonce)) == 32


# --- certificates that no authority would make --------------------------------------------------


class _Raw:
    """A certificate that may not parse, with whatever bytes."""

    def __init__(self, der, key):
        self.certificate = type("Bytes", (), {"der": der})()
        self.key = key


def _resigned(trial, card, change) -> _Raw:
    """Change the signed part of a certificate and sign it anew by the real intermediate."""
    loaded = x509.Certificate.load(card.certificate.der)
    tbs = loaded["tbs_certificate"]
    change(tbs)
    body = tbs.dump(force=True)
    loaded["signature_value"] = trial.authority.intermediate.key.sign(body)
    return _Raw(loaded.dump(force=True), card.key)


def _with_rsa_numbers(trial, modulus, exponent) -> _Raw:
    def change(tbs):
        numbers = {"modulus": modulus, "public_exponent": exponent}
        tbs["subject_public_key_info"]["public_key"] = numbers

    return _resigned(trial, trial.card(), change)


def _of_curve(trial, curve) -> _Raw:
    public = ec.generate_private_key(curve).public_key()
    info = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def change(tbs):
        tbs["subject_public_key_info"] = x509.PublicKeyInfo.load(info)

    return _resigned(trial, trial.card(), change)


def _unparsed(trial, more) -> _Raw:
    def change(tbs):
        tbs["extensions"] = [*tbs["extensions"], *more]

    return _resigned(trial, trial.card(), change)
