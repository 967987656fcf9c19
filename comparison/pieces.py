"""A full run in pieces: planned once, taken by any number of workers, taken up again after kills.

A piece is some eight-digit codes of one chapter. Its batches are transactions that store marks and
move the piece's position together, so that a killed worker's piece goes on exactly where it was,
whoever takes it up.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from typing import NamedTuple

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F
from django.utils import timezone

from catalogue.models import Outbox
from catalogue.outbox import wake_comparison
from comparison import runs
from comparison.failures import PYTHON, failing_among, until_sound
from comparison.groups import GroupBatch, code_batches, content_ids_without_form, give_forms
from comparison.holding import piece_held, planning_held
from comparison.marking import Cause, MarkCounts
from comparison.nearest_work import renew_blocks
from comparison.run_models import ComparisonRun, RunPiece
from comparison.stages import STAGES, Spent, Stage, added, since, timed
from declarations.releases import recompute_all_verdicts

Compare = Callable[[Sequence[int], dict[int, Cause]], MarkCounts]

FORM_BATCH = 5_000
# A piece that raised so often waits for somebody to look at it.
MOST_ERRORS = 10
_OPEN = (RunPiece.State.WAITING, RunPiece.State.RUNNING)
_COUNTS = ("contents_done", "entries", "stored", "gone", "marks_changed")

# What a first run fills.
_FILLED = (
    "comparison_contentform",
    "comparison_libraryentry",
    "comparison_nearestpublic",
    "comparison_publiccontent",
    "comparison_rankedpublic",
)

_SUM_UP = f"""
UPDATE comparison_comparisonrun r SET ({", ".join(_COUNTS)}, contents_total) = (
    SELECT {", ".join(f"coalesce(sum({name}), 0)" for name in _COUNTS)},
           coalesce(sum(greatest(contents_total, contents_done)), 0)
      FROM comparison_runpiece WHERE run_id = r.id)
 WHERE r.id = %s
RETURNING r.contents_done, r.contents_total
"""

_END = """
UPDATE comparison_comparisonrun r
   SET state = CASE WHEN f.failed = 0 THEN 'done' ELSE 'failed' END, ended_at = now(),
       error = CASE WHEN f.failed = 0 THEN '' ELSE
           format('%%s 个分片多次出错：%%s', f.failed, f.error) END
  FROM (SELECT count(*) FILTER (WHERE state = 'failed') AS failed,
               coalesce(max(error) FILTER (WHERE state = 'failed'), '') AS error
          FROM comparison_runpiece WHERE run_id = %(run)s) f
 WHERE r.id = %(run)s AND r.state = 'running'
   AND NOT EXISTS (SELECT FROM comparison_runpiece
                    WHERE run_id = r.id AND state IN ('waiting', 'running'))
