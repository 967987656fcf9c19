"""The officers' pages of a release: what they show, second clicks, stale pages, reasons."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authorization.models import Role
from comparison.working import work_outbox
from customs_audit.models import UploadRelease
from customs_audit.releasing import (
    approve,
    ask_for_withdrawal,
    give_back,
    prepare,
    run_release,
    run_withdrawal,
    summary,
)
from enterprise_lib.history import history_of
from tests.customs_audit.releasing.uploads import make_upload, release_upload, states_of
from tests.factories import client_for, make_enterprise, make_user
from tests.world import SOFA, TABLE, Party, Row, audit, content, declare

pytestmark = pytest.mark.django_db

LIST = "/customs/releases/"


@pytest.fixture
def officers():
    return [make_user(Role.OFFICER, display_name=name) for name in ("王审核", "李复核")]


@pytest.fixture
def clients(officers):
    return [client_for(officer) for officer in officers]


@pytest.fixture
def enterprise():
    return make_enterprise("大连虚构家居")


@pytest.fixture
def party(enterprise):
    return Party.of(enterprise)


@pytest.fixture
def upload(officers, party):
    return make_upload(
        "2026-09",
        Row(1, party, party),
        Row(2, party, party, TABLE, conforming=False),
        Row(3, party, party),
        by=officers[0],
    )


def told(response) -> list[str]:
    """The sentences at the page's top."""
    return [str(message) for message in response.context["messages"]]


def submit(client, upload, **sent):
    return client.post(f"/customs/uploads/{upload.pk}/submit/", sent, follow=True)


def page_of(release: UploadRelease) -> str:
    return f"{LIST}{release.release_id}/"


class TestSubmitting:
    def test_all_rows_as_shown_lead_to_the_release_with_its_preview(self, clients, upload):
        response = submit(clients[0], upload, all="3")
        submitted = UploadRelease.objects.get()
        assert response.redirect_chain == [(page_of(submitted), 302)]
        assert told(response) == [
            f"已提交 3 行复核（发布 {submitted.release_id}），复核发布后才会生效。"
        ]
        page = response.content.decode()
        assert "发布会改变什么" in page and "3（规范 2，不规范 1）" in page
        assert "由您提交，须由另一位海关人员复核发布" in page

    def test_the_back_button_and_a_stale_page_submit_nothing(self, clients, upload):
        response = submit(clients[0], upload, all="2")
        assert told(response) == ["待发布的行已变为 3 行，没有提交任何行；请看过后再提交。"]
        submit(clients[0], upload, all="3")
        for sent in ({"all": "3"}, {"tick": ["1", "2"]}, {}):
            response = submit(clients[0], upload, **sent)
            assert len(told(response)) == 1 and "已提交" not in told(response)[0]
        assert UploadRelease.objects.count() == 1

    def test_ticked_rows_alone(self, clients, upload):
        submit(clients[0], upload, tick=["1", "3"])
        assert states_of(upload) == {"in_release": 2, "clean": 1}
        assert told(submit(clients[0], upload, tick=["x"])) == [
            "勾选的数据有误，请刷新页面后重新勾选。"
        ]


class TestReviewing:
    def test_only_what_was_seen_is_released_and_only_once(self, clients, upload, officers, party):
        submitted = prepare(upload, officers[0])
        page = clients[1].get(page_of(submitted))
        submitted.refresh_from_db()
        seen = submitted.preview["at"]
        assert f'name="seen" value="{seen}"' in page.content.decode()
        audit("2026-09", Row(50, party, party))
        clients[0].get(page_of(submitted))  # whoever looks sees it worked out anew
        url = f"{page_of(submitted)}approve/"
        response = clients[1].post(url, {"seen": seen}, follow=True)
        assert told(response) == ["预览已按新的数据重新计算，没有发布；请看过新的预览再复核发布。"]
        submitted.refresh_from_db()
        seen = submitted.preview["at"]
        assert "由您提交" in told(clients[0].post(url, {"seen": seen}, follow=True))[0]
        assert submitted.state == "to_review"
        response = clients[1].post(url, {"seen": seen}, follow=True)
        assert "已通过复核，正在发布" in told(response)[0]
        assert 'hx-trigger="every 2s"' in response.content.decode()
        again = clients[1].post(url, {"seen": seen}, follow=True)
        assert "现在是“发布中”，不能再复核发布" in told(again)[0]
        assert run_release(submitted.pk)
        page = clients[1].get(page_of(submitted)).content.decode()
        assert "撤回整次发布" in page and "hx-trigger" not in page and "发布前的预览" in page

    def test_a_returned_one_says_why_and_cannot_be_released(self, clients, upload, officers):
        submitted = prepare(upload, officers[0])
        url = f"{page_of(submitted)}return/"
        assert "恢复为“待发布”" in clients[1].get(url).content.decode()
        assert "退回必须写明原因" in clients[1].post(url, {"reason": " "}).content.decode()
        response = clients[1].post(url, {"reason": "第 2 行 <原因> 不对"}, follow=True)
        assert "退回原因：第 2 行 &lt;原因&gt; 不对" in response.content.decode()
        assert "已不是“待复核”，不能退回" in told(clients[1].get(url, follow=True))[0]
        assert "复核发布</button>" not in response.content.decode()

    def test_rows_with_errors_now_are_told_and_the_button_is_shut(self, clients, upload, officers):
        submitted = prepare(upload, officers[0])
        row = upload.rows.get(number=2)
        row.cells["hs_code"] = "12"
        row.save()
        page = clients[1].get(page_of(submitted)).content.decode()
        assert "序号 2 共 1 行按现在的规则有错误" in page and "disabled" in page
        response = clients[1].post(f"{page_of(submitted)}approve/", {"seen": ""}, follow=True)
        assert told(response) == ["这些行按现在的规则有错误，不能发布；请退回修正。"]


