from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.urls import reverse

from authorization import throttle
from authorization.models import Role
from tests.factories import (
    PASSWORD,
    client_for,
    make_enterprise,
    make_user,
    next_serial,
    random_address,
)

WRONG = "用户名或密码不正确，请核对后重新输入。"


def log_in(client, username, password=PASSWORD, **fields):
    return client.post(reverse("login"), {"username": username, "password": password, **fields})


def is_logged_in(client):
    return "_auth_user_id" in client.session


def sentences(response):
    return response.context["form"].non_field_errors()


@pytest.mark.django_db
class TestLogin:
    def test_it_shows_the_form_the_service_lines_and_the_way_to_register(self, settings):
        response = client_for().get(reverse("login"))
        page = response.content.decode()
        assert response.status_code == 200
        for text in ("用户名", "密码", settings.SERVICE_HOTLINE, settings.SERVICE_QQ_GROUP):
            assert text in page
        assert settings.SINGLE_WINDOW_REGISTER_URL in page

    def test_it_lets_an_operator_in_and_shows_the_home_page(self):
        user, client = make_user(), client_for()
        response = log_in(client, user.username)
        assert response.url == reverse("home")
        assert client.get(response.url).status_code == 200

    @pytest.mark.parametrize(
        ("role", "page"),
        [
            (Role.OPERATOR, "home"),
            (Role.LEGAL_REPRESENTATIVE, "home"),
            (Role.OFFICER, "home"),
            (Role.ADMINISTRATOR, "admin:index"),
        ],
    )
    def test_each_role_begins_on_its_own_page(self, role, page):
        client = client_for()
        assert log_in(client, make_user(role).username).url == reverse(page)

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.LEGAL_REPRESENTATIVE])
    def test_users_of_an_unauthorized_enterprise_land_on_the_notice_whatever_they_asked_for(
        self, role
    ):
        user = make_user(role, make_enterprise(authorized=False))
        for wanted in ("", "/public/"):
            assert log_in(client_for(), user.username, next=wanted).url == "/unauthorized/"

    def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(self):
        user = make_user()
        wrong_password = log_in(client_for(), user.username, "wrong")
        unknown_name = log_in(client_for(), f"nobody{next_serial()}", PASSWORD)
        assert wrong_password.status_code == unknown_name.status_code == 200
        assert sentences(wrong_password) == sentences(unknown_name) == [WRONG]
        assert WRONG in wrong_password.content.decode()

    def test_an_unknown_name_costs_as_many_hashes_as_a_wrong_password(self, monkeypatch):
        user, hashed = make_user(), []
        encode = MD5PasswordHasher.encode
        monkeypatch.setattr(
            MD5PasswordHasher,
            "encode",
            lambda self, *args: hashed.append(args[0]) or encode(self, *args),
        )
        log_in(client_for(), user.username, "wrong")
        log_in(client_for(), f"nobody{next_serial()}", "wrong")
        log_in(client_for(), make_user(is_active=False).username, "wrong")
        assert hashed == ["wrong"] * 3

    def test_a_disabled_account_is_refused_in_the_same_words(self):
        client = client_for()
        assert sentences(log_in(client, make_user(is_active=False).username)) == [WRONG]
        assert not is_logged_in(client)

    def test_the_password_is_not_written_back_into_the_page(self):
        page = log_in(client_for(), make_user().username, "a-secret-of-mine").content.decode()
        assert "a-secret-of-mine" not in page

    @pytest.mark.parametrize(
        ("fields", "field", "sentence"),
        [
            ({"username": "", "password": "x"}, "username", "请输入用户名。"),
            ({"username": "x", "password": ""}, "password", "请输入密码。"),
        ],
    )
    def test_an_empty_field_is_asked_for(self, fields, field, sentence):
        form = client_for().post(reverse("login"), fields).context["form"]
        assert form.errors[field] == [sentence]

    @pytest.mark.parametrize("name", ["a" * 300, "nul\x00byte", "'; DROP TABLE --", "𝟘" * 64])
    def test_odd_names_are_refused_without_an_error_page(self, name):
        client = client_for()
        assert log_in(client, name).status_code == 200
        assert not is_logged_in(client)

    def test_the_session_gets_a_new_key_at_login(self):
        client, user = client_for(), make_user()
        client.get(reverse("login"))
        session = client.session
        session["planted"] = "by somebody else"
        session.save()
        planted = session.session_key
        log_in(client, user.username)
        assert client.session.session_key != planted

    def test_the_session_cookie_is_for_this_browser_session_and_hidden_from_scripts(self):
        client = client_for()
        log_in(client, make_user().username)
        cookie = client.cookies["portal_session"]
        assert (cookie["httponly"], cookie["samesite"], cookie["expires"]) == (True, "Lax", "")

    def test_a_login_without_a_csrf_token_is_refused(self):
        client = client_for(enforce_csrf_checks=True)
        response = log_in(client, make_user().username)
        assert response.status_code == 403
        assert "页面已过期" in response.content.decode()


