"""The lists of words that hints and checks go by, read once from catalogue/data."""

import csv
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


def _rows(file_name: str) -> list[dict[str, str]]:
    with (_DATA / file_name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def _all_words() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in _rows("check_words.tsv"):
        found.setdefault(row["list"], set()).add(row["word"])
    return {name: frozenset(members) for name, members in found.items()}


def words(name: str) -> frozenset[str]:
    """One list of check_words.tsv: filler, yes_no, vague_name, evasion, unit ... KeyError if none."""
    return _all_words()[name]


@cache
def attribute_kinds() -> dict[str, str]:
    """What a hint may ask after (厚度, 颜色, 学名) → how it is answered (number, colour, latin ...)."""
    return {row["attribute"]: row["answered_by"] for row in _rows("hint_attributes.tsv")}


@cache
def hint_synonyms() -> dict[str, tuple[str, ...]]:
    """A hint's option → other words that answer it as well."""
    found: dict[str, tuple[str, ...]] = {}
    for row in _rows("hint_synonyms.tsv"):
        found[row["option"]] = (*found.get(row["option"], ()), row["word"])
    return found


@cache
def measured_words() -> dict[str, str]:
    """A word by which an element's name ends when it asks a measure → the units to write it in."""
    return {row["word"]: row["units"] for row in _rows("measured_elements.tsv")}
