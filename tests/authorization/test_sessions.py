import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from authorization.account_models import UserSession
from authorization.addresses import browser_name
from authorization.change_models import ChangeEvent
from authorization.models import Role
from tests.factories import PASSWORD, client_for, make_enterprise, make_user

pytestmark = pytest.mark.django_db
CHROME_109 = (
    "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/109.0.0.0 Safari/537.36"
)


def log_in(user, **options):
    client = client_for(**options)
    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    return client


def is_logged_in(client):
    return client.get(reverse("account:own")).status_code == 200


def number_of(client):
    return client.session["noted_session"]


class TestNoting:
    def test_a_login_is_noted_with_address_browser_and_time(self):
        user = make_user()
        client = log_in(user, HTTP_USER_AGENT=CHROME_109)
        noted = UserSession.objects.get(user=user)
        assert noted.address == client.defaults["REMOTE_ADDR"]
        assert noted.browser == "Chrome 109（Windows 7）"
        assert timezone.now() - noted.started_at < timedelta(minutes=1)
        page = client.get(reverse("account:own")).content.decode()
        assert "Chrome 109（Windows 7）" in page and "当前登录" in page

    def test_nothing_that_opens_a_session_stands_in_the_table(self):
        user = make_user()
        key = log_in(user).cookies[settings.SESSION_COOKIE_NAME].value
        row = UserSession.objects.filter(user=user).values().get()
        assert key not in str(row)

    def test_logging_out_deletes_the_note(self):
        user = make_user()
        client = log_in(user)
        client.post(reverse("logout"))
        assert not UserSession.objects.filter(user=user).exists()

    def test_a_changed_password_keeps_this_session_and_drops_the_others(self):
        user = make_user()
        here, elsewhere = log_in(user), log_in(user)
        new = "gao-shan-liu-shui-5"
        fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        here.post(reverse("password_change"), fields)
        assert is_logged_in(here) and not is_logged_in(elsewhere)
        assert list(UserSession.objects.filter(user=user)) == [
            UserSession.objects.get(pk=number_of(here))
        ]
        assert ChangeEvent.objects.get(user=user).kind == ChangeEvent.Kind.PASSWORD_CHANGED

    def test_last_seen_is_written_every_five_minutes_only(self, django_assert_num_queries):
        client = log_in(make_user(Role.OFFICER))
        with django_assert_num_queries(4):  # the session, the user, his sessions, his events
            client.get(reverse("account:own"))
        old = timezone.now() - timedelta(minutes=6)
        UserSession.objects.filter(pk=number_of(client)).update(last_seen_at=old)
        client.get(reverse("account:own"))
        seen = UserSession.objects.get(pk=number_of(client)).last_seen_at
        assert seen > old + timedelta(minutes=5)

    def test_a_session_is_over_after_its_hours_however_much_it_was_used(self):
        user = make_user()
        client = log_in(user)
        noted = UserSession.objects.filter(user=user)
        assert noted.get().expires_at - noted.get().started_at == timedelta(
            seconds=settings.SESSION_COOKIE_AGE
        )
        noted.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert not is_logged_in(client)
        log_in(user)
        assert noted.count() == 1

    def test_a_session_is_over_once_nothing_was_asked_for_an_hour(self):
        user = make_user()
        client, other = log_in(user), log_in(user)
        minutes = settings.SESSION_IDLE_MINUTES
        noted = UserSession.objects.filter(pk=number_of(client))
        noted.update(last_seen_at=timezone.now() - timedelta(minutes=minutes - 1))
        assert is_logged_in(client)
        noted.update(last_seen_at=timezone.now() - timedelta(minutes=minutes, seconds=1))
        assert other.get(reverse("account:own")).content.decode().count("未知浏览器") == 1
        assert not is_logged_in(client)
        assert "已失效" in client.get(reverse("login")).content.decode()
        log_in(user)
        assert not noted.exists()

    @pytest.mark.parametrize(("minutes", "is_in"), [(3, True), (5, False)])
    def test_how_long_is_a_setting(self, settings, minutes, is_in):
        settings.SESSION_IDLE_MINUTES = 4
        client = log_in(make_user())
        noted = UserSession.objects.filter(pk=number_of(client))
        noted.update(last_seen_at=timezone.now() - timedelta(minutes=minutes))
        assert is_logged_in(client) is is_in
        if is_in:  # a short time is measured finely
            assert timezone.now() - noted.get().last_seen_at < timedelta(minutes=1)

    @pytest.mark.parametrize(
        ("user_agent", "name"),
        [
            (CHROME_109, "Chrome 109（Windows 7）"),
            (CHROME_109 + " Edg/109.0", "Edge 109（Windows 7）"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "Firefox 140（Linux）"),
            ("curl/8", "未知浏览器"),
            ("", "未知浏览器"),
            ("Chrome/" + "9" * 500, "Chrome 999999"),
            ("<script>", "未知浏览器"),
        ],
    )
    def test_a_browser_is_named_in_a_few_words(self, user_agent, name):
        assert browser_name(user_agent) == name


