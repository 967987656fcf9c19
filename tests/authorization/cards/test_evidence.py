"""verify_authorizations: every stored signature proves itself again, and no changed one does."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from authorization import evidence
from authorization.authorizing import Asking, accept, issue_challenge, revoke_by_administrator
from authorization.cards import proving
from authorization.cards.challenge_text import LIFE
from authorization.cards.making import issue, make_crl
from authorization.cards.responders import fetch_ocsp
from authorization.cards.sealing import seal
from authorization.events import By
from authorization.models import (
    CardAuthorization,
    CardPurpose,
    CardSignature,
    Enterprise,
    KeptCertificate,
    KeptProof,
    Role,
    User,
)
from tests.cards import (
    ALGORITHMS,
    IDENTITY_NUMBER,
    ORIGIN,
    as_base64,
    authorize,
    cached_key,
    installed_world,
    make_world,
    revoke,
    signed,
)
from tests.factories import make_enterprise, make_user, valid_uscc

pytestmark = pytest.mark.django_db


def verify():
    """Run the command: (exit code, its last line, the lines before)."""
    out, code = StringIO(), 0
    try:
        call_command("verify_authorizations", stdout=out)
    except SystemExit as left:
        code = left.code
    *lines, last = out.getvalue().splitlines()
    return code, json.loads(last), lines


def one_invalid(*words):
    code, counts, lines = verify()
    assert (code, counts["invalid"]) == (1, 1), lines
    assert counts["checked"] == counts["valid"] + 1
    assert len(lines) == 1
    for word in words:
        assert word in lines[0]
    return lines[0]


@pytest.fixture(params=ALGORITHMS)
def enterprise(request):
    enterprise = make_enterprise(authorized=False)
    authorize(enterprise, algorithm=request.param)
    return enterprise


@pytest.fixture
def rows(enterprise):
    return CardSignature.objects.filter(enterprise=enterprise)


class TestWhatIsTrue:
    def test_nothing_stored_is_nothing_invalid(self):
        assert verify() == (0, {"checked": 0, "valid": 0, "invalid": 0}, [])

    def test_authorized_renewed_revoked_and_authorized_again(self, enterprise):
        authorize(enterprise, algorithm="sm2")
        revoke(enterprise, algorithm="rsa")
        authorize(enterprise)
        revoke_by_administrator(enterprise, By(make_user(Role.ADMINISTRATOR)), "企业注销")
        authorize(enterprise)
        assert verify() == (0, {"checked": 5, "valid": 5, "invalid": 0}, [])

    def test_years_later_when_everything_has_expired(self, rows, monkeypatch):
        monkeypatch.setattr(timezone, "now", lambda: rows.get().verified_at + timedelta(days=9999))
        assert verify()[0] == 0

    def test_when_the_settings_are_other_ones_by_now(self, rows, settings, tmp_path):
        settings.CARD_LEGAL_PERSON_KINDS = ["99"]
        settings.AUTHORIZATION_DAYS = 7
        settings.CARD_INTERMEDIATES = settings.CARD_CRLS = str(tmp_path)
        settings.CARD_SM2_SIGNER_ID = "another"
        assert verify()[0] == 0

    def test_when_the_keys_were_changed_and_the_old_one_is_still_there(self, rows, settings):
        settings.CARD_SEALING_KEYS = [Fernet.generate_key().decode(), *settings.CARD_SEALING_KEYS]
        assert verify()[0] == 0

    def test_it_asks_nobody(self, rows, settings, monkeypatch):
        def no_network(*where, **how):
            raise AssertionError("asked the network")

        settings.CARD_OCSP_URLS = ["http://127.0.0.1:1/"]
        monkeypatch.setattr("socket.create_connection", no_network)
        with pytest.raises(AssertionError):
            fetch_ocsp("http://127.0.0.1:1/", b"")
        assert verify()[0] == 0

    def test_a_signature_by_sha_1_stays_what_a_setting_allowed_then(self, settings):
        from authorization.cards.signatures import Scheme

        settings.CARD_ALLOW_SHA1 = True
        enterprise = make_enterprise(authorized=False)
        card = make_world()["rsa"].card(enterprise.uscc, enterprise.name, scheme=Scheme.RSA_SHA1)
        assert authorize(enterprise, card=card).notes == ["sha1"]
        settings.CARD_ALLOW_SHA1 = False
        assert verify()[0] == 0

    def test_an_unanswered_revocation_stays_what_a_setting_allowed_then(self, settings, tmp_path):
        settings.CARD_CRLS, settings.CARD_ACCEPT_UNANSWERED = str(tmp_path), True
        authorize(make_enterprise(authorized=False))
        settings.CARD_ACCEPT_UNANSWERED = False
        assert verify()[0] == 0


class TestWhenItIsSent:
    """What is accepted must be provable for ever, however near to the end of its life it came."""

    def pressed_send(
        self, monkeypatch, ahead, verifying=timedelta(0), purpose=CardPurpose.AUTHORIZE
    ):
        """Sign at a moment counted from the text's issue; verification takes some time."""
        enterprise = make_enterprise(authorized=purpose == CardPurpose.REVOKE)
        user = make_user(Role.LEGAL_REPRESENTATIVE, enterprise)
        world = installed_world()
        asking = Asking(user, "the session")
        challenge = issue_challenge(asking, purpose, ORIGIN)
        moment = [challenge.issued_at + ahead]
        monkeypatch.setattr(timezone, "now", lambda: moment[0])

        def read_slowly(*sent):
            moment[0] += verifying
            return proving.read_sent(*sent)

        monkeypatch.setattr("authorization.authorizing.read_sent", read_slowly)
        card = world["rsa"].card(enterprise.uscc, enterprise.name)
        return accept(
            asking,
            purpose,
            nonce=challenge.nonce,
            signature=signed(card, challenge.text),
            card=as_base64(card.certificate.der),
        )

    def test_in_the_last_moment_of_a_text(self, monkeypatch):
        last = LIFE - timedelta(microseconds=1)
        self.pressed_send(monkeypatch, last, timedelta(seconds=8))
        assert verify() == (0, {"checked": 1, "valid": 1, "invalid": 0}, [])

    def test_to_a_server_whose_clock_is_behind(self, monkeypatch):
        self.pressed_send(monkeypatch, timedelta(seconds=-2))
        assert verify() == (0, {"checked": 1, "valid": 1, "invalid": 0}, [])

    def test_a_revocation_to_a_server_whose_clock_is_behind(self, monkeypatch):
        self.pressed_send(monkeypatch, timedelta(seconds=-30), purpose=CardPurpose.REVOKE)
        assert verify() == (0, {"checked": 2, "valid": 2, "invalid": 0}, [])


