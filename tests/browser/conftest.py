"""A real Chromium on the live portal: visitors that log in as people do, and screenshots."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from authorization.models import User
from launch.browser import chromium_path
from tests.factories import PASSWORD

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright's own loop would make Django refuse the database in this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_as(chromium, live_server) -> Iterator[Callable[..., Page]]:
    """Log a user in by the login page and open a path; the browser's own faults fail the test."""
    faults: list[str] = []
    contexts = []

    def open_(user: User, path: str = "/", **options) -> Page:
        options.setdefault("viewport", {"width": 1366, "height": 768})
        context = chromium.new_context(locale="zh-CN", base_url=live_server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: faults.append(r.url) if not r.url.startswith(live_server.url) else None,
        )
        page.goto(f"/login/?{urlencode({'next': path})}")
        page.fill("[name=username]", user.username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(re.compile(r"^(?!.*/login/)"))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep a screenshot of a page under build/screenshots, at both sizes that operators have."""

    def take(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        for width, height in ((1920, 1080), (1366, 768)):
            page.set_viewport_size({"width": width, "height": height})
            # Hiding the caret would leave inline styles behind, which our policy then refuses.
            page.screenshot(path=SCREENSHOTS / f"{name}_{width}.png", caret="initial")

    return take
