import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launch import processes
from launch.children import RESTARTS_ALLOWED, Child, end_children, end_leftovers, marker
from launch.console import Failure


def make_child(var: Path, code: str) -> Child:
    (var / "run").mkdir(parents=True, exist_ok=True)
    arguments = [sys.executable, "-c", code]
    return Child("sample", "样例进程", arguments, var, var, dict(os.environ))


# A leader that starts one process of its own; both ignore SIGTERM.
STUBBORN = (
    "import signal, subprocess, sys, time;"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "signal.signal(signal.SIGQUIT, signal.SIG_IGN);"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print('up', flush=True); time.sleep(60)"
)


def started_with_grandchild(var: Path) -> Child:
    child = make_child(var, STUBBORN)
    child.start()
    assert processes.wait_until(lambda: len(processes.carrying(marker(var))) == 2, 10)
    assert processes.wait_until(lambda: child.last_words() == "up", 10)
    return child


def test_ending_takes_the_processes_that_a_child_started_with_it(tmp_path: Path) -> None:
    child = started_with_grandchild(tmp_path)
    end_children([child], tmp_path)
    assert processes.carrying(marker(tmp_path)) == []
    assert not child.note.exists()


def test_the_next_start_ends_what_a_killed_quickstart_left(tmp_path: Path) -> None:
    child = started_with_grandchild(tmp_path)
    assert child.process
    # As after kill -9 of quickstart and of the leader: only the grandchild is left.
    child.process.kill()
    child.process.wait()
    assert end_leftovers(tmp_path) == 1
    assert processes.carrying(marker(tmp_path)) == []
    assert list((tmp_path / "run").glob("*.pid")) == []
    assert end_leftovers(tmp_path) == 0


def test_a_stranger_who_has_got_a_noted_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        noted = {"pid": stranger.pid, "started": "another boot/12345"}
        (tmp_path / "run" / "web.pid").write_text(json.dumps(noted))
        (tmp_path / "run" / "beat.pid").write_text("not JSON at all")
        assert end_leftovers(tmp_path) == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_child_that_keeps_ending_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    child = make_child(tmp_path, "import sys; sys.exit('cannot open the door')")
    child.start()
    for _ in range(RESTARTS_ALLOWED):
        assert processes.wait_until(child.ended, 10)
        child.restart()
    assert processes.wait_until(child.ended, 10)
    with pytest.raises(
        Failure, match=r"样例进程接连退出（cannot open the door），详见 .*sample\.log"
    ):
        child.restart()


def test_a_child_is_not_reached_by_ctrl_c_at_the_terminal(tmp_path: Path) -> None:
    child = make_child(tmp_path, "import time; print('up', flush=True); time.sleep(60)")
    child.start()
    try:
        assert child.process
        assert os.getsid(child.process.pid) == child.process.pid
        assert child.process.poll() is None
    finally:
        end_children([child], tmp_path)
    assert child.process.returncode == -signal.SIGTERM
