"""The numbers that name a declaration and the enterprises on it (their codes: authorization/codes.py).

Form of the 报关单号: 报关单填制规范 section 二 (海关总署公告 2019 年第 18 号).
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ENTRY_ID = re.compile(r"[0-9]{8}[01IE][0-9]{9}")
_FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")

BROKER_NATURE = "8"


class EntryId(NamedTuple):
    """The parts of a 报关单号: 接受申报海关, year, and the 进出口标志 that its ninth place means."""

    customs: str
    year: int
    ie_flag: str


def parse_entry_id(text: str) -> EntryId | None:
    """The parts of an eighteen-character 报关单号, or None where it has another form."""
    if not _ENTRY_ID.fullmatch(text):
        return None
    return EntryId(text[:4], int(text[4:8]), "I" if text[8] in "1I" else "E")


def is_broker_code(customs_code: str) -> bool:
    """Whether a 海关注册编码 is that of a 报关企业 (its sixth character is 8)."""
    return customs_code[5:6] == BROKER_NATURE


def has_full_width(text: str) -> bool:
    """Whether a code holds full-width characters, which no official code does."""
    return _FULL_WIDTH.search(text) is not None
