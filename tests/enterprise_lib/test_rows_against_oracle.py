"""Every way of finding rows gives what plain loops over all lines and verdicts give."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from catalogue.models import Outbox
from comparison.models import Mark
from declarations.models import AuditVerdict, IEFlag
from enterprise_lib import queries
from enterprise_lib.conditions import Conditions, Order, PartyRole, Sort
from enterprise_lib.queries import LibraryRows
from pages.paging import Count
from tests.enterprise_lib.oracle import expected_keys
from tests.enterprise_lib.random_world import (
    FIRST_DAY,
    World,
    declare,
    make_world,
    random_conditions,
    random_order,
)

pytestmark = pytest.mark.django_db

# On small data the shipped limits would always gather: these make each way be taken.
WAYS = {
    "shipped": {},
    "walk": {"FEW": -1, "GATHERED": -1, "WALK_BUDGET": 10**6},
    "walk given up": {"FEW": -1, "GATHERED": -1, "WALK_BUDGET": 4},
    "small code ranges": {"FEW": 1, "GATHERED": 2},
}


def in_every_way(monkeypatch) -> Iterator[str]:
    """Let LibraryRows take each way in turn."""
    for way, limits in WAYS.items():
        with monkeypatch.context() as patch:
            for name, value in limits.items():
                patch.setattr(queries, name, value)
            if way.startswith("walk"):
                patch.setattr(LibraryRows, "_walk_is_shorter", lambda self, needed: True)
            yield way


def check(world: World, asked: Conditions, order: Order, enterprise, way: str = "") -> None:
    """Hold count and pages against the oracle: the first, one in the middle, one past the end."""
    expected = expected_keys(world.rows_of(enterprise), asked, order)
    source = LibraryRows(enterprise, asked, order)
    assert source.count() == Count(len(expected)), (way, asked)
    offset = world.dice.randrange(max(len(expected), 1))
    for start, limit in ((0, 20), (offset, 5), (len(expected), 5)):
        keys = [row_id.key for row_id in source.row_ids(start, limit)]
        assert keys == expected[start : start + limit], (way, asked, order, start)


@pytest.mark.parametrize("seed", range(4))
def test_any_query_finds_the_rows_that_plain_loops_find(seed, monkeypatch):
    world = make_world(seed)
    for way in in_every_way(monkeypatch):
        for _ in range(30):
            enterprise = world.dice.choice(world.enterprises)
            asked = random_conditions(world.dice, world.rows)
            check(world, asked, random_order(world.dice), enterprise, way)


@pytest.mark.parametrize("seed", [11, 12])
def test_any_query_finds_them_while_contents_wait_to_be_compared(seed, monkeypatch):
    world = make_world(seed, settled=False)
    assert Outbox.objects.exists()
    assert any(row.mark == "" for row in world.rows_of(world.enterprises[0]))
    for way in in_every_way(monkeypatch):
        for _ in range(30):
            enterprise = world.dice.choice(world.enterprises[:3])
            asked = random_conditions(world.dice, world.rows)
            check(world, asked, random_order(world.dice), enterprise, way)


def test_a_page_holds_the_rows_that_its_ids_name():
    world = make_world(5)
    enterprise = world.enterprises[0]
    rows = LibraryRows(enterprise, Conditions()).rows(3, 50)
    plain = {row.key: row for row in world.rows_of(enterprise)}
    assert len(rows) > 20
    for row in rows:
        expected = plain[row.key]
        assert row.goods.content_id == expected.content.pk
        assert (row.entry_id, row.trade_mode) == (expected.entry_id, expected.trade_mode)
        assert row.declared_on == expected.declared_on
        assert (row.mark or "") == expected.mark
        assert {PartyRole.AGENT: row.is_agent, PartyRole.TRADER: row.is_trader} == {
            role: role in expected.parties for role in PartyRole
        }


ALONE = {
    **{f"mark {mark.value}": Conditions(marks=frozenset({mark})) for mark in Mark},
    "two marks": Conditions(marks=frozenset({Mark.CONFORMING, Mark.UNMARKED})),
    "trade mode": Conditions(trade_modes=frozenset({"0615"})),
    "two trade modes": Conditions(trade_modes=frozenset({"0615", "4500"})),
    "trade mode of nobody": Conditions(trade_modes=frozenset({"9739"})),
    "two digits": Conditions(hs_prefix="94"),
    "ten digits": Conditions(hs_prefix="8482102000"),
    "imports": Conditions(ie_flag=IEFlag.IMPORT),
    "exports": Conditions(ie_flag=IEFlag.EXPORT),
    "agent": Conditions(role=PartyRole.AGENT),
    "trader": Conditions(role=PartyRole.TRADER),
    "from": Conditions(declared_from=FIRST_DAY + timedelta(days=6)),
    "to": Conditions(declared_to=FIRST_DAY + timedelta(days=6)),
    "one day": Conditions(declared_from=FIRST_DAY, declared_to=FIRST_DAY),
    "word": Conditions(words=("轴承",)),
    "two words": Conditions(words=("沙发", "木")),
    "one character": Conditions(words=("蟹",)),
    "one digit": Conditions(words=("6",)),
    "grams of a word apart": Conditions(words=("球轴承钢",)),
}


def test_each_condition_alone():
    world = make_world(3)
    found = set()
    for name, asked in ALONE.items():
        for enterprise in world.enterprises:
            for order in (Order(), Order(Sort.HS_CODE, False), Order(Sort.MARK, True)):
                check(world, asked, order, enterprise, name)
            if LibraryRows(enterprise, asked).count().value:
                found.add(name)
    assert set(ALONE) - found == {"trade mode of nobody", "grams of a word apart"}


def test_the_random_worlds_hold_what_the_queries_are_about():
    marks, audited, both, ties = set(), 0, 0, 0
    for seed in range(2):
        world = make_world(seed)
        for enterprise in world.enterprises[:3]:
            rows = world.rows_of(enterprise)
            marks |= {row.mark for row in rows}
            audited += sum(row.is_audited for row in rows)
            both += sum(len(row.parties) == 2 for row in rows)
            ties += len(rows) - len({row.declared_on for row in rows})
        assert world.rows_of(world.enterprises[3]) == []
    assert marks == {mark.value for mark in Mark}
    assert audited > 8
    assert both > 10
    assert ties > 40


def test_a_declaration_is_found_by_its_number_and_two_numbers_find_nothing():
    world = make_world(1)
    enterprise = world.enterprises[0]
    line = next(row for row in world.rows_of(enterprise) if not row.is_audited)
    found = LibraryRows(enterprise, Conditions(entry_ids=(line.entry_id,)))
    assert line.key in [row.key for row in found.rows(0, 20)]
    assert {row.entry_id for row in found.rows(0, 20)} == {line.entry_id}
    none = LibraryRows(enterprise, Conditions(entry_ids=(line.entry_id, "090120261999999999")))
    assert (none.count(), none.rows(0, 20)) == (Count(0), [])


def test_an_audited_row_stands_right_below_its_line():
    below = 0
    for seed in range(2):
        world = make_world(seed)
        for enterprise in world.enterprises[:3]:
            rows = LibraryRows(enterprise, Conditions()).rows(0, 200)
            lines = {row.key: place for place, row in enumerate(rows)}
            for verdict in AuditVerdict.objects.filter(
                pk__in=[r.row_id.number for r in rows if r.is_audited_text]
            ):
                same_day = verdict.declared_on == verdict.line.declared_on
                place = lines.get(f"L{verdict.line_id}")
                if same_day and place is not None:
                    below += 1
                    between = rows[place + 1 : lines[f"A{verdict.pk}"]]
                    assert all(row.is_audited_text for row in between)
    assert below > 2


def test_a_corrected_line_adds_its_audited_text_and_a_party_that_left_keeps_only_that():
    world = make_world(2, lines=12)
    _, trader, other, _ = world.enterprises
    row = next(r for r in world.rows if r.trader.uscc == trader.uscc)
    declare(replace(row, trader=replace(row.trader, uscc=other.uscc, name=other.name)))
    world.forget_rows()
    for enterprise in world.enterprises:
        check(world, Conditions(), Order(), enterprise)


def test_totals_stop_counting_at_their_limits(monkeypatch):
    world = make_world(4)
    broker = world.enterprises[0]
    monkeypatch.setattr(queries, "COUNT_LIMIT", 7)
    monkeypatch.setattr(queries, "COSTLY_COUNT_LIMIT", 3)
    by_mode = Conditions(trade_modes=frozenset({"0110"}))
    assert LibraryRows(broker, by_mode).count() == Count(7, capped=True)
    assert not LibraryRows(broker, Conditions()).count().capped, "entries tell it exactly"
    monkeypatch.setattr(queries, "GATHERED", 3)
    both = replace(by_mode, ie_flag=IEFlag.IMPORT)
    assert LibraryRows(broker, both).count() == Count(3, capped=True)
