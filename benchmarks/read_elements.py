"""How fast strings are read into elements: `python -m benchmarks.read_elements --strings N`.

Beside it, on the same distinct strings and in the same run, the plainest work there is on a text:
NFKC, casefold and one blake2b. The strings are the demo province's, read by the shipped edition;
in the share in which real lines differ from the list (45 %) they are changed as those do: parts of
older lists and numbers of vehicle parts more, parts fewer, parts in another order, labels, no
leading codes. No database. Nothing is remembered of a string; before each round every list is
prepared anew, outside the measured time, and the best round counts. The last line is JSON; `ratios` is our
time ÷ the plain one's.
"""

import argparse
import hashlib
import json
import os
import random
import time
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("DEBUG", "true")
os.environ.setdefault("DATABASE_URL", "postgresql://unused/unused")
os.environ.setdefault("REDIS_URL", "redis://unused")
django.setup()

from catalogue.elements import ElementName, ElementReader, Reading  # noqa: E402
from catalogue.models import Edition  # noqa: E402
from catalogue.reading.held import Lists  # noqa: E402
from catalogue.reading.plan import plan_of  # noqa: E402
from catalogue.shipped import shipped_edition  # noqa: E402
from declarations.demo.province import Province, Size  # noqa: E402

MISFITS = 0.45  # of 257 real lines 116 differ from the list in their number of parts
LETTERS = "ABCDEFGHJKLMNPQRSTUWXYZ0123456789"
EXTRA = (
    "非成套散件,非毛坯件",
    "非通用零件",
    "成品",
    "无批号",
    "非加密",
    "种类齐全",
    "3CM",
    "外销用",
)
Line = tuple[str, str, str]  # g_model, hs_code, ie_flag


def make_strings(count: int, seed: int) -> list[Line]:
    """Make distinct strings as the province declares them, each for a code of the edition."""
    codes = shipped_edition().codes
    province = Province(Size(lines=count * 30, enterprises=200, seed=seed))
    found: dict[Line, None] = {}
    for stocked in province.goods:
        goods = stocked.goods
        if goods.hs_code[:8] in codes:
            found.setdefault((goods.g_model, goods.hs_code, goods.ie_flag))
    return list(found)[:count]


def change(line: Line, rng: random.Random, layouts: dict[str, list[int]]) -> Line:
    """Change a string as real ones differ from the list.

    Most differ because they follow an older list, and that in the same way for one code: it has
    three layouts at most. One in five differs in a way of its own.
    """
    known = layouts.setdefault(line[1], [rng.randrange(1 << 30) for _ in range(3)])
    how = random.Random(rng.choice(known) if rng.random() < 0.8 else rng.random())
    parts = line[0].split("|")
    chance, last = how.random(), len(parts)
    number = "".join(rng.choices(LETTERS, k=10))
    if chance < 0.55:
        for _ in range(how.randrange(1, 4)):
            parts.insert(how.randrange(3, len(parts) + 1), how.choice(EXTRA))
        if how.random() < 0.3:
            parts += [number, f"S/{number}"]
    elif chance < 0.75 and last > 4:
        del parts[how.randrange(3, last)]
    elif chance < 0.85 and last > 4:
        at = how.randrange(2, last - 1)
        parts[at], parts[at + 1] = parts[at + 1], parts[at]
    elif chance < 0.93:
        parts[-1] = f"型号:{number}"
    else:
        parts = parts[2:]
    return "|".join(parts), *line[1:]


def plain_hash(line: Line) -> bytes:
    """NFKC, casefold, blake2b of the string alone."""
    text = unicodedata.normalize("NFKC", line[0]).casefold()
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def shipped_lists() -> tuple[Edition, Lists]:
    """The shipped edition's lists, without a database."""
    shipped = shipped_edition()
    edition = Edition(year=shipped.year, effective_from=shipped.effective_from)
    lists = {
        code.hs8: tuple(ElementName(e.number, e.name, e.category) for e in code.elements)
        for code in shipped.codes.values()
    }
    return edition, lists


def best_seconds(
    prepare: Callable[[], Callable[[Line], object]], lines: Sequence[Line], rounds: int
) -> float:
    """Give the best CPU seconds of some rounds, each prepared anew."""
    best = float("inf")
    for _ in range(rounds):
        work = prepare()
        start = time.process_time()
        for line in lines:
            work(line)
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strings", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    as_listed = make_strings(options.strings, options.seed)
    layouts: dict[str, list[int]] = {}
    changed = list(dict.fromkeys(change(line, rng, layouts) for line in as_listed))
    misfits = round(MISFITS * len(as_listed))
    mixture = [*as_listed[misfits:], *changed[:misfits]]
    rng.shuffle(mixture)
    edition, lists = shipped_lists()

    def reader(lines: Sequence[Line]) -> Callable[[Line], Reading]:
        # Each list is prepared anew, with nothing known of any string.
        plan_of.cache_clear()
        found = ElementReader([(edition, lists)])
        for _, hs_code, ie_flag in lines:
            found.read("", hs_code, ie_flag, on_date)
        return lambda line: found.read(*line, on_date)

    on_date = date(2025, 6, 30)
    print(f"{'':24}{'strings':>9}{'read/s':>10}{'plain/s':>11}{'ratio':>8}{'straight':>10}")
    ratios, speeds = {}, {}
    for name, lines in (("as listed", as_listed), ("changed", changed), ("45 % changed", mixture)):
        plain = best_seconds(lambda: plain_hash, lines, options.rounds)
        taken = best_seconds(lambda: reader(lines), lines, options.rounds)  # noqa: B023
        ratios[name], speeds[name] = round(taken / plain, 2), round(len(lines) / taken)
        read = reader(lines)
        straight = sum(read(line).confidence == 1 for line in lines) / len(lines)
        print(
            f"{name:24}{len(lines):9,}{len(lines) / taken:10,.0f}{len(lines) / plain:11,.0f}"
            f"{taken / plain:8.2f}{straight:10.0%}"
        )
    print(
        json.dumps(
            {
                "name": "read_elements",
                "size": len(mixture),
                "seconds": round(len(mixture) / speeds["45 % changed"], 3),
                "ratios": {"nfkc_blake2b": ratios["45 % changed"]},
                "per_second": speeds,
                "all_ratios": ratios,
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
