"""What all tests share. Rows come from tests/factories.py, never from fixture files."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test.utils import override_settings
from hypothesis import settings as hypothesis_settings
from whitenoise.middleware import WhiteNoiseMiddleware

from tests.cards import card_settings

# A loaded machine is slow now and then; how fast a thing is, benchmarks measure.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")

# Rows of a table that are sooner thrown away with its file than deleted.
MANY = 1000
LEDGER = ("authorization_ledgerentry", "authorization_ledgerenterprise")


@pytest.fixture(scope="session", autouse=True)
def fast_password_hasher():
    """Hash passwords by one cheap round: hundreds of tests make users."""
    with override_settings(
        PASSWORD_HASHERS=[
            "django.contrib.auth.hashers.MD5PasswordHasher",
            "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        ]
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_root():
    """Have the folder that WhiteNoise warns about when it is missing."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session", autouse=True)
def static_files_looked_for_once():
    """Let all handlers of a process share what WhiteNoise finds at its start.

    A server looks for its hundreds of static files once, but each test client is a server of its
    own: that took as long as everything that the tests ask of them.
    """
    look = WhiteNoiseMiddleware.add_files_from_finders
    found = {}

    def add_files(middleware):
        where = (middleware.static_prefix, middleware.max_age, tuple(settings.STATICFILES_DIRS))
        if where not in found:
            look(middleware)
            found[where] = dict(middleware.files)
        middleware.files.update(found[where])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files)
        yield


@pytest.fixture(scope="session", autouse=True)
def only_what_holds_rows_is_emptied():
    """Empty the few tables that a test committed to, not all of them.

    TRUNCATE makes a new file for every table and every index: of all, ten times what a test's few
    rows need. Deleting is the same to the next test, since keys are not restarted either.
    """
    truncate_all = DatabaseOperations.sql_flush

    def sql_flush(operations, style, tables, *, reset_sequences=False, allow_cascade=False):
        counted = " UNION ALL ".join(
            f"SELECT '{table}', count(*) FROM (SELECT FROM \"{table}\" LIMIT {MANY}) _"
            for table in tables
        )
        with operations.connection.cursor() as cursor:
            cursor.execute(counted)
            rows = {table: count for table, count in cursor if count}
        # What PostgreSQL refuses to delete, a test's rows are deleted of all the same.
        # TRUNCATE is refused of an empty table as well.
        truncates = reset_sequences or MANY in rows.values()
        of_ledger = [
            table for table in LEDGER if rows.get(table) or (truncates and table in tables)
        ]
        before = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in of_ledger]
        after = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in of_ledger]
        if of_ledger:
            after.insert(0, "SET CONSTRAINTS ALL IMMEDIATE")
        if truncates:
            emptied = truncate_all(
                operations,
                style,
                tables,
                reset_sequences=reset_sequences,
                allow_cascade=allow_cascade,
            )
        else:
            # In one transaction, at whose end foreign keys are looked at.
            emptied = [f'DELETE FROM "{table}"' for table in rows]
        return [*before, *emptied, *after]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(scope="session", autouse=True)
def card_files(tmp_path_factory):
    """Have the portal believe the cards of tests/cards.py, which are made when first needed."""
    with override_settings(**card_settings(tmp_path_factory.mktemp("cards"))):
        yield
