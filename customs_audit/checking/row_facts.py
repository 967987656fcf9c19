"""What is kept of a row beside its cells: what rules across rows and pages ask of it."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from declarations.checks import Checked
from declarations.goods_store import goods_key
from declarations.normalise import content_key

# The bytes of a head_key that hold each fact of a declaration's head: first (from 1) and how many.
# Zeros where it could not be read. Parties are hashed; the others are themselves.
HEAD_PARTS = {
    "ie_flag": (1, 1),
    "trade_mode": (2, 2),
    "declared_on": (4, 3),
    "agent": (7, 5),
    "trader": (12, 5),
}
_PARTY_BYTES = 5
_TEXTS = 4
_AUDITOR_LENGTH = 64


class RowFacts(NamedTuple):
    """The columns of an UploadRow that its cells decide; None where they could not be read."""

    entry_id: str
    g_no: int | None
    goods_key: bytes | None
    content_key: bytes | None
    head_key: bytes | None
    conforming: bool | None
    auditor: str


def facts_of(checked: Checked) -> RowFacts:
    """The columns of a checked row."""
    values = checked.values
    goods = [
        text
        for name in ("hs_code", "ie_flag", "g_name", "g_model")
        if isinstance(text := values.get(name), str)
    ]
    exact, content = goods_keys(*goods) if len(goods) == _TEXTS else (None, None)
    conforming, auditor = values.get("conforming"), values.get("auditor")
    return RowFacts(
        checked.entry_id,
        checked.g_no or None,
        exact,
        content,
        head_key(values),
        conforming if isinstance(conforming, bool) else None,
        auditor[:_AUDITOR_LENGTH] if isinstance(auditor, str) else "",
    )


@lru_cache(maxsize=100_000)
def goods_keys(hs_code: str, ie_flag: str, g_name: str, g_model: str) -> tuple[bytes, bytes]:
    """The keys of an exact text and of its content; most rows repeat some goods."""
    texts = (hs_code, ie_flag, g_name, g_model)
    return goods_key(*texts), content_key(*texts)


def head_key(values: Mapping[str, object]) -> bytes | None:
    """The sixteen bytes of HEAD_PARTS; None where nothing of the head could be read."""
    flag, mode, day = values.get("ie_flag"), values.get("trade_mode"), values.get("declared_on")
    key = b"".join(
        (
            flag.encode() if isinstance(flag, str) and flag else b"\0",
            (int(mode) + 1).to_bytes(2) if isinstance(mode, str) and mode else b"\0\0",
            day.toordinal().to_bytes(3) if isinstance(day, datetime.date) else b"\0\0\0",
            party_hash(values.get("agent_uscc"), values.get("agent_code")),
            party_hash(values.get("trader_uscc"), values.get("trader_code")),
        )
    )
    return key if any(key) else None


@lru_cache(maxsize=50_000)
def party_hash(uscc: object, code: object) -> bytes:
    """Five bytes of a party's codes; zeros where one can't be read or both are blank."""
    if not (isinstance(uscc, str) and isinstance(code, str)) or not (uscc or code):
        return bytes(_PARTY_BYTES)
    return hashlib.blake2b(f"{uscc},{code}".encode(), digest_size=_PARTY_BYTES).digest()
