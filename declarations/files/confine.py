"""What a reading child may still do: little memory and time, no other files, no network.

Limits of memory and time hold everywhere. Where the kernel filters system calls (Linux), the child
can ask for nothing but memory and its open files; where it doesn't, the child leaves the machine's
network if it may (an empty network namespace). Beyond both, Python itself refuses to open files and
sockets and to start processes.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress

from declarations.files.system_calls import keep_to_computing

_GRACE = 5  # seconds between the signal that says the time is over and the one that ends all
_PR_SET_PDEATHSIG = 1
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
_REFUSED_EVENTS = ("open", "import", "os.", "socket.", "subprocess.", "ctypes.", "shutil.", "pty.")


def die_with(parent: int) -> None:
    """Have this process killed when its parent ends, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before
        os._exit(1)


def limit(memory: int, opening: int, seconds: int) -> None:
    """Set this process's limits: bytes of memory, processor seconds until opened and altogether."""
    limits = (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, 16, 16),
        (resource.RLIMIT_CPU, seconds, seconds + _GRACE),
    )
    for what, soft, hard in limits:
        with suppress(ValueError, OSError):  # macOS keeps no limit of memory
            resource.setrlimit(what, (soft, hard))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, opening)


def allow_all_time() -> None:
    """The file is opened: let this process use the processor time that it has altogether."""
    signal.setitimer(signal.ITIMER_PROF, 0)


def shut_in() -> None:
    """Take from this process, for good, whatever reading an open file doesn't need.

    Everything that is still to be used must have been imported before.
    """
    if not keep_to_computing() and sys.platform == "linux":
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)
    sys.addaudithook(_refuse)


def _refuse(event: str, _: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED_EVENTS):
        raise PermissionError(f"a reading child does no {event}")
