"""Reading settings from the environment, in one place, with one clear error each."""

import os
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from authorization.cards.sealing import is_sound_key


def flag(name: str, default: bool) -> bool:
    """Read a yes/no setting; raises ImproperlyConfigured for any other word."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"环境变量 {name} 只能是 true 或 false，现在是“{text}”。")


def number(name: str, default: int) -> int:
    """Read a whole number; raises ImproperlyConfigured for anything else."""
    text = os.environ.get(name, "").strip()
    try:
        return int(text) if text else default
    except ValueError:
        raise ImproperlyConfigured(f"环境变量 {name} 必须是整数，现在是“{text}”。") from None


def words(name: str, default: list[str]) -> list[str]:
    """Read a comma-separated list; an empty setting means the default."""
    found = [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]
    return found or default


def issuer(name: str) -> str:
    """Read the address of an OpenID Connect provider; empty where there is none.

    Raises ImproperlyConfigured for one whose answers anybody on the way could write: only a
    provider on this machine may do without https.
    """
    url = os.environ.get(name, "").strip()
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if url and not (parts.hostname and (parts.scheme == "https" or is_local)):
        raise ImproperlyConfigured(f"环境变量 {name} 必须是 https 地址，现在是“{url}”。")
    return url


def secret_key(debug: bool) -> str:
    """Read SECRET_KEY; only a DEBUG process may go without one.

    Raises ImproperlyConfigured when it is missing, or too short to sign anything with.
    """
    key = os.environ.get("SECRET_KEY", "")
    if not key and debug:
        return "only-for-debug-" + "0" * 50
    if len(key) < 32:
        raise ImproperlyConfigured(
            "未设置 SECRET_KEY（至少 32 个字符）：正式运行请在环境变量中设置一个随机值，"
            "开发时可设 DEBUG=true，或用 python3 quickstart.py 启动。"
        )
    return key


def sealing_keys(debug: bool) -> list[str]:
    """Read CARD_SEALING_KEYS; only a DEBUG process may go without them.

    Each is 32 bytes in URL-safe base64. Raises ImproperlyConfigured when they are missing.
    """
    keys = words("CARD_SEALING_KEYS", [])
    if not keys and debug:
        return ["b25seS1mb3ItZGVidWctMDAwMDAwMDAwMDAwMDAwMDA="]
    if not keys:
        raise ImproperlyConfigured(
            "未设置 CARD_SEALING_KEYS：正式运行请在环境变量中设置用于加密法人卡证书的密钥"
            "（32 字节的 URL 安全 base64，多个用逗号隔开），并在数据库之外妥善保存。"
        )
    if not all(map(is_sound_key, keys)):
        raise ImproperlyConfigured(
            "CARD_SEALING_KEYS 中的密钥不正确：每个应为 32 字节的 URL 安全 base64（44 个字符），"
            "多个用逗号隔开。"
        )
    return keys


def database(url: str) -> dict[str, object]:
    """Turn a postgresql:// address into Django's DATABASES entry.

    A Unix socket is named as the `host` parameter. Raises ImproperlyConfigured for any other
    database: the portal speaks PostgreSQL's SQL only.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL 必须是 PostgreSQL 地址，例如 postgresql://用户:密码@主机:5432/库名。"
        )
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "portal",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": number("DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }


def broker(url: str) -> str:
    """Turn a Redis address, as redis-py reads it, into the form that Celery reads.

    They differ for a Unix socket only: its scheme, and the name of the parameter that gives
    the database number.
    """
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"
