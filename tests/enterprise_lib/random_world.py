"""Small random libraries, made by the real importers and the real comparison."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from authorization.models import Enterprise
from comparison.choices import ChoiceRefused, set_self_selected
from comparison.models import LibraryEntry, Mark
from comparison.working import work_outbox
from declarations.models import IEFlag
from declarations.releases import withdraw
from enterprise_lib.conditions import Conditions, Order, PartyRole, Sort
from tests.enterprise_lib import oracle
from tests.enterprise_lib.oracle import PlainRow, words
from tests.factories import make_enterprise, make_user
from tests.world import (
    SOFA,
    SOFA_OTHER_FACT,
    SOFA_OTHER_FORM,
    TABLE,
    Party,
    Row,
    Text,
    audit,
    declare,
)

TEXTS = [
    SOFA,
    SOFA_OTHER_FORM,
    SOFA_OTHER_FACT,
    TABLE,
    replace(TABLE, ie_flag="E", g_model="0|0|家用|塑料|无品牌|无型号"),
    Text("9401619000", "皮沙发", "4|3|家居用|牛皮面|木框架|装软垫|SOFTO牌"),
    Text("0306329000", "冻帝王蟹", "0|3|冻|整只|无品牌|10千克/箱"),
    Text("0202300090", "冻去骨牛肉", "0|3|去骨|冻|西冷|无品牌"),
    Text("8482102000", "深沟球轴承", "4|3|机床用|不锈钢|深沟球|SKODO牌|6204"),
    Text("8482102000", "轴承", "1|0|电机用|轴承钢|深沟球|ZWOB牌|6305", "E"),
]
MODES = ["0110", "0110", "0110", "0615", "1210"]
# Of lines that come last, so that nothing has compared them where the world is left unsettled.
LATE_TEXTS = [
    Text("9401619000", "藤沙发", "0|3|家居用|藤面|木框架|装软垫|无品牌"),
    Text("8482102000", "滚子轴承", "0|0|机床用|不锈钢|滚子|无品牌|无型号", "E"),
    Text("3926909090", "塑料支架", "0|3|机床用|塑料|无品牌|无型号"),
]
FIRST_DAY = date(2026, 7, 1)
KEYWORDS = ["轴承", "牛肉", "家居", "不锈钢 轴承", "蟹", "无品牌", "沙发 木", "SOFTO", "没有", "6"]


@dataclass
class World:
    """Some enterprises, one of them without any row, and the dice."""

    dice: random.Random
    enterprises: list[Enterprise]
    rows: list[Row]
    _plain: dict[int, list[PlainRow]] = field(default_factory=dict)

    def rows_of(self, enterprise: Enterprise) -> list[PlainRow]:
        """An enterprise's rows by the oracle, asked once."""
        if enterprise.pk not in self._plain:
            self._plain[enterprise.pk] = oracle.rows_of(enterprise)
        return self._plain[enterprise.pk]

    def forget_rows(self) -> None:
        """Ask the oracle again: something was imported since."""
        self._plain.clear()


def make_world(seed: int, *, lines: int = 40, settled: bool = True) -> World:
    """Import, audit twice, correct texts and parties, withdraw, choose; compare at the end."""
    dice = random.Random(seed)
    broker = make_enterprise("大连虚构报关行", broker=True)
    others = [make_enterprise(f"大连虚构企业{i}") for i in range(3)]
    world = World(dice, [broker, *others], [])
    parties = [Party.of(enterprise) for enterprise in world.enterprises[:3]]
    for number in range(1, lines + 1):
        trader = dice.choice(parties[1:])
        agent = dice.choice([parties[0], parties[0], trader])
        world.rows.append(
            Row(
                number,
                agent,
                trader,
                dice.choice(TEXTS),
                # Few days, so that many rows tie.
                FIRST_DAY + timedelta(days=dice.randrange(12)),
                dice.choice(MODES),
            )
        )
    declare(*world.rows[: lines - 3])
    releases = [audit_some(world, month) for month in ("2026-08", "2026-09", "2026-09")]
    work_outbox()
    declare(*[corrected(world, row) for row in dice.sample(world.rows[: lines - 3], lines // 4)])
    late = [
        replace(row, line=row.line + 500, text=text)
        for row, text in zip(dice.sample(world.rows, 3), LATE_TEXTS, strict=True)
    ]
    world.rows += late
    declare(*late)
    if dice.random() < 0.4:
        withdraw(releases[2], "重复上传")
    if settled:
        work_outbox()
    choose_some(world)
    if settled:
        work_outbox()
    return world


def audit_some(world: World, month: str):
    """Audit a third of the lines, some with another text, some that were never declared."""
    dice = world.dice
    audited = []
    for row in dice.sample(world.rows, len(world.rows) // 3):
        if dice.random() < 0.2:
            row = replace(row, text=another_text(dice, row))
        audited.append(replace(row, conforming=dice.random() < 0.7))
    return audit(month, *audited)


def corrected(world: World, row: Row) -> Row:
    """Another text, mode, day or trader for a line; an 报关单号 fixes the 进出口标志 and the year."""
    dice = world.dice
    choice = dice.randrange(4)
    if choice == 0:
        return replace(row, trade_mode="4500")
    if choice == 1:
        return replace(row, trader=Party.of(dice.choice(world.enterprises[1:3])))
    if choice == 2:
        return replace(row, declared_on=row.declared_on + timedelta(days=1))
    return replace(row, text=another_text(dice, row))


def another_text(dice: random.Random, row: Row) -> Text:
    return dice.choice([text for text in TEXTS if text.ie_flag == row.text.ie_flag])


def choose_some(world: World) -> None:
    """Make some contents 企业自选."""
    for enterprise in world.enterprises[:3]:
        user = make_user(enterprise=enterprise)
        open_entries = LibraryEntry.objects.filter(
            enterprise=enterprise, mark__in=[Mark.UNMARKED, Mark.SYSTEM_MATCHED]
        ).order_by("content_id")
        for entry in open_entries:
            if world.dice.random() < 0.3:
                try:
                    set_self_selected(enterprise, [entry.content_id], True, user)
                except ChoiceRefused:
                    continue


def random_conditions(dice: random.Random, rows: list[Row]) -> Conditions:
    """Each condition with a chance of a third, from values that often find something."""

    def maybe(make, otherwise):
        return make() if dice.random() < 1 / 3 else otherwise

    start = maybe(lambda: FIRST_DAY + timedelta(days=dice.randrange(12)), None)
    end = maybe(lambda: FIRST_DAY + timedelta(days=dice.randrange(14)), None)
    entry_id = (dice.choice(rows).entry_id,) if dice.random() < 0.05 else ()
    return Conditions(
        marks=maybe(lambda: frozenset(dice.sample(list(Mark), dice.randrange(1, 4))), frozenset()),
        trade_modes=maybe(lambda: frozenset(dice.sample(MODES, dice.randrange(1, 3))), frozenset()),
        hs_prefix=maybe(
            lambda: dice.choice([*TEXTS, *LATE_TEXTS]).hs_code[: dice.choice([2, 4, 10])], ""
        ),
        ie_flag=maybe(lambda: dice.choice(list(IEFlag)), None),
        role=maybe(lambda: dice.choice(list(PartyRole)), None),
        declared_from=start,
        declared_to=end,
        words=maybe(lambda: words(dice.choice(KEYWORDS)), ()),
        entry_ids=entry_id,
    )


def random_order(dice: random.Random) -> Order:
    return Order(dice.choice(list(Sort)), dice.random() < 0.5)
