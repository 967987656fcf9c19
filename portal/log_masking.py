"""Keeping out of every log what opens something.

A link by which a password is set carries its token in its path, and opening it does not use it up;
a way back from the Single Window carries a code. Whoever reads logs must not come in by them.
"""

import logging
import re

HIDDEN = "[...]"
_TOKEN = re.compile(r"(/password-link/)[^/?#\s]+")
_QUERY = re.compile(r"(/single-window/back/\?)\S+")


def without_secrets(text: str) -> str:
    """Put a mark in place of tokens and codes in a path, an address or a request's line."""
    return _QUERY.sub(rf"\g<1>{HIDDEN}", _TOKEN.sub(rf"\g<1>{HIDDEN}", text))


class WithoutSecrets(logging.Filter):
    """Masks a record's words; Django names the path of each request that fails."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, masked."""
        record.msg, record.args = without_secrets(record.getMessage()), ()
        return True
