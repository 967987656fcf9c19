import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from authorization.models import Enterprise, Role, User
from catalogue.models import CatalogueImport
from tests.factories import (
    PASSWORD,
    client_for,
    customs_code,
    make_enterprise,
    make_user,
    next_serial,
    valid_uscc,
)

ROOMS = ["authorization", "catalogue", "declarations", "comparison", "messages_app"]
MODELS = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
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
            "章号": "84",
            "名称中的字": "轴承",
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
        assert admin.site._registry[model].get_actions(request) == {}
        assert not admin.site._registry[model].has_delete_permission(request)


@pytest.mark.parametrize(
    "model",
    [model for model in MODELS if model not in {Enterprise, User, CatalogueImport}],
    ids=lambda model: model._meta.label_lower,
)
def test_all_tables_but_enterprises_users_and_uploads_can_only_be_looked_at(client, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_add")).status_code == 403


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
            "password1": "qiu-feng-luo-ye-9",
            "password2": "qiu-feng-luo-ye-9",
            **fields,
        }
        return fields["username"], client.post(reverse("admin:authorization_user_add"), fields)

    def change(self, client, user, **fields):
        stored = {
            "username": user.username,
            "display_name": user.display_name,
            "role": user.role,
            "enterprise": user.enterprise_id or "",
            "is_active": "on",
        }
        merged = {name: value for name, value in {**stored, **fields}.items() if value is not None}
        return client.post(reverse("admin:authorization_user_change", args=[user.pk]), merged)

    def test_an_operator_is_added_and_can_log_in(self, client):
        enterprise = make_enterprise()
        name, response = self.add(client, role=Role.OPERATOR, enterprise=enterprise.pk)
        assert response.status_code == 302
        user = User.objects.get(username=name)
        assert user.enterprise == enterprise
        visitor = client_for()
        visitor.post(reverse("login"), {"username": name, "password": "qiu-feng-luo-ye-9"})
        assert visitor.session["_auth_user_id"] == str(user.pk)

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

    def test_a_weak_password_is_refused(self, client):
        name, response = self.add(
            client, role=Role.OFFICER, password1="password", password2="password"
        )
        assert response.status_code == 200
        assert not User.objects.filter(username=name).exists()

    def test_a_disabled_user_is_out_at_once_and_stays_out(self, client):
        user = make_user()
        visitor = client_for(user)
        assert visitor.get(reverse("home")).status_code == 200
        self.change(client, user, is_active=None)
        assert visitor.get(reverse("home")).url.startswith(reverse("login"))
        visitor.post(reverse("login"), {"username": user.username, "password": PASSWORD})
        assert visitor.get(reverse("home")).status_code == 302

    def test_a_new_password_ends_the_sessions_of_the_old_one(self, client):
        user = make_user()
        visitor = client_for(user)
        response = client.post(
            reverse("admin:auth_user_password_change", args=[user.pk]),
            {
                "password1": "xin-mi-ma-2-hao",
                "password2": "xin-mi-ma-2-hao",
                "usable_password": "true",
            },
        )
        assert response.status_code == 302
        user.refresh_from_db()
        assert user.check_password("xin-mi-ma-2-hao")
        assert visitor.get(reverse("home")).url.startswith(reverse("login"))

    def test_a_user_moves_to_another_enterprise(self, client):
        user, elsewhere = make_user(), make_enterprise()
        self.change(client, user, enterprise=elsewhere.pk)
        user.refresh_from_db()
        assert user.enterprise == elsewhere

    def test_administrators_cannot_lock_themselves_out(self, client, administrator):
        disabled = self.change(client, administrator, is_active=None)
        assert "不能停用自己的账号" in disabled.content.decode()
        demoted = self.change(client, administrator, role=Role.OFFICER)
        assert "不能更改自己的角色" in demoted.content.decode()
        administrator.refresh_from_db()
        assert administrator.is_superuser

    def test_its_page_never_shows_the_stored_password(self, client):
        user = make_user()
        url = reverse("admin:authorization_user_change", args=[user.pk])
        assert user.password.split("$")[-1] not in client.get(url).content.decode()

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
