"""Slowing down whoever guesses passwords.

Attempts are counted in the cache (Valkey), by account and by address, before the password is
looked at; so that a hundred attempts at the same moment get no more guesses than one after the
other. After LOGIN_FAILURES_ALLOWED failures an account is locked for a minute, after each further
one for twice as long, up to LOGIN_FAILURES_WINDOW_SECONDS. A name that no user has is counted the
same, so that locks tell nobody which names exist.

An address is allowed ten times as many: a whole office may stand behind one. Of IPv6 that is the
network of 64 bits: whoever has one address there has all.
"""

import ipaddress
import math
import re
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

FIRST_LOCK_SECONDS = 60
ADDRESS_FACTOR = 10


class TooManyFailures(Exception):
    """Locked; `wait_seconds` says for how much longer, str() says so in Chinese."""

    def __init__(self, wait_seconds: int) -> None:
        self.wait_seconds = wait_seconds
        super().__init__(f"密码错误次数过多，请在 {in_words(wait_seconds)}后再试。")


@dataclass(frozen=True)
class Counter:
    """The failures of one account or address: a count, and until when it is locked."""

    key: str
    allowed: int

    def take(self) -> bool:
        """Count one attempt as failed; say whether it is the one that has locked the counter.

        Raises TooManyFailures, with nothing counted, when it is locked already.
        """
        self._refuse_while_locked()
        failures = self._add(1)
        if failures < self.allowed:
            return False
        window = settings.LOGIN_FAILURES_WINDOW_SECONDS
        seconds = max(1, min(window, FIRST_LOCK_SECONDS * 2 ** min(failures - self.allowed, 20)))
        cache.touch(self._count_key, seconds + window)
        # Of attempts at the same moment only the one that sets the lock may go on.
        if not cache.add(self.lock_key, time.time() + seconds, seconds):
            self._add(-1)
            self._refuse_while_locked()
            raise TooManyFailures(1)
        return True

    def give_back(self, *, has_locked: bool) -> None:
        """Uncount an attempt that did not fail after all."""
        self._add(-1)
        if has_locked:
            cache.delete(self.lock_key)

    def forget(self) -> None:
        """Begin again from nothing."""
        cache.delete_many([self._count_key, self.lock_key])

    @property
    def _count_key(self) -> str:
        return f"{self.key}:count"

    @property
    def lock_key(self) -> str:
        """Where the cache holds until when (seconds since 1970) the counter is locked."""
        return f"{self.key}:until"

    def _refuse_while_locked(self) -> None:
        until = cache.get(self.lock_key)
        left = 0 if until is None else until - time.time()
        if left > 0:
            raise TooManyFailures(math.ceil(left))

    def _add(self, step: int) -> int:
        """Change the count and return it; a count that has just expired starts at nought."""
        window = settings.LOGIN_FAILURES_WINDOW_SECONDS
        for _ in range(5):
            cache.add(self._count_key, 0, window)
            try:
                return cache.incr(self._count_key, step)
            except ValueError:  # expired between the two
                continue
        return self.allowed


@dataclass(frozen=True)
class Attempt:
    """One login attempt that is counted until it has succeeded."""

    account: Counter
    address: Counter
    has_locked_address: bool

    def succeeded(self) -> None:
        """Forget the account's failures; the address only gets this one attempt back.

        Else a guesser could begin again by logging in to an account of his own.
        """
        self.account.forget()
        self.address.give_back(has_locked=self.has_locked_address)


def begin(username: str, address: str) -> Attempt:
    """Count an attempt to log in; raises TooManyFailures when it may not be made now."""
    allowed = max(1, settings.LOGIN_FAILURES_ALLOWED)
    by_address = Counter(_key("address", _whose(address)), allowed * ADDRESS_FACTOR)
    by_account = of_account(username)
    has_locked_address = by_address.take()
    try:
        by_account.take()
    except TooManyFailures:
        by_address.give_back(has_locked=has_locked_address)
        raise
    return Attempt(by_account, by_address, has_locked_address)


def of_account(username: str) -> Counter:
    """Return the counter of an account's failures; other spellings of the name share it."""
    name = unicodedata.normalize("NFKC", username).strip().casefold()
    return Counter(_key("account", name), max(1, settings.LOGIN_FAILURES_ALLOWED))


def locked_for(usernames: Iterable[str]) -> dict[str, int]:
    """Return for each locked account for how many more seconds; asks the cache once."""
    keys = {of_account(name).lock_key: name for name in usernames}
    left = {
        keys[key]: math.ceil(until - time.time()) for key, until in cache.get_many(keys).items()
    }
    return {name: seconds for name, seconds in left.items() if seconds > 0}


def in_words(seconds: int) -> str:
    """Say in Chinese how long that is."""
    return f"{seconds} 秒" if seconds < 60 else f"{math.ceil(seconds / 60)} 分钟"


def client_address(request: HttpRequest) -> str:
    """Return the address that a request comes from.

    With TRUSTED_PROXIES = n, the n-th entry of X-Forwarded-For from the right: what stands further
    left was written by the client and proves nothing.
    """
    proxies = settings.TRUSTED_PROXIES
    if proxies > 0:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        if len(forwarded) >= proxies and forwarded[-proxies].strip():
            return _without_port(forwarded[-proxies].strip())
    # A server on a Unix socket names no address.
    return request.META.get("REMOTE_ADDR", "")


def _without_port(address: str) -> str:
    """Take off what some proxies write beside the address: 1.2.3.4:5678, [2001:db8::1]:5678."""
    bracketed = re.fullmatch(r"\[([^]]*)\](?::\d+)?", address)
    if bracketed:
        return bracketed[1]
    return re.sub(r"^([^:]*):\d+$", r"\1", address)


def _whose(address: str) -> str:
    """Return what one subscriber has: an IPv4 address, or the /64 of IPv6 that he may draw from."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _key(kind: str, who: str) -> str:
    """Return a cache key of fixed length, without the name itself."""
    return f"login:{kind}:{blake2b(who.encode(), digest_size=16).hexdigest()}"
