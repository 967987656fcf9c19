import pytest
from django.urls import reverse

from authorization.models import Role
from tests.factories import PASSWORD, client_for, make_enterprise, make_user

pytestmark = pytest.mark.django_db
NEW = "gao-shan-liu-shui-5"


def change(client, old=PASSWORD, new=NEW, again=None):
    fields = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post(reverse("password_change"), fields, follow=True)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_changes_its_own_password_and_stays_logged_in(role):
    user = make_user(role)
    client = client_for(user)
    page = change(client).content.decode()
    assert "密码已修改" in page
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert client.get(reverse("password_change")).status_code == 200


def test_it_is_open_before_the_enterprise_is_authorized():
    user = make_user(enterprise=make_enterprise(authorized=False))
    change(client_for(user))
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_every_other_session_of_the_account_ends():
    user = make_user()
    here, elsewhere = client_for(user), client_for(user)
    change(here)
    assert elsewhere.get(reverse("home")).url.startswith(reverse("login"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old": "wrong"}, "原密码不正确，请重新输入。"),
        ({"again": "something-else-1"}, "两次输入的新密码不一致，请重新输入。"),
        ({"new": "duan"}, "密码太短"),
        ({"new": "password123"}, "常见"),
        ({"new": PASSWORD}, "新密码不能与原密码相同，请另设一个。"),
    ],
)
def test_each_refusal_says_why_and_changes_nothing(fields, sentence):
    user = make_user()
    response = change(client_for(user), **fields)
    assert sentence in response.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_new_password_is_no_way_to_find_out_the_old_one():
    page = change(client_for(make_user()), old="a-wrong-guess", new=PASSWORD).content.decode()
    assert "不能与原密码相同" not in page


def test_the_old_password_cannot_be_guessed_at_an_open_session(settings):
    settings.LOGIN_FAILURES_ALLOWED = 3
    user = make_user()
    client = client_for(user)
    for _ in range(3):
        assert "原密码不正确" in change(client, old="a-guess").content.decode()
    assert "密码错误次数过多，请在 1 分钟后再试。" in change(client).content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
