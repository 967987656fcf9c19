"""Folding agrees with Unicode's own NormalizationTest but for the classes that keep a fact."""

import bz2
import unicodedata
from pathlib import Path

import pytest

from declarations.characters import fold_character, is_kept
from declarations.normalise import normalise_text

FOLDER = Path("/usr/share/unicode")
# The double and triple primes are inches and seconds: ″ is one ", NFKC makes it two ′.
PRIMES = frozenset("″‶")


def read_test_file() -> str:
    """Debian packs the file; other systems may not."""
    plain, packed = FOLDER / "NormalizationTest.txt", FOLDER / "NormalizationTest.txt.bz2"
    if plain.exists():
        return plain.read_text(encoding="utf-8")
    if packed.exists():
        return bz2.decompress(packed.read_bytes()).decode("utf-8")
    pytest.skip("NormalizationTest.txt is missing: apt-get install unicode-data")


def known_lines() -> list[list[str]]:
    """Each line's five columns: source, NFC, NFD, NFKC, NFKD; characters that Python knows."""
    lines = []
    for line in read_test_file().splitlines():
        if not line or line[0] in "#@":
            continue
        columns = [
            "".join(chr(int(code, 16)) for code in column.split())
            for column in line.split("#")[0].split(";")[:5]
        ]
        if all(unicodedata.category(c) != "Cn" for c in "".join(columns)):
            lines.append(columns)
    return lines


def test_canonically_equivalent_forms_fold_alike():
    lines = known_lines()
    assert len(lines) > 18_000
    for source, nfc, nfd, *_ in lines:
        assert normalise_text(source) == normalise_text(nfc) == normalise_text(nfd)


def test_compatible_forms_fold_alike_but_for_the_kept_classes():
    kept = 0
    for source, nfc, _, nfkc, nfkd in known_lines():
        if any(is_kept(c) or c in PRIMES for c in nfc):
            kept += 1
            continue
        assert normalise_text(source) == normalise_text(nfkc) == normalise_text(nfkd)
    assert 0 < kept < 1_500


def test_every_kept_character_stays_apart_from_what_nfkc_makes_of_it():
    kept = [c for c in map(chr, range(0x110000)) if is_kept(c)]
    assert set("³²½⅓₂①⑴⒈Ⅱⅷ㏠㍙㋀㎡㎥™´") <= set(kept)
    assert not set("ＡＢ９％㎏㎜ﬁℓ№℃µΩｶ金") & set(kept)
    for character in kept:
        compatible = unicodedata.normalize("NFKC", character)
        assert normalise_text(f"5{character}") != normalise_text(f"5{compatible}")


def test_every_character_that_is_not_kept_folds_to_stable_text():
    for code in range(0x110000):
        folded = fold_character(chr(code))
        assert "".join(map(fold_character, folded)) == folded