"""


def work_run(
    run_id: int,
    compare: Compare,
    *,
    seconds: float | None = None,
    progress: runs.Progress | None = None,
) -> bool:
    """Work at a full run's pieces until none is free; True where time ran out before that.

    Any number of calls may run at the same time, on any number of hosts, and be killed at any
    moment. `compare` compares contents in the caller's transaction; `seconds` is after how long
    no further piece is begun.
    """
    run = ComparisonRun.objects.get(pk=run_id)
    if not _planned(run):
        return False
    began = time.monotonic()
    while True:
        with _free_piece(run) as piece:
            if piece is None:
                _end_if_done(run)
                return False
            with suppress(runs.RunStopped):
                _work_piece(run, piece, compare, progress)
        _end_if_done(run)
        if seconds is not None and time.monotonic() - began >= seconds:
            return True


class _Before(NamedTuple):
    """The clocks of this process when it began something."""

    seconds: float
    python_seconds: float
    stages: Spent


# --- planning ------------------------------------------------------------------------------------


def _planned(run: ComparisonRun) -> bool:
    """Make a waiting run ready; False where it has ended, or another worker makes it ready."""
    if run.state == ComparisonRun.State.WAITING:
        with planning_held(run.pk) as held:
            if held and run.pieces.exists():  # retried
                _begin(run)
            elif held:
                # The verdicts' flags first, in a transaction of their own: the increments keep
                # them already, so that to do it twice does no harm.
                before = STAGES.spent()
                with STAGES.running(Stage.FLAGS):
                    recompute_all_verdicts()
                with STAGES.running(Stage.REST):
                    _make_pieces(run)
                ComparisonRun.objects.filter(pk=run.pk).update(stages=since(before))
        run.refresh_from_db()
    return run.state == ComparisonRun.State.RUNNING


def _make_pieces(run: ComparisonRun) -> None:
    """Cut all contents into pieces, unless another worker has done so."""
    with transaction.atomic():
        locked = ComparisonRun.objects.select_for_update(of=["self"]).get(pk=run.pk)
        if locked.state != ComparisonRun.State.WAITING:
            return
        pieces = list(_cut(run, settings.COMPARISON_PIECE))
        RunPiece.objects.bulk_create(pieces, batch_size=1_000)
        _begin(run)
        with connection.cursor() as cursor:
            cursor.execute(_SUM_UP, [run.pk])
        wake_comparison()  # now there is work for others too


def _begin(run: ComparisonRun) -> None:
    ComparisonRun.objects.filter(pk=run.pk, state=ComparisonRun.State.WAITING).update(
        state=ComparisonRun.State.RUNNING
    )


def _cut(run: ComparisonRun, size: int) -> Iterator[RunPiece]:
    """Cut the codes, in their order, into pieces of at least `size` contents of one chapter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT left(hs_code, 8), count(*) FROM declarations_content GROUP BY 1 ORDER BY 1"
        )
        codes: list[tuple[str, int]] = cursor.fetchall()
    number, piece = 0, None
    for code, contents in codes:
        if piece is not None and (code[:2] != piece.chapter or piece.contents_total >= size):
            yield piece
            piece = None
        if piece is None:
            number += 1
            piece = RunPiece(
                run=run, number=number, chapter=code[:2], first_code=code, contents_total=0
            )
        piece.last_code = code
        piece.contents_total += contents
    if piece is not None:
        yield piece


# --- taking --------------------------------------------------------------------------------------


@contextmanager
def _free_piece(run: ComparisonRun) -> Iterator[RunPiece | None]:
    """Hold the largest piece that nobody works at; yields None where there is none.

    The largest first, so that at the end no worker has a large one while the others have none.
    """
    candidates = list(
        RunPiece.objects.filter(run=run, state__in=_OPEN)
        .order_by("-contents_total", "number")
        .values_list("pk", "chapter")
    )
    for pk, chapter in candidates:
        with piece_held(pk, chapter) as held:
            if not held:
                continue
            # It may have been done while this looked at others.
            piece = RunPiece.objects.filter(pk=pk, state__in=_OPEN, run__state="running").first()
            if piece is not None:
                yield piece
                return
    yield None


@timed(Stage.REST)
def _work_piece(
    run: ComparisonRun, piece: RunPiece, compare: Compare, progress: runs.Progress | None
) -> None:
    """Compare a piece from where it is to its end; the caller holds it."""
    before = _Before(time.monotonic(), PYTHON.seconds, STAGES.spent())
    _note_taken(run, piece)
    try:
        _give_forms(run, piece)
        after = (piece.after_code, bytes(piece.after_key))
        size = settings.COMPARISON_BATCH
        for batch in code_batches(piece.first_code, piece.last_code, after, size):
            until_sound(lambda _, batch=batch: _work_batch(run, piece, batch, compare), run)  # type: ignore[misc]
            _note_progress(run, progress)
        for _ in renew_blocks(piece.first_code, piece.last_code):
            runs.check_running(run)
    except runs.RunStopped:
        _leave(piece, before, state=RunPiece.State.WAITING)
        raise
    except Exception as error:
        with suppress(Error):  # without its database it stays "running", and is found by its lock
            _note_error(piece, error)
            _leave(piece, before)
        raise
    _leave(
        piece,
        before,
        state=RunPiece.State.DONE,
        ended_at=timezone.now(),
        contents_done=F("contents_total"),
        error="",
    )
    _note_progress(run, progress)
    if RunPiece.objects.filter(run=run, state=RunPiece.State.DONE).count().bit_count() == 1:
        _gather_statistics()