class TestEnding:
    def test_an_ended_session_opens_nothing_from_its_next_request_and_says_why(self):
        user = make_user()
        here, elsewhere = log_in(user), log_in(user)
        answer = here.post(
            reverse("account:own_sessions_end"), {"session": number_of(elsewhere)}, follow=True
        )
        assert "已结束该登录。" in answer.content.decode()
        page = elsewhere.get(reverse("home"), follow=True)
        assert page.redirect_chain[0][0].startswith(reverse("login"))
        assert "您的登录已失效或已被结束，请重新登录。" in page.content.decode()
        assert is_logged_in(here)
        event = ChangeEvent.objects.get(user=user)
        assert event.kind == ChangeEvent.Kind.SESSION_ENDED
        assert event.before["address"] == elsewhere.defaults["REMOTE_ADDR"]

    def test_a_session_without_a_note_opens_nothing(self):
        client = client_for(make_user())
        session = client.session
        del session["noted_session"]
        session.save()
        assert not is_logged_in(client)

    def test_a_note_of_another_user_opens_nothing(self):
        client, other = client_for(make_user()), client_for(make_user())
        session = client.session
        session["noted_session"] = number_of(other)
        session.save()
        assert not is_logged_in(client)

    def test_all_others_end_at_once(self):
        user = make_user()
        here, *others = (log_in(user) for _ in range(3))
        answer = here.post(reverse("account:own_sessions_end"), follow=True)
        assert "已结束 2 个登录。" in answer.content.decode()
        assert is_logged_in(here)
        assert not any(is_logged_in(client) for client in others)
        again = here.post(reverse("account:own_sessions_end"), follow=True)
        assert "没有需要结束的登录。" in again.content.decode()

    def test_the_present_one_is_ended_by_logging_out_only(self):
        client = log_in(make_user())
        fields = {"session": number_of(client)}
        page = client.post(reverse("account:own_sessions_end"), fields, follow=True)
        assert "退出登录" in page.content.decode()
        assert is_logged_in(client)

    @pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 30, "１", "1 or 1=1", "\0"])
    def test_a_number_that_is_no_session_of_his_ends_nothing(self, number):
        user = make_user()
        here, elsewhere = log_in(user), log_in(user)
        here.post(reverse("account:own_sessions_end"), {"session": number})
        assert is_logged_in(elsewhere)

    def test_another_users_session_cannot_be_ended_by_its_number(self):
        client, other = log_in(make_user()), log_in(make_user())
        client.post(reverse("account:own_sessions_end"), {"session": number_of(other)})
        assert is_logged_in(other)

    def test_a_legal_representative_sees_and_ends_an_operators_sessions(self):
        legal = make_user(Role.LEGAL_REPRESENTATIVE)
        operator = make_user(enterprise=legal.enterprise)
        first, second, third = (log_in(operator) for _ in range(3))
        client = client_for(legal)
        page = client.get(reverse("account:user", args=[operator.pk])).content.decode()
        for his in (first, second, third):
            assert his.defaults["REMOTE_ADDR"] in page
        end = reverse("account:user_sessions_end", args=[operator.pk])
        client.post(end, {"session": number_of(first)})
        assert [is_logged_in(his) for his in (first, second, third)] == [False, True, True]
        client.post(end)
        assert not is_logged_in(second) and not is_logged_in(third)

    def test_own_sessions_are_open_before_authorization(self):
        user = make_user(enterprise=make_enterprise(authorized=False))
        here, elsewhere = log_in(user), log_in(user)
        here.post(reverse("account:own_sessions_end"))
        assert is_logged_in(here) and not is_logged_in(elsewhere)


class TestWayOut:
    @pytest.mark.parametrize("role", list(Role))
    def test_every_page_behind_the_login_has_it(self, role):
        user = make_user(role)
        client = client_for(user)
        pages = [reverse("account:own"), reverse("password_change")]
        if role == Role.ADMINISTRATOR:
            pages += [reverse("admin:index"), reverse("admin:authorization_user_changelist")]
            pages += [reverse("account:second_factor")]
        elif role == Role.OFFICER:
            pages += [reverse("home"), reverse("customs_audit:uploads")]
        else:
            pages += [reverse("home"), reverse("enterprise_lib:list"), reverse("public_lib:list")]
        for page in pages:
            html = client.get(page).content.decode()
            assert f'action="{reverse("logout")}"' in html or 'action="/admin/logout/"' in html, (
                page
            )

    def test_so_has_a_page_that_waits_for_something(self):
        waiting = make_user(enterprise=make_enterprise(authorized=False))
        html = client_for(waiting).get(reverse("unauthorized")).content.decode()
        assert f'action="{reverse("logout")}"' in html
        unproved = log_in(make_user(Role.ADMINISTRATOR))
        html = unproved.get(reverse("account:second_factor")).content.decode()
        assert f'action="{reverse("logout")}"' in html

    def test_a_session_key_has_160_random_bits_and_more(self):
        keys = {client_for(make_user()).session.session_key for _ in range(3)}
        assert len(keys) == 3
        assert all(re.fullmatch(r"[0-9a-z]{32}", key) for key in keys)  # 32 × 5.17 bits
