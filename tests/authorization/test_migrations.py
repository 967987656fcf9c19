"""An installation from before the card: what an administrator had authorized is taken back."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from authorization.authenticators import Authenticator
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


def test_an_old_installation_goes_all_the_way_and_back(before):
    """One way for all: going back to the beginning and forth again takes twenty seconds."""
    enterprises = before.get_model("authorization", "Enterprise").objects
    then = timezone.now()
    old = enterprises.create(uscc=valid_uscc(), is_authorized=True, authorized_at=then)
    other = enterprises.create(uscc=valid_uscc())
    who_was_authorized_without_a_card_is_not_any_more(old, other)
    again = migrated(BEFORE).get_model("authorization", "Enterprise").objects
    assert again.get(pk=old.pk).is_authorized is False
    the_log_of_accounts_names_them_and_names_are_spelled()
    secrets_of_authenticators_are_sealed_and_unsealed_again()


def who_was_authorized_without_a_card_is_not_any_more(old, other):
    after = migrated(CARDS).get_model("authorization", "Enterprise").objects
    for pk in (old.pk, other.pk):
        row = after.get(pk=pk)
        assert (row.is_authorized, row.authorized_at, row.authorized_until) == (False, None, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        after.filter(pk=old.pk).update(is_authorized=True)


def the_log_of_accounts_names_them_and_names_are_spelled():
    apps = migrated(("authorization", "0003_accounts"))
    enterprise = apps.get_model("authorization", "Enterprise").objects.create(
        name="大连虚构有限公司", uscc=valid_uscc()
    )
    user = apps.get_model("authorization", "User").objects.create(
        username="wang", display_name="王", role="officer"
    )
    apps.get_model("authorization", "AccountEvent").objects.create(user=user, kind="disabled")
    apps = migrated(("authorization", "0006_quick_lists"))
    event = apps.get_model("authorization", "ChangeEvent").objects.get()
    assert (event.of, event.number, event.subject) == ("account", user.pk, "王（wang）")
    row = apps.get_model("authorization", "Enterprise").objects.get(pk=enterprise.pk)
    assert row.name_spelled.startswith("|dalianxugou")


def secrets_of_authenticators_are_sealed_and_unsealed_again():
    apps = migrated(("authorization", "0006_quick_lists"))
    user = apps.get_model("authorization", "User").objects.create(
        username="admin", display_name="管", role="administrator"
    )
    TOTPDevice.objects.create(user_id=user.pk, name="authenticator", key="ab" * 20)
    migrated(("authorization", "0007_authenticators"))
    device = Authenticator.objects.get()
    assert device.key != "ab" * 20 and device.bin_key == bytes.fromhex("ab" * 20)
    migrated(("authorization", "0006_quick_lists"))
    assert TOTPDevice.objects.get().key == "ab" * 20
