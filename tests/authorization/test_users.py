import re

import pytest
from django.urls import reverse

from authorization import accounts, throttle
from authorization.account_models import UserSession
from authorization.change_models import ChangeEvent
from authorization.events import By
from authorization.models import Role, User
from tests.cards import HOLDER
from tests.factories import PASSWORD, client_for, make_enterprise, make_user, next_serial

pytestmark = pytest.mark.django_db
NEW = "gao-shan-liu-shui-5"


@pytest.fixture
def legal():
    return make_user(Role.LEGAL_REPRESENTATIVE, display_name="王法人")


@pytest.fixture
def client(legal):
    return client_for(legal)


@pytest.fixture
def operator(legal):
    return make_user(enterprise=legal.enterprise, display_name="李操作")


def do(client, what, user, **fields):
    return client.post(reverse(f"account:user_{what}", args=[user.pk]), fields, follow=True)


def page_of(client, user):
    return client.get(reverse("account:user", args=[user.pk])).content.decode()


def last_event(user):
    return ChangeEvent.objects.filter(user=user).latest("pk")


def shown_link(response):
    return re.search(r'value="(http[^"]+/account/password-link/[^"]+)"', response.content.decode())[
        1
    ]


def log_in(user, password=PASSWORD):
    client = client_for()
    client.post(reverse("login"), {"username": user.username, "password": password})
    return client


def is_logged_in(client):
    return client.get(reverse("account:own")).status_code == 200


class TestList:
    def test_it_shows_the_users_of_the_own_enterprise_only(self, client, legal, operator):
        stranger = make_user(display_name="赵别家")
        page = client.get(reverse("account:users")).content.decode()
        assert operator.username in page and legal.username in page
        assert stranger.username not in page and "赵别家" not in page

    def test_it_shows_logins_failures_and_locks(self, client, operator, settings):
        settings.LOGIN_FAILURES_ALLOWED = 2
        assert "从未登录" in client.get(reverse("account:users")).content.decode()
        log_in(operator)
        for _ in range(2):
            log_in(operator, "wrong")
        operator.refresh_from_db()
        assert operator.failures == 2
        page = client.get(reverse("account:users")).content.decode()
        assert "已锁定" in page and "1 分钟后自动解除" in page
        assert re.search(r"<strong class=\"figures\">2</strong> 次", page)
        assert operator.last_failure_from in page

    def test_a_login_begins_the_count_of_failures_anew(self, operator):
        log_in(operator, "wrong")
        assert User.objects.get(pk=operator.pk).failures == 1
        log_in(operator)
        assert User.objects.get(pk=operator.pk).failures == 0

    @pytest.mark.parametrize(("failures", "is_told"), [(2, False), (3, True)])
    def test_a_login_after_several_failures_tells_of_them(self, failures, is_told):
        user, client = make_user(), client_for()
        for _ in range(failures):
            client.post(reverse("login"), {"username": user.username, "password": "wrong"})
        page = client.post(
            reverse("login"), {"username": user.username, "password": PASSWORD}, follow=True
        ).content.decode()
        said = f"有 {failures} 次登录失败" in page
        assert said is is_told
        assert (client.defaults["REMOTE_ADDR"] in page) is is_told

    def test_ones_own_page_tells_what_was_changed_of_ones_account(self):
        administrator, user = make_user(Role.ADMINISTRATOR, display_name="李管理"), make_user()
        accounts.make_link(By(administrator, "203.0.113.9"), user)
        page = client_for(user).get(reverse("account:own")).content.decode()
        assert "生成设密链接" in page and "管理员" in page
        assert "李管理" not in page and "203.0.113.9" not in page
        assert (
            "生成设密链接"
            not in client_for(make_user()).get(reverse("account:own")).content.decode()
        )

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"keyword": "李操"}, {"李操作"}),
            ({"keyword": "没有"}, set()),
            ({"state": "disabled"}, {"孙离职"}),
            ({"state": "active"}, {"李操作", "王法人"}),
            ({"state": "nonsense", "page": "x"}, {"李操作", "孙离职", "王法人"}),
            ({"keyword": "孙", "state": "active"}, set()),
        ],
    )
    def test_it_can_be_searched(self, client, legal, operator, query, found):
        make_user(enterprise=legal.enterprise, display_name="孙离职", is_active=False)
        response = client.get(reverse("account:users"), query)
        shown = {user.display_name for user, _ in response.context["rows"]}
        assert shown - {HOLDER} == found
        if not found and query.get("state") != "disabled":
            assert "没有符合条件的用户" in response.content.decode()

    def test_two_hundred_users_cost_no_more_queries_than_two(
        self, client, legal, operator, django_assert_num_queries
    ):
        def queries(count):
            for _ in range(count):
                user = make_user(enterprise=legal.enterprise)
                client_for(user)
            with django_assert_num_queries(5):  # user, session, count, page, unread messages
                return client.get(reverse("account:users"))

        queries(1)
        response = queries(60)
        assert len(response.context["rows"]) == 50
        assert "1 - 50" in response.content.decode()
        assert len(client.get(reverse("account:users"), {"page": 2}).context["rows"]) == 14


