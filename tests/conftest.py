"""What all tests share. Rows come from tests/factories.py, never from fixture files."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test.utils import override_settings
from hypothesis import settings as hypothesis_settings

from tests.cards import card_settings

# A loaded machine is slow now and then; how fast a thing is, benchmarks measure.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")


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


@pytest.fixture(scope="session", autouse=True)
def static_root():
    """Have the folder that WhiteNoise warns about when it is missing."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session", autouse=True)
def card_files(tmp_path_factory):
    """Have the portal believe the cards of tests/cards.py, which are made when first needed."""
    with override_settings(**card_settings(tmp_path_factory.mktemp("cards"))):
        yield