class TestWhatWasChanged:
    """Each by one who can write to the database, and has everything but the sealing key."""

    def test_the_seal_covers_every_column(self):
        columns = {field.attname for field in CardSignature._meta.concrete_fields}
        assert columns - set(evidence.SEALED_FIELDS) == {"id", "sealed_card"}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("purpose", "revoke"),
            ("nonce", "0" * 64),
            ("text", F("nonce")),
            ("scheme", "RSA_SHA512"),
            ("card_fingerprint", "0" * 64),
            ("card_serial", "0"),
            ("chain", []),
            ("proofs", []),
            ("policy", {}),
            ("notes", ["sha1"]),
            ("holder_masked", "王*二"),
            ("identity_masked", ""),
            ("enterprise_name_on_card", "大连虚构别家有限公司"),
            ("name_differs", True),
            ("verified_at", F("verified_at") + timedelta(microseconds=1)),
            ("signature", b"\0" * 64),
            ("sealed_card", b""),
        ],
    )
    def test_a_changed_column_is_invalid(self, rows, field, value):
        assert rows.exclude(**{field: value}).update(**{field: value}) == 1
        one_invalid()

    def test_a_changed_setting_of_then_is_invalid(self, rows):
        for name, value in {
            "accept_unanswered": True,
            "allow_sha1": True,
            "allow_rsa_1024": True,
            "legal_person_kinds": ["01", "02"],
            "kind_oid": "1.2.3",
            "signer_id": "x",
            "authorization_days": 99999,
            "roots": [],
        }.items():
            row = rows.get()
            before = dict(row.policy)
            rows.update(policy=before | {name: value})
            one_invalid("改动")
            rows.update(policy=before)
        assert verify()[0] == 0

    def test_another_enterprise_or_user_is_invalid(self, rows):
        before = rows.get()
        rows.update(user=make_user(Role.LEGAL_REPRESENTATIVE, before.enterprise))
        one_invalid()
        CardSignature.objects.update(user=before.user)
        CardSignature.objects.update(enterprise=make_enterprise(authorized=False))
        one_invalid()

    def test_every_byte_of_signature_and_seal_counts(self, rows):
        row = rows.get()
        for field in ("signature", "sealed_card"):
            content = bytes(getattr(row, field))
            # The seal is text in base64 of some kilobytes: every seventeenth letter.
            for place in range(0, len(content), 1 if field == "signature" else 17):
                changed = bytearray(content)
                changed[place] ^= 1
                setattr(row, field, bytes(changed))
                with pytest.raises(evidence.Invalid):
                    evidence.prove_again(row, _roots(), _keys())
            setattr(row, field, content)
        evidence.prove_again(row, _roots(), _keys())

    def test_every_letter_of_the_text_counts(self, rows):
        row = rows.get()
        for place in range(len(row.text)):
            changed = rows.get()
            changed.text = row.text[:place] + "x" + row.text[place + 1 :]
            if changed.text != row.text:
                with pytest.raises(evidence.Invalid):
                    evidence.prove_again(changed, _roots(), _keys())

    def test_without_the_key_nothing_can_be_proved_and_it_says_what_to_do(self, rows, settings):
        settings.CARD_SEALING_KEYS = [Fernet.generate_key().decode()]
        one_invalid("CARD_SEALING_KEYS")

    def test_a_row_made_up_without_the_key_is_invalid(self, rows, settings):
        """A whole new row, sealed by a key of the forger's own."""
        right = settings.CARD_SEALING_KEYS
        settings.CARD_SEALING_KEYS = [Fernet.generate_key().decode()]
        authorize(make_enterprise(authorized=False))
        settings.CARD_SEALING_KEYS = right
        one_invalid()

    def test_the_seal_of_another_row_is_invalid(self, rows):
        other = authorize(make_enterprise(authorized=False))
        rows.update(sealed_card=other.sealed_card)
        one_invalid("改动")

    def test_a_root_that_is_configured_no_more_is_said(self, rows, settings, tmp_path):
        settings.CARD_ROOTS = str(tmp_path)
        one_invalid("CARD_ROOTS")

    def test_a_kept_certificate_that_was_changed_or_lost_is_invalid(self, rows):
        for name in rows.get().chain:
            kept = KeptCertificate.objects.get(pk=name)
            KeptCertificate.objects.filter(pk=name).update(der=bytes(kept.der) + b"\0")
            one_invalid("证书链")
            KeptCertificate.objects.filter(pk=name).delete()
            one_invalid("证书链")
            kept.save(force_insert=True)
        assert verify()[0] == 0

    def test_a_kept_answer_that_was_changed_or_lost_is_invalid(self, rows):
        for proof in rows.get().proofs:
            kept = KeptProof.objects.get(pk=proof["fingerprint"])
            KeptProof.objects.filter(pk=kept.pk).update(content=b"x")
            one_invalid("吊销查询")
            KeptProof.objects.filter(pk=kept.pk).delete()
            one_invalid("吊销查询")
            kept.save(force_insert=True)
        assert verify()[0] == 0

    def test_a_longer_authorization_is_invalid(self, enterprise):
        later = F("valid_until") + timedelta(days=365)
        CardAuthorization.objects.update(valid_until=later)
        one_invalid("起止时间")

    def test_a_longer_standing_of_the_enterprise_is_invalid(self, enterprise):
        later = F("authorized_until") + timedelta(days=365)
        Enterprise.objects.filter(pk=enterprise.pk).update(authorized_until=later)
        one_invalid("企业登记的授权起止时间")

    def test_a_revoked_authorization_brought_back_is_invalid(self, enterprise):
        revoke(enterprise)
        held = CardAuthorization.objects.get()
        CardAuthorization.objects.update(ended_at=None, end="", end_signature=None)
        Enterprise.objects.filter(pk=enterprise.pk).update(
            is_authorized=True,
            authorization=held,
            authorized_at=held.valid_from,
            authorized_until=held.valid_until,
        )
        one_invalid("撤销签名")

    def test_an_end_by_card_without_its_signature_is_invalid(self, enterprise):
        CardAuthorization.objects.update(ended_at=timezone.now(), end="card")
        Enterprise.objects.filter(pk=enterprise.pk).update(
            is_authorized=False, authorization=None, authorized_at=None, authorized_until=None
        )
        one_invalid("终止方式")

    def test_an_ended_authorization_that_still_stands_is_invalid(self, enterprise):
        CardAuthorization.objects.update(ended_at=timezone.now(), end="administrator")
        one_invalid("已终止")

    def test_an_authorization_lent_to_another_enterprise_is_invalid(self, enterprise):
        held = CardAuthorization.objects.get()
        none = {"is_authorized": False, "authorization": None, "authorized_until": None}
        Enterprise.objects.filter(pk=enterprise.pk).update(**none)
        other = make_enterprise(authorized=False)
        Enterprise.objects.filter(pk=other.pk).update(
            is_authorized=True,
            authorization=held,
            authorized_at=held.valid_from,
            authorized_until=held.valid_until,
        )
        one_invalid("企业没有登记")

    @pytest.mark.parametrize("whose", ["its own", "another's"])
    def test_a_revocation_passed_off_as_an_authorization_is_invalid(self, enterprise, whose):
        """The one kind of signature that a forger finds to which nothing is bound yet."""
        signature = revoke(enterprise)
        if whose == "another's":
            enterprise = make_enterprise(authorized=False)
        since = timezone.now()
        until = since + timedelta(days=9999)
        forged = CardAuthorization.objects.create(
            enterprise=enterprise, signature=signature, valid_from=since, valid_until=until
        )
        Enterprise.objects.filter(pk=enterprise.pk).update(
            is_authorized=True, authorization=forged, authorized_at=since, authorized_until=until
        )
        one_invalid("撤销签名")

    @pytest.mark.parametrize("hours", [-2, 2])
    def test_a_revocation_moved_in_time_is_invalid(self, enterprise, hours):
        revoke(enterprise)
        CardAuthorization.objects.update(ended_at=F("ended_at") + timedelta(hours=hours))
        one_invalid("终止时间")

    def test_an_enterprise_that_has_another_code_by_now_is_said(self, enterprise):
        Enterprise.objects.filter(pk=enterprise.pk).update(uscc=valid_uscc())
        one_invalid("统一社会信用代码")

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("nonce", "0" * 64, "随机数"),
            ("purpose", "revoke", "用途"),
            ("verified_at", F("verified_at") + timedelta(minutes=6), "原文中的时间"),
            ("verified_at", F("verified_at") - timedelta(minutes=6), "原文中的时间"),
            ("card_serial", "0" * 16, "证书编号"),
            ("card_fingerprint", "0" * 64, "指纹"),
            ("holder_masked", "王*二", "holder_masked"),
            ("notes", ["sha1"], "notes"),
            ("name_differs", True, "name_differs"),
        ],
    )
    def test_a_row_that_is_wrong_is_invalid_even_where_it_was_sealed_so(
        self, rows, field, value, words
    ):
        """What a fault of our own would write, or whoever has the key as well."""
        card = evidence._open(rows.get(), _keys())
        rows.update(**{field: value})
        row = rows.get()
        content = evidence._FORM + evidence.digest(row) + card.der
        rows.update(sealed_card=seal(content, _keys()))
        one_invalid(words)

    def test_an_ended_authorization_made_longer_is_invalid(self, enterprise):
        revoke_by_administrator(enterprise, By(make_user(Role.ADMINISTRATOR)), "企业注销")
        CardAuthorization.objects.update(valid_until=F("valid_until") + timedelta(days=1))
        one_invalid("起止时间")

    def test_one_that_ended_before_it_began_is_invalid(self, enterprise):
        revoke_by_administrator(enterprise, By(make_user(Role.ADMINISTRATOR)), "企业注销")
        CardAuthorization.objects.update(ended_at=F("valid_from") - timedelta(days=1))
        one_invalid("终止时间早于")

    def test_an_ended_authorization_of_another_enterprise_is_invalid_on_both_sides(
        self, enterprise
    ):
        revoke(enterprise)
        CardAuthorization.objects.update(enterprise=make_enterprise(authorized=False))
        assert verify()[1] == {"checked": 2, "valid": 0, "invalid": 2}

    def test_nor_is_one_that_an_administrator_ended(self, enterprise):
        revoke_by_administrator(enterprise, By(make_user(Role.ADMINISTRATOR)), "企业注销")
        CardAuthorization.objects.update(enterprise=make_enterprise(authorized=False))
        one_invalid("没有对应的授权")

    def test_a_user_who_has_another_name_by_now_is_said(self, rows):
        User.objects.filter(pk=rows.get().user_id).update(username="somebody-else")
        one_invalid("签名原文中的用户")

    def test_one_invalid_row_does_not_hide_the_others(self, rows):
        for _ in range(3):
            authorize(make_enterprise(authorized=False))
        rows.update(holder_masked="x")
        assert verify()[1] == {"checked": 4, "valid": 3, "invalid": 1}


