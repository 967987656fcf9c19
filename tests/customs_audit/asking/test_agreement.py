"""How officers agree on the same contents: worked out from released verdicts, shown to officers."""

from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from authorization.models import Role
from customs_audit.asking.agreement import Pair, agreements, differing
from customs_audit.asking.kappa import Agreement
from declarations.releases import withdraw
from tests.factories import (
    client_for,
    make_audit,
    make_enterprise,
    make_goods,
    make_line,
    make_user,
)
from tests.shared_rows import rows_of_a_module

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
# Content, code, then by officer: conforming, or the reasons why not.
JUDGED = [
    ("轴承甲", "8482102000", {"A01": True, "A02": True}),
    ("轴承乙", "8482102000", {"A01": True, "A02": ["R01"], "A03": True}),
    ("轴承丙", "8482102000", {"A01": ["R01"], "A02": ["R01", "R06"]}),
    ("布沙发", "9401619000", {"A01": ["R01", "R02"], "A02": ["R02", "R01"]}),
    ("塑料桌", "9403700000", {"A01": True}),
]


@pytest.fixture(scope="module")
def judged(django_db_setup, django_db_blocker):
    with rows_of_a_module(django_db_blocker):
        party = make_enterprise(authorized=False)
        goods = {}
        for name, code, said in JUDGED:
            goods[name] = make_goods(name, "4|3|规格", code)
            for officer, verdict in said.items():
                reasons = [] if verdict is True else verdict
                make_audit(
                    make_line(party, goods=goods[name]),
                    conforming=verdict is True,
                    month=APRIL,
                    auditor=officer,
                    reason_codes=reasons,
                )
        # Not named in the file: nobody's judgement.
        make_audit(make_line(party, goods=goods["塑料桌"]), conforming=False, auditor="")
        yield party, goods, make_user(Role.OFFICER)


@pytest.fixture(autouse=True)
def nothing_cached(judged, db):
    cache.clear()


@pytest.fixture
def client(judged):
    return client_for(judged[2])


def test_pairs_chapters_and_reasons_are_counted(judged):
    found = agreements()
    first, third = Pair("A01", "A02"), Pair("A01", "A03")
    assert found.officers == ["A01", "A02", "A03"]
    assert found.pairs[first] == Agreement(both=1, only_first=1, only_second=0, neither=2)
    assert found.pairs[third] == Agreement(both=1)
    assert found.pairs[Pair("A02", "A03")] == Agreement(only_second=1)
    assert found.by_chapter()["94"] == Agreement(neither=1)
    of_pair = found.among(["A02", "A01"])
    assert of_pair.by_chapter()["84"] == Agreement(1, 1, 0, 1)
    assert of_pair.by_reason() == {
        "R01": Agreement(both=2, only_first=0, only_second=1, neither=1),
        "R02": Agreement(both=1, neither=3),
        "R06": Agreement(only_second=1, neither=3),
    }
    assert found.among(["A01"], "94").pairs == {first: Agreement(neither=1)}


def test_contents_differ_by_conclusion_or_by_reasons_whatever_their_order(judged):
    _, goods, _ = judged
    found = {one.content_id: one for one in differing()}
    assert set(found) == {goods["轴承乙"].content_id, goods["轴承丙"].content_id}
    assert found[goods["轴承乙"].content_id].by_conclusion
    assert found[goods["轴承乙"].content_id].officers == ["A01", "A02", "A03"]
    assert not found[goods["轴承丙"].content_id].by_conclusion


def test_an_officers_newest_verdict_is_his_judgement_and_a_withdrawal_gives_the_older_back(judged):
    party, goods, _ = judged
    release = make_audit(
        make_line(party, goods=goods["轴承乙"]), conforming=True, month=MAY, auditor="A02"
    )
    assert agreements().pairs[Pair("A01", "A02")].both == 2
    assert goods["轴承乙"].content_id not in {one.content_id for one in differing()}
    withdraw(release, "文件有误")
    assert agreements().pairs[Pair("A01", "A02")].both == 1


def test_the_page_shows_counts_kappa_and_a_warning(client):
    page = client.get(reverse("customs_audit:agreement"), {"first": "A01", "second": "A02"})
    [pair] = page.context["pairs"]
    assert (pair.label, pair.share, pair.shown_kappa) == ("A01、A02", "75.0%", "0.50")
    text = page.content.decode()
    assert "中等一致" in text and "少于 30 条，仅供参考" in text and "扣除了碰巧相同" in text
    assert "R06 成分含量不全" in text and "第 84 章" in text


def test_a_chapter_has_no_reasons_and_nobody_is_compared_with_himself(client):
    url = reverse("customs_audit:agreement")
    assert "不分商品章统计" in client.get(url, {"chapter": "84"}).content.decode()
    refused = client.get(url, {"first": "A01", "second": "A01"}).content.decode()
    assert "不能与本人比较" in refused and "按人员" not in refused


def test_the_work_list_tells_what_each_said(client, judged):
    url = reverse("customs_audit:differing")
    page = client.get(url).content.decode()
    assert "A02：不规范（2026-04） R01 要素缺失" in page and "A03：规范（2026-04）" in page
    rows = client.get(url, {"kind": "reason"}).context["page"].rows
    assert [row.content.pk for row in rows] == [judged[1]["轴承丙"].content_id]
    assert not client.get(url, {"auditor": "A03", "kind": "reason"}).context["page"].rows
    assert not client.get(url, {"hs_code": "94"}).context["page"].rows
    sheet = client.get(url, {"export": "xlsx"})
    assert sheet["Content-Type"].endswith("spreadsheetml.sheet")


def test_it_leads_to_the_verdicts_of_the_content(client, judged):
    number = judged[1]["轴承乙"].content_id
    found = client.get(reverse("customs_audit:verdicts"), {"content": number}).context["page"].rows
    assert {row.verdict.auditor for row in found} == {"A01", "A02", "A03"}


def test_both_pages_ask_verdicts_only_after_a_release(client):
    for name, most in (("agreement", 6), ("differing", 8)):
        client.get(reverse(f"customs_audit:{name}"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse(f"customs_audit:{name}"))
        assert len(asked) <= most
        assert not any("rated" in one["sql"] or "FETCH" in one["sql"] for one in asked)


class TestNothing:
    def test_without_two_officers_the_page_says_what_it_waits_for(self, client, judged):
        from declarations.models import AuditVerdict

        AuditVerdict.objects.update(auditor="")
        cache.clear()
        page = client.get(reverse("customs_audit:agreement")).content.decode()
        assert "还没有可以比较的结论" in page
        assert (
            "没有审核不一致的内容"
            in client.get(reverse("customs_audit:differing")).content.decode()
        )
