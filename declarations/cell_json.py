"""Cells as JSON, and back: what goes over a pipe from a reading child, and into the database.

A text, number, truth value or nothing is itself; everything else is an object of one key:
`d` a date, `t` a moment, `h` a time of day, `s` a duration in seconds, `b` a cell that can't be
trusted (rule and text), `x` a text that JSON in PostgreSQL can't hold (NUL, lone surrogates), with
those characters escaped.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from declarations.cells import BadCell, Cell

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LARGE = 10**15


def to_json(cell: Cell) -> Any:
    """Give a cell as JSON can hold it; a float that is no number becomes its text."""
    if isinstance(cell, str):
        return cell if _is_plain(cell) else {"x": cell.encode("unicode_escape").decode("ascii")}
    if cell is None or isinstance(cell, (bool, int)):
        return cell
    if isinstance(cell, float):
        return cell if cell - cell == 0 else str(cell)
    if isinstance(cell, BadCell):
        return {"b": [cell.rule, cell.text]}
    if isinstance(cell, datetime.datetime):
        return {"t": cell.isoformat()}
    if isinstance(cell, datetime.date):
        return {"d": cell.isoformat()}
    if isinstance(cell, datetime.time):
        return {"h": cell.isoformat()}
    return {"s": cell.total_seconds()}


def from_json(value: Any) -> Cell:
    """Give the cell back. Raises ValueError for what `to_json` never makes.

    A large float has become a whole number on its way through PostgreSQL (2.9E+17); it is a float
    again, as a spreadsheet's number always is.
    """
    if type(value) is int and abs(value) >= _LARGE:
        return float(value)
    if not isinstance(value, dict):
        if isinstance(value, list):
            raise ValueError("a cell is no list")
        return value
    ((kind, held),) = value.items()
    if kind == "b":
        return BadCell(*held)
    if kind == "d":
        return datetime.date.fromisoformat(held)
    if kind == "t":
        return datetime.datetime.fromisoformat(held)
    if kind == "h":
        return datetime.time.fromisoformat(held)
    if kind == "s":
        return datetime.timedelta(seconds=held)
    if kind == "x":
        return str(held).encode("ascii").decode("unicode_escape")
    raise ValueError(f"no cell is of kind {kind!r}")


def _is_plain(text: str) -> bool:
    return text.isprintable() or _UNSTORABLE.search(text) is None
