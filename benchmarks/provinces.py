"""Provinces of a size: as they were loaded, and as they are once everything is compared.

Both are template databases beside the benchmarks' services (benchmarks/own_services.py). A template
of an older program is brought to the present one's tables before it is cloned.
"""

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from benchmarks.memory import MemoryWatch
from benchmarks.own_services import PROJECT, OwnServices

# Of enterprises a province has at least and at most so many (generate_lines takes no more), and
# between them one for so many lines.
FEWEST_ENTERPRISES, MOST_ENTERPRISES, LINES_AN_ENTERPRISE = 20, 20_000, 500
_VERSION = re.compile(r"^[A-Z_]*VERSION = \d+", re.MULTILINE)


@dataclass(frozen=True)
class Province:
    """The lines, enterprises and seed that name a province."""

    lines: int
    enterprises: int
    seed: int

    @classmethod
    def of(cls, lines: int, enterprises: int | None, seed: int) -> "Province":
        """Name a province; where no number of enterprises is given, it grows with the lines."""
        grown = min(max(FEWEST_ENTERPRISES, lines // LINES_AN_ENTERPRISE), MOST_ENTERPRISES)
        return cls(lines, enterprises or grown, seed)

    @property
    def compared(self) -> str:
        """The template in which it is compared, by the versions of what the comparison keeps."""
        kept = hashlib.sha256("".join(_versions()).encode()).hexdigest()[:6]
        return f"compared_{self.lines}_{self.enterprises}_{self.seed}_{kept}"


@dataclass(frozen=True)
class Ended:
    """A process that has ended: its last line of JSON, and peaks of memory in MiB."""

    said: dict[str, Any]
    process_mib: float
    backend_mib: float


def run_watched(services: OwnServices, database: str, *arguments: str, **more: str) -> Ended:
    """Run a Python program on a database, watching its memory; raises where it fails."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=PROJECT,
        # Under DEBUG a connection remembers every statement.
        env=services.environment(database, DEBUG="false", **more),
        stdout=subprocess.PIPE,
        text=True,
    )
    with MemoryWatch(process.pid, services.folder / "postgres") as memory:
        out, _ = process.communicate()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(arguments))
    last = (out.strip().splitlines() or ["{}"])[-1]
    return Ended(json.loads(last), memory.process_mib, memory.backend_mib)


def clone_loaded(services: OwnServices, province: Province, name: str) -> str:
    """Clone a province with nothing compared and the outbox empty; makes it where it is missing."""
    template = services.template(province.lines, province.enterprises, province.seed)
    _bring_up(services, template)
    return services.clone(template, name)


def clone_compared(
    services: OwnServices, province: Province, name: str, *, anew: bool = False
) -> str:
    """Clone a province with everything compared; makes it where it is missing, or `anew`."""
    if anew:
        drop(services, province.compared)
    if not has(services, province.compared):
        being_made = clone_loaded(services, province, "being_compared")
        services.manage(being_made, "compare", "--full")
        keep_as_compared(services, province, being_made)
    _bring_up(services, province.compared)
    return services.clone(province.compared, name)


def keep_as_compared(services: OwnServices, province: Province, database: str) -> None:
    """Make a database, in which everything is compared, the template of compared ones."""
    with services.connect(database) as connection:
        connection.execute("VACUUM ANALYZE")
    drop(services, province.compared)
    with services.connect("postgres") as connection:
        connection.execute(f"ALTER DATABASE {database} RENAME TO {province.compared}")


def has(services: OwnServices, name: str) -> bool:
    """Whether there is a database of this name."""
    with services.connect("postgres") as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None


def drop(services: OwnServices, name: str) -> None:
    """Drop a database; none of this name is no error."""
    with services.connect("postgres") as connection:
        # Without FORCE, which may not end autovacuum; a plain drop asks it to go.
        connection.execute(f"DROP DATABASE IF EXISTS {name}")


def _versions() -> list[str]:
    """Read the versions of rules from the rooms' sources: this process has no Django set up."""
    files = sorted(
        file for room in ("comparison", "declarations") for file in (PROJECT / room).glob("*.py")
    )
    return [found for file in files for found in _VERSION.findall(file.read_text("utf-8"))]


def _bring_up(services: OwnServices, template: str) -> None:
    """Bring a template of an older program to the present one's tables, before it is cloned."""
    try:
        services.manage(template, "migrate", "--check", "--verbosity", "0")
    except subprocess.CalledProcessError:
        services.manage(template, "migrate", "--verbosity", "0")
        with services.connect(template) as connection:
            connection.execute("VACUUM ANALYZE")
