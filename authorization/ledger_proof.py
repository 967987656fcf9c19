"""What proves the ledger: how an entry is hashed and sealed, and finding the first broken link.

The hash (SHA-256) covers all of an entry but its seal, the previous hash included, so that anybody
who holds the rows can follow the chain. The seal (HMAC-SHA-256 of the hash) is by a key that is
derived from CARD_SEALING_KEYS and never in the database: whoever can write to the database can
neither change an entry nor make one up.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import connection

from authorization.ledger_heads import Head
from authorization.ledger_models import LedgerEntry

# What the first entry names as the hash before it.
BEGINNING = bytes(32)
# What is hashed begins with this, so that a later form can be told from it.
_FORM = "ledger 1"
# Every column but the seal, in this order; a test holds this against the model.
HASHED_FIELDS = (
    "number",
    "kind",
    "at",
    "user_id",
    "who",
    "role",
    "address",
    "what",
    "query",
    "case",
    "enterprises",
    "named",
    "rows",
    "facts",
    "previous",
)
_CHUNK = 2_000


def digest(entry: LedgerEntry) -> bytes:
    """Hash an entry, its number and the hash before it included: 32 bytes."""
    return _digest([getattr(entry, name) for name in HASHED_FIELDS])


def _digest(values: Sequence[Any]) -> bytes:
    plain = [_FORM, *(_plain(value) for value in values)]
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def seal(hashed: bytes, keys: Sequence[str]) -> bytes:
    """Authenticate a hash by the first key: 32 bytes. Raises ValueError without a key."""
    if not keys:
        raise ValueError("no sealing key")
    return hmac.digest(_derived(keys[0]), hashed, "sha256")


def is_sealed(hashed: bytes, sealed: bytes, keys: Sequence[str]) -> bool:
    """Whether any of the keys made this seal of this hash."""
    return any(hmac.compare_digest(seal(hashed, [key]), sealed) for key in keys)


@lru_cache(maxsize=8)
def _derived(key: str) -> bytes:
    """Derive a key of its own, so that no seal of another use is one of the ledger's."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal: ledger")
    return derive.derive(base64.urlsafe_b64decode(key))


# --- proving the whole chain ----------------------------------------------------------------------


@dataclass(frozen=True)
class Broken:
    """An entry that is not as it was written; `why` is a Chinese sentence without its full stop."""

    number: int
    why: str


@dataclass
class Checked:
    """What was found: how many entries, which are broken (in order), where the chain ends."""

    entries: int = 0
    broken: list[Broken] = field(default_factory=list)
    head: Head = field(default_factory=lambda: Head(0, BEGINNING))
    # Broken protection that no single entry shows.
    unguarded: list[str] = field(default_factory=list)


def check(keys: Sequence[str], kept: Head | None = None) -> Checked:
    """Follow the whole chain. `kept`: an end that it once had, from outside the database."""
    found = Checked(unguarded=missing_guards())
    seen_kept = kept is None
    for chunk in _chunks():
        alive = _concerned(chunk[0][0], chunk[-1][0])
        for values, hashed, sealed in _split(chunk):
            number = values[0]
            for why in _faults(values, hashed, sealed, found.head, keys):
                found.broken.append(Broken(number, why))
                break
            else:
                why = _lookup_fault(values, alive.get(number, {}))
                if why:
                    found.broken.append(Broken(number, why))
            found.entries += 1
            found.head = Head(number, hashed)
            if kept is not None and number == kept.number:
                seen_kept = True
                if hashed != kept.hash:
                    found.broken.append(Broken(number, "与数据库之外保存的链尾摘要不同"))
    if not seen_kept and kept is not None:
        # What is missing after the last entry; an earlier hole was named where it is.
        found.broken.append(
            Broken(found.head.number + 1, f"末尾的记录已被删除：曾经记到第 {kept.number} 条")
        )
    return found


