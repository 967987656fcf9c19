"""A release of audited rows against all that is declared: `python -m benchmarks.incremental --lines N`.

On a clone of a province in which everything is compared (kept as a template: benchmarks.compare
leaves one, else it is made here), one file of 10,000 random declared lines with verdicts is imported
and released as `manage.py import_audit` does it: 70 % 规范, 10 % with a text that customs corrected.

`seconds` is from the begin of the release until every 规范 / 不规范 mark with its month and conflict
flag, and every public flag of the contents that the release names, is stored, with two worker
processes and beat at work as on a server. Beside it: until the release is committed (verdicts, and the
closing of public flags); until the same with one process working the outbox; until the outbox is
empty, 系统匹配 and nearest contents included. Reading and checking the file stands before the release
and beside it. Per entry touched, of one process: the identical part, and nearest contents.

The same at a smaller size (--against) stands beside it; `ratios` are this size ÷ that one. The last line
is JSON. It ends with an error where a mark or flag does not become right.
"""

import argparse
import json
import sys

from benchmarks.own_services import OwnServices
from benchmarks.provinces import Province
from benchmarks.releasing.measuring import Release, measure

ROWS = (
    ("committed", "release committed, s"),
    ("right_by_one", "marks and flags, one process, s"),
    ("right_by_workers", "marks and flags, workers, s"),
    ("done_by_one", "outbox empty, one process, s"),
    ("done_by_workers", "outbox empty, workers, s"),
    ("identity_ms_per_entry", "identity per entry, ms"),
    ("near_ms_per_entry", "nearest and reasons per entry, ms"),
    ("pairs_per_second", "pairs of nearest, per s"),
    ("importing", "(reading and checking before, s)"),
    ("marks_wanted", "official marks of the release"),
    ("contents", "contents compared"),
    ("entries", "entries compared"),
    ("stored", "entries stored"),
    ("told", "entries told their nearest"),
    ("pairs", "pairs decided"),
)
RATIOS = (
    "committed", "right_by_one", "right_by_workers", "identity_ms_per_entry", "near_ms_per_entry",
)  # fmt: skip


def show(found: dict[int, Release]) -> None:
    """Print the sizes side by side, then where the time goes."""
    print(f"\n{'lines':36}" + "".join(f"{lines:>16,}" for lines in found))
    for name, label in ROWS:
        values = [getattr(release, name) for release in found.values()]
        written = (
            f"{v:>16,.2f}" if isinstance(v, float) and v < 1e5 else f"{v:>16,.0f}" for v in values
        )
        print(f"{label:36}" + "".join(written))
    for lines, release in found.items():
        print(f"\n{lines:,} lines: seconds of one process by stage: {release.stages}")
        print("slowest statements of the release:")
        for seconds, statement in release.statements:
            print(f"  {seconds:8.3f} s  {statement}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--enterprises", type=int, help="one for 500 lines if not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=10_000, help="audited rows")
    parser.add_argument("--against", type=int, help="a smaller size to set it against")
    parser.add_argument("--anew", action="store_true", help="compare the provinces anew first")
    given = parser.parse_args()
    sizes = [Province.of(given.lines, given.enterprises, given.seed)]
    if given.against and given.against != given.lines:
        sizes.append(Province.of(given.against, None, given.seed))
    if given.rows > min(province.lines for province in sizes) // 2:
        parser.error("at most half of the lines can be audited")
    with OwnServices() as services:
        found = {}
        for province in sizes:
            found[province.lines] = measure(services, province, given.rows, anew=given.anew)
            print(province.lines, found[province.lines], file=sys.stderr, flush=True)
    show(found)
    this = found[given.lines]
    said = {
        "name": "incremental",
        "size": given.lines,
        "rows": given.rows,
        "seconds": round(this.right_by_workers, 2),
        "committed_seconds": round(this.committed, 2),
        "one_process_seconds": round(this.right_by_one, 2),
        "outbox_empty_seconds": round(this.done_by_workers, 2),
        "outbox_empty_one_process_seconds": round(this.done_by_one, 2),
        "importing_seconds": round(this.importing, 2),
        "identity_ms_per_entry": round(this.identity_ms_per_entry, 3),
        "near_ms_per_entry": round(this.near_ms_per_entry, 3),
        "pairs_per_second": round(this.pairs_per_second),
        "contents": this.contents,
        "entries": this.entries,
        "told": this.told,
        "pairs": this.pairs,
        "stages": this.stages,
        "peak_mib": this.peak_mib,
        "ratios": {},
    }
    if len(sizes) == 2:
        that = found[sizes[1].lines]
        said["against"] = sizes[1].lines
        said["ratios"] = {
            name: round(getattr(this, name) / max(0.001, getattr(that, name)), 2) for name in RATIOS
        }
        print(f"\nthis size ÷ {sizes[1].lines:,} lines: {said['ratios']}")
    print(json.dumps(said))


if __name__ == "__main__":
    main()
