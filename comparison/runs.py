"""The record of runs: beginning, finding again, cancelling and retrying them.

What works is in comparison/working.py (increments) and comparison/pieces.py (full runs). The
record alone says what is left to do; a queue only says that somebody should look.
"""

from collections.abc import Callable
from dataclasses import asdict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from authorization.models import User
from catalogue.models import Outbox
from catalogue.outbox import wake_comparison
from comparison import failures
from comparison.holding import held_pieces, lock_runs
from comparison.marking import MarkCounts
from comparison.nearest_work import blocks_waiting
from comparison.outbox import count_waiting_in, waiting_chapters
from comparison.run_models import ComparisonRun, RunPiece
from comparison.stages import STAGES, Spent, added, since

# Told how far a run is: contents done, contents in all.
Progress = Callable[[int, int], None]

Scope = ComparisonRun.Scope
State = ComparisonRun.State
ACTIVE = (State.WAITING, State.RUNNING)
# How many workers are asked at once to help with a full run; the next look asks for more.
MOST_ASKED = 64


class RunRefused(Exception):
    """The run can't be begun, cancelled or retried; the message is a sentence for the page."""


class RunStopped(Exception):
    """The run was cancelled while a worker was at it."""


class RunFailed(Exception):
    """A full run ended without doing its work; the message is a sentence that says why."""


# --- increments ----------------------------------------------------------------------------------


def open_increment(chapter: str) -> ComparisonRun | None:
    """Begin the run of a chapter's outbox, or go on with one that was interrupted.

    The caller holds the chapter. None where nothing waits, or the chapter's run was cancelled.
    """
    found = ComparisonRun.objects.filter(scope=Scope.INCREMENT, chapter=chapter).filter(
        state__in=[*ACTIVE, State.CANCELLED]
    )
    run = found.first()
    if run is None:
        if not (Outbox.objects.filter(chapter=chapter).exists() or blocks_waiting(chapter)):
            return None
        run = ComparisonRun.objects.create(
            scope=Scope.INCREMENT, chapter=chapter, contents_total=count_waiting_in(chapter)
        )
        run.spent_before = STAGES.spent()
        return run
    if run.state == State.CANCELLED:
        return None
    # Nobody else holds the chapter: whoever was at it is gone.
    interrupted = int(run.state == State.RUNNING)
    found.filter(state__in=ACTIVE).update(
        state=State.RUNNING,
        interruptions=run.interruptions + interrupted,
        contents_total=run.contents_done + count_waiting_in(chapter),
    )
    run.refresh_from_db()
    run.spent_before = STAGES.spent()
    return run


def workable_chapters() -> list[str]:
    """List the chapters with something to compare, or with a run that was interrupted.

    Those whose run was cancelled wait until it is retried.
    """
    increments = ComparisonRun.objects.filter(scope=Scope.INCREMENT)
    interrupted = increments.filter(state__in=ACTIVE).values_list("chapter", flat=True)
    return sorted({*waiting_chapters(), *interrupted} - set(held_back_chapters()))


def held_back_chapters() -> list[str]:
    """List the chapters whose run was cancelled and not retried."""
    cancelled = ComparisonRun.objects.filter(scope=Scope.INCREMENT, state=State.CANCELLED)
    return sorted(cancelled.values_list("chapter", flat=True))


# --- full runs -----------------------------------------------------------------------------------


def begin_full_run(user: User | None = None) -> ComparisonRun:
    """Write down that everything is to be compared anew, and wake the workers.

    Raises RunRefused while another full run is at work.
    """
    with transaction.atomic():
        lock_runs()
        _refuse_beside(active_full_run())
        run = ComparisonRun.objects.create(scope=Scope.FULL, state=State.WAITING, started_by=user)
        wake_comparison()
    return run


def active_full_run() -> ComparisonRun | None:
    """Return the full run that is at work, if one is."""
    return ComparisonRun.objects.filter(scope=Scope.FULL, state__in=ACTIVE).first()


def is_active(run_id: int) -> bool:
    """Whether a run is at work, or waits for it."""
    return ComparisonRun.objects.filter(pk=run_id, state__in=ACTIVE).exists()


def counts_of(run_id: int) -> dict[str, int]:
    """Return what a full run did, in entries; raises RunFailed where it ended otherwise."""
    run = ComparisonRun.objects.get(pk=run_id)
    if run.state != State.DONE:
        raise RunFailed(f"全部比对运行 {run.pk} {run.get_state_display()}。{run.error}")
    return asdict(MarkCounts(run.entries, run.stored, run.gone, run.marks_changed))


