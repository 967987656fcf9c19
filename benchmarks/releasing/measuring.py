"""A release into clones of a compared province: worked by one process, then by workers and beat."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

from benchmarks.comparing.ours import NOT_IDENTICAL
from benchmarks.memory import MemoryWatch
from benchmarks.own_services import PROJECT, OwnServices, Program, all_killed, beat, worker
from benchmarks.provinces import Province, clone_compared, drop
from benchmarks.releasing.watching import (
    Wanted,
    lay_out,
    left_over,
    wait_until_idle,
    wait_until_right,
    wanted_of,
)

# As docs/operations.md has one host: two processes for the queue of the comparison, and beat.
WORKERS = 2
DATABASE = "incremental"
# Contents compared again beforehand, so that workers have loaded their word lists.
WARMING = 40

_RECORDS = """
SELECT coalesce(sum(entries), 0) AS entries, coalesce(sum(stored), 0) AS stored,
       coalesce(sum(marks_changed), 0) AS changed, coalesce(sum(contents_done), 0) AS contents
  FROM comparison_comparisonrun WHERE id > %s
"""
_STAGES = """
SELECT stage, coalesce(sum((done ->> 'seconds')::float8), 0),
       coalesce(sum((done ->> 'pairs')::float8), 0), coalesce(sum((done ->> 'entries')::float8), 0)
  FROM comparison_comparisonrun r, jsonb_each(r.stages) s(stage, done)
 WHERE r.id > %s GROUP BY stage
"""
_WARM = """
INSERT INTO catalogue_outbox (chapter, content_id, cause, written_at)
SELECT left(hs_code, 2), id, 'full', now() FROM (
    SELECT DISTINCT ON (left(hs_code, 2)) id, hs_code FROM declarations_content
     ORDER BY left(hs_code, 2), id LIMIT %s) c
"""


@dataclass
class Release:
    """What one size took: seconds from the begin of the release; what was touched; MiB at most."""

    importing: float = 0
    committed: float = 0
    right_by_one: float = 0
    done_by_one: float = 0
    right_by_workers: float = 0
    done_by_workers: float = 0
    contents: int = 0
    entries: int = 0
    stored: int = 0
    changed: int = 0
    marks_wanted: int = 0
    pairs: int = 0
    told: int = 0
    stages: dict[str, float] = field(default_factory=dict)
    statements: list[list[Any]] = field(default_factory=list)
    peak_mib: dict[str, int] = field(default_factory=dict)

    @property
    def identity_ms_per_entry(self) -> float:
        """Milliseconds of one process for an entry, without projections and nearest contents."""
        spent = sum(self.stages.values()) - sum(self.stages.get(s, 0) for s in NOT_IDENTICAL)
        return spent * 1000 / max(1, self.entries)

    @property
    def near_ms_per_entry(self) -> float:
        """Milliseconds of one process for an entry: nearest contents and what reasons say."""
        spent = self.stages.get("near", 0) + self.stages.get("reasons", 0)
        return spent * 1000 / max(1, self.entries)

    @property
    def pairs_per_second(self) -> float:
        """Pairs of contents that the search for the nearest decided, a second of it."""
        return self.pairs / max(0.001, self.stages.get("near", 0))


class Product:
    """A process of benchmarks/releasing/product.py."""

    def __init__(self, services: OwnServices) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.releasing.product"],
            cwd=PROJECT,
            env=services.environment(DATABASE, DEBUG="false"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, *words: object) -> None:
        """Tell it to do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for its answer; raises RuntimeError where it has failed."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the product's process failed, exit {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def product(services: OwnServices) -> Iterator[Product]:
    """Have a product's process for a block."""
    process = Product(services)
    try:
        yield process
    finally:
        process.end()


