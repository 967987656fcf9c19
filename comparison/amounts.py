"""Numbers with their units: read out of a text, and put into one unit with those of another.

For telling a reader how two numbers stand to each other (5厘米 and 60毫米 are 50毫米 and 60毫米).
Whether two texts say the same never rests on a conversion: see form_rules. No database.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from comparison.quantities import (
    UnitSize,
    alternatives,
    unit_sizes,
    write_numerals,
    write_symbols,
    write_units,
)

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
# What a number may share its unit with, that stands behind: 12×8cm, 10-20mm, 50/60hz.
_CHAIN = re.compile(r"[a-zφ]?(?:±|[×x*/-]\s?[φ]?)\Z")


class Amount(NamedTuple):
    """A number as written (5, 2.50), and the symbol of its unit; empty where it has none."""

    number: str
    unit: str

    @property
    def value(self) -> Fraction:
        """The number itself."""
        return Fraction(self.number.replace(",", ""))


class AmountPair(NamedTuple):
    """Two amounts of one quantity, and both in one unit: (5, cm), (60, mm), 50, 60, mm."""

    mine: Amount
    theirs: Amount
    mine_in_one: str
    theirs_in_one: str
    unit: str

    @property
    def is_equal(self) -> bool:
        """Whether both are of one size."""
        return self.mine_in_one == self.theirs_in_one


def read_amounts(normalised: str) -> list[Amount]:
    """Read the numbers of a normalised text in their order; one in a chain has the chain's unit."""
    text = write_units(write_numerals(write_symbols(normalised)))
    found = list(_amount().finditer(text))
    amounts: list[Amount] = []
    unit, begin = "", len(text)
    for match in reversed(found):
        own = match["unit"] or ""
        chained = not own and _CHAIN.fullmatch(text[match.end() : begin]) is not None
        unit = own or (unit if chained else "")
        amounts.append(Amount(match["number"], unit))
        begin = match.start()
    return amounts[::-1]


def pair_amounts(mine: Sequence[Amount], theirs: Sequence[Amount]) -> list[AmountPair]:
    """Pair the amounts that stand in the same place and differ; none where they are no pairs.

    Those without a unit, or of two quantities, are left out.
    """
    if len(mine) != len(theirs):
        return []
    pairs = []
    for a, b in zip(mine, theirs, strict=True):
        sizes = unit_sizes().get(a.unit), unit_sizes().get(b.unit)
        if a == b or sizes[0] is None or sizes[1] is None or sizes[0][0] != sizes[1][0]:
            continue
        pairs.append(_in_one_unit(a, b, sizes[0], sizes[1]))
    return pairs


def unit_name(symbol: str) -> str:
    """Give the Chinese name of a unit's symbol: mm → 毫米; the symbol itself where it has none."""
    size = unit_sizes().get(symbol)
    return size.name if size else symbol


def _in_one_unit(a: Amount, b: Amount, a_size: UnitSize, b_size: UnitSize) -> AmountPair:
    """Put both into the smaller of their units, so that whole numbers stay whole."""
    if a.unit == b.unit and a.value != b.value:
        return AmountPair(a, b, a.number, b.number, a.unit)
    unit, size = (a.unit, a_size) if a_size.factor <= b_size.factor else (b.unit, b_size)
    mine, theirs = (
        plain_number(amount.value * its.factor / size.factor)
        for amount, its in ((a, a_size), (b, b_size))
    )
    return AmountPair(a, b, mine, theirs, unit)


def plain_number(number: Fraction) -> str:
    """Write a number exactly where it has an end, else to ten digits: 50, 0.5, 3.048."""
    if number.denominator == 1:
        return str(number.numerator)
    return f"{float(number):.12f}"[:20].rstrip("0").rstrip(".")


@cache
def _amount() -> re.Pattern[str]:
    units = alternatives(list(unit_sizes()))
    return re.compile(rf"(?<![a-z\d.])(?P<number>{_NUMBER})(?P<unit>{units})?(?!\d)")
