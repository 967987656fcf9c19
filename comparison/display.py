"""How a normalised text is shown: one spelling, letters in upper case except unit symbols."""

import re
from functools import cache
from pathlib import Path

from declarations.normalise import has_telling_case

_WORD = re.compile(r"[a-zα-ω]+", re.IGNORECASE)
_AFTER_NUMBER = re.compile(r"[\d%）)]\s*$")


@cache
def unit_symbols() -> dict[str, str]:
    """Load the data list of unit symbols: lower-case spelling → the symbol as it is printed."""
    path = Path(__file__).parent / "data" / "unit_symbols.tsv"
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    symbols = [line.split("\t")[0] for line in lines if line]
    return {symbol.casefold(): symbol for symbol in symbols}


def display_text(normalised: str) -> str:
    """Spell a normalised text for showing; facts that normalising kept are kept.

    A word of letters behind a number is shown as the unit symbol that it is, with its case; every
    other letter in upper case.
    """

    def spelled(match: re.Match[str]) -> str:
        word = match.group()
        if word != word.casefold():
            return word  # a case that carries a fact was kept by normalising
        if _AFTER_NUMBER.search(normalised[max(0, match.start() - 2) : match.start()]):
            symbol = unit_symbols().get(word)
            if symbol is not None:
                return symbol
            if has_telling_case(word):
                return word  # 5mw may mean milliwatts or megawatts
        # Greek letters are symbols: a capital μ would read as M.
        return "".join(c.upper() if c.isascii() else c for c in word)

    return _WORD.sub(spelled, normalised)