class TestWithdrawing:
    def test_the_page_shows_what_it_changes_and_asks_why(
        self, clients, upload, officers, party, enterprise
    ):
        declare(Row(1, party, party))
        done = release_upload(upload, *officers)
        url = f"{page_of(done)}withdraw/"
        page = clients[0].get(url).content.decode()
        assert "撤回会改变什么" in page and "2 项，没有申报数据" in page
        assert "撤回必须写明原因" in clients[0].post(url, {"reason": ""}).content.decode()
        assert "最多 500 个字" in clients[0].post(url, {"reason": "字" * 501}).content.decode()
        response = clients[0].post(url, {"reason": "传错文件"}, follow=True)
        assert "正在撤回" in told(response)[0] and "撤回中" in response.content.decode()
        assert (
            "现在是“撤回中”，不能撤回"
            in told(clients[0].post(url, {"reason": "再撤"}, follow=True))[0]
        )
        assert run_withdrawal(done.release_id)
        work_outbox()
        assert "此发布已于" in clients[0].get(page_of(done)).content.decode()
        changes = history_of(enterprise, content(SOFA).pk)
        assert [change.cause for change in changes] == [
            "审核数据撤回（原因：传错文件）",
            "审核数据发布",
        ]
        operator = client_for(make_user(enterprise=enterprise))
        message = enterprise.messages.get()
        assert "撤回原因：传错文件" in operator.get(f"/messages/{message.pk}/").content.decode()

    def test_what_is_not_in_effect_cannot_be_taken_back(self, clients, upload, officers):
        submitted = prepare(upload, officers[0])
        response = clients[0].get(f"{page_of(submitted)}withdraw/", follow=True)
        assert "现在是“待复核”，不能撤回" in told(response)[0]


class TestLists:
    def test_those_that_wait_come_first_and_each_state_can_be_found(self, clients, officers, party):
        found = {}
        for number, state in enumerate(
            ("to_review", "returned", "failed", "running", "effective", "withdrawing", "withdrawn"),
            1,
        ):
            upload = make_upload("2026-09", Row(number, party, party), by=officers[0])
            submitted = prepare(upload, officers[0])
            found[state] = submitted.release_id
            if state == "returned":
                give_back(submitted, "请核对", officers[1])
            elif state != "to_review":
                approve(submitted, officers[1])
                if state == "failed":
                    UploadRelease.objects.filter(pk=submitted.pk).update(attempts=3)
                if state != "running":
                    run_release(submitted.pk)
                if state in ("withdrawing", "withdrawn"):
                    ask_for_withdrawal(submitted.release, "误传", officers[0])
                if state == "withdrawn":
                    run_withdrawal(submitted.release_id)
        audited = audit("2026-09", Row(90, party, party)).pk
        with CaptureQueriesContext(connection) as queries:
            response = clients[0].get(LIST)
        assert len(queries) <= 8
        shown = [row.pk for row in response.context["page"].rows]
        assert shown == [
            found["to_review"],
            audited,
            *sorted((pk for state, pk in found.items() if state != "to_review"), reverse=True),
        ]
        for state, pk in found.items():
            rows = clients[0].get(LIST, {"state": state}).context["page"].rows
            assert [row.pk for row in rows] == ([audited, pk] if state == "effective" else [pk])
        page = response.content.decode()
        for words in (
            "待复核",
            "原因：请核对",
            "原因：误传",
            "连续 3 次中断",
            "撤回中",
            "发布失败",
        ):
            assert words in page

    def test_an_upload_knows_its_releases_in_two_queries(self, upload, officers, rf):
        prepare(upload, officers[0], [1])
        give_back(prepare(upload, officers[0], [2]), "请核对", officers[1])
        with CaptureQueriesContext(connection) as queries:
            told = summary(upload, officers[0])
        assert len(queries) <= 2
        assert (told["clean"], [line.state for line in told["lines"]]) == (
            2,
            ["returned", "to_review"],
        )
        assert [line.why[:8] for line in told["lines"]] == ["请核对", "这次发布由您提交"]