class TestWhatIsKept:
    def test_a_list_is_kept_once_however_many_rest_on_it(self):
        for _ in range(3):
            authorize(make_enterprise(authorized=False))
        assert CardSignature.objects.count() == 3
        assert KeptProof.objects.count() == 2 and KeptCertificate.objects.count() == 2

    def test_a_long_list_is_not_sent_to_the_database_again(self, settings, tmp_path):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        authority = make_world()["rsa"]
        at = timezone.now().replace(microsecond=0)
        long = make_crl(authority.intermediate, {10**15 + n: at for n in range(3000)}, at)
        (tmp_path / "a.crl").write_bytes(authority.crls[0])
        (tmp_path / "b.crl").write_bytes(long)
        settings.CARD_CRLS = str(tmp_path)
        authorize(make_enterprise(authorized=False))
        enterprise = make_enterprise(authorized=False)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            authorize(enterprise)
        assert not any("INSERT" in q["sql"] and "keptproof" in q["sql"] for q in queries)
        assert verify()[0] == 0

    def test_a_certificate_that_came_with_the_card_is_kept_for_the_proof(self, settings, tmp_path):
        authority = make_world()["sm2"]
        wish = authority.authority_wish("只随卡而来的管理中心")
        link = issue(wish, cached_key("sm2", "sent along"), authority.root)
        enterprise = make_enterprise(authorized=False)
        at = timezone.now().replace(microsecond=0)
        (tmp_path / "a.crl").write_bytes(authority.crls[0])
        (tmp_path / "b.crl").write_bytes(make_crl(link, {}, at))
        settings.CARD_CRLS = str(tmp_path)
        card = authority.card(enterprise.uscc, issuer=link)
        kept = authorize(enterprise, card=card, others=[link.certificate])
        assert kept.chain == [link.certificate.fingerprint, authority.root.certificate.fingerprint]
        assert verify()[0] == 0

    def test_the_identity_number_is_nowhere_but_in_the_seal(self, rows):
        row = rows.get()
        card = evidence._open(row, _keys())
        assert IDENTITY_NUMBER in card.texts.values()
        for field in CardSignature._meta.concrete_fields:
            assert IDENTITY_NUMBER.encode() not in _bytes(getattr(row, field.attname))
        assert row.identity_masked == "9" + "*" * 16 + "8"
        assert row.holder_masked == "欧**三"


