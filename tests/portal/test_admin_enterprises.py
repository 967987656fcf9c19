"""An enterprise's page in the administrators' site, finding it, and correcting it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from authorization import accounts
from authorization.events import By
from authorization.models import Enterprise, Role
from tests.factories import client_for, customs_code, make_enterprise, make_user, valid_uscc

pytestmark = pytest.mark.django_db
LIST = "admin:authorization_enterprise_changelist"


@pytest.fixture
def client():
    return client_for(make_user(Role.ADMINISTRATOR))


def url(word, enterprise):
    return reverse(f"admin:authorization_enterprise_{word}", args=[enterprise.pk])


def page_of(client, enterprise):
    return client.get(url("change", enterprise)).content.decode()


class TestFinding:
    def test_the_only_one_found_opens_at_once(self, client):
        enterprise = make_enterprise("大连虚构独一有限公司")
        for word in ("duyi", "独一", enterprise.uscc):
            found = client.get(reverse("admin:authorization_enterprise_find"), {"q": word})
            assert found.url == url("change", enterprise)

    def test_several_or_none_are_a_list(self, client):
        one, other = (make_enterprise(f"大连虚构同名{word}有限公司") for word in "甲乙")
        found = client.get(reverse("admin:authorization_enterprise_find"), {"q": "同名"})
        page = client.get(found.url).content.decode()
        assert one.name in page and other.name in page
        nothing = client.get(
            reverse("admin:authorization_enterprise_find"), {"q": "没有的"}, follow=True
        )
        assert "没有符合条件的记录" in nothing.content.decode()
        assert client.get(reverse("admin:authorization_enterprise_find")).url == reverse(LIST)

    def test_words_that_too_many_have_get_a_hint(self, client, monkeypatch):
        monkeypatch.setattr("authorization.admin_enterprises.MOST_FOUND", 2)
        for _ in range(3):
            make_enterprise(authorized=False)
        monkeypatch.setattr(
            "authorization.admin_enterprises.enterprises_named",
            lambda word, most=2: list(Enterprise.objects.values_list("pk", flat=True)[:2]),
        )
        page = client.get(reverse(LIST), {"q": "虚构"}).content.decode()
        assert "只列出其中 2 家" in page
        choice = {"app_label": "authorization", "model_name": "user", "field_name": "enterprise"}
        client.get(reverse("admin:autocomplete"), choice | {"term": "虚构"})
        assert "只列出其中" not in client.get(reverse(LIST)).content.decode()


class TestPage:
    def test_it_says_of_each_user_why_he_cannot_get_in_and_leads_there(self, client):
        enterprise = make_enterprise(authorized=False)
        holder = make_user(Role.LEGAL_REPRESENTATIVE, enterprise)
        user = accounts.add_operator(By(None), enterprise, "xinlai1", "王新来")
        page = page_of(client, enterprise)
        for words in ("为何不能进入", "从未授权", "没有可用的设密链接", "登录有障碍", "可以登录"):
            assert words in page
        account = reverse("admin:authorization_user_account", args=[user.pk])
        assert account in page
        assert "没有可用的设密链接" in client.get(account).content.decode()
        assert holder.username in page

    def test_one_in_force_says_so(self, client):
        enterprise = make_enterprise()
        make_user(enterprise=enterprise)
        page = page_of(client, enterprise)
        assert "企业这一关没有障碍" in page and url("revoke", enterprise) in page
        assert "查看证据" in page

    def test_one_without_anything_has_words_for_each_empty_part(self, client):
        page = page_of(client, Enterprise.objects.create())
        for words in ("还没有用户", "从未授权", "还没有刷过卡", "还没有变更", "补全代码"):
            assert words in page

    def test_another_number_leads_back_with_a_sentence(self, client):
        missing = reverse("admin:authorization_enterprise_change", args=[999_999_999])
        assert client.get(missing).status_code == 302

    def test_it_costs_as_many_queries_for_many_users_as_for_one(self, client):
        enterprise = make_enterprise()

        def cost():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url("change", enterprise)).status_code == 200
            return len(queries)

        make_user(enterprise=enterprise)
        few = cost()
        for _ in range(60):
            make_user(enterprise=enterprise)
        assert cost() == few <= 16
        assert "只列出前 50 人" in page_of(client, enterprise)

    def test_the_link_for_a_new_user_fills_in_enterprise_and_role(self, client):
        enterprise = Enterprise.objects.create(uscc=valid_uscc(), name="大连虚构新增有限公司")
        wanted = {"enterprise": enterprise.pk, "role": "legal_representative"}
        page = client.get(reverse("admin:authorization_user_add"), wanted).content.decode()
        assert "大连虚构新增有限公司" in page
        assert '<option value="legal_representative" selected>' in page


class TestCorrecting:
    def test_a_code_is_completed(self, client):
        enterprise, uscc = make_enterprise("大连虚构补全有限公司", uscc=None), valid_uscc()
        sent = {"name": enterprise.name, "uscc": uscc}
        assert client.post(url("correct", enterprise), sent).url == url("change", enterprise)
        page = page_of(client, enterprise)
        assert uscc in page and "更正企业信息" in page and f"统一社会信用代码：— → {uscc}" in page

    def test_a_wrong_one_is_kept_with_a_sentence(self, client):
        enterprise = make_enterprise(uscc=None)
        sent = {"name": "改了的名称", "uscc": "91210200MA0000000"}
        page = client.post(url("correct", enterprise), sent).content.decode()
        assert "应为 18 位" in page and "改了的名称" in page and "91210200MA0000000" in page

    def test_a_code_with_evidence_cannot_be_typed_over_and_is_refused_if_sent(self, client):
        enterprise = make_enterprise()
        page = client.get(url("correct", enterprise)).content.decode()
        assert "readonly" in page and "代码不能再更改" in page
        sent = {"name": enterprise.name, "uscc": valid_uscc()}
        page = client.post(url("correct", enterprise), sent).content.decode()
        assert "会使授权证据失效" in page

    def test_joining_is_asked_for_first(self, client):
        absorbed, staying = make_enterprise(uscc=None), make_enterprise()
        sent = {"name": absorbed.name, "uscc": staying.uscc}
        page = client.post(url("correct", absorbed), sent).content.decode()
        assert "合并两家企业" in page and staying.name in page and "确定合并" in page
        assert Enterprise.objects.filter(pk=absorbed.pk).exists()
        joined = client.post(url("correct", absorbed), sent | {"join": "1"})
        assert joined.url == url("change", staying)
        assert not Enterprise.objects.filter(pk=absorbed.pk).exists()
        assert "合并企业" in page_of(client, staying)

    def test_a_customs_code_is_registered(self, client):
        enterprise, code = make_enterprise(), customs_code()
        client.post(url("customs_code", enterprise), {"code": code})
        assert code in page_of(client, enterprise)
        again = client.post(url("customs_code", enterprise), {"code": code}).content.decode()
        assert "无需重复登记" in again

    @pytest.mark.parametrize("word", ["revoke", "correct", "customs_code"])
    def test_there_is_nothing_to_do_for_an_enterprise_that_is_none(self, client, word):
        address = reverse(f"admin:authorization_enterprise_{word}", args=[999_999_999])
        assert client.get(address).status_code == 404
