"""Writers that meet: an import that joins enterprises while a worker compares the same contents."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from authorization.joining import join_enterprises
from authorization.models import Enterprise
from catalogue.models import Outbox
from comparison import choices
from comparison.choices import set_self_selected
from comparison.marking import Cause
from comparison.models import Mark
from comparison.working import compare_contents, work_outbox
from declarations.locks import lock_declared_data
from tests.comparison.oracle import expected_entries, stored_entries
from tests.factories import customs_code, make_enterprise, make_user, valid_uscc
from tests.threads import in_thread
from tests.world import (
    SOFA,
    SOFA_OTHER_FORM,
    TABLE,
    Party,
    Row,
    audit,
    content,
    declare,
    mark_of,
)

pytestmark = pytest.mark.django_db(transaction=True)


def wait_for_a_waiting_lock() -> None:
    """Return once some transaction waits for another's lock; fails after ten seconds."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    pytest.fail("nobody waits for a lock")


def run_a_worker_against(act: Callable[[], object], texts: list) -> None:
    """Compare in one thread; begin `act` in another when all is stored but the commit."""
    errors: list[BaseException] = []
    compared, blocked = threading.Event(), threading.Event()
    ids = [content(text).pk for text in texts]

    def work() -> None:
        with transaction.atomic():
            compare_contents(ids, dict.fromkeys(ids, Cause(Outbox.Cause.FULL)))
            compared.set()
            assert blocked.wait(20)

    def other() -> None:
        assert compared.wait(20)
        act()

    threads = [in_thread(work, errors), in_thread(other, errors)]
    try:
        wait_for_a_waiting_lock()
    finally:
        blocked.set()
        for thread in threads:
            thread.join(30)
    assert errors == []


def test_joining_enterprises_and_comparing_their_contents_never_wait_for_each_other():
    agent = Party.of(make_enterprise())
    code, uscc = customs_code(), valid_uscc()
    declare(Row(1, agent, Party(code=code)), Row(2, agent, Party(uscc=uscc)))
    work_outbox()
    # One entry of the absorbed enterprise will change, and one is new.
    declare(Row(3, agent, Party(code=code)), Row(4, agent, Party(code=code), TABLE))
    absorbed = Enterprise.objects.get(customs_codes__code=code)
    staying = Enterprise.objects.get(uscc=uscc)

    def join() -> None:
        with transaction.atomic():
            lock_declared_data()
            join_enterprises([(absorbed.pk, staying.pk)])

    run_a_worker_against(join, [SOFA, TABLE])
    assert not Enterprise.objects.filter(pk=absorbed.pk).exists()
    work_outbox()
    assert stored_entries() == expected_entries()


def test_an_import_that_names_one_enterprise_and_joins_another_never_waits_for_a_worker():
    agent = Party.of(make_enterprise())
    first, second, uscc = customs_code(), customs_code(), valid_uscc()
    declare(Row(1, agent, Party(code=first)), Row(2, agent, Party(code=second)))

    def name_both() -> None:
        declare(
            Row(3, agent, Party(uscc=uscc, code=first), TABLE),
            Row(4, agent, Party(uscc=uscc, code=second), TABLE),
        )

    run_a_worker_against(name_both, [SOFA])
    assert Enterprise.objects.get(uscc=uscc).customs_codes.count() == 2
    work_outbox()
    assert stored_entries() == expected_entries()


def test_a_choice_knows_a_content_that_joined_its_group_while_it_waited(monkeypatch):
    broker, trader = make_enterprise(), make_enterprise()
    agent, own = Party.of(broker), Party.of(trader)
    user = make_user(enterprise=trader)
    declare(Row(1, agent, own))
    work_outbox()
    set_self_selected(trader, [content(SOFA).pk], True, user)
    lock, held = choices.lock_contents, []

    def worker_was_faster(content_ids):
        if not held:
            held.append(content_ids)
            audit("2026-09", Row(2, agent, own, SOFA_OTHER_FORM))
            work_outbox()
        lock(content_ids)

    monkeypatch.setattr(choices, "lock_contents", worker_was_faster)
    set_self_selected(trader, [content(SOFA).pk], False, user)
    assert mark_of(trader, SOFA) == Mark.SYSTEM_MATCHED
