"""Amounts that are sound at first sight: what nearly all rows have, and no two the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from declarations.cells import Cell
from declarations.value_checks import AMOUNT_FORMS, CENT, PRICE_TOLERANCE

# Of what a total may differ from price times quantity; what comes nearer is worked out exactly.
_CLEARLY = 0.9
_CENT, _SHARE = float(CENT) * _CLEARLY, float(PRICE_TOLERANCE) * _CLEARLY


class AmountCheck:
    """Tells sound amounts of a row by their forms, for the columns that a file has."""

    def __init__(self, names: Sequence[str]) -> None:
        forms = []
        for name in names:
            places, whole = AMOUNT_FORMS[name]
            pattern = rf"[0-9]{{1,{whole}}}(?:\.[0-9]{{1,{places}}})?"
            forms.append((f',"{name}":', re.compile(pattern).fullmatch, "qty" in name))
        self._forms = forms
        product = ("decl_price", "g_qty", "decl_total")
        self._product = [names.index(name) for name in product if name in names]

    def sound(self, cells: Sequence[Cell]) -> str | None:
        """The cells as members of the row's object, or None where the rules must be asked."""
        json = ""
        for (name, has_form, is_quantity), cell in zip(self._forms, cells, strict=True):
            kind = type(cell)
            if kind is str:
                if not cell:
                    json += f'{name}""'
                    continue
                text, shown = cell, f'"{cell}"'
            elif kind is float:
                text, shown = f"{cell:.15g}", repr(cell)
            elif kind is int:
                text = shown = str(cell)
            else:
                return None
            if not has_form(text) or (is_quantity and not float(text)):  # type: ignore[arg-type]
                return None
            json += name + shown
        return json if self._product_agrees(cells) else None

    def _product_agrees(self, cells: Sequence[Cell]) -> bool:
        if len(self._product) < 3:
            return True
        price, quantity, total = (cells[place] for place in self._product)
        if price == "" or quantity == "" or total == "":
            return True
        amount = float(total)  # type: ignore[arg-type]
        product = float(price) * float(quantity)  # type: ignore[arg-type]
        return abs(product - amount) <= max(_CENT, amount * _SHARE)
