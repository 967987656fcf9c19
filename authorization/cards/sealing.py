"""Keeping a card's certificate encrypted: it carries the holder's identity number.

The keys come from settings, outside the database; the first one seals, all of them open, so that
keys can be changed. What is sealed says nothing without them.
"""

import base64
import contextlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class CannotOpen(Exception):
    """No configured key opens this; the text is a sentence for the administrator."""


def seal(content: bytes, keys: Sequence[str]) -> bytes:
    """Encrypt and authenticate bytes by the first key. Raises ValueError without a sound key."""
    return _box(keys).encrypt(content)


def unseal(sealed: bytes, keys: Sequence[str]) -> bytes:
    """Decrypt what `seal` made by any of the keys. Raises CannotOpen."""
    try:
        return _box(keys).decrypt(sealed)
    except InvalidToken:
        raise CannotOpen(
            "设置的密钥都不能解开法人卡证书，请在 CARD_SEALING_KEYS 中补上当时使用的密钥。"
        ) from None


def reseal(sealed: bytes, keys: Sequence[str]) -> bytes:
    """Seal by the first key what any of the keys opens; the same bytes where it is sealed so already.

    Raises CannotOpen.
    """
    with contextlib.suppress(CannotOpen):
        unseal(sealed, keys[:1])
        return sealed
    return seal(unseal(sealed, keys), keys)


def is_sound_key(key: str) -> bool:
    """Whether this is a key: 32 bytes in URL-safe base64."""
    try:
        return len(base64.urlsafe_b64decode(key)) == 32
    except ValueError:
        return False


def _box(keys: Sequence[str]) -> MultiFernet:
    if not keys:
        raise ValueError("no sealing key")
    return MultiFernet([Fernet(key) for key in keys])
