"""A real Celery worker (with beat) on the test's own database, in a process group of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

PROJECT = Path(__file__).resolve().parent.parent


def database_url() -> str:
    """The address of the database that this test's connection uses."""
    said = connection.settings_dict
    credentials = quote(said["USER"], safe="")
    if said["PASSWORD"]:
        credentials += ":" + quote(said["PASSWORD"], safe="")
    options = {**said["OPTIONS"], "host": said["HOST"], "port": said["PORT"]}
    options = {name: value for name, value in options.items() if isinstance(value, str) and value}
    return f"postgresql://{credentials}@/{quote(said['NAME'])}?{urlencode(options)}"


def start_worker(folder: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start a worker for both queues with beat inside; its log goes to `folder`."""
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [
                sys.executable, "-m", "celery", "-A", "portal", "worker", "--beat",
                "--queues", "interactive,batch,files", "--concurrency", "2", "--loglevel", "INFO",
                "--schedule", str(folder / "beat"), "--without-gossip", "--without-mingle",
            ],
            cwd=PROJECT,
            env={
                **os.environ,
                "DATABASE_URL": database_url(),
                "REDIS_URL": settings.REDIS_URL,
                "SECRET_KEY": settings.SECRET_KEY,
                "CARD_SEALING_KEYS": ",".join(settings.CARD_SEALING_KEYS),
                "OUTBOX_EVERY_SECONDS": "1",
                **environment,
            },
            stdout=log,
            stderr=log,
            start_new_session=True,
        )  # fmt: skip


def kill(worker: subprocess.Popen[bytes]) -> None:
    """SIGKILL the worker with every process it forked."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


@contextmanager
def running_worker(folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker while the block runs; it ends with the block, whatever happens."""
    worker = start_worker(folder, **environment)
    try:
        yield worker
    finally:
        if worker.poll() is None:
            kill(worker)


def wait_until(question: Callable[[], bool], seconds: float, what: str, folder: Path) -> None:
    """Ask until the answer is yes; fails with the worker's log after `seconds`."""
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            log = (folder / "worker.log").read_text(errors="replace")[-3000:]
            raise AssertionError(f"{what} did not happen in {seconds} s\n{log}")
        time.sleep(0.05)
