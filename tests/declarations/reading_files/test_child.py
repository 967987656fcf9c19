"""The reading child: what it may not do, what it is not believed, and that it never outlives anybody."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from declarations.faults import RejectedFile
from declarations.files import parent
from declarations.files.limits import MIB, UPLOAD_LIMITS
from declarations.files.reading import read_upload
from tests.declarations.reading_files.packages import inline_row, write_rows

PROJECT = Path(__file__).resolve().parents[3]
ROWS = "".join(inline_row(at, [f"行{at}"]) for at in range(1, 60_001))


def run(program):
    """Run a program beside the project; give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    return done.stdout.split()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return write_rows(tmp_path_factory.mktemp("large") / "a.xlsx", ROWS)


# Each way out that a program in the child could try; "no" is printed for one that is closed.
TRIES = """
import os, socket, sys
from declarations.files import confine
{confine}
def closed(attempt):
    try:
        return "no" if attempt() == -1 else "open"
    except OSError:
        return "no"
print(closed(lambda: socket.socket()))
print(closed(lambda: os.open("/etc/passwd", os.O_RDONLY)))
print(closed(lambda: os.open("/tmp/made-by-a-child", os.O_CREAT | os.O_WRONLY)))
print(closed(lambda: os.fork()))
print(closed(lambda: os.kill(os.getppid(), 0)))
print(closed(lambda: os.listdir("/")))
print(closed(lambda: os.execv("/bin/true", ["true"])))
print(closed(lambda: os.setpriority(os.PRIO_PROCESS, 0, 0)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux filters system calls")
def test_the_kernel_lets_it_open_connect_start_and_signal_nothing():
    filtered = (
        "assert __import__('declarations.files.system_calls', fromlist=['x']).keep_to_computing()"
    )
    assert run(TRIES.format(confine=filtered)) == ["no"] * 8


def test_without_such_a_kernel_python_refuses_the_same():
    hook = "sys.addaudithook(confine._refuse)"
    assert run(TRIES.format(confine=hook))[:7] == ["no"] * 7


def test_both_are_on_before_anything_is_read(large, monkeypatch):
    """A child that would open another file itself can't."""
    program = (
        "from declarations.files import child, text_tables, tables\n"
        "class Evil(text_tables.TextTable):\n"
        "    def __init__(self, file): open('/etc/passwd')\n"
        "tables.TextTable = Evil\n"
        "child.main()\n"
    )
    with large.open("rb") as file:
        asked = (os.getpid(), file.fileno(), "csv", 2**30, 15, 60)
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, asked)],
            cwd=PROJECT,
            pass_fds=(file.fileno(),),
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    assert done.stdout == b'["refused","file.unreadable",[["value","PermissionError"]]]\n'


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_has_little_memory_few_files_no_core_and_an_empty_environment(large, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "nobody else's business")
    with read_upload(large, large.name) as file:
        child = psutil.Process(file._child._process.pid)
        limits = Path(f"/proc/{child.pid}/limits").read_text()
        said = {line[:25].strip(): line[25:].split()[:2] for line in limits.splitlines()}
        assert said["Max address space"] == [str(1024 * MIB)] * 2
        assert said["Max core file size"] == ["0", "0"]
        assert said["Max open files"] == ["16", "16"]
        assert said["Max cpu time"][0] == str(UPLOAD_LIMITS.cpu_seconds)
        assert set(child.environ()) <= {"PYTHONUTF8", "LC_CTYPE", "LD_LIBRARY_PATH"}
        assert len(list(Path(f"/proc/{child.pid}/fd").iterdir())) == 4
        assert list(file.rows(0))
        assert child.memory_info().rss < 100 * MIB
    assert not psutil.pid_exists(child.pid)


def test_a_reader_who_stops_in_the_middle_may_begin_again(large):
    with read_upload(large, large.name) as file:
        assert next(file.rows(0)) == (1, ["行1"])
        rows = list(file.rows(0))
        assert len(rows) == 60_000 and rows[-1] == (60_000, ["行60000"])
        assert 0.5 < file.share <= 1
        assert len(list(file.rows(0))) == 60_000


def test_a_reader_who_fails_leaves_no_child_behind(large):
    with pytest.raises(ZeroDivisionError), read_upload(large, large.name) as file:
        pid = file._child._process.pid
        next(file.rows(0))
        1 / 0  # noqa: B018
    assert not psutil.pid_exists(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="a death signal is Linux's")
