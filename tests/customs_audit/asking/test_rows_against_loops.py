"""Every way to find officers' rows, against plain loops over all lines and verdicts."""

from datetime import date

import pytest

from comparison.models import Mark
from customs_audit.asking import declared_rows, verdict_rows
from customs_audit.asking.conditions import (
    ContentConditions,
    DeclaredConditions,
    PartyConditions,
    PartyRole,
    VerdictConditions,
    VerdictState,
)
from customs_audit.asking.declared_rows import DeclaredRows
from customs_audit.asking.verdict_rows import VerdictRows
from declarations.models import DeclaredLine, IEFlag

# Whatever is asked, each way must give the same: limits so that each is taken.
WAYS = {
    "gather": {"FEW": 5_000},
    "walk": {"FEW": 0, "WALK_BUDGET": 5_000},
    "walk given up": {"FEW": 0, "WALK_BUDGET": 6},
}
CONTENTS = [
    ContentConditions(),
    ContentConditions(hs_prefix="84"),
    ContentConditions(hs_prefix="8482102000"),
    ContentConditions(ie_flag=IEFlag.EXPORT),
    ContentConditions(words=("轴承",)),
    ContentConditions(words=("家居", "布"), ie_flag=IEFlag.EXPORT),
    ContentConditions(words=("没有",)),
]


def parties(world):
    first, second, third = (one.pk for one in world.traders)
    return [
        PartyConditions(),
        PartyConditions((first,)),
        PartyConditions((first,), PartyRole.AGENT),
        PartyConditions((world.broker.pk,), PartyRole.AGENT),
        PartyConditions((world.broker.pk, third)),
        PartyConditions((second, third), PartyRole.TRADER),
    ]


def together(world):
    """Each condition alone, and some together."""
    anybody, *whose = parties(world)
    yield from ((content, anybody) for content in CONTENTS)
    yield from ((CONTENTS[0], one) for one in whose)
    yield from zip(CONTENTS[1:], whose, strict=False)


def counted(count, expected) -> bool:
    """Whether a count is right, or says that there are more than it counts."""
    return len(expected) > count.value if count.capped else len(expected) == count.value


def has_content(content, asked: ContentConditions) -> bool:
    return (
        content.hs_code.startswith(asked.hs_prefix)
        and (asked.ie_flag is None or content.ie_flag == asked.ie_flag)
        and all(word in content.search_text for word in asked.words)
    )


def names(row, asked: PartyConditions) -> bool:
    if asked.enterprises is None:
        return True
    roles = [asked.role] if asked.role else list(PartyRole)
    return any(getattr(row, f"{role.value}_id") in asked.enterprises for role in roles)


def of_lines(world, asked: DeclaredConditions) -> list[DeclaredLine]:
    return [
        line
        for line in world.shown_lines
        if has_content(line.content, asked.content)
        and names(line, asked.parties)
        and (not asked.marks or world.marks_of(line) & {mark.value for mark in asked.marks})
        and asked.trade_mode in ("", line.trade_mode)
        and (asked.declared_from or date.min) <= line.declared_on
        and line.declared_on <= (asked.declared_to or date.max)
        and all(line.entry_id == number for number in asked.entry_ids)
    ]


def declared_queries(world):
    for content, whose in together(world):
        yield DeclaredConditions(content=content, parties=whose)
    number = world.lines[3].entry_id
    for more in (
        {"trade_mode": "0615"},
        {"declared_from": date(2026, 2, 5), "declared_to": date(2026, 2, 9)},
        {"declared_to": date(2026, 2, 3)},
        {"entry_ids": (number,)},
        {"entry_ids": (number, world.lines[4].entry_id)},
        *({"marks": frozenset({mark})} for mark in Mark),
        {"marks": frozenset({Mark.CONFORMING, Mark.NONCONFORMING})},
    ):
        for content, whose in (
            (CONTENTS[0], parties(world)[0]),
            (CONTENTS[4], parties(world)[0]),
            (CONTENTS[0], parties(world)[1]),
            (CONTENTS[1], parties(world)[4]),
        ):
            yield DeclaredConditions(content=content, parties=whose, **more)


