"""A full run whose workers, queue and connections are killed ends as one that nobody disturbed.

The long form, with PostgreSQL and Valkey themselves killed, is `python -m benchmarks.kills`.
"""

import os
import random
import signal
from contextlib import suppress
from datetime import date

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis

from catalogue.models import Outbox
from comparison import runs
from comparison.models import ComparisonRun, LibraryEntry, MarkHistory, RunPiece
from comparison.working import full_compare
from declarations.demo.province import Size
from declarations.generating import generate
from tests.comparison.oracle import everything_stored
from tests.worker import kill, start_worker, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.worker,
    pytest.mark.slow,
]

LINES = 20_000
KILLS = ("process", "queue", "worker", "connections", "process")
COMPUTED = (
    "comparison_libraryentry",
    "comparison_contentform",
    "comparison_publiccontent",
    "comparison_markhistory",
    "comparison_contentconflict",
    "comparison_comparisonrun",
)


def forget_everything_computed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(COMPUTED)} CASCADE")
        cursor.execute("UPDATE declarations_content SET is_public = false WHERE is_public")


def history() -> list[tuple[object, ...]]:
    return sorted(
        MarkHistory.objects.values_list("enterprise_id", "content_id", "before", "after", "cause")
    )


def contents_done() -> int:
    return sum(RunPiece.objects.values_list("contents_done", flat=True))


def process_at_work() -> int:
    """The worker's process that took a piece last; whether it has done it meanwhile or not."""
    piece = RunPiece.objects.exclude(worker="").latest("started_at")
    return int(piece.worker.rpartition(":")[2])


def end_all_connections() -> None:
    """As the workers see an immediate stop of PostgreSQL; ours is left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_five_kills_in_a_full_run_leave_the_marks_of_an_undisturbed_one(tmp_path):
    seed = random.SystemRandom().randrange(10**6)
    rng = random.Random(seed)
    generate(Size(lines=LINES, enterprises=60, seed=1, until=date(2026, 6, 30)), lambda *_: None)
    forget_everything_computed()  # releases mark what they name
    undisturbed = full_compare()
    marks, changes = everything_stored(), history()
    assert len(marks) > 10_000 and changes
    Outbox.objects.all().delete()
    forget_everything_computed()

    run = runs.begin_full_run()
    # Short turns, so that every piece needs a message of the queue.
    small = {
        "COMPARISON_BATCH": "100", "COMPARISON_PIECE": "300", "COMPARISON_TURN_SECONDS": "0",
    }  # fmt: skip
    worker = start_worker(tmp_path, **small)
    try:
        for number, what in enumerate(KILLS):
            enough = contents_done() + rng.randrange(1, 200)
            wait_until(lambda enough=enough: contents_done() >= enough, 120, "progress", tmp_path)
            run.refresh_from_db()
            assert run.state == "running", f"all was done before kill {number + 1}, seed {seed}"
            if what == "process":
                with suppress(ProcessLookupError):
                    os.kill(process_at_work(), signal.SIGKILL)
            elif what == "worker":
                kill(worker)
                worker = start_worker(tmp_path, **small)
            elif what == "queue":
                Redis.from_url(settings.REDIS_URL).flushdb()
            else:
                end_all_connections()
        wait_until(
            lambda: not ComparisonRun.objects.filter(state__in=runs.ACTIVE).exists(),
            120,
            "the end of the run",
            tmp_path,
        )
    finally:
        kill(worker)
    run.refresh_from_db()
    assert (run.state, run.error) == ("done", ""), seed
    assert everything_stored() == marks, seed
    assert history() == changes, f"a change is doubled or lost, seed {seed}"
    # No batch counted twice, none left out.
    assert (run.entries, run.stored, run.marks_changed) == (
        undisturbed["entries"],
        LibraryEntry.objects.count(),
        undisturbed["changed"],
    )
    assert run.contents_done == run.contents_total
