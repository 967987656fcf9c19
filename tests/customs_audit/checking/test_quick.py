"""The quick check renders just what `check_row` says of each row; no database."""

import datetime
import json
import random
from typing import Any

import pytest

from customs_audit.checking import parties
from customs_audit.checking.quick import QuickCheck
from customs_audit.checking.row_facts import facts_of
from customs_audit.checking.rows import Shape
from customs_audit.checking.storing import storable, stored_facts
from declarations.cell_json import to_json
from declarations.cells import BadCell
from declarations.checks import Context, check_row
from declarations.faults import Level
from tests.declarations.files import audited_row, entry_id

SOUND = entry_id(1)
POOL: dict[str, list[Any]] = {
    "entry_id": [
        SOUND, entry_id(1, "E"), entry_id(2, year=2024), "09012025i000000001", f" {SOUND[1:]}",
        f"{SOUND}9", 2.90920211000002e17, "2.90920211000002E+17", "A" * 300, "０９" * 9, "", None,
    ],
    "custom_master": ["0901", "0900", 901.0, ""],
    "declared_on": [
        "20250314", "20240314", 45730.4, datetime.date(2025, 3, 14),
        datetime.datetime(2024, 1, 2, 3, 4), BadCell("cell.error", "#REF!"), "", True, 1.0, 1,
    ],
    "trade_mode": ["0110", 110.0, "0111", "x"],
    "ie_flag": ["I", "进口", "E", "?"],
    "g_no": ["1", 1, 1.0, True, "0", ""],
    "agent_code": ["2102261234", "", -0.0, 3.3e86],
    "trader_name": ["别的名称", "", "长" * 71],
    "hs_code": ["8482103000", 8482103000.0, "1", "9801000000"],
    "g_name": ["零件", "A\\B\t", "轴承\x00", "", 12.0, "轴\ud800"],
    "g_model": ["0|3|角接触球轴承|无品牌|X||", "4|3|x", "0｜3", "0|3|a\nb"],
    "g_unit": ["035", 35.0, "999", ""],
    "g_qty": ["10", 10.0, 12, "-1", "0", ""],
    "decl_price": ["2.5", 2.5, 0.1 + 0.2, "x"],
    "decl_total": [25.0, 26.0, "25.12", "-1", "1e3", "", True, 1, 10**20],
    "verdict": ["规范", "不规范", "?"],
    "reason_text": ["", "因\n果", "a\\tb"],
    "auditor": ["", "员" * 65],
}  # fmt: skip
UNESCAPED = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


class Copied:
    """Takes the place of what copies into the database, and reads it as PostgreSQL would."""

    upload_id = 1

    def __init__(self) -> None:
        self.count = 0
        self._rows: list[str] = []
        self._faults: list[str] = []

    def wait(self) -> None:
        pass

    def begin(self, count: int) -> tuple[int, list[int]]:
        first = self.count + 1
        self.count += count
        return first, list(range(first, first + count))

    def add(self, rows: str, faults: list[str]) -> None:
        self._rows.append(rows)
        self._faults += faults

    def end(self) -> None:
        pass

    def rows(self) -> list[list[str | None]]:
        return [_columns(line) for line in "".join(self._rows).split("\n")[:-1]]

    def faults_of(self, row_id: int) -> list[Any]:
        lines = (_columns(line[:-1]) for line in self._faults)
        return sorted(
            (*line[2:6], json.dumps(json.loads(line[6] or ""), sort_keys=True))
            for line in lines
            if line[0] == str(row_id)
        )


def _columns(line: str) -> list[str | None]:
    return [None if text == r"\N" else _unescaped(text) for text in line.split("\t")]


def _unescaped(text: str) -> str:
    letters = iter(text)
    return "".join(UNESCAPED[next(letters)] if one == "\\" else one for one in letters)


def said_by_check_row(cells: dict[str, Any], context: Context) -> tuple[list[Any], list[Any]]:
    """A row's columns and faults as they should be copied."""
    checked = check_row(cells, context)
    facts = facts_of(checked)
    errors = sum(found.level is Level.ERROR for found in checked.findings)
    keys = [None if key is None else rf"\x{key.hex()}" for key in facts[2:5]]
    return [
        "faulty" if errors else "clean",
        repr(sorted((name, to_json(cell)) for name, cell in cells.items())),
        str(errors),
        str(len(checked.findings) - errors),
        facts.entry_id,
        None if facts.g_no is None else str(facts.g_no),
        *keys,
        {None: None, True: "t", False: "f"}[facts.conforming],
        facts.auditor,
    ], sorted(
        (
            found.field,
            found.rule,
            found.level.value,
            storable(found.value),
            json.dumps(stored_facts(found.facts), sort_keys=True),
        )
        for found in checked.findings
    )


def drawn(rng: random.Random) -> dict[str, Any]:
    row = audited_row(rng.randrange(1, 4), rng.randrange(1, 3))
    return row | {name: rng.choice(POOL[name]) for name in rng.sample(sorted(POOL), 4)}


@pytest.mark.parametrize("is_typed", [True, False])
@pytest.mark.parametrize("levels", [{}, {"trade_mode.unknown": Level.WARNING}])
def test_whatever_was_met_before_each_row_is_told_as_if_alone(monkeypatch, is_typed, levels):
    monkeypatch.setattr(parties, "_look_up", lambda new: dict.fromkeys(new, ()))
    rng = random.Random(f"{is_typed}{levels}")
    context = Context(
        today=datetime.date(2025, 10, 1),
        audit_month=datetime.date(2025, 9, 1),
        editions={2025: {"84821030": 3}},
        typed=is_typed,
        levels=levels,
    )
    for _ in range(10):
        rows = [drawn(rng) for _ in range(30)]
        shape = Shape.of(0, set(rows[0]))
        copied = Copied()
        quick = QuickCheck(shape, context, parties.PartyNotes(context), copied)  # type: ignore[arg-type]
        lines = [(at, tuple(row[name] for name in shape.names)) for at, row in enumerate(rows, 2)]
        quick.check(lines[:10])
        quick.check(lines[10:])
        for number, (row, line) in enumerate(zip(rows, copied.rows(), strict=True), 1):
            columns, faults = said_by_check_row(row, context)
            cells = repr(sorted(json.loads(line[7] or "").items()))
            assert [line[5], cells, *line[8:17]] == columns, row
            assert copied.faults_of(number) == faults, row
