"""The card page and its two requests, without a browser."""

import json
from datetime import timedelta

import pytest
from django.conf import settings as portal_settings
from django.urls import reverse
from django.utils import timezone

from authorization.authorizing import revoke_by_administrator
from authorization.cards.refusals import Refusal
from authorization.events import By
from authorization.models import CardAttempt, CardAuthorization, CardSignature, Enterprise, Role
from authorization.standing import State, standing_of
from tests.cards import as_base64, authorize, installed_world, revoke, signed
from tests.factories import client_for, make_enterprise, make_user

pytestmark = pytest.mark.django_db

CARD, REVOKE = "/authorization/", "/authorization/revoke/"
CHALLENGE, ACCEPT = "/authorization/challenge/", "/authorization/accept/"


@pytest.fixture
def enterprise():
    return make_enterprise("大连虚构海产有限公司", authorized=False)


@pytest.fixture
def representative(enterprise):
    return make_user(Role.LEGAL_REPRESENTATIVE, enterprise)


def post(client, url, **sent):
    return client.post(url, json.dumps(sent), content_type="application/json")


def sign_by_page(client, enterprise, purpose="authorize", algorithm="sm2", **changes):
    """Do what the page's script does with a card; `changes` replace what it sends."""
    made = post(client, CHALLENGE, purpose=purpose).json()
    card = installed_world()[algorithm].card(enterprise.uscc, enterprise.name)
    sent = {
        "purpose": purpose,
        "nonce": made["nonce"],
        "signature": signed(card, made["text"]),
        "card": as_base64(card.certificate.der),
    }
    return post(client, ACCEPT, **{**sent, **changes})


