"""Many who write the ledger at the same moment make one chain."""

from threading import Thread

import pytest
from django.db import connection

from authorization import ledger_heads, ledger_proof
from authorization.events import By
from authorization.ledger import note_read
from authorization.models import Role
from tests.factories import make_enterprise, make_user


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_chain(settings, tmp_path):
    settings.LEDGER_HEADS = str(tmp_path)
    officer, enterprise = make_user(Role.OFFICER), make_enterprise(authorized=False)

    def work():
        try:
            for _ in range(10):
                note_read(By(officer), what="查询", enterprises=[enterprise.pk])
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    head = ledger_heads.kept_head()
    found = ledger_proof.check(settings.CARD_SEALING_KEYS, head)
    assert (found.entries, found.broken, found.unguarded) == (60, [], [])
    assert head == found.head and head.number == 60