def _bytes(value):
    if isinstance(value, (bytes, memoryview)):
        return bytes(value)
    return str(value).encode()


def _roots():
    world = make_world()
    return [world["rsa"].root.certificate, world["sm2"].root.certificate]


def _keys():
    from django.conf import settings

    return settings.CARD_SEALING_KEYS


class TestResealing:
    """After it an old key may go, and nothing but the seals has changed."""

    def reseal(self):
        out, code = StringIO(), 0
        try:
            call_command("reseal_authorizations", stdout=out)
        except SystemExit as left:
            code = left.code
        return code, json.loads(out.getvalue().splitlines()[-1])

    def test_the_old_key_may_go_after_it(self, rows, settings):
        before = rows.values().get()
        new = Fernet.generate_key().decode()
        settings.CARD_SEALING_KEYS = [new, *settings.CARD_SEALING_KEYS]
        assert self.reseal() == (0, {"checked": 1, "resealed": 1, "unopened": 0})
        settings.CARD_SEALING_KEYS = [new]
        assert verify()[0] == 0
        after = rows.values().get()
        assert bytes(after.pop("sealed_card")) != bytes(before.pop("sealed_card"))
        assert {
            name: bytes(v) if isinstance(v, memoryview) else v for name, v in after.items()
        } == {name: bytes(v) if isinstance(v, memoryview) else v for name, v in before.items()}

    def test_again_it_changes_nothing(self, rows):
        sealed = bytes(rows.get().sealed_card)
        assert self.reseal() == (0, {"checked": 1, "resealed": 0, "unopened": 0})
        assert bytes(rows.get().sealed_card) == sealed

    def test_what_no_key_opens_stays_and_is_said(self, rows, settings):
        sealed = bytes(rows.get().sealed_card)
        settings.CARD_SEALING_KEYS = [Fernet.generate_key().decode()]
        assert self.reseal() == (1, {"checked": 1, "resealed": 0, "unopened": 1})
        assert bytes(rows.get().sealed_card) == sealed
