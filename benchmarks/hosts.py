"""One worker host against two: `python -m benchmarks.hosts --lines 500000`.

A host here is a copy of the program in a folder of its own with a worker of one process, a var
folder of its own and nothing in common with the other but DATABASE_URL and REDIS_URL. Each time the
same province is compared anew from the queue. The Python part (forms and readings) is what the
hosts share out: its speed-up is the seconds that one host spends on it ÷ those of the busier of
two; the whole run's is beside it, where the hosts share one PostgreSQL and this machine's cores. Each
worker loads its word lists once (about a second), so that small sizes fall short.
The last line is JSON; `ratios` is two hosts' time ÷ one host's for the Python part.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import redis

from benchmarks.own_services import PROJECT, OwnServices, Program, all_killed, beat, worker

LEFT_OUT = ("var", ".git", ".venv", "build", "tests", "docs", "__pycache__", ".*_cache")


def a_host(folder: Path, name: str) -> Path:
    """Copy the program into a folder of its own; returns it."""
    host = folder / name
    shutil.copytree(PROJECT, host, ignore=shutil.ignore_patterns(*LEFT_OUT))
    (host / "var").mkdir()
    return host


def run(services: OwnServices, template: str, hosts: list[Path], piece: int) -> dict[str, Any]:
    """Compare a clone of the province by one worker a host; returns what each host spent."""
    database = services.clone(template, f"hosts_{len(hosts)}")
    assert services.services is not None
    redis.Redis.from_url(services.services.redis_url).flushall()
    sizes = {"COMPARISON_PIECE": str(piece), "OUTBOX_EVERY_SECONDS": "2"}
    programs: list[Program] = []
    with all_killed(programs):
        for host in hosts:
            env = services.environment(database, PORTAL_VAR=str(host / "var"), **sizes)
            # Only what a second machine would have: nothing of this folder is on its path.
            env.pop("PYTHONPATH", None)
            programs.append(worker(host.name, host, env, host / "var"))
        for program in programs:
            program.wait_until_ready()
        programs.append(beat(hosts[0], env, hosts[0] / "var"))
        began = time.monotonic()
        said = services.manage(database, "compare", "--full", "--queue")
        seconds = time.monotonic() - began
    with services.connect(database) as connection:
        spent = connection.execute(
            "SELECT worker, count(*), sum(contents_done), sum(seconds), sum(python_seconds)"
            "  FROM comparison_runpiece GROUP BY worker ORDER BY worker"
        ).fetchall()
    return {
        "seconds": seconds,
        "entries": said["entries"],
        "workers": [
            {"worker": w, "pieces": n, "contents": int(c), "seconds": s, "python": p}
            for w, n, c, s, p in spent
        ],
    }


def main() -> None:
    """Run with one host, then with two; print a table and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--enterprises", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--piece", type=int, default=1_000, help="contents of a piece, at least")
    given = parser.parse_args()
    with (
        OwnServices() as services,
        tempfile.TemporaryDirectory(prefix="portal-hosts-") as name,
    ):
        template = services.template(given.lines, given.enterprises, given.seed)
        hosts = [a_host(Path(name), f"host{n}") for n in (1, 2)]
        one = run(services, template, hosts[:1], given.piece)
        two = run(services, template, hosts, given.piece)
    print(f"{'hosts':>5} {'pieces':>7} {'contents':>9} {'seconds':>8} {'python':>8}  worker")
    for count, outcome in ((1, one), (2, two)):
        for w in outcome["workers"]:
            print(
                f"{count:>5} {w['pieces']:>7} {w['contents']:>9} {w['seconds']:>8.1f}"
                f" {w['python']:>8.1f}  {w['worker']}"
            )
    if len(two["workers"]) != 2 or one["entries"] != two["entries"]:
        sys.exit("两台主机没有都参与，或结果不同。")
    busiest = max(w["python"] for w in two["workers"])
    alone = sum(w["python"] for w in one["workers"])
    print(
        json.dumps(
            {
                "name": "hosts",
                "size": given.lines,
                "seconds": round(two["seconds"], 1),
                "one_host_seconds": round(one["seconds"], 1),
                "speed_up_python": round(alone / busiest, 2),
                "speed_up_run": round(one["seconds"] / two["seconds"], 2),
                "ratios": {"one_host": round(busiest / alone, 3)},
                "cores": os.cpu_count(),
                "load_before": round(os.getloadavg()[2], 1),
            }
        )
    )


if __name__ == "__main__":
    main()
