import base64
import json
import re
import time
from datetime import timedelta
from io import StringIO
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from authorization import second_factor
from authorization.account_models import RecoveryCode
from authorization.accounts import make_link
from authorization.authenticators import Authenticator
from authorization.cards.sealing import CannotOpen
from authorization.change_models import ChangeEvent
from authorization.events import By
from authorization.models import Role, User
from tests.factories import (
    PASSWORD,
    client_for,
    code_of,
    make_authenticator,
    make_user,
    next_serial,
)

pytestmark = pytest.mark.django_db
PAGE = "/account/second-factor/"


@pytest.fixture
def administrator():
    return make_user(Role.ADMINISTRATOR, display_name="李管理")


def log_in(user):
    client = client_for()
    client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    return client


def give(client, code, **fields):
    return client.post(PAGE, {"code": code, **fields})


def is_in(client):
    return client.get(reverse("admin:index")).status_code == 200


def enrol(user):
    """Enrol on the page; return the recovery codes."""
    client = log_in(user)
    client.get(PAGE)
    page = give(client, code_of(Authenticator.objects.get(user=user))).content.decode()
    return client, re.findall(r"<li>([0-9A-Z-]{34})</li>", page)


def ask_for_codes(client, code):
    return client.post(reverse("account:recovery_codes"), {"code": code}).content.decode()


def forget_waiting(user):
    Authenticator.objects.filter(user=user).update(throttling_failure_count=0)


class TestGate:
    def test_a_password_alone_opens_nothing_of_the_site_to_an_administrator(self, administrator):
        client = log_in(administrator)
        for name in ("admin:index", "admin:authorization_user_changelist", "home", "account:own"):
            path = reverse(name)
            assert client.get(path).url == f"{PAGE}?next={path.replace('/', '%2F')}"
        assert client.post(reverse("password_change")).url == PAGE
        assert client.post(reverse("account:recovery_codes")).url == PAGE
        assert client.get(reverse("help")).status_code == 200

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.LEGAL_REPRESENTATIVE, Role.OFFICER])
    def test_nobody_else_is_asked_for_it(self, role):
        assert log_in(make_user(role)).get(reverse("account:own")).status_code == 200

    def test_it_can_be_switched_off(self, administrator, settings):
        settings.ADMIN_SECOND_FACTOR = False
        assert is_in(log_in(administrator))

    def test_the_page_asked_for_comes_after_it_and_never_another_site(self, administrator):
        device = make_authenticator(administrator)
        client = log_in(administrator)
        answer = give(client, code_of(device), next="/admin/authorization/user/")
        assert answer.url == "/admin/authorization/user/"
        again = log_in(administrator)
        Authenticator.objects.update(last_t=-1)
        assert give(again, code_of(device), next="https://evil.example/").url == "/"

    def test_an_authenticator_of_somebody_else_in_the_session_is_none(self, administrator):
        client = log_in(administrator)
        session = client.session
        session["otp_device_id"] = make_authenticator(make_user()).persistent_id
        session.save()
        assert not is_in(client)

    def test_a_part_of_a_page_sends_the_whole_window(self, administrator):
        answer = log_in(administrator).get("/admin/", headers={"HX-Request": "true"})
        assert answer.headers["HX-Redirect"].startswith(PAGE)


