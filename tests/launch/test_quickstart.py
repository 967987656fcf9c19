"""Quickstart itself, run as a newcomer runs it, with a var folder of its own."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from launch import processes
from launch.children import marker
from portal.embedded import stop_services

PROJECT = Path(__file__).resolve().parents[2]

# One at a time, as a file's tests are: each of them is a whole portal of seven processes.
pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        number: int = trial.getsockname()[1]
        return number


def _hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Run:
    """One run of quickstart, its words kept in a file."""

    def __init__(self, var: Path, port: int, *arguments: str) -> None:
        self.var = var
        self.port = port
        self.said = var.parent / "said.txt"
        environ = {
            key: value
            for key, value in os.environ.items()
            if key
            not in {
                "DATABASE_URL",
                "REDIS_URL",
                "SECRET_KEY",
                "CARD_SEALING_KEYS",
                "DJANGO_SETTINGS_MODULE",
            }
            and not key.startswith("PYTEST")
        }
        self.begin = self.said.stat().st_size if self.said.exists() else 0
        with self.said.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "quickstart.py", "--port", str(port), *arguments],
                cwd=PROJECT,
                env={**environ, "PORTAL_VAR": str(var)},
                stdout=output,
                stderr=subprocess.STDOUT,
                # A shell that runs the tests in its background has them ignore Ctrl-C, and so
                # would this one.
                preexec_fn=_hear_ctrl_c,
            )

    def words(self) -> str:
        return self.said.read_bytes()[self.begin :].decode()

    def until_ready(self) -> None:
        def settled() -> bool:
            return "按 Ctrl-C 停止" in self.words() or self.process.poll() is not None

        assert processes.wait_until(settled, 120, pause=0.2), self.words()
        assert self.process.poll() is None, self.words()

    def ended(self) -> int:
        return self.process.wait(timeout=40)

    def answers(self) -> bool:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/login/", timeout=10) as page,
        ):
            return page.status == 200
        return False

    def pid_of(self, name: str) -> int:
        import json

        return int(json.loads((self.var / "run" / f"{name}.pid").read_text())["pid"])


def everything_of(var: Path) -> list[int]:
    """Every process that belongs to a var folder: the portal's, PostgreSQL's and Valkey's."""
    named = processes.find(lambda command: str(var) in command)
    return sorted({*named, *processes.carrying(marker(var))})


@contextlib.contextmanager
def cleaned_up(var: Path) -> Iterator[None]:
    try:
        yield
    finally:
        for pid in processes.carrying(marker(var)):
            processes.send(pid, signal.SIGKILL)
        stop_services(var)
        shutil.rmtree(var, ignore_errors=True)


def test_a_taken_port_is_said_before_any_work(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        run = Run(tmp_path / "var", taken.getsockname()[1])
        assert run.ended() == 1
    assert run.words().strip().startswith(f"错误：端口 {run.port} 已被其他程序占用：请用 --port")
    assert len(run.words().strip().splitlines()) == 1
    assert not (tmp_path / "var" / "postgres").exists()


def test_it_comes_up_survives_kills_and_leaves_nothing_running(tmp_path: Path) -> None:
    var, port = tmp_path / "var", free_port()
    with cleaned_up(var):
        first = Run(var, port, "--no-demo")
        first.until_ready()
        assert first.answers()
        for key in ("secret_key", "card_sealing_keys"):
            assert (var / key).stat().st_mode & 0o777 == 0o600
        # Without the demo nothing believes test cards, and no soft control runs.
        assert not (var / "cards").exists() and not (var / "run" / "softcard.pid").exists()

        second = Run(var, free_port(), "--no-demo")
        assert second.ended() == 1
        assert f"quickstart 已在运行（进程 {first.process.pid}，http://127.0.0.1:{port}/）" in (
            second.words()
        )

        # A part that dies is started again.
        web = first.pid_of("web")
        os.kill(web, signal.SIGKILL)
        assert processes.wait_until(lambda: first.pid_of("web") != web and first.answers(), 30)
        postgres = int((var / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(postgres, signal.SIGKILL)
        assert processes.wait_until(lambda: "内置数据库或队列意外退出" in first.words(), 10)

        # kill -9 of quickstart: the rest runs on, and the next start deals with it.
        first.process.kill()
        first.process.wait()
        web = first.pid_of("web")
        assert processes.started(web) is not None
        third = Run(var, port, "--no-demo")
        third.until_ready()
        assert "个进程" in third.words()
        assert processes.started(web) is None
        assert third.answers()

        third.process.send_signal(signal.SIGTERM)
        assert third.ended() == 0
        assert "已全部停止" in third.words()
        assert everything_of(var) == []
        assert not third.answers()


def test_ctrl_c_in_the_middle_of_setting_up_leaves_nothing_running(tmp_path: Path) -> None:
    var = tmp_path / "var"
    with cleaned_up(var):
        run = Run(var, free_port(), "--no-demo")
        assert processes.wait_until(lambda: "[3/7]" in run.words(), 60)
        run.process.send_signal(signal.SIGINT)
        assert run.ended() == 0, run.words()
        assert everything_of(var) == []
