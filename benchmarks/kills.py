"""Killing a full comparison at random moments: `python -m benchmarks.kills --lines 500000`.

A province is compared twice from the same start: undisturbed, then while workers are killed by
SIGKILL, PostgreSQL is stopped immediately and Valkey is killed and loses all it kept. Both must end
with the same marks, reasons, public contents, conflicts and history. Services are the benchmark's
own. The last line is JSON; `pause_seconds` are the longest and the median time from a kill to the
next progress, restarting what was killed included.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.own_services import PROJECT, OwnServices, Program, all_killed, beat, worker

WORKERS = 2
# Between two kills some batches should be done, so that there is something half done to kill.
BATCHES_A_KILL = 6
LIMIT_SECONDS = 120  # without any progress, a run counts as lost

DIGESTS = {
    "entries": """
        SELECT count(*), md5(string_agg(md5(row(enterprise_id, content_id, mark, has_conflict,
               matched_content_id, match_source, reason, row_count, first_declared_on,
               last_declared_on)::text), '' ORDER BY enterprise_id, content_id))
          FROM comparison_libraryentry""",
    "history": """
        SELECT count(*), md5(string_agg(md5(row(enterprise_id, content_id, subject, before, after,
               cause)::text), '' ORDER BY enterprise_id, content_id, subject, before, after))
          FROM comparison_markhistory""",
    "public": """
        SELECT count(*), md5(string_agg(md5(row(c.id, p.name, p.g_model, p.elements, p.trade_modes,
               p.latest_month, p.enterprise_count)::text), '' ORDER BY c.id))
          FROM declarations_content c JOIN comparison_publiccontent p ON p.content_id = c.id
         WHERE c.is_public""",
    "conflicts": """
        SELECT count(*), md5(string_agg(md5(row(content_id, audit_month, conforming_rows,
               nonconforming_rows, divided_enterprises, enterprises, lines)::text), ''
               ORDER BY content_id, audit_month))
          FROM comparison_contentconflict""",
    "run": "SELECT sum(entries), md5(row(sum(stored), sum(marks_changed), bool_and("
    "contents_done = contents_total), string_agg(DISTINCT state, ','))::text)"
    " FROM comparison_comparisonrun",
}


def digests(services: OwnServices, database: str) -> dict[str, tuple[Any, ...]]:
    """Sum up what a comparison stored, each table as its rows and a hash of them."""
    with services.connect(database) as connection:
        return {name: connection.execute(sql).fetchone() for name, sql in DIGESTS.items()}  # type: ignore[misc]


class Watch:
    """Follows a run in the database, through whatever happens to the database."""

    def __init__(self, services: OwnServices, database: str, programs: list[Program]) -> None:
        self.services, self.database, self.programs = services, database, programs

    def look(self) -> tuple[int, str]:
        """Return (contents done, state of the run), trying again while the database is away."""
        end = time.monotonic() + LIMIT_SECONDS
        while True:
            for program in self.programs:
                program.keep()
            try:
                with self.services.connect(self.database) as connection:
                    row = connection.execute(
                        "SELECT coalesce(sum(p.contents_done), 0), max(r.state)"
                        "  FROM comparison_comparisonrun r"
                        "  LEFT JOIN comparison_runpiece p ON p.run_id = r.id"
                    ).fetchone()
                    return int(row[0]), str(row[1])  # type: ignore[index]
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def until(self, done: int) -> tuple[int, str]:
        """Wait until so many contents are done, or the run has ended; raises where it stands."""
        since, before = time.monotonic(), -1
        while True:
            now, state = self.look()
            if now >= done or state not in {"waiting", "running"}:
                return now, state
            if now != before:
                since, before = time.monotonic(), now
            if time.monotonic() - since > LIMIT_SECONDS:
                raise RuntimeError(f"no progress at {now} contents for {LIMIT_SECONDS} s")
            time.sleep(0.05)


def disturbed(
    services: OwnServices, database: str, contents: int, kills: list[str], seed: int
) -> tuple[float, list[float], int]:
    """Run with kills; returns its seconds, the pauses after each, and how many kills came in time."""
    rng = random.Random(seed)
    rng.shuffle(kills)
    batch = max(5, contents // (len(kills) * BATCHES_A_KILL))
    env = services.environment(
        database,
        COMPARISON_BATCH=str(batch),
        COMPARISON_PIECE=str(3 * batch),
        COMPARISON_TURN_SECONDS="5",
    )
    pauses: list[float] = []
    with tempfile.TemporaryDirectory(prefix="portal-kills-") as name:
        logs = Path(name)
        began = time.monotonic()
        services.manage(
            database, "shell", "-c", "from comparison import runs; runs.begin_full_run()"
        )
        programs = [worker(f"w{n}", PROJECT, env, logs) for n in range(WORKERS)]
        programs.append(beat(PROJECT, env, logs))
        watch = Watch(services, database, programs)
        with all_killed(programs):
            for number, what in enumerate(kills):
                done, state = watch.until(
                    int(contents * (number + rng.random()) / (len(kills) + 1))
                )
                if state not in {"waiting", "running"}:
                    break
                at = time.monotonic()
                if what == "worker":
                    victim = rng.choice(programs[:WORKERS])
                    victim.kill()
                    victim.start()
                elif what == "postgres":
                    services.kill_postgres()
                else:
                    services.kill_valkey()
                watch.until(done + 1)
                pauses.append(time.monotonic() - at)
                _show(f"{number + 1}/{len(kills)} {what} at {done} contents, {pauses[-1]:.1f} s")
            watch.until(10**12)
            seconds = time.monotonic() - began
        return seconds, pauses, len(pauses)


def main() -> None:
    """Make the data, run twice, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--enterprises", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=20, help="SIGKILLs of workers")
    parser.add_argument("--postgres", type=int, default=3, help="immediate stops of PostgreSQL")
    parser.add_argument("--valkey", type=int, default=3, help="kills of Valkey")
    parser.add_argument("--kill-seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    with OwnServices() as services:
        template = services.template(given.lines, given.enterprises, given.seed)
        services.clone(template, "undisturbed")
        said = services.manage("undisturbed", "compare", "--full")
        wanted = digests(services, "undisturbed")
        _show(f"undisturbed: {said}")
        services.clone(template, "disturbed")
        with services.connect("disturbed") as connection:
            row = connection.execute("SELECT count(*) FROM declarations_content").fetchone()
        kills = ["worker"] * given.workers + ["postgres"] * given.postgres
        kills += ["valkey"] * given.valkey
        seconds, pauses, made = disturbed(
            services,
            "disturbed",
            int(row[0]),
            kills,
            given.kill_seed,  # type: ignore[index]
        )
        found = digests(services, "disturbed")
    print(f"{'':12} {'undisturbed':>14} {'killed':>14} equal")
    for name, (count, digest) in wanted.items():
        print(f"{name:12} {count:>14} {found[name][0]:>14} {found[name] == (count, digest)}")
    equal = found == wanted
    print(
        json.dumps(
            {
                "name": "kills",
                "size": given.lines,
                "seconds": round(seconds, 1),
                "undisturbed_seconds": said["seconds"],
                "kills": made,
                "wanted_kills": len(kills),
                "kill_seed": given.kill_seed,
                "equal": equal,
                "pause_seconds": [round(max(pauses), 1), round(statistics.median(pauses), 1)],
                "ratios": {},
            }
        )
    )
    sys.exit(0 if equal and made == len(kills) else 1)


def _show(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
