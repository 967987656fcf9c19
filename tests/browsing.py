"""A real Chromium for tests: pages that fail the test for any fault the browser reports.

Import both fixtures where `visit` is used. Where the environment variable SCREENSHOTS is set,
screenshots are kept as build output under build/screenshots/.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from authorization.models import User
from launch.browser import chromium_path
from tests.factories import client_for

SCREENSHOTS = Path(settings.BASE_DIR) / "build" / "screenshots"
SIZES = {"1366": {"width": 1366, "height": 768}, "1920": {"width": 1920, "height": 1080}}


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run a browser while the block runs; each page of `visit` gets a context of its own."""
    # Playwright's own loop would make Django refuse the database in this thread.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def visit(chromium: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Open a page, as a user who is logged in where one is given.

    A script's error, a console error or a request to another host fails the test at its end.
    """
    faults: list[str] = []
    contexts = []

    def open_(path: str, user: User | None = None, **options) -> Page:
        context = chromium.new_context(
            **{"viewport": SIZES["1366"], "base_url": live_server.url, "locale": "zh-CN", **options}
        )
        contexts.append(context)
        if user is not None:
            name = settings.SESSION_COOKIE_NAME
            session = client_for(user).cookies[name].value
            context.add_cookies([{"name": name, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: faults.append(r.url) if not r.url.startswith(live_server.url) else None,
        )
        page.goto(path)
        return page

    # A test that goes where the answer is an error page takes that fault out itself.
    open_.faults = faults
    yield open_
    for context in contexts:
        context.close()
    assert faults == []


def keep_screenshot(page: Page, name: str) -> None:
    """Keep how a page looks at both sizes that the portal is made for, where that was asked for.

    No test looks at them; taking them all takes a minute.
    """
    if not os.environ.get("SCREENSHOTS"):
        return
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for label, size in SIZES.items():
        page.set_viewport_size(size)
        # Hiding the caret would leave inline styles behind, which our policy then refuses.
        path = SCREENSHOTS / f"{name}-{label}.png"
        page.screenshot(path=path, full_page=True, caret="initial")
    page.set_viewport_size(before)
