"""The officers' query pages: what they show, what they note, when they ask for the case first."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from authorization.ledger_models import LedgerEnterprise, LedgerEntry
from authorization.models import Role
from tests.factories import client_for, make_user

DECLARED, VERDICTS = reverse("customs_audit:declared"), reverse("customs_audit:verdicts")
STATE = reverse("customs_audit:state_case")
CASE = "连关稽〔2026〕12 号"


def newest() -> LedgerEntry:
    return LedgerEntry.objects.order_by("number").last()


def state(client, subject, case=CASE, back=DECLARED):
    return client.post(STATE, {"subject": subject, "case": case, "next": back})


def ids_of(rows):
    return {pk for line in rows for pk in (line.agent_id, line.trader_id)}


@pytest.mark.parametrize("url", [DECLARED, VERDICTS])
def test_a_page_of_everybodys_rows_is_noted_with_all_whose_rows_it_shows(client, world, url):
    page = client.get(url, {"hs_code": "8482"})
    shown = [getattr(row, "line", None) or row.verdict for row in page.context["page"].rows]
    entry = newest()
    assert shown and entry.kind == "read" and entry.user == world.officer
    assert entry.what == page.context["title"] and entry.query == [["商品编码", "8482"]]
    assert (entry.rows, entry.case, entry.named) == (len(shown), "", [])
    assert {one[0] for one in entry.enterprises} == ids_of(shown)
    found = LedgerEnterprise.objects.filter(entry=entry)
    assert set(found.values_list("enterprise", flat=True)) == ids_of(shown)


def test_it_shows_parties_numbers_and_marks(client, world):
    text = client.get(DECLARED, {"per_page": "50"}).content.decode()
    line = world.lines[2]
    assert line.entry_id in text and world.broker.name in text and world.broker.uscc in text
    assert "不规范" in text and "项号 1" in text
    verdicts = client.get(VERDICTS, {"per_page": "50"}).content.decode()
    assert "已被替代" in verdicts and "已撤回" in verdicts and "现行有效" in verdicts
    assert "R02 品牌未申报" in verdicts or "品牌未申报（R02）" in verdicts


@pytest.mark.parametrize("url", [DECLARED, VERDICTS])
@pytest.mark.parametrize("by", ["name", "code", "entry"])
def test_one_enterprise_or_declaration_is_shown_after_its_case_is_stated(client, world, url, by):
    trader, line = world.traders[0], world.lines[0]
    if by == "entry":
        query, subject = {"keyword": line.entry_id}, f"n:{line.entry_id}"
        named = {line.agent_id, line.trader_id}
    else:
        typed = trader.name[:4] if by == "name" else trader.uscc
        query, subject, named = {"enterprise": typed}, f"e:{trader.pk}", {trader.pk}
    before = LedgerEntry.objects.count()
    asked = client.get(url, query)
    text = asked.content.decode()
    assert "请填写查询依据" in text and "list-table" not in text
    assert not asked.context["page"].rows
    assert LedgerEntry.objects.count() == before
    back = asked.wsgi_request.get_full_path()
    assert state(client, subject, back=back).url == back
    shown = client.get(url, query)
    assert shown.context["page"].rows and CASE in shown.content.decode()
    entry = newest()
    assert entry.case == CASE and set(entry.named) == named
    # The same subject on the other page: asked once for a login.
    assert client.get(VERDICTS if url == DECLARED else DECLARED, query).context["page"].rows


def test_the_case_is_of_one_login_and_one_subject(client, world):
    state(client, f"e:{world.traders[0].pk}")
    other = client.get(DECLARED, {"enterprise": world.traders[1].uscc})
    assert other.context["lacks_case"]
    again = client_for(world.officer).get(DECLARED, {"enterprise": world.traders[0].uscc})
    assert again.context["lacks_case"]


@pytest.mark.parametrize("case", ["", "  a ", "......", "字" * 201])
def test_what_is_no_case_is_refused_in_a_sentence(client, world, case):
    subject = f"e:{world.traders[0].pk}"
    answer = client.post(STATE, {"subject": subject, "case": case, "next": DECLARED}, follow=True)
    assert "请写明查询依据" in answer.content.decode()
    assert client.get(DECLARED, {"enterprise": world.traders[0].uscc}).context["lacks_case"]


def test_what_no_page_made_is_refused(client):
    assert state(client, "e:1;2", back="https://elsewhere.example/").url == DECLARED
    assert "query_cases" not in client.session


def test_an_export_without_its_case_hands_nothing_out(client, world):
    query = {"enterprise": world.traders[0].uscc, "export": "xlsx"}
    answer = client.get(DECLARED, query, follow=True)
    assert "请先填写查询依据" in answer.content.decode()
    assert not LedgerEntry.objects.filter(kind="export").exists()


@pytest.mark.parametrize(
    ("url", "title"), [(DECLARED, "已申报数据查询"), (VERDICTS, "已审核数据查询")]
)
def test_an_export_is_noted_and_has_codes_and_numbers_as_texts(client, world, url, title):
    state(client, f"e:{world.traders[0].pk}")
    answer = client.get(url, {"enterprise": world.traders[0].uscc, "export": "xlsx"})
    sheet = load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    entry = newest()
    assert (entry.kind, entry.what, entry.case) == ("export", title, CASE)
    assert entry.rows == len(rows) - 1 and entry.named == [world.traders[0].pk]
    number = rows[0].index("报关单号")
    assert all(isinstance(row[number], str) and len(row[number]) == 18 for row in rows[1:])
    assert world.traders[0].uscc in {row[rows[0].index("收发货人代码")] for row in rows[1:]}


def test_an_enterprise_without_rows_was_asked_about_all_the_same(client, world):
    state(client, f"e:{world.traders[0].pk}")
    client.get(DECLARED, {"enterprise": world.traders[0].uscc, "hs_code": "01"})
    assert (newest().rows, newest().named) == (0, [world.traders[0].pk])


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"enterprise": "没有这家企业"}, "没有找到这家企业"),
        ({"role": "agent"}, "请同时填写企业"),
        ({"hs_code": "8"}, "应为 2 至 10 位数字"),
        (
            {"declared_on_from": "2026-05-01", "declared_on_to": "2026-04-01"},
            "起始日期晚于截止日期",
        ),
        ({"keyword": "\u200b"}, "没有可以检索的文字"),
    ],
)
def test_a_wrong_query_is_told_and_not_noted(client, query, sentence):
    before = LedgerEntry.objects.count()
    assert sentence in client.get(DECLARED, query).content.decode()
    assert LedgerEntry.objects.count() == before


def test_too_many_enterprises_are_refused(client, world, monkeypatch):
    monkeypatch.setattr("customs_audit.asking.forms.MOST_ENTERPRISES", 1)
    assert "符合的企业超过 1 家" in client.get(DECLARED, {"enterprise": "沈阳"}).content.decode()


def test_a_name_that_many_have_names_nobody_in_particular(client, world, monkeypatch):
    monkeypatch.setattr("customs_audit.asking.forms.FEW_ENTERPRISES", 1)
    page = client.get(DECLARED, {"enterprise": "沈阳"})
    assert page.context["page"].rows and "lacks_case" not in page.context
    assert newest().named == []


def test_a_wrong_month_is_told(client):
    assert "请输入有效月份" in client.get(VERDICTS, {"month": "2026-13"}).content.decode()


@pytest.mark.parametrize(("url", "most"), [(DECLARED, 24), (VERDICTS, 22)])
def test_it_costs_as_many_queries_for_many_rows_as_for_few(client, world, url, most):
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url, {"hs_code": "9403"})
    with CaptureQueriesContext(connection) as many:
        client.get(url, {"hs_code": "84", "per_page": "100"})
    assert len(many) <= len(few) <= most


def test_enterprises_get_nowhere_near(world, db):
    operator = client_for(make_user(Role.OPERATOR))
    assert operator.get(DECLARED).status_code == 403
    assert operator.post(STATE, {}).status_code == 403
