"""How large a machine must be: `python -m benchmarks.sizing FILE.jsonl [--leave-out N] [--predict N]`.

FILE holds the last line of JSON of several runs of `python -m benchmarks.compare --once`, one size a
line. For each figure a straight line, figure = fixed + share · lines, is fitted on all sizes but the one
left out (the largest if not said); its error there is what the model is worth. Then the figures at the
size asked for, by a law fitted on all sizes. Databases that benchmarks.compare left as templates are
measured too, where they are there. The last line is JSON.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.own_services import OwnServices
from benchmarks.provinces import Province, has

# What a run says, and in what words and unit it is told.
FIGURES = {
    "contents": "contents",
    "entries": "entries",
    "seconds": "identical part, s",
    "projections_seconds": "projections, s",
    "near_seconds": "nearest and reasons, s",
    "whole_seconds": "whole full run, s",
    "database_mib": "database, MiB",
}
Law = tuple[float, float]


def fit(lines: Sequence[int], values: Sequence[float]) -> Law:
    """Fit value = fixed + share · lines by least squares of relative errors; returns (fixed, share).

    What is fixed (starting processes, word lists) is half of a run of 250,000 lines, which a power
    of the lines takes for growth. Raises ValueError for fewer than two sizes.
    """
    if len(lines) < 2:
        raise ValueError("a law needs two sizes")
    share, fixed = np.polyfit(lines, values, 1, w=1 / np.asarray(values, float))
    return float(fixed), float(share)


def at(law: Law, lines: int) -> float:
    """Give what a law says for a number of lines."""
    return law[0] + law[1] * lines


def measured(runs: Sequence[Mapping[str, Any]], name: str) -> dict[int, float]:
    """Collect one figure by size; sizes that lack it are left out."""
    return {int(run["size"]): float(run[name]) for run in runs if run.get(name)}


def add_databases(runs: Sequence[dict[str, Any]], seed: int) -> None:
    """Add the size of each run's compared database, where it was kept."""
    with OwnServices() as services:
        for run in runs:
            name = Province.of(int(run["size"]), None, seed).compared
            if not has(services, name):
                continue
            with services.connect("postgres") as connection:
                row = connection.execute("SELECT pg_database_size(%s)", [name]).fetchone()
            run["database_mib"] = int(row[0]) >> 20 if row else None


def main() -> None:
    """Fit, set against the size left out, predict; print a table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--leave-out", type=int, help="the largest size if not given")
    parser.add_argument("--predict", type=int, default=50_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-databases", action="store_true", help="measure no databases")
    given = parser.parse_args()
    runs = [json.loads(line) for line in given.file.read_text("utf-8").splitlines() if line.strip()]
    left_out = given.leave_out or max(int(run["size"]) for run in runs)
    if not given.no_databases:
        add_databases(runs, given.seed)
    said: dict[str, Any] = {"name": "sizing", "size": given.predict, "ratios": {}, "figures": {}}
    print(f"{'':26}{'a million':>10}{'fitted at':>14}{'measured':>12}{'error':>8}{'predicted':>14}")
    for name, words in FIGURES.items():
        found = measured(runs, name)
        known = {lines: value for lines, value in found.items() if lines != left_out}
        if len(known) < 2 or left_out not in found:
            continue
        guess = at(fit(list(known), list(known.values())), left_out)
        law = fit(list(found), list(found.values()))
        error = guess / found[left_out] - 1
        future = at(law, given.predict)
        print(
            f"{words:26}{law[1] * 1e6:>10,.1f}{guess:>14,.0f}{found[left_out]:>12,.0f}{error:>8.1%}"
            f"{future:>14,.0f}"
        )
        said["figures"][name] = {
            "fixed": round(law[0], 1),
            "a_million": round(law[1] * 1e6, 1),
            "fitted": round(guess, 1),
            "measured": found[left_out],
            "error": round(error, 4),
            "predicted": round(future),
        }
    said["left_out"] = left_out
    print(json.dumps(said))


if __name__ == "__main__":
    main()