def _gather_statistics() -> None:
    """Tell the planner how the tables have grown, after 1, 2, 4, 8 ... pieces.

    A first run fills them from nothing: what the planner knows of an empty table makes it read the
    whole of it for every batch, until the database comes round by itself.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(_FILLED)}")


def _note_taken(run: ComparisonRun, piece: RunPiece) -> None:
    """Write down who works at a piece; one that was running was interrupted."""
    if piece.state == RunPiece.State.RUNNING:
        ComparisonRun.objects.filter(pk=run.pk).update(interruptions=F("interruptions") + 1)
    RunPiece.objects.filter(pk=piece.pk).update(
        state=RunPiece.State.RUNNING,
        worker=f"{socket.gethostname()}:{os.getpid()}"[:100],
        taken=F("taken") + 1,
        started_at=piece.started_at or timezone.now(),
    )


def _give_forms(run: ComparisonRun, piece: RunPiece) -> None:
    """Give the piece's contents their forms: whole groups are found by them."""
    for found in content_ids_without_form(piece.first_code, piece.last_code, FORM_BATCH):

        def attempt(_: Set[int], found: Sequence[int] = found) -> None:
            failing = failing_among(found)
            with transaction.atomic():
                runs.check_running(run)
                give_forms([pk for pk in found if pk not in failing])

        until_sound(attempt, run)


def _work_batch(run: ComparisonRun, piece: RunPiece, batch: GroupBatch, compare: Compare) -> None:
    """Compare some groups, and move the piece's position past them, in one transaction."""
    before = (piece.after_code, bytes(piece.after_key))
    cause = Cause(Outbox.Cause.FULL, run.pk)
    with transaction.atomic():
        runs.check_running(run)
        # Read before anything is compared: what they were written for is seen then.
        waiting = list(
            Outbox.objects.filter(
                chapter=piece.chapter, content_id__in=batch.content_ids
            ).values_list("pk", flat=True)
        )
        counts = compare(batch.content_ids, dict.fromkeys(batch.content_ids, cause))
        moved = RunPiece.objects.filter(
            pk=piece.pk, after_code=before[0], after_key=before[1]
        ).update(
            after_code=batch.code,
            after_key=batch.form_key,
            contents_done=F("contents_done") + len(batch.content_ids),
            entries=F("entries") + counts.entries,
            stored=F("stored") + counts.stored,
            gone=F("gone") + counts.gone,
            marks_changed=F("marks_changed") + counts.changed,
        )
        if not moved:  # a broken connection lost the lock, and another worker took the piece
            raise runs.RunStopped(f"{piece}")
        Outbox.objects.filter(pk__in=waiting).delete()
    piece.after_code, piece.after_key = batch.code, batch.form_key


# --- noting --------------------------------------------------------------------------------------


def _leave(piece: RunPiece, before: _Before, **changes: object) -> None:
    """Write down what was spent on a piece; nobody else writes to one that is held."""
    piece.refresh_from_db(fields=["stages"])
    RunPiece.objects.filter(pk=piece.pk, state=RunPiece.State.RUNNING).update(
        seconds=F("seconds") + (time.monotonic() - before.seconds),
        python_seconds=F("python_seconds") + (PYTHON.seconds - before.python_seconds),
        stages=added(piece.stages, since(before.stages)),
        **changes,
    )


def _note_error(piece: RunPiece, error: Exception) -> None:
    """Put a piece back that raised; after several times it waits for somebody to look."""
    piece.refresh_from_db(fields=["errors"])
    final = piece.errors + 1 >= MOST_ERRORS
    RunPiece.objects.filter(pk=piece.pk).update(
        errors=piece.errors + 1,
        error=runs.written(error),
        state=RunPiece.State.FAILED if final else RunPiece.State.WAITING,
        ended_at=timezone.now() if final else None,
    )


def _note_progress(run: ComparisonRun, progress: runs.Progress | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SUM_UP, [run.pk])
        done, total = cursor.fetchone()
    if progress is not None:
        progress(done, total)


def _end_if_done(run: ComparisonRun) -> None:
    """End the run where no piece is left to do."""
    with connection.cursor() as cursor:
        cursor.execute(_END, {"run": run.pk})
