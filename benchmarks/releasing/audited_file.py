"""An audited month's file of random declared lines, of the same makeup at each size of a province."""

import csv
import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Max, Min

from declarations.demo.facts import change_fact
from declarations.demo.forms import vary_form
from declarations.demo.phrasebook import Goods
from declarations.headers import LABELS
from declarations.models import DeclaredLine, Release

# Of 100 audited rows so many are 规范; of all so many name a text that customs corrected, half of
# them by another fact and half by another form.
CONFORMING, CORRECTED = 70, 10
COLUMNS = (
    "entry_id", "g_no", "hs_code", "g_name", "g_model", "ie_flag", "trade_mode", "declared_on",
    "agent_uscc", "agent_name", "trader_uscc", "trader_name", "verdict", "reason_code",
    "reason_text", "auditor",
)  # fmt: skip


@dataclass(frozen=True)
class AuditedFile:
    """What was written, and the month it is of."""

    month: datetime.date
    rows: int
    conforming: int
    corrected: int


def write_audited_file(path: Path, rows: int, seed: int) -> AuditedFile:
    """Write so many different lines of the database with verdicts; the same seed chooses the same."""
    rng = random.Random(seed)
    conforming = corrected = written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [LABELS[name] for name in COLUMNS])
        writer.writeheader()
        for line in _lines(rng, rows):
            is_conforming = rng.randrange(100) < CONFORMING
            goods = Goods(
                line.goods.hs_code, line.goods.ie_flag, line.goods.name, line.goods.g_model
            )
            if rng.randrange(100) < CORRECTED:
                change = rng.choice([change_fact, vary_form])
                goods, _ = change(goods, rng)
                corrected += 1
            cells = _cells(line, goods, is_conforming)
            writer.writerow({LABELS[name]: value for name, value in cells.items()})
            conforming += is_conforming
            written += 1
    return AuditedFile(next_month(), written, conforming, corrected)


def next_month() -> datetime.date:
    """Give the month after the last audited and the last declared one: its verdicts decide."""
    audited = Release.objects.aggregate(last=Max("audit_month"))["last"]
    declared = DeclaredLine.objects.aggregate(last=Max("declared_on"))["last"]
    last = max(day for day in (audited, declared) if day is not None)
    return (last.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)


def _lines(rng: random.Random, count: int) -> Iterator[DeclaredLine]:
    """Choose declared lines by their numbers, so that no size has to be sorted."""
    ends = DeclaredLine.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if DeclaredLine.objects.filter(declared_at__isnull=False)[:count].count() < count:
        raise ValueError(f"the province has fewer than {count} declared lines")
    usable = DeclaredLine.objects.filter(
        declared_at__isnull=False, agent__uscc__isnull=False, trader__uscc__isnull=False
    ).select_related("goods", "agent", "trader")
    if len(usable.values_list("pk", flat=True)[:count]) < count:
        raise ValueError(f"the province has fewer than {count} lines that can be audited")
    chosen: dict[int, DeclaredLine] = {}
    while len(chosen) < count:
        numbers = [rng.randint(ends["first"], ends["last"]) for _ in range(count)]
        found = usable.in_bulk(numbers)
        for number in numbers:
            if number in found and len(chosen) < count:
                chosen[number] = found[number]
    yield from chosen.values()


def _cells(line: DeclaredLine, goods: Goods, conforming: bool) -> dict[str, object]:
    return {
        "entry_id": line.entry_id,
        "g_no": line.g_no,
        "hs_code": goods.hs_code,
        "g_name": goods.name,
        "g_model": goods.g_model,
        "ie_flag": goods.ie_flag,
        "trade_mode": line.trade_mode,
        "declared_on": line.declared_on.isoformat(),
        "agent_uscc": line.agent.uscc,
        "agent_name": line.agent.name,
        "trader_uscc": line.trader.uscc,
        "trader_name": line.trader.name,
        "verdict": "规范" if conforming else "不规范",
        "reason_code": "" if conforming else "R04",
        "reason_text": "" if conforming else "填报不具体，请核对。",
        "auditor": "基准",
    }
