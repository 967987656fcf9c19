"""The officers' pages: releases with their figures, one release, runs of the comparison."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authorization.models import Role
from catalogue.models import Outbox
from comparison.models import ComparisonRun
from customs_audit.queries import ReleaseFigures, figures_of
from customs_audit.run_tables import written_duration
from declarations.models import Release
from declarations.releases import withdraw
from tests.factories import client_for, make_enterprise, make_user
from tests.world import TABLE, Party, Row, audit

pytestmark = pytest.mark.django_db

LIST = "/customs/releases/"
RUNS = "/customs/runs/"


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


@pytest.fixture
def client(officer):
    return client_for(officer)


@pytest.fixture
def party():
    return Party.of(make_enterprise("大连虚构家居"))


def release_of(party, month="2026-09", first=1, good=2, bad=1) -> Release:
    rows = [Row(first + n, party, party, conforming=n < good) for n in range(good + bad)]
    return audit(month, *rows)


class TestList:
    def test_it_shows_each_release_with_its_figures_the_newest_first(self, client, party):
        release_of(party, "2026-08", good=2, bad=1)
        newer = release_of(party, "2026-09", first=11, good=1, bad=4)
        response = client.get(LIST)
        shown = response.context["page"].rows
        assert [r.audit_month.month for r in shown] == [9, 8]
        assert shown[0].figures == ReleaseFigures(rows=5, conforming=1)
        assert shown[1].figures == ReleaseFigures(rows=3, conforming=2)
        page = response.content.decode()
        assert newer.file_name in page and "已发布" in page

    def test_a_withdrawn_release_shows_its_reason(self, client, party, officer):
        withdraw(release_of(party), "传错文件 <b>", officer)
        page = client.get(LIST).content.decode()
        assert "已撤回" in page and "原因：传错文件 &lt;b&gt;" in page

    def test_it_can_be_narrowed_by_state(self, client, party):
        standing = release_of(party, "2026-08")
        gone = release_of(party, "2026-09", first=11)
        withdraw(gone, "误传")
        waiting = Release.objects.create(audit_month="2026-10-01")

        def found(state):
            return [row.pk for row in client.get(LIST, {"state": state}).context["page"].rows]

        assert found("effective") == [standing.pk]
        assert found("withdrawn") == [gone.pk]
        assert found("unreleased") == [waiting.pk]
        assert found("") == [waiting.pk, gone.pk, standing.pk]

    def test_it_can_be_sorted_by_month(self, client, party):
        for number, month in enumerate(("2026-09", "2026-07", "2026-08")):
            row = Row(number + 1, party, party, declared_on=date(2026, 6, 1))
            audit(month, row)
        rows = client.get(LIST, {"sort": "audit_month"}).context["page"].rows
        assert [row.audit_month.month for row in rows] == [7, 8, 9]

    def test_the_number_of_queries_does_not_grow_and_figures_are_counted_once(self, client, party):
        for number in range(6):
            release_of(party, first=1 + number * 10)
        with CaptureQueriesContext(connection) as first:
            client.get(LIST)
        with CaptureQueriesContext(connection) as again:
            client.get(LIST)
        assert len(first) <= 6
        assert len(again) == len(first) - 1
        assert "auditverdict" not in str([query["sql"] for query in again])

    def test_an_empty_list_says_when_it_fills(self, client):
        assert "还没有发布过审核数据" in client.get(LIST).content.decode()


class TestFigures:
    def test_those_of_a_release_that_may_still_grow_are_not_kept(self, party):
        released = release_of(party)
        Release.objects.filter(pk=released.pk).update(released_at=None)
        released.refresh_from_db()
        assert figures_of([released])[released.pk].rows == 3
        released.verdicts.first().delete()
        assert figures_of([released])[released.pk].rows == 2

    def test_a_release_without_rows_counts_none(self):
        empty = Release.objects.create(audit_month="2026-10-01")
        assert figures_of([empty]) == {empty.pk: ReleaseFigures(0, 0)}


class TestDetail:
    def test_it_shows_what_still_counts_after_a_later_release(self, client, party):
        first = release_of(party, good=2, bad=1)
        audit("2026-09", Row(1, party, party, TABLE, conforming=False))
        response = client.get(f"{LIST}{first.pk}/")
        assert response.context["figures"] == ReleaseFigures(3, 2)
        assert (response.context["counting"], response.context["superseded"]) == (2, 1)
        assert "同一商品项在本月之后的发布中另有结论" in response.content.decode()

    def test_a_withdrawn_one_says_by_whom_when_and_why(self, client, party, officer):
        release = release_of(party)
        withdraw(release, "传错文件", officer)
        page = client.get(f"{LIST}{release.pk}/").content.decode()
        assert "传错文件" in page and "王审核" in page
        assert f"{timezone.localtime(release.withdrawn_at):%Y-%m-%d %H:%M}" in page
        assert "其中的审核结论不再有效" in page

    def test_one_that_is_not_there_is_not_found(self, client):
        assert client.get(f"{LIST}999999/").status_code == 404


class TestRuns:
    def run(self, **fields) -> ComparisonRun:
        return ComparisonRun.objects.create(
            **{"scope": ComparisonRun.Scope.INCREMENT, "chapter": "84"} | fields
        )

    def test_a_running_one_shows_its_progress_and_looks_again_by_itself(self, client):
        self.run(contents_total=2000, contents_done=1500)
        page = client.get(RUNS).content.decode()
        assert '<progress max="2000" value="1500"' in page and "1,500 / 2,000" in page
        assert 'hx-trigger="every 3s"' in page

    def test_once_all_is_done_it_looks_no_more(self, client):
        self.run(state="done", contents_total=5, contents_done=5, ended_at=timezone.now())
        page = client.get(RUNS).content.decode()
        assert "完成" in page and "hx-trigger" not in page

    def test_waiting_contents_are_counted(self, client):
        Outbox.objects.create(chapter="84", content_id=1, cause=Outbox.Cause.IMPORT)
        page = client.get(RUNS).content.decode()
        assert 'hx-trigger="every 3s"' in page
        assert client.get(RUNS).context["waiting"].value == 1

    def test_a_failed_one_says_why(self, client):
        self.run(state="failed", error="连接中断", ended_at=timezone.now())
        page = client.get(RUNS, {"state": "failed"}).content.decode()
        assert "失败" in page and "连接中断" in page
        assert client.get(RUNS, {"state": "done"}).context["page"].count.value == 0

    def test_the_newest_comes_first(self, client):
        old = self.run(started_at=timezone.now() - timedelta(hours=1), state="done")
        new = self.run()
        assert [run.pk for run in client.get(RUNS).context["page"].rows] == [new.pk, old.pk]


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(seconds=0), "0 秒"),
        (timedelta(seconds=59, microseconds=9), "59 秒"),
        (timedelta(seconds=61), "1 分 01 秒"),
        (timedelta(hours=25, minutes=5), "25 小时 05 分"),
        (timedelta(seconds=-3), "0 秒"),
    ],
)
def test_a_duration_is_written_in_its_two_largest_units(length, written):
    assert written_duration(length) == written


def test_pages_of_the_customs_side_name_no_enterprise_link(client, party):
    release = release_of(party)
    for url in (LIST, f"{LIST}{release.pk}/", RUNS):
        page = client.get(url).content.decode()
        assert "/library/" not in page and "/public/" not in page
