import json
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
import requests
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from requests import Session

from authorization import openid
from authorization.account_models import SingleWindowIdentity, UserSession
from authorization.change_models import ChangeEvent
from authorization.models import Role, User
from portal import environment
from tests.factories import (
    PASSWORD,
    client_for,
    make_authenticator,
    make_enterprise,
    make_user,
    next_serial,
)

pytestmark = pytest.mark.django_db
CLIENT_ID, CLIENT_SECRET = "the-portal", "a-secret-of-thirty-two-characters"
NOT_DONE = "单一窗口登录未完成，请重新登录。"


class Provider:
    """The running provider, and who logs in there next."""

    def __init__(self, port):
        self.issuer = f"http://127.0.0.1:{port}"

    def next(self, user=None, *, fault="", sub="", userinfo=None, **claims):
        if user is not None:
            claims = {
                "preferred_username": user.username,
                "name": user.display_name,
                "uscc": user.enterprise.uscc if user.enterprise else "",
                **claims,
            }
            sub = sub or f"sub-{user.pk}"
        body = {"claims": {"sub": sub, **claims}, "fault": fault, "userinfo": userinfo or {}}
        urlopen(Request(self.issuer + "/control", json.dumps(body).encode()))

    def seen(self):
        return json.loads(urlopen(self.issuer + "/seen").read())


@pytest.fixture(scope="module")
def process():
    command = [sys.executable, "-m", "tests.provider", CLIENT_ID, CLIENT_SECRET]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=project.BASE_DIR
    ) as running:
        yield Provider(int(running.stdout.readline()))
        running.terminate()


@pytest.fixture
def provider(process, settings):
    settings.OIDC_ISSUER = process.issuer
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    process.next()
    openid.forget()
    yield process
    openid.forget()


def go(client, **query):
    """Go to the provider and come back as a browser does; return the portal's answer."""
    there = client.get(reverse("account:single_window"), query)
    back = requests.get(there.url, allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def who(client):
    number = client.session.get("_auth_user_id")
    return User.objects.get(pk=number) if number else None


def sentence(client, answer):
    assert answer.url == reverse("login")
    return client.get(answer.url).content.decode()


class TestLogin:
    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.LEGAL_REPRESENTATIVE])
    def test_a_user_of_a_known_enterprise_gets_in(self, provider, role):
        user, client = make_user(role), client_for()
        provider.next(user)
        assert go(client).url == reverse("home")
        assert who(client) == user
        assert client.get(reverse("home")).status_code == 200
        assert UserSession.objects.get(user=user).way == "single_window"
        assert "单一窗口" in client.get(reverse("account:own")).content.decode()

    def test_what_is_asked_carries_state_nonce_and_pkce_and_the_code_is_redeemed_with_it(
        self, provider
    ):
        user, client = make_user(), client_for()
        provider.next(user)
        go(client)
        asked, sent = provider.seen()["authorize"][-1], provider.seen()["token"][-1]
        assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
        # 128 random bits or more, of 64 letters each.
        assert len(asked["state"]) >= 22 and len(asked["nonce"]) == 43
        assert len(sent["code_verifier"]) >= 43
        assert asked["redirect_uri"] == "http://testserver/account/single-window/back/"

    def test_no_token_of_the_provider_is_kept(self, provider, monkeypatch):
        taken = []
        original = Session.request

        def noting(self, method, url, *args, **kwargs):
            answer = original(self, method, url, *args, **kwargs)
            taken.append((url, answer))
            return answer

        monkeypatch.setattr(Session, "request", noting)
        user, client = make_user(), client_for()
        provider.next(user)
        go(client)
        tokens = next(answer.json() for url, answer in taken if url.endswith("/token"))
        kept = str(dict(client.session.items())) + str(
            list(SingleWindowIdentity.objects.values()) + list(UserSession.objects.values())
        )
        assert who(client) == user and tokens["access_token"] and tokens["id_token"]
        for token in (tokens["access_token"], tokens["id_token"]):
            assert token not in kept
        assert "_state_" not in kept

    @pytest.mark.parametrize("site", ["cross-site", "same-site"])
    def test_a_link_on_another_site_logs_nobody_in(self, provider, site):
        provider.next(make_user())
        client = client_for()
        answer = client.get(
            reverse("account:single_window"), {"next": "/library/"}, HTTP_SEC_FETCH_SITE=site
        )
        assert answer.url == f"{reverse('login')}?next=/library/"
        assert "_state_" not in str(list(client.session.items()))

    @pytest.mark.parametrize("site", ["same-origin", "none"])
    def test_our_own_page_and_an_address_typed_by_hand_do(self, provider, site):
        provider.next(make_user())
        answer = client_for().get(reverse("account:single_window"), HTTP_SEC_FETCH_SITE=site)
        assert answer.url.startswith(provider.issuer)

    def test_the_login_page_shows_the_button_with_the_page_asked_for(self, provider):
        client = client_for()
        page = client.get(reverse("login"), {"next": "/public/?a=1&b=2"}).content.decode()
        assert 'href="/account/single-window/?next=%2Fpublic%2F%3Fa%3D1%26b%3D2"' in page
        user = make_user()
        provider.next(user)
        assert go(client, next="/public/?a=1&b=2").url == "/public/?a=1&b=2"

    def test_it_never_leads_to_another_site(self, provider):
        for wanted in ("https://evil.example/", "//evil.example"):
            provider.next(make_user())
            assert go(client_for(), next=wanted).url == reverse("home")

    def test_without_the_setting_there_is_no_button_and_no_page(self, settings):
        assert settings.OIDC_ISSUER == ""
        client = client_for()
        assert "single-window" not in client.get(reverse("login")).content.decode()
        assert client.get(reverse("account:single_window")).status_code == 404

    def test_a_user_of_an_unauthorized_enterprise_sees_the_notice(self, provider):
        user, client = make_user(enterprise=make_enterprise(authorized=False)), client_for()
        provider.next(user)
        assert client.get(go(client).url).url == reverse("unauthorized")

    def test_the_session_of_before_ends(self, provider):
        user, client = make_user(), client_for()
        client.get(reverse("login"))
        before = client.cookies.get(project.SESSION_COOKIE_NAME)
        provider.next(user)
        go(client)
        assert before is None or client.session.session_key != before.value
        assert not [name for name, _ in client.session.items() if name.startswith("_state_")]


