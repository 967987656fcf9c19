"""Running one program after another, so that Ctrl-C or SIGTERM ends the one that runs."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from types import FrameType

from launch.console import Failure


class Stopped(Exception):
    """The user, or whoever started us, wants an end."""


class Stopper:
    """Remembers that an end was asked for.

    The handler only notes it: an exception out of a handler could come between the start of a
    process and the note that it is ours. All our waits are short, and ask `check()`.
    """

    def __init__(self) -> None:
        self.asked = 0

    def listen(self) -> None:
        """From now on note Ctrl-C, SIGTERM and the closing of the terminal."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup stays nohup
                signal.signal(number, self._note)

    def check(self) -> None:
        """Raise Stopped once an end was asked for."""
        if self.asked:
            raise Stopped

    def sleep(self, seconds: float) -> None:
        """Sleep in small pieces; raises Stopped."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check()
            time.sleep(min(0.05, seconds))
        self.check()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked += 1


def run(
    stopper: Stopper | None,
    arguments: list[str | Path],
    *,
    cwd: Path,
    log: Path | None = None,
    env: dict[str, str] | None = None,
    gentle: signal.Signals = signal.SIGTERM,
) -> tuple[int, str]:
    """Run a program to its end and return (exit code, what it printed).

    What it prints is added to the file `log`, or goes to our own output where there is none
    (then "" is returned). It has a session of its own; when an end is asked for, it gets the
    signal `gentle`, then its whole session is killed, and Stopped is raised. Without a stopper
    it runs to its end whatever is asked.
    """
    with contextlib.ExitStack() as stack:
        begin = 0
        output = None
        if log is not None:
            log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            output = stack.enter_context(log.open("ab"))
            begin = output.tell()
        try:
            process = subprocess.Popen(
                [str(argument) for argument in arguments],
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=None if output is None else subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as problem:
            raise Failure(f"无法运行 {arguments[0]}：{problem.strerror}。") from None
        pause = 0.005
        while process.poll() is None:
            if stopper and stopper.asked:
                end_session(process, gentle)
                raise Stopped
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)
    said = "" if log is None else log.read_bytes()[begin:].decode(errors="replace")
    return process.returncode, said


def end_session(process: subprocess.Popen[bytes], gentle: signal.Signals) -> None:
    """End a program that leads its own session: gently for five seconds, then by force."""
    process.send_signal(gentle)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def cause(text: str) -> str:
    """Return the line that says why a program failed, at most 300 characters of it.

    The last one that begins with the name of a Python error (details may follow it), else the
    last one with anything in it.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [
        line for line in lines if re.match(r"[\w.]*(Error|ERROR|Exception|DoesNotExist)\b", line)
    ]
    return (errors or lines or [""])[-1][:300]


def is_disk_full(text: str) -> bool:
    """Whether a program's words say that the disk is full."""
    return os.strerror(errno.ENOSPC) in text or "No space left on device" in text
