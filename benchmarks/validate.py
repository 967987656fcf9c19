"""Checking an uploaded file: `python -m benchmarks.validate --rows N`.

From the opened file to its faults stored, on lines of a province that repeat goods as generate_lines
makes them (the share is printed), with the province's declared lines in the database. Set against
python-calamine reading the same workbook and doing nothing with it, and against django-import-export
with the same rules (benchmarks/validating/import_export.py), on its first --peer-rows rows, scaled;
0: on all of them. With --csv the file is a .csv, which calamine does not read. The last line is JSON.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.own_services import PROJECT, OwnServices
from benchmarks.provinces import Ended, Province, clone_loaded, drop, run_watched

DATABASE = "validate"


def alone(*arguments: str) -> dict[str, Any]:
    """Run a Python program that needs no database; its last line of JSON."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def table(made: dict[str, Any], ours: Ended, peers: dict[str, float]) -> None:
    """Print what took how long."""
    said = ours.said
    print(
        f"\n{made['rows']:,} rows of {made['columns']} columns, {made['mib']} MiB: {made['goods']:,} goods"
        f" ({made['goods_repeated']:.1%} of the rows repeat one), {made['parties']:,} pairs of parties,"
        f" {made['entries']:,} declarations"
    )
    rate = said["rows"] / said["seconds"]
    print(
        f"{'ours, until the faults are stored':38}{said['seconds']:>10.2f} s{rate:>12,.0f} rows/s"
    )
    print(f"{'  processor time':38}{said['processor']}")
    for name, seconds in peers.items():
        print(f"{name:38}{seconds:>10.2f} s   ours ÷ it {said['seconds'] / seconds:.3f}")
    print(
        f"{'most memory':38}{ours.process_mib:>7.0f} MiB (worker), {said['reader_mib']} (reader),"
        f" {ours.backend_mib:.0f} (PostgreSQL's own)"
    )
    print(f"{said['faults']:,} faults, {said['faulty']:,} faulty rows; by rule and field:")
    for rule, rows in list(said["by_rule"].items())[:20]:
        print(f"  {rule:44}{rows:>9,}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--lines", type=int, help="of the province; twice the rows if not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--csv", action="store_true", help="a .csv in place of a workbook")
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many runs")
    parser.add_argument("--peer-rows", type=int, default=0, help="for django-import-export; 0: all")
    parser.add_argument("--no-import-export", action="store_true")
    given = parser.parse_args()
    province = Province.of(given.lines or 2 * given.rows, None, given.seed)
    peers: dict[str, float] = {}
    with (
        OwnServices() as services,
        tempfile.TemporaryDirectory(prefix="portal-validate-") as folder,
    ):
        path = Path(folder) / ("audited.csv" if given.csv else "audited.xlsx")
        clone_loaded(services, province, DATABASE)
        writing = ["-m", "benchmarks.validating.file", str(path), str(given.rows), str(given.seed)]
        made = run_watched(
            services, DATABASE, *writing, DJANGO_SETTINGS_MODULE="portal.settings"
        ).said
        runs, reading = [], 0.0
        for _ in range(given.rounds):
            # Each on a fresh copy: the same lines in an upload before would be told.
            clone_loaded(services, province, DATABASE)
            runs.append(
                run_watched(
                    services, DATABASE, "-m", "benchmarks.validating.ours", str(path),
                    DJANGO_SETTINGS_MODULE="portal.settings", PORTAL_VAR=folder,
                )
            )  # fmt: skip
            if not given.csv:
                read = alone("-m", "benchmarks.validating.calamine", str(path), "2")
                peers["calamine"] = min(read["seconds"], peers.get("calamine", read["seconds"]))
                reading = min(read["processor"], reading or read["processor"])
        if not given.no_import_export:
            clone_loaded(services, province, DATABASE)
            other = run_watched(
                services, DATABASE, "-m", "benchmarks.validating.import_export", str(path),
                str(given.peer_rows), DJANGO_SETTINGS_MODULE="portal.settings",
            ).said  # fmt: skip
            scaled = other["import_seconds"] * other["whole_rows"] / other["rows"]
            peers["django-import-export"] = other["read_seconds"] + scaled
        drop(services, DATABASE)
    ours = min(runs, key=lambda run: run.said["seconds"])
    table(made, ours, peers)
    print(
        json.dumps(
            {
                "name": "validate",
                "size": made["rows"],
                "seconds": round(ours.said["seconds"], 2),
                "ratios": {
                    name: round(ours.said["seconds"] / seconds, 4)
                    for name, seconds in peers.items()
                },
                "peer_seconds": {name: round(seconds, 2) for name, seconds in peers.items()},
                "goods_repeated": made["goods_repeated"],
                "processor_seconds": ours.said["processor"] | {"calamine": reading},
                "peak_mib": {
                    "worker": round(ours.process_mib),
                    "reader": ours.said["reader_mib"],
                    "postgres": round(ours.backend_mib),
                },
                "faults": ours.said["faults"],
                "state": ours.said["state"],
            }
        )
    )


if __name__ == "__main__":
    main()
