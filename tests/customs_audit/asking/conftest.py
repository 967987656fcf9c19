"""The world that the queries' tests ask about, stored once for a module."""

import pytest

from authorization.models import Role
from tests.customs_audit.asking.asked_world import World, make_world
from tests.factories import client_for, make_user
from tests.shared_rows import rows_of_a_module


@pytest.fixture(scope="module")
def stored_world(django_db_setup, django_db_blocker):
    with rows_of_a_module(django_db_blocker):
        yield make_world(make_user(Role.OFFICER, display_name="李关员"))


@pytest.fixture
def world(stored_world: World, db) -> World:
    return stored_world


@pytest.fixture
def client(world):
    return client_for(world.officer)
