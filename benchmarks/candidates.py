"""Finding the nearest conforming content in a big block: `python -m benchmarks.candidates --block N`.

A block is all contents of one eight-digit code and 进出口标志; half of N are public here, for the
other half the nearest of them is sought, as the comparison does it. Beside it, on a sample of the
same contents, all pairs by the same score: how long they would take, and whether the answers are the
same (`recall`). Then what increments cost: a public content more, a public content less. No
database. The last line is JSON.

Three kinds of blocks, as customs' codes have them: `parts` (vehicle parts: many names and uses, a
number for nearly each), `clothes` (few names, many compositions, an article number for each) and
`numbers` (the worst: nothing but a number tells two contents apart).
"""

import argparse
import json
import random
import resource
import time
from collections.abc import Callable

import numpy as np

from comparison.candidates import Found, Index, Member, Parts, score

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
MATERIALS = ["铁", "钢", "不锈钢", "铝合金", "橡胶", "塑料", "铜", "聚氨酯", "硅胶", "玻璃纤维"]
FIBRES = ["棉", "涤纶", "锦纶", "氨纶", "粘胶纤维", "腈纶", "羊毛", "亚麻", "莫代尔", "桑蚕丝"]
SYLLABLES = "海蓝佳驰晨远星河恒丰瑞安泰博凯达鸿宇明辉"
PIECES = "前后左右上下内外主副减震制动转向传动轮毂悬架车门仪表进气排气冷却燃油变速离合驱动稳定"
THINGS = ["支架", "总成", "衬套", "轴承", "盖板", "密封圈", "螺栓", "管路", "阀体", "垫片", "臂"]


def _skewed(rng: random.Random, values: list[str]) -> str:
    """Take one of the values, the first ones far more often."""
    return values[min(int(rng.paretovariate(0.7)) - 1, len(values) - 1)]


def _number(rng: random.Random) -> str:
    letters = "".join(rng.choices(LETTERS, k=rng.randrange(1, 4)))
    return f"{letters}{rng.randrange(10**5):05d}-{rng.randrange(10 ** rng.randrange(2, 5))}".lower()


def _composition(rng: random.Random) -> str:
    first = rng.randrange(20, 100)
    one, two = rng.sample(FIBRES, 2)
    return f"{first}%{one}" + (f"+{100 - first}%{two}" if first < 96 else "")


def _words(rng: random.Random, count: int, make: Callable[[], str]) -> list[str]:
    return list(dict.fromkeys(make() for _ in range(count)))


def make_block(kind: str, size: int, seed: int) -> list[Member]:
    """Make distinct contents of one block in canonical writing, with keys as hashes are."""
    rng = random.Random(seed)
    pieces = [PIECES[n : n + 2] for n in range(0, len(PIECES), 2)]
    names = _words(
        rng,
        max(20, size // 100),
        lambda: rng.choice(pieces) + rng.choice(pieces) + rng.choice(THINGS),
    )
    brands = _words(rng, 80, lambda: "".join(rng.choices(SYLLABLES, k=2)) + "牌")
    models = _words(
        rng, max(20, size // 30), lambda: f"{rng.choice(brands)[:2]}{_number(rng)[:3]}型车"
    )
    made: dict[Parts, None] = {}
    while len(made) < size:
        number, brand = _number(rng), rng.choice([_skewed(rng, brands), "无品牌"])
        shared = (str(rng.randrange(5)), str(rng.choice([3, 3, 3, 0])))
        if kind == "parts":
            parts = (
                _skewed(rng, names), *shared, f"用于{_skewed(rng, models)}", "非成套散件",
                rng.choice(MATERIALS), brand, number if rng.random() < 0.9 else "无型号",
                f"{rng.randrange(5, 400)}×{rng.randrange(5, 300)}mm" if rng.random() < 0.3 else "",
            )  # fmt: skip
        elif kind == "clothes":
            parts = (
                _skewed(rng, names[:60]), *shared, rng.choice(["针织", "机织"]),
                _skewed(rng, ["女式", "男式", "女童", "男童"]), _composition(rng), brand, number,
            )  # fmt: skip
        else:
            parts = ("轴承", "4", "3", "传动用", "滚珠", "无品牌", number)
        while not parts[-1]:
            parts = parts[:-1]
        made[parts] = None
    return [Member(n, rng.randbytes(16), parts) for n, parts in enumerate(made, 1)]


def all_pairs(members: list[Member], parts: Parts) -> Found | None:
    """Find the nearest by scoring each, as the definition says."""
    best: Found | None = None
    for member in members:
        found = Found(score(parts, member.parts), member.content_key, member.content_id)
        best = found if found.is_nearer_than(best) else best
    return best


def _take_increments(public: list[Member], wanted: list[Member]) -> dict[str, float]:
    """Measure one content that becomes public, and one that no longer is."""
    start = time.perf_counter()
    seekers = Index(wanted)
    made = time.perf_counter() - start
    least = np.full(len(seekers), 0.6, np.float32)
    start = time.perf_counter()
    for member in public[:50]:
        list(seekers.reached_by(member, least))
    opened = (time.perf_counter() - start) / 50
    return {"index_s": round(made, 3), "opening_ms": round(opened * 1000, 2)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--block", type=int, default=76_000)
    parser.add_argument("--kinds", nargs="+", default=["parts", "clothes", "numbers"])
    parser.add_argument("--sample", type=int, default=100, help="contents compared with all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(
        f"{'block':10}{'index s':>9}{'search s':>10}{'pairs/s':>12}{'all pairs s':>13}{'recall':>8}"
    )
    results = {}
    for kind in options.kinds:
        members = make_block(kind, options.block, options.seed)
        random.Random(options.seed).shuffle(members)
        public, wanted = members[::2], members[1::2]
        start = time.perf_counter()
        index = Index(public)
        made = time.perf_counter() - start
        found = dict(index.nearest_of_each([member.parts for member in wanted]))
        seconds = time.perf_counter() - start
        sample = wanted[: options.sample]
        start = time.perf_counter()
        right = sum(all_pairs(public, member.parts) == found[member.parts] for member in sample)
        scaled = (time.perf_counter() - start) / max(1, len(sample)) * len(wanted)
        pairs = len(public) * len(wanted)
        results[kind] = {
            "seconds": round(seconds, 2),
            "pairs_per_second": round(pairs / seconds),
            "recall": right / max(1, len(sample)),
            "all_pairs_s": round(scaled),
            **_take_increments(public, wanted),
        }
        print(
            f"{kind:10}{made:9.2f}{seconds:10.2f}{pairs / seconds:12,.0f}{scaled:13,.0f}"
            f"{right / max(1, len(sample)):8.3f}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    slowest = max(results.values(), key=lambda result: result["seconds"])
    print(
        json.dumps(
            {
                "name": "candidates",
                "size": options.block,
                "seconds": slowest["seconds"],
                "ratios": {"all_pairs": round(slowest["seconds"] / slowest["all_pairs_s"], 5)},
                "recall": min(result["recall"] for result in results.values()),
                "peak_mib": round(peak),
                "blocks": results,
            }
        )
    )


if __name__ == "__main__":
    main()