class TestEnrolling:
    def test_the_first_login_offers_a_code_to_scan_and_the_key_to_type(self, administrator):
        client = log_in(administrator)
        page = client.get(PAGE).content.decode()
        device = Authenticator.objects.get(user=administrator)
        assert not device.confirmed
        picture = re.search(r'<img src="(data:image/svg\+xml[^"]+)"', page)[1]
        assert "<svg" in unquote(picture)
        key = re.search(r'factor-key">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
        assert base64.b32decode(key) == device.bin_key and len(device.bin_key) == 20
        address = urlsplit(device.config_url)
        assert parse_qs(address.query)["issuer"] == ["规范申报企业专属库"]
        assert administrator.username in unquote(address.path)
        assert client.get(PAGE).content.decode().count(picture) == 1

    def test_its_first_code_lets_in_and_shows_the_recovery_codes_once(self, administrator):
        client, codes = enrol(administrator)
        assert len(set(codes)) == 8
        assert is_in(client)
        page = client.get(PAGE).content.decode()
        assert "8 个" in page and codes[0] not in page
        event = ChangeEvent.objects.get(user=administrator)
        assert event.kind == ChangeEvent.Kind.SECOND_FACTOR_ENROLLED

    def test_a_wrong_first_code_enrols_nothing(self, administrator):
        client = log_in(administrator)
        client.get(PAGE)
        assert "动态口令不正确" in give(client, "000000").content.decode()
        assert not is_in(client)
        assert second_factor.authenticator_of(administrator) is None

    def test_whoever_has_one_is_offered_no_second(self, administrator):
        make_authenticator(administrator)
        page = log_in(administrator).get(PAGE).content.decode()
        assert "factor-key" not in page and "<img" not in page
        assert Authenticator.objects.filter(user=administrator).count() == 1

    def test_the_recovery_codes_are_nowhere_in_the_database(self, administrator):
        _, codes = enrol(administrator)
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                for code in (codes[0], codes[0].replace("-", "")):
                    cursor.execute(
                        f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{code}%"]
                    )
                    assert (table, cursor.fetchone()[0]) == (table, 0)


class TestVerifying:
    def test_a_code_works_once_whoever_sends_it_again(self, administrator):
        device = make_authenticator(administrator)
        code = code_of(device)
        first, second = log_in(administrator), log_in(administrator)
        give(first, code)
        assert is_in(first)
        assert "已使用过" in give(second, code).content.decode()
        assert not is_in(second)

    @pytest.mark.parametrize(("seconds", "accepted"), [(-30, True), (-120, False), (120, False)])
    def test_a_clock_may_be_half_a_minute_off_and_no_more(self, administrator, seconds, accepted):
        device = make_authenticator(administrator)
        client = log_in(administrator)
        give(client, code_of(device, time.time() + seconds))
        assert is_in(client) is accepted

    @pytest.mark.parametrize("typed", ["{0} {1}", " {0}-{1} "])
    def test_spaces_between_the_figures_do_no_harm(self, administrator, typed):
        code = code_of(make_authenticator(administrator))
        client = log_in(administrator)
        give(client, typed.format(code[:3], code[3:]))
        assert is_in(client)

    def test_full_width_figures_are_read(self, administrator):
        code = code_of(make_authenticator(administrator))
        client = log_in(administrator)
        give(client, code.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}))
        assert is_in(client)

    @pytest.mark.parametrize(
        "entered", ["", "1", "1234567", "abcdef", "-12345", "1e5000", "9" * 64, "\0", "中" * 25]
    )
    def test_strange_input_is_refused_in_words(self, administrator, entered):
        make_authenticator(administrator)
        client = log_in(administrator)
        answer = give(client, entered)
        assert answer.status_code == 200 and "验证未通过" in answer.content.decode()
        assert not is_in(client)

    def test_each_wrong_code_makes_the_next_wait_longer_even_for_the_right_one(self, administrator):
        device = make_authenticator(administrator)
        wrong = f"{(int(code_of(device)) + 500_000) % 1_000_000:06d}"
        client = log_in(administrator)
        give(client, wrong)
        assert "动态口令错误次数过多，请在" in give(client, code_of(device)).content.decode()
        # Three more, each after its wait, and the wait is eight seconds.
        for _ in range(3):
            Authenticator.objects.update(
                throttling_failure_timestamp=timezone.now() - timedelta(minutes=1)
            )
            give(client, wrong)
        device.refresh_from_db()
        assert device.throttling_failure_count == 4
        assert re.search(r"请在 [78] 秒后再试", give(client, code_of(device)).content.decode())
        forget_waiting(administrator)
        give(client, code_of(device))
        assert is_in(client)

    def test_the_sessions_key_changes_when_it_may_do_more(self, administrator):
        device = make_authenticator(administrator)
        client = log_in(administrator)
        before = client.session.session_key
        give(client, code_of(device))
        assert client.session.session_key != before
        assert is_in(client)


