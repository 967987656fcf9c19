"""How long the stages of the comparison take, and how much each did, added up while it works.

A stage that another calls stops that one's clock, so that the seconds of all stages together are
the time that passed. What a run or a piece spent is kept with its record (comparison/run_models.py)
and shown to administrators.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import models

# Stage → {"seconds": s, and what it counted}, as it is stored.
Spent = dict[str, dict[str, float]]

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


class Stage(models.TextChoices):
    """What the time of a run goes into, in the order in which it works."""

    FLAGS = "flags", "审核结论效力"
    FORMS = "forms", "形式指纹与分组"
    PUBLIC = "public", "公开标志"
    PROJECTIONS = "projections", "公共库展示内容"
    MARKS = "marks", "标记与条目"
    CONFLICTS = "conflicts", "结论冲突"
    NEAR = "near", "查找最接近数据"
    REASONS = "reasons", "原因说明"
    REST = "rest", "领取、提交与记录"


class Stages(threading.local):
    """The clocks of one thread's stages; they only ever grow."""

    def __init__(self) -> None:
        self._spent: Spent = {}
        self._open: list[Stage] = []
        self._since = 0.0

    @contextmanager
    def running(self, stage: Stage) -> Iterator[None]:
        """Count the time that the block takes, but for the stages that it calls, as this one's."""
        self._turn()
        self._open.append(stage)
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    def count(self, stage: Stage, what: str, number: int) -> None:
        """Count something that a stage did, under a short name of its own (`pairs`)."""
        done = self._spent.setdefault(stage.value, {})
        done[what] = done.get(what, 0) + number

    def spent(self) -> Spent:
        """Return what this thread has spent until now, to be set against a later answer."""
        self._turn()
        return {stage: dict(done) for stage, done in self._spent.items()}

    def _turn(self) -> None:
        """Write the time since the last turn down for the stage that is at work."""
        now = time.perf_counter()
        if self._open:
            done = self._spent.setdefault(self._open[-1].value, {})
            done["seconds"] = done.get("seconds", 0.0) + now - self._since
        self._since = now


STAGES = Stages()


def timed(stage: Stage) -> Callable[[Callable[Arguments, Answer]], Callable[Arguments, Answer]]:
    """Count the time of a function's calls as a stage's; not for generators."""

    def around(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
        @wraps(function)
        def called(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            with STAGES.running(stage):
                return function(*args, **kwargs)

        return called

    return around


def added(
    one: Mapping[str, Mapping[str, float]], other: Mapping[str, Mapping[str, float]]
) -> Spent:
    """Add up what two spent, stage by stage, in the order of the stages; to thousandths."""
    total: Spent = {}
    for stage in Stage.values:
        a, b = one.get(stage, {}), other.get(stage, {})
        if a or b:
            total[stage] = {
                what: round(a.get(what, 0) + b.get(what, 0), 3) for what in sorted({*a, *b})
            }
    return total


def since(before: Mapping[str, Mapping[str, float]]) -> Spent:
    """Return what this thread has spent since `before`, an answer of `STAGES.spent()`."""
    minus = {
        stage: {what: -number for what, number in done.items()} for stage, done in before.items()
    }
    return added(STAGES.spent(), minus)
