"""Whole paths in a real Chromium: visitors that log in by the page as people do."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from authorization.models import User
from tests.browsing import keep_screenshot, running_chromium, visit
from tests.factories import PASSWORD

__all__ = ["chromium", "visit"]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all of these tests."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def open_as(visit: Callable[..., Page]) -> Callable[..., Page]:
    """Log a user in by the login page and open a path."""

    def open_(user: User, path: str = "/", **options) -> Page:
        page = visit(f"/login/?{urlencode({'next': path})}", **options)
        page.fill("[name=username]", user.username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(re.compile(r"^(?!.*/login/)"))
        return page

    open_.faults = visit.faults
    return open_


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep a screenshot of a page under build/screenshots, at both sizes that operators have."""
    return keep_screenshot
