"""The message list and the detail: who sees what, what is unread, what is marked."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from authorization.models import Role
from comparison.working import work_outbox
from declarations.releases import withdraw
from messages_app.models import MessageRead, MessageVersion
from messages_app.queries import MonthFigures, mark_read, month_figures, unread_count
from tests.factories import client_for, make_enterprise, make_user
from tests.world import SOFA, TABLE, Party, Row, audit

pytestmark = pytest.mark.django_db

LIST = "/messages/"
READ = "/messages/read/"


@pytest.fixture
def enterprise():
    return make_enterprise("大连虚构家居")


@pytest.fixture
def operator(enterprise):
    return make_user(enterprise=enterprise)


@pytest.fixture
def client(operator):
    return client_for(operator)


@pytest.fixture
def broker():
    return make_enterprise("大连虚构报关行", broker=True)


def audited(broker, enterprise, month="2026-09", number=1, **more):
    return audit(month, Row(number, Party.of(broker), Party.of(enterprise), **more))


def newest(enterprise, month="2026-09") -> MessageVersion:
    return MessageVersion.objects.filter(
        message__enterprise=enterprise, message__audit_month=f"{month}-01"
    ).latest("number")


def url_of(enterprise, month="2026-09") -> str:
    return reverse("messages_app:detail", args=[newest(enterprise, month).message_id])


def shown_months(response) -> list[str]:
    return [f"{row.message.audit_month:%Y-%m}" for row in response.context["page"].rows]


class TestList:
    def test_it_shows_this_enterprises_messages_the_newest_push_first(
        self, client, broker, enterprise
    ):
        for month in ("2026-08", "2026-10", "2026-09"):
            audited(broker, enterprise, month, declared_on=date(2026, 7, 5))
        audited(broker, make_enterprise(), "2026-07", 2, declared_on=date(2026, 7, 5))
        response = client.get(LIST)
        assert shown_months(response) == ["2026-09", "2026-10", "2026-08"]
        page = response.content.decode()
        assert "2026年09月海关规范申报审核情况" in page
        assert page.count(">未读</span>") == 3

    def test_it_offers_unread_read_and_all(self, client, operator, broker, enterprise):
        audited(broker, enterprise, "2026-08")
        audited(broker, enterprise, "2026-09")
        mark_read(operator, [newest(enterprise, "2026-08").pk])
        assert shown_months(client.get(LIST, {"state": "unread"})) == ["2026-09"]
        assert shown_months(client.get(LIST, {"state": "read"})) == ["2026-08"]
        assert shown_months(client.get(LIST, {"state": ""})) == ["2026-09", "2026-08"]

    def test_the_push_time_is_a_span_of_local_days_both_included(self, client, broker, enterprise):
        audited(broker, enterprise)
        # 23:30 of 3 September in Dalian is still 3 September, though 15:30 in London.
        pushed = datetime(2026, 9, 3, 23, 30, tzinfo=timezone.get_default_timezone())
        MessageVersion.objects.update(pushed_at=pushed)

        def found(start, end):
            span = {"pushed_at_from": start, "pushed_at_to": end}
            return len(client.get(LIST, span).context["page"].rows)

        assert found("2026-09-03", "2026-09-03") == 1
        assert found("2026-09-04", "") == 0
        assert found("", "2026-09-02") == 0

    def test_a_span_the_wrong_way_round_is_refused_with_a_sentence(self, client):
        span = {"pushed_at_from": "2026-09-04", "pushed_at_to": "2026-09-03"}
        page = client.get(LIST, span).content.decode()
        assert "起始日期晚于截止日期" in page

    def test_an_enterprise_without_messages_is_told_when_they_come(self, client):
        page = client.get(LIST).content.decode()
        assert "还没有企业消息" in page and "海关发布月度审核结果后" in page

    def test_a_message_with_versions_shows_the_newest_and_what_made_it(
        self, client, broker, enterprise
    ):
        withdraw(audited(broker, enterprise), "误传")
        response = client.get(LIST)
        assert len(response.context["page"].rows) == 1
        assert "第 2 版，因审核数据撤回更新" in response.content.decode()

    def test_the_number_of_queries_does_not_grow_with_the_messages(
        self, client, broker, enterprise, django_assert_max_num_queries
    ):
        for number in range(1, 13):
            month = f"2025-{number:02}"
            audited(broker, enterprise, month, number, declared_on=date(2024, 12, 5))
        with django_assert_max_num_queries(8):
            assert len(client.get(LIST).context["page"].rows) == 12


class TestDetail:
    def test_it_says_the_months_and_the_own_figures(self, client, broker, enterprise):
        ours, theirs = Party.of(enterprise), Party.of(broker)
        other = Party.of(make_enterprise())
        audit(
            "2026-09",
            Row(1, theirs, ours),
            Row(2, theirs, ours, TABLE, conforming=False),
            Row(3, ours, ours),
            Row(4, theirs, other),
        )
        page = client.get(url_of(enterprise)).content.decode()
        assert (
            "2026年09月海关规范申报审核：共审核 4 条，规范 3，不规范 1，规范申报率 75.00%。" in page
        )
        assert (
            "贵企业作为申报单位被审核 1 条，不规范 0 条；作为收发货人被审核 3 条，不规范 1 条。"
            in page
        )

    def test_another_enterprises_message_does_not_exist(self, client, broker, enterprise):
        audited(broker, enterprise)
        assert client.get(url_of(broker)).status_code == 404
        assert MessageRead.objects.count() == 0

    def test_opening_it_reads_this_very_version_and_the_sign_goes(
        self, client, operator, broker, enterprise
    ):
        audited(broker, enterprise)
        assert "new-sign" in client.get(LIST).content.decode()
        page = client.get(url_of(enterprise)).content.decode()
        assert "new-sign" not in page
        assert [read.version for read in MessageRead.objects.filter(user=operator)] == [
            newest(enterprise)
        ]

    def test_a_look_ahead_by_a_browser_reads_nothing(self, client, operator, broker, enterprise):
        audited(broker, enterprise)
        client.head(url_of(enterprise))
        assert unread_count(operator) == 1

    def test_opening_it_twice_is_reading_it_once(self, client, broker, enterprise):
        audited(broker, enterprise)
        for _ in range(2):
            client.get(url_of(enterprise))
        assert MessageRead.objects.count() == 1

    def test_earlier_versions_stay_readable_with_cause_and_time_and_reason(
        self, client, broker, enterprise
    ):
        first = audited(broker, enterprise, conforming=False)
        withdraw(first, "审核文件传错月份")
        page = client.get(url_of(enterprise)).content.decode()
        assert page.count("撤回原因：审核文件传错月份") == 2  # in the notice and in the history
        assert "作为收发货人审核 1 条，不规范 1 条" in page
        assert "作为收发货人审核 1 条改为 0 条" in page
        assert page.index("第 2 版") < page.index("第 1 版</strong>")
        for version in MessageVersion.objects.filter(message__enterprise=enterprise):
            assert f"{timezone.localtime(version.pushed_at):%Y-%m-%d %H:%M}" in page
        assert "本月审核数据已撤回，目前没有有效的审核结论" in page

    def test_a_reason_is_text_and_never_markup(self, client, broker, enterprise):
        withdraw(audited(broker, enterprise), "<script>alert(1)</script>")
        page = client.get(url_of(enterprise)).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page

    def test_its_link_shows_just_the_nonconforming_rows_of_that_role(
        self, client, broker, enterprise
    ):
        ours, theirs = Party.of(enterprise), Party.of(broker)
        audit(
            "2026-09",
            Row(1, theirs, ours, SOFA, conforming=False),
            Row(2, theirs, ours, TABLE),
        )
        work_outbox()
        detail = client.get(url_of(enterprise))
        as_agent, as_trader = detail.context["figures"]
        page = detail.content.decode().replace("&amp;", "&")
        assert f'href="{as_trader.url}"' in page
        assert f'href="{as_agent.url}"' not in page  # nothing to see there
        library = client.get(as_trader.url).content.decode()
        assert "布沙发" in library and "塑料桌" not in library
        assert "布沙发" not in client.get(as_agent.url).content.decode()

    def test_the_number_of_queries_does_not_grow_with_the_versions(
        self, client, broker, enterprise, django_assert_max_num_queries
    ):
        for good in (True, False, True, False, True):
            audited(broker, enterprise, conforming=good)
        with django_assert_max_num_queries(10):
            client.get(url_of(enterprise))


class TestMarkingAsRead:
    def test_the_ticked_messages_are_read_by_this_user_only(
        self, client, operator, broker, enterprise
    ):
        colleague = make_user(Role.LEGAL_REPRESENTATIVE, enterprise)
        audited(broker, enterprise, "2026-08")
        audited(broker, enterprise, "2026-09")
        ticked = newest(enterprise, "2026-09").pk
        response = client.post(READ, {"tick": ticked, "next": LIST}, follow=True)
        assert "已将 1 条消息标记为已读" in response.content.decode()
        assert (unread_count(operator), unread_count(colleague)) == (1, 2)

    def test_all_are_read_that_the_page_knew(self, client, operator, broker, enterprise):
        audited(broker, enterprise, "2026-08")
        audited(broker, enterprise, "2026-09")
        known = client.get(LIST).context["newest_version"]
        audited(broker, enterprise, "2026-10")
        client.post(READ, {"all": known, "next": LIST})
        assert unread_count(operator) == 1
        assert shown_months(client.get(LIST, {"state": "unread"})) == ["2026-10"]

    def test_a_version_that_came_after_the_page_was_opened_stays_unread(
        self, client, operator, broker, enterprise
    ):
        audited(broker, enterprise)
        ticked = newest(enterprise).pk
        audited(broker, enterprise, conforming=False)
        client.post(READ, {"tick": ticked})
        assert unread_count(operator) == 1

    def test_another_enterprises_versions_are_left_alone(
        self, client, operator, broker, enterprise
    ):
        audited(broker, enterprise)
        client.post(READ, {"tick": newest(broker).pk, "all": ""})
        assert not MessageRead.objects.exists()
        assert mark_read(operator, [newest(broker).pk]) == 0

    @pytest.mark.parametrize("sent", [{}, {"tick": "x"}, {"tick": "L1"}, {"all": "-1"}])
    def test_nothing_or_nonsense_ticked_gets_a_sentence(self, client, sent):
        page = client.post(READ, {**sent, "next": LIST}, follow=True).content.decode()
        assert "请先在列表中勾选数据" in page or "勾选的数据有误" in page

    def test_opening_the_address_marks_nothing(self, client):
        assert client.get(READ).status_code == 405

    def test_it_goes_back_to_the_query_that_was_left_and_to_no_other_site(
        self, client, broker, enterprise
    ):
        audited(broker, enterprise)
        ticked = newest(enterprise).pk
        there = f"{LIST}?state=unread"
        assert client.post(READ, {"tick": ticked, "next": there}).url == there
        away = {"tick": ticked, "next": "https://example.com/"}
        assert client.post(READ, away).url == LIST


class TestUnreadCount:
    def test_a_new_version_of_a_read_message_is_unread_again(self, operator, broker, enterprise):
        audited(broker, enterprise)
        mark_read(operator, [newest(enterprise).pk])
        assert unread_count(operator) == 0
        audited(broker, enterprise, conforming=False)
        assert unread_count(operator) == 1

    def test_it_is_one_query_and_none_for_users_without_an_enterprise(
        self, operator, django_assert_num_queries
    ):
        with django_assert_num_queries(1):
            assert unread_count(operator) == 0
        officer = make_user(Role.OFFICER)
        with django_assert_num_queries(0):
            assert unread_count(officer) == 0


class TestMonthFigures:
    def test_each_line_counts_once_whatever_its_parties(self, enterprise):
        audit("2026-09", Row(1, Party.of(enterprise), Party.of(enterprise)))
        assert month_figures(date(2026, 9, 1)) == MonthFigures(1, 1)

    def test_they_are_counted_once_until_a_release_or_withdrawal_changes_them(
        self, broker, enterprise
    ):
        september = date(2026, 9, 1)
        audited(broker, enterprise)
        assert month_figures(september) == MonthFigures(1, 1)
        with CaptureQueriesContext(connection) as captured:
            assert month_figures(september) == MonthFigures(1, 1)
        assert "auditverdict" not in str(captured.captured_queries)
        second = audited(broker, enterprise, number=2, conforming=False)
        assert month_figures(september) == MonthFigures(2, 1)
        withdraw(second, "误传")
        assert month_figures(september) == MonthFigures(1, 1)

    def test_a_month_without_audits_has_no_rate(self):
        figures = month_figures(date(2026, 9, 1))
        assert (figures.audited, figures.rate) == (0, None)

    @pytest.mark.parametrize(
        ("audited", "conforming", "rate"),
        [
            (420, 384, "91.43"),
            (3, 3, "100.00"),
            (3, 0, "0.00"),
            (1_000_000, 999_999, "99.99"),
            (8, 1, "12.50"),
        ],
    )
    def test_the_rate_is_conforming_of_audited_and_never_100_before_it_is(
        self, audited, conforming, rate
    ):
        assert MonthFigures(audited, conforming).rate == Decimal(rate)
