"""The product's side, a process of its own: `python -m benchmarks.releasing.product`.

It reads orders from standard input, one a line, and answers each by a line of JSON, with times of
the machine's clock (`time.time()`), so that the benchmark beside it can watch the database meanwhile:
`make FILE ROWS SEED` writes an audited file, `release FILE MONTH` imports and releases it as
`manage.py import_audit` does, `work` works the outbox off as `manage.py compare` does. The process
has done some of everything before its first order, as a worker that has been at work has.
"""

import dataclasses
import datetime
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.db import connection

import benchmarks.without_database  # noqa: F401  sets Django up
from benchmarks.memory import held_mib
from benchmarks.releasing.audited_file import write_audited_file
from comparison.failures import code_version
from comparison.forms import form_key
from comparison.working import work_outbox
from declarations import auditing
from declarations.faults import FaultLog
from declarations.releases import release_verdicts

# How many statements of a release are named, the slowest first, and how much of each.
STATEMENTS, SHOWN = 6, 90


class Watched:
    """release_verdicts, noting when it begins and what its statements take."""

    def __init__(self) -> None:
        self.began_at = 0.0
        self.seconds: dict[str, float] = defaultdict(float)

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Release, watched."""
        self.began_at = time.time()
        with connection.execute_wrapper(self._timed):
            release_verdicts(*args, **kwargs)

    def _timed(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds[" ".join(str(sql).split())[:SHOWN]] += time.perf_counter() - began

    def slowest(self) -> list[list[Any]]:
        """Name the slowest statements: seconds, how each begins."""
        found = sorted(self.seconds.items(), key=lambda item: -item[1])[:STATEMENTS]
        return [[round(seconds, 3), sql] for sql, seconds in found]


def release(path: Path, month: datetime.date) -> dict[str, Any]:
    """Import and release a file; says when the release began, and when it was committed."""
    watched = Watched()
    auditing.release_verdicts = watched  # type: ignore[assignment]
    began_at = time.time()
    with tempfile.TemporaryDirectory() as folder, FaultLog(Path(folder), "benchmark") as log:
        counts = auditing.import_audit(path, month, log)
    committed_at = time.time()
    return {
        "counts": counts,
        "importing_at": began_at,
        "began_at": watched.began_at,
        "committed_at": committed_at,
        "statements": watched.slowest(),
    }


def obey(order: str, *rest: str) -> dict[str, Any]:
    """Do what a line orders."""
    if order == "make":
        made = write_audited_file(Path(rest[0]), int(rest[1]), int(rest[2]))
        return {**dataclasses.asdict(made), "month": made.month.isoformat()}
    if order == "release":
        return release(Path(rest[0]), datetime.date.fromisoformat(rest[1]))
    if order == "work":
        began_at = time.time()
        counts = work_outbox()
        return {"counts": counts, "began_at": began_at, "ended_at": time.time()}
    raise ValueError(order)


def main() -> None:
    """Obey until the input ends."""
    code_version()
    form_key("9401619000", "I", "布沙发", "0|3|家居用|布面|木框架|装软垫|無品牌|3kg")
    work_outbox()
    for line in sys.stdin:
        said = obey(*line.split())
        print(
            json.dumps({**said, "process_mib": round(held_mib(os.getpid(), "VmHWM"))}), flush=True
        )


if __name__ == "__main__":
    main()
