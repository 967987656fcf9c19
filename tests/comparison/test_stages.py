"""What the stages of a run spend: adding up, and standing in the records."""

import time

import pytest
from django.db import connection

from comparison import runs
from comparison.models import ComparisonRun, RunPiece
from comparison.stages import STAGES, Stage, added, since, timed
from comparison.working import full_compare, work_outbox
from tests.factories import make_enterprise
from tests.world import SOFA, TABLE, Party, Row, audit, declare


@timed(Stage.MARKS)
def outer():
    time.sleep(0.02)
    inner()


@timed(Stage.NEAR)
def inner():
    time.sleep(0.05)


class TestClocks:
    def test_a_stage_that_another_calls_stops_that_ones_clock(self):
        before = STAGES.spent()
        began = time.perf_counter()
        outer()
        passed = time.perf_counter() - began
        spent = since(before)
        assert spent["near"]["seconds"] >= 0.049
        assert 0.019 <= spent["marks"]["seconds"] < 0.05
        assert sum(done["seconds"] for done in spent.values()) == pytest.approx(passed, abs=0.005)

    def test_a_stage_at_work_is_counted_until_now(self):
        before = STAGES.spent()
        with STAGES.running(Stage.FORMS):
            time.sleep(0.02)
            assert since(before)["forms"]["seconds"] >= 0.019

    def test_an_error_leaves_no_clock_running(self):
        before = STAGES.spent()
        with pytest.raises(ZeroDivisionError), STAGES.running(Stage.PUBLIC):
            raise ZeroDivisionError
        time.sleep(0.02)
        assert since(before)["public"]["seconds"] < 0.01

    def test_adding_keeps_every_stage_and_count(self):
        one = {"marks": {"seconds": 1.5}, "near": {"seconds": 1, "pairs": 10}}
        other = {"near": {"pairs": 5, "entries": 2}, "flags": {"seconds": 0.25}}
        assert added(one, other) == {
            "flags": {"seconds": 0.25},
            "marks": {"seconds": 1.5},
            "near": {"entries": 2, "pairs": 15, "seconds": 1},
        }


@pytest.mark.django_db
class TestRecords:
    @pytest.fixture
    def party(self):
        return Party.of(make_enterprise())

    def test_a_full_run_keeps_what_it_spent_and_on_what(self, party):
        declare(Row(1, party, party, SOFA), Row(2, party, party, TABLE))
        audit("2026-09", Row(1, party, party, SOFA))
        full_compare()
        spent = runs.spent_by(ComparisonRun.objects.get())
        assert {
            "flags",
            "forms",
            "public",
            "projections",
            "marks",
            "near",
            "reasons",
            "rest",
        } <= set(spent)
        for piece in RunPiece.objects.all():
            total = sum(done.get("seconds", 0) for done in piece.stages.values())
            assert total == pytest.approx(piece.seconds, abs=0.02), "no time is left out"

    def test_an_increment_keeps_what_it_spent(self, party):
        declare(Row(1, party, party, SOFA))
        work_outbox()
        run = ComparisonRun.objects.get()
        assert run.state == "done" and run.stages["marks"]["seconds"] > 0
        assert run.stages["reasons"]["entries"] == 1

    def test_an_administrator_reads_it(self, party):
        from authorization.models import Role
        from tests.factories import client_for, make_user

        declare(Row(1, party, party, SOFA))
        full_compare()
        run = ComparisonRun.objects.get()
        client = client_for(make_user(Role.ADMINISTRATOR))
        page = client.get(f"/admin/comparison/comparisonrun/{run.pk}/change/").content.decode()
        assert "各阶段用时" in page and "标记与条目：" in page and "seconds" not in page

    def test_the_database_itself_knows_the_default(self, party):
        with connection.cursor() as cursor:  # as a worker of the program before writes it
            cursor.execute(
                "INSERT INTO comparison_comparisonrun (scope, chapter, state, contents_total,"
                " contents_done, entries, stored, gone, marks_changed, failed_contents,"
                " interruptions, started_at, error)"
                " VALUES ('full', '', 'done', 0, 0, 0, 0, 0, 0, 0, 0, now(), '')"
            )
        assert runs.spent_by(ComparisonRun.objects.get()) == {}
