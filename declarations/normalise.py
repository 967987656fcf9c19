"""Normalise declared text for comparing it, and compute the key and the search terms from that.

Normalising loses no fact (design: "Marks"); what a user sees is always the original. Two texts
with the same normalised form say the same thing in the same words. What is folded, and what is
kept apart on purpose, by class:

- Width, ligatures and compatibility forms: NFKC. Kept as they are: superscripts, subscripts,
  fractions, circled, bracketed and Roman numerals (10³ is not 103, 5½ not 51/2, Ⅱ not II);
  ㎡ becomes m², which is not m2.
- Letter case: folded, except the case of a unit where it tells two units apart (mW and MW, Mb and
  MB; data/case_units.tsv) and that of Greek letters, which are symbols (Ω, Δ).
- White space: collapsed, and taken away beside Chinese characters and punctuation. It stays
  between two letters or digits (3 5 is not 35), beside . - + ~ (3 -5 is not 3-5), after a comma
  between two digits, and between two names in a composition (82%锦纶 氨纶18%). Control
  characters, NUL among them, count as white space; what is invisible is taken away.
- Punctuation: full-width as half-width; the many dashes, quotation marks, dots and crosses as one
  of each kind. A minus sign, a decimal point, a range, ±, ≥ and > stay what they are. A comma
  between digits stays too: 1,200 is not 1200, because it may be a list.
- Traditional characters: simplified where that merges no two words (declarations.script).
- A lone surrogate becomes U+FFFD: no database stores it. No text makes any function here raise.

Pure functions, no database. NORMALISER_VERSION changes with every rule or table that changes any
result: keys of two versions never equal one another.
"""

import csv
import hashlib
import re
import unicodedata
from functools import cache
from itertools import product
from pathlib import Path
from typing import NamedTuple

from declarations.characters import FOLDED
from declarations.script import simplify_every, simplify_shared

NORMALISER_VERSION = 1
CONTENT_KEY_BYTES = 16