class TestAdding:
    def add(self, client, **fields):
        fields = {"username": f"new{next_serial()}", "display_name": "周新人", **fields}
        return fields["username"], client.post(reverse("account:user_add"), fields)

    def test_an_operator_is_added_sets_his_password_by_the_link_and_gets_in(self, client, legal):
        username, response = self.add(client)
        user = User.objects.get(username=username)
        assert (user.role, user.enterprise) == (Role.OPERATOR, legal.enterprise)
        assert not user.has_usable_password()
        visitor = client_for()
        visitor.get(shown_link(response), follow=True)
        done = visitor.post(
            reverse("account:link_set"), {"new_password1": NEW, "new_password2": NEW}, follow=True
        )
        assert "密码已设置，请用新密码登录。" in done.content.decode()
        assert is_logged_in(log_in(user, NEW))

    def test_it_cannot_be_made_anything_but_an_operator_of_the_own_enterprise(self, client, legal):
        other = make_enterprise()
        username, _ = self.add(client, role=Role.ADMINISTRATOR, enterprise=other.pk, is_staff="on")
        user = User.objects.get(username=username)
        assert (user.role, user.enterprise) == (Role.OPERATOR, legal.enterprise)

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"username": ""}, "请输入用户名。"),
            ({"username": "ab"}, "用户名须为 3 至 64 位"),
            ({"username": "李操作员"}, "用户名须为 3 至 64 位"),
            ({"username": "a" * 65}, "用户名最多 64 个字符。"),
            ({"username": "abc\n"}, None),
            ({"display_name": " "}, "请输入姓名。"),
            ({"display_name": "名" * 65}, "姓名最多 64 个字符。"),
            ({"display_name": "a\0b"}, "请删除其中的特殊字符。"),
        ],
    )
    def test_wrong_input_gets_a_sentence_and_stores_nothing(self, client, fields, sentence):
        before = User.objects.count()
        _, response = self.add(client, **fields)
        if sentence is None:
            assert User.objects.filter(username="abc").exists()
            return
        assert sentence in response.content.decode()
        assert User.objects.count() == before

    def test_a_name_that_another_enterprise_uses_is_taken_in_any_case(self, client):
        taken = make_user(username=f"Taken{next_serial()}")
        _, response = self.add(client, username=taken.username.lower())
        assert "该用户名已被使用，请换一个。" in response.content.decode()

    def test_a_second_click_adds_nobody_twice(self, client):
        username, _ = self.add(client)
        _, again = self.add(client, username=username)
        assert "该用户名已被使用" in again.content.decode()
        assert User.objects.filter(username=username).count() == 1


class TestDisabling:
    def test_it_shuts_the_operator_out_on_his_next_request(self, client, operator):
        his = log_in(operator)
        assert is_logged_in(his)
        page = do(client, "disable", operator).content.decode()
        assert "已停用李操作的账号" in page
        assert not is_logged_in(his)
        assert not is_logged_in(log_in(operator))
        assert not UserSession.objects.filter(user=operator).exists()

    def test_enabling_lets_him_log_in_but_revives_no_session(self, client, operator):
        his = log_in(operator)
        do(client, "disable", operator)
        assert "已启用李操作的账号" in do(client, "enable", operator).content.decode()
        assert not is_logged_in(his)
        assert is_logged_in(log_in(operator))

    def test_a_second_click_changes_and_notes_nothing_more(self, client, operator):
        do(client, "disable", operator)
        assert "此前已停用" in do(client, "disable", operator).content.decode()
        kinds = ChangeEvent.objects.filter(user=operator).values_list("kind", flat=True)
        assert list(kinds) == [ChangeEvent.Kind.DISABLED]

    @pytest.mark.parametrize("what", ["disable", "enable", "unlock", "link", "sessions_end"])
    def test_a_legal_representative_manages_neither_himself_nor_another_nor_a_foreign_operator(
        self, client, legal, what
    ):
        client_for(legal)
        other = make_user(Role.LEGAL_REPRESENTATIVE, legal.enterprise)
        foreign = make_user()
        before = ChangeEvent.objects.count()
        assert "由管理员维护" in do(client, what, other).content.decode()
        assert do(client, what, foreign).status_code == 404
        if what != "sessions_end":
            assert "由管理员维护" in do(client, what, legal).content.decode()
        assert ChangeEvent.objects.count() == before
        for user in (legal, other, foreign):
            user.refresh_from_db()
            assert user.is_active and user.has_usable_password()

    def test_what_may_not_be_done_has_no_button(self, client, legal, operator):
        assert "停用账号" in page_of(client, operator)
        for user in (legal, make_user(Role.LEGAL_REPRESENTATIVE, legal.enterprise)):
            page = page_of(client, user)
            assert "停用账号" not in page and "设密链接" not in page


