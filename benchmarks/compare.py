"""A full comparison against DuckDB and an ORM loop: `python -m benchmarks.compare --lines N`.

A province that was loaded and never compared is compared by `manage.py compare --full` in as many
processes as DuckDB has threads: from loaded lines to stored marks, reasons and what others see. Its identical part is set
against DuckDB doing the same on the same lines and verdicts (benchmarks/comparing/duck.py: two
threads, every line normalised and hashed, the same table of entries on disk), and against the loop
over the ORM that a first version would be, measured on a sample and scaled by the entries. DuckDB's
entries are then set against ours, one by one, and the loop's marks too.

The identical part is the whole run but what others may see of a content (`projections`) and nearest
contents with what reasons say of others (`near`, `reasons`): the record of the run tells the seconds of each
stage (comparison/stages.py). It ends with exit code 1 where the marks disagree. With --against the
same run at another size stands beside it. The last line is JSON; `seconds` is the identical part and
`ratios` are ours ÷ theirs.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.comparing.checking import agreement
from benchmarks.comparing.exporting import export
from benchmarks.comparing.orm_sample import OrmSample, orm_sample
from benchmarks.comparing.ours import NOT_IDENTICAL, FullRun, full_run
from benchmarks.own_services import OwnServices
from benchmarks.provinces import (
    Ended,
    Province,
    clone_loaded,
    drop,
    has,
    keep_as_compared,
    run_watched,
)


def duck_runs(services: OwnServices, database: str, file: Path, rounds: int) -> Ended:
    """Export what is compared, and have DuckDB do it in a process of its own; the best round."""
    with services.connect(database) as connection:
        export(connection, file)
    runs = [
        run_watched(services, database, "-m", "benchmarks.comparing.duck", str(file))
        for _ in range(rounds)
    ]
    return min(runs, key=lambda run: run.said["seconds"])


def first_and_second(
    services: OwnServices, province: Province, name: str, given: argparse.Namespace
) -> tuple[FullRun, FullRun | None]:
    """Compare clones of a province for the first time, and the last one again; the best first."""
    firsts = []
    for _ in range(given.rounds):
        clone_loaded(services, province, name)
        firsts.append(full_run(services, name, given.workers))
    again = None if given.once else full_run(services, name, given.workers)
    return min(firsts, key=lambda run: run.identical_seconds), again


def table(first: FullRun, again: FullRun | None, duck: dict[str, Any], orm: OrmSample) -> None:
    """Print what took how long."""

    def second(figure: Callable[[FullRun], float]) -> str:
        """Write a figure of the second run, where there was one."""
        return f"{figure(again):>11.2f} s" if again else ""

    print(f"\n{'':26}{'first run':>11}{'nothing new' if again else '':>13}")
    for stage, seconds in sorted(first.stages.items(), key=lambda item: -item[1]):
        beside = " (beside the identical part)" if stage in NOT_IDENTICAL else ""
        again_seconds = second(lambda run, stage=stage: run.stages.get(stage, 0.0))  # type: ignore[misc]
        print(f"  {stage:24}{seconds:>9.2f} s{again_seconds}{beside}")
    print(f"{'whole run':26}{first.seconds:>9.2f} s{second(lambda run: run.seconds)}")
    identical = second(lambda run: run.identical_seconds)
    print(f"{'identical part':26}{first.identical_seconds:>9.2f} s{identical}")
    print(f"{'DuckDB, 2 threads':26}{duck['seconds']:>9.2f} s   {duck['steps']}")
    print(
        f"{'ORM loop, scaled':26}{orm.scaled(first.entries):>9.0f} s   from {orm.entries:,} entries"
        f" in {orm.seconds:.2f} s to {first.entries:,} entries"
    )


def tell_agreement(agreed: dict[str, Any], orm: OrmSample) -> bool:
    """Print how far the marks agree; False where they do not."""
    print("\nour entries and DuckDB's, one by one:")
    for outcome, count in agreed["outcomes"].items():
        print(f"  {outcome:38}{count:>12,}")
    print(
        f"  {'normalised otherwise':38}{agreed['normalised_otherwise']:>12,}"
        f"  ({agreed['contents_normalised_otherwise']:,} contents, such as {agreed['example']})"
    )
    for example in agreed["unexplained_examples"]:
        print("  not explained:", *example)
    print(f"the ORM loop's marks that are wrong: {orm.wrong} of {orm.entries}")
    return agreed["unexplained"] == 0 and orm.wrong == 0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--enterprises", type=int, help="one for 500 lines if not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--once", action="store_true", help="no second run with nothing new")
    parser.add_argument("--workers", type=int, default=2, help="processes of the full run")
    parser.add_argument("--rounds", type=int, default=1, help="the best of so many runs")
    parser.add_argument("--sample", type=int, default=500, help="entries for the ORM loop")
    parser.add_argument("--against", type=int, help="a smaller size to set the full run against")
    given = parser.parse_args()
    province = Province.of(given.lines, given.enterprises, given.seed)
    with OwnServices() as services, tempfile.TemporaryDirectory(prefix="portal-duck-") as folder:
        smaller = None
        if given.against:
            other = Province.of(given.against, None, given.seed)
            smaller, _ = first_and_second(services, other, "compare_full", given)
        first, second = first_and_second(services, province, "compare_full", given)
        file = Path(folder) / "lines.duckdb"
        duck = duck_runs(services, "compare_full", file, given.rounds)
        with services.connect("compare_full") as connection:
            agreed = agreement(connection, file)
        orm = orm_sample(services, "compare_full", given.sample, given.seed)
        # What benchmarks.incremental begins with: everything compared.
        if has(services, province.compared):
            drop(services, "compare_full")
        else:
            keep_as_compared(services, province, "compare_full")
    table(first, second, duck.said, orm)
    agrees = tell_agreement(agreed, orm)
    said = {
        "name": "compare",
        "size": given.lines,
        "workers": given.workers,
        "seconds": round(first.identical_seconds, 2),
        "ratios": {
            "duckdb": round(first.identical_seconds / duck.said["seconds"], 2),
            "orm": round(first.identical_seconds / orm.scaled(first.entries), 4),
        },
        "near_seconds": round(first.near_seconds, 2),
        "reasons_seconds": round(first.stages.get("reasons", 0), 2),
        "projections_seconds": round(first.stages.get("projections", 0), 2),
        "whole_seconds": round(first.seconds, 2),
        "again_seconds": round(second.seconds, 2) if second else None,
        "duckdb_seconds": duck.said["seconds"],
        "orm_seconds_scaled": round(orm.scaled(first.entries)),
        "orm_sample": orm.entries,
        "peak_mib": {
            "compare": round(max(run.process_mib for run in (first, second) if run)),
            "postgres": round(max(run.backend_mib for run in (first, second) if run)),
            "duckdb": round(duck.process_mib),
            "orm": round(orm.process_mib),
        },
        "entries": first.entries,
        "contents": duck.said["contents"],
        "pairs": first.pairs,
        "told": first.told,
        "agree": agrees,
        "same_in_another_form": agreed["outcomes"].get("same in another form", 0),
        "normalised_otherwise": agreed["normalised_otherwise"],
    }
    if smaller is not None:
        said["against"] = {
            "size": given.against,
            "seconds": round(smaller.identical_seconds, 2),
            "whole_seconds": round(smaller.seconds, 2),
            "times": round(first.identical_seconds / smaller.identical_seconds, 2),
            "whole_times": round(first.seconds / smaller.seconds, 2),
        }
        print(f"against {given.against:,} lines: {said['against']}")
    print(json.dumps(said))
    sys.exit(0 if agrees else 1)


if __name__ == "__main__":
    main()
