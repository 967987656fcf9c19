"""The comparison in real Celery workers, and what a killed one leaves."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.management import call_command

from catalogue.models import Outbox
from comparison.models import ComparisonRun, Mark, MarkHistory, PublicContent
from comparison.outbox import waiting_chapters
from comparison.working import full_compare
from tests.comparison.nearest_oracle import nearest_stored
from tests.comparison.oracle import everything_stored
from tests.factories import make_enterprise
from tests.worker import kill, running_worker, start_worker, wait_until
from tests.world import SOFA, Party, Row, Text, audit, declare, mark_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]


def many_rows(count: int) -> Iterator[Row]:
    """Lines of several chapters; each content twice, once in another form."""
    agent = Party.of(make_enterprise("大连虚构报关行", broker=True))
    traders = [Party.of(make_enterprise(f"大连虚构{n}号")) for n in range(3)]
    for number in range(1, count + 1):
        kind = number // 4
        brand = "无品牌" if number % 2 else "无牌"
        text = Text(f"{84 + kind % 5}81800000", "阀门", f"0|3|用途{kind}|钢铁|{brand}|型号{kind}")
        day = date(2026, 1, 1) + timedelta(days=number % 200)
        yield Row(number, agent, traders[number % 3], text, day)


def test_an_import_is_compared_by_the_worker_without_being_asked(tmp_path):
    enterprise = make_enterprise("大连虚构家居")
    party = Party.of(enterprise)
    with running_worker(tmp_path):
        declare(Row(1, party, party))
        audit("2026-09", Row(1, party, party))
        wait_until(
            lambda: PublicContent.objects.visible().exists() and not Outbox.objects.exists(),
            60,
            "the comparison",
            tmp_path,
        )
    assert mark_of(enterprise, SOFA) == Mark.CONFORMING


@pytest.mark.slow
def test_workers_killed_in_the_middle_leave_nothing_half_done_and_nothing_doubled(tmp_path):
    rows = list(many_rows(1_200))
    declare(*rows)
    audit("2026-09", *rows[::7])
    small_batches = {"COMPARISON_BATCH": "25"}
    for kills in range(3):
        before = Outbox.objects.count()
        worker = start_worker(tmp_path, **small_batches)
        wait_until(lambda before=before: Outbox.objects.count() < before, 60, "some work", tmp_path)
        kill(worker)
        assert Outbox.objects.exists(), f"all was done before kill {kills + 1}: too few rows"
    with running_worker(tmp_path, **small_batches):
        wait_until(
            lambda: (
                not waiting_chapters()
                and not ComparisonRun.objects.filter(state="running").exists()
            ),
            120,
            "the rest",
            tmp_path,
        )
    marks = everything_stored(), nearest_stored()
    history = MarkHistory.objects.count()
    assert history == MarkHistory.objects.values("enterprise", "content").distinct().count()
    full_compare()
    assert (everything_stored(), nearest_stored()) == marks
    assert MarkHistory.objects.count() == history


def test_the_compare_command_ends_with_one_line_of_json(capsys):
    party = Party.of(make_enterprise("大连虚构家居"))
    declare(Row(1, party, party))
    call_command("compare")
    assert '"entries": 1' in capsys.readouterr().out.splitlines()[-1]
