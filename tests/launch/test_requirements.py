"""Whether requirements.txt alone is enough: the tests' own parts must not hide a gap in it."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[2]

# Loads, in one process, what the processes of quickstart load, while every package that is not
# promised is hidden: one that is only tried (for colours, say) is done without, as it should be.
LOAD = """
import importlib.metadata, re, sys

promised = set(sys.argv[1:])
hidden = {
    name
    for name, owners in importlib.metadata.packages_distributions().items()
    if not {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners} & promised
}

class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hide())
assert "pytest" in hidden, "the tests' own packages are to be hidden"

import django
django.setup()
import portal.wsgi, portal.celery, portal.urls
import celery.bin.celery, celery.apps.worker, celery.apps.beat, celery.concurrency.prefork
import kombu.transport.redis, gunicorn.app.wsgiapp, gunicorn.workers.gthread
from django.core.management import get_commands, load_command_class
for name, app in get_commands().items():
    if not str(app).startswith("django."):
        load_command_class(app, name)
"""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_by(requirements: list[str]) -> set[str]:
    """Names of all packages that pip installs for these, as the installed ones tell it."""
    found: set[str] = set()
    seen: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [Requirement(line) for line in requirements]
    while waiting:
        one = waiting.pop()
        key = normal(one.name), tuple(sorted(one.extras))
        if key in seen:
            continue
        seen.add(key)
        found.add(key[0])
        for line in importlib.metadata.requires(one.name) or []:
            needed = Requirement(line)
            wanted = [{"extra": extra} for extra in one.extras] or [{"extra": ""}]
            if needed.marker is None or any(needed.marker.evaluate(extra) for extra in wanted):
                waiting.append(needed)
    return found


def load(promised: set[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", LOAD, *promised],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_the_portal_loads_is_installed_by_requirements_txt() -> None:
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    promised = installed_by([line for line in lines if line and not line.startswith("#")])
    run = load(promised)
    assert run.returncode == 0, run.stderr
    run = load(promised - {"packaging"})
    assert "No module named 'packaging'" in run.stderr
