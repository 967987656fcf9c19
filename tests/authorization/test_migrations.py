"""An installation from before the card: what an administrator had authorized is taken back."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests.factories import valid_uscc

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE, CARDS = ("authorization", "0001_initial"), ("authorization", "0002_cards")


def migrated(target):
    executor = MigrationExecutor(connection)
    executor.migrate([target])
    return MigrationExecutor(connection).loader.project_state([target]).apps


@pytest.fixture
def before():
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield migrated(BEFORE)
    MigrationExecutor(connection).migrate(newest)


def test_who_was_authorized_without_a_card_is_not_any_more(before):
    enterprises = before.get_model("authorization", "Enterprise").objects
    then = timezone.now()
    old = enterprises.create(uscc=valid_uscc(), is_authorized=True, authorized_at=then)
    other = enterprises.create(uscc=valid_uscc())
    after = migrated(CARDS).get_model("authorization", "Enterprise").objects
    for pk in (old.pk, other.pk):
        row = after.get(pk=pk)
        assert (row.is_authorized, row.authorized_at, row.authorized_until) == (False, None, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        after.filter(pk=old.pk).update(is_authorized=True)


def test_it_goes_back_and_forth(before):
    enterprises = before.get_model("authorization", "Enterprise").objects
    row = enterprises.create(uscc=valid_uscc(), is_authorized=True)
    migrated(CARDS)
    again = migrated(BEFORE).get_model("authorization", "Enterprise").objects
    assert again.get(pk=row.pk).is_authorized is False