def test_it_goes_with_a_parent_that_is_killed(large):
    program = (
        "import sys, time, os, django\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'portal.settings')\n"
        "from pathlib import Path\n"
        "from declarations.files.reading import read_upload\n"
        f"with read_upload(Path({str(large)!r}), 'a.xlsx') as file:\n"
        "    next(file.rows(0))\n"
        "    print(file._child._process.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE)
    pid = int(worker.stdout.readline())
    assert psutil.pid_exists(pid)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_that_computes_too_long_or_is_silent_ends_in_the_sentence_of_time(large):
    for limits in (
        UPLOAD_LIMITS._replace(cpu_seconds=0),
        UPLOAD_LIMITS._replace(silent_seconds=0.0),
        UPLOAD_LIMITS._replace(waiting_seconds=0.001),
    ):
        with (
            pytest.raises(RejectedFile) as caught,
            read_upload(large, large.name, limits=limits) as file,
        ):
            list(file.rows(0))
        assert caught.value.faults[0].rule == "file.time"


# --- nothing that it says is believed --------------------------------------------------------

SHEETS = '["sheets",[["a",[[1,["x"]]]]],[]]'
LIES = {
    "no JSON": "[",
    "no list": '{"a":1}',
    "nothing": "null",
    "another kind": '["rows",0,[]]',
    "a sheet without a name": '["sheets",[[1,[]]],[]]',
    "too many sheets": '["sheets",[' + ",".join(['["a",[]]'] * 201) + "],[]]",
    "a rule that is none": '["refused","g_model.length",[]]',
    "a rule without its facts": '["refused","file.size",[]]',
    "facts that are lists": '["refused","file.unreadable",[["value",[1]]]]',
    "deep nesting": "[" * 100_000,
    "a number without end": '["sheets",[["a",[[1,[1e999]]]]],[]]',
    "a number of 5,000 digits": f'["sheets",[["a",[[1,[{"9" * 5000}]]]]],[]]',
    "not a number": '["sheets",[["a",[[1,[NaN]]]]],[]]',
    "bytes that are no text": b"\xff\xfe",
    "rows backwards": SHEETS + '\n["rows",0.1,[[2,["a"]],[1,["b"]]]]',
    "a row number that is true": SHEETS + '\n["rows",0.1,[[true,["a"]]]]',
    "a row beyond the last": SHEETS + '\n["rows",0.1,[[1048577,["a"]]]]',
    "a row that is no list": SHEETS + '\n["rows",0.1,[[1,"abc"]]]',
    "a list for a cell": SHEETS + '\n["rows",0.1,[[1,[["a"]]]]]',
    "nothing for a cell": SHEETS + '\n["rows",0.1,[[1,[null]]]]',
    "a cell of no kind": SHEETS + '\n["rows",0.1,[[1,[{"z":1}]]]]',
    "a bad cell of a rule that is none": SHEETS + '\n["rows",0.1,[[1,[{"b":["file.size","x"]}]]]]',
    "501 columns": SHEETS + '\n["rows",0.1,[[1,[' + ",".join(["1"] * 501) + "]]]]",
    "an empty block": SHEETS + '\n["rows",0.1,[]]',
    "a line without end": SHEETS + '\n["rows' + "a" * 1000,
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_what_no_child_of_ours_says_ends_the_file(lie, large, monkeypatch):
    """A child that is another program altogether."""
    said = lie if isinstance(lie, bytes) else lie.encode()
    monkeypatch.setattr(parent, "_LONGEST_LINE", 500 if b"aaaa" in said else 10**6)
    monkeypatch.setattr(parent, "_PROGRAM", ("/bin/sh", "-c", 'printf "%s\\n" "$1"; read x', "sh"))
    monkeypatch.setattr(parent, "_arguments", lambda *_: (said,))
    with pytest.raises(RejectedFile) as caught, read_upload(large, large.name) as file:
        list(file.rows(0))
    [fault] = caught.value.faults
    assert (fault.rule, fault.value) == ("file.unreadable", "读取中断")


def test_what_a_refusal_says_is_shown_as_text_alone(large, monkeypatch):
    said = '["refused","file.unreadable",[["value","a\\u0007\\n{0}' + "b" * 500 + '"]]]'
    monkeypatch.setattr(parent, "_PROGRAM", ("/bin/sh", "-c", 'printf "%s\\n" "$1"', "sh"))
    monkeypatch.setattr(parent, "_arguments", lambda *_: (said,))
    with pytest.raises(RejectedFile) as caught, read_upload(large, large.name):
        pass
    text = caught.value.faults[0].text
    assert "a  {0}b" in text and text.isprintable() and len(text) < 260
