"""Finding which contents a failed batch failed at, where the error does not say."""

from collections.abc import Callable, Iterable, Sequence

from django.db import transaction

from comparison.failures import SURROUNDINGS, ContentsFailed
from comparison.marking import Cause, MarkCounts

Causes = dict[int, Cause]
# Compares contents with their causes, leaving some out, in the caller's transaction.
Compare = Callable[[Sequence[int], Causes, frozenset[int]], MarkCounts]


def compare_soundly(compare: Compare, content_ids: Iterable[int], causes: Causes) -> MarkCounts:
    """Compare contents in the caller's transaction; raises ContentsFailed naming the culprits.

    What is no content's fault (SURROUNDINGS: connection, disk, deadlock) is raised as it is; so is
    an error that no single content brings about.
    """
    ids = sorted(set(content_ids))
    error = _tried(compare, ids, causes)
    if not isinstance(error, Exception):
        return error
    if isinstance(error, (ContentsFailed, *SURROUNDINGS)):
        raise error
    suspects = _suspects(compare, ids, causes, error)
    if not suspects:
        raise error
    raise ContentsFailed(_without_innocent(compare, suspects, causes)) from error


def _tried(
    compare: Compare,
    ids: Sequence[int],
    causes: Causes,
    without: frozenset[int] = frozenset(),
    *,
    keep: bool = True,
) -> MarkCounts | Exception:
    """Compare under a savepoint; returns the counts, or what was raised."""
    try:
        with transaction.atomic():
            counts = compare(ids, causes, without)
            if not keep:
                transaction.set_rollback(True)
        return counts
    except Exception as error:
        return error


def _suspects(
    compare: Compare, ids: Sequence[int], causes: Causes, error: Exception
) -> dict[int, Exception]:
    """Halve contents that failed together until single ones fail; nothing of it is stored."""
    if len(ids) == 1:
        return {ids[0]: error}
    found: dict[int, Exception] = {}
    middle = len(ids) // 2
    for half in (ids[:middle], ids[middle:]):
        outcome = _tried(compare, half, causes, keep=False)
        if isinstance(outcome, ContentsFailed):
            found |= outcome.errors
        elif isinstance(outcome, SURROUNDINGS):
            raise outcome
        elif isinstance(outcome, Exception):
            found |= _suspects(compare, half, causes, outcome)
    return found


def _without_innocent(
    compare: Compare, suspects: dict[int, Exception], causes: Causes
) -> dict[int, Exception]:
    """Keep those that fail by themselves: a group's others fail with the one that is at fault."""
    everybody = frozenset(suspects)
    guilty = {
        pk: error
        for pk, error in suspects.items()
        if isinstance(_tried(compare, [pk], causes, everybody - {pk}, keep=False), Exception)
    }
    return guilty or suspects