@pytest.mark.django_db
class TestNextPage:
    def test_the_page_asked_for_is_kept_through_a_failed_login(self):
        user, client = make_user(), client_for()
        wanted = reverse("home") + "?from=bookmark"
        gate = client.get(wanted)
        form = client.get(gate.url)
        assert form.context["next"] == wanted
        failed = log_in(client, user.username, "wrong", next=form.context["next"])
        assert failed.context["next"] == wanted
        assert log_in(client, user.username, next=failed.context["next"]).url == wanted

    @pytest.mark.parametrize(
        "wanted",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "http:///evil.example",
            "javascript:alert(1)",
            "\thttps://evil.example",
        ],
    )
    def test_it_never_leads_to_another_site(self, wanted):
        user = make_user()
        for response in (
            log_in(client_for(), user.username, next=wanted),
            client_for(user).get(reverse("login"), {"next": wanted}),
        ):
            assert response.url == reverse("home")
        assert client_for().get(reverse("login"), {"next": wanted}).context["next"] == ""

    @pytest.mark.parametrize("name", ["login", "logout"])
    def test_the_page_asked_for_is_never_logging_in_or_out_again(self, name):
        client = client_for(make_user())
        assert client.get(reverse("login"), {"next": reverse(name)}).url == reverse("home")

    def test_after_a_form_sent_too_late_one_comes_back_to_its_page(self):
        response = client_for().post(
            "/password/?a=b", HTTP_REFERER="http://testserver/password/?from=menu"
        )
        assert response.url == "/login/?next=/password/%3Ffrom%3Dmenu"

    def test_a_part_of_a_page_asked_for_too_late_sends_the_whole_window_to_the_login(self):
        response = client_for().get(
            "/?page=2",
            headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/?page=1"},
        )
        assert response.status_code == 204
        assert response.headers["HX-Redirect"] == "/login/?next=/%3Fpage%3D1"


@pytest.mark.django_db
class TestLock:
    @pytest.fixture(autouse=True)
    def limits(self, settings):
        settings.LOGIN_FAILURES_ALLOWED = 3
        settings.LOGIN_FAILURES_WINDOW_SECONDS = 900

    def test_an_account_is_locked_after_the_allowed_failures_even_for_the_right_password(self):
        user = make_user()
        for _ in range(3):
            assert sentences(log_in(client_for(), user.username, "wrong")) == [WRONG]
        client = client_for()
        assert sentences(log_in(client, user.username)) == ["密码错误次数过多，请在 1 分钟后再试。"]
        assert not is_logged_in(client)

    def test_a_name_that_nobody_has_is_locked_just_the_same(self):
        name = f"nobody{next_serial()}"
        answers = [sentences(log_in(client_for(), name)) for _ in range(4)]
        assert answers[:3] == [[WRONG]] * 3
        assert "1 分钟" in answers[3][0]

    def test_other_spellings_of_a_name_share_its_failures(self):
        name = f"Wang{next_serial()}"
        for spelling in (name, name.lower(), name.translate({ord("W"): "Ｗ"})):
            log_in(client_for(), spelling)
        assert "密码错误次数过多" in sentences(log_in(client_for(), name))[0]

    def test_a_success_before_the_lock_begins_the_count_again(self):
        user = make_user()
        for _ in range(3):
            log_in(client_for(), user.username, "wrong")
            log_in(client_for(), user.username, "wrong")
            client = client_for()
            log_in(client, user.username)
            assert is_logged_in(client)

    def test_one_address_may_fail_at_thirty_names_and_no_more(self):
        client = client_for()
        for _ in range(30):
            assert sentences(log_in(client, f"nobody{next_serial()}")) == [WRONG]
        user = make_user()
        assert "密码错误次数过多" in sentences(log_in(client, user.username))[0]
        elsewhere = client_for()
        log_in(elsewhere, user.username)
        assert is_logged_in(elsewhere)

    def test_logging_in_to_an_own_account_does_not_reset_the_address(self):
        client, own = client_for(), make_user()
        for _ in range(30):
            log_in(client, own.username)
            client.logout()
            log_in(client, f"nobody{next_serial()}")
        assert "密码错误次数过多" in sentences(log_in(client, own.username))[0]


