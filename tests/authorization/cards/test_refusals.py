"""Each refusal, by real keys, through accept(): what an attacker with a card of his own would try."""

import base64
import time
from dataclasses import replace
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
from authorization.events import By
from authorization.models import (
    CardAttempt,
    CardChallenge,
    CardPurpose,
    CardSignature,
    Enterprise,
    Role,
)
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
from tests.factories import make_enterprise, make_user, valid_uscc

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
        armored = f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"
        authorizing.accept(
            trial.asking,
            trial.purpose,
            nonce=trial.challenge.nonce,
            signature=signed(card, trial.challenge.text),
            card=armored,
        )
        trial.enterprise.refresh_from_db()
        assert trial.enterprise.is_authorized

    def test_another_name_on_it_is_written_down_but_not_fatal(self, trial):
        card = trial.authority.card(trial.enterprise.uscc, "大连虚构旧名有限公司")
        kept = trial.send(card)
        assert kept.name_differs and kept.enterprise_name_on_card == "大连虚构旧名有限公司"

    def test_a_code_written_with_a_hyphen_is_the_same(self, trial):
        code = trial.enterprise.uscc[8:17]
        trial.send(trial.card(eport={"5.11": f"{code[:8]}-{code[8]}"}))

    def test_a_second_authorization_ends_the_first(self, trial):
        first = trial.send()
        second = authorize(trial.enterprise, trial.user)
        first.authorization.refresh_from_db()
        assert first.authorization.end == "renewed" and first.authorization.ended_at
        assert trial.enterprise.authorization.signature == second

    def test_it_takes_the_authorization_back(self, trial):
        kept = trial.send()
        ended_by = revoke(trial.enterprise, trial.user, algorithm=trial.algorithm)
        assert not trial.enterprise.is_authorized and not trial.enterprise.may_be_entered()
        kept.authorization.refresh_from_db()
        assert kept.authorization.end_signature == ended_by
        assert kept.authorization.end == "card"

    def test_an_intermediate_that_came_with_it_leads_to_the_root(self, trial, settings, tmp_path):
        settings.CARD_INTERMEDIATES = str(tmp_path)
        link = trial.authority.intermediate.certificate
        kept = trial.send(others=[link])
        assert kept.chain[0] == link.fingerprint


