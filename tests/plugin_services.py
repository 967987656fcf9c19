"""The pytest plugin that gives a test run its own PostgreSQL and Valkey, thrown away at its end.

Loaded by `-p tests.plugin_services` (pyproject.toml), so that the addresses are in the
environment before pytest-django reads the settings; xdist's workers inherit them, each with a
database of its own (pytest-django names it) and a Valkey database of its own (named here).
An address that the environment names already is used as it is.
"""

import atexit
import base64
import contextlib
import gc
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import pytest

from launch import processes
from launch.browser import chromium_path
from portal.embedded import ServicesError, start_services, stop_services

PREFIX = "portal-tests-"
VALKEY_DATABASES = 16


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the services before anything reads the settings: a wrapper comes first of all."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    asked_for_help = any(word in early_config.invocation_params.args for word in ("-h", "--help"))
    if worker:
        os.environ["REDIS_URL"] = _own_database(os.environ["REDIS_URL"], worker)
    elif not asked_for_help:
        _provide_services()
    return (yield)


def pytest_unconfigure() -> None:
    """Stop and delete what this process started; also called after Ctrl-C."""
    _remove_services()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without Chromium a browser test is skipped loudly; where CI is set, it fails."""
    if item.get_closest_marker("browser") and not chromium_path():
        reason = "Chromium is missing: apt-get install chromium-headless-shell fonts-noto-cjk"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


_folder: Path | None = None


def pytest_collection_finish() -> None:
    """Let the collector of cyclic garbage pass over what stays until the end: 8,000 tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _provide_services() -> None:
    """Set what the settings need; raises pytest.UsageError where the services cannot start."""
    global _folder
    os.environ.setdefault("SECRET_KEY", secrets.token_hex(32))
    os.environ.setdefault("CARD_SEALING_KEYS", base64.urlsafe_b64encode(os.urandom(32)).decode())
    _remove_leftovers()
    _folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (_folder / "owner").write_text(f"{os.getpid()} {processes.started(os.getpid())}")
    # Never the project's own var/: what the tests write is thrown away with the rest.
    os.environ["PORTAL_VAR"] = str(_folder)
    atexit.register(_remove_services)
    signal.signal(signal.SIGTERM, _interrupt)
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        try:
            services = start_services(_folder, fast_unsafe=True)
        except ServicesError as problem:
            _remove_services()
            raise pytest.UsageError(str(problem)) from None
        os.environ.setdefault("DATABASE_URL", services.database_url)
        os.environ.setdefault("REDIS_URL", services.redis_url)


def _remove_services() -> None:
    global _folder
    folder, _folder = _folder, None
    if folder is not None:
        _remove(folder)


def _remove_leftovers() -> None:
    """Remove what test runs left that were killed: those whose process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, ServicesError, ValueError):
            if folder.stat().st_uid != os.geteuid():
                continue
            pid, since = (folder / "owner").read_text().split(maxsplit=1)
            if processes.started(int(pid)) != since:
                _remove(folder)


def _remove(folder: Path) -> None:
    stop_services(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _own_database(url: str, worker: str) -> str:
    """Point a Redis address at the database number of an xdist worker: gw0 takes 1."""
    number = 1 + int(worker.removeprefix("gw")) % (VALKEY_DATABASES - 1)
    parts = urlsplit(url)
    if parts.scheme == "unix":
        # Not by geturl: it drops the empty host of unix:///path.
        return f"{url.partition('?')[0]}?db={number}"
    return parts._replace(path=f"/{number}").geturl()


def _interrupt(number: int, frame: FrameType | None) -> None:
    """End as after Ctrl-C: pytest has no way of its own to tidy up at SIGTERM."""
    sys.exit(128 + number)
