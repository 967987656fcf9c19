"""docs/security.md names code and tests point by point; all of it must be there."""

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

from authorization.passwords import CONTEXT_WORDS

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = (PROJECT / "docs" / "security.md").read_text(encoding="utf-8")
ROOMS = (
    "authorization",
    "catalogue",
    "comparison",
    "customs_audit",
    "declarations",
    "enterprise_lib",
    "launch",
    "messages_app",
    "pages",
    "portal",
    "public_lib",
)
# Modules whose use is cryptography; asn1crypto only reads, django_otp is named where it is used.
CRYPTOGRAPHY = {
    "authlib",
    "crypt",
    "cryptography",
    "gmssl",
    "gmssl_pyx",
    "hashlib",
    "hmac",
    "joserfc",
    "secrets",
    "ssl",
    "uuid",
    "django.core.signing",
    "django.utils.crypto",
}
# Chapters of the ASVS and how many points each section of them has in version 5.0.
SECTIONS = {
    6: (3, 12, 8, 6, 8, 4, 2, 4),
    7: (3, 4, 2, 5, 3, 2),
    8: (4, 4, 3, 2),
    10: (2, 3, 5, 16, 5, 2, 3),
    11: (4, 5, 5, 4, 2, 2, 2),
}


def named(pattern: str) -> list[str]:
    """Find what stands in backquotes and has this form, each once."""
    return sorted(set(re.findall(rf"`({pattern})`", DOCUMENT)))


@lru_cache
def names_in(path: Path) -> frozenset[str]:
    """List the functions and classes that a module defines, at whatever depth."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@lru_cache
def imports_of(path: Path) -> frozenset[str]:
    """List what a module imports, in full and by its first word."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return frozenset(found | {name.partition(".")[0] for name in found})


def modules() -> list[Path]:
    """List all our own modules but migrations."""
    paths = (path for room in ROOMS for path in (PROJECT / room).rglob("*.py"))
    return sorted(path for path in paths if "migrations" not in path.parts)


CODE = named(r"(?:[\w]+/)+\w+\.(?:py|html|js)(?::\w+)?")
TESTS = named(r"(?:\w+/)+test_\w+\.py::test_\w+")


@pytest.mark.parametrize("reference", CODE)
def test_the_code_it_names_is_there(reference):
    place, _, name = reference.partition(":")
    path = PROJECT / place
    assert path.is_file(), f"docs/security.md: no {place}"
    assert not name or name in names_in(path), f"docs/security.md: no {name} in {place}"


@pytest.mark.parametrize("reference", TESTS)
def test_the_tests_it_names_are_there(reference):
    place, _, name = reference.partition("::")
    path = PROJECT / "tests" / place
    assert path.is_file(), f"docs/security.md: no tests/{place}"
    assert name in names_in(path), f"docs/security.md: no {name} in tests/{place}"


def test_it_names_many_of_both():
    assert len(CODE) > 60 and len(TESTS) > 110


def test_every_line_of_a_table_of_points_names_a_test():
    lines = [line for line in DOCUMENT.splitlines() if re.match(r"\| \d+\.\d+\.\d+ \|", line)]
    assert len(lines) > 90
    for line in lines:
        assert "::test_" in line.split("|")[-2], line


def points_said() -> set[str]:
    said = set(re.findall(r"^\| (\d+\.\d+\.\d+) \|", DOCUMENT, re.MULTILINE))
    for paragraph in re.findall(r"^Do not apply: (.+?)\n\n", DOCUMENT, re.MULTILINE | re.DOTALL):
        for first, last in re.findall(r"(\d+\.\d+\.\d+)(?:-(\d+\.\d+\.\d+))?", paragraph):
            chapter, section, begin = first.split(".")
            end = last.rpartition(".")[2] or begin
            said |= {f"{chapter}.{section}.{number}" for number in range(int(begin), int(end) + 1)}
    return said


def test_no_point_of_the_five_chapters_is_left_out():
    wanted = {
        f"{chapter}.{section}.{point}"
        for chapter, sizes in SECTIONS.items()
        for section, size in enumerate(sizes, start=1)
        for point in range(1, size + 1)
    }
    assert points_said() == wanted


def test_the_words_of_the_document_are_those_of_the_code():
    paragraph = DOCUMENT.partition("Words that make no password")[2].partition("; and for each")[0]
    listed = paragraph.partition("`:")[2]
    assert {word.strip() for word in listed.split(",")} == set(CONTEXT_WORDS)


def test_the_inventory_names_every_module_that_uses_cryptography():
    table = DOCUMENT.partition("Where cryptography is used, whole")[2].partition("The way to")[0]
    listed = set(re.findall(r"^\| `([\w/]+\.py)` \|", table, re.MULTILINE))
    using = {
        str(path.relative_to(PROJECT)) for path in modules() if imports_of(path) & CRYPTOGRAPHY
    }
    assert listed == using, "docs/security.md, Keys and cryptography: add or take out these modules"


def test_no_broken_hash_is_used_but_where_the_document_says_so():
    using = {
        str(path.relative_to(PROJECT))
        for path in modules()
        if re.search(r"""(?<!["'])\b(?:md5|sha1|MD5|SHA1)\b""", path.read_text(encoding="utf-8"))
    }
    assert using == {
        "authorization/cards/making.py",
        "authorization/cards/ocsp.py",
        "authorization/cards/signatures.py",
        "authorization/softcards/reader.py",
    }


def test_no_guessable_number_generator_is_used_outside_the_demo():
    using = {str(path.relative_to(PROJECT)) for path in modules() if "random" in imports_of(path)}
    assert all(path.startswith("declarations/demo/") for path in using), using
