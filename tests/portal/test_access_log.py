"""By a real gunicorn: what opens something does not stand in the log of requests."""

import io
import logging
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.log_masking import without_secrets

PROJECT = Path(__file__).resolve().parents[2]
TOKEN = "kM3v-2xWqLz_0aPt9RfYbN5cJdHsGuEo7iTlXwVQ1Z4"


@contextmanager
def gunicorn(log: Path):
    """Serve anything, started as quickstart starts the portal: in the project's folder."""
    command = [sys.executable, "-m", "gunicorn", "wsgiref.simple_server:demo_app"]
    command += ["--bind", "127.0.0.1:0", "--no-control-socket", "--access-logfile", "-"]
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=PROJECT, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield f"http://127.0.0.1:{_port(log)}"
        finally:
            server.terminate()
            server.wait(20)


def _port(log):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if found := re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text()):
            return found[1]
        time.sleep(0.05)
    pytest.fail(log.read_text())


def test_neither_tokens_nor_codes_are_logged(tmp_path):
    log = tmp_path / "web.log"
    with gunicorn(log) as address:
        link = f"{address}/account/password-link/{TOKEN}/"
        pages = [link, f"{link}?a=b", f"{address}/account/single-window/back/?state=x&code={TOKEN}"]
        for page in pages:
            urllib.request.urlopen(page, timeout=20).read()
        asked = urllib.request.Request(f"{address}/login/", headers={"Referer": link})
        urllib.request.urlopen(asked, timeout=20).read()
    written = log.read_text()
    assert TOKEN not in written
    assert written.count('"GET /account/password-link/[...]/') == 2
    assert '"GET /account/single-window/back/?[...] HTTP/1.1" 200' in written
    assert '"GET /login/ HTTP/1.1" 200' in written


def test_nor_by_django_which_names_the_path_of_what_failed(client, monkeypatch):
    handlers = [one for one in logging.getLogger().handlers if one.get_name() == "console"]
    written = io.StringIO()
    monkeypatch.setattr(handlers[0], "stream", written)
    client.post(f"/account/password-link/{TOKEN}/")
    assert "Method Not Allowed (POST): /account/password-link/[...]/" in written.getvalue()
    assert TOKEN not in written.getvalue()


@pytest.mark.parametrize("address", ["/library/?keyword=a", "/account/password-link/", "-", ""])
def test_other_addresses_stay_as_they_are(address):
    assert without_secrets(address) == address
