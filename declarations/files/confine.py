"""What a reading child may still do: little memory and time, no other files, no network."""

from __future__ import annotations

import resource
from contextlib import suppress

_GRACE = 5  # seconds between the signal that says the time is over and the one that ends all


def limit(memory: int, opening: int, seconds: int) -> None:
    """Set this process's limits: bytes of memory, processor seconds until opened and altogether."""
    limits = (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, 16, 16),
        (resource.RLIMIT_CPU, opening, seconds + _GRACE),
    )
    for what, soft, hard in limits:
        with suppress(ValueError, OSError):  # macOS keeps no limit of memory
            resource.setrlimit(what, (soft, hard))


def allow_all_time() -> None:
    """Let this process use the processor time that it has altogether."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (max(1, hard - _GRACE), hard))
