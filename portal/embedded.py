"""The services that come with the project: PostgreSQL and Valkey under var/, for no setting at all.

`ensure_services()` is called by every entry point before the settings are read. It starts
what is missing, or finds it running in a few milliseconds, and names it in the environment;
a service that the environment names already is never started. The services outlive the
process that started them, so that no ending command takes the database from under another:
quickstart.py stops what it runs; after commands alone, `manage.py stop_services` does.

On the command line: `python -m portal.embedded start|stop|status`, one line of JSON each.
No Django here: it runs before the settings, and in the tests before pytest-django.
"""

import contextlib
import errno
import fcntl
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from portal.postgres_server import PostgresServer
from portal.service_account import (
    Account,
    ServicesError,
    account_for,
    make_socket_folder,
    noted_socket_folder,
)
from portal.valkey_server import ValkeyServer

PROJECT = Path(__file__).resolve().parent.parent
# One start takes seconds; a crash recovery before it may take a minute.
SECONDS_FOR_LOCK = 150

__all__ = [
    "Services",
    "ServicesError",
    "ensure_services",
    "start_services",
    "stop_services",
    "var_folder",
]


@dataclass(frozen=True)
class Services:
    """Addresses of the running services, as DATABASE_URL and REDIS_URL take them."""

    database_url: str
    redis_url: str


def var_folder() -> Path:
    """Where everything is kept that the project makes at run time: PORTAL_VAR, else var/."""
    return Path(os.environ.get("PORTAL_VAR") or PROJECT / "var").resolve()


def ensure_services() -> None:
    """Set DATABASE_URL and REDIS_URL, starting the embedded service for each one not set.

    Where the database is the embedded one and SECRET_KEY or CARD_SEALING_KEYS is not set, the key
    that quickstart.py keeps under var/ is used, so that a command typed beside a running quickstart
    signs and seals with the same keys. Ends the process with one sentence on failure.
    """
    with_database = not os.environ.get("DATABASE_URL")
    with_queue = not os.environ.get("REDIS_URL")
    if not (with_database or with_queue):
        return
    try:
        services = start_services(var_folder(), postgres=with_database, valkey=with_queue)
    except ServicesError as problem:
        sys.exit(str(problem))
    if with_queue:
        os.environ["REDIS_URL"] = services.redis_url
    if with_database:
        os.environ["DATABASE_URL"] = services.database_url
        for name in ("SECRET_KEY", "CARD_SEALING_KEYS"):
            if not os.environ.get(name):
                with contextlib.suppress(OSError):
                    os.environ[name] = (var_folder() / name.lower()).read_text().strip()


def start_services(
    var: Path, *, fast_unsafe: bool = False, postgres: bool = True, valkey: bool = True
) -> Services:
    """Start the services whose data is under `var`, or find them running.

    Several processes may call it at once: one starts, the others wait. `fast_unsafe` trades
    safety against a crash of the machine for speed (tests). Raises ServicesError.
    """
    var = var.resolve()
    with _sentences(var):
        servers = _servers(var, fast_unsafe)
        if servers is None or not all(
            server.ready() for server in servers.wanted(postgres, valkey)
        ):
            var.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _lock(var):
                servers = _servers(var, fast_unsafe) or _make_servers(var, fast_unsafe)
                for server in servers.wanted(postgres, valkey):
                    if not server.ready():
                        server.start()
    return Services(servers.postgres.url, servers.valkey.url)


def stop_services(var: Path | None = None) -> None:
    """Stop both services under `var` (default: the project's); none running is no error."""
    var = (var or var_folder()).resolve()
    if not (var / "run").is_dir():
        return
    with _sentences(var), _lock(var):
        servers = _servers(var) or _make_servers(var)
        servers.valkey.stop()
        servers.postgres.stop()
        # Holds nothing but dead sockets now; another is made at the next start.
        for left in servers.sockets.iterdir():
            left.unlink()
        servers.sockets.rmdir()
        _note(var).unlink()


class _Servers(NamedTuple):
    """The two servers of one var folder, and the folder that holds their sockets."""

    postgres: PostgresServer
    valkey: ValkeyServer
    sockets: Path

    def wanted(self, postgres: bool, valkey: bool) -> list[PostgresServer | ValkeyServer]:
        """Pick the asked ones of the two."""
        return [
            server for server, asked in ((self.postgres, postgres), (self.valkey, valkey)) if asked
        ]


def _servers(var: Path, fast_unsafe: bool = False) -> _Servers | None:
    """The servers of `var`, running or not; None where they have no folder for sockets."""
    account = _account(var)
    sockets = noted_socket_folder(_note(var), account)
    return None if sockets is None else _build(var, account, sockets, fast_unsafe)


def _make_servers(var: Path, fast_unsafe: bool = False) -> _Servers:
    """The servers of `var` with a new folder for their sockets; call it under the lock."""
    account = _account(var)
    return _build(var, account, make_socket_folder(_note(var), account), fast_unsafe)


def _build(var: Path, account: Account, sockets: Path, fast_unsafe: bool) -> _Servers:
    return _Servers(
        PostgresServer(var / "postgres", sockets, account, fast_unsafe=fast_unsafe),
        ValkeyServer(var / "valkey", sockets, account, fast_unsafe=fast_unsafe),
        sockets,
    )


def _account(var: Path) -> Account:
    """Whoever owns the data that is there; the database's where there are both."""
    postgres, valkey = var / "postgres", var / "valkey"
    return account_for(postgres if postgres.exists() else valkey)


def _note(var: Path) -> Path:
    return var / "run" / "sockets"


@contextlib.contextmanager
def _lock(var: Path) -> Iterator[None]:
    """Let one process at a time start or stop the services of `var`."""
    folder = var / "run"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "services.lock").open("w") as file:
        end = time.monotonic() + SECONDS_FOR_LOCK
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise ServicesError(
                        f"另一个进程正在启动或停止 {var} 下的服务，等候已超过 {SECONDS_FOR_LOCK} 秒，"
                        "请稍后再试。"
                    ) from None
                time.sleep(0.05)
        yield


@contextlib.contextmanager
def _sentences(var: Path) -> Iterator[None]:
    """Turn what the system refuses into one sentence that says what to do."""
    try:
        yield
    except PermissionError as problem:
        raise ServicesError(
            f"当前用户无权使用 {problem.filename or var}：请用当初启动的那个用户（或 root）运行。"
        ) from problem
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ServicesError(f"磁盘空间不足：{var} 无法写入，请清理后再试。") from problem
        raise ServicesError(f"无法使用文件夹 {var}（{problem}），请检查后再试。") from problem


def _main(arguments: list[str]) -> int:
    """Run one of start, stop, status; prints JSON, or one sentence on stderr."""
    if arguments not in (["start"], ["stop"], ["status"]):
        print("用法：python -m portal.embedded start|stop|status", file=sys.stderr)
        return 2
    var = var_folder()
    report: dict[str, object] = {"var": str(var)}
    try:
        if arguments == ["stop"]:
            stop_services(var)
        elif arguments == ["start"]:
            ensure_services()
            report["database_url"] = os.environ["DATABASE_URL"]
            report["redis_url"] = os.environ["REDIS_URL"]
        with _sentences(var):
            servers = _servers(var)
            report["postgres"] = servers.postgres.pid() if servers else None
            report["valkey"] = servers.valkey.pid() if servers else None
    except ServicesError as problem:
        print(problem, file=sys.stderr)
        return 1
    print(json.dumps(report, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
