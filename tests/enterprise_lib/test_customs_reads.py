"""海关查询记录: an enterprise is told when customs looked at its data, and why; never of whom else."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from authorization.events import By
from authorization.joining import join_enterprises
from authorization.ledger import note_export, note_read
from authorization.ledger_models import LedgerEntry
from authorization.models import Role
from tests.factories import client_for, make_enterprise, make_user

pytestmark = pytest.mark.django_db
URL = reverse("enterprise_lib:customs_reads")


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="李关员")


@pytest.fixture
def own():
    return make_enterprise("大连甲有限公司")


@pytest.fixture
def client(own):
    return client_for(make_user(enterprise=own))


def rows_of(client, **query):
    table = client.get(URL, query).context["table"]
    return [
        [" ".join(re.sub(r"<[^>]+>", " ", str(cell)).split()) for cell in row.cells]
        for row in table.rows
    ]


def look(officer, *enterprises, named=(), query=(("商品编码", "8482"),), **more):
    return note_read(
        By(officer, "10.0.0.9"),
        what="已申报数据查询",
        query=query,
        enterprises=[one.pk for one in enterprises],
        named=[one.pk for one in named],
        **more,
    )


def test_it_tells_when_who_by_number_what_and_why(client, officer, own):
    entry = look(officer, own, named=[own], query=[("企业", own.name)], case="连关稽〔2026〕12 号")
    at = timezone.localtime(entry.at)
    assert rows_of(client) == [
        [
            f"{at:%Y-%m-%d %H:%M:%S}",
            f"海关人员 {officer.pk:04d}",
            "查看",
            "已申报数据查询 企业：大连甲有限公司",
            "连关稽〔2026〕12 号",
        ]
    ]
    page = client.get(URL).content.decode()
    assert "李关员" not in page and officer.username not in page and "10.0.0.9" not in page


def test_of_a_query_that_names_another_it_learns_neither_whom_nor_why(client, officer, own):
    other = make_enterprise("大连乙有限公司")
    look(
        officer, own, other, named=[other], case="查乙公司",
        query=[("商品编码", "8482"), ("企业", "大连乙有限公司"), ("报关单号", "090820261000000001")],
    )  # fmt: skip
    [row] = rows_of(client)
    assert row[3:] == ["已申报数据查询 商品编码：8482", "未针对特定企业，内容中包含贵企业的数据"]
    shown = client.get(URL).content.decode()
    assert "大连乙" not in shown and "查乙公司" not in shown and "090820261" not in shown
    theirs = client_for(make_user(enterprise=other))
    assert rows_of(theirs)[0][3].endswith("报关单号：090820261000000001")


def test_own_exports_and_other_enterprises_reads_are_not_among_them(client, officer, own):
    note_export(By(make_user(enterprise=own)), what="企业库", enterprises=[own.pk], rows=1)
    look(officer, make_enterprise())
    assert rows_of(client) == []
    assert "海关还没有查询过本企业的数据" in client.get(URL).content.decode()


def test_it_is_narrowed_by_kind_and_by_days(client, officer, own):
    look(officer, own)
    note_export(By(officer), what="已审核数据查询", enterprises=[own.pk], rows=1)
    assert [row[2] for row in rows_of(client)] == ["导出", "查看"]
    assert [row[2] for row in rows_of(client, kind="export")] == ["导出"]
    today = timezone.localdate()
    assert len(rows_of(client, at_from=today, at_to=today)) == 2
    assert rows_of(client, at_to=today - timedelta(days=1)) == []
    assert rows_of(client, at_from=today + timedelta(days=1)) == []


def test_what_was_done_to_a_joined_enterprise_goes_over_with_it(officer):
    by_code, staying = make_enterprise("大连丙有限公司", uscc=None), make_enterprise()
    look(officer, by_code, named=[by_code], query=[("企业", by_code.name)], case="核对代码")
    join_enterprises([(by_code.pk, staying.pk)])
    [row] = rows_of(client_for(make_user(enterprise=staying)))
    assert row[3:] == ["已申报数据查询 企业：大连丙有限公司", "核对代码"]


def test_the_export_is_noted_itself(client, officer, own):
    look(officer, own)
    answer = client.get(URL, {"export": "xlsx"})
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    newest = LedgerEntry.objects.order_by("number").last()
    assert (newest.what, newest.kind, newest.rows) == ("海关查询记录", "export", 1)
    assert len(rows_of(client)) == 1


def test_it_costs_as_many_queries_for_many_rows_as_for_one(client, officer, own):
    look(officer, own)
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for _ in range(20):
        look(officer, own)
    with CaptureQueriesContext(connection) as many:
        client.get(URL)
    assert len(many) == len(few) <= 8


def test_a_file_name_is_not_told_to_those_whom_it_does_not_name(client, officer, own):
    note_export(
        By(officer),
        what="审核数据上传（原文件）：大连乙有限公司专项.xlsx",
        enterprises=[own.pk],
        rows=9,
    )
    assert rows_of(client)[0][3] == "审核数据上传（原文件）"
    assert "大连乙" not in client.get(URL).content.decode()
