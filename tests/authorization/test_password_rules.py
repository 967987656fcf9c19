import gzip
import re
import time
from pathlib import Path

import django.contrib.auth
import pytest
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from authorization import accounts
from authorization.events import By
from authorization.models import CustomsCode, Role, User
from authorization.passwords import CONTEXT_WORDS
from tests.factories import client_for, make_enterprise, make_user

pytestmark = pytest.mark.django_db
COMMON = Path(django.contrib.auth.__file__).with_name("common-passwords.txt.gz")


def refusals(password, user=None):
    """Give the sentences by which a password is refused; none where it is taken."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return error.messages
    return []


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "lan-tian-bai-yun-7",
        "只有小写字母也可以用作密码",
        "qvzmxwplkt",
        "8264 1973 5501 77",
        "  前后的空格也算  ",
        "🚢🌊" * 3 + "-Vq7trm",
        "x9" + "lantern-orbit-plum " * 12,
    ],
)
def test_any_kind_of_characters_and_any_length_will_do(password):
    assert not refusals(password)


def test_each_refusal_is_one_sentence():
    for password in ("a", "password123", "haiguan2026", "zhangsan1990", "aaaaaaaaaaaaaaaa"):
        (sentence,) = refusals(password)
        assert sentence.startswith(("密码", "这个密码")), sentence


def test_nine_characters_are_too_few_and_ten_enough():
    assert "至少要有 10 个字符" in refusals("vq7trm29x")[0]
    assert not refusals("vq7trm29xk")


def test_every_common_password_of_ten_characters_or_more_is_refused():
    words = gzip.decompress(COMMON.read_bytes()).decode().split()
    listed = {word for word in (*words, *FREQUENCY_LISTS["passwords"]) if len(word) >= 10}
    assert len(listed) > 2_400
    taken = {word for word in listed if not refusals(word)}
    # What only zxcvbn lists among its 30,000, as several words or a long hash.
    assert len(taken) < 0.02 * len(listed), sorted(taken)[:50]


def test_the_three_thousand_commonest_passwords_are_refused_when_lengthened():
    commonest = FREQUENCY_LISTS["passwords"][:3_000]
    tails = ("123456", "1234567890", "2026", "!!!!", "000000")
    made = {
        longer
        for word in commonest
        for longer in (word * 2, *(word + tail for tail in tails))
        if len(longer) >= 10
    }
    assert len(made) > 12_000
    taken = [word for word in sorted(made)[::7] if not refusals(word)]
    assert len(taken) < 0.01 * len(made) / 7, taken[:50]


@pytest.mark.parametrize(
    "password",
    ["woaini1314520", "zhangsan1990", "wang19880808", "1qaz2wsx3edc4rfv", "P@ssw0rd2026", "q" * 70],
)
def test_what_people_often_take_is_refused(password):
    assert "容易" in refusals(password)[0] or "常见" in refusals(password)[0]


@pytest.mark.parametrize("word", CONTEXT_WORDS)
def test_no_word_of_the_portal_makes_a_password(word):
    for password in (f"{word}2026!!", f"{word * 3}-", f"{word.upper()}_{word}_1"):
        assert refusals(password), password


def test_a_word_of_the_portal_may_stand_in_a_longer_password():
    assert not refusals("customs-lantern-orbit-42")


def test_nor_does_a_name_with_a_little_change():
    user = make_user(username="hai-feng-zhang", display_name="张海风")
    assert "用户名" in refusals("hai-feng-zhan", user)[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda user: f"{user.enterprise.name}1",
        lambda user: f"#{user.enterprise.uscc}#",
        lambda user: f"{user.enterprise.uscc[8:17].lower()}-88",
        lambda user: f"{CustomsCode.objects.get(enterprise=user.enterprise).code}aB#",
        lambda user: f"{user.display_name * 3}99",
        lambda user: f"{user.username}-xK9",
        lambda user: f"ｘ{user.username.upper()}１",
    ],
)
def test_nor_does_a_word_of_the_enterprise_or_the_user(make):
    user = make_user(
        Role.OPERATOR,
        username="jiu-zhou-zhang",
        display_name="欧阳小三",
        enterprise=make_enterprise(name="大连虚构进出口贸易有限公司"),
    )
    CustomsCode.objects.filter(enterprise=user.enterprise).delete()
    CustomsCode.objects.create(code="2102960XYZ", enterprise=user.enterprise)
    assert refusals(make(user), user)


def test_an_officer_has_no_enterprise_to_ask_about():
    assert not refusals("correct horse battery", make_user(Role.OFFICER))
    assert refusals("officer", User(username="officer", display_name="海关人员"))


def test_a_very_long_password_is_checked_at_once():
    began = time.perf_counter()
    refusals("4@310$7a1" * 500)
    assert time.perf_counter() - began < 1


class TestFields:
    @pytest.mark.parametrize(
        ("page", "names"),
        [
            ("login", {"password": "current-password"}),
            (
                "password_change",
                {
                    "old_password": "current-password",
                    "new_password1": "new-password",
                    "new_password2": "new-password",
                },
            ),
            (
                "account:link_set",
                {"new_password1": "new-password", "new_password2": "new-password"},
            ),
        ],
    )
    def test_they_hide_what_is_typed_and_let_password_managers_in(self, page, names):
        user = make_user()
        client = client_for(None if page == "login" else user)
        if page == "account:link_set":
            client.get(reverse("account:link", args=[accounts.make_link(By(None), user)[1]]))
        html = client.get(reverse(page)).content.decode()
        fields = [tag for tag in re.findall(r"<input[^>]*>", html) if "assword" in tag]
        fields = [tag for tag in fields if 'name="' in tag]
        assert len(fields) == len(names)
        for tag in fields:
            name = re.search(r'name="(\w+)"', tag)[1]
            assert 'type="password"' in tag and "maxlength" not in tag and "readonly" not in tag
            assert f'autocomplete="{names[name]}"' in tag

    def test_no_script_of_ours_keeps_anybody_from_pasting(self):
        scripts = [*Path(settings.BASE_DIR, "static").rglob("*.js")]
        # The officers' grid takes cells from Excel; pages with a password know nothing of it.
        grid = Path(settings.BASE_DIR, "static", "customs_audit")
        ours = [path for path in scripts if "vendor" not in path.parts and grid not in path.parents]
        assert len(ours) > 4
        for path in ours:
            assert not re.search(r"paste|oncopy|contextmenu", path.read_text()), path

    def test_a_password_is_taken_as_it_was_typed(self):
        user = make_user()
        password = "  Ｖｑ７ 蓝色的-小船 Ünïcode " + "lantern-orbit-" * 12
        client = client_for()
        client.get(reverse("account:link", args=[accounts.make_link(By(None), user)[1]]))
        new = {"new_password1": password, "new_password2": password}
        assert client.post(reverse("account:link_set"), new).status_code == 302
        for wrong in (password.strip(), password.lower(), password[:-1], password[:72]):
            assert not log_in(user, wrong)
        assert log_in(user, password)


def log_in(user, password):
    client = client_for()
    client.post(reverse("login"), {"username": user.username, "password": password})
    return client.get(reverse("account:own")).status_code == 200
