"""Invented brand names and how a declaration writes them, by 品牌类型.

品牌类型 (填制规范 三十五(九)): 0 无品牌, 1 境内自主品牌, 3 境外品牌（贴牌生产, exports only),
4 境外品牌（其他）.
"""

from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

_FILE = Path(__file__).parent / "brands.txt"
NONE_BRANDS = ("无品牌", "无品牌", "无品牌", "无牌", "无中文及外文品牌")


class Brand(NamedTuple):
    """An invented brand in both scripts."""

    chinese: str
    latin: str


@cache
def brand_pools() -> dict[tuple[str, str], tuple[Brand, ...]]:
    """(pool, "own" or "foreign") → its brands."""
    pools: dict[tuple[str, str], tuple[Brand, ...]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            pool, kind, chinese, latin = line.split(maxsplit=3)
            pools[pool, kind] = (*pools.get((pool, kind), ()), Brand(chinese, latin))
    return pools


def brand_text(rng: Random, brand_type: str, pool: str) -> str:
    """The 品牌 value that goes with `brand_type` (0, 1, 3 or 4) for a pool of goods."""
    if brand_type == "0":
        return rng.choice(NONE_BRANDS)
    kind = "own" if brand_type == "1" else "foreign"
    brand = rng.choice(brand_pools()[pool, kind])
    if kind == "own":
        return rng.choice((f"{brand.chinese}牌", f"{brand.chinese}牌/{brand.latin}"))
    return rng.choice(
        (f"{brand.latin}牌", f"无中文品牌,{brand.latin}牌", f"{brand.chinese}牌,{brand.latin}牌")
    )
