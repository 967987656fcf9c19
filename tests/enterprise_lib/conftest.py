"""The library that tests of the pages look at."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytest_django import DjangoDbBlocker

from authorization.models import Enterprise, User
from tests.enterprise_lib.library import Library, make_library
from tests.factories import client_for
from tests.shared_rows import rows_of_a_module


@pytest.fixture(scope="module")
def stored_library(django_db_setup, django_db_blocker: DjangoDbBlocker) -> Iterator[Library]:
    """Store the library once for a module: importing and comparing it takes most of a second."""
    with rows_of_a_module(django_db_blocker):
        yield make_library()


@pytest.fixture
def library(stored_library: Library, db) -> Library:
    """The library with objects and a login of this test's own."""
    enterprises = (stored_library.broker, stored_library.trader, stored_library.other)
    broker, trader, other = (Enterprise.objects.get(pk=one.pk) for one in enterprises)
    user = User.objects.get(pk=stored_library.user.pk)
    return replace(
        stored_library,
        broker=broker,
        trader=trader,
        other=other,
        user=user,
        client=client_for(user),
        rows=dict(stored_library.rows),
    )
