"""Authorizations and their evidence in the administrators' site; revoking."""

import hashlib

import pytest
from cryptography import x509
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from authorization.cards.certificates import parse
from authorization.cards.refusals import Refused
from authorization.change_models import ChangeEvent
from authorization.models import (
    CardAttempt,
    CardAuthorization,
    CardChallenge,
    CardSignature,
    KeptCertificate,
    KeptProof,
    Role,
)
from tests.cards import HOLDER, IDENTITY_NUMBER, OPERATOR, authorize, installed_world, revoke
from tests.factories import client_for, make_enterprise, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return make_user(Role.ADMINISTRATOR, display_name="李管理")


@pytest.fixture
def client(administrator):
    return client_for(administrator)


def page_of(client, row, **options):
    name = f"admin:authorization_{row._meta.model_name}_change"
    return client.get(reverse(name, args=[row.pk]), **options).content.decode()


def revoke_url(enterprise):
    return reverse("admin:authorization_enterprise_revoke", args=[enterprise.pk])


class TestEvidence:
    @pytest.fixture(params=["rsa", "sm2"])
    def signature(self, request):
        enterprise = make_enterprise("大连虚构证据有限公司", authorized=False)
        holder = make_user(Role.LEGAL_REPRESENTATIVE, enterprise)
        card = installed_world()[request.param].card(enterprise.uscc, "大连卡上有限公司")
        return authorize(enterprise, holder, algorithm=request.param, card=card)

    def test_all_of_it_is_there_to_read(self, client, signature):
        page = page_of(client, signature.authorization)
        for line in signature.text.split("\n"):
            assert line in page
        scheme = "国密 SM2，SM3" if signature.scheme == "SM2_SM3" else "RSA，SHA-256"
        for words in (
            scheme,
            signature.holder_masked,
            signature.identity_masked,
            signature.card_serial,
            "大连卡上有限公司",
            "与登记的企业名称不一致",
            "测试专用根证书",
            "测试专用证书管理中心",
            "吊销列表（CRL）",
            "不在列表中",
            "查不到吊销状态时",
            "1095",
        ):
            assert words in page, words

    def test_what_names_the_holder_is_nowhere(self, client, signature):
        sealed = bytes(signature.sealed_card)
        listing = client.get(reverse("admin:authorization_cardsignature_changelist"))
        pages = [
            page_of(client, signature),
            page_of(client, signature.authorization),
            page_of(client, signature.enterprise),
            listing.content.decode(),
        ]
        for page in pages:
            assert HOLDER not in page and IDENTITY_NUMBER not in page
            assert sealed[20:60].decode() not in page

    def test_the_seal_is_never_opened(self, client, signature, settings):
        settings.CARD_SEALING_KEYS = []
        assert "签名原文" in page_of(client, signature.authorization)

    def test_it_takes_few_queries(self, client, signature):
        with CaptureQueriesContext(connection) as queries:
            page_of(client, signature.authorization)
        assert len(queries) <= 9
        assert not any(
            '"sealed_card"' in query["sql"] and "keptproof" in query["sql"] for query in queries
        )

    def test_what_authorities_have_signed_can_be_taken_along(self, client, signature):
        for fingerprint in signature.chain:
            url = reverse("admin:authorization_keptcertificate_download", args=[fingerprint])
            content = client.get(url).content
            assert hashlib.sha256(content).hexdigest() == fingerprint
            assert parse(content).is_ca
        for proof in signature.proofs:
            url = reverse("admin:authorization_keptproof_download", args=[proof["fingerprint"]])
            response = client.get(url)
            assert response.headers["Content-Disposition"].endswith('.crl"')
            assert x509.load_der_x509_crl(response.content).is_signature_valid is not None

    def test_a_missing_part_is_said_to_be_missing(self, client, signature):
        KeptProof.objects.all().delete()
        KeptCertificate.objects.filter(pk=signature.chain[0]).delete()
        page = page_of(client, signature.authorization)
        assert "应答缺失或不能读取" in page and "证书缺失或不能读取" in page

    def test_one_that_the_card_ended_shows_both_signatures(self, client):
        enterprise = make_enterprise()
        held = CardAuthorization.objects.get(enterprise=enterprise)
        revoke(enterprise)
        page = page_of(client, held)
        assert "授权的证据" in page and "撤销的证据" in page and "法人凭卡撤销" in page

    def test_a_download_of_nothing_is_404(self, client):
        for model in ("keptcertificate", "keptproof"):
            url = reverse(f"admin:authorization_{model}_download", args=["0" * 64])
            assert client.get(url).status_code == 404


