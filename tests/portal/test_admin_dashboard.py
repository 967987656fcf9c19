"""The administrators' first page, certificates and lists, code tables."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from authorization.cards.making import make_crl
from authorization.models import CardAttempt, Enterprise, Role
from comparison.models import ComparisonRun
from comparison.working import work_outbox
from declarations import code_tables
from declarations.admin_code_tables import TABLES
from tests import world
from tests.cards import card_settings, make_world
from tests.factories import client_for, make_enterprise, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return client_for(make_user(Role.ADMINISTRATOR))


def index(client):
    return client.get(reverse("admin:index"))


def refuse(enterprise, at=None, refusal="revoked"):
    CardAttempt.objects.create(
        enterprise=enterprise,
        user=make_user(Role.LEGAL_REPRESENTATIVE, enterprise),
        purpose="authorize",
        refusal=refusal,
        tried_at=at or timezone.now(),
    )


def test_with_nothing_to_do_each_part_says_so(client):
    page = index(client).content.decode()
    for words in ("没有被拒的刷卡", "都已授权", "没有到期的授权", "没有失败的比对"):
        assert words in page


def test_cards_refused_today_are_counted_by_enterprise(client):
    enterprise, other = make_enterprise(authorized=False), make_enterprise(authorized=False)
    refuse(enterprise)
    refuse(enterprise, refusal="not_legal_person")
    refuse(other, timezone.now() - timedelta(days=1, hours=1))
    [found] = index(client).context["refused"]
    assert (found.enterprise, found.times) == (enterprise, 2)
    assert "操作员卡不能授权" in found.why


def test_who_waits_with_data_and_users_is_listed(client):
    parties = [make_enterprise(authorized=False) for _ in range(3)]
    with_data, no_user, no_data = parties
    for number, enterprise in enumerate((with_data, no_user), 1):
        party = world.Party.of(enterprise)
        world.declare(world.Row(line=number, text=world.SOFA, agent=party, trader=party))
    work_outbox()
    for enterprise in (with_data, no_data):
        make_user(enterprise=enterprise)
    assert index(client).context["waiting"] == [with_data]


def test_authorizations_about_to_end_or_just_ended_are_listed_by_their_end(client):
    made = {days: make_enterprise() for days in (-40, -3, 5, 400)}
    for days, enterprise in made.items():
        until = timezone.now() + timedelta(days=days)
        Enterprise.objects.filter(pk=enterprise.pk).update(authorized_until=until)
    response = index(client)
    assert response.context["ending"] == [made[-3], made[5]]
    assert "已于" in response.content.decode()


def test_failed_runs_of_the_last_week_are_listed(client):
    run = ComparisonRun.objects.create(scope="increment", state="failed", error="中断")
    ComparisonRun.objects.create(scope="full", state="done")
    ComparisonRun.objects.create(
        scope="full", state="failed", started_at=timezone.now() - timedelta(days=9)
    )
    assert index(client).context["failed_runs"] == [run]


def test_it_is_quick_and_counts_nothing(client):
    for _ in range(3):
        refuse(make_enterprise(authorized=False))
    with CaptureQueriesContext(connection) as queries:
        index(client)
    assert len(queries) <= 14
    for query in queries:
        assert "COUNT(" not in query["sql"].upper()
        is_own = "session" in query["sql"] or '"authorization_user"."id" = ' in query["sql"]
        assert is_own or "LIMIT" in query["sql"] or "IN (" in query["sql"], query["sql"]


class TestTrust:
    @pytest.fixture
    def folder(self, settings, tmp_path):
        for name, value in card_settings(tmp_path).items():
            setattr(settings, name, value)
        make_world().install(tmp_path)
        return tmp_path

    def test_everything_configured_is_told(self, client, folder):
        page = client.get(reverse("admin:card_trust")).content.decode()
        for words in (
            "测试专用根证书",
            "测试专用证书管理中心",
            "rsa-intermediate.crl",
            "256",
            str(folder / "crls"),
            "CARD_ROOTS",
            "CARD_OCSP_URLS",
            "正常",
        ):
            assert words in page

    def test_a_problem_shows_there_and_on_the_first_page(self, client, folder):
        authority = make_world().rsa
        old = make_crl(
            authority.intermediate, {}, authority.now - timedelta(days=9), timedelta(days=1)
        )
        (folder / "crls" / "rsa-intermediate.crl").write_bytes(old)
        for name in ("admin:card_trust", "admin:index"):
            page = client.get(reverse(name)).content.decode()
            assert "rsa-intermediate.crl：已过期，请更新为新发布的列表" in page

    def test_a_responder_that_nobody_answers_at_is_told_after_a_check(
        self, client, folder, settings
    ):
        settings.CARD_OCSP_URLS = ["http://127.0.0.1:9/"]
        assert "还没有检查" in client.get(reverse("admin:card_trust")).content.decode()
        page = client.post(reverse("admin:card_trust"), follow=True).content.decode()
        assert "已重新检查全部文件和 OCSP 服务" in page
        assert "没有可用的应答" in page and "http://127.0.0.1:9/" in page


class TestCodeTables:
    def test_every_table_is_there_to_read(self, client):
        for table in TABLES:
            page = client.get(reverse("admin:code_tables"), {"table": table.word}).content.decode()
            code, name = next(iter(table.rows().items()))
            assert code in page and name in page
        assert sum(table.size for table in TABLES) > 500

    def test_one_is_searched_by_code_and_name(self, client):
        for typed in ("0110", "一般贸易"):
            page = client.get(reverse("admin:code_tables"), {"q": typed})
            assert page.context["rows"][0] == ("0110", code_tables.trade_modes()["0110"])
        nothing = client.get(reverse("admin:code_tables"), {"q": "没有的"}).content.decode()
        assert "没有符合“没有的”的代码" in nothing

    def test_a_table_that_is_none_is_404(self, client):
        assert client.get(reverse("admin:code_tables"), {"table": "x"}).status_code == 404