class TestWhoItIs:
    def test_he_stays_himself_when_his_name_changes_there(self, provider):
        user = make_user()
        provider.next(user)
        go(client_for())
        provider.next(user, preferred_username="another-name")
        client = client_for()
        go(client)
        assert who(client) == user
        assert SingleWindowIdentity.objects.get(user=user).subject == f"sub-{user.pk}"
        event = ChangeEvent.objects.get(user=user)
        assert event.kind == ChangeEvent.Kind.IDENTITY_LINKED

    def test_another_of_the_same_name_does_not_take_the_account_over(self, provider):
        user = make_user()
        provider.next(user)
        go(client_for())
        provider.next(user, sub="somebody-else")
        client = client_for()
        assert "已关联其他单一窗口用户" in sentence(client, go(client))
        assert who(client) is None

    def test_the_same_name_in_another_enterprise_is_somebody_else(self, provider):
        user, other = make_user(), make_enterprise()
        provider.next(user, uscc=other.uscc)
        client = client_for()
        assert "您的账号尚未在本系统开通" in sentence(client, go(client))
        assert who(client) is None

    def test_whoever_changed_his_enterprise_there_is_refused_until_it_is_settled(self, provider):
        user, other = make_user(), make_enterprise()
        provider.next(user)
        go(client_for())
        provider.next(user, uscc=other.uscc)
        client = client_for()
        assert "与本系统登记的不一致" in sentence(client, go(client))

    @pytest.mark.parametrize("uscc", ["", "91210200000000000X", None, ["x"], {"a": 1}, "\0"])
    def test_an_unknown_enterprise_is_refused_in_one_sentence(self, provider, uscc):
        provider.next(make_user(), uscc=uscc)
        client = client_for()
        assert "所属企业尚未登记在本系统" in sentence(client, go(client))

    def test_a_disabled_user_is_refused(self, provider):
        user, client = make_user(is_active=False), client_for()
        provider.next(user)
        assert "您的账号已停用" in sentence(client, go(client))
        assert who(client) is None

    @pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
    def test_nobody_becomes_an_officer_or_administrator_by_it(self, provider, role, settings):
        settings.OIDC_CREATE_OPERATORS = True
        user, enterprise = make_user(role), make_enterprise()
        provider.next(user, uscc=enterprise.uscc)
        client = client_for()
        assert "已被其他企业使用" in sentence(client, go(client))
        assert who(client) is None

    def test_claims_may_have_other_names_and_be_nested(self, provider, settings):
        settings.OIDC_CLAIM_USERNAME = "login"
        settings.OIDC_CLAIM_USCC = "corp.code"
        user, client = make_user(), client_for()
        provider.next(sub="s1", login=user.username, corp={"code": user.enterprise.uscc})
        go(client)
        assert who(client) == user

    def test_claims_may_come_from_userinfo(self, provider, settings):
        settings.OIDC_USE_USERINFO = True
        user, client = make_user(), client_for()
        more = {"preferred_username": user.username, "uscc": user.enterprise.uscc}
        provider.next(sub="s2", userinfo=more)
        go(client)
        assert who(client) == user
        provider.next(sub="s3", userinfo={**more, "sub": "s2"})
        client = client_for()
        assert NOT_DONE in sentence(client, go(client))