# Beside these a space carries no fact: CJK characters and punctuation. Not . - + ~ and comma.
_CJK = (
    "\u2e80-\u2fdf\u3000-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_LOOSE = _CJK + r"!\"#$%&'()*/:;<=>?@\[\\\]^_`{|}\u00b0\u00b1\u00b7\u00d7\u00f7\u2030\u2264\u2265"
# Begins with the space itself, so that the search jumps from space to space.
_LOOSE_SPACE = re.compile(
    rf" (?:(?=[{_LOOSE}])|(?<=[{_LOOSE}] )"
    r"|(?<=, )(?!\d)|(?<=\D, )|(?<=\A, )|(?<!\d )(?=,)|(?=,(?!\d)))"
)
# Between a share and the next one: two names with nothing but a space between them.
_SHARE = r"[≥≤<>~约]?\d[\d.]*(?:[-~]\d[\d.]*)?%"
_NAMES_BETWEEN_SHARES = re.compile(rf"(?<=%)([^%|,;、+/&]+?)(?={_SHARE})")
_NAME_BREAK = "\x00"

_LETTERS = r"A-Za-z\u00c0-\u024f\u1e00-\u1eff\u03a9\u03bc"
_WORD = re.compile(rf"[{_LETTERS}]++(?!\d)")
_NUMBER_BEFORE = re.compile(rf"(?:(?<![{_LETTERS}\d])|(?<=\d[xX]))\d+(?:[.,]\d+)*[⁰¹²³⁴-⁹]* ?\Z")
_LONGEST_NUMBER = 40
# CO. is a company, CO₂ another formula.
_AFTER_LONGER = frozenset(".₀₁₂₃₄₅₆₇₈₉")
_GREEK = re.compile("[\u0370-\u03ff]")
_SEPARATORS = r" |,;:、。()"
_PAIR = re.compile(rf"(?=([^{_SEPARATORS}]{{2}}))")
_LONE_CJK = re.compile(rf"(?<![^{_SEPARATORS}])[{_CJK}](?![^{_SEPARATORS}])")
_SINGLE_CJK = re.compile(f"[{_CJK}]")


def normalise_text(text: str) -> str:
    """Fold a text for comparing, by the rules above. Idempotent; never raises."""
    folded = unicodedata.normalize("NFC", text).translate(FOLDED)
    if not folded.isascii():
        folded = unicodedata.normalize("NFC", folded)
    if " " in folded:
        folded = _remove_loose_spaces(" ".join(folded.split()))
    folded = simplify_shared(folded)
    return _fold_case(folded)


def normalise_g_model(g_model: str) -> str:
    """Fold a 规格型号: part by part, in its order, without the empty parts at its end.

    Parts are divided by | (the full-width ｜ counts as the same). The result is divided by |, which
    no part contains, so that it stands for exactly one list of parts.
    """
    return normalise_text(g_model).rstrip("|")


def g_model_parts(normalised: str) -> list[str]:
    """Split a normalised 规格型号 into its parts; none for the empty text."""
    return normalised.split("|") if normalised else []


def has_telling_case(word: str) -> bool:
    """Say whether letter case makes another unit of this word: mw may be mW or MW.

    In normalised text such a word behind a number stands as it was written; whoever shows it must
    not change its case.
    """
    return word in _kept_spellings()


class FoldedGoods(NamedTuple):
    """What is stored of a content: its key, its normalised texts and what search needs."""

    content_key: bytes
    name: str
    g_model: str
    search_text: str
    search_grams: list[str]


def fold_goods(hs_code: str, ie_flag: str, name: str, g_model: str) -> FoldedGoods:
    """Compute everything that is stored of a content in one pass, for loading in bulk."""
    name, g_model = normalise_text(name), normalise_g_model(g_model)
    searched = _fold_for_search(f"{name}|{g_model}").rstrip("|")
    return FoldedGoods(
        _key(hs_code, ie_flag, name, g_model), name, g_model, searched, search_grams(searched)
    )


def content_key(hs_code: str, ie_flag: str, name: str, g_model: str) -> bytes:
    """Give the 16 bytes that identify what is declared: equal just for equal normalised texts.

    `hs_code` has ten digits and `ie_flag` is I or E; both are taken as they are. A name or
    g_model that is normalised already gives the same key.
    """
    return _key(hs_code, ie_flag, normalise_text(name), normalise_g_model(g_model))


def search_text(name: str, g_model: str) -> str:
    """Give the text in which keywords are looked for: normalised, all in lower case, simplified.

    Here traditional characters are simplified one by one, so that whoever types 後 or 后 finds
    both. A keyword is in a content when each of `keyword_words(keyword)` is a substring of this:
    `strpos(search_text, word) > 0` in SQL, after the GIN index on `search_grams` has left few.
    """
    return _for_search(f"{name}|{g_model}").rstrip("|")


def keyword_words(text: str) -> list[str]:
    """Split what a user types into words, all of which must be found; white space divides words.

    Each is folded as `search_text` is; the list is empty where nothing visible was typed.
    """
    words = map(_for_search, text.translate(FOLDED).split(" "))
    return [word for word in words if word]


def search_grams(text: str) -> list[str]:
    """Give the distinct grams of a search text, sorted, for an index on an array.

    All pairs of neighbouring characters inside runs divided by space | , ; : 、 。 ( ), and each
    Chinese character by itself, for keywords of one character.
    """
    return sorted({*_PAIR.findall(text), *_SINGLE_CJK.findall(text)})


def keyword_grams(keyword: str) -> list[str]:
    """Give the grams that a search text must have to contain a word of `keyword_words`, sorted.

    Where the word is a substring of a search text, these are a part of the text's search_grams.
    The list is empty for a word without two neighbouring letters or digits (7, or 1,5): the index
    cannot help there.
    """
    return sorted({*_PAIR.findall(keyword), *_LONE_CJK.findall(keyword)})


def _key(hs_code: str, ie_flag: str, name: str, g_model: str) -> bytes:
    # The lengths before the texts make the encoding unambiguous, whatever the texts contain.
    encoded = f"{len(hs_code)},{len(ie_flag)},{len(name)}:{hs_code}{ie_flag}{name}{g_model}"
    return hashlib.blake2b(
        encoded.encode("utf-8", "surrogatepass"),
        digest_size=CONTENT_KEY_BYTES,
        person=b"content-%d" % NORMALISER_VERSION,
    ).digest()


def _for_search(text: str) -> str:
    return _fold_for_search(normalise_text(text))


def _fold_for_search(normalised: str) -> str:
    return unicodedata.normalize("NFC", simplify_every(normalised).casefold())


def _remove_loose_spaces(text: str) -> str:
    if text.count("%") > 1:
        text = _NAMES_BETWEEN_SHARES.sub(_mark_name_breaks, text)
        return _LOOSE_SPACE.sub("", text).replace(_NAME_BREAK, " ")
    return _LOOSE_SPACE.sub("", text)


def _mark_name_breaks(match: re.Match[str]) -> str:
    names = match[1]
    inner = names.strip(" ")
    return names.replace(inner, inner.replace(" ", _NAME_BREAK))


def _fold_case(text: str) -> str:
    """Fold the case of all letters but those of a unit or formula where case tells two apart."""
    if text.casefold() == text:
        return text
    kept = _kept_spellings()
    pieces, end = [], 0
    for word in _WORD.finditer(text):
        if word[0] in kept and _keeps_case(text, word):
            pieces += [_casefold(text[end : word.start()]), word[0]]
            end = word.end()
    pieces.append(_casefold(text[end:]))
    folded = "".join(pieces)
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded)


