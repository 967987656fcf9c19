import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from authorization import accounts, second_factor
from authorization.account_models import RecoveryCode
from authorization.change_models import ChangeEvent
from authorization.events import By
from authorization.models import Enterprise, Role, User
from catalogue.models import CatalogueImport
from comparison.models import ComparisonRun, FailedContent
from tests.factories import (
    PASSWORD,
    client_for,
    code_of,
    customs_code,
    make_authenticator,
    make_enterprise,
    make_user,
    next_serial,
    valid_uscc,
)

ROOMS = [
    "authorization", "catalogue", "declarations", "comparison", "messages_app", "customs_audit",
]  # fmt: skip
MODELS = [
    model
    for room in ROOMS
    for model in apps.get_app_config(room).get_models()
    # An authenticator is django-otp's row: nobody reads its secret, administrators neither.
    if not model._meta.proxy
]
# What grows with the declarations: a whole count of one of these must never be asked for.
COUNT = re.compile(r"COUNT\(", re.IGNORECASE)

pytestmark = pytest.mark.django_db


def list_url(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.fixture
def administrator():
    return make_user(Role.ADMINISTRATOR, display_name="李管理")


@pytest.fixture
def client(administrator):
    return client_for(administrator)


def test_every_table_of_every_room_is_registered():
    assert [model for model in MODELS if not admin.site.is_registered(model)] == []
    assert {
        model._meta.app_label
        for model in admin.site._registry
        if model.__module__.split(".")[0] != "django"
    } <= set(ROOMS)


def test_the_index_names_every_table_in_chinese(client):
    page = client.get(reverse("admin:index")).content.decode()
    assert "规范申报企业专属库 · 系统管理" in page
    for model in MODELS:
        assert list_url(model) in page
        assert re.search(r"[一-鿿]", str(model._meta.verbose_name_plural)), model


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
class TestEveryList:
    def test_it_opens_and_counts_no_whole_table(self, client, model):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(list_url(model)).status_code == 200
        counts = [query["sql"] for query in queries if COUNT.search(query["sql"])]
        assert [sql for sql in counts if "LIMIT 10000" not in sql] == []
        assert len(queries) <= 9

    def test_each_of_its_searches_runs(self, client, model):
        words = {
            "统一社会信用代码": valid_uscc(),
            "海关注册编码": customs_code(),
            "报关单号": "090920261000000001",
            "编码开头": "8482",
            "号列开头": "8482",
            "内容编号": "1",
            "运行编号": "1",
            "上传编号": "1",
            "序号": "1",
            "章号": "84",
            "章": "84",
            "税则号列": "84821020",
            "名称中的字": "轴承",
            "用户名": "wang",
            "首字母": "dlxg",
            "指纹": "0" * 64,
            "证书编号": "0" * 16,
            "2026-03-05）": "2026-03-05",
            "开头": "wang",
        }
        for search in admin.site._registry[model].searches:
            word = next(word for label, word in words.items() if search.label.endswith(label))
            response = client.get(list_url(model), {"q": word})
            assert response.status_code == 200
            assert "无法查找" not in response.content.decode()

    def test_a_word_that_nothing_can_find_gets_a_sentence(self, client, model):
        searches = admin.site._registry[model].searches
        if not searches or any(search.condition("!?") is not None for search in searches):
            return
        page = client.get(list_url(model), {"q": "!?"}).content.decode()
        assert "“!?”无法查找，请输入" in page

    def test_nothing_can_be_deleted_from_it(self, rf, administrator, model):
        request = rf.get("/")
        request.user = administrator
        # What may be done to rows: never Django's own deleting.
        allowed = {
            ComparisonRun: {"cancel_runs", "retry_runs"},
            FailedContent: {"retry_contents"},
        }
        found = admin.site._registry[model].get_actions(request)
        assert set(found) == allowed.get(model, set())
        assert not admin.site._registry[model].has_delete_permission(request)


# What an administrator may add by hand, and what he may change; everything else only looked at.
# Whatever he does on pages of their own (revoking, putting in force ...) is in the log of changes.
ADDED_BY_HAND = {User, CatalogueImport}
CHANGED_BY_HAND = {User}


def test_only_what_is_allowed_is_added_or_changed_by_hand_and_nothing_deleted(rf, administrator):
    request = rf.get("/")
    request.user = administrator
    may = {"add": set(), "change": set(), "delete": set()}
    for model, registered in admin.site._registry.items():
        for word, models in may.items():
            if getattr(registered, f"has_{word}_permission")(request):
                models.add(model)
        for inline in registered.get_inline_instances(request):
            for word in may:
                allowed = getattr(inline, f"has_{word}_permission")
                assert not (allowed(request, None)), (model, inline)
    assert may == {"add": ADDED_BY_HAND, "change": CHANGED_BY_HAND, "delete": set()}


@pytest.mark.parametrize(
    "model",
    [model for model in MODELS if model not in ADDED_BY_HAND],
    ids=lambda model: model._meta.label_lower,
)
def test_no_row_of_the_others_can_be_sent(client, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_add")).status_code == 403
    assert client.post(reverse(f"{name}_add"), {"name": "x"}).status_code == 403


class TestEnterprises:
    def change(self, client, enterprise, **fields):
        url = reverse("admin:authorization_enterprise_change", args=[enterprise.pk])
        codes = {"customs_codes-TOTAL_FORMS": 0, "customs_codes-INITIAL_FORMS": 0}
        return client.post(url, {**codes, **fields})

    def test_no_administrator_authorizes_one_by_hand(self, client):
        enterprise = make_enterprise(authorized=False)
        self.change(client, enterprise, is_authorized="on", authorized_until="2099-01-01")
        enterprise.refresh_from_db()
        assert not enterprise.is_authorized and enterprise.authorized_until is None

    def test_nor_takes_an_authorization_back_by_hand(self, client):
        enterprise = make_enterprise()
        self.change(client, enterprise)
        enterprise.refresh_from_db()
        assert enterprise.is_authorized

    def test_nothing_of_one_can_be_changed(self, client):
        enterprise = make_enterprise(name="大连虚构甲有限公司")
        self.change(client, enterprise, is_authorized="on", name="别的名称", uscc=valid_uscc())
        after = Enterprise.objects.get(pk=enterprise.pk)
        assert (after.name, after.uscc) == (enterprise.name, enterprise.uscc)

    def test_none_can_be_added_or_deleted(self, client):
        enterprise = make_enterprise()
        assert client.get(reverse("admin:authorization_enterprise_add")).status_code == 403
        url = reverse("admin:authorization_enterprise_delete", args=[enterprise.pk])
        assert client.post(url, {"post": "yes"}).status_code == 403
        assert Enterprise.objects.filter(pk=enterprise.pk).exists()

    def test_its_codes_cannot_be_changed_with_it(self, client):
        enterprise = make_enterprise()
        code = enterprise.customs_codes.get()
        self.change(
            client,
            enterprise,
            **{
                "is_authorized": "on",
                "customs_codes-TOTAL_FORMS": 1,
                "customs_codes-INITIAL_FORMS": 1,
                "customs_codes-0-id": code.pk,
                "customs_codes-0-enterprise": enterprise.pk,
                "customs_codes-0-code": customs_code(),
                "customs_codes-0-DELETE": "on",
            },
        )
        assert enterprise.customs_codes.get().code == code.code

    @pytest.mark.parametrize("by", ["uscc", "code", "name"])
    def test_one_is_found_by_either_code_and_by_a_word_of_its_name(self, client, by):
        enterprise, other = make_enterprise(), make_enterprise()
        word = {
            "uscc": enterprise.uscc,
            "code": enterprise.customs_codes.get().code,
            "name": enterprise.name,
        }[by]
        found = client.get(list_url(Enterprise), {"q": word}).context["cl"].result_list
        assert enterprise in found and other not in found

    def test_the_field_of_a_user_finds_one_by_name(self, client):
        enterprise = make_enterprise()
        response = client.get(
            reverse("admin:autocomplete"),
            {
                "app_label": "authorization",
                "model_name": "user",
                "field_name": "enterprise",
                "term": enterprise.name,
            },
        )
        assert [one["id"] for one in response.json()["results"]] == [str(enterprise.pk)]


class TestUsers:
    def add(self, client, **fields):
        fields = {
            "username": f"new{next_serial()}",
            "display_name": "王新",
            **fields,
        }
        return fields["username"], client.post(reverse("admin:authorization_user_add"), fields)

    def change(self, client, user, **fields):
        stored = {
            "username": user.username,
            "display_name": user.display_name,
            "role": user.role,
            "enterprise": user.enterprise_id or "",
        }
        merged = {name: value for name, value in {**stored, **fields}.items() if value is not None}
        return client.post(reverse("admin:authorization_user_change", args=[user.pk]), merged)

    def act(self, client, user, action, **fields):
        url = reverse("admin:authorization_user_account_action", args=[user.pk, action])
        return client.post(url, fields, follow=True)

    def test_an_operator_is_added_gets_a_link_and_can_log_in(self, client, administrator):
        enterprise = make_enterprise()
        name, response = self.add(client, role=Role.OPERATOR, enterprise=enterprise.pk)
        user = User.objects.get(username=name)
        assert response.url == reverse("admin:authorization_user_account", args=[user.pk])
        assert user.enterprise == enterprise and not user.has_usable_password()
        page = self.act(client, user, "link").content.decode()
        visitor = client_for()
        visitor.get(re.search(r'value="http://testserver([^"]+)"', page)[1])
        new = "qiu-feng-luo-ye-9"
        visitor.post(reverse("account:link_set"), {"new_password1": new, "new_password2": new})
        visitor.post(reverse("login"), {"username": name, "password": new})
        assert visitor.session["_auth_user_id"] == str(user.pk)
        kinds = ChangeEvent.objects.filter(user=user, actor=administrator)
        assert set(kinds.values_list("kind", flat=True)) == {"added", "link_made"}

    @pytest.mark.parametrize(
        ("role", "with_enterprise"),
        [(Role.OPERATOR, False), (Role.LEGAL_REPRESENTATIVE, False), (Role.OFFICER, True)],
    )
    def test_a_role_and_an_enterprise_that_do_not_fit_are_refused(
        self, client, role, with_enterprise
    ):
        enterprise = make_enterprise().pk if with_enterprise else ""
        name, response = self.add(client, role=role, enterprise=enterprise)
        assert "企业操作员和企业法人必须属于一家企业" in response.content.decode()
        assert not User.objects.filter(username=name).exists()

    def test_a_disabled_user_is_out_at_once_and_stays_out(self, client):
        user = make_user()
        visitor = client_for(user)
        assert visitor.get(reverse("home")).status_code == 200
        assert "已停用" in self.act(client, user, "disable").content.decode()
        assert visitor.get(reverse("home")).url.startswith(reverse("login"))
        visitor.post(reverse("login"), {"username": user.username, "password": PASSWORD})
        assert visitor.get(reverse("home")).status_code == 302
        self.act(client, user, "enable")
        visitor.post(reverse("login"), {"username": user.username, "password": PASSWORD})
        assert visitor.get(reverse("home")).status_code == 200

    def test_its_account_page_says_why_a_user_cannot_get_in_and_unlocks(self, client, settings):
        settings.LOGIN_FAILURES_ALLOWED = 1
        user = make_user(enterprise=make_enterprise(authorized=False))
        client_for().post(reverse("login"), {"username": user.username, "password": "wrong"})
        url = reverse("admin:authorization_user_account", args=[user.pk])
        page = client.get(url).content.decode()
        for words in ("已锁定", "无有效授权", '<strong class="figures">1</strong> 次', "从未登录"):
            assert words in page
        assert "已解除" in self.act(client, user, "unlock").content.decode()
        assert "已锁定" not in client.get(url).content.decode()

    def test_the_sessions_of_any_user_can_be_ended(self, client):
        user = make_user(Role.OFFICER)
        first, second = client_for(user), client_for(user)
        self.act(client, user, "sessions", session=first.session["noted_session"])
        assert first.get(reverse("help")).wsgi_request.user.is_anonymous
        assert second.get(reverse("account:own")).status_code == 200
        self.act(client, user, "sessions")
        assert second.get(reverse("account:own")).status_code == 302

    def test_what_is_no_action_or_no_user_is_404(self, client):
        user = make_user()
        assert self.act(client, user, "delete").status_code == 404
        url = reverse("admin:authorization_user_account_action", args=[user.pk, "disable"])
        assert client.get(url).status_code == 404
        assert client.get("/admin/authorization/user/999999999/account/").status_code == 404

    def test_a_users_name_stays_since_signed_texts_name_him_by_it(self, client):
        user = make_user(Role.LEGAL_REPRESENTATIVE, make_enterprise())
        self.change(client, user, username="another-name", display_name="改名")
        before = user.username
        user.refresh_from_db()
        assert (user.username, user.display_name) == (before, "改名")

    def test_a_user_moves_to_another_enterprise(self, client):
        user, elsewhere = make_user(), make_enterprise()
        self.change(client, user, enterprise=elsewhere.pk)
        was = user.enterprise
        user.refresh_from_db()
        assert user.enterprise == elsewhere
        event = ChangeEvent.objects.get(user=user)
        assert event.before == {"enterprise": str(was)}
        assert event.after == {"enterprise": str(elsewhere)}
        listed = client.get(reverse("admin:authorization_changeevent_changelist"))
        assert f"企业：{was} → {elsewhere}" in listed.content.decode()

    def test_a_changed_role_ends_the_open_sessions_and_a_changed_name_does_not(self, client):
        user = make_user()
        visitor = client_for(user)
        self.change(client, user, display_name="改名")
        assert visitor.get(reverse("home")).status_code == 200
        user.refresh_from_db()
        self.change(client, user, role=Role.LEGAL_REPRESENTATIVE)
        assert visitor.get(reverse("home")).status_code == 302

    def test_administrators_cannot_lock_themselves_out(self, client, administrator):
        disabled = self.act(client, administrator, "disable")
        assert "不能停用自己的账号" in disabled.content.decode()
        demoted = self.change(client, administrator, role=Role.OFFICER)
        assert "不能更改自己的角色" in demoted.content.decode()
        administrator.refresh_from_db()
        assert administrator.is_superuser

    def test_its_page_never_shows_the_stored_password(self, client):
        user = make_user()
        url = reverse("admin:authorization_user_change", args=[user.pk])
        assert user.password.split("$")[-1] not in client.get(url).content.decode()
        assert "password" not in client.get(url).context["adminform"].form.fields

    def test_none_can_be_deleted(self, client):
        user = make_user()
        url = reverse("admin:authorization_user_delete", args=[user.pk])
        assert client.post(url, {"post": "yes"}).status_code == 403
        assert User.objects.filter(pk=user.pk).exists()

    def test_the_form_of_a_user_offers_no_list_of_all_enterprises(self, client):
        strangers = [make_enterprise() for _ in range(3)]
        user = make_user()
        page = client.get(reverse("admin:authorization_user_change", args=[user.pk]))
        assert str(user.enterprise) in page.content.decode()
        for stranger in strangers:
            assert stranger.name not in page.content.decode()


class TestSite:
    def test_its_login_is_the_portals(self):
        assert client_for().get("/admin/").url == "/login/?next=/admin/"
        assert client_for().get("/admin/login/").url.startswith("/login/")

    def test_its_login_page_lets_nobody_guess_passwords(self):
        user = make_user(Role.ADMINISTRATOR)
        visitor = client_for()
        visitor.post("/admin/login/", {"username": user.username, "password": PASSWORD})
        assert "_auth_user_id" not in visitor.session

    def test_its_password_page_is_the_portals(self, client):
        assert client.get(reverse("admin:password_change")).url == reverse("password_change")

    def test_it_logs_out(self, client):
        assert client.post(reverse("admin:logout")).url == reverse("login")
        assert "_auth_user_id" not in client.session


def test_no_page_of_the_site_shows_a_hash_of_a_link_or_a_recovery_code(client, administrator):
    link, _ = accounts.make_link(By(administrator), make_user())
    proof = code_of(make_authenticator(administrator))
    second_factor.new_recovery_codes(By(administrator), administrator, proof)
    code = RecoveryCode.objects.filter(user=administrator).first()
    for row, kept in ((link, link.token_hash), (code, code.code_hash)):
        name = f"admin:authorization_{row._meta.model_name}_change"
        page = client.get(reverse(name, args=[row.pk]))
        assert page.status_code == 200
        assert kept not in page.content.decode()
