"""PostgreSQL and Valkey of a benchmark's own, which it may kill, with data made once and cloned.

They stand under var/benchmarks (PORTAL_VAR/benchmarks), beside the user's. Data of one size, number
of enterprises and seed is a template database there, so that a second run starts at once.
"""

import base64
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from launch import processes
from portal.embedded import Services, start_services, stop_services, var_folder

PROJECT = Path(__file__).resolve().parent.parent
# What settings ask for where DEBUG is off, as it is on a server: invented for one run.
SECRETS = {
    "SECRET_KEY": secrets.token_hex(32),
    "CARD_SEALING_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}


_READ_BYTES = 1 << 24


class OwnServices:
    """The two services in a folder, and databases in them."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or var_folder() / "benchmarks").resolve()
        self.services: Services | None = None

    def __enter__(self) -> "OwnServices":
        """Start them."""
        self.services = start_services(self.folder)
        return self

    def __exit__(self, *args: object) -> None:
        """Stop them; templates stay for the next time."""
        stop_services(self.folder)

    def url(self, database: str) -> str:
        """The address of a database."""
        assert self.services is not None
        return self.services.database_url.replace("/portal?", f"/{database}?")

    def connect(self, database: str) -> "psycopg.Connection[Any]":
        """Open a connection that commits every statement."""
        return psycopg.connect(self.url(database), autocommit=True)

    def environment(self, database: str, **more: str) -> dict[str, str]:
        """The environment of a process that works on a database."""
        assert self.services is not None
        return {
            **os.environ,
            "DATABASE_URL": self.url(database),
            "REDIS_URL": self.services.redis_url,
            **SECRETS,
            **more,
        }

    def manage(self, database: str, *arguments: str, **more: str) -> dict[str, Any]:
        """Run a command of manage.py; returns its last line of JSON, {} where it prints none."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment(database, **more),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        last = (done.stdout.strip().splitlines() or ["{}"])[-1]
        return json.loads(last) if last.startswith("{") else {}

    def template(self, lines: int, enterprises: int, seed: int) -> str:
        """Make a province once, with nothing compared and the outbox empty; returns its database."""
        name = f"lines_{lines}_{enterprises}_{seed}"
        with self.connect("postgres") as connection:
            held = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if held.fetchone():
                return name
            connection.execute("DROP DATABASE IF EXISTS being_made")
            connection.execute("CREATE DATABASE being_made")
        self.manage("being_made", "migrate", "--verbosity", "0")
        sizes = ["--lines", lines, "--enterprises", enterprises, "--seed", seed]
        self.manage("being_made", "load_shipped_catalogue")
        self.manage("being_made", "generate_lines", *map(str, sizes))
        with self.connect("being_made") as connection:
            connection.execute(
                "TRUNCATE catalogue_outbox, comparison_libraryentry, comparison_markhistory,"
                " comparison_nearestwork"
            )
            connection.execute("UPDATE declarations_content SET is_public = false WHERE is_public")
            connection.execute("VACUUM ANALYZE")
        with self.connect("postgres") as connection:
            connection.execute(f"ALTER DATABASE being_made RENAME TO {name}")
        return name

    def clone(self, template: str, name: str) -> str:
        """Make a database from a template, in place of one of that name."""
        with self.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        self._settle(name)
        return name

    def _settle(self, name: str) -> None:
        """Leave a fresh copy as a server in use has it: written to disk, read into memory.

        Else whoever reads it first waits for the disk, which has the copy to write as well.
        """
        with self.connect("postgres") as connection:
            row = connection.execute(
                "SELECT oid::text FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
        assert row is not None
        os.sync()
        for file in (self.folder / "postgres" / "base" / row[0]).iterdir():
            with file.open("rb") as opened:
                while opened.read(_READ_BYTES):
                    pass

    # --- killing -----------------------------------------------------------------------------

    def kill_postgres(self) -> None:
        """Stop PostgreSQL immediately, as a power cut would, and start it again."""
        number = int((self.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        _kill(number, signal.SIGQUIT)
        self.services = start_services(self.folder)

    def kill_valkey(self) -> None:
        """Kill Valkey, lose all that it kept, and start it again."""
        folder = self.folder / "valkey"
        _kill(int((folder / "valkey.pid").read_text()), signal.SIGKILL)
        shutil.rmtree(folder / "appendonlydir", ignore_errors=True)
        self.services = start_services(self.folder)


class Program:
    """A process group of a benchmark's: a worker or beat, in a working folder of its own."""

    def __init__(
        self, name: str, arguments: list[str], cwd: Path, env: dict[str, str], logs: Path
    ) -> None:
        self.name, self.arguments, self.cwd, self.env = name, arguments, cwd, env
        self.log = logs / f"{name}.log"
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "portal", *self.arguments],
                cwd=self.cwd,
                env=self.env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL it with every process it forked."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def keep(self) -> None:
        """Start it again where it ended by itself, as a supervisor does."""
        if self.process.poll() is not None:
            self.start()

    def wait_until_ready(self, word: str = " ready.", seconds: float = 120) -> None:
        """Wait until its log holds a word; raises RuntimeError where it does not come."""
        if not processes.wait_until(
            lambda: self.log.exists() and word in self.log.read_text(errors="replace"), seconds
        ):
            raise RuntimeError(f"{self.name} is not ready, see {self.log}")


def worker(name: str, cwd: Path, env: dict[str, str], logs: Path) -> Program:
    """Start a worker with one process for the queue of the comparison."""
    arguments = ["worker", "-Q", "batch", "-n", f"{name}@%h", "--concurrency", "1"]
    arguments += ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    return Program(name, arguments, cwd, env, logs)


def beat(cwd: Path, env: dict[str, str], logs: Path) -> Program:
    """Start beat."""
    schedule = str(logs / "schedule")
    arguments = ["beat", "--schedule", schedule, "--pidfile", "", "--loglevel", "INFO"]
    return Program("beat", arguments, cwd, env, logs)


@contextlib.contextmanager
def all_killed(programs: list[Program]) -> Iterator[None]:
    """Kill the programs of the list when the block ends."""
    try:
        yield
    finally:
        for program in programs:
            program.kill()


def _kill(number: int, how: signal.Signals) -> None:
    since = processes.started(number)
    processes.send(number, how)
    while processes.started(number) == since:
        time.sleep(0.02)
