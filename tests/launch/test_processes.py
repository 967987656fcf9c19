import os
import signal
import subprocess
import sys

from launch import processes


def sleeper(**environ: str) -> "subprocess.Popen[bytes]":
    code = "import time; print('up', flush=True); time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env={**os.environ, **environ}
    )
    assert process.stdout and process.stdout.readline() == b"up\n"
    return process


def test_an_ended_process_has_not_started_even_while_nobody_has_waited_for_it() -> None:
    process = sleeper()
    assert processes.started(process.pid) is not None
    process.kill()
    assert processes.wait_until(lambda: processes.started(process.pid) is None, 5)
    process.wait()
    assert processes.started(process.pid) is None


def test_two_processes_never_started_alike_when_their_number_is_the_same() -> None:
    assert processes.started(os.getpid()) == processes.started(os.getpid())
    assert processes.started(os.getpid()) != processes.started(os.getppid())
    assert processes.started(0) is None


def test_ending_leaves_a_stranger_with_the_same_number_alone() -> None:
    process = sleeper()
    try:
        assert processes.end(process.pid, "another time", [(signal.SIGKILL, 1.0)])
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def test_ending_goes_on_to_the_next_signal_when_one_is_ignored() -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('up', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"up\n"
    since = processes.started(process.pid)
    signals = [(signal.SIGTERM, 0.3), (signal.SIGKILL, 5.0)]
    assert processes.end(process.pid, since, signals)
    assert process.wait() == -signal.SIGKILL


def test_descendants_are_found_by_the_marker_that_they_carry() -> None:
    process = sleeper(PORTAL_QUICKSTART="/some/folder/var")
    try:
        assert processes.carrying("PORTAL_QUICKSTART=/some/folder/var") == [process.pid]
        assert processes.carrying("PORTAL_QUICKSTART=/some/folder") == []
    finally:
        process.kill()
        process.wait()


def test_a_command_line_is_shown_with_its_words() -> None:
    process = sleeper()
    try:
        assert processes.command(process.pid).startswith(f"{sys.executable} -c import time")
        assert process.pid in processes.find(lambda command: "print('up'" in command)
    finally:
        process.kill()
        process.wait()
