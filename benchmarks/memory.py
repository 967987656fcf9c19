"""How much memory processes of a benchmark have at most: sampled from /proc while they work.

Of our own processes VmHWM, the kernel's own peak of what is resident, libraries included. Of
PostgreSQL's backends RssAnon, what each has for itself: its VmHWM counts the shared buffers once
for every backend.
"""

import threading
from contextlib import suppress
from pathlib import Path

EVERY_SECONDS = 0.1
_KIB_PER_MIB = 1024


class MemoryWatch:
    """Samples one process of ours and the backends of a PostgreSQL until it is left.

    `postgres` is the data folder. After the block `process_mib` and `backend_mib` are peaks, in
    MiB; 0 where there was nothing to sample.
    """

    def __init__(self, pid: int | None, postgres: Path) -> None:
        self._pid = pid
        self._postmaster = postgres / "postmaster.pid"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.process_mib = 0.0
        self.backend_mib = 0.0

    def __enter__(self) -> "MemoryWatch":
        """Begin to sample."""
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        """Stop sampling."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(EVERY_SECONDS):
            if self._pid is not None:
                self.process_mib = max(self.process_mib, held_mib(self._pid, "VmHWM"))
            for backend in self._backends():
                self.backend_mib = max(self.backend_mib, held_mib(backend, "RssAnon"))

    def _backends(self) -> list[int]:
        with suppress(OSError, ValueError):
            number = self._postmaster.read_text().split()[0]
            return list(
                map(int, Path(f"/proc/{number}/task/{number}/children").read_text().split())
            )
        return []


def held_mib(pid: int, what: str) -> float:
    """Read one figure of /proc/PID/status in MiB; 0 where the process has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) / _KIB_PER_MIB
    return 0.0