class TestMakingOperators:
    def claims(self, enterprise, **more):
        name = f"sw{next_serial()}"
        return {
            "sub": f"sub-{name}",
            "preferred_username": name,
            "name": "吴新来",
            "uscc": enterprise.uscc,
            **more,
        }

    def test_an_unknown_user_is_refused_unless_the_setting_says_otherwise(self, provider):
        claims, client = self.claims(make_enterprise()), client_for()
        provider.next(**claims)
        assert "请联系本企业法人新增操作员" in sentence(client, go(client))
        assert not User.objects.filter(username=claims["preferred_username"]).exists()

    def test_with_the_setting_he_becomes_an_operator_and_no_more(self, provider, settings):
        settings.OIDC_CREATE_OPERATORS = True
        enterprise, client = make_enterprise(), client_for()
        claims = self.claims(enterprise, role="administrator", is_staff=True)
        provider.next(**claims)
        go(client)
        user = who(client)
        assert (user.username, user.display_name) == (claims["preferred_username"], "吴新来")
        assert (user.role, user.enterprise) == (Role.OPERATOR, enterprise)
        assert not user.has_usable_password()
        kinds = list(ChangeEvent.objects.filter(user=user).values_list("kind", flat=True))
        assert sorted(kinds) == ["added", "identity_linked"]

    @pytest.mark.parametrize("name", ["", "x", "有空 格", "a\0b", "a" * 65])
    def test_a_strange_name_makes_nobody(self, provider, settings, name):
        settings.OIDC_CREATE_OPERATORS = True
        before, enterprise = User.objects.count(), make_enterprise(authorized=False)
        provider.next(**self.claims(enterprise, preferred_username=name))
        client = client_for()
        assert "用户名不能用于本系统" in sentence(client, go(client))
        assert User.objects.count() == before


class TestRefusals:
    @pytest.mark.parametrize(
        "fault",
        [
            "nonce",
            "no_claim_nonce",
            "aud",
            "aud_list",
            "no_claim_aud",
            "azp",
            "iss",
            "no_claim_iss",
            "expired",
            "no_claim_exp",
            "not_yet",
            "no_claim_sub",
            "signature",
            "changed",
            "alg_none",
            "shared_secret",
            "public_key_as_secret",
            "no_id_token",
            "state",
            "denied",
            "server_error",
            "list",
        ],
    )
    def test_each_fault_of_an_answer_is_refused_and_nobody_gets_in(self, provider, fault):
        user, client = make_user(), client_for()
        provider.next(user, fault=fault)
        assert NOT_DONE in sentence(client, go(client))
        assert who(client) is None
        provider.next(user)
        go(client)
        assert who(client) == user

    def test_an_answer_of_another_browser_is_refused(self, provider):
        user, victim, attacker = make_user(), client_for(), client_for()
        provider.next(user)
        there = attacker.get(reverse("account:single_window"))
        back = requests.get(there.url, allow_redirects=False, timeout=10).headers["Location"]
        parts = urlsplit(back)
        victim.get(reverse("account:single_window"))
        answer = victim.get(f"{parts.path}?{parts.query}")
        assert NOT_DONE in sentence(victim, answer)
        assert who(victim) is None

    def test_an_answer_is_taken_once(self, provider):
        user, client = make_user(), client_for()
        provider.next(user)
        there = client.get(reverse("account:single_window"))
        back = requests.get(there.url, allow_redirects=False, timeout=10).headers["Location"]
        parts = urlsplit(back)
        client.get(f"{parts.path}?{parts.query}")
        assert who(client) == user
        client.logout()
        again = client.get(f"{parts.path}?{parts.query}")
        assert NOT_DONE in sentence(client, again)

    @pytest.mark.parametrize("sub", ["a\0b", "x" * 256])
    def test_a_subject_that_cannot_be_kept_is_refused(self, provider, sub):
        client = client_for()
        provider.next(make_user(), sub=sub)
        assert NOT_DONE in sentence(client, go(client))

    def test_a_wrong_verifier_is_refused_by_the_provider(self, provider):
        user, client = make_user(), client_for()
        provider.next(user)
        there = client.get(reverse("account:single_window"))
        back = requests.get(there.url, allow_redirects=False, timeout=10).headers["Location"]
        session = client.session
        (kept,) = [name for name, _ in session.items() if name.startswith("_state_")]
        session[kept] = {
            **session[kept],
            "data": {**session[kept]["data"], "code_verifier": "A" * 48},
        }
        session.save()
        parts = urlsplit(back)
        assert NOT_DONE in sentence(client, client.get(f"{parts.path}?{parts.query}"))

    @pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=%00"])
    def test_a_made_up_answer_is_refused(self, provider, query):
        client = client_for()
        answer = client.get(reverse("account:single_window_back") + query)
        assert NOT_DONE in sentence(client, answer)

    @pytest.mark.parametrize("fault", ["description", "weak"])
    def test_a_provider_that_is_another_or_signs_weakly_is_not_gone_to(self, provider, fault):
        provider.next(fault=fault)
        client = client_for()
        answer = client.get(reverse("account:single_window"))
        assert "暂时无法连接单一窗口，请稍后再试。" in sentence(client, answer)

    def test_a_provider_that_does_not_answer_leaves_the_login_page_usable(self, provider, settings):
        settings.OIDC_ISSUER = "http://127.0.0.1:1"
        client = client_for()
        answer = client.get(reverse("account:single_window"))
        page = sentence(client, answer)
        assert "暂时无法连接单一窗口" in page and "id_password" in page

    def test_the_secret_and_the_verifier_never_go_through_the_browser(self, provider):
        client = client_for()
        there = client.get(reverse("account:single_window"))
        asked = parse_qs(urlsplit(there.url).query)
        assert "code_verifier" not in asked
        assert CLIENT_SECRET not in there.url


