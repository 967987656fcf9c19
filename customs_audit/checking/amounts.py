"""Amounts that are sound at first sight: what nearly all rows have.

Quantities and prices repeat with their goods, so that most of a row's amounts were met before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from declarations.cells import Cell
from declarations.value_checks import AMOUNT_FORMS, CENT, PRICE_TOLERANCE

# Of what a total may differ from price times quantity; what comes nearer is worked out exactly.
_CLEARLY = 0.9
_CENT, _SHARE = float(CENT) * _CLEARLY, float(PRICE_TOLERANCE) * _CLEARLY
_MOST_KEPT = 50_000

# An amount's member of the row's object, and the amount (None where the cell is blank).
Sound = tuple[str, float | None]


class _Column:
    """The amounts of one column that were met before."""

    def __init__(self, name: str) -> None:
        places, whole = AMOUNT_FORMS[name]
        pattern = rf"[0-9]{{1,{whole}}}(?:\.[0-9]{{1,{places}}})?"
        self._has_form: Callable[[str], Any] = re.compile(pattern).fullmatch
        self._member, self._is_quantity = f',"{name}":', "qty" in name
        self.kept: dict[Cell, Sound | None] = {}

    def look(self, cell: str | float) -> Sound | None:
        """A cell that was not met before; None where the rules must be asked."""
        sound: Sound | None = None
        text = cell if isinstance(cell, str) else f"{cell:.15g}"
        if text == "":
            sound = (f'{self._member}""', None)
        elif self._has_form(text) and not (self._is_quantity and not float(text)):
            shown = f'"{cell}"' if isinstance(cell, str) else repr(cell)
            sound = (self._member + shown, float(text))
        if len(self.kept) >= _MOST_KEPT:
            self.kept.clear()
        self.kept[cell] = sound
        return sound


class AmountCheck:
    """Tells sound amounts of a row by their forms, for the columns that a file has."""

    def __init__(self, names: Sequence[str]) -> None:
        self._columns = [_Column(name) for name in names]
        product = ("decl_price", "g_qty", "decl_total")
        places = [names.index(name) for name in product if name in names]
        self._product = places if len(places) == len(product) else None

    def sound(self, cells: Sequence[Cell]) -> str | None:
        """The cells as members of the row's object, or None where the rules must be asked."""
        found = []
        json = ""
        for column, cell in zip(self._columns, cells, strict=True):
            kind = type(cell)
            # Of the numbers only floats: 1 and True are equal to 1.0, and yet not the same.
            if kind is not float and kind is not str:
                return None
            known = column.kept.get(cell) or column.look(cell)  # type: ignore[arg-type]
            if known is None:
                return None
            json += known[0]
            found.append(known[1])
        if self._product is None:
            return json
        at_price, at_quantity, at_total = self._product
        price, quantity, total = found[at_price], found[at_quantity], found[at_total]
        if price is None or quantity is None or total is None:
            return json
        allowed = total * _SHARE
        if allowed < _CENT:
            allowed = _CENT
        return json if -allowed <= price * quantity - total <= allowed else None