class TestRecoveryCodes:
    def test_one_lets_in_once(self, administrator):
        _, codes = enrol(administrator)
        client = log_in(administrator)
        assert give(client, codes[0].lower().replace("-", " ")).status_code == 302
        assert "还剩 7 个" in client.get(reverse("account:own")).content.decode()
        assert is_in(client)
        again = log_in(administrator)
        assert "恢复码不正确或已使用过" in give(again, codes[0]).content.decode()
        assert not is_in(again)
        event = ChangeEvent.objects.filter(user=administrator).latest("pk")
        assert (event.kind, event.after) == (ChangeEvent.Kind.RECOVERY_CODE_USED, {"codes": 7})

    def test_another_administrators_does_not(self, administrator):
        _, codes = enrol(administrator)
        other = make_user(Role.ADMINISTRATOR)
        make_authenticator(other)
        client = log_in(other)
        give(client, codes[0])
        assert not is_in(client)

    def test_new_ones_end_the_old(self, administrator):
        client, old = enrol(administrator)
        device = Authenticator.objects.get(user=administrator)
        page = ask_for_codes(client, code_of(device, time.time() + 30))
        new = re.findall(r"<li>([0-9A-Z-]{34})</li>", page)
        assert len(new) == 8 and not set(new) & set(old)
        late = log_in(administrator)
        give(late, old[1])
        assert not is_in(late)
        give(late, new[1])
        assert is_in(late)

    def test_new_ones_need_a_fresh_code_however_long_the_session_is_open(self, administrator):
        client, old = enrol(administrator)
        device = Authenticator.objects.get(user=administrator)
        used = code_of(device)
        for code, sentence in [
            ("", "请输入动态口令。"),
            (used, "不正确或已使用过"),
            (old[0], "不正确或已使用过"),
        ]:
            forget_waiting(administrator)
            page = ask_for_codes(client, code)
            assert sentence in page and "请保存恢复码" not in page
        late = log_in(administrator)
        give(late, old[1])
        assert is_in(late)

    def test_guessing_them_is_locked(self, administrator):
        _, codes = enrol(administrator)
        client = log_in(administrator)
        for _ in range(10):
            assert "恢复码不正确" in give(client, "A" * 28).content.decode()
        assert "恢复码错误次数过多，请在 1 分钟后再试。" in give(client, codes[0]).content.decode()
        assert RecoveryCode.objects.filter(user=administrator, used_at=None).count() == 8


class TestReset:
    def act(self, client, user):
        url = reverse("admin:authorization_user_account_action", args=[user.pk, "second-factor"])
        return client.post(url, follow=True).content.decode()

    def test_another_administrator_resets_a_lost_one_and_it_is_enrolled_anew(self, administrator):
        his, _ = enrol(administrator)
        helper = make_user(Role.ADMINISTRATOR)
        client = client_for(helper)
        page = client.get(reverse("admin:authorization_user_account", args=[administrator.pk]))
        assert "已绑定" in page.content.decode() and "重置动态口令" in page.content.decode()
        assert "已重置李管理的动态口令" in self.act(client, administrator)
        assert his.get(reverse("admin:index")).url.startswith("/login/")
        assert not RecoveryCode.objects.filter(user=administrator).exists()
        event = ChangeEvent.objects.filter(user=administrator).latest("pk")
        assert (event.kind, event.actor) == (ChangeEvent.Kind.SECOND_FACTOR_RESET, helper)
        again, new = enrol(administrator)
        assert is_in(again) and len(new) == 8
        assert "无需重置" in self.act(client, make_user(Role.ADMINISTRATOR))

    def test_a_new_password_by_a_link_leaves_the_second_factor_as_it_is(self, administrator):
        enrol(administrator)
        new, client = "gao-shan-liu-shui-5", client_for()
        client.get(reverse("account:link", args=[make_link(By(None), administrator)[1]]))
        client.post(reverse("account:link_set"), {"new_password1": new, "new_password2": new})
        client.post(reverse("login"), {"username": administrator.username, "password": new})
        assert client.get(reverse("admin:index")).url.startswith(PAGE)
        assert second_factor.authenticator_of(administrator) is not None

    def test_nobody_resets_his_own(self, administrator):
        client, _ = enrol(administrator)
        assert "不能重置自己的动态口令" in self.act(client, administrator)
        assert is_in(client)

    def test_the_only_administrator_is_helped_at_the_command_line(self, administrator, capsys):
        enrol(administrator)
        call_command("reset_second_factor", administrator.username)
        assert '"reset": true' in capsys.readouterr().out
        assert second_factor.authenticator_of(administrator) is None
        with pytest.raises(CommandError, match="没有用户名为"):
            call_command("reset_second_factor", "nobody-at-all")

    def test_its_secret_cannot_be_read_in_the_site(self, administrator):
        client, _ = enrol(administrator)
        assert client.get("/admin/otp_totp/totpdevice/").status_code == 404


