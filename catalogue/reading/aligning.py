"""The best match of parts and places that keeps the order of both; a pure function.

A place may be left out, a part may stand under none. The classic alignment of two sequences by
dynamic programming (Needleman and Wunsch, 1970), with a worth for each pair.
"""

from collections.abc import Sequence

NOWHERE = -1
# A place left out between two filled ones, and one that the string ends before.
SKIPPED = 1.2
NOT_REACHED = 0.5
# GTIN and CAS left out before 其他.
SKIPPED_TAIL = 1.2
# Of two parts that suit a place alike the earlier one takes it.
_EARLY = 0.001


def align(
    worth: Sequence[Sequence[float]], extra: Sequence[float], elements: int
) -> tuple[list[int], float]:
    """Match parts and places; give each part's place (NOWHERE for none) and the whole worth.

    `worth[part][place]` is what a part is worth in a place, `extra[part]` what it costs to leave
    it outside the list; the first `elements` places are the list's own, the rest its tail.
    """
    places = len(worth[0]) if worth else elements
    skip = [SKIPPED] * elements + [SKIPPED_TAIL] * (places - elements)
    row = [0.0]
    for cost in skip:
        row.append(row[-1] - cost)
    steps: list[list[int]] = []
    for number, (pairs, leave) in enumerate(zip(worth, extra, strict=True)):
        early = number * _EARLY
        before = row[0]
        best = before - leave
        step, below = [_LEAVE], [best]
        for value, above, cost in zip(pairs, row[1:], skip, strict=True):
            taken, left = before + value - early, above - leave
            best -= cost  # the place skipped
            if taken >= left:
                move = _TAKE if taken >= best else _SKIP
            else:
                move = _LEAVE if left >= best else _SKIP
            if move == _TAKE:
                best = taken
            elif move == _LEAVE:
                best = left
            step.append(move)
            below.append(best)
            before = above
        row = below
        steps.append(step)
    # Behind the last part the tail's places cost nothing.
    ends = [value - NOT_REACHED * max(0, elements - at) for at, value in enumerate(row)]
    end = max(range(len(ends)), key=ends.__getitem__)
    return _path(steps, end), ends[end]


_TAKE, _LEAVE, _SKIP = 0, 1, 2


def _path(steps: Sequence[Sequence[int]], end: int) -> list[int]:
    """Walk back from the end of the best match."""
    part, at = len(steps), end
    found = [NOWHERE] * part
    while part:
        step = steps[part - 1][at]
        if step == _SKIP:
            at -= 1
            continue
        part -= 1
        if step == _TAKE:
            at -= 1
            found[part] = at
    return found
