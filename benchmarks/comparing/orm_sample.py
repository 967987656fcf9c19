"""The ORM loop on a random sample of entries, and the library as it was before."""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass

from benchmarks.memory import MemoryWatch
from benchmarks.own_services import PROJECT, OwnServices

_SAMPLE = """
CREATE TABLE benchmark_sample AS
SELECT * FROM comparison_libraryentry WHERE id = ANY(%s)
"""
_TAKE_AWAY = "DELETE FROM comparison_libraryentry e USING benchmark_sample s WHERE e.id = s.id"
_MADE = """
DELETE FROM comparison_libraryentry e USING benchmark_sample s
 WHERE (e.enterprise_id, e.content_id) = (s.enterprise_id, s.content_id)
"""
_PUT_BACK = "INSERT INTO comparison_libraryentry SELECT * FROM benchmark_sample"


@dataclass(frozen=True)
class OrmSample:
    """What the loop did: entries and seconds of the sample, wrong marks, peak memory in MiB."""

    entries: int
    seconds: float
    wrong: int
    process_mib: float

    def scaled(self, entries: int) -> float:
        """Say how long it would take for so many entries."""
        return self.seconds / self.entries * entries


def orm_sample(services: OwnServices, database: str, size: int, seed: int) -> OrmSample:
    """Have the loop mark a random sample of entries anew; the database is as before afterwards."""
    with services.connect(database) as connection:
        ids = [pk for (pk,) in connection.execute("SELECT id FROM comparison_libraryentry")]
        ids.sort(key=lambda pk: hashlib.md5(f"{seed}/{pk}".encode()).digest())
        connection.execute("DROP TABLE IF EXISTS benchmark_sample")
        connection.execute(_SAMPLE, [ids[:size]])
        wanted = connection.execute(
            "SELECT enterprise_id, content_id, mark, reason ->> 'relation' FROM benchmark_sample"
        ).fetchall()
        connection.execute(_TAKE_AWAY)
        try:
            said, peak = _run(services, database, [(one, other) for one, other, _, _ in wanted])
        finally:
            with connection.transaction():
                connection.execute(_MADE)
                connection.execute(_PUT_BACK)
            connection.execute("DROP TABLE benchmark_sample")
    made = {(enterprise, content): mark for enterprise, content, mark in said["marks"]}  # type: ignore[attr-defined]
    wrong = 0
    for enterprise, content, mark, relation in wanted:
        # It knows no other form of the same facts.
        ours = "unmarked" if mark == "system_matched" and relation == "same" else mark
        theirs = made[enterprise, content]
        wrong += theirs != ours and not (mark == "system_matched" and theirs == mark)
    return OrmSample(len(wanted), float(said["seconds"]), wrong, peak)  # type: ignore[arg-type]


def _run(
    services: OwnServices, database: str, pairs: list[tuple[int, int]]
) -> tuple[dict[str, object], float]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.comparing.orm_loop"],
        cwd=PROJECT,
        env=services.environment(database, DEBUG="false"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with MemoryWatch(process.pid, services.folder / "postgres") as memory:
        out, _ = process.communicate("".join(f"{one} {other}\n" for one, other in pairs))
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "orm_loop")
    return json.loads(out.strip().splitlines()[-1]), memory.process_mib