class TestFirstAdministrator:
    def test_the_command_makes_one_who_sets_his_password_by_the_printed_link(self, capsys):
        name = f"root{next_serial()}"
        call_command("add_administrator", name, name="首位管理员", site="http://testserver/")
        out = capsys.readouterr().out
        user = User.objects.get(username=name)
        assert user.role == Role.ADMINISTRATOR and not user.has_usable_password()
        client = client_for()
        client.get(json.loads(out.splitlines()[-1])["link"].removeprefix("http://testserver"))
        new = "gao-shan-liu-shui-5"
        client.post(reverse("account:link_set"), {"new_password1": new, "new_password2": new})
        visitor = client_for()
        visitor.post(reverse("login"), {"username": name, "password": new})
        assert visitor.get(reverse("admin:index")).url.startswith(PAGE)

    def test_a_name_that_is_taken_or_strange_is_refused(self):
        user = make_user()
        for name in (user.username, user.username.upper(), "x", "有空 格"):
            with pytest.raises(CommandError):
                call_command("add_administrator", name)


class TestSealedSecret:
    def test_the_database_holds_no_secret_that_codes_are_computed_from(self):
        device = make_authenticator(make_user(Role.ADMINISTRATOR))
        stored = Authenticator.objects.values_list("key", flat=True).get(pk=device.pk)
        assert len(device.bin_key) == 20
        assert device.bin_key.hex() not in stored and len(stored) <= 80

    def test_a_secret_that_was_written_into_the_database_opens_nothing(self):
        user, other = make_user(Role.ADMINISTRATOR), make_user(Role.ADMINISTRATOR)
        mine, theirs = make_authenticator(user), make_authenticator(other)
        for planted in ("00" * 20, mine.key[:-2] + "00", theirs.key):
            Authenticator.objects.filter(pk=mine.pk).update(key=planted)
            with pytest.raises(CannotOpen):
                _ = Authenticator.objects.get(pk=mine.pk).bin_key
        client = client_for(user, second_factor=False)
        page = give(client, "123456").content.decode()
        assert "设置的密钥都不能解开动态口令" in page

    def test_a_changed_key_opens_what_the_old_one_sealed_until_all_is_sealed_anew(self, settings):
        user = make_user(Role.ADMINISTRATOR)
        device = make_authenticator(user)
        secret, old, new = device.bin_key, settings.CARD_SEALING_KEYS[0], Fernet.generate_key()
        settings.CARD_SEALING_KEYS = [new.decode(), old]
        assert Authenticator.objects.get(pk=device.pk).bin_key == secret
        for resealed in (1, 0):
            out = StringIO()
            call_command("reseal_authorizations", stdout=out)
            counts = json.loads(out.getvalue().splitlines()[-1])
            assert counts == {"checked": 1, "resealed": resealed, "unopened": 0}
        settings.CARD_SEALING_KEYS = [new.decode()]
        assert Authenticator.objects.get(pk=device.pk).bin_key == secret

    def test_an_offered_secret_that_no_key_opens_is_offered_anew(self, settings):
        user = make_user(Role.ADMINISTRATOR)
        first = second_factor.authenticator_to_enrol(user)
        assert second_factor.authenticator_to_enrol(user) == first
        settings.CARD_SEALING_KEYS = [Fernet.generate_key().decode()]
        assert second_factor.authenticator_to_enrol(user) != first
        assert Authenticator.objects.filter(user=user).count() == 1