class TestAttempts:
    def test_a_refusal_is_told_in_words_and_found_by_the_enterprises_code(self, client):
        enterprise, other = make_enterprise(), make_enterprise()
        holder = make_user(Role.LEGAL_REPRESENTATIVE, enterprise)
        card = installed_world().rsa.card(enterprise.uscc, eport={"5.3": OPERATOR})
        with pytest.raises(Refused):
            authorize(enterprise, holder, card=card)
        url = reverse("admin:authorization_cardattempt_changelist")
        for word in (enterprise.uscc, enterprise.customs_codes.get().code):
            page = client.get(url, {"q": word}).content.decode()
            assert "被拒：所插的不是企业法人卡" in page and "通过" in page
            assert enterprise.name in page and other.name not in page
        refused = CardAttempt.objects.get(enterprise=enterprise, refusal="not_legal_person")
        assert "kind 02" in page_of(client, refused)

    def test_challenges_name_no_session(self, client):
        make_enterprise()
        challenge = CardChallenge.objects.first()
        page = page_of(client, challenge)
        assert challenge.session_hash not in page and "随机数" in page


class TestRevoking:
    @pytest.fixture
    def enterprise(self):
        return make_enterprise("大连虚构撤销有限公司")

    def revoke(self, client, enterprise, reason="证照过期", **fields):
        sent = {"reason": reason, "authorization": enterprise.authorization_id or 0, **fields}
        return client.post(revoke_url(enterprise), sent, follow=True)

    def test_it_says_whom_it_shuts_out_and_does(self, client, administrator, enterprise):
        users = [make_user(enterprise=enterprise) for _ in range(2)]
        make_user(enterprise=enterprise, is_active=False)
        visitor = client_for(users[0])
        page = client.get(revoke_url(enterprise)).content.decode()
        assert "2 名启用用户" in page and "1 个打开的登录" in page
        assert "已撤销" in self.revoke(client, enterprise).content.decode()
        assert visitor.get(reverse("home")).url == reverse("unauthorized")
        held = CardAuthorization.objects.get(enterprise=enterprise)
        assert (held.end, held.ended_by, held.end_reason) == (
            "administrator",
            administrator,
            "证照过期",
        )
        event = ChangeEvent.objects.get(kind=ChangeEvent.Kind.AUTHORIZATION_REVOKED)
        assert (event.actor, event.enterprise) == (administrator, enterprise)
        assert event.address == client.defaults["REMOTE_ADDR"]
        assert event.before["authorization"] == held.pk and event.after["reason"] == "证照过期"

    def test_the_users_are_told_why(self, client, enterprise):
        operator = make_user(enterprise=enterprise)
        self.revoke(client, enterprise, "企业正在注销")
        assert "企业正在注销" in client_for(operator).get(reverse("unauthorized")).content.decode()

    def test_without_a_reason_nothing_happens(self, client, enterprise):
        for reason in ("", "   "):
            page = self.revoke(client, enterprise, reason).content.decode()
            assert "请填写撤销原因" in page
        enterprise.refresh_from_db()
        assert enterprise.is_authorized

    def test_a_reason_that_is_too_long_is_kept_to_be_shortened(self, client, enterprise):
        reason = "证照过期" * 130
        page = self.revoke(client, enterprise, reason).content.decode()
        assert "最多 500 字" in page and reason in page

    def test_a_second_click_hears_that_it_is_revoked_already(self, client, enterprise):
        sent = {"reason": "证照过期", "authorization": enterprise.authorization_id}
        client.post(revoke_url(enterprise), sent)
        page = client.post(revoke_url(enterprise), sent, follow=True).content.decode()
        assert "现在没有授权，无需撤销" in page
        assert ChangeEvent.objects.filter(of=ChangeEvent.Of.ENTERPRISE).count() == 1
        again = client.get(revoke_url(enterprise), follow=True).content.decode()
        assert "无需撤销" in again

    def test_a_renewed_authorization_is_not_revoked_by_an_old_page(self, client, enterprise):
        old = enterprise.authorization_id
        authorize(enterprise)
        page = self.revoke(client, enterprise, authorization=old).content.decode()
        assert "企业此后重新授权过" in page
        enterprise.refresh_from_db()
        assert enterprise.is_authorized

    def test_another_sites_form_does_nothing(self, administrator, enterprise):
        client = client_for(administrator, enforce_csrf_checks=True)
        sent = {"reason": "证照过期", "authorization": enterprise.authorization_id}
        assert client.post(revoke_url(enterprise), sent).status_code == 403

    def test_the_evidence_stays(self, client, enterprise):
        before = CardSignature.objects.values().get(enterprise=enterprise)
        self.revoke(client, enterprise)
        assert CardSignature.objects.values().get(enterprise=enterprise) == before
