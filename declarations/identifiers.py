"""The numbers that name a declaration and the enterprises on it.

Forms: 报关单号 by the 报关单填制规范 section 二 (海关总署公告 2019 年第 18 号); 海关注册编码 ten characters;
统一社会信用代码 by GB 32100-2015, its check digit computed by python-stdnum. The organisation code
inside a 统一社会信用代码 has a check digit of its own (GB 11714), which some issued codes fail, so that
it is not looked at.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from stdnum.cn import uscc as stdnum_uscc

_ENTRY_ID = re.compile(r"[0-9]{8}[01IE][0-9]{9}")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CUSTOMS_CODE = re.compile(r"[0-9]{4}[0-9A-Z][0-9][0-9A-Z]{4}")
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


@lru_cache(maxsize=50_000)
def uscc_problem(text: str) -> str | None:
    """The rule that a 统一社会信用代码 (upper case) breaks, or None."""
    if not _USCC.fullmatch(text):
        return "uscc.form"
    return None if stdnum_uscc.is_valid(text) else "uscc.check_digit"


def is_customs_code(text: str) -> bool:
    """Whether a text has the form of a 海关注册编码 (upper case)."""
    return _CUSTOMS_CODE.fullmatch(text) is not None


def is_broker_code(customs_code: str) -> bool:
    """Whether a 海关注册编码 is that of a 报关企业 (its sixth character is 8)."""
    return customs_code[5:6] == BROKER_NATURE


def has_full_width(text: str) -> bool:
    """Whether a code holds full-width characters, which no official code does."""
    return _FULL_WIDTH.search(text) is not None