class TestTheChallenge:
    def test_a_used_one_is_refused_whoever_signed_again(self, trial):
        trial.send()
        with pytest.raises(Refused) as caught:
            trial.send()
        assert caught.value.refusal is Refusal.CHALLENGE_USED
        assert CardSignature.objects.filter(enterprise=trial.enterprise).count() == 1

    def test_a_failure_uses_it_up(self, trial):
        trial.refuses(Refusal.SIGNATURE_WRONG, text="something else")
        assert spent(trial.challenge)
        trial.refuses(Refusal.CHALLENGE_USED)

    def test_bytes_that_are_nothing_use_it_up_as_well(self, trial):
        trial.refuses(Refusal.MALFORMED, signature="not base64!")
        trial.refuses(Refusal.CHALLENGE_USED)

    def test_an_expired_one_is_refused_to_the_second(self, trial):
        CardChallenge.objects.update(expires_at=timezone.now())
        trial.refuses(Refusal.CHALLENGE_EXPIRED)
        assert spent(trial.challenge)

    def test_it_lives_five_minutes(self, trial):
        assert trial.challenge.expires_at - trial.challenge.issued_at == timedelta(minutes=5)

    @pytest.mark.parametrize(
        "nonce", ["", "0" * 64, "F" * 64, "\x00", "x" * 10_000, "0" * 63 + "\n"]
    )
    def test_an_unknown_one_is_refused(self, rsa, nonce):
        rsa.refuses(Refusal.CHALLENGE_UNKNOWN, nonce=nonce)
        assert not spent(rsa.challenge)

    def test_one_of_another_session_is_refused_and_used_up(self, trial):
        elsewhere = Asking(trial.user, "another session")
        trial.refuses(Refusal.FOREIGN_CHALLENGE, asking=elsewhere)
        assert spent(trial.challenge)

    def test_one_of_a_colleague_is_refused(self, trial):
        colleague = make_user(Role.LEGAL_REPRESENTATIVE, trial.enterprise)
        trial.refuses(Refusal.FOREIGN_CHALLENGE, asking=Asking(colleague, "the session"))

    def test_one_of_another_enterprise_is_refused_to_the_owner_of_a_good_card(self, trial):
        stranger = make_user(Role.LEGAL_REPRESENTATIVE, make_enterprise(authorized=False))
        asking = Asking(stranger, "the session")
        card = trial.authority.card(stranger.enterprise.uscc)
        attempt = trial.refuses(Refusal.FOREIGN_CHALLENGE, card, asking=asking)
        assert attempt.enterprise == stranger.enterprise

    def test_one_of_the_enterprise_that_its_user_has_left_is_refused_unread(self, trial):
        trial.user.enterprise = make_enterprise(authorized=False)
        trial.user.save()
        attempt = trial.refuses(Refusal.FOREIGN_CHALLENGE, signature="not base64!")
        assert attempt.enterprise == trial.user.enterprise

    def test_one_of_another_purpose_is_refused(self, trial):
        trial.refuses(Refusal.FOREIGN_CHALLENGE, purpose=CardPurpose.REVOKE)

    def test_a_stranger_is_not_told_whether_it_was_used(self, trial):
        stranger = Asking(make_user(Role.LEGAL_REPRESENTATIVE), "the session")
        trial.send()
        with pytest.raises(Refused) as caught:
            trial.send(asking=stranger)
        assert caught.value.refusal is Refusal.FOREIGN_CHALLENGE

    def test_a_text_of_another_code_than_the_enterprise_now_has_authorizes_nobody(self, trial):
        card = trial.card()
        Enterprise.objects.filter(pk=trial.enterprise.pk).update(uscc=valid_uscc())
        trial.refuses(Refusal.FOREIGN_CHALLENGE, card)

    def test_only_a_legal_representative_may_ask_and_answer(self, trial):
        operator = make_user(enterprise=trial.enterprise)
        officer = make_user(Role.OFFICER)
        disabled = make_user(Role.LEGAL_REPRESENTATIVE, trial.enterprise, is_active=False)
        for user in (operator, officer, disabled):
            asking = Asking(user, "the session")
            with pytest.raises(PermissionDenied):
                issue_challenge(asking, CardPurpose.AUTHORIZE, ORIGIN)
            with pytest.raises(PermissionDenied):
                trial.send(asking=asking)
        assert not spent(trial.challenge)

    def test_without_a_session_there_is_none(self, trial):
        with pytest.raises(ValueError, match="session"):
            issue_challenge(Asking(trial.user, ""), CardPurpose.AUTHORIZE, ORIGIN)

    def test_an_enterprise_without_a_code_gets_none(self):
        user = make_user(Role.LEGAL_REPRESENTATIVE, make_enterprise(uscc=None))
        with pytest.raises(Refused) as caught:
            issue_challenge(Asking(user, "the session"), CardPurpose.AUTHORIZE, ORIGIN)
        assert caught.value.refusal is Refusal.NO_CREDIT_CODE
        assert CardAttempt.objects.get(user=user).refusal == "no_credit_code"

    def test_there_is_nothing_to_revoke_where_nothing_is_authorized(self, trial):
        with pytest.raises(Refused) as caught:
            issue_challenge(trial.asking, CardPurpose.REVOKE, ORIGIN)
        assert caught.value.refusal is Refusal.NOTHING_TO_REVOKE

    def test_of_two_revocations_signed_at_once_the_second_finds_nothing(self, trial):
        trial.send()
        first, second = (
            issue_challenge(trial.asking, CardPurpose.REVOKE, ORIGIN) for _ in range(2)
        )
        card, trial.purpose = trial.card(), CardPurpose.REVOKE
        trial.challenge = first
        trial.send(card)
        trial.challenge = second
        with pytest.raises(Refused) as caught:
            trial.send(card)
        assert caught.value.refusal is Refusal.NOTHING_TO_REVOKE
        assert CardSignature.objects.filter(purpose="revoke").count() == 1


