"""The share of real goods texts in which every part is explained; needs ../shared/data."""

import csv
from pathlib import Path

import pytest

from catalogue.elements import PartKind
from catalogue.shipped import shipped_edition
from tests.catalogue.test_elements import read_shipped

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "goods_samples.tsv"
FALLBACK = Path(__file__).parents[2] / ".." / "shared" / "data" / "goods_samples.tsv"
SHARE = 0.95


def samples():
    path = next((p for p in (SAMPLES, FALLBACK) if p.exists()), None)
    if path is None:
        pytest.skip(f"没有 {SAMPLES}：真实申报文本不在仓库中")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    codes = shipped_edition().codes
    return [row for row in rows if row["hs_code"][:8] in codes]


def test_every_part_is_explained_in_95_of_100_real_texts():
    rows = samples()
    unexplained = []
    for row in rows:
        second = [*row["g_model"].split("|"), ""][1]
        reading = read_shipped(row["g_model"], row["hs_code"], "I" if second == "3" else "E")
        assert reading.joined() == row["g_model"]
        if not reading.is_explained:
            parts = [p.value for p in reading.of_kind(PartKind.UNMATCHED)]
            unexplained.append((row["hs_code"], row["g_model"], parts))
    print(*unexplained, sep="\n")
    assert 1 - len(unexplained) / len(rows) >= SHARE, unexplained
