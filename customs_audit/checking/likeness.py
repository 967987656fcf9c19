"""Which field a column's cells look like, and which heading comes near a field's names.

Only fields whose cells can't be another's are told by their cells: a 报关单号, a 统一社会信用代码 with its
check digit, a verdict, a g_model with its bars, a code of a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from rapidfuzz import fuzz

from authorization.codes import is_customs_code, uscc_problem
from declarations import code_tables
from declarations.audit_checks import VERDICTS
from declarations.cells import Cell
from declarations.dates import parse_date
from declarations.faults import shown
from declarations.head_checks import IE_FLAGS
from declarations.headers import FIELDS
from declarations.identifiers import parse_entry_id

# Of the cells that are not blank so many must look like it; fewer cells say nothing.
_SHARE = 0.8
_CELLS_NEEDED = 3
# rapidfuzz's ratio, 0 to 100, above which a heading is a field's name misspelt.
_NEAR_NAME = 75
_TEN_DIGITS = re.compile(r"[0-9]{9,10}|[0-9]{13}")
_REASON = re.compile(r"R[0-9]{2}(?:[\s,;、，；/|]+R[0-9]{2})*", re.IGNORECASE)


def _is_day(text: str) -> bool:
    return len(text) >= len("2025/1/1") and parse_date(text) is not None


_LOOKS: dict[str, Callable[[str], bool]] = {
    "entry_id": lambda text: parse_entry_id(text.upper()) is not None,
    "agent_uscc": lambda text: uscc_problem(text.upper()) is None,
    "trader_uscc": lambda text: uscc_problem(text.upper()) is None,
    "agent_code": lambda text: is_customs_code(text.upper()),
    "trader_code": lambda text: is_customs_code(text.upper()),
    "hs_code": lambda text: _TEN_DIGITS.fullmatch(text) is not None,
    "g_model": lambda text: text.count("|") >= 2,
    "verdict": lambda text: text in VERDICTS,
    "reason_code": lambda text: _REASON.fullmatch(text) is not None,
    "declared_on": _is_day,
    "ie_flag": lambda text: text.upper() in IE_FLAGS,
    "trade_mode": lambda text: text in code_tables.trade_modes(),
    "g_no": lambda text: text.isdecimal() and 0 < int(text) <= 50,
}  # fmt: skip
# What these look like, nothing else does.
_TELLING = ("entry_id", "agent_uscc", "hs_code", "g_model", "verdict", "declared_on")
_SAME_LOOK = ({"agent_uscc", "trader_uscc"}, {"agent_code", "trader_code", "hs_code"})


def looks_like(name: str, texts: Sequence[str]) -> bool:
    """Whether most cells that are not blank are what the field's are."""
    filled = [text for text in texts if text]
    look = _LOOKS.get(name)
    if look is None or len(filled) < _CELLS_NEEDED:
        return False
    return sum(map(look, filled)) >= _SHARE * len(filled)


def contradicted_by(name: str, cells: Sequence[Cell]) -> str | None:
    """The field that a column's cells clearly are instead of this one, or None."""
    texts = [shown(cell).strip() for cell in cells if cell not in ("", None)]
    look = _LOOKS.get(name)
    if look is not None and any(map(look, texts)):
        return None
    for other in _TELLING:
        alike = other == name or any({other, name} <= group for group in _SAME_LOOK)
        if not alike and looks_like(other, texts):
            return other
    return None


def best_field(
    headings: Sequence[str],
    sample: Sequence[Sequence[str]],
    columns: Mapping[int, str],
    names: Sequence[str],
) -> tuple[int, str] | None:
    """The column left out that looks most like one of these fields: its place and the field."""
    found: list[tuple[float, int, str]] = []
    for column, heading in enumerate(headings):
        if columns.get(column) or not heading:
            continue
        texts = [row[column].strip() for row in sample if column < len(row)]
        for name in names:
            nearness = _nearness(heading, name)
            if looks_like(name, texts):
                found.append((100 + nearness, -column, name))
            elif nearness >= _NEAR_NAME and not contradicted_by(name, texts):
                found.append((nearness, -column, name))
    if not found:
        return None
    _, column, name = max(found)
    return -column, name


def _nearness(heading: str, name: str) -> float:
    known = next(one for one in FIELDS if one.name == name)
    return max(fuzz.ratio(heading.casefold(), other.casefold()) for other in known.names)
