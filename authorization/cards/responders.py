"""Asking an OCSP responder over HTTP: only as long, and for as much, as is said beforehand.

Nothing leads elsewhere: redirects are no answers, proxies of the environment are not asked.
"""

import contextlib
import http.client
import socket
import threading
import time
from urllib.parse import urlsplit

from authorization.cards.answers import Fetch, NoAnswer
from authorization.cards.ocsp import MAX_OCSP_BYTES

SECONDS_EACH = 4.0
SECONDS_ALL = 8.0


def fetch_ocsp(url: str, question: bytes, seconds: float = SECONDS_EACH) -> bytes:
    """Ask a responder by HTTP POST; raises NoAnswer where it doesn't answer in time."""
    end = time.monotonic() + seconds
    try:
        connection, path = _connection(url, seconds)
    except ValueError as error:
        raise NoAnswer("responder's address is not http") from error
    deadline: threading.Timer | None = None
    try:
        connection.connect()
        # A time-out is of each read: a responder that sends a byte now and then would hold us.
        deadline = threading.Timer(end - time.monotonic(), _hang_up, [connection.sock])
        deadline.daemon = True
        deadline.start()
        headers = {"Content-Type": "application/ocsp-request", "Connection": "close"}
        connection.request("POST", path, question, headers)
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            raise NoAnswer(f"HTTP {answer.status}")
        content = answer.read(MAX_OCSP_BYTES + 1)
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise NoAnswer(f"no answer: {type(error).__name__}") from error
    finally:
        if deadline is not None:
            deadline.cancel()
        connection.close()
    if time.monotonic() >= end:
        raise NoAnswer("no whole answer in time")
    return content


def _connection(url: str, seconds: float) -> tuple[http.client.HTTPConnection, str]:
    """Prepare a connection, and the path to ask for. Raises ValueError for no http address."""
    parts = urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    if parts.scheme not in kinds or not parts.hostname:
        raise ValueError(url)
    connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=seconds)
    return connection, f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


def _hang_up(held: socket.socket) -> None:
    with contextlib.suppress(OSError):
        held.shutdown(socket.SHUT_RDWR)


def within(seconds: float = SECONDS_ALL) -> Fetch:
    """Give a way to ask any number of responders, one after the other, in so many seconds."""
    end = time.monotonic() + seconds

    def fetch(url: str, question: bytes) -> bytes:
        left = end - time.monotonic()
        if left <= 0:
            raise NoAnswer("no time left to ask")
        return fetch_ocsp(url, question, min(left, SECONDS_EACH))

    return fetch
