"""What each character becomes when texts are compared: one table, one place.

NFKC for width, ligatures and compatibility forms, except where NFKC would lose a fact; dashes,
quotation marks and the like by one glyph each; white space and what cannot be seen; traditional
characters that have a simplified form of their own (declarations.script). Letter case is not
touched here.
"""

import re
import unicodedata

from declarations.script import single

# Glyphs that mean the same thing, by the one that stands for all of them.
_SAME_GLYPH = {
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2500\u2501\u2796\u02d7",
    "~": "\u301c\u223c\u02dc",
    "'": "\u2018\u2019\u201a\u201b\u2032\u2035\u00b4",
    '"': "\u201c\u201d\u201e\u201f\u2033\u2036\u301d\u301e\u301f",
    "\u00b7": "\u2022\u2027\u2219\u22c5\u30fb",
    "*": "\u2217\u204e",
    "\u00d7": "\u2715\u2716\u2a2f\u2573",
    ":": "\u2236",
    "/": "\u2215",
    "\u2265": "\u2267\u2a7e",
    "\u2264": "\u2266\u2a7d",
}
_GLYPHS = {glyph: standard for standard, glyphs in _SAME_GLYPH.items() for glyph in glyphs}

# Invisible letters and marks that are not of the category Cf.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_VARIATION_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))

# What NFKC would make indistinguishable: 10³ from 103, 5½ from 51/2, x₂ from x2, 5① from 51.
_KEPT_TAGS = ("<super>", "<sub>", "<fraction>", "<circle>")
_ROMAN_NUMERALS = range(0x2160, 0x2180)
# Units written into one square (㎡, ㎥, ㎨): the raised digit stays a raised one.
_RAISED_UNIT = re.compile(r"(\D+)([23])")
_RAISED = {"2": "²", "3": "³"}


def is_kept(character: str) -> bool:
    """Say whether a character is left as it is although NFKC would take it apart.

    Superscripts, subscripts, fractions, circled and Roman numerals, numbers with a bracket or a
    dot (⑴, ⒈, ㏠), letters in a square, and accents that stand alone (NFKC makes them a space and
    a combining mark).
    """
    decomposition = unicodedata.decomposition(character)
    if not decomposition.startswith("<"):
        # ῭ is ¨ and a grave accent: as much an accent that stands alone as ¨ is.
        return bool(decomposition) and is_kept(chr(int(decomposition.split()[0], 16)))
    if decomposition.startswith(_KEPT_TAGS) or ord(character) in _ROMAN_NUMERALS:
        return True
    folded = unicodedata.normalize("NFKC", character)
    if folded.startswith(" ") and len(folded) > 1:
        return True
    if decomposition.startswith("<square>") and len(folded) == 1:
        return True
    if any(part.isdigit() for part in folded):
        return len(folded) > 1
    return False


def fold_character(character: str) -> str:
    """Give what one character becomes; the empty string where it is invisible.

    Control characters and line ends become a space, so that what they separate stays separate;
    a lone surrogate becomes U+FFFD, because no database can store it.
    """
    category = unicodedata.category(character)
    if category in {"Cc", "Zl", "Zp", "Zs"}:
        return " "
    if category == "Cs":
        return "\ufffd"
    if category == "Cf" or character in _INVISIBLE or _selects_variation(character):
        return ""
    if character in _GLYPHS:
        return _GLYPHS[character]
    composed = unicodedata.normalize("NFC", character)
    if composed != character:
        return "".join(map(fold_character, composed))
    if is_kept(character):
        raised = _RAISED_UNIT.fullmatch(unicodedata.normalize("NFKC", character))
        if raised and unicodedata.decomposition(character).startswith("<square>"):
            return raised[1].replace("\u2215", "/") + _RAISED[raised[2]]
        return character
    folded = unicodedata.normalize("NFKC", character)
    if folded != character:
        return "".join(map(fold_character, folded))
    return single().get(character, character)


def _selects_variation(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _VARIATION_SELECTORS)


class CharacterTable(dict[int, str]):
    """A table for str.translate that learns each character when it first meets it."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = fold_character(chr(code))
        return folded


FOLDED = CharacterTable()
