"""The web server's log of requests (gunicorn.conf.py), without what opens something."""

from typing import Any

from gunicorn.glogging import Logger

from portal.log_masking import HIDDEN, without_secrets


class AccessLogger(Logger):
    """gunicorn's own, which writes every request's address and referrer as they came."""

    def atoms(self, *request: Any) -> dict[str, Any]:
        """Give what a line of the log may be made of."""
        found: dict[str, Any] = super().atoms(*request)
        masked = {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in found.items()
        }
        # The query alone does not say of which page it is.
        return {**masked, "q": HIDDEN if found.get("q") else ""}