def measure(services: OwnServices, province: Province, rows: int, *, anew: bool) -> Release:
    """Release the same audited file into two clones of a compared province."""
    found = Release()
    with tempfile.TemporaryDirectory(prefix="portal-release-") as name:
        file = Path(name) / "audited.csv"
        clone_compared(services, province, DATABASE, anew=anew)
        month, wanted = by_one_process(services, file, rows, province.seed, found)
        clone_compared(services, province, DATABASE)
        by_workers(services, file, month, wanted, Path(name), found)
        drop(services, DATABASE)
    return found


def by_one_process(
    services: OwnServices, file: Path, rows: int, seed: int, found: Release
) -> tuple[str, Wanted]:
    """Release, then work the outbox off in the same process; returns the month and what is right."""
    with (
        services.connect(DATABASE) as connection,
        product(services) as ours,
        MemoryWatch(None, services.folder / "postgres") as memory,
    ):
        ours.order("make", file, rows, seed)
        month = ours.answer()["month"]
        last = _number(connection, "SELECT coalesce(max(id), 0) FROM comparison_comparisonrun")
        ours.order("release", file, month)
        said = ours.answer()
        wanted = wanted_of(connection, said["counts"]["release"])
        lay_out(connection, wanted)
        # What stands with the release itself needs no work.
        right_at = 0.0 if left_over(connection) == (0, 0) else None
        ours.order("work")
        right_at = wait_until_right(connection) if right_at is None else right_at
        worked = ours.answer()
        lay_out(connection, wanted)
        wait_until_right(connection)  # nothing of it was undone by what followed
        _note_records(connection, last, found)
    found.importing = said["began_at"] - said["importing_at"]
    found.committed = said["committed_at"] - said["began_at"]
    found.right_by_one = found.committed + max(0.0, right_at - worked["began_at"])
    found.done_by_one = found.committed + worked["ended_at"] - worked["began_at"]
    found.statements, found.marks_wanted = said["statements"], len(wanted.marks)
    found.peak_mib = {"product": worked["process_mib"], "postgres": round(memory.backend_mib)}
    return month, wanted


def by_workers(
    services: OwnServices, file: Path, month: str, wanted: Wanted, logs: Path, found: Release
) -> None:
    """Release while workers and beat are up, as on a server."""
    assert services.services is not None
    redis.Redis.from_url(services.services.redis_url).flushall()
    env = services.environment(DATABASE, DEBUG="false")
    programs: list[Program] = []
    with all_killed(programs), services.connect(DATABASE) as connection:
        lay_out(connection, wanted)
        connection.execute(_WARM, [WARMING])
        programs += [worker(f"worker{n}", PROJECT, env, logs) for n in range(WORKERS)]
        programs.append(beat(PROJECT, env, logs))
        for program in programs[:WORKERS]:
            program.wait_until_ready()
        with product(services) as ours:
            wait_until_idle(connection)
            with MemoryWatch(None, services.folder / "postgres") as memory:
                ours.order("release", file, month)
                # Marks stand with the release: looking before would only take disk and cores from it.
                said = ours.answer()
                right_at = wait_until_right(connection)
                done_at = wait_until_idle(connection)
    found.right_by_workers = max(right_at, said["committed_at"]) - said["began_at"]
    found.done_by_workers = done_at - said["began_at"]
    found.peak_mib["postgres"] = max(found.peak_mib["postgres"], round(memory.backend_mib))


def _note_records(connection: "psycopg.Connection[Any]", last: int, found: Release) -> None:
    """Read from the records of the runs after `last` what was touched and what it took."""
    row = connection.execute(_RECORDS, [last]).fetchone()
    assert row is not None
    found.entries, found.stored, found.changed, found.contents = map(int, row)
    stages = connection.execute(_STAGES, [last]).fetchall()
    found.stages = {stage: round(seconds, 3) for stage, seconds, _, _ in stages}
    found.pairs = int(sum(pairs for _, _, pairs, _ in stages))
    found.told = int(sum(told for _, _, _, told in stages))


def _number(connection: "psycopg.Connection[Any]", query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
