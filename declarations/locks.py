"""Locks that keep writers of declared and audited data in turn."""

from django.db import connection, transaction

# An arbitrary number of our own; pg_locks shows it as the lock's objid.
DECLARED_DATA_LOCK = 20_190_018


def lock_declared_data() -> None:
    """Wait until no other transaction imports, releases or withdraws, until this one ends.

    Raises TransactionManagementError outside a transaction, where the lock would last no time.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("lock_declared_data needs a transaction")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [DECLARED_DATA_LOCK])
