"""Over random histories the newest version of each message is a plain count of the verdicts."""

from collections import Counter
from contextlib import suppress
from datetime import date
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from declarations.faults import ImportRefused
from declarations.models import AuditVerdict, Release
from declarations.releases import withdraw
from messages_app.models import MessageVersion
from tests.factories import customs_code, make_enterprise
from tests.world import Party, Row, audit, declare

LINES, PARTIES = st.integers(1, 3), st.integers(0, 3)
Figures = tuple[int, int, int, int]


def counted() -> dict[tuple[int, date], Figures]:
    """Count every enterprise's figures of every month, one verdict after the other.

    A line's latest counting release of a month is found here again, not read from the flag.
    """
    latest: dict[tuple[int, date], AuditVerdict] = {}
    verdicts = AuditVerdict.objects.filter(
        release__released_at__isnull=False, release__withdrawn_at=None
    ).order_by("release__released_at", "release")
    for verdict in verdicts:
        latest[verdict.line_id, verdict.audit_month] = verdict
    found: Counter[tuple[int, date, int]] = Counter()
    for verdict in latest.values():
        for place, party in ((0, verdict.agent_id), (2, verdict.trader_id)):
            found[party, verdict.audit_month, place] += 1
            found[party, verdict.audit_month, place + 1] += not verdict.conforming
    keys = {(party, month) for party, month, _ in found}
    return {key: tuple(found[*key, place] for place in range(4)) for key in keys}


class History(RuleBasedStateMachine):
    """Audits, withdrawals, and declared rows that join an enterprise known by its code."""

    @initialize()
    def begin(self) -> None:
        self.known = [make_enterprise(f"大连虚构{n}号") for n in range(3)]
        self.code = customs_code()
        self.parties = [Party.of(one) for one in self.known] + [Party(code=self.code, name="四号")]

    @rule(
        month=st.sampled_from(["2026-08", "2026-09"]),
        rows=st.lists(
            st.tuples(LINES, PARTIES, PARTIES, st.booleans()),
            min_size=1,
            max_size=3,
            unique_by=lambda row: row[0],
        ),
    )
    def audits(self, month, rows) -> None:
        audit(
            month,
            *(
                Row(n, self.parties[a], self.parties[t], declared_on=date(2026, 7, 5), conforming=c)
                for n, a, t, c in rows
            ),
        )

    @rule(pick=st.integers(0, 20))
    def withdraws(self, pick) -> None:
        if standing := list(Release.objects.filter(withdrawn_at=None).order_by("pk")):
            withdraw(standing[pick % len(standing)], "误传")

    @rule(owner=st.integers(0, 2))
    def names_both(self, owner) -> None:
        both = Party(uscc=self.known[owner].uscc, code=self.code, name="四号")
        # Refused where the code is another's already: nothing changes then.
        with suppress(ImportRefused):
            declare(Row(99, self.parties[0], both, declared_on=date(2026, 7, 5)))

    @invariant()
    def messages_say_what_the_verdicts_say(self) -> None:
        said: dict[tuple[int, date], list[Figures]] = {}
        for version in MessageVersion.objects.select_related("message").order_by("number"):
            key = (version.message.enterprise_id, version.message.audit_month)
            said.setdefault(key, []).append(
                (
                    version.agent_audited,
                    version.agent_nonconforming,
                    version.trader_audited,
                    version.trader_nonconforming,
                )
            )
            assert version.number == len(said[key])
        expected = counted()
        assert {key: history[-1] for key, history in said.items() if any(history[-1])} == expected
        for history in said.values():
            assert any(history[0]), "a first version of zeros"
            assert all(a != b for a, b in pairwise(history))


class MessagesFollowHistories(TestCase):
    """The machine above, each history in a transaction that is rolled back."""

    def test_any_history_of_audits_withdrawals_and_joins(self) -> None:
        case = self

        class Machine(History):
            def __init__(self) -> None:
                case.setup_example()
                super().__init__()

            def teardown(self) -> None:
                case.teardown_example(None)

        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=15,
                stateful_step_count=10,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