def _faults(
    values: Sequence[Any], hashed: bytes, sealed: bytes, before: Head, keys: Sequence[str]
) -> Iterator[str]:
    number, previous = values[0], bytes(values[-1])
    if number != before.number + 1:
        yield f"前面缺少第 {before.number + 1} 条至第 {number - 1} 条"
    if previous != before.hash:
        yield "与上一条的摘要不符"
    if _digest(values) != hashed:
        yield "内容与摘要不符"
    if not is_sealed(hashed, sealed, keys):
        yield "封印不符，或封印所用的密钥不在 CARD_SEALING_KEYS 中"


def _lookup_fault(values: Sequence[Any], rows: dict[int, tuple[bool, bool]]) -> str:
    """Compare the rows by which enterprises are found with what the entry itself names."""
    named = {one[0] for one in values[HASHED_FIELDS.index("enterprises")]}
    if named != set(rows):
        return "按企业查找的记录与内容不符"
    is_officers = values[HASHED_FIELDS.index("role")] == "officer"
    if any(not agrees or by_customs != is_officers for agrees, by_customs in rows.values()):
        return "按企业查找的记录被改动过"
    return ""


Row = tuple[Any, ...]


def _chunks() -> Iterator[list[Row]]:
    """Read all entries in their order, by the primary key, a chunk at a time."""
    rows = LedgerEntry.objects.order_by("number").values_list(*HASHED_FIELDS, "hash", "seal")
    after = 0
    while chunk := list(rows.filter(number__gt=after)[:_CHUNK]):
        yield chunk
        after = chunk[-1][0]


def _split(chunk: Sequence[Row]) -> Iterator[tuple[Row, bytes, bytes]]:
    """Split rows into hashed values, hash and seal."""
    for *values, hashed, sealed in chunk:
        yield tuple(values), bytes(hashed), bytes(sealed)


# An enterprise that was joined to another is gone, and its rows are the other's.
_CONCERNED = """
SELECT l.entry_id, l.then, l.by_customs,
       l.enterprise_id = l.then OR NOT EXISTS (
           SELECT FROM authorization_enterprise e WHERE e.id = l.then)
  FROM authorization_ledgerenterprise l WHERE l.entry_id BETWEEN %s AND %s
"""


def _concerned(first: int, last: int) -> dict[int, dict[int, tuple[bool, bool]]]:
    found: dict[int, dict[int, tuple[bool, bool]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_CONCERNED, [first, last])
        for number, then, by_customs, agrees in cursor:
            found.setdefault(number, {})[then] = (agrees, by_customs)
    return found


_GUARDS = """
SELECT tgname FROM pg_trigger
 WHERE tgrelid IN ('authorization_ledgerentry'::regclass,
                   'authorization_ledgerenterprise'::regclass)
   AND tgname LIKE 'ledger\\_%%' AND tgenabled IN ('O', 'A')
"""
GUARDS = (
    "ledger_entry_kept",
    "ledger_entry_not_emptied",
    "ledger_enterprise_kept",
    "ledger_enterprise_not_emptied",
)


def missing_guards() -> list[str]:
    """List the triggers that keep the ledger append-only and are gone or switched off."""
    with connection.cursor() as cursor:
        cursor.execute(_GUARDS)
        there = {name for (name,) in cursor}
    return [name for name in GUARDS if name not in there]


# --- other keys -----------------------------------------------------------------------------------

_RESEAL = """
UPDATE authorization_ledgerentry e SET seal = n.seal
  FROM unnest(%s::bigint[], %s::bytea[]) AS n(number, seal) WHERE e.number = n.number
"""


def reseal(keys: Sequence[str]) -> tuple[int, int, int]:
    """Seal by the first key what any of the keys has sealed: (checked, resealed, not opened)."""
    checked = resealed = unopened = 0
    for chunk in _chunks():
        new: dict[int, bytes] = {}
        for values, hashed, sealed in _split(chunk):
            checked += 1
            wanted = seal(hashed, keys)
            if wanted == sealed:
                continue
            if is_sealed(hashed, sealed, keys):
                new[values[0]] = wanted
            else:
                unopened += 1
        if new:
            with connection.cursor() as cursor:
                cursor.execute(_RESEAL, [list(new), list(new.values())])
            resealed += len(new)
    return checked, resealed, unopened
