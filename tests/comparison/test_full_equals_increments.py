"""Over random histories: increments = the rules written plainly = a full run, byte for byte."""

import os
from contextlib import suppress
from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from authorization.models import Enterprise
from catalogue.editions import put_in_force
from catalogue.editions import withdraw as withdraw_edition
from comparison.choices import ChoiceRefused, set_publication, set_self_selected
from comparison.models import LibraryEntry, Mark, Publication
from comparison.working import full_compare, waiting_chapters, work_chapter, work_outbox
from declarations.faults import ImportRefused
from declarations.models import Release
from declarations.releases import withdraw
from tests.catalogue.lists import store_lists
from tests.comparison.nearest_oracle import expected_reasons, nearest_stored, stored_reasons
from tests.comparison.oracle import (
    everything_stored,
    expected_entries,
    expected_projections,
    stored_entries,
    stored_projections,
)
from tests.factories import customs_code, make_enterprise, make_user
from tests.world import (
    SOFA,
    SOFA_OTHER_FACT,
    SOFA_OTHER_FORM,
    TABLE,
    Party,
    Row,
    audit,
    declare,
)

# Element lists of SOFA's and TABLE's codes by the year of their edition.
LISTS = {
    2025: {"94016190": ("用途", "面料", "框架", "装软垫", "品牌"), "39241000": ("用途", "材质", "品牌", "型号")},
    2026: {"94016190": ("用途", "面料", "框架", "品牌"), "39241000": ("用途", "材质", "品牌", "型号")},
    2027: {"94016190": ("用途", "面料", "框架", "装软垫", "品牌"), "39241000": ("生产厂商", "材质", "品牌")},
}  # fmt: skip
# Of SOFA's block: equally near ones, one with a hidden part, one of another ten-digit code.
SOFAS = [
    replace(SOFA, g_model="0|3|家居用|布面|钢框架|装软垫|无品牌"),
    replace(SOFA, g_model="0|3|办公用|皮面|铁框架|装软垫|海蓝牌"),
    replace(SOFA, g_model="0|3|家居用|皮面|木框架|装软垫|无品牌|其他甲"),
    replace(SOFA, hs_code="9401619010", g_model="0|3|用于家居|布面|木框架|装软垫|无牌"),
]
TEXTS = st.sampled_from([SOFA, SOFA_OTHER_FORM, SOFA_OTHER_FACT, TABLE, *SOFAS])
LINES = st.integers(1, 4)
PARTIES = st.integers(0, 3)
MONTHS = st.sampled_from(["2026-08", "2026-09", "2026-10"])
DAYS = st.sampled_from([date(2026, 7, 5), date(2026, 8, 3), date(2026, 8, 30)])

# HISTORIES=200 for a long look.
HISTORIES = int(os.environ.get("HISTORIES", "15"))


