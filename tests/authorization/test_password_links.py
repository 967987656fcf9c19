import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from authorization import accounts
from authorization.account_models import PasswordLink
from authorization.change_models import ChangeEvent
from authorization.events import By
from authorization.models import Role, User
from tests.factories import PASSWORD, client_for, make_enterprise, make_user

pytestmark = pytest.mark.django_db
NEW = "gao-shan-liu-shui-5"
GONE = "该链接已使用、已过期或已被新链接取代，请联系本企业法人或管理员重新生成。"


@pytest.fixture
def legal():
    return make_user(Role.LEGAL_REPRESENTATIVE)


@pytest.fixture
def operator(legal):
    return make_user(enterprise=legal.enterprise)


def make(legal, operator):
    """Make a link on the page; return its address without the host."""
    response = client_for(legal).post(reverse("account:user_link", args=[operator.pk]))
    return re.search(r'value="http://testserver([^"]+)"', response.content.decode())[1]


def set_password(client, new=NEW, again=None):
    fields = {"new_password1": new, "new_password2": again or new}
    return client.post(reverse("account:link_set"), fields)


def has_password(user, password):
    return User.objects.get(pk=user.pk).check_password(password)


def test_it_is_shown_once_and_nowhere_else_and_the_database_knows_its_hash_only(legal, operator):
    address = make(legal, operator)
    token = address.rstrip("/").rpartition("/")[2]
    assert len(token) >= 43
    for path in (reverse("account:user", args=[operator.pk]), reverse("account:events")):
        assert token not in client_for(legal).get(path).content.decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{token}%"]
            )
            assert (table, cursor.fetchone()[0]) == (table, 0)


def test_the_page_that_shows_it_and_the_one_that_it_opens_are_not_kept_by_anybody(legal, operator):
    shown = client_for(legal).post(reverse("account:user_link", args=[operator.pk]))
    opened = client_for().get(make(legal, operator))
    for response in (shown, opened):
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response.headers["Cache-Control"]


def test_opening_takes_the_token_out_of_the_address_and_out_of_the_session(legal, operator):
    address = make(legal, operator)
    client = client_for()
    response = client.get(address)
    assert response.url == reverse("account:link_set")
    token = address.rstrip("/").rpartition("/")[2]
    sessions = [session.get_decoded() for session in Session.objects.all()]
    assert token not in str(sessions)
    page = client.get(response.url)
    assert operator.username in page.content.decode()
    assert token not in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]


def test_it_sets_the_password_once(legal, operator):
    address = make(legal, operator)
    first, second = client_for(), client_for()
    first.get(address)
    second.get(address)
    assert set_password(first).url == reverse("login")
    assert has_password(operator, NEW)
    late = set_password(second, "zai-hui-yi-ci-99")
    assert late.status_code == 404 and GONE in late.content.decode()
    assert has_password(operator, NEW)
    again = client_for().get(address)
    assert again.status_code == 404 and GONE in again.content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_one_sets_the_password(legal, operator):
    link, _ = accounts.make_link(By(legal), operator)

    def use(number):
        try:
            return accounts.set_password_by_link(link, f"mi-ma-hao-chang-{number}", None)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(use, range(8)))
    assert done.count(True) == 1
    assert has_password(operator, f"mi-ma-hao-chang-{done.index(True)}")
    assert ChangeEvent.objects.filter(kind=ChangeEvent.Kind.PASSWORD_SET).count() == 1


def test_opening_alone_uses_nothing_up(legal, operator):
    address = make(legal, operator)
    for _ in range(3):
        client_for().get(address, follow=True)
        client_for().head(address)
    client = client_for()
    client.get(address)
    set_password(client)
    assert has_password(operator, NEW)


def test_after_its_time_it_says_so(legal, operator, settings):
    settings.PASSWORD_LINK_MINUTES = 30
    address = make(legal, operator)
    link = PasswordLink.objects.get(user=operator)
    assert link.expires_at - link.made_at == timedelta(minutes=30)
    client = client_for()
    client.get(address)
    PasswordLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert GONE in set_password(client).content.decode()
    assert GONE in client_for().get(address).content.decode()
    assert has_password(operator, PASSWORD)


def test_a_newer_link_ends_the_older(legal, operator):
    older, newer = make(legal, operator), make(legal, operator)
    assert client_for().get(older).status_code == 404
    assert client_for().get(newer).status_code == 302


@pytest.mark.parametrize("token", ["x", "a" * 43, "..", "%00", "%E4%B8%AD"])
def test_a_made_up_one_is_told_the_same(token):
    response = client_for().get(f"/account/password-link/{token}/")
    assert response.status_code == 404
    if token != "..":
        assert GONE in response.content.decode()


