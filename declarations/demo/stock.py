"""The goods of a province, kept small: ten million lines have half a million of them."""

from array import array
from collections.abc import Hashable, Sequence
from random import Random
from typing import Any, Generic, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from declarations.code_tables import unit_code
from declarations.demo.phrasebook import Entry, Goods

_BETWEEN = "\x1f"  # no text of ours holds a control character
CONFORMING = 0  # the number of no reason
_Value = TypeVar("_Value", bound=Hashable)


class Stocked(NamedTuple):
    """One trader's good: its text, why customs would refuse it (codes, sentence), its trade facts.

    `price` is in ten-thousandths of a US dollar for one `unit` (three digits).
    """

    goods: Goods
    reason: tuple[str, str] | None
    unit: str
    price: int
    country: str


def trade_facts(rng: Random, entry: Entry, goods: Goods, reason: tuple[str, str] | None) -> Stocked:
    """A good with a unit price, a unit and a country that its phrasebook entry allows."""
    low, high = entry.prices
    price = round(rng.uniform(low, high) * 10_000)
    unit = unit_code(entry.unit) or ""
    return Stocked(goods, reason, unit, price, rng.choice(entry.countries))


class Numbered(Generic[_Value]):
    """Values that repeat, each kept once; its number is the order of its coming."""

    def __init__(self, *values: _Value) -> None:
        self.values = list(values)
        self._numbers = {value: number for number, value in enumerate(values)}

    def number(self, value: _Value) -> int:
        """The number of a value, new or known."""
        number = self._numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


class GoodsBook(Sequence[Stocked]):
    """Goods by their place; texts as bytes and facts as numbers, a quarter of the objects' size."""

    def __init__(self) -> None:
        self._texts = bytearray()
        self._ends = array("q", [0])
        self._prices = array("q")
        self._units, self._unit = Numbered[str](), array("H")
        self._countries, self._country = Numbered[str](), array("H")
        self._flags = array("b")
        self._reason = array("i")
        # The first is no reason: CONFORMING.
        self.reasons: Numbered[tuple[str, str] | None] = Numbered(None)

    def append(self, stocked: Stocked) -> int:
        """Keep a good; returns its place."""
        self._texts += _BETWEEN.join(stocked.goods).encode()
        self._ends.append(len(self._texts))
        self._prices.append(stocked.price)
        self._unit.append(self._units.number(stocked.unit))
        self._country.append(self._countries.number(stocked.country))
        self._flags.append(stocked.goods.ie_flag == "I")
        self._reason.append(self.reasons.number(stocked.reason))
        return len(self) - 1

    def __len__(self) -> int:
        return len(self._prices)

    @overload
    def __getitem__(self, place: int) -> Stocked: ...
    @overload
    def __getitem__(self, place: slice) -> list[Stocked]: ...
    def __getitem__(self, place: int | slice) -> Stocked | list[Stocked]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        text = self._texts[self._ends[place] : self._ends[place + 1]].decode()
        return Stocked(
            Goods(*text.split(_BETWEEN)),
            self.reasons.values[self._reason[place]],
            self._units.values[self._unit[place]],
            self._prices[place],
            self._countries.values[self._country[place]],
        )

    # --- by arrays: one value for each good at `places` --------------------------------------

    def prices(self, places: NDArray[Any]) -> NDArray[Any]:
        """Unit prices in ten-thousandths of a US dollar."""
        return np.frombuffer(self._prices, np.int64)[places]

    def units(self, places: NDArray[Any]) -> NDArray[Any]:
        """成交单位, three digits."""
        return np.array(self._units.values, "S")[np.frombuffer(self._unit, np.uint16)[places]]

    def countries(self, places: NDArray[Any]) -> NDArray[Any]:
        """The other country, three letters: of origin of an import, else of destination."""
        at = np.frombuffer(self._country, np.uint16)[places]
        return np.array(self._countries.values, "S")[at]

    def imports(self, places: NDArray[Any]) -> NDArray[Any]:
        """Whether each is imported."""
        return np.frombuffer(self._flags, np.bool_)[places]

    def reason_numbers(self, places: NDArray[Any]) -> NDArray[Any]:
        """Numbers of `reasons`, CONFORMING where there is none."""
        return np.frombuffer(self._reason, np.int32)[places]
