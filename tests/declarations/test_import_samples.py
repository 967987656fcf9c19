"""Real goods text, with invented parties, goes through the importer as it was declared."""

import csv
from pathlib import Path

import pytest

from declarations.models import DeclaredLine
from tests.declarations.files import declared_row, write_xlsx

pytestmark = pytest.mark.django_db


def goods_samples():
    path = Path(__file__).resolve().parents[3] / "shared" / "data" / "goods_samples.tsv"
    if not path.exists():
        pytest.skip(f"the goods samples are not at {path}")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def sample_rows(samples):
    rows = []
    for number, sample in enumerate(samples, start=1):
        parts = sample["g_model"].split("|")
        flag = "I" if len(parts) > 1 and parts[1] == "3" else "E"
        goods = {
            "hs_code": sample["hs_code"],
            "g_name": sample["name"],
            "g_model": sample["g_model"],
        }
        rows.append(declared_row(number, ie_flag=flag, **goods))
    return rows


def test_real_goods_that_have_a_code_are_all_imported_as_they_were_declared(load, tmp_path):
    samples = [sample for sample in goods_samples() if sample["hs_code"]]
    counts = load(write_xlsx(tmp_path / "samples.xlsx", sample_rows(samples)))
    assert counts["new"] == len(samples) == 86
    stored = DeclaredLine.objects.order_by("entry_id").values_list("goods__name", "goods__g_model")
    assert sorted(stored) == sorted((sample["name"], sample["g_model"]) for sample in samples)


def test_real_goods_without_a_code_are_each_reported_and_nothing_is_stored(refused):
    samples = goods_samples()
    missing = [number for number, sample in enumerate(samples, start=2) if not sample["hs_code"]]
    assert len(missing) == 3
    assert refused(sample_rows(samples)) == [(row, "field.blank") for row in missing]