def test_disabling_ends_links_and_a_disabled_account_gets_none(legal, operator):
    address = make(legal, operator)
    client = client_for()
    client.get(address)
    accounts.disable(By(legal), operator)
    assert set_password(client).status_code == 404
    assert client_for().get(address).status_code == 404
    page = client_for(legal).post(reverse("account:user_link", args=[operator.pk]), follow=True)
    assert "该账号已停用，请先启用" in page.content.decode()
    accounts.enable(By(legal), operator)
    assert client_for().get(address).status_code == 404


@pytest.mark.parametrize(
    ("new", "again", "sentence"),
    [
        ("duan", None, "密码太短"),
        ("password123", None, "常见"),
        (NEW, "other-than-this-1", "两次输入的密码不一致"),
        ("", None, "请输入新密码。"),
    ],
)
def test_a_weak_password_is_refused_and_the_link_stays(legal, operator, new, again, sentence):
    client = client_for()
    client.get(make(legal, operator))
    assert sentence in set_password(client, new, again).content.decode()
    assert has_password(operator, PASSWORD)
    set_password(client)
    assert has_password(operator, NEW)


def test_a_password_near_the_username_is_refused(legal):
    operator = make_user(enterprise=legal.enterprise, username="dalian_caozuoyuan")
    client = client_for()
    client.get(make(legal, operator))
    assert "相似" in set_password(client, "dalian_caozuoyuan").content.decode()


def test_it_ends_the_users_sessions_and_his_lock(legal, operator, settings):
    settings.LOGIN_FAILURES_ALLOWED = 1
    his = client_for(operator)
    client_for().post(reverse("login"), {"username": operator.username, "password": "wrong"})
    client = client_for()
    client.get(make(legal, operator))
    set_password(client)
    assert his.get(reverse("account:own")).status_code == 302
    new = client_for()
    new.post(reverse("login"), {"username": operator.username, "password": NEW})
    assert new.get(reverse("account:own")).status_code == 200


def test_whoever_was_logged_in_in_this_browser_is_logged_out(legal, operator):
    client = client_for(legal)
    client.get(make(legal, operator))
    set_password(client)
    assert client.get(reverse("account:own")).status_code == 302


def test_the_set_page_needs_a_form_of_this_site(legal, operator):
    client = client_for(enforce_csrf_checks=True)
    client.get(make(legal, operator))
    assert set_password(client).status_code == 403
    assert has_password(operator, PASSWORD)


def test_both_making_and_using_are_in_the_history(legal, operator):
    client = client_for()
    client.get(make(legal, operator))
    set_password(client)
    made, used = ChangeEvent.objects.filter(user=operator).order_by("pk")
    assert (made.kind, made.actor) == (ChangeEvent.Kind.LINK_MADE, legal)
    assert (used.kind, used.actor) == (ChangeEvent.Kind.PASSWORD_SET, operator)
    assert used.address == client.defaults["REMOTE_ADDR"]


class TestWhatALinkMustNotOutlive:
    """Whoever made a link, or was shown it, knows its token for as long as it lives."""

    def opened(self, legal, operator):
        client = client_for()
        assert client.get(make(legal, operator)).status_code == 302
        return client

    def refused(self, client, user):
        assert GONE in set_password(client).content.decode()
        assert not has_password(user, NEW)

    @pytest.mark.parametrize("field", ["role", "enterprise"])
    def test_the_account_becoming_another(self, legal, operator, field):
        client = self.opened(legal, operator)
        before = accounts.facts_of(operator)
        setattr(
            operator,
            field,
            {"role": Role.LEGAL_REPRESENTATIVE, "enterprise": make_enterprise()}[field],
        )
        operator.save()
        accounts.note_changed(By(None), operator, before)
        self.refused(client, operator)

    def test_the_maker_being_disabled(self, legal, operator):
        client = self.opened(legal, operator)
        accounts.disable(By(None), legal)
        self.refused(client, operator)

    def test_the_maker_having_another_role(self, legal, operator):
        client = self.opened(legal, operator)
        before = accounts.facts_of(legal)
        legal.role = Role.OPERATOR
        legal.save()
        accounts.note_changed(By(None), legal, before)
        self.refused(client, operator)

    def test_the_password_being_changed_by_its_owner(self, legal, operator):
        client = self.opened(legal, operator)
        own = {"old_password": PASSWORD, "new_password1": "shan-gao-yue-xiao-3"}
        own["new_password2"] = own["new_password1"]
        client_for(operator).post(reverse("password_change"), own)
        assert has_password(operator, own["new_password1"])
        self.refused(client, operator)

    def test_but_a_link_made_by_somebody_else_stays(self, legal, operator):
        client = self.opened(legal, operator)
        accounts.disable(By(None), make_user(Role.LEGAL_REPRESENTATIVE, legal.enterprise))
        set_password(client)
        assert has_password(operator, NEW)
