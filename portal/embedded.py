"""Embedded PostgreSQL and Valkey (first form)."""

import os


def ensure_services() -> None:
    """Nothing yet where both addresses are named."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    raise SystemExit("set DATABASE_URL and REDIS_URL")
