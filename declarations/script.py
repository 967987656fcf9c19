"""Traditional to simplified characters, without merging words that differ in traditional script.

The tables are OpenCC's, read from the package opencc-python-reimplemented (its data only):
TSCharacters, TSPhrases, STCharacters, STPhrases, TWVariants and HKVariants.

About nine traditional characters in ten have a simplified form of their own (車 → 车): `single`
maps them one by one. The others share their simplified form with another word: 乾 and 幹 are both
written 干 today, 後 and 后 both 后, 麵 and 面, 裡 and 里, 鬱 and 郁, 著 and 着 ... Mapping them one
by one would make 乾 and 幹 the same, or 乾隆 into 干隆. They are simplified only where the way back
is known: a phrase of OpenCC's simplified-to-traditional table covers the place in the simplified
text and gives the same word again (前後 → 前后 → 前後), or OpenCC's traditional-to-simplified
phrases say so (傢俱 → 家具; 乾隆 stays 乾隆). Elsewhere the traditional character stays. So two
traditional writings that name different words never become one, and a simplified text becomes
one with at most one of them: 皇后 stays apart from 皇後, 干部 is 幹部 and not 乾部. 著 and 着 are
left alone: both are simplified characters too.
"""

import csv
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

# Both are simplified characters in their own right; OpenCC's phrases change them by guess.
_ALSO_SIMPLIFIED = frozenset("彷牴瞭祇藉衹覆阪")
# 薴 → 苧 and 苧 → 苎 would chain; 苧 of 苧烯 is not 苎 of 苎麻.
_LEFT_ALONE = frozenset("薴")


@cache
def _opencc(name: str) -> dict[str, list[str]]:
    """Read one of OpenCC's dictionaries: what is written → what it may become, best first."""
    text = files("opencc").joinpath("dictionary", f"{name}.txt").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if "\t" in line)
    return {key: values.split(" ") for key, values in rows}


@cache
def _simplified() -> dict[str, str]:
    """Traditional character → its (first) simplified one, where they differ."""
    return {
        traditional: choices[0]
        for traditional, choices in _opencc("TSCharacters").items()
        if choices[0] != traditional and traditional not in _LEFT_ALONE
    }


@cache
def _word_of() -> dict[str, str]:
    """Traditional character → the standard glyph of the same word (綫 → 線), where it is another.

    From OpenCC's regional variants, as far as both glyphs are traditional only (吃 and 喫, 才 and
    纔 stay apart), and the project's own list data/glyph_variants.tsv.
    """
    traditional = _simplified()
    standard: dict[str, str] = {}
    for table in ("TWVariants", "HKVariants"):
        for glyph, variants in _opencc(table).items():
            for variant in variants:
                if variant != glyph and variant in traditional and glyph in traditional:
                    standard[variant] = glyph
    path = Path(__file__).parent / "data" / "glyph_variants.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            standard[row["variant"]] = row["standard"]
    return standard


def _word(character: str) -> str:
    standard = _word_of()
    while character in standard:
        character = standard[character]
    return character


@cache
def shared() -> frozenset[str]:
    """The traditional characters whose simplified form also writes another word.

    And those that OpenCC's phrases simplify in another way than its characters (計畫 → 计划).
    """
    writers: dict[str, set[str]] = {}
    for traditional, simplified in _simplified().items():
        writers.setdefault(simplified, set()).add(_word(traditional))
    for simplified, choices in _opencc("STCharacters").items():
        if simplified in writers:
            writers[simplified].update(map(_word, choices))
    several = {
        traditional
        for traditional, simplified in _simplified().items()
        if len(writers[simplified]) > 1
    }
    for phrase, choices in _opencc("TSPhrases").items():
        for old, new in zip(phrase, choices[0], strict=True):
            if new not in {old, _simplified().get(old, old)} and old in _simplified():
                several.add(old)
    return frozenset(several)


@cache
def single() -> dict[str, str]:
    """The traditional characters that can be simplified one by one: traditional → simplified."""
    return {
        traditional: simplified
        for traditional, simplified in _simplified().items()
        if traditional not in shared()
    }


@cache
def _shared_pattern() -> re.Pattern[str]:
    return re.compile(f"[{''.join(sorted(shared()))}]")


class _Phrases:
    """Finds the longest phrase of a table at a place of a text."""

    def __init__(self, phrases: dict[str, str]) -> None:
        self._phrases = phrases
        self._longest: dict[str, int] = {}
        for phrase in phrases:
            longest = self._longest.get(phrase[0], 0)
            self._longest[phrase[0]] = max(longest, len(phrase))

    def cover(self, text: str) -> dict[int, str]:
        """Give what the phrases make of each place that they cover, from left to right."""
        covered: dict[int, str] = {}
        place = 0
        while place < len(text):
            for length in range(self._longest.get(text[place], 0), 1, -1):
                found = self._phrases.get(text[place : place + length])
                if found is not None:
                    covered.update(enumerate(found, place))
                    place += length
                    break
            else:
                place += 1
        return covered


@cache
def _traditional_phrases() -> _Phrases:
    """OpenCC's traditional phrases, as they stand when `single` is done.

    Without those that alter what is simplified already (覆上 → 复上).
    """
    done = str.maketrans(single())
    chosen: dict[str, str] = {}
    for phrase, choices in _opencc("TSPhrases").items():
        simplified = choices[0]
        changed = {old for old, new in zip(phrase, simplified, strict=True) if old != new}
        if not changed & _ALSO_SIMPLIFIED and shared() & set(phrase):
            chosen[phrase.translate(done)] = simplified
            if shared() & set(simplified):
                chosen[simplified] = simplified
    return _Phrases(chosen)


@cache
def _simplified_phrases() -> _Phrases:
    """OpenCC's simplified phrases and how they are written in traditional script."""
    return _Phrases({phrase: choices[0] for phrase, choices in _opencc("STPhrases").items()})


class _EveryCharacter(dict[int, str]):
    """A table for str.translate; it learns characters, because a missing key is slow there."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = simplified = _simplified().get(character, character)
        return simplified


_EVERY_CHARACTER = _EveryCharacter()


def simplify_every(text: str) -> str:
    """Simplify character by character, also where words merge (乾 and 幹 → 干): for search only."""
    return text.translate(_EVERY_CHARACTER)


def simplify_shared(text: str, *, usual: bool = False) -> str:
    """Simplify the characters of `shared` where that keeps words apart; `single` is done already.

    Without `usual`, only a phrase counts as evidence: this is for the content key. With it, the
    most usual word of the simplified character counts too where no phrase covers the place (干 is
    幹 then): this is for telling that two contents say the same in another form. Keeps the length.
    """
    if not _shared_pattern().search(text):
        return text
    decided = _traditional_phrases().cover(text)
    plain = [
        decided.get(i, _simplified().get(character, character)) for i, character in enumerate(text)
    ]
    back = _simplified_phrases().cover("".join(plain))
    result = list(text)
    for i, character in enumerate(text):
        if i in decided:
            result[i] = decided[i]
        elif character in shared():
            word = back.get(i)
            if word is None and usual:
                word = _opencc("STCharacters").get(plain[i], [""])[0]
            if word is not None and _word(word) == _word(character):
                result[i] = plain[i]
    return "".join(result)
