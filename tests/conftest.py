"""What all tests share. Rows come from tests/factories.py, never from fixture files."""

import pytest
from django.test.utils import override_settings


@pytest.fixture(scope="session", autouse=True)
def fast_password_hasher():
    """Hash passwords by one cheap round: hundreds of tests make users."""
    with override_settings(
        PASSWORD_HASHERS=[
            "django.contrib.auth.hashers.MD5PasswordHasher",
            "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        ]
    ):
        yield
