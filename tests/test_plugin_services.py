import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.core.cache import cache

from launch import processes
from tests.plugin_services import PREFIX, _own_database

PROJECT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("url", "worker", "expected"),
    [
        ("unix:///tmp/x/valkey.sock", "gw0", "unix:///tmp/x/valkey.sock?db=1"),
        ("unix:///tmp/x/valkey.sock?db=5", "gw3", "unix:///tmp/x/valkey.sock?db=4"),
        ("redis://:word@127.0.0.1:6379/0", "gw1", "redis://:word@127.0.0.1:6379/2"),
        ("redis://127.0.0.1:6379/0", "gw15", "redis://127.0.0.1:6379/1"),
    ],
)
def test_each_worker_has_a_valkey_database_of_its_own(url: str, worker: str, expected: str) -> None:
    assert _own_database(url, worker) == expected


def test_cache_and_queue_use_the_same_database() -> None:
    client = redis.Redis.from_url(settings.REDIS_URL)
    cache.set("from-the-cache", 1)
    assert any(b"from-the-cache" in key for key in client.scan_iter())
    with current_app.connection_for_write() as connection:
        queue = connection.SimpleQueue("from-the-queue")
        queue.put({"number": 7})
        assert client.llen("from-the-queue") == 1
        assert queue.get(timeout=5).payload == {"number": 7}
        queue.close()
    client.flushdb()


def test_nothing_is_written_to_the_projects_own_var_folder() -> None:
    assert Path(os.environ["PORTAL_VAR"]).name.startswith(PREFIX)
    assert PROJECT not in settings.VAR_DIR.parents


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_nothing_to_the_next_one(
    number: signal.Signals, tmp_path: Path
) -> None:
    """At once after SIGTERM; after kill -9 the next run removes what was left."""
    (tmp_path / "test_long.py").write_text(
        "import time\ndef test_long():\n    print('running', flush=True)\n    time.sleep(60)\n"
    )
    (tmp_path / "tmp").mkdir()
    environ = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("PYTEST") and key not in {"DATABASE_URL", "REDIS_URL", "PORTAL_VAR"}
    }

    def start(*arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pytest",
                "-s",
                "-q",
                "-c",
                PROJECT / "pyproject.toml",
                *arguments,
            ],
            cwd=PROJECT,
            env={**environ, "TMPDIR": str(tmp_path / "tmp"), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    run = start(str(tmp_path / "test_long.py"))
    said = []
    for line in iter(run.stdout.readline if run.stdout else str, ""):
        said.append(line)
        if "running" in line:
            break
    assert said and "running" in said[-1], "".join(said)
    folder = str(tmp_path / "tmp" / PREFIX)
    assert processes.find(lambda command: f"postgres -D {folder}" in command)
    run.send_signal(number)
    run.communicate(timeout=60)
    if number == signal.SIGKILL:
        again = start("--collect-only", str(tmp_path / "test_long.py"))
        again.communicate(timeout=60)
        assert again.returncode == 0
    assert not processes.find(lambda command: folder in command)
    assert not list(Path(tmp_path / "tmp").glob(f"{PREFIX}*"))
    assert tempfile.gettempdir() != str(tmp_path / "tmp")