@pytest.mark.parametrize("way", WAYS)
def test_declared_lines_are_those_that_a_loop_finds(world, monkeypatch, way):
    for name, limit in WAYS[way].items():
        monkeypatch.setattr(declared_rows, name, limit)
    monkeypatch.setattr(declared_rows, "CODE_CONTENTS", 1)
    found_any = 0
    for asked in declared_queries(world):
        expected = of_lines(world, asked)
        found_any += bool(expected)
        for down in (True, False):
            by_date = sorted(expected, key=lambda line: (line.declared_on, line.pk), reverse=down)
            rows = DeclaredRows(asked, descending=down)
            assert counted(rows.count(), expected), asked
            assert rows.ids(0, 40) == [line.pk for line in by_date], asked
            assert rows.ids(2, 3) == [line.pk for line in by_date[2:5]], asked
        newest = sorted(expected, key=lambda line: (line.declared_on, line.pk), reverse=True)
        by_code = [line.pk for line in sorted(newest, key=lambda line: line.content.hs_code)]
        rows = DeclaredRows(asked, by_code=True, descending=False)
        assert rows.ids(0, 100) == by_code, asked
        assert rows.ids(1, 4) == by_code[1:5], asked
    assert found_any > 20


def test_a_row_has_both_parties_marks_and_codes(world):
    [row] = [
        row
        for row in DeclaredRows(DeclaredConditions()).rows(0, 100)
        if row.line.pk == world.lines[2].pk
    ]
    assert row.trader_entry.enterprise_id == row.line.trader_id
    assert row.agent_entry.enterprise_id == world.broker.pk
    assert row.agent_code == world.broker.uscc
    assert row.trader_code == world.traders[2].customs_codes.get().code


def state_of(verdict) -> VerdictState:
    if verdict.release.withdrawn_at:
        return VerdictState.WITHDRAWN
    return VerdictState.EFFECTIVE if verdict.is_effective else VerdictState.SUPERSEDED


def of_verdicts(world, asked: VerdictConditions):
    return [
        verdict
        for verdict in world.verdicts
        if has_content(verdict.content, asked.content)
        and names(verdict, asked.parties)
        and asked.state in (None, state_of(verdict))
        and asked.month in (None, verdict.audit_month)
        and asked.conforming in (None, verdict.conforming)
        and (not asked.reason or asked.reason in verdict.reason_codes)
        and asked.auditor in ("", verdict.auditor)
        and (asked.releases is None or verdict.release_id in asked.releases)
        and (asked.declared_from or date.min) <= verdict.declared_on
        and verdict.declared_on <= (asked.declared_to or date.max)
        and all(verdict.line.entry_id == number for number in asked.entry_ids)
    ]


def verdict_queries(world):
    for content, whose in together(world):
        yield VerdictConditions(content=content, parties=whose)
    for more in (
        *({"state": state} for state in VerdictState),
        {"month": date(2026, 5, 1)},
        {"conforming": False},
        {"conforming": True, "state": VerdictState.SUPERSEDED},
        {"reason": "R02"},
        {"auditor": "A01"},
        {"releases": (world.withdrawn.pk,)},
        {"releases": ()},
        {"declared_from": date(2026, 2, 2), "declared_to": date(2026, 2, 4)},
        {"entry_ids": (world.lines[5].entry_id,)},
        {"entry_ids": (world.lines[5].entry_id, world.lines[6].entry_id)},
    ):
        for content in (CONTENTS[0], CONTENTS[4]):
            yield VerdictConditions(content=content, **more)


@pytest.mark.parametrize("way", WAYS)
def test_verdicts_are_those_that_a_loop_finds(world, monkeypatch, way):
    for name, limit in WAYS[way].items():
        monkeypatch.setattr(verdict_rows, name, limit)
    orders = {
        "release": lambda v: (v.pk,),
        "audit_month": lambda v: (v.audit_month, v.pk),
        "declared_on": lambda v: (v.declared_on, v.pk),
        "hs_code": lambda v: (v.content.hs_code, -v.pk),
    }
    found_any = 0
    for asked in verdict_queries(world):
        expected = of_verdicts(world, asked)
        found_any += bool(expected)
        for order, key in orders.items():
            rows = VerdictRows(asked, order, descending=False)
            assert counted(rows.count(), expected), asked
            wanted = [one.pk for one in sorted(expected, key=key)]
            assert rows.ids(0, 40) == wanted, (asked, order)
            assert rows.ids(1, 2) == wanted[1:3], (asked, order)
        newest = sorted((one.pk for one in expected), reverse=True)
        assert VerdictRows(asked).ids(0, 100) == newest
    assert found_any > 20


def test_a_verdict_tells_where_it_stands(world):
    states = {row.verdict.pk: row.state for row in VerdictRows(VerdictConditions()).rows(0, 100)}
    assert states == {one.pk: state_of(one) for one in world.verdicts}
    assert set(states.values()) == set(VerdictState)
