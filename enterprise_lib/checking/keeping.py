"""Where a table stays while it is worked on: the cache, for one user's session, for two hours.

Nothing of it reaches the database. The session names the tables that it may open, so that nobody
else's, and none after logging out, is found; what is left expires by itself.
"""

import json
import secrets
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.http import HttpRequest

from enterprise_lib.checking.table import CheckTable, from_data, to_data

KEPT_HOURS = 2
KEPT_TABLES = 3
_TOKENS = "check_tables"
_LOCKED_SECONDS = 10
_WAIT_SECONDS = 5.0


class TableGone(Exception):
    """The session knows no such table, or its time is over."""


def new_token() -> str:
    """Return a name for a table that nobody can guess."""
    return secrets.token_urlsafe(16)


def keep_table(request: HttpRequest, table: CheckTable) -> None:
    """Keep a table for two hours from now; of more than three, the session's oldest goes."""
    tokens = [token for token in request.session.get(_TOKENS, []) if token != table.token]
    tokens.append(table.token)
    for old in tokens[:-KEPT_TABLES]:
        cache.delete(_key(request, old))
    request.session[_TOKENS] = tokens[-KEPT_TABLES:]
    _write(request, table)


def open_table(request: HttpRequest, token: str) -> CheckTable:
    """Return a table of this session, its time prolonged; raises TableGone."""
    if token not in request.session.get(_TOKENS, []):
        raise TableGone
    kept = cache.get(_key(request, token))
    if kept is None:
        raise TableGone
    cache.touch(_key(request, token), KEPT_HOURS * 3600)
    return from_data(json.loads(zlib.decompress(kept)))


@contextmanager
def changing_table(request: HttpRequest, token: str) -> Iterator[CheckTable]:
    """Open a table, and keep what the block made of it; two changes wait for each other.

    Raises TableGone.
    """
    lock = f"{_key(request, token)}:lock"
    until = time.monotonic() + _WAIT_SECONDS
    while not (is_mine := cache.add(lock, 1, _LOCKED_SECONDS)) and time.monotonic() < until:
        time.sleep(0.05)
    try:
        table = open_table(request, token)
        yield table
        _write(request, table)
    finally:
        if is_mine:
            cache.delete(lock)


def forget_table(request: HttpRequest, token: str) -> None:
    """Throw a table of this session away; one that it doesn't know stays."""
    tokens = request.session.get(_TOKENS, [])
    if token in tokens:
        request.session[_TOKENS] = [kept for kept in tokens if kept != token]
        cache.delete(_key(request, token))


def _write(request: HttpRequest, table: CheckTable) -> None:
    text = json.dumps(to_data(table), ensure_ascii=False, separators=(",", ":"))
    packed = zlib.compress(text.encode("utf-8", "surrogatepass"), 1)
    cache.set(_key(request, table.token), packed, KEPT_HOURS * 3600)


def _key(request: HttpRequest, token: str) -> str:
    return f"check:{request.user.pk}:{token}"