def hands_wanted(run: ComparisonRun) -> int:
    """Say how many more workers could take a piece of a full run right now."""
    if run.state == State.WAITING:
        return 1
    unfinished = RunPiece.objects.filter(
        run=run, state__in=[RunPiece.State.WAITING, RunPiece.State.RUNNING]
    ).count()
    # At least one: the run may lack nothing but its end.
    return max(1, min(unfinished - len(held_pieces()), MOST_ASKED))


# --- what people do ------------------------------------------------------------------------------


def cancel(run_id: int, user: User | None) -> ComparisonRun:
    """Stop a run after the batches that are being compared; what is done stays done.

    Raises RunRefused for a run that has ended.
    """
    with transaction.atomic():
        run = ComparisonRun.objects.select_for_update(of=["self"]).get(pk=run_id)
        if not run.can_be_cancelled:
            raise RunRefused(f"运行 {run.pk} {run.get_state_display()}，已经结束，不能取消。")
        run.state, run.ended_at, run.cancelled_by = State.CANCELLED, timezone.now(), user
        run.save(update_fields=["state", "ended_at", "cancelled_by"])
    return run


def retry(run_id: int, user: User | None) -> ComparisonRun:
    """Go on with a run that failed or was cancelled, at what it had not done.

    Contents that failed in it are tried again. Raises RunRefused for a run that has not ended so,
    or while another of the same scope is at work.
    """
    with transaction.atomic():
        lock_runs()
        run = ComparisonRun.objects.select_for_update(of=["self"]).get(pk=run_id)
        if not run.can_be_retried:
            raise RunRefused(
                f"运行 {run.pk} {run.get_state_display()}，只有失败或已取消的运行可以重试。"
            )
        others = ComparisonRun.objects.exclude(pk=run.pk).filter(
            Q(state__in=ACTIVE) | Q(scope=Scope.INCREMENT, state=State.CANCELLED),
            scope=run.scope,
            chapter=run.chapter,
        )
        _refuse_beside(others.first())
        failures.retry(run.failures.values_list("content_id", flat=True))
        run.pieces.filter(state=RunPiece.State.FAILED).update(
            state=RunPiece.State.WAITING, errors=0, error="", ended_at=None
        )
        run.state, run.ended_at, run.error = State.WAITING, None, ""
        run.started_by = user or run.started_by
        run.save(update_fields=["state", "ended_at", "error", "started_by"])
        wake_comparison()
    return run


def _refuse_beside(other: ComparisonRun | None) -> None:
    if other is None:
        return
    what = f"第 {other.chapter} 章的" if other.chapter else "全部"
    state = other.get_state_display()
    raise RunRefused(f"{what}比对运行 {other.pk} {state}，同一范围一次只能有一个运行，请先处理它。")


# --- its end -------------------------------------------------------------------------------------


def check_running(run: ComparisonRun) -> None:
    """Raise RunStopped where the run was cancelled or ended otherwise."""
    if not ComparisonRun.objects.filter(pk=run.pk, state=State.RUNNING).exists():
        raise RunStopped(f"运行 {run.pk}")


def end(run: ComparisonRun, error: str = "") -> None:
    """End a running run, as failed where there is an error; one that was cancelled stays so."""
    note_spent(run)
    ComparisonRun.objects.filter(pk=run.pk, state__in=ACTIVE).update(
        state=State.FAILED if error else State.DONE, error=error, ended_at=timezone.now()
    )


def note_spent(run: ComparisonRun) -> None:
    """Add what this process has spent on an increment since it took it up to the run's record."""
    if run.spent_before is None:
        return
    spent, run.spent_before = since(run.spent_before), STAGES.spent()
    run.refresh_from_db(fields=["stages"])  # nobody else writes to it: the chapter is held
    ComparisonRun.objects.filter(pk=run.pk).update(stages=added(run.stages, spent))


def spent_by(run: ComparisonRun) -> Spent:
    """Add up what a run has spent by stage, its pieces included (comparison/stages.py)."""
    total: Spent = run.stages
    for stages in run.pieces.values_list("stages", flat=True).iterator():
        total = added(total, stages)
    return total


def written(error: BaseException) -> str:
    """Write an error down for the record."""
    return f"{type(error).__name__}: {error}".replace("\0", "")[:2_000]
