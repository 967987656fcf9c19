"""How an upload's page draws where it stands: its steps, and its rows as one bar that adds up."""

from __future__ import annotations

from dataclasses import dataclass

from customs_audit.models import AuditUpload, UploadRow
from customs_audit.upload_counts import RowCounts

State = AuditUpload.State
RowState = UploadRow.State

# The bar is as wide as this, and a state that has rows at least as wide as that.
WIDTH = 10_000
NARROWEST = 60
# From what is finished to what is left to do.
ORDER = (
    RowState.RELEASED,
    RowState.IN_RELEASE,
    RowState.CLEAN,
    RowState.SET_ASIDE,
    RowState.FAULTY,
)


@dataclass(frozen=True)
class Step:
    """One step of an upload's way: its words, and whether it is done, current, failed or to come."""

    label: str
    place: str


@dataclass(frozen=True)
class Piece:
    """The rows of one state, and where they stand in the bar (0 to 10000)."""

    state: RowState
    count: int
    left: int
    width: int


def steps_of(upload: AuditUpload) -> list[Step]:
    """Return the four steps with their places: 已上传, 校验中, 待修正/待发布, 处理完毕."""
    state = State(upload.state)
    number = {State.RECEIVED: 0, State.TO_MEND: 2, State.TO_RELEASE: 2, State.DONE: 3}.get(state, 1)
    words = ["已上传", "校验中", "待修正 / 待发布", "处理完毕"]
    if state in (State.TO_CONFIRM, State.REFUSED, State.TO_MEND, State.TO_RELEASE):
        words[number] = state.label
    if number > 1:
        words[1] = "已校验"
    places = ["done"] * number + ["current"] + ["to-come"] * (len(words) - number - 1)
    if state is State.REFUSED:
        places[number] = "failed"
    elif state is State.DONE:
        places[number] = "done"
    return [Step(label, place) for label, place in zip(words, places, strict=True)]


def bar_of(counts: RowCounts) -> list[Piece]:
    """Return a piece for every state; those with rows fill the bar between them."""
    by_state = {state: getattr(counts, state.value) for state in ORDER}
    total = counts.total
    wanted = {
        state: max(number * WIDTH / total, NARROWEST) if number else 0.0
        for state, number in by_state.items()
    }
    scale = WIDTH / (sum(wanted.values()) or 1)
    pieces, left = [], 0.0
    for state, number in by_state.items():
        right = left + wanted[state] * scale
        pieces.append(Piece(state, number, round(left), round(right) - round(left)))
        left = right
    return pieces
