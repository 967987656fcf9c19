"""Conflicts of verdicts: which contents and months they are, and what they touch."""

from datetime import date

import pytest

from comparison.models import ContentConflict, LibraryEntry
from comparison.working import full_compare, work_outbox
from declarations.models import DeclaredLine
from declarations.releases import withdraw
from tests.comparison.oracle import effective_verdicts
from tests.factories import make_enterprise
from tests.world import SOFA, TABLE, Party, Row, audit, content, declare

pytestmark = pytest.mark.django_db


def stored():
    return {
        (c.content_id, c.audit_month.month): (
            c.conforming_rows,
            c.nonconforming_rows,
            c.divided_enterprises,
            c.enterprises,
            c.lines,
        )
        for c in ContentConflict.objects.all()
    }


def expected():
    """The same from verdicts and entries, by plain loops."""
    verdicts = effective_verdicts()
    deciding: dict[tuple[int, int], date] = {}
    for v in verdicts:
        for party in {v.agent_id, v.trader_id}:
            key = party, v.content_id
            deciding[key] = max(deciding.get(key, date.min), v.audit_month)
    found = {}
    for month, pk in {(v.audit_month, v.content_id) for v in verdicts}:
        said = [
            v
            for v in verdicts
            if (v.content_id, v.audit_month) == (pk, month)
            and month in {deciding[v.agent_id, pk], deciding[v.trader_id, pk]}
        ]
        good = sum(v.conforming for v in said)
        if not 0 < good < len(said):
            continue
        own: dict[int, set[bool]] = {}
        for v in said:
            for party in {v.agent_id, v.trader_id}:
                if deciding[party, pk] == month:
                    own.setdefault(party, set()).add(v.conforming)
        entries = LibraryEntry.objects.filter(content_id=pk)
        lines = DeclaredLine.objects.filter(content_id=pk, is_hidden=False)
        found[pk, month.month] = (
            good,
            len(said) - good,
            sum(len(one) == 2 for one in own.values()),
            entries.count(),
            lines.count(),
        )
    return found


def settle():
    work_outbox()
    assert stored() == expected()
    before = stored()
    full_compare()
    assert stored() == before


@pytest.fixture
def parties():
    return [Party.of(make_enterprise(f"大连虚构{n}号")) for n in range(3)]


def test_contrary_verdicts_of_one_enterprise_are_a_conflict_until_one_is_withdrawn(parties):
    one, other, _ = parties
    audit("2026-09", Row(1, one, other))
    second = audit("2026-09", Row(2, one, other, conforming=False))
    settle()
    assert stored() == {(content(SOFA).pk, 9): (1, 1, 2, 2, 2)}
    withdraw(second, "误传")
    settle()
    assert stored() == {}


def test_contrary_verdicts_of_different_enterprises_are_one_too(parties):
    one, other, third = parties
    audit("2026-09", Row(1, one, one), Row(2, other, other, conforming=False))
    declare(Row(3, third, third))
    settle()
    assert stored() == {(content(SOFA).pk, 9): (1, 1, 0, 3, 3)}


def test_a_newer_month_ends_it_for_those_whom_it_names(parties):
    one, other, _ = parties
    audit("2026-08", Row(1, one, one), Row(2, other, other, conforming=False))
    settle()
    assert len(stored()) == 1
    audit("2026-09", Row(3, one, one))
    settle()
    assert stored() == {}


def test_verdicts_that_agree_or_are_of_different_months_are_none(parties):
    one, other, _ = parties
    audit("2026-08", Row(1, one, one, conforming=False), Row(2, one, one, TABLE))
    audit("2026-09", Row(3, one, one), Row(4, other, other, TABLE))
    settle()
    assert stored() == {}


def test_a_further_line_is_counted(parties):
    one, other, third = parties
    audit("2026-09", Row(1, one, other), Row(2, one, other, conforming=False))
    settle()
    declare(Row(3, third, third), Row(4, third, third))
    settle()
    assert stored() == {(content(SOFA).pk, 9): (1, 1, 2, 3, 4)}
