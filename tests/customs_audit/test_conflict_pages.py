"""The officers' list of conflicts, and one conflict with its verdicts and releases."""

import random
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authorization.models import Role
from comparison.models import ContentConflict
from comparison.working import work_outbox
from customs_audit.queries import deciding_verdicts
from declarations.releases import withdraw
from tests.factories import client_for, make_enterprise, make_goods, make_user
from tests.world import SOFA, TABLE, Party, Row, audit, content, declare

pytestmark = pytest.mark.django_db

LIST = "/customs/conflicts/"


@pytest.fixture
def client():
    return client_for(make_user(Role.OFFICER))


@pytest.fixture
def parties():
    return [Party.of(make_enterprise(f"大连虚构{n}号")) for n in range(3)]


@pytest.fixture
def two(parties):
    """SOFA inside one enterprise in August; TABLE between two in September, seen by three."""
    one, other, third = parties
    releases = [
        audit("2026-08", Row(1, one, one)),
        audit("2026-08", Row(2, one, one, conforming=False)),
        audit("2026-09", Row(3, other, other, TABLE), Row(4, one, one, TABLE, conforming=False)),
    ]
    declare(Row(5, third, third, TABLE))
    work_outbox()
    return releases


def shown(client, **query):
    return [(c.hs_code, c.audit_month.month) for c in client.get(LIST, query).context["page"].rows]


def test_those_that_touch_most_come_first(client, two):
    assert shown(client) == [(TABLE.hs_code, 9), (SOFA.hs_code, 8)]
    page = client.get(LIST).content.decode()
    assert "仅不同企业间不一致" in page and "同一企业内不一致（1 家）" in page
    assert shown(client, sort="lines") == [(SOFA.hs_code, 8), (TABLE.hs_code, 9)]
    assert shown(client, sort="-audit_month") == [(TABLE.hs_code, 9), (SOFA.hs_code, 8)]


def test_they_can_be_narrowed_by_code_month_and_kind(client, two):
    assert shown(client, hs_code="9401") == [(SOFA.hs_code, 8)]
    assert shown(client, audit_month="2026-09-01") == [(TABLE.hs_code, 9)]
    assert shown(client, kind="within") == [(SOFA.hs_code, 8)]
    assert shown(client, kind="between") == [(TABLE.hs_code, 9)]
    assert "没有符合条件的数据" in client.get(LIST, {"hs_code": "01"}).content.decode()


def test_a_month_without_conflicts_cannot_be_asked_for(client, two):
    response = client.get(LIST, {"audit_month": "2026-07-01"})
    assert response.status_code == 200
    assert not response.context["query_is_valid"]


def test_one_shows_its_verdicts_with_their_releases(client, two):
    page = client.get(f"{LIST}{content(SOFA).pk}/2026-08/").content.decode()
    for release in two[:2]:
        assert f"/customs/releases/{release.pk}/" in page
    assert f"/customs/releases/{two[2].pk}/" not in page
    assert "成分含量填报不全" in page
    assert "大连虚构0号" in page
    assert page.count("项号 1") == 2


def test_verdicts_that_a_newer_month_has_replaced_for_all_are_left_out(client, parties):
    one, other, third = parties
    audit("2026-08", Row(1, one, one), Row(2, other, other, conforming=False), Row(3, third, third))
    audit("2026-09", Row(4, one, one))
    work_outbox()
    found = ContentConflict.objects.get()
    assert (found.conforming_rows, found.nonconforming_rows) == (1, 1)
    parties = {(v.agent.name, v.conforming) for v in deciding_verdicts(found)}
    assert parties == {("大连虚构1号", False), ("大连虚构2号", True)}


def test_verdicts_withdrawn_a_moment_ago_are_said_to_be_going(client, two):
    withdraw(two[0], "误传")
    withdraw(two[1], "误传")
    page = client.get(f"{LIST}{content(SOFA).pk}/2026-08/").content.decode()
    assert "刚被撤回或更新" in page


@pytest.mark.parametrize("month", ["2026-07", "2026-13", "x", "2026-08-01"])
def test_a_conflict_that_is_not_there_is_not_found(client, two, month):
    assert client.get(f"{LIST}{content(SOFA).pk}/{month}/").status_code == 404


def test_without_any_the_list_says_what_would_be_here(client):
    assert "没有结论冲突" in client.get(LIST).content.decode()


def test_it_is_exported_as_it_is_shown(client, two):
    response = client.get(LIST, {"export": "xlsx"})
    sheet = openpyxl.load_workbook(BytesIO(b"".join(response))).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [
        "商品编码", "进出口", "商品名称", "规格型号", "审核月份", "规范", "不规范", "冲突类型",
        "涉及企业", "涉及商品项",
    ]  # fmt: skip
    assert rows[1][0] == TABLE.hs_code and rows[1][4] == "2026-09"
    assert [str(value) for value in rows[1][5:7]] == ["1", "1"]
    assert rows[2][7] == "同一企业内不一致（1 家）"


def test_the_number_of_queries_does_not_grow(client, two):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    few = cost()
    for number in range(8):
        ContentConflict.objects.create(
            content=make_goods(name=f"轴承{number}").content, audit_month=date(2026, 8, 1),
            hs_code="8482102000", conforming_rows=1, nonconforming_rows=1, divided_enterprises=0,
            enterprises=2, lines=2,
        )  # fmt: skip
    assert cost() == few <= 7


def test_the_first_page_of_many_is_read_from_the_index(client):
    """30,000 of them: as many as a million lines have when nearly every audited content has one."""
    rng = random.Random(6)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO declarations_content"
            " (content_key, hs_code, ie_flag, name, g_model, search_text, search_grams, is_public)"
            " SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), '8482102000', 'I', '轴承', n::text,"
            "        '', '{}', false FROM generate_series(1, 30000) n RETURNING id"
        )
        ids = [pk for (pk,) in cursor.fetchall()]
        ContentConflict.objects.bulk_create(
            ContentConflict(
                content_id=pk, audit_month=date(2026, rng.randrange(1, 12), 1),
                hs_code="8482102000", conforming_rows=1, nonconforming_rows=1,
                divided_enterprises=rng.randrange(2), enterprises=rng.randrange(1, 500),
                lines=rng.randrange(1, 5000),
            )
            for pk in ids
        )  # fmt: skip
        cursor.execute("ANALYZE comparison_contentconflict, declarations_content")
        rows = ContentConflict.objects.select_related("content")
        for order, index in (
            (("-enterprises", "-lines", "-pk"), "conflict_widest"),
            (("-audit_month", "-enterprises", "-pk"), "conflict_month"),
        ):
            plan = rows.order_by(*order)[:20].explain()
            assert index in plan and "Seq Scan" not in plan, plan
