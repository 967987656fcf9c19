"""Rows that many tests read, stored once for a module instead of once for each of its tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django import DjangoDbBlocker


@contextmanager
def rows_of_a_module(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Keep what the block stores until it ends, as `TestCase.setUpTestData` does for a class.

    For a fixture of module scope that also asks for `django_db_setup`. Each test's own transaction
    becomes a savepoint inside, so what a test changes is undone after it; not for modules whose
    tests commit (live server, worker). The database's now() stands still for the module.
    """
    with blocker.unblock():
        outer = transaction.atomic()
        # Django's own word for it: code that must not run inside a transaction may run in this one.
        outer._from_testcase = True  # type: ignore[attr-defined]
        with outer:
            yield
            transaction.set_rollback(True)
