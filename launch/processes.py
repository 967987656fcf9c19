"""Processes, known by number and start time, so that a reused number is never taken for ours.

Standard library only: Linux is read from /proc, other systems (macOS) from `ps`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

PROC = Path("/proc")
HAS_PROC = sys.platform.startswith("linux")


def started(pid: int) -> str | None:
    """Say when process `pid` started, as a text to compare for equality only.

    None when there is no such process, or when it is a zombie: one that has ended and that
    nobody has waited for (a container's first process often does not).
    """
    if pid <= 0:
        return None
    if HAS_PROC:
        fields = _stat(pid)
        if fields is None or fields[0] in "ZX":
            return None
        return f"{_boot()}/{fields[19]}"
    shown = _ps("-o", "stat=,lstart=", "-p", str(pid))
    return None if not shown or shown.startswith("Z") else shown.split(maxsplit=1)[-1]


def command(pid: int) -> str:
    """Return the command line of `pid`, its words joined by single spaces; "" when unknown."""
    if HAS_PROC:
        try:
            words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
        except OSError:
            return ""
        return os.fsdecode(b" ".join(words)).rstrip()
    return _ps("-o", "command=", "-p", str(pid))


def find(wanted: Callable[[str], bool]) -> list[int]:
    """List the running processes whose command line satisfies `wanted`."""
    return [pid for pid in _all() if wanted(command(pid)) and started(pid) is not None]


def carrying(marker: str) -> list[int]:
    """List the running processes that were started with `marker`, a NAME=value, in their environment.

    It tells the descendants of a killed parent from strangers, whatever their numbers are.
    Linux only; elsewhere nothing is found. Processes of other users are not seen.
    """
    found = []
    if HAS_PROC:
        wanted = os.fsencode(marker)
        for pid in _all():
            with contextlib.suppress(OSError):
                held = (PROC / str(pid) / "environ").read_bytes().split(b"\0")
                if wanted in held and started(pid) is not None:
                    found.append(pid)
    return found


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that has ended meanwhile is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Wait at most `seconds` for `condition`; say whether it came true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(pause)
    return True


def end(pid: int, since: str | None, signals: list[tuple[signal.Signals, float]]) -> bool:
    """End the process `pid` that started at `since`, by one signal after the other.

    Each signal is given its seconds to work. Returns whether the process is gone; a process
    with the same number that started at another time is left alone and counts as gone.
    """
    for number, seconds in signals:
        if since is None or started(pid) != since:
            return True
        send(pid, number)
        if wait_until(lambda: started(pid) != since, seconds):
            return True
    return started(pid) != since


def _stat(pid: int) -> list[str] | None:
    """Fields 3 and on of /proc/PID/stat: [0] is the state, [19] the start time."""
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # Field 2, the name, may itself hold blanks and parentheses: cut after the last one.
    return text.rpartition(")")[2].split()


@cache
def _boot() -> str:
    """Name of this boot: start times count from it."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def _all() -> Iterator[int]:
    if HAS_PROC:
        yield from (int(path.name) for path in PROC.iterdir() if path.name.isdigit())
    else:
        yield from (int(word) for word in _ps("-axo", "pid=").split())


def _ps(*arguments: str) -> str:
    run = subprocess.run(
        ["ps", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    return run.stdout.strip()