class TestSigning:
    @pytest.mark.parametrize("algorithm", ["rsa", "sm2"])
    def test_it_authorizes_revokes_and_authorizes_again(
        self, enterprise, representative, algorithm
    ):
        client, operator = client_for(representative), make_user(enterprise=enterprise)
        open_session = client_for(operator)
        assert open_session.get("/library/").url == reverse("unauthorized")
        done = sign_by_page(client, enterprise, algorithm=algorithm)
        assert done.status_code == 200
        assert done.json()["next"] == "/" and "授权有效期至" in done.json()["sentence"]
        assert open_session.get("/library/").status_code == 200
        done = sign_by_page(client, enterprise, "revoke", algorithm)
        assert done.json()["next"] == "/unauthorized/"
        assert open_session.get("/library/").url == reverse("unauthorized")
        assert sign_by_page(client, enterprise, algorithm=algorithm).status_code == 200
        assert open_session.get("/library/").status_code == 200

    def test_renewing_ends_the_old_authorization_and_leaves_no_gap(self, enterprise):
        authorize(enterprise)
        Enterprise.objects.update(authorized_until=timezone.now() + timedelta(days=3))
        client = client_for(make_user(Role.LEGAL_REPRESENTATIVE, enterprise))
        assert sign_by_page(client, enterprise).status_code == 200
        enterprise.refresh_from_db()
        assert enterprise.authorized_until > timezone.now() + timedelta(days=1000)
        ends = CardAuthorization.objects.order_by("pk").values_list("end", flat=True)
        assert list(ends) == ["renewed", ""]

    def test_the_signed_text_names_site_purpose_enterprise_and_user(
        self, enterprise, representative
    ):
        authorize(enterprise)
        made = post(client_for(representative), CHALLENGE, purpose="revoke").json()
        for words in ("http://testserver", "撤销", enterprise.name, enterprise.uscc):
            assert words in made["text"]
        assert representative.username in made["text"] and made["nonce"] in made["text"]

    def test_a_refusal_is_one_sentence_and_a_record(self, enterprise, representative):
        client = client_for(representative)
        answer = sign_by_page(client, enterprise, signature=as_base64(b"x" * 64))
        assert answer.status_code == 422
        assert answer.json() == {"sentence": Refusal.SIGNATURE_WRONG.sentence}
        assert CardAttempt.objects.get().refusal == "signature_wrong"
        assert not CardSignature.objects.exists()

    def test_a_differing_name_on_the_card_is_told_and_not_fatal(self, enterprise, representative):
        client = client_for(representative)
        made = post(client, CHALLENGE, purpose="authorize").json()
        card = installed_world()["rsa"].card(enterprise.uscc, "大连虚构旧名有限公司")
        sent = {"signature": signed(card, made["text"]), "card": as_base64(card.certificate.der)}
        done = post(client, ACCEPT, purpose="authorize", nonce=made["nonce"], **sent).json()
        assert "大连虚构旧名有限公司" in done["sentence"] and done["next"] == "/"

    def test_too_many_tries_are_refused_by_another_status(self, enterprise, representative):
        client = client_for(representative)
        codes = [post(client, CHALLENGE, purpose="authorize").status_code for _ in range(11)]
        assert codes == [200] * 10 + [429]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b'"x"',
            b"{}",
            b'{"purpose": 1}',
            b'{"purpose": "destroy"}',
            b"\xff\xfe",
            b"[" * 50_000,
            b'{"purpose": "' + b"a" * 70_000 + b'"}',
        ],
    )
    @pytest.mark.parametrize("url", [CHALLENGE, ACCEPT])
    def test_what_is_not_the_pages_request_is_refused_without_a_fault(
        self, representative, url, body
    ):
        answer = client_for(representative).post(url, body, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json()["sentence"]

    @pytest.mark.parametrize("nonce", ["", "0" * 64, "\x00", "x" * 300, "\ud800"])
    def test_a_nonce_that_nobody_gave_is_unknown(self, enterprise, representative, nonce):
        client = client_for(representative)
        answer = sign_by_page(client, enterprise, nonce=nonce)
        assert answer.status_code == 422
        assert answer.json()["sentence"] == Refusal.CHALLENGE_UNKNOWN.sentence

    @pytest.mark.parametrize("url", [CHALLENGE, ACCEPT])
    def test_another_sites_page_can_ask_nothing(self, representative, url):
        client = client_for(representative, enforce_csrf_checks=True)
        assert post(client, url, purpose="authorize").status_code == 403

    def test_an_enterprise_without_a_credit_code_is_told_what_is_missing(self):
        client = client_for(make_user(Role.LEGAL_REPRESENTATIVE, make_enterprise(uscc=None)))
        assert client.get(CARD).url == reverse("unauthorized")
        answer = post(client, CHALLENGE, purpose="authorize")
        assert answer.status_code == 400 and "统一社会信用代码" in answer.json()["sentence"]


class TestPage:
    def test_only_it_may_talk_to_the_control_and_to_nothing_else(self, representative):
        client = client_for(representative)
        policy = client.get(CARD).headers["Content-Security-Policy"]
        assert f"connect-src 'self' {portal_settings.CARD_CONTROL_WS}" == policy.split("; ")[-1]
        for url in ("/unauthorized/", "/help/", "/password/"):
            assert "connect-src" not in client.get(url).headers["Content-Security-Policy"]

    def test_a_page_on_https_uses_the_other_address(self, representative, settings):
        settings.CARD_CONTROL_WSS = "wss://control.example:61231"
        answer = client_for(representative).get(CARD, secure=True)
        assert 'data-control="wss://control.example:61231"' in answer.content.decode()
        policy = answer.headers["Content-Security-Policy"]
        assert "connect-src 'self' wss://control.example:61231" in policy
        assert "ws://127.0.0.1" not in policy

    def test_the_pin_has_no_name_and_no_form(self, representative):
        page = client_for(representative).get(CARD).content.decode()
        field = page[page.index('<input class="form-control" id="card-pin"') :].split(">")[0]
        assert "name=" not in field and 'type="password"' in field
        main = page[page.index("<main") : page.index("</main>")]
        assert "<form" not in main

    def test_it_says_what_of_the_card_is_sent_and_kept(self, representative):
        page = client_for(representative).get(CARD).content.decode()
        assert "含持卡人姓名和身份证件号" in page and "加密保存" in page

    def test_no_cache_keeps_it(self, representative):
        assert "no-store" in client_for(representative).get(CARD).headers["Cache-Control"]

    def test_revoking_needs_something_to_revoke(self, enterprise, representative):
        client = client_for(representative)
        assert client.get(REVOKE).url == CARD
        authorize(enterprise)
        assert "所有用户（包括正在使用的）立即不能进入系统" in client.get(REVOKE).content.decode()

    def test_it_tells_until_when_and_that_it_is_time_to_renew(self, enterprise, representative):
        authorize(enterprise)
        client = client_for(representative)
        page = client.get(CARD).content.decode()
        assert "有效期至" in page and "天到期" not in page
        Enterprise.objects.update(authorized_until=timezone.now() + timedelta(days=9, hours=1))
        assert "授权还有 9 天到期" in client.get(CARD).content.decode()
        home = client.get("/").content.decode()
        assert "还有 9 天" in home and CARD in home
        operator = client_for(make_user(enterprise=enterprise)).get("/").content.decode()
        assert "还有 9 天" in operator and "请企业法人登录后" in operator

    def test_a_demo_shows_where_cards_are_changed_and_says_that_it_is_one(
        self, representative, settings
    ):
        client = client_for(representative)
        assert "软法人卡页面" not in client.get(CARD).content.decode()
        assert "演示环境" not in client.get("/help/").content.decode()
        settings.DEMO_MODE = True
        assert 'href="http://127.0.0.1:' in client.get(CARD).content.decode()
        stranger = client_for()
        answers = {
            client.get("/help/"): 200,
            client.get("/nowhere/"): 404,
            client.get("/customs/releases/"): 403,
            stranger.get("/login/"): 200,
            stranger.get("/account/password-link/"): 404,
        }
        for answer, status in answers.items():
            assert answer.status_code == status
            assert "演示环境：使用测试法人卡，不得用于正式业务" in answer.content.decode()

    def test_login_comes_back_to_it(self, enterprise, representative):
        from tests.factories import PASSWORD

        sent = {"username": representative.username, "password": PASSWORD}
        answer = client_for().post(f"/login/?next={CARD}", sent)
        assert answer.url == CARD
        answer = client_for().post("/login/?next=/library/", sent)
        assert answer.url == reverse("unauthorized")


class TestStanding:
    def test_an_authorization_that_ran_out_shuts_out_an_open_session(self):
        user = make_user()
        client = client_for(user)
        assert client.get("/library/").status_code == 200
        Enterprise.objects.filter(pk=user.enterprise_id).update(
            authorized_until=timezone.now() - timedelta(minutes=1)
        )
        assert client.get("/library/").url == reverse("unauthorized")
        page = client.get("/unauthorized/").content.decode()
        assert "贵企业的授权已到期" in page and "重新授权" in page
        for word in ("企业库", "公共库", "企业消息"):
            assert word not in page[page.index("<nav") : page.index("</nav>")]

    def test_an_administrators_revocation_is_told_with_its_reason(self):
        user = make_user()
        client = client_for(user)
        revoke_by_administrator(user.enterprise, By(make_user(Role.ADMINISTRATOR)), "证照过期")
        assert client.get("/library/").url == reverse("unauthorized")
        page = client.get("/unauthorized/").content.decode()
        assert "贵企业的授权已撤销" in page and "证照过期" in page and "管理员" in page

    def test_it_says_how_the_enterprise_stands(self, enterprise):
        assert standing_of(enterprise).state == State.NEVER
        authorize(enterprise)
        standing = standing_of(enterprise)
        assert standing.state == State.VALID and not standing.ends_soon
        revoke(enterprise)
        assert standing_of(enterprise).state == State.REVOKED_BY_CARD

    def test_only_who_can_act_is_shown_the_way(self, enterprise, representative):
        assert CARD in client_for(representative).get("/unauthorized/").content.decode()
        operator = client_for(make_user(enterprise=enterprise))
        assert CARD not in operator.get("/unauthorized/").content.decode()
        assert operator.get(CARD).status_code == 403
