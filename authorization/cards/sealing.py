"""Keeping encrypted what the database must not tell: cards' certificates, authenticators' secrets.

A card's certificate carries the holder's identity number; from an authenticator's secret every code
is computed. The keys come from settings, outside the database; the first one seals, all of them open, so that
keys can be changed. What is sealed says nothing without them.
"""

import base64
import contextlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


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


def seal_secret(secret: bytes, owner: str, keys: Sequence[str]) -> bytes:
    """Encrypt and authenticate a short random secret of an owner by the first key: 16 bytes more.

    AES-SIV (RFC 5297): needs no nonce, and so fits into a short column; the same secret of the same
    owner is sealed alike. Raises ValueError without a sound key.
    """
    return _siv(keys[0] if keys else "").encrypt(secret, [owner.encode()])


def unseal_secret(sealed: bytes, owner: str, keys: Sequence[str]) -> bytes:
    """Decrypt what `seal_secret` made for this owner by any of the keys. Raises CannotOpen."""
    for key in keys:
        with contextlib.suppress(InvalidTag, ValueError):
            return _siv(key).decrypt(sealed, [owner.encode()])
    raise CannotOpen(
        "设置的密钥都不能解开动态口令，请在 CARD_SEALING_KEYS 中补上当时使用的密钥，或重置动态口令。"
    )


def _siv(key: str) -> AESSIV:
    """Derive a key of its own for secrets, so that nothing sealed for one use opens as another."""
    if not is_sound_key(key):
        raise ValueError("no sealing key")
    derive = HKDF(algorithm=SHA256(), length=64, salt=None, info=b"portal: short secrets")
    return AESSIV(derive.derive(base64.urlsafe_b64decode(key)))


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
