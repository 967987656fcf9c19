"""Our own full run through the product's command, and what its record says of the time."""

from dataclasses import dataclass

from benchmarks.own_services import OwnServices
from benchmarks.provinces import run_watched

# What DuckDB does not do: what others may see of a content, what is nearest, what reasons say of it.
# All else counts as the identical part, taking batches, committing and recording included.
NOT_IDENTICAL = ("projections", "near", "reasons")

_SPENT = """
SELECT stage, sum(coalesce((done ->> 'seconds')::float8, 0)),
       sum(coalesce((done ->> 'pairs')::float8, 0)), sum(coalesce((done ->> 'entries')::float8, 0))
  FROM (SELECT stages FROM comparison_comparisonrun WHERE id = %(run)s
        UNION ALL SELECT stages FROM comparison_runpiece WHERE run_id = %(run)s) r,
       jsonb_each(r.stages) s(stage, done)
 GROUP BY stage
"""


@dataclass(frozen=True)
class FullRun:
    """One full run: its counts, how long it took in all and by stage, peaks of memory in MiB.

    `seconds` are the command's own, without starting Python; a stage's are those of all processes,
    divided by their number.
    """

    entries: int
    stored: int
    seconds: float
    stages: dict[str, float]
    pairs: int
    told: int
    process_mib: float
    backend_mib: float

    @property
    def identical_seconds(self) -> float:
        """The seconds of all that DuckDB does too."""
        return self.seconds - sum(self.stages.get(stage, 0.0) for stage in NOT_IDENTICAL)

    @property
    def near_seconds(self) -> float:
        """The seconds of finding nearest contents and of telling what reasons say of others."""
        return self.stages.get("near", 0.0) + self.stages.get("reasons", 0.0)


def full_run(services: OwnServices, database: str, workers: int) -> FullRun:
    """Compare everything by `manage.py compare --full` in so many processes."""
    ended = run_watched(
        services, database, "manage.py", "compare", "--full", "--workers", str(workers)
    )
    with services.connect(database) as connection:
        run = connection.execute(
            "SELECT max(id) FROM comparison_comparisonrun WHERE scope = 'full'"
        ).fetchone()
        rows = connection.execute(_SPENT, {"run": run[0] if run else None}).fetchall()
    stages = {stage: float(seconds) / workers for stage, seconds, _, _ in rows}
    said = ended.said
    stages["unmeasured"] = max(0.0, said["seconds"] - sum(stages.values()))
    return FullRun(
        entries=said["entries"],
        stored=said["stored"],
        seconds=said["seconds"],
        stages=stages,
        pairs=int(sum(pairs for _, _, pairs, _ in rows)),
        told=int(sum(told for _, _, _, told in rows)),
        process_mib=ended.process_mib,
        backend_mib=ended.backend_mib,
    )
