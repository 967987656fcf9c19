"""The officers' pages of runs: one run, 取消 and 重试, contents that failed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from authorization.models import Role
from catalogue.models import Outbox
from comparison import failures
from comparison.models import ComparisonRun, FailedContent, RunPiece
from comparison.working import full_compare
from tests.factories import client_for, make_enterprise, make_goods, make_line, make_user
from tests.world import Party, Row, declare

pytestmark = pytest.mark.django_db

RUNS = "/customs/runs/"
FAILURES = "/customs/failures/"


@pytest.fixture
def officer():
    return make_user(Role.OFFICER, display_name="王审核")


@pytest.fixture
def client(officer):
    return client_for(officer)


def a_run(**fields) -> ComparisonRun:
    return ComparisonRun.objects.create(**{"scope": "increment", "chapter": "84"} | fields)


def a_failure(name="深沟球轴承", **fields) -> FailedContent:
    content = make_goods(name=name).content
    return FailedContent.objects.create(
        **{
            "content": content,
            "error": "ValueError: 无法读取 <b>",
            "version": failures.code_version(),
        }
        | fields
    )


class TestRun:
    def test_a_full_run_shows_its_pieces_and_who_did_them(self, client):
        party = Party.of(make_enterprise())
        declare(Row(1, party, party))
        full_compare()
        run = ComparisonRun.objects.get()
        page = client.get(f"{RUNS}{run.pk}/").content.decode()
        piece = RunPiece.objects.get()
        assert "完成" in page and "94016190" in page and piece.worker in page
        assert '<progress max="1" value="1"' in page
        assert "hx-trigger" not in page, "an ended run moves no more"

    def test_a_running_one_looks_again_by_itself(self, client):
        run = a_run(contents_total=2000, contents_done=1500)
        page = client.get(f"{RUNS}{run.pk}/").content.decode()
        assert 'hx-trigger="every 3s"' in page and "1,500 / 2,000" in page

    def test_it_says_who_cancelled_it_how_often_it_was_interrupted_and_what_failed(
        self, client, officer
    ):
        run = a_run(
            state="cancelled",
            cancelled_by=officer,
            interruptions=2,
            failed_contents=3,
            ended_at=timezone.now(),
        )
        page = client.get(f"{RUNS}{run.pk}/").content.decode()
        assert "取消人：王审核" in page
        assert "中断 2 次" in page
        assert "3 条内容比对失败，已跳过" in page

    def test_a_run_that_is_not_there_is_not_found(self, client):
        assert client.get(f"{RUNS}999999/").status_code == 404

    def test_its_page_costs_the_same_for_many_pieces(self, client):
        run = a_run(scope="full", chapter="")

        def add(first, last):
            RunPiece.objects.bulk_create(
                RunPiece(
                    run=run, number=n, chapter="84", first_code="84000000", last_code="84000000",
                    contents_total=1, worker=f"host:{n}",
                )
                for n in range(first, last)
            )  # fmt: skip

        def cost():
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"{RUNS}{run.pk}/").status_code == 200
            return len(queries)

        add(1, 3)
        few = cost()
        add(3, 60)
        assert cost() == few


class TestCancelAndRetry:
    def post(self, client, what, run, **more):
        return client.post(f"{RUNS}{what}/", {"only": run.pk, **more}, follow=True)

    def test_an_officer_cancels_a_run_and_retries_it(self, client, officer):
        run = a_run()
        page = self.post(client, "cancel", run).content.decode()
        assert f"运行 {run.pk} 已取消" in page
        assert "第 84 章的比对已取消，新装入的数据也不再比对" in page
        run.refresh_from_db()
        assert (run.state, run.cancelled_by) == ("cancelled", officer)
        page = self.post(client, "retry", run).content.decode()
        assert f"运行 {run.pk} 已重新开始" in page
        run.refresh_from_db()
        assert run.state == "waiting"

    def test_a_second_click_is_told_that_it_is_done(self, client):
        run = a_run()
        self.post(client, "cancel", run)
        page = self.post(client, "cancel", run).content.decode()
        assert f"运行 {run.pk} 已取消，已经结束，不能取消。" in page

    def test_it_goes_back_to_the_page_that_it_came_from(self, client):
        run = a_run()
        response = client.post(f"{RUNS}cancel/", {"only": run.pk, "next": f"{RUNS}{run.pk}/"})
        assert response.url == f"{RUNS}{run.pk}/"

    def test_a_run_that_is_not_there_is_not_found(self, client):
        assert client.post(f"{RUNS}cancel/", {"only": "999999"}).status_code == 404

    @pytest.mark.parametrize("sent", [{}, {"only": "x"}, {"only": "9" * 30}])
    def test_what_no_button_sends_is_refused_in_words(self, client, sent):
        page = client.post(f"{RUNS}retry/", sent, follow=True).content.decode()
        assert "请先在列表中勾选数据" in page or "勾选的数据有误" in page

    def test_the_list_offers_what_can_be_done(self, client):
        a_run(state="done")
        assert "取消</button>" not in client.get(RUNS).content.decode()
        a_run()
        assert "取消</button>" in client.get(RUNS).content.decode()
        ComparisonRun.objects.filter(state="running").update(state="failed")
        assert "重试</button>" in client.get(RUNS).content.decode()


class TestFailures:
    def test_each_shows_its_error_and_since_when(self, client):
        failed = a_failure(run=a_run(state="done"), tries=3)
        page = client.get(FAILURES).content.decode()
        assert "无法读取 &lt;b&gt;" in page
        assert f"{timezone.localtime(failed.first_failed_at):%Y-%m-%d %H:%M}" in page
        assert "已跳过" in page and f"/customs/runs/{failed.run_id}/" in page

    def test_ticked_ones_are_tried_again(self, client):
        one, other = a_failure("甲"), a_failure("乙")
        page = client.post(f"{FAILURES}retry/", {"tick": [one.pk]}, follow=True)
        assert "1 条内容将在后台重新比对" in page.content.decode()
        one.refresh_from_db()
        other.refresh_from_db()
        assert (one.waits_for_retry, other.waits_for_retry) == (True, False)
        assert Outbox.objects.get().content_id == one.pk
        again = client.post(f"{FAILURES}retry/", {"tick": [one.pk]}, follow=True)
        assert "无需再次重试" in again.content.decode()
        assert Outbox.objects.count() == 1

    def test_they_can_be_narrowed_by_code_and_run(self, client):
        run = a_run(state="done")
        one = a_failure("甲", run=run)
        a_failure("乙")

        def found(**query):
            return [row.pk for row in client.get(FAILURES, query).context["page"].rows]

        assert found(run=run.pk) == [one.pk]
        assert len(found(hs_code="8482")) == 2
        assert found(hs_code="94") == []

    def test_an_empty_list_says_so(self, client):
        assert "没有比对失败的内容" in client.get(FAILURES).content.decode()

    def test_the_number_of_queries_does_not_grow(self, client):
        def cost():
            with CaptureQueriesContext(connection) as queries:
                client.get(FAILURES)
            return len(queries)

        a_failure("甲")
        few = cost()
        for number in range(8):
            a_failure(f"乙{number}", run=a_run(state="done"))
        assert cost() == few <= 6

    def test_it_is_exported_as_it_is_shown(self, client):
        a_failure()
        response = client.get(FAILURES, {"export": "xlsx"})
        assert response["Content-Type"].endswith("sheet")


class TestAdministrators:
    URL = "/admin/comparison/comparisonrun/"

    @pytest.fixture
    def admin(self):
        return client_for(make_user(Role.ADMINISTRATOR))

    def test_one_begins_a_full_run_once(self, admin):
        make_line()
        assert "共 <strong>1</strong> 条" in admin.get(f"{self.URL}begin/").content.decode()
        page = admin.post(f"{self.URL}begin/", follow=True).content.decode()
        run = ComparisonRun.objects.get()
        assert (run.scope, run.state) == ("full", "waiting")
        assert f"已开始全部重新比对（运行 {run.pk}）" in page
        assert "请等它结束或先取消它" in admin.get(f"{self.URL}begin/").content.decode()
        page = admin.post(f"{self.URL}begin/", follow=True).content.decode()
        assert "同一范围一次只能有一个运行" in page
        assert ComparisonRun.objects.count() == 1

    def test_ticked_runs_are_cancelled_and_retried(self, admin):
        run = a_run()
        sent = {"action": "cancel_runs", "_selected_action": [run.pk]}
        assert f"已取消运行 {run.pk}。" in admin.post(self.URL, sent, follow=True).content.decode()
        sent["action"] = "retry_runs"
        assert f"已重试运行 {run.pk}。" in admin.post(self.URL, sent, follow=True).content.decode()
        run.refresh_from_db()
        assert run.state == "waiting"

    def test_ticked_contents_are_tried_again(self, admin):
        failed = a_failure()
        sent = {"action": "retry_contents", "_selected_action": [failed.pk]}
        page = admin.post("/admin/comparison/failedcontent/", sent, follow=True).content.decode()
        assert "1 条内容将在后台重新比对" in page
        assert Outbox.objects.get().content_id == failed.pk
