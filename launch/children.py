"""The long-running processes of quickstart: started, watched, restarted, ended without a rest."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from launch import processes
from launch.console import Failure, say
from launch.programs import cause

LOG_BYTES = 10_000_000
RESTARTS_ALLOWED = 3
RESTARTS_WINDOW_SECONDS = 60
# Gently; then Celery's cold shutdown, which gives its messages back; then by force.
SECONDS_AFTER_TERM = 4.0
SECONDS_AFTER_QUIT = 2.0
SECONDS_AFTER_KILL = 5.0


def marker(var: Path) -> str:
    """The environment entry, NAME=value, that all processes of this quickstart carry."""
    return f"PORTAL_QUICKSTART={var}"


class Child:
    """One process that quickstart keeps running, known as `name` in var/run and var/log.

    `ready_words` is what it logs once it is ready for work.
    """

    ready_words = ""

    def __init__(
        self,
        name: str,
        title: str,
        arguments: list[str],
        project: Path,
        var: Path,
        env: dict[str, str],
    ) -> None:
        self.title = title
        self.arguments = arguments
        self.project = project
        name_, _, value = marker(var).partition("=")
        self.env = {**env, name_: value}
        self.note = var / "run" / f"{name}.pid"
        self.log = var / "log" / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.ends: list[float] = []
        self.logged_before = 0

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches us alone."""
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as output:
            self.logged_before = output.tell()
            self.process = subprocess.Popen(
                self.arguments,
                cwd=self.project,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        pid = self.process.pid
        self.note.write_text(json.dumps({"pid": pid, "started": processes.started(pid)}))

    def ended(self) -> bool:
        """Whether it has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def restart(self) -> None:
        """Start it again; raises Failure when it has ended too often for that to help."""
        now = time.monotonic()
        self.ends = [moment for moment in self.ends if now - moment < RESTARTS_WINDOW_SECONDS]
        self.ends.append(now)
        if len(self.ends) > RESTARTS_ALLOWED:
            raise Failure(f"{self.title}接连退出（{self.last_words()}），详见 {self.log}。")
        say(f"{self.title}意外退出，已重新启动（日志：{self.log}）。")
        self.start()

    def ready(self) -> bool:
        """Whether this run of it has logged that it is ready."""
        return self.ready_words in self.log.read_bytes()[self.logged_before :].decode(
            errors="replace"
        )

    def last_words(self) -> str:
        """The last line that it logged."""
        with contextlib.suppress(OSError):
            return cause(self.log.read_text(errors="replace")[-4000:])
        return ""


def end_children(children: list[Child], var: Path) -> None:
    """End the children and everything that they started; nothing of it is left afterwards."""
    leaders = [child.process for child in children if child.process is not None]

    def none_left() -> bool:
        for process in leaders:
            process.poll()  # takes the ended one off the process table
        return not any(p.returncode is None for p in leaders) and not processes.carrying(
            marker(var)
        )

    for number, seconds in (
        (signal.SIGTERM, SECONDS_AFTER_TERM),
        (signal.SIGQUIT, SECONDS_AFTER_QUIT),
    ):
        for process in leaders:
            if process.poll() is None:
                process.send_signal(number)
        if processes.wait_until(none_left, seconds):
            break
    for process in leaders:
        if process.poll() is None:
            process.kill()
    for pid in processes.carrying(marker(var)):
        processes.send(pid, signal.SIGKILL)
    for process in leaders:
        process.wait()
    # A kill is carried out when its process is next scheduled, not when it is sent.
    processes.wait_until(none_left, SECONDS_AFTER_KILL)
    for child in children:
        child.note.unlink(missing_ok=True)


def end_leftovers(var: Path) -> int:
    """End what a killed quickstart left running; returns how many processes that were.

    The noted ones are known by number and start time, their descendants by the marker: a
    stranger who has got a noted number meanwhile is left alone.
    """
    notes = list((var / "run").glob("*.pid"))
    leaders = {}
    for note in notes:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            noted = json.loads(note.read_text())
            if noted["started"] and processes.started(noted["pid"]) == noted["started"]:
                leaders[noted["pid"]] = noted["started"]

    def left() -> set[int]:
        alive = {pid for pid, since in leaders.items() if processes.started(pid) == since}
        return alive | {pid for pid in processes.carrying(marker(var)) if pid != os.getpid()}

    found = left()
    for pid in leaders:
        processes.send(pid, signal.SIGTERM)
    if found and not processes.wait_until(lambda: not left(), SECONDS_AFTER_TERM):
        for pid in left():
            processes.send(pid, signal.SIGKILL)
        processes.wait_until(lambda: not left(), SECONDS_AFTER_KILL)
    for note in notes:
        note.unlink(missing_ok=True)
    return len(found)
