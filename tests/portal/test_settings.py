"""The settings refuse what can't be right, each with one clear sentence, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
GOOD = {
    "DATABASE_URL": "postgresql://somebody:p%40ss@db.example:5433/portal?sslmode=require",
    "REDIS_URL": "redis://cache.example:6379/0",
    "SECRET_KEY": "k" * 40,
    "CARD_SEALING_KEYS": "A" * 43 + "=",
}


def read_settings(show: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Import the settings with nothing but `environment`, and print an expression of them."""
    given = {name: value for name, value in {**GOOD, **environment}.items() if value != "-"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", f"from portal import settings as s; print({show})"],
        cwd=PROJECT,
        env={**kept, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1", **given},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SECRET_KEY": "-"}, "未设置 SECRET_KEY"),
        ({"SECRET_KEY": "-", "DEBUG": "false"}, "未设置 SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "至少 32 个字符"),
        ({"CARD_SEALING_KEYS": "-"}, "未设置 CARD_SEALING_KEYS"),
        ({"CARD_SEALING_KEYS": "short"}, "CARD_SEALING_KEYS 中的密钥不正确"),
        ({"CARD_SEALING_KEYS": "密钥"}, "CARD_SEALING_KEYS 中的密钥不正确"),
        ({"CARD_SEALING_KEYS": "A" * 43 + "=,x"}, "CARD_SEALING_KEYS 中的密钥不正确"),
        ({"DEBUG": "perhaps"}, "环境变量 DEBUG 只能是 true 或 false，现在是“perhaps”。"),
        ({"DATABASE_URL": "-"}, "未设置 DATABASE_URL 或 REDIS_URL"),
        ({"REDIS_URL": "-"}, "未设置 DATABASE_URL 或 REDIS_URL"),
        ({"DATABASE_URL": "sqlite:///x.db"}, "DATABASE_URL 必须是 PostgreSQL 地址"),
        ({"ALLOWED_HOSTS": "portal.example,*"}, "ALLOWED_HOSTS 不能为“*”"),
        ({"ADMIN_SECOND_FACTOR": "false"}, "不能关闭管理员的动态口令"),
        ({"SESSION_HOURS": "ten"}, "环境变量 SESSION_HOURS 必须是整数，现在是“ten”。"),
    ],
)
def test_what_cannot_be_right_is_refused_with_one_sentence(environment, sentence):
    done = read_settings("s.DEBUG", **environment)
    assert done.returncode != 0
    assert sentence in done.stderr.strip().splitlines()[-1]


def test_a_debug_process_may_go_without_a_secret_key():
    assert read_settings("s.DEBUG", SECRET_KEY="-", DEBUG="true").stdout.strip() == "True"


@pytest.mark.parametrize("name", ["DEBUG", "PORTAL_DEMO"])
def test_development_and_demo_may_go_without_a_second_factor(name):
    show = "s.ADMIN_SECOND_FACTOR"
    assert read_settings(show).stdout.strip() == "True"
    assert read_settings(show, **{name: "true"}).stdout.strip() == "False"
    forced = read_settings(show, **{name: "true", "ADMIN_SECOND_FACTOR": "true"})
    assert forced.stdout.strip() == "True"


def test_debug_is_off_unless_asked_for():
    assert read_settings("s.DEBUG").stdout.strip() == "False"


def test_the_database_address_is_read_part_by_part():
    show = "[s.DATABASES['default'][k] for k in ('USER', 'PASSWORD', 'HOST', 'PORT', 'NAME', 'OPTIONS')]"
    assert read_settings(show).stdout.strip() == str(
        ["somebody", "p@ss", "db.example", "5433", "portal", {"sslmode": "require"}]
    )


def test_https_only_makes_cookies_and_redirects_secure():
    show = "(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0)"
    assert read_settings(show).stdout.strip() == "(False, False, False, False)"
    assert read_settings(show, HTTPS_ONLY="true").stdout.strip() == "(True, True, True, True)"


def test_the_service_lines_and_hosts_come_from_the_environment():
    show = "(s.SERVICE_HOTLINE, s.SERVICE_QQ_GROUP, s.ALLOWED_HOSTS)"
    assert "0411-82732333" in read_settings(show).stdout
    given = read_settings(show, SERVICE_HOTLINE="12360", ALLOWED_HOSTS="a.example, b.example")
    assert given.stdout.strip() == "('12360', '492792487', ['a.example', 'b.example'])"


def test_passwords_are_stored_by_a_hash_that_is_slow_on_purpose():
    hashers = "__import__('django.contrib.auth.hashers', fromlist=['PBKDF2PasswordHasher'])"
    show = f"hasattr(s, 'PASSWORD_HASHERS'), {hashers}.PBKDF2PasswordHasher.iterations"
    said = read_settings(show).stdout
    own, iterations = said.split()
    # Django's own first choice: PBKDF2 with SHA-256 and a salt.
    assert own == "False" and int(iterations) >= 600_000


def test_sessions_end_after_ten_hours_an_hour_unused_and_with_the_browser():
    show = "s.SESSION_COOKIE_AGE, s.SESSION_IDLE_MINUTES, s.SESSION_EXPIRE_AT_BROWSER_CLOSE"
    assert read_settings(show).stdout.strip() == "36000 60 True"
