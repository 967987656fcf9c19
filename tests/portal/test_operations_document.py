"""docs/operations.md names every setting, commands that exist, and sentences that the portal says."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
# quickstart's own switch: an operator in earnest must not set it.
NOT_FOR_OPERATORS = {"PORTAL_DEMO"}


def settings_read() -> set[str]:
    """Find the environment variables that the settings read."""
    found = {"SECRET_KEY", "CARD_SEALING_KEYS"}
    for name in ("settings.py", "environment.py"):
        text = (PROJECT / "portal" / name).read_text(encoding="utf-8")
        reading = r'(?:flag|number|words|issuer|environ\.get|environ)[\[(]\s*"([A-Z][A-Z0-9_]+)"'
        found |= set(re.findall(reading, text))
    return found


def settings_told() -> set[str]:
    table = DOCUMENT.partition("## Settings")[2].partition("\n## ")[0]
    firsts = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for cell in firsts for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", cell)}


def test_every_setting_is_in_its_table_and_no_other():
    assert len(settings_read()) > 40
    assert settings_told() == settings_read() - NOT_FOR_OPERATORS


def test_every_command_that_it_names_exists():
    named = set(re.findall(r"manage\.py (\w+)", DOCUMENT))
    assert {"verify_authorizations", "reseal_authorizations", "add_administrator"} <= named
    assert named <= set(get_commands())


def sentences() -> list[str]:
    """List what users see, from the first column of "What to do when"."""
    table = DOCUMENT.partition("## What to do when")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")][2:]
    return sorted({said for cell in cells for said in re.findall(r"[\u4e00-\u9fff][^,…]+", cell)})


@pytest.mark.parametrize("said", sentences())
def test_what_users_see_is_what_the_portal_says(said):
    places = ("authorization", "portal", "static/authorization", "templates")
    paths = [
        path
        for place in places
        for path in (PROJECT / place).rglob("*")
        if path.suffix in {".py", ".js", ".html"}
    ]
    words = [part for part in re.split(r"\s*5\s*|, .*", said.strip()) if part]
    assert any(all(part in path.read_text(encoding="utf-8") for part in words) for path in paths), (
        said
    )
