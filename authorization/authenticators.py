"""Administrators' authenticators: django-otp's, with the secret sealed.

django-otp keeps a secret as it is, so that whoever reads the database could compute every code. Here
the column holds it sealed by CARD_SEALING_KEYS, for one user only: neither a secret that was written
into the database by another way nor another user's works.
"""

from binascii import hexlify, unhexlify
from secrets import token_bytes

from django.db import models
from django_otp.plugins.otp_totp.models import TOTPDevice

from authorization.cards import configured
from authorization.cards.sealing import CannotOpen, seal_secret, unseal_secret

# RFC 4226, section 4, R6: 160 bits.
_SECRET_BYTES = 20


class Authenticator(TOTPDevice):
    """An authenticator app that an administrator has enrolled, or is being offered."""

    objects: "models.Manager[Authenticator]"

    class Meta:
        proxy = True
        verbose_name = "动态口令"
        verbose_name_plural = "动态口令"

    @property
    def bin_key(self) -> bytes:
        """The secret. Raises CannotOpen where no configured key opens it for this user."""
        return opened(self.key, self.user_id)

    @classmethod
    def offer(cls, user_id: int, name: str) -> "Authenticator":
        """Store a new secret that is not confirmed yet."""
        key = sealed(token_bytes(_SECRET_BYTES), user_id)
        return cls.objects.create(user_id=user_id, confirmed=False, name=name, key=key)

    def can_be_opened(self) -> bool:
        """Whether a configured key opens the secret."""
        try:
            self.bin_key  # noqa: B018 (asked for what it raises)
        except CannotOpen:
            return False
        return True


def sealed(secret: bytes, user_id: int) -> str:
    """Write a secret as the column holds it: hexadecimal, 72 digits of its 80."""
    content = seal_secret(secret, str(user_id), configured.sealing_keys())
    return hexlify(content).decode()


def opened(key: str, user_id: int) -> bytes:
    """Read a secret from its column. Raises CannotOpen."""
    return unseal_secret(unhexlify(key), str(user_id), configured.sealing_keys())