class TestTheSignature:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("授权本企业使用", "撤销本企业使用"),
            (ORIGIN, "https://elsewhere.example"),
            ("用户：", "用户：x"),
            ("\n", "\r\n"),
            ("时间：2", "时间：3"),
        ],
    )
    def test_a_changed_text_is_refused(self, trial, old, new):
        assert old in trial.challenge.text
        trial.refuses(Refusal.SIGNATURE_WRONG, text=trial.challenge.text.replace(old, new))

    def test_a_prefix_or_more_than_the_text_is_refused(self, trial):
        text = trial.challenge.text
        for wrong in (text[:-1], text[: len(text) // 2], text + "\n", "", " " + text):
            trial.refuses(Refusal.SIGNATURE_WRONG, text=wrong)
            trial.again()

    def test_of_another_encoding_it_is_refused(self, trial):
        card = trial.card()
        wrong = signed(card, trial.challenge.text.encode("gb18030"))
        trial.refuses(Refusal.SIGNATURE_WRONG, card, signature=wrong)

    def test_by_another_key_it_is_refused(self, trial):
        other = trial.card(key=rsa_key() if trial.algorithm == "rsa" else sm2_key())
        wrong = signed(other, trial.challenge.text)
        trial.refuses(Refusal.SIGNATURE_WRONG, trial.card(), signature=wrong)

    def test_by_a_key_of_the_other_kind_it_is_refused(self, trial):
        kind = "sm2" if trial.algorithm == "rsa" else "rsa"
        wrong = signed(trial.world[kind].card(trial.enterprise.uscc), trial.challenge.text)
        trial.refuses(Refusal.SIGNATURE_WRONG, signature=wrong)

    def test_an_empty_or_endless_one_is_wrong_or_malformed(self, rsa):
        rsa.refuses(Refusal.SIGNATURE_WRONG, signature="")
        rsa.again()
        rsa.refuses(Refusal.MALFORMED, signature=as_base64(b"x" * 100_000))

    def test_sha_1_is_refused_unless_a_setting_allows_it_and_the_record_says_so(
        self, rsa, settings
    ):
        card = rsa.card()
        old = as_base64(card.key.sign(rsa.challenge.text.encode(), Scheme.RSA_SHA1))
        rsa.refuses(Refusal.ALGORITHM_NOT_ALLOWED, card, signature=old)
        rsa.again()
        settings.CARD_ALLOW_SHA1 = True
        old = as_base64(card.key.sign(rsa.challenge.text.encode(), Scheme.RSA_SHA1))
        kept = rsa.send(card, signature=old)
        assert (kept.scheme, kept.notes) == ("RSA_SHA1", ["sha1"])
        assert kept.policy["allow_sha1"] is True

    def test_another_signer_id_is_refused_unless_it_is_the_setting(self, settings):
        trial = Trial("sm2")
        card = trial.card()
        settings.CARD_SM2_SIGNER_ID = "another-id"
        trial.refuses(Refusal.NO_CHAIN, card)


class TestTheCertificate:
    def test_one_that_signed_itself_is_refused(self, trial):
        key = cached_key(trial.algorithm, "card")
        fake = issue(trial.authority.card_wish(trial.enterprise.uscc), key)
        trial.refuses(Refusal.NO_CHAIN, fake)

    def test_a_stranger_with_a_root_of_the_same_name_is_refused(self, trial):
        key = rsa_key() if trial.algorithm == "rsa" else sm2_key()
        root = issue(trial.authority.authority_wish("测试专用根证书"), key)
        link = issue(trial.authority.authority_wish("测试专用证书管理中心"), key, root)
        fake = trial.card(issuer=link)
        trial.refuses(Refusal.NO_CHAIN, fake, others=[link.certificate, root.certificate])

    def test_without_its_intermediate_it_is_refused(self, trial, settings, tmp_path):
        settings.CARD_INTERMEDIATES = str(tmp_path)
        trial.refuses(Refusal.NO_CHAIN)

    def test_without_any_root_everything_is_refused(self, trial, settings, tmp_path):
        settings.CARD_ROOTS = str(tmp_path)
        root, link = trial.authority.root.certificate, trial.authority.intermediate.certificate
        trial.refuses(Refusal.NO_CHAIN, others=[link, root])

    def test_an_authority_is_no_card(self, trial):
        trial.refuses(Refusal.NOT_A_CARD, trial.card(is_ca=True))
        trial.again()
        trial.refuses(Refusal.NOT_A_CARD, trial.authority.intermediate)

    def test_a_card_signs_no_card(self, trial):
        holder = trial.card(key_usage=frozenset({"digital_signature", "key_cert_sign"}))
        trial.refuses(Refusal.NO_CHAIN, trial.card(issuer=holder), others=[holder.certificate])

    def test_an_authority_under_one_that_allows_none_is_refused(self, trial):
        wish = trial.authority.authority_wish("多出来的一级")
        link = issue(wish, trial.authority.intermediate.key, trial.authority.intermediate)
        trial.refuses(Refusal.NO_CHAIN, trial.card(issuer=link), others=[link.certificate])

    @pytest.mark.parametrize("flaw", ["expired", "not for certificates", "critical"])
    def test_under_an_intermediate_with_a_flaw_it_is_refused(self, trial, settings, tmp_path, flaw):
        settings.CARD_INTERMEDIATES = str(tmp_path)
        wish = trial.authority.authority_wish("有缺陷的管理中心")
        changes = {
            "expired": {"not_after": timezone.now() - DAY},
            "not for certificates": {"key_usage": frozenset({"crl_sign"})},
            "critical": {"more_extensions": (critical_extension(),)},
        }
        link = issue(
            replace(wish, **changes[flaw]), trial.authority.intermediate.key, trial.authority.root
        )
        trial.refuses(Refusal.NO_CHAIN, trial.card(issuer=link), others=[link.certificate])

    def test_authorities_that_sign_each_other_are_given_up_soon(self, trial):
        key = cached_key(trial.algorithm, "card")
        rings = [
            issue(replace(trial.authority.authority_wish("环"), serial=n), key) for n in range(1, 5)
        ]
        card = trial.card(issuer=rings[0])
        began = time.perf_counter()
        trial.refuses(Refusal.NO_CHAIN, card, others=[ring.certificate for ring in rings])
        assert time.perf_counter() - began < 2

    @pytest.mark.parametrize(
        "usage", [None, frozenset({"key_encipherment"}), frozenset({"crl_sign"})]
    )
    def test_one_whose_key_is_not_for_signatures_is_no_card(self, trial, usage):
        trial.refuses(Refusal.NOT_A_CARD, trial.card(key_usage=usage))

    def test_an_expired_one_is_refused(self, trial):
        now = trial.authority.now
        card = trial.card(not_before=now - 400 * DAY, not_after=now - timedelta(seconds=1))
        trial.refuses(Refusal.CERTIFICATE_EXPIRED, card)

    def test_one_that_is_not_valid_yet_is_refused(self, trial):
        card = trial.card(not_before=timezone.now() + DAY)
        trial.refuses(Refusal.CERTIFICATE_NOT_YET_VALID, card)

    def test_a_critical_extension_that_nobody_knows_is_refused(self, trial):
        trial.refuses(Refusal.NOT_A_CARD, trial.card(more_extensions=(critical_extension(),)))

    def test_an_unknown_extension_that_is_not_critical_does_no_harm(self, trial):
        odd = x509.Extension(
            {"extn_id": "1.2.3.4.5", "extn_value": core.ParsableOctetString(b"\xff\x00 raw")}
        )
        trial.send(trial.card(more_extensions=(odd,)))

    @pytest.mark.parametrize("serial", [1 << 160, -5])
    def test_a_serial_that_no_column_could_hold_is_malformed(self, rsa, serial):
        rsa.refuses(Refusal.MALFORMED, _resigned(rsa, rsa.card(), serial_is(serial)))

    def test_names_with_characters_that_no_column_takes_are_cleaned(self, rsa):
        card = rsa.authority.card(rsa.enterprise.uscc, "大连\x00虚构\x1b有限公司")
        assert rsa.send(card).enterprise_name_on_card == "大连 虚构 有限公司"

    def test_rsa_of_1024_bits_is_refused_unless_a_setting_allows_it(self, rsa, settings):
        card = rsa.card(key=cached_rsa_key("weak", 1024))
        rsa.refuses(Refusal.KEY_TOO_WEAK, card)
        rsa.again()
        settings.CARD_ALLOW_RSA_1024 = True
        assert rsa.send(card).notes == ["rsa_1024"]

    def test_rsa_of_512_bits_is_refused_whatever_the_setting(self, rsa, settings):
        settings.CARD_ALLOW_RSA_1024 = True
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

    def test_the_record_says_why_nobody_answered(self, trial, settings, tmp_path):
        authority, at = trial.authority, timezone.now().replace(microsecond=0)
        old = make_crl(authority.root, {}, at - timedelta(days=9), timedelta(days=7))
        (tmp_path / "old.crl").write_bytes(old)
        settings.CARD_CRLS = str(tmp_path)
        settings.CARD_OCSP_URLS = ["http://127.0.0.1:1/ocsp"]
        attempt = trial.refuses(Refusal.REVOCATION_UNKNOWN)
        assert "no answer on links [0, 1]" in attempt.detail
        assert "CRL not of this time" in attempt.detail
        assert "http://127.0.0.1:1/ocsp: no answer" in attempt.detail

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


@pytest.mark.parametrize(
    ("address", "kept"),
    [("10.1.2.3", "10.1.2.3"), ("2001:db8::1", "2001:db8::1"), ("fe80::1%eth0", "fe80::1"),
     ("", None), ("10.1.2.3:5555", None), ("unknown", None), ("\x00", None), ("x" * 999, None)],
)  # fmt: skip
def test_an_address_that_is_none_is_no_reason_to_fail(rsa, address, kept):
    asking = replace(rsa.asking, address=address)
    assert rsa.refuses(Refusal.CHALLENGE_UNKNOWN, asking=asking, nonce="0" * 64).address == kept


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


def critical_extension():
    return x509.Extension(
        {
            "extn_id": "1.2.3.4.5",
            "critical": True,
            "extn_value": core.ParsableOctetString(b"\x05\x00"),
        }
    )


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


def serial_is(serial):
    def change(tbs):
        tbs["serial_number"] = serial

    return change


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


class TestRevokingWithoutTheCard:
    @pytest.fixture
    def authorized(self):
        return make_enterprise()

    @pytest.fixture
    def administrator(self):
        return By(make_user(Role.ADMINISTRATOR))

    @pytest.mark.parametrize("reason", ["", " \n\u3000"])
    def test_it_needs_a_reason(self, authorized, administrator, reason):
        with pytest.raises(ValueError, match="必须写明原因"):
            authorizing.revoke_by_administrator(authorized, administrator, reason)
        authorized.refresh_from_db()
        assert authorized.is_authorized

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
    def test_it_needs_an_administrator(self, authorized, role):
        for by in (By(make_user(role)), By(None)):
            with pytest.raises(PermissionDenied):
                authorizing.revoke_by_administrator(authorized, by, "企业注销")
        authorized.refresh_from_db()
        assert authorized.is_authorized

    def test_it_needs_something_in_force_and_the_one_that_was_meant(
        self, authorized, administrator
    ):
        looked_at = authorized.authorization_id
        authorize(authorized)
        with pytest.raises(ValueError, match="已经终止"):
            authorizing.revoke_by_administrator(authorized, administrator, "误操作", looked_at)
        authorizing.revoke_by_administrator(authorized, administrator, "企业注销")
        with pytest.raises(ValueError, match="现在没有授权"):
            authorizing.revoke_by_administrator(authorized, administrator, "企业注销")
