"""The text that a card signs: canonical, readable, and worthless anywhere else.

It names the site, the purpose, the enterprise, the user, a nonce and the time; one line each, in
one order, so that it can be read back exactly.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

TITLE = "海关进出口商品规范申报企业专属库 法人卡签名"
LIFE = timedelta(minutes=5)
NONCE_BYTES = 32
_ZONE = ZoneInfo("Asia/Shanghai")
_LABELS = ("网站", "用途", "企业", "统一社会信用代码", "用户", "时间", "随机数")
_SPACES = re.compile(r"\s+")
# What is not seen, or turns the order of what is seen (ASCII control, bidi, zero-width ...).
_UNSEEN = {"Cc", "Cf", "Co", "Cs"}
# Letters and signs by their category, but drawn as nothing, or as a blank as wide as one likes: a
# name of these and of words could look like two lines (Default_Ignorable_Code_Point; Braille).
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U0001d159\U000e0000-\U000e0fff]"
)


class Purpose(Enum):
    """What a signature is for; the value is what the text says."""

    AUTHORIZE = "授权本企业使用规范申报企业专属库"
    REVOKE = "撤销本企业对规范申报企业专属库的授权"


@dataclass(frozen=True)
class Challenge:
    """What a challenge says. `issued_at` is aware, to the second; `origin` like https://host."""

    origin: str
    purpose: Purpose
    enterprise_name: str
    uscc: str
    username: str
    issued_at: datetime
    nonce: str

    @property
    def expires_at(self) -> datetime:
        """From when on it is worth nothing."""
        return self.issued_at + LIFE

    @property
    def text(self) -> str:
        """Write it: the title, then `label：value` lines, no line break at the end."""
        values = (
            self.origin,
            self.purpose.value,
            self.enterprise_name,
            self.uscc,
            self.username,
            self.issued_at.astimezone(_ZONE).isoformat(timespec="seconds"),
            self.nonce,
        )
        lines = (
            f"{label}：{one_line(value)}" for label, value in zip(_LABELS, values, strict=True)
        )
        return "\n".join((TITLE, *lines))


def new_nonce() -> str:
    """Draw 256 random bits, as 64 hexadecimal digits."""
    return secrets.token_hex(NONCE_BYTES)


def one_line(value: str) -> str:
    """Fold white space and drop what is not seen, so that no value can look like another line."""
    spaced = _SPACES.sub(" ", _BLANK.sub(" ", value))
    seen = "".join(c for c in spaced if unicodedata.category(c) not in _UNSEEN)
    return _SPACES.sub(" ", seen).strip()


def read_text(text: str) -> Challenge:
    """Read a text back. Raises ValueError unless it is written exactly as `Challenge.text` does."""
    title, *lines = text.split("\n")
    if title != TITLE or len(lines) != len(_LABELS):
        raise ValueError("not a challenge")
    values = []
    for label, line in zip(_LABELS, lines, strict=True):
        found, colon, value = line.partition("：")
        if found != label or not colon:
            raise ValueError(f"no {label}")
        values.append(value)
    origin, purpose, name, uscc, username, moment, nonce = values
    challenge = Challenge(
        origin, Purpose(purpose), name, uscc, username, datetime.fromisoformat(moment), nonce
    )
    if challenge.text != text:
        raise ValueError("not in the canonical form")
    return challenge