class TestThrottle:
    @pytest.fixture(autouse=True)
    def limits(self, settings):
        settings.LOGIN_FAILURES_ALLOWED = 2
        settings.LOGIN_FAILURES_WINDOW_SECONDS = 500

    @pytest.fixture
    def clock(self, monkeypatch):
        """Let the test move the clock on; the cache drops what has expired by that clock."""

        class Clock:
            now = 1_800_000_000.0

            def time(self):
                return self.now

        moved = Clock()
        monkeypatch.setattr(throttle, "time", moved)
        return moved

    def test_each_further_failure_locks_twice_as_long_up_to_the_window(self, clock):
        counter = throttle.Counter(f"login:test:{next_serial()}", 2)
        assert counter.take() is False
        waits = []
        for _ in range(6):
            assert counter.take() is True
            with pytest.raises(throttle.TooManyFailures) as refused:
                counter.take()
            waits.append(refused.value.wait_seconds)
            clock.now += refused.value.wait_seconds + 1
            throttle.cache.delete(counter.lock_key)  # as Valkey does when its time is over
        assert waits == [60, 120, 240, 480, 500, 500]

    def test_fifty_attempts_at_the_same_moment_get_no_more_than_the_allowed_guesses(self):
        counter = throttle.Counter(f"login:test:{next_serial()}", 5)

        def attempt(_):
            try:
                counter.take()
            except throttle.TooManyFailures:
                return 0
            return 1

        with ThreadPoolExecutor(16) as threads:
            assert sum(threads.map(attempt, range(50))) == 5

    def test_what_is_kept_in_the_cache_ends_by_itself(self):
        counter = throttle.Counter(f"login:test:{next_serial()}", 1)
        counter.take()
        keys = [throttle.cache.make_key(key) for key in (counter._count_key, counter.lock_key)]
        client = throttle.cache._cache.get_client()
        assert [0 < client.ttl(key) <= limit for key, limit in zip(keys, (560, 60), strict=True)]
        assert client.ttl(keys[0]) > 500 and 0 < client.ttl(keys[1]) <= 60

    def test_a_refused_attempt_is_not_counted_against_the_address(self):
        address = random_address()
        name = f"nobody{next_serial()}"
        throttle.begin(name, address)
        throttle.begin(name, address)
        for _ in range(100):
            with pytest.raises(throttle.TooManyFailures):
                throttle.begin(name, address)
        throttle.begin(f"nobody{next_serial()}", address)

    @pytest.mark.parametrize(
        "addresses",
        [
            [f"2001:db8:0:{next_serial() % 65536:x}::{{:x}}"],
            ["203.0.113.77", "::ffff:203.0.113.77"],
        ],
    )
    def test_who_has_many_addresses_is_one_guesser(self, settings, addresses):
        settings.LOGIN_FAILURES_ALLOWED = 1
        with pytest.raises(throttle.TooManyFailures):
            for number in range(throttle.ADDRESS_FACTOR + 1):
                address = addresses[number % len(addresses)].format(number + 1)
                throttle.begin(f"nobody{next_serial()}", address)

    @pytest.mark.parametrize(
        ("proxies", "forwarded", "address"),
        [
            (0, "1.1.1.1", "9.9.9.9"),
            (1, "1.1.1.1", "1.1.1.1"),
            (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
            (2, "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
            (2, "1.1.1.1", "9.9.9.9"),
            (1, "", "9.9.9.9"),
            (1, "6.6.6.6, 1.1.1.1:50123", "1.1.1.1"),
            (1, "[2001:db8::1]:50123", "2001:db8::1"),
            (1, "[2001:db8::1]", "2001:db8::1"),
            (1, "2001:db8::1", "2001:db8::1"),
            (1, "unix:", "unix:"),
        ],
    )
    def test_the_address_is_what_the_trusted_proxies_say_and_no_client(
        self, rf, settings, proxies, forwarded, address
    ):
        settings.TRUSTED_PROXIES = proxies
        request = rf.get("/", REMOTE_ADDR="9.9.9.9", headers={"X-Forwarded-For": forwarded})
        assert throttle.client_address(request) == address

    @pytest.mark.parametrize(
        ("seconds", "words"), [(1, "1 秒"), (59, "59 秒"), (60, "1 分钟"), (61, "2 分钟")]
    )
    def test_the_sentence_says_how_long_to_wait(self, seconds, words):
        assert str(throttle.TooManyFailures(seconds)) == f"密码错误次数过多，请在 {words}后再试。"
