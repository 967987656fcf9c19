"""How a normalised text is shown: one spelling, letters in upper case except unit symbols."""

import re
from functools import cache
from pathlib import Path

from declarations.normalise import has_telling_case

_WORD = re.compile(r"[a-zα-ω]+", re.IGNORECASE)
# A number that no letter or digit of a longer word precedes; a power may stand behind it.
_NUMBER_BEFORE = re.compile(r"(?:^|[^a-z\d])\d+(?:[.,]\d+)*[⁰¹²³⁴-⁹]*[%）)]?\s?$", re.IGNORECASE)
_LETTER_OR_DIGIT_AFTER = re.compile(r"[a-z\d]", re.IGNORECASE)
# Longer numbers are no quantities.
_NUMBER_LENGTH = 24


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
        before = normalised[max(0, match.start() - _NUMBER_LENGTH) : match.start()]
        after = normalised[match.end() : match.end() + 1]
        if _NUMBER_BEFORE.search(before) and not _LETTER_OR_DIGIT_AFTER.match(after):
            symbol = unit_symbols().get(word)
            if symbol is not None:
                return symbol
            if has_telling_case(word):
                return word  # 5mw may mean milliwatts or megawatts
        # Greek letters are symbols: a capital μ would read as M.
        return "".join(c.upper() if c.isascii() else c for c in word)

    return _WORD.sub(spelled, normalised)