def _casefold(text: str) -> str:
    """Fold letter case, but not that of Greek letters."""
    if _GREEK.search(text):
        return "".join(c if _GREEK.match(c) else c.casefold() for c in text)
    return text.casefold()


def _keeps_case(text: str, word: re.Match[str]) -> bool:
    """Say whether a word of `_kept_spellings` stands where its case tells something."""
    where = _kept_spellings()[word[0]]
    start, end = word.span()
    if "number" in where:
        first = max(0, start - _LONGEST_NUMBER)
        if _NUMBER_BEFORE.search(text, first, start):
            return True
    stands_alone = not text[start - 1 : start].isdigit()
    return stands_alone and (
        "alone" in where or ("formula" in where and text[end : end + 1] not in _AFTER_LONGER)
    )


@cache
def _kept_spellings() -> dict[str, frozenset[str]]:
    """Give the spellings whose case is kept, and where: data/case_units.tsv.

    number: after a number. alone: also away from a number, where upper and lower case are mixed (a
    lone MW may be a brand). formula: wherever it stands alone, but not before a dot (Co., Ltd).
    """
    path = Path(__file__).parent / "data" / "case_units.tsv"
    kept: dict[str, frozenset[str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            for spelling in _spellings(row["folded"]):
                where = set(row["where"].split(","))
                if not _tells_apart(spelling):
                    where.discard("alone")
                kept[spelling] = frozenset(where)
    return kept


def _spellings(unit: str) -> list[str]:
    """Give a unit in every mixture of upper and lower case; Greek letters as they are."""
    letters = [(c, c.upper()) if c.isascii() else (c,) for c in unit]
    return ["".join(spelling) for spelling in product(*letters)]


def _tells_apart(spelling: str) -> bool:
    """Say whether a spelling by itself looks like a unit: mW and MΩ do, MW does not."""
    has_upper = any(c.isascii() and c.isupper() for c in spelling)
    return has_upper and not (spelling.isascii() and spelling.isupper())
