"""A withdrawn release leaves marks, matches, the public set, counts and lists as if it had never been.

Two histories with the same imports, audits and choices, one with a release of an upload in it that
is taken back later, end in the same. Contents, lines and releases are named by what they say, not by
their numbers; what stays by intention (choices, history, messages) is not looked at.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from authorization.models import Role
from catalogue.models import Outbox
from comparison.choices import ChoiceRefused, set_publication, set_self_selected
from comparison.models import ContentConflict, EntryChoice, LibraryEntry, Publication, PublicContent
from comparison.working import work_outbox
from customs_audit.releasing import ask_for_withdrawal, run_withdrawal
from declarations.models import AuditVerdict, DeclaredLine
from messages_app.models import MessageVersion
from messages_app.queries import month_figures, newest_versions
from tests.customs_audit.releasing.uploads import make_upload, release_upload
from tests.factories import make_enterprise, make_goods, make_user
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

# HISTORIES=200 for a long look.
HISTORIES = int(os.environ.get("HISTORIES", "8"))
TEXTS = (SOFA, SOFA_OTHER_FORM, SOFA_OTHER_FACT, TABLE)
MONTHS = ("2026-08", "2026-09")
DAY = date(2026, 7, 5)

LINES = st.tuples(
    st.integers(1, 4), st.integers(0, 2), st.integers(0, 2), st.integers(0, 3), st.booleans()
)
ROWS = st.lists(LINES, min_size=1, max_size=3, unique_by=lambda line: line[0])


@dataclass(frozen=True)
class Step:
    """Something that happens in both histories: lines declared or audited, or a choice."""

    what: str
    lines: tuple
    month: str = MONTHS[0]
    chooser: int = 0
    text: int = 0


STEPS = st.lists(
    st.builds(
        Step,
        what=st.sampled_from(["declare", "audit", "audit", "self", "private"]),
        lines=ROWS.map(tuple),
        month=st.sampled_from(MONTHS),
        chooser=st.integers(0, 2),
        text=st.integers(0, 3),
    ),
    max_size=4,
)


class AsIfNever(TestCase):
    @settings(
        max_examples=HISTORIES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(before=STEPS, released=ROWS, month=st.sampled_from(MONTHS), between=STEPS, after=STEPS)
    def test_a_withdrawn_release_leaves_no_trace(self, before, released, month, between, after):
        world = World()
        with_it = world.history(before, (month, released), between, after)
        without = world.history(before, None, between, after)
        assert with_it == without


class World:
    """Three enterprises and two officers, whose histories are undone one after another."""

    def __init__(self) -> None:
        self.enterprises = [make_enterprise(f"大连虚构{n}号") for n in range(3)]
        self.parties = [Party.of(one) for one in self.enterprises]
        self.user = make_user(enterprise=self.enterprises[0])
        self.officers = [make_user(Role.OFFICER) for _ in range(2)]
        self.chosen: set[int] = set()

    def history(self, before, upload, between, after) -> dict[str, object]:
        with transaction.atomic():
            self.number = 0
            self.has_release = upload is not None
            self.go(before)
            if upload is not None:
                month, lines = upload
                done = release_upload(make_upload(month, *self.rows(lines)), *self.officers)
            self.go(between)
            if upload is not None:
                ask_for_withdrawal(done.release, "误传", self.officers[0])
                assert run_withdrawal(done.release_id)
            self.go(after)
            work_outbox()
            found = self.everything()
            transaction.set_rollback(True)
        return found

    def rows(self, lines) -> list[Row]:
        return [
            Row(
                number, self.parties[agent], self.parties[trader], TEXTS[text], DAY, conforming=good
            )
            for number, agent, trader, text, good in lines
        ]

    def go(self, steps) -> None:
        for step in steps:
            self.number += 1
            if step.what == "declare":
                declare(*self.rows(step.lines))
            elif step.what == "audit":
                audit(step.month, *self.rows(step.lines))
            else:
                self.choose(step)

    def choose(self, step: Step) -> None:
        """Choose as a page does; in the other history just what was accepted in the first."""
        enterprise, text = self.enterprises[step.chooser], TEXTS[step.text]
        content = make_goods(text.name, text.g_model, text.hs_code, text.ie_flag).content
        if self.has_release:
            work_outbox()
            with suppress(ChoiceRefused):
                if step.what == "self":
                    set_self_selected(enterprise, [content.pk], True, self.user)
                else:
                    set_publication(enterprise, [content.pk], Publication.PRIVATE, self.user)
                self.chosen.add(self.number)
        elif self.number in self.chosen:
            said = {"self_selected": True} if step.what == "self" else {"publication": "private"}
            EntryChoice.objects.update_or_create(
                enterprise=enterprise, content=content, defaults=said
            )
            Outbox.objects.create(
                chapter=content.hs_code[:2], content_id=content.pk, cause=Outbox.Cause.FULL
            )

    def everything(self) -> dict[str, object]:
        return {
            "entries": {
                (e.enterprise_id, key(e.content)): (
                    e.mark, e.has_conflict, e.matched_content and key(e.matched_content),
                    e.match_source, e.row_count, e.first_declared_on, e.last_declared_on,
                    e.reason.get("kind"), e.reason.get("month"), e.reason.get("conforming"),
                    e.reason.get("nonconforming"),
                )
                for e in LibraryEntry.objects.select_related("content", "matched_content")
            },
            "public": {
                key(shown.content): (
                    shown.trade_modes, shown.latest_month, shown.enterprise_count, shown.g_model,
                )
                for shown in PublicContent.objects.visible().select_related("content")
            },
            "lines": {
                (*line, declared_at is not None)
                for *line, declared_at in DeclaredLine.objects.filter(is_hidden=False).values_list(
                    "entry_id", "g_no", "goods__g_model", "goods__hs_code", "agent", "trader",
                    "trade_mode", "declared_on", "custom_master", "declared_at",
                )
            },
            "verdicts": sorted(
                AuditVerdict.objects.filter(counts_in_month=True).values_list(
                    "line__entry_id", "audit_month", "goods__g_model", "conforming",
                    "is_effective", "differs_from_line",
                )
            ),
            "conflicts": {
                (key(c.content), c.audit_month): (
                    c.conforming_rows, c.nonconforming_rows, c.divided_enterprises,
                    c.enterprises, c.lines,
                )
                for c in ContentConflict.objects.select_related("content")
            },
            "months": [month_figures(date.fromisoformat(f"{month}-01")) for month in MONTHS],
            "messages": {
                (enterprise.pk, version.message.audit_month): figures
                for enterprise in self.enterprises
                for version in newest_versions(enterprise).select_related("message")
                if any(figures := figures_of(version))
            },
        }  # fmt: skip


def key(content) -> bytes:
    return bytes(content.content_key)


def figures_of(version: MessageVersion) -> tuple[int, ...]:
    """A message that a withdrawn release alone has made stays, and says nothing."""
    return (
        version.agent_audited, version.agent_nonconforming,
        version.trader_audited, version.trader_nonconforming,
    )  # fmt: skip
