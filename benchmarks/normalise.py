"""How fast text is folded: `python -m benchmarks.normalise --contents N`.

Beside it, on the same texts and in the same run, the plainest folding there is: NFKC, casefold and
one blake2b. No database. The last line is JSON; `ratios` is our time ÷ the plain one's.
"""

import argparse
import hashlib
import json
import random
import time
import unicodedata
from collections.abc import Callable

from comparison import form_rules
from comparison.forms import form_key
from declarations.normalise import content_key, fold_goods, search_grams, search_text

Goods = tuple[str, str, str, str]
NAMES = [
    "减震器",
    "电动榨汁机",
    "泳衣",
    "塑料沥水篮",
    "轮毂轴承",
    "牛卡纸",
    "锂离子电池",
    "螺丝套装",
]
USES = ["家用", "清洁用", "用于平板电脑", "供厨房使用", "2.0T&2.7T多用途乘用车用", "散热器密封用"]
MATERIALS = [
    "铁",
    "不锈钢",
    "聚乙烯",
    "100%涤纶",
    "82%锦纶+18%氨纶",
    "58%木粉 37%PE塑料 5%化学助剂",
]
BRANDS = ["无品牌", "无牌", "无中文及外文品牌", "佳驰牌,GARCE牌", "品牌：晨远", "海蓝牌／HAILAN"]
SIZES = ["12*8CM", "2.42KG", "200瓦", "≥９００兆帕", "九十厘米高", "1681*2674mm", "5㎡", "475N.M"]
LETTERS = "ABCDEFGHJKLMNPQRSTUWXYZ0123456789"


def make_goods(count: int, seed: int) -> list[Goods]:
    """Make distinct goods texts of six to nine parts, most with a part number."""
    rng = random.Random(seed)
    return [
        (
            f"{rng.randrange(10**10):010d}",
            rng.choice("IE"),
            rng.choice(NAMES),
            "|".join(
                [
                    str(rng.randrange(5)),
                    str(rng.randrange(4)),
                    rng.choice(USES),
                    rng.choice(MATERIALS),
                    *rng.sample(
                        ["非成套散件,非毛坯件", "成品", "机织", "未漂白"], rng.randrange(1, 4)
                    ),
                    rng.choice(BRANDS),
                    "".join(rng.choices(LETTERS, k=rng.randrange(6, 14))),
                    rng.choice(SIZES),
                ]
            ),
        )
        for _ in range(count)
    ]


def plain_key(hs_code: str, ie_flag: str, name: str, g_model: str) -> bytes:
    """Fold as plainly as can be; this loses facts (10³ becomes 103)."""
    name = unicodedata.normalize("NFKC", name).casefold()
    g_model = unicodedata.normalize("NFKC", g_model).casefold()
    text = f"{hs_code}\x1f{ie_flag}\x1f{name}\x1f{g_model}"
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def best_seconds(work: Callable[[Goods], object], goods: list[Goods], rounds: int) -> float:
    """Give the best CPU seconds of some rounds, each with nothing remembered from the one before."""
    best = float("inf")
    for _ in range(rounds):
        form_rules.write_element.cache_clear()
        start = time.process_time()
        for row in goods:
            work(row)
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contents", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    goods = make_goods(options.contents, options.seed)
    texts = {row: search_text(*row[2:]) for row in goods}
    works: dict[str, Callable[[Goods], object]] = {
        "plain NFKC, casefold, blake2b": lambda row: plain_key(*row),
        "content_key": lambda row: content_key(*row),
        "search_grams": lambda row: search_grams(texts[row]),
        "fold_goods (all that is stored)": lambda row: fold_goods(*row),
        "form_key": lambda row: form_key(*row),
    }
    seconds = {name: best_seconds(work, goods, options.rounds) for name, work in works.items()}
    plain = seconds["plain NFKC, casefold, blake2b"]
    print(f"{'':34}{'contents/s':>12}{'ratio':>8}")
    for name, taken in seconds.items():
        print(f"{name:34}{options.contents / taken:12,.0f}{taken / plain:8.1f}")
    print(
        json.dumps(
            {
                "name": "normalise",
                "size": options.contents,
                "seconds": round(seconds["content_key"], 3),
                "ratios": {"plain": round(seconds["content_key"] / plain, 2)},
                "per_second": {k: round(options.contents / v) for k, v in seconds.items()},
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
