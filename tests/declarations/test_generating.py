"""Generated lines: the same by seed, skewed as real ones are, stored as an import stores them."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from authorization.models import CustomsCode, Enterprise
from catalogue.models import Outbox
from declarations.code_tables import customs_districts, trade_modes
from declarations.demo.province import Province, Size
from declarations.generating import generate
from declarations.identifiers import parse_entry_id
from declarations.models import AuditVerdict, Content, DeclaredLine, Goods, ImportRun, Release
from declarations.normalise import content_key

SIZE = Size(lines=3_000, enterprises=30, seed=5)


def silent(stage: str, done: int) -> None:
    pass


# --- the province, without a database ------------------------------------------------------------


def test_a_seed_gives_the_same_lines_verdicts_and_goods_again():
    first, again = Province(SIZE), Province(SIZE)
    assert list(first.lines()) == list(again.lines())
    assert list(first.goods) == list(again.goods)
    assert first.audited == again.audited
    assert list(Province(replace(SIZE, seed=6)).lines()) != list(Province(SIZE).lines())


def test_a_few_brokers_hold_a_large_part_of_all_lines():
    province = Province(replace(SIZE, lines=20_000, enterprises=100))
    agents = Counter(line.agent for line in province.lines())
    largest = [agent for agent, _ in agents.most_common(3)]
    assert sum(agents[agent] for agent in largest) > 0.4 * agents.total()
    assert largest[0].is_broker
    assert len(province.brokers) <= 10


def test_some_enterprises_declare_for_themselves():
    lines = list(Province(SIZE).lines())
    alone = {line.trader for line in lines if line.agent == line.trader}
    assert alone
    assert not any(party.is_broker for party in alone)
    assert any(line.agent != line.trader for line in lines)


def test_goods_repeat_and_the_commonest_repeat_most():
    province = Province(replace(SIZE, lines=20_000, enterprises=100))
    counts = Counter(line.good for line in province.lines())
    assert len(counts) < 0.08 * counts.total()
    ranked = [count for _, count in counts.most_common()]
    assert sum(ranked[: len(ranked) // 10]) > 0.3 * counts.total()


def test_near_copies_share_a_content_or_differ_in_one_part():
    goods = {stocked.goods for stocked in Province(replace(SIZE, lines=20_000)).goods}
    contents = Counter(content_key(*good) for good in goods)
    assert sum(count > 1 for count in contents.values()) > 10
    by_code: dict[tuple[str, str, int], list[list[str]]] = {}
    for good in goods:
        parts = good.g_model.split("|")
        by_code.setdefault((good.hs_code, good.name, len(parts)), []).append(parts)
    near = sum(
        sum(a != b for a, b in zip(first, other, strict=True)) == 1
        for alike in by_code.values()
        for place, first in enumerate(alike[:40])
        for other in alike[:place]
    )
    assert near > 50


def test_lines_are_those_of_declarations_that_customs_could_have_taken():
    lines = list(Province(SIZE).lines())
    heads: dict[str, tuple[object, ...]] = {}
    for line in lines:
        entry = parse_entry_id(line.entry_id)
        assert entry is not None
        assert entry.customs in customs_districts() and not entry.customs.endswith("00")
        assert entry.year == line.declared_on.year
        assert line.trade_mode in trade_modes()
        head = (line.agent, line.trader, line.trade_mode, line.declared_on)
        assert heads.setdefault(line.entry_id, head) == head
    assert len({line[:2] for line in lines}) == len(lines)
    assert {date(2022, 1, 1).year, 2025} <= {line.declared_on.year for line in lines}
    assert max(line.declared_on for line in lines) <= SIZE.until


def test_audited_months_follow_the_declarations_they_judge():
    province = Province(replace(SIZE, lines=20_000, audit_share=0.5))
    list(province.lines())
    assert len(province.audited) == SIZE.audit_months
    verdicts = [row for rows in province.audited.values() for row in rows]
    for month, rows in province.audited.items():
        assert month.day == 1
        assert all(row.line.declared_on < month for row in rows)
        assert len({row.line[:2] for row in rows}) == len(rows)
    refused = [row for row in verdicts if row.reason]
    assert 0.05 < len(refused) / len(verdicts) < 0.3
    assert len({row.reason[0] for row in refused if row.reason}) > 6


def test_two_seeds_share_no_code_and_no_entry_number():
    one, two = (Province(replace(SIZE, seed=seed)) for seed in (1, 2))
    assert not {p.customs_code for p in one.parties} & {p.customs_code for p in two.parties}
    assert not {p.uscc for p in one.parties} & {p.uscc for p in two.parties}
    assert not {a.entry_id for a in one.lines()} & {b.entry_id for b in two.lines()}


# --- stored --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_generated_is_stored_as_an_import_stores_it():
    counts = generate(replace(SIZE, audit_share=0.5), silent)
    assert counts["lines"] == DeclaredLine.objects.exclude(declared_at=None).count()
    assert SIZE.lines * 0.98 < counts["lines"] <= SIZE.lines
    assert counts["enterprises"] == SIZE.enterprises == Enterprise.objects.count()
    assert CustomsCode.objects.count() == SIZE.enterprises
    assert counts["verdicts"] == AuditVerdict.objects.count() > 200
    assert counts["releases"] == Release.objects.exclude(released_at=None).count() > 6
    assert AuditVerdict.objects.filter(is_effective=True, conforming=True).exists()
    assert AuditVerdict.objects.filter(is_effective=True, conforming=False).exists()
    assert ImportRun.objects.get().counts["new"] == counts["lines"]
    assert Outbox.objects.exists()
    for goods in Goods.objects.select_related("content").order_by("pk")[:50]:
        text = (goods.hs_code, goods.ie_flag, goods.name, goods.g_model)
        assert bytes(goods.content.content_key) == content_key(*text)
    line = DeclaredLine.objects.select_related("goods", "content").order_by("pk")[0]
    assert line.content == line.goods.content
    assert line.g_qty and line.decl_price
    assert abs(line.g_qty * line.decl_price - line.decl_total) <= 1


@pytest.mark.django_db
def test_generating_the_same_again_stores_nothing():
    generate(SIZE, silent)
    tables = (DeclaredLine, Goods, Content, AuditVerdict, Release, Enterprise)
    before = [table.objects.count() for table in tables]
    again = generate(SIZE, silent)
    assert set(again.values()) == {0}
    assert [table.objects.count() for table in tables] == before


@pytest.mark.django_db
def test_the_command_ends_with_one_line_of_json(capsys):
    call_command("generate_lines", "--lines", "300", "--enterprises", "5", "--seed", "3")
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(last) >= {"lines", "goods", "contents", "enterprises", "verdicts", "seconds"}
    assert last["lines"] == DeclaredLine.objects.exclude(declared_at=None).count()


@pytest.mark.django_db
def test_one_enterprise_alone_declares_for_itself():
    generate(replace(SIZE, lines=100, enterprises=1), silent)
    line = DeclaredLine.objects.first()
    assert line is not None and line.agent == line.trader


@pytest.mark.parametrize(
    "options",
    [
        ["--lines", "0"],
        ["--lines", "many"],
        ["--lines", "10", "--enterprises", "20001"],
        ["--lines", "10", "--audit-share", "1.5"],
        ["--lines", "10", "--until", "2999-01-01"],
        ["--lines", "10", "--until", "yesterday"],
    ],
)
def test_an_impossible_size_is_refused_in_one_sentence(options):
    with pytest.raises(CommandError, match="应"):
        call_command("generate_lines", *options)
