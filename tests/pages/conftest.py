"""The sample list's URLs and templates, for the tests of this folder."""

import copy
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests.browsing import chromium, visit

__all__ = ["chromium", "visit"]


@pytest.fixture(autouse=True)
def sample_pages(settings):
    templates = copy.deepcopy(django_settings.TEMPLATES)
    templates[0]["DIRS"] = [*templates[0]["DIRS"], Path(__file__).parent / "templates"]
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "tests.pages.urls"