class TestWithoutLocalPasswords:
    @pytest.fixture(autouse=True)
    def off(self, provider, settings):
        settings.LOCAL_PASSWORDS = False

    def log_in(self, user):
        client = client_for()
        client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
        return client

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.LEGAL_REPRESENTATIVE])
    def test_a_right_password_opens_nothing_to_an_enterprises_user(self, provider, role):
        user = make_user(role)
        assert who(self.log_in(user)) is None
        client = client_for()
        provider.next(user)
        go(client)
        assert client.get(reverse("home")).status_code == 200

    @pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
    def test_officers_and_administrators_keep_theirs(self, role):
        user = make_user(role)
        assert who(self.log_in(user)) == user

    def test_the_administrator_still_needs_the_second_factor(self):
        user = make_user(Role.ADMINISTRATOR)
        make_authenticator(user)
        client = self.log_in(user)
        assert client.get("/admin/").url.startswith("/account/second-factor/")

    def test_no_link_sets_a_password_for_an_enterprises_user(self):
        legal = make_user(Role.LEGAL_REPRESENTATIVE)
        operator = make_user(enterprise=legal.enterprise)
        url = reverse("account:user_link", args=[operator.pk])
        page = client_for(legal).post(url, follow=True).content.decode()
        assert "企业用户只能通过单一窗口登录" in page

    def test_an_operator_can_still_be_added(self):
        legal = make_user(Role.LEGAL_REPRESENTATIVE)
        name = f"new{next_serial()}"
        fields = {"username": name, "display_name": "周新人"}
        page = client_for(legal).post(reverse("account:user_add"), fields, follow=True)
        assert "请通知其通过单一窗口登录" in page.content.decode()
        assert User.objects.filter(username=name).exists()

    def test_the_login_page_says_who_uses_which_way(self):
        page = client_for().get(reverse("login")).content.decode()
        assert "企业用户请通过国际贸易“单一窗口”登录" in page
        assert "海关人员、管理员使用密码登录" in page


class TestSettings:
    @pytest.mark.parametrize(
        "url",
        [
            "http://sw.example.cn",
            "ftp://127.0.0.1",
            "https://",
            "sw.example.cn",
            "http://127.0.0.1.evil.example",
        ],
    )
    def test_an_issuer_whose_answers_anybody_could_write_is_refused(self, monkeypatch, url):
        monkeypatch.setenv("OIDC_ISSUER", url)
        with pytest.raises(ImproperlyConfigured, match="必须是 https 地址"):
            environment.issuer("OIDC_ISSUER")

    @pytest.mark.parametrize("url", ["", "https://sw.example.cn/realms/a", "http://127.0.0.1:9"])
    def test_a_sound_one_is_taken(self, monkeypatch, url):
        monkeypatch.setenv("OIDC_ISSUER", url)
        assert environment.issuer("OIDC_ISSUER") == url
