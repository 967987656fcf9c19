"""The official annex of 2025 and a careful reading of it, where the machine has them."""

import csv
from pathlib import Path

import pytest
from django.conf import settings

_DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
PDF = _DATA / "catalogue_2025_official.pdf"
EXPECTED = _DATA / "catalogue_2025_expected.tsv"

# Where the careful reading is wrong, by the annex itself. Page 357 prints `2.材质（铜)；3加工方法（…)`
# and then `4.型号`, page 376 `3品牌（…）` before `4.型号`: a point is missing after the 3.
NUMBER_WITHOUT_POINT = {
    "74192010": ("用途（工业用、非工业用）", "材质（铜）", "加工方法（锻造、冲压等）", "型号"),
    "74192020": ("用途（工业用、非工业用）", "材质（铜）", "加工方法（锻造、冲压等）", "型号"),
    "74192090": ("用途（工业用、非工业用）", "材质（铜）", "加工方法（锻造、冲压等）", "型号"),
    "83011000": (
        "用途（机动车用、家具用等）",
        "材质（不锈钢制等）",
        "品牌（中文或外文名称）",
        "型号",
        "种类（钥匙锁、数码锁、电动锁、钥匙等）",
    ),
}
# Page 444: the last character of the name runs over the border, and was taken for an element's.
OVER_THE_BORDER = {
    "85124000": (
        "用途",
        "功能",
        "适用车型（适用于××品牌××车型）",
        "品牌（中文或外文名称）",
        "零部件编号",
    ),
}
RIGHT_NAMES = {"85124000": "风挡刮水器、除霜器及去雾器"}
RIGHT_LISTS = NUMBER_WITHOUT_POINT | OVER_THE_BORDER


def expected_rows() -> list[dict[str, str]]:
    """Give the rows of the careful reading; skips the test where it is absent."""
    if not EXPECTED.exists():
        pytest.skip(f"SKIPPED LOUDLY: {EXPECTED} is not here")
    with EXPECTED.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def elements_text(names: "tuple[str, ...] | list[str]") -> str:
    """Write a list as the careful reading does: `1:名;2:名`."""
    return ";".join(f"{number}:{name}" for number, name in enumerate(names, 1))