class TestUnlocking:
    def test_it_lets_the_operator_try_again_at_once(self, client, operator, settings):
        settings.LOGIN_FAILURES_ALLOWED = 2
        for _ in range(2):
            log_in(operator, "wrong")
        assert not is_logged_in(log_in(operator))
        assert "已锁定" in page_of(client, operator)
        assert "已解除李操作的登录锁定" in do(client, "unlock", operator).content.decode()
        assert is_logged_in(log_in(operator))
        event = last_event(operator)
        assert event.kind == ChangeEvent.Kind.UNLOCKED
        assert 0 < event.before["locked_seconds"] <= 60

    def test_without_a_lock_it_says_so_and_keeps_the_count(self, client, operator, settings):
        settings.LOGIN_FAILURES_ALLOWED = 2
        log_in(operator, "wrong")
        assert "没有被锁定" in do(client, "unlock", operator).content.decode()
        log_in(operator, "wrong")
        assert throttle.locked_for([operator.username])

    def test_locks_of_many_accounts_are_asked_for_by_any_spelling(self, settings):
        settings.LOGIN_FAILURES_ALLOWED = 1
        name = f"Zhang{next_serial()}"
        throttle.begin(name.upper(), "10.1.1.1")
        assert throttle.locked_for([name, f"nobody{next_serial()}"]).keys() == {name}


class TestHistory:
    def test_each_change_says_who_what_before_after_and_when(self, client, legal, operator):
        do(client, "disable", operator)
        event = last_event(operator)
        assert (event.actor, event.user, event.enterprise) == (legal, operator, legal.enterprise)
        assert (event.before, event.after) == ({"is_active": True}, {"is_active": False})
        assert event.address == client.defaults["REMOTE_ADDR"]
        page = client.get(reverse("account:events")).content.decode()
        for words in ("停用", "启用：是 → 否", "王法人", operator.username, event.address):
            assert words in page

    def test_it_shows_the_own_enterprises_events_only(self, client):
        other = make_user(Role.LEGAL_REPRESENTATIVE)
        theirs = make_user(enterprise=other.enterprise, display_name="赵别家")
        do(client_for(other), "disable", theirs)
        page = client.get(reverse("account:events")).content.decode()
        assert "赵别家" not in page and "还没有变更记录" in page

    def test_an_administrator_is_not_named_to_the_enterprise(self, client, operator):
        administrator = make_user(Role.ADMINISTRATOR, display_name="钱管理")
        ChangeEvent.objects.create(
            user=operator,
            enterprise=operator.enterprise,
            actor=administrator,
            address="10.9.9.9",
            kind=ChangeEvent.Kind.DISABLED,
        )
        page = client.get(reverse("account:events")).content.decode()
        assert "管理员" in page and "钱管理" not in page and "10.9.9.9" not in page

    def test_a_long_history_has_pages_and_costs_the_same(
        self, client, legal, operator, django_assert_num_queries
    ):
        ChangeEvent.objects.bulk_create(
            ChangeEvent(
                user=operator,
                enterprise=legal.enterprise,
                actor=legal,
                kind=ChangeEvent.Kind.ENABLED,
            )
            for _ in range(120)
        )
        with django_assert_num_queries(5):
            page = client.get(reverse("account:events"), {"page": 3})
        assert len(page.context["events"]) == 20


def test_a_new_installation_has_no_user_at_all():
    assert not User.objects.exists()