class History(RuleBasedStateMachine):
    """Imports, audits, corrections, joins, withdrawals, choices, and work in any order."""

    @initialize(is_known=st.booleans())
    def begin(self, is_known) -> None:
        known = [make_enterprise(f"大连虚构{n}号") for n in range(3)]
        self.parties = [Party.of(e) for e in known]
        # The fourth is known by its code alone, until a row names both.
        self.code = customs_code()
        self.parties.append(Party(code=self.code, name="营口虚构四号"))
        self.user = make_user(enterprise=known[0])
        # Each of the later ones reads one of the codes as the first does, the other in its own way.
        self.editions = [store_lists(year, lists) for year, lists in LISTS.items()]
        put_in_force(self.editions[0])
        if is_known:  # few histories come by themselves to something that is public
            one, other = self.parties[:2]
            audit(
                "2026-08",
                Row(8, one, other),
                Row(9, one, one, TABLE),
                Row(7, other, one, SOFA_OTHER_FACT),
            )
            work_outbox()

    @rule(number=LINES, agent=PARTIES, trader=PARTIES, text=TEXTS, day=DAYS)
    def declares(self, number, agent, trader, text, day) -> None:
        declare(Row(number, self.parties[agent], self.parties[trader], text, day))

    @rule(
        month=MONTHS,
        rows=st.lists(
            st.tuples(LINES, PARTIES, PARTIES, TEXTS, st.booleans()),
            min_size=1,
            max_size=4,
            unique_by=lambda row: row[0],
        ),
    )
    def audits(self, month, rows) -> None:
        day = date(2026, 7, 5)
        audit(
            month,
            *(
                Row(n, self.parties[a], self.parties[t], text, day, conforming=good)
                for n, a, t, text, good in rows
            ),
        )

    @rule(pick=st.integers(0, 20))
    def withdraws(self, pick) -> None:
        standing = list(Release.objects.filter(withdrawn_at=None).order_by("pk"))
        if standing:
            withdraw(standing[pick % len(standing)], "误传")

    @rule(pick=st.integers(0, 50), chosen=st.booleans())
    def chooses(self, pick, chosen) -> None:
        self._choose(pick, lambda e, ids: set_self_selected(e, ids, chosen, self.user))

    @rule(pick=st.integers(0, 50), publication=st.sampled_from(list(Publication)))
    def publishes(self, pick, publication) -> None:
        self._choose(
            pick,
            lambda e, ids: set_publication(e, ids, publication, self.user),
            mark=Mark.CONFORMING,
        )

    def _choose(self, pick, choose, **wanted) -> None:
        work_outbox()
        entries = list(
            LibraryEntry.objects.filter(**wanted)
            .order_by("enterprise_id", "content_id")
            .select_related("enterprise")
        )
        if entries:
            entry = entries[pick % len(entries)]
            # What is not allowed for a mark is refused; the invariants say that nothing changed.
            with suppress(ChoiceRefused):
                choose(entry.enterprise, [entry.content_id])

    @precondition(lambda self: Enterprise.objects.filter(uscc=None).exists())
    @rule(number=LINES, into=st.integers(0, 2))
    def names_both(self, number, into) -> None:
        both = Party(self.parties[into].uscc, self.code, self.parties[into].name)
        try:
            declare(Row(number, both, both, TABLE))
        except ImportRefused:
            return
        self.parties[3] = self.parties[into]

    @rule(pick=st.integers(0, 2))
    def switches_an_edition(self, pick) -> None:
        edition = self.editions[pick]
        edition.refresh_from_db()
        (withdraw_edition if edition.in_force else put_in_force)(edition)

    @rule(number=LINES, agent=PARTIES, trader=PARTIES, text=TEXTS, day=DAYS)
    def corrects(self, number, agent, trader, text, day) -> None:
        """A line of a known declaration again, with another text, and then its audit."""
        row = Row(number, self.parties[agent], self.parties[trader], text, day)
        declare(row)
        audit("2026-10", row)

    @rule(pick=st.integers(0, 20))
    def works_a_chapter(self, pick) -> None:
        chapters = waiting_chapters()
        if chapters:
            work_chapter(chapters[pick % len(chapters)])

    @invariant()
    def nothing_is_public_that_may_not_be(self) -> None:
        """Even with the outbox full: closing never waits."""
        if hasattr(self, "parties"):
            assert stored_entries()[1] <= expected_entries()[1]

    def teardown(self) -> None:
        if not hasattr(self, "parties"):
            return
        work_outbox()
        assert not waiting_chapters()
        assert stored_entries() == expected_entries()
        assert stored_projections() == expected_projections()
        assert stored_reasons() == expected_reasons()
        before = everything_stored(), nearest_stored()
        full_compare()
        assert (everything_stored(), nearest_stored()) == before
        assert not waiting_chapters()


class FullEqualsIncrements(TestCase):
    """The machine above, each history in a transaction that is rolled back."""

    def test_any_history_of_imports_audits_withdrawals_and_choices(self) -> None:
        run_state_machine_as_test(
            _in_transaction(self),
            settings=settings(
                max_examples=HISTORIES,
                stateful_step_count=14,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def _in_transaction(case: TestCase) -> type[RuleBasedStateMachine]:
    """Have each history begin and end as one test of `case` (a rolled back transaction)."""

    class Machine(History):
        def __init__(self) -> None:
            case.setup_example()
            super().__init__()

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                case.teardown_example(None)

    return Machine
