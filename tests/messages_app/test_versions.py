"""Which releases, withdrawals and joins add a version to whose message, and with which figures."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from authorization.joining import join_enterprises
from authorization.models import Enterprise
from declarations.models import AuditVerdict, Release
from declarations.releases import release_verdicts, withdraw
from messages_app.models import Message, MessageRead, MessageVersion
from messages_app.queries import mark_read, unread_count
from messages_app.versions import join_messages
from tests.factories import make_enterprise, make_user
from tests.world import TABLE, Party, Row, audit, declare

pytestmark = pytest.mark.django_db

SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def broker():
    return make_enterprise("大连虚构报关行", broker=True)


@pytest.fixture
def trader():
    return make_enterprise("大连虚构家居")


def row(number: int, agent: Enterprise, trader: Enterprise, **more) -> Row:
    return Row(number, Party.of(agent), Party.of(trader), **more)


def figures(version: MessageVersion) -> tuple[int, int, int, int]:
    return (
        version.agent_audited,
        version.agent_nonconforming,
        version.trader_audited,
        version.trader_nonconforming,
    )


def versions(enterprise: Enterprise, month: date = SEPTEMBER) -> list[MessageVersion]:
    return list(
        MessageVersion.objects.filter(
            message__enterprise=enterprise, message__audit_month=month
        ).order_by("number")
    )


def history(enterprise: Enterprise, month: date = SEPTEMBER) -> list[tuple[int, int, int, int]]:
    return [figures(version) for version in versions(enterprise, month)]


class TestReleases:
    def test_each_party_gets_one_message_with_its_own_figures_by_role(self, broker, trader):
        other = make_enterprise()
        release = audit(
            "2026-09",
            row(1, broker, trader),
            row(2, broker, trader, conforming=False),
            row(3, broker, other),
        )
        assert history(broker) == [(3, 1, 0, 0)]
        assert history(trader) == [(0, 0, 2, 1)]
        assert history(other) == [(0, 0, 1, 0)]
        (version,) = versions(trader)
        assert (version.number, version.cause, version.release) == (1, "release", release)
        assert Message.objects.count() == 3

    def test_an_enterprise_that_declares_for_itself_is_counted_in_both_roles(self, trader):
        audit("2026-09", row(1, trader, trader, conforming=False))
        assert history(trader) == [(1, 1, 1, 1)]

    def test_months_are_messages_of_their_own(self, trader):
        audit("2026-09", row(1, trader, trader))
        audit("2026-10", row(1, trader, trader, conforming=False))
        assert history(trader, SEPTEMBER) == [(1, 0, 1, 0)]
        assert history(trader, date(2026, 10, 1)) == [(1, 1, 1, 1)]

    def test_of_two_releases_in_one_month_that_disagree_on_a_line_the_later_counts(
        self, broker, trader
    ):
        first = audit("2026-09", row(1, broker, trader), row(2, broker, trader))
        second = audit("2026-09", row(1, broker, trader, conforming=False))
        assert history(trader) == [(0, 0, 2, 0), (0, 0, 2, 1)]
        assert [v.release for v in versions(trader)] == [first, second]

    def test_a_second_release_adds_to_the_figures_of_the_month(self, broker, trader):
        audit("2026-09", row(1, broker, trader))
        audit("2026-09", row(2, broker, trader))
        assert history(broker) == [(1, 0, 0, 0), (2, 0, 0, 0)]

    def test_no_version_comes_where_the_own_figures_did_not_change(self, broker, trader):
        other = make_enterprise()
        audit("2026-09", row(1, broker, trader), row(2, broker, other))
        # The same verdict again for the one, a contrary one for the other.
        audit("2026-09", row(1, broker, trader), row(2, broker, other, conforming=False))
        assert history(trader) == [(0, 0, 1, 0)]
        assert history(other) == [(0, 0, 1, 0), (0, 0, 1, 1)]
        assert history(broker) == [(2, 0, 0, 0), (2, 1, 0, 0)]

    def test_who_is_not_named_gets_nothing(self, broker, trader):
        audit("2026-09", row(1, broker, trader))
        bystander = make_enterprise()
        audit("2026-09", row(2, broker, make_enterprise()))
        assert history(trader) == [(0, 0, 1, 0)]
        assert not Message.objects.filter(enterprise=bystander).exists()

    def test_a_party_that_a_later_release_replaces_is_told_that_nothing_is_left(
        self, broker, trader
    ):
        audit("2026-09", row(1, broker, trader))
        right = make_enterprise()
        audit("2026-09", row(1, broker, right))
        assert history(trader) == [(0, 0, 1, 0), (0, 0, 0, 0)]
        assert history(right) == [(0, 0, 1, 0)]
        assert history(broker) == [(1, 0, 0, 0)]

    def test_a_first_version_with_nothing_but_zeros_is_not_made(self, broker, trader):
        released = audit("2026-09", row(1, broker, trader))
        waiting = Release.objects.create(audit_month=SEPTEMBER)
        stranger = make_enterprise()
        held = AuditVerdict.objects.get(release=released)
        held.pk, held.release, held.trader = None, waiting, stranger
        held.counts_in_month = held.is_effective = False
        held.save()
        # The stranger's row waits for its release; this one concerns the same line.
        audit("2026-09", row(1, broker, trader, conforming=False))
        assert not Message.objects.filter(enterprise=stranger).exists()
        release_verdicts(waiting)
        assert history(stranger) == [(0, 0, 1, 0)]

    def test_a_corrected_line_leaves_the_figures_with_the_audited_party(self, broker, trader):
        declare(row(1, broker, trader))
        audit("2026-09", row(1, broker, trader))
        other = make_enterprise()
        declare(row(1, broker, other, text=TABLE))
        audit("2026-09", row(2, broker, trader))
        assert history(trader) == [(0, 0, 1, 0), (0, 0, 2, 0)]
        assert history(other) == []


class TestWithdrawals:
    def test_a_withdrawal_adds_a_version_that_names_it_and_is_unread_again(self, broker, trader):
        reader = make_user(enterprise=trader)
        release = audit("2026-09", row(1, broker, trader, conforming=False))
        mark_read(reader, [versions(trader)[0].pk])
        assert unread_count(reader) == 0
        withdraw(release, "审核文件有误")
        assert history(trader) == [(0, 0, 1, 1), (0, 0, 0, 0)]
        newest = versions(trader)[-1]
        assert (newest.cause, newest.release) == ("withdrawal", release)
        assert newest.release.withdrawal_reason == "审核文件有误"
        assert unread_count(reader) == 1

    def test_after_a_withdrawal_the_figures_are_what_they_were_without_it(self, broker, trader):
        audit("2026-09", row(1, broker, trader), row(2, broker, trader))
        second = audit("2026-09", row(1, broker, trader, conforming=False))
        withdraw(second, "误传")
        assert history(trader) == [(0, 0, 2, 0), (0, 0, 2, 1), (0, 0, 2, 0)]

    def test_withdrawing_what_no_longer_counted_tells_nobody(self, broker, trader):
        first = audit("2026-09", row(1, broker, trader))
        audit("2026-09", row(1, broker, trader, conforming=False))
        withdraw(first, "误传")
        assert history(trader) == [(0, 0, 1, 0), (0, 0, 1, 1)]


class TestJoins:
    """An enterprise known by its code alone turns out to be one with a 统一社会信用代码."""

    @pytest.fixture
    def known_by_code(self):
        return make_enterprise("大连虚构家居", uscc=None)

    def join(self, absorbed: Enterprise, staying: Enterprise) -> None:
        with transaction.atomic():
            join_enterprises([(absorbed.pk, staying.pk)])

    def test_a_month_that_only_the_absorbed_had_moves_with_versions_and_readers(
        self, broker, trader, known_by_code
    ):
        reader = make_user(enterprise=known_by_code)
        audit("2026-09", row(1, broker, known_by_code))
        audit("2026-09", row(2, broker, known_by_code))
        mark_read(reader, [versions(known_by_code)[-1].pk])
        self.join(known_by_code, trader)
        reader.refresh_from_db()
        assert history(trader) == [(0, 0, 1, 0), (0, 0, 2, 0)]
        assert unread_count(reader) == 0
        assert unread_count(make_user(enterprise=trader)) == 1

    def test_a_month_that_both_had_gets_a_version_with_the_joined_figures(
        self, broker, trader, known_by_code
    ):
        reader = make_user(enterprise=trader)
        audit("2026-09", row(1, broker, trader))
        audit("2026-09", row(2, broker, known_by_code, conforming=False))
        mark_read(reader, [versions(trader)[-1].pk])
        self.join(known_by_code, trader)
        assert history(trader) == [(0, 0, 1, 0), (0, 0, 2, 1)]
        newest = versions(trader)[-1]
        assert (newest.cause, newest.release, newest.number) == ("join", None, 2)
        assert unread_count(reader) == 1
        assert Message.objects.filter(audit_month=SEPTEMBER).count() == 2  # broker's and this

    def test_a_line_between_the_two_counts_in_both_roles_afterwards(self, trader, known_by_code):
        audit("2026-09", row(1, known_by_code, trader, conforming=False))
        assert history(trader) == [(0, 0, 1, 1)]
        self.join(known_by_code, trader)
        assert history(trader)[-1] == (1, 1, 1, 1)

    def test_no_version_comes_where_the_absorbed_had_nothing_left(
        self, broker, trader, known_by_code
    ):
        audit("2026-09", row(1, broker, trader))
        withdraw(audit("2026-09", row(2, broker, known_by_code)), "误传")
        self.join(known_by_code, trader)
        assert history(trader) == [(0, 0, 1, 0)]

    def test_other_enterprises_hear_nothing_of_it(self, broker, trader, known_by_code):
        audit("2026-09", row(1, broker, trader), row(2, broker, known_by_code))
        self.join(known_by_code, trader)
        assert history(broker) == [(2, 0, 0, 0)]

    def test_two_enterprises_may_join_one_that_had_no_message(self, broker, trader, known_by_code):
        second = make_enterprise("大连虚构家居二厂", uscc=None)
        audit("2026-09", row(1, broker, known_by_code), row(2, broker, second, conforming=False))
        with transaction.atomic():
            join_enterprises([(known_by_code.pk, trader.pk), (second.pk, trader.pk)])
        assert history(trader) == [(0, 0, 1, 0), (0, 0, 2, 1)]
        assert [v.cause for v in versions(trader)] == ["release", "join"]

    @pytest.mark.parametrize("repointed_first", [True, False])
    def test_it_does_not_matter_whether_the_verdicts_are_repointed_before_or_after(
        self, broker, trader, known_by_code, repointed_first
    ):
        audit("2026-09", row(1, broker, trader), row(2, known_by_code, known_by_code))
        audit("2026-10", row(3, broker, known_by_code, conforming=False))

        def repoint():
            for party in ("agent", "trader"):
                AuditVerdict.objects.filter(**{party: known_by_code}).update(**{party: trader})

        with transaction.atomic():
            if repointed_first:
                repoint()
            join_messages([(known_by_code.pk, trader.pk)])
            if not repointed_first:
                repoint()
        assert history(trader) == [(0, 0, 1, 0), (1, 0, 2, 0)]
        assert history(trader, date(2026, 10, 1)) == [(0, 0, 1, 1)]
        assert not Message.objects.filter(enterprise=known_by_code).exists()

    def test_a_declared_row_that_names_code_and_number_joins_the_messages(
        self, broker, trader, known_by_code
    ):
        code = known_by_code.customs_codes.get().code
        audit("2026-09", row(1, broker, known_by_code))
        both = Party(uscc=trader.uscc, code=code, name=trader.name)
        declare(Row(9, Party.of(broker), both))
        assert not Enterprise.objects.filter(pk=known_by_code.pk).exists()
        assert history(trader) == [(0, 0, 1, 0)]


def test_reads_go_with_the_version_that_they_belong_to(trader):
    release = audit("2026-09", row(1, trader, trader))
    (version,) = versions(trader)
    mark_read(make_user(enterprise=trader), [version.pk])
    withdraw(release, "误传")
    assert MessageRead.objects.get().version == version


def test_many_enterprises_take_no_more_statements_than_few(trader):
    counts = []
    for size in (2, 60):
        parties = [make_enterprise() for _ in range(size)]
        release = audit("2026-09", *(row(n, p, trader) for n, p in enumerate(parties, 1)))
        with CaptureQueriesContext(connection) as captured:
            withdraw(release, "误传")
        counts.append(len(captured))
    assert counts[0] == counts[1]
