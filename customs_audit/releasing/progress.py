"""How far a release is: told beside its transaction, for nobody sees into that before its end."""

import time
from dataclasses import dataclass

from django.core.cache import cache

from customs_audit.models import UploadRelease
from declarations.staging import Progress

_EVERY = 0.5  # seconds
_KEPT = 600  # seconds
# What is shown of each step; nobody can say how long the last one takes.
STAGES = ("检查", "核对", "归并", "发布")


@dataclass(frozen=True)
class Step:
    """The step that a release is at, and how many rows of it are done."""

    stage: str
    done: int

    @property
    def number(self) -> int:
        """Which step it is, from 1."""
        return STAGES.index(self.stage) + 1 if self.stage in STAGES else 1


def noting(release: UploadRelease) -> Progress:
    """Return what notes a release's progress, not more often than a page looks."""
    noted_at, noted_stage = 0.0, ""

    def note(stage: str, done: int) -> None:
        nonlocal noted_at, noted_stage
        if stage == noted_stage and time.monotonic() - noted_at < _EVERY:
            return
        noted_at, noted_stage = time.monotonic(), stage
        cache.set(_key(release), (stage, done), _KEPT)

    return note


def step_of(release: UploadRelease) -> Step | None:
    """Return the step that was noted last, None where nothing was."""
    held = cache.get(_key(release))
    return Step(*held) if held else None


def _key(release: UploadRelease) -> str:
    return f"release-progress:{release.pk}"
