"""Runs of the comparison: pieces, going on after an interruption, cancelling, retrying, looking."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, OperationalError, transaction

from catalogue.models import Outbox
from comparison import pieces, runs, tasks, working
from comparison.models import ComparisonRun, LibraryEntry, Mark, RunPiece
from comparison.runs import RunFailed, RunRefused
from comparison.working import full_compare, work_chapter, work_outbox
from tests.comparison.oracle import everything_stored, expected_entries, stored_entries
from tests.factories import make_enterprise, make_user
from tests.world import SOFA, TABLE, Party, Row, Text, audit, content, declare, mark_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def trader():
    return make_enterprise("大连虚构家居")


@pytest.fixture
def party(trader):
    return Party.of(trader)


def many(party, count=12, codes=("8481804010", "8481804090", "8482102000", "9401619000")):
    """Contents of a few codes: two of one eight-digit code, three in one chapter."""
    return [
        Row(n, party, party, Text(codes[n % len(codes)], "阀门", f"0|3|用途{n}|无品牌"))
        for n in range(1, count + 1)
    ]


class Interrupted(BaseException):
    """As a SIGKILL would: nothing of ours is done about it."""


def interrupt_after(monkeypatch, batches: int) -> None:
    real, done = working.mark_entries, []

    def mark(*args, **more):
        if len(done) == batches:
            raise Interrupted
        done.append(1)
        return real(*args, **more)

    monkeypatch.setattr(working, "mark_entries", mark)


class TestPieces:
    def test_they_cover_every_code_once_and_cut_none(self, party, settings):
        settings.COMPARISON_PIECE = 4
        declare(*many(party))
        full_compare()
        found = list(RunPiece.objects.order_by("number"))
        assert [(p.first_code, p.last_code, p.contents_total) for p in found] == [
            ("84818040", "84818040", 6),
            ("84821020", "84821020", 3),
            ("94016190", "94016190", 3),
        ]
        assert {p.state for p in found} == {"done"}
        run = ComparisonRun.objects.get()
        assert (run.contents_done, run.contents_total, run.entries) == (12, 12, 12)

    def test_small_codes_share_a_piece_of_their_chapter(self, party):
        declare(*many(party))
        full_compare()
        assert list(RunPiece.objects.values_list("first_code", "last_code")) == [
            ("84818040", "84821020"),
            ("94016190", "94016190"),
        ]

    def test_a_run_without_any_content_is_done_at_once(self, db):
        assert full_compare() == {"entries": 0, "stored": 0, "gone": 0, "changed": 0}
        assert ComparisonRun.objects.get().state == "done"

    def test_an_interrupted_piece_goes_on_where_it_was(self, party, settings, monkeypatch):
        settings.COMPARISON_BATCH = 2
        declare(*many(party))
        Outbox.objects.all().delete()
        interrupt_after(monkeypatch, 2)
        with pytest.raises(Interrupted):
            full_compare()
        run = ComparisonRun.objects.get()
        piece = run.pieces.get(number=1)
        assert (run.state, run.contents_done) == ("running", 4)
        assert (piece.state, piece.contents_done, LibraryEntry.objects.count()) == (
            "running", 4, 4,
        )  # fmt: skip
        monkeypatch.undo()
        counts = full_compare()
        assert counts == {"entries": 12, "stored": 12, "gone": 0, "changed": 0}
        assert ComparisonRun.objects.get().interruptions == 1
        piece.refresh_from_db()
        assert (piece.state, piece.contents_done, piece.taken) == ("done", 9, 2)
        assert stored_entries() == expected_entries()

    def test_one_whose_place_another_worker_moved_stores_nothing(self, party, settings):
        settings.COMPARISON_BATCH = 2
        declare(*many(party))
        real = working.compare_soundly

        def compare(ids, causes):
            RunPiece.objects.filter(number=1).update(after_code="84818040", after_key=b"\x01")
            return real(ids, causes)

        run = runs.begin_full_run()
        with transaction.atomic():
            assert pieces._planned(run)
            piece = run.pieces.get(number=1)
            with pytest.raises(runs.RunStopped):
                pieces._work_piece(run, piece, compare, None)
        assert not LibraryEntry.objects.exists()

    def test_one_that_raises_again_and_again_waits_for_somebody(self, party, monkeypatch):
        declare(*many(party))

        def refuse(*args, **more):
            raise OperationalError("磁盘已满")

        monkeypatch.setattr(working, "mark_entries", refuse)
        run = runs.begin_full_run()
        for _ in range(2 * pieces.MOST_ERRORS):
            with pytest.raises(OperationalError):
                pieces.work_run(run.pk, working.compare_soundly)
        pieces.work_run(run.pk, working.compare_soundly)
        run.refresh_from_db()
        assert run.state == "failed"
        assert run.error == "2 个分片多次出错：OperationalError: 磁盘已满"
        monkeypatch.undo()
        runs.retry(run.pk, None)
        full_compare()
        run.refresh_from_db()
        assert (run.state, run.error) == ("done", "")
        assert stored_entries() == expected_entries()

    def test_after_a_while_it_lets_others_have_their_turn(self, party, settings):
        settings.COMPARISON_PIECE = 1
        declare(*many(party))
        run = runs.begin_full_run()
        assert pieces.work_run(run.pk, working.compare_soundly, seconds=0)
        assert run.pieces.filter(state="done").count() == 1
        assert not pieces.work_run(run.pk, working.compare_soundly, seconds=60)
        run.refresh_from_db()
        assert run.state == "done"

    def test_outbox_rows_of_the_compared_contents_are_worked_off_and_no_others(
        self, party, monkeypatch
    ):
        declare(Row(1, party, party), Row(2, party, party, TABLE))
        real = working.mark_entries

        def meanwhile(ids, causes, **more):
            if content(SOFA).pk in ids:
                Outbox.objects.create(
                    chapter="94", content_id=content(SOFA).pk, cause=Outbox.Cause.CHOICE
                )
            return real(ids, causes, **more)

        monkeypatch.setattr(working, "mark_entries", meanwhile)
        full_compare()
        assert list(Outbox.objects.values_list("cause", flat=True)) == ["choice"]


class TestOneAtATime:
    def test_a_second_full_run_is_refused_while_one_is_at_work(self, db):
        run = runs.begin_full_run()
        with pytest.raises(RunRefused, match=f"全部比对运行 {run.pk} 等待"):
            runs.begin_full_run()

    def test_the_database_itself_takes_no_second_one(self, db):
        ComparisonRun.objects.create(scope="increment", chapter="84")
        with pytest.raises(IntegrityError), transaction.atomic():
            ComparisonRun.objects.create(scope="increment", chapter="84")
        ComparisonRun.objects.create(scope="increment", chapter="85")
        ComparisonRun.objects.create(scope="increment", chapter="84", state="failed")

    def test_a_command_helps_the_run_that_is_at_work(self, party):
        declare(*many(party))
        run = runs.begin_full_run()
        full_compare()
        assert ComparisonRun.objects.get() == run


class TestIncrements:
    def test_an_interrupted_one_goes_on_in_the_same_record(self, party, settings, monkeypatch):
        settings.COMPARISON_BATCH = 3
        declare(*many(party))
        interrupt_after(monkeypatch, 2)
        with pytest.raises(Interrupted):
            work_chapter("84")
        run = ComparisonRun.objects.get()
        assert (run.state, run.contents_done) == ("running", 6)
        monkeypatch.undo()
        work_chapter("84")
        run = ComparisonRun.objects.get()
        assert (run.state, run.contents_done, run.interruptions) == ("done", 9, 1)

    def test_one_that_was_interrupted_before_its_end_is_ended(self, party):
        run = ComparisonRun.objects.create(scope="increment", chapter="84", contents_done=3)
        assert runs.workable_chapters() == ["84"]
        work_outbox()
        run.refresh_from_db()
        assert (run.state, run.interruptions) == ("done", 1)
        assert runs.workable_chapters() == []

    def test_a_cancelled_one_holds_its_chapter_until_it_is_retried(
        self, party, trader, settings, monkeypatch
    ):
        settings.COMPARISON_BATCH = 3
        officer = make_user("officer")
        declare(*many(party))
        real = working.mark_entries

        def cancelled_meanwhile(*args, **more):
            active = ComparisonRun.objects.filter(chapter="84", state="running")
            for run in active:
                runs.cancel(run.pk, officer)
            return real(*args, **more)

        monkeypatch.setattr(working, "mark_entries", cancelled_meanwhile)
        work_outbox()
        monkeypatch.undo()
        run = ComparisonRun.objects.get(chapter="84")
        assert (run.state, run.contents_done, run.cancelled_by) == ("cancelled", 3, officer)
        assert runs.held_back_chapters() == ["84"]
        assert Outbox.objects.filter(chapter="84").count() == 6
        declare(Row(40, party, party, Text("8481804010", "阀门", "0|3|新")))
        work_outbox()
        assert mark_of(trader, Text("8481804010", "阀门", "0|3|新")) == ""
        runs.retry(run.pk, officer)
        assert runs.held_back_chapters() == []
        work_outbox()
        run.refresh_from_db()
        assert (run.state, run.contents_done) == ("done", 10)
        assert stored_entries() == expected_entries()


class TestCancelAndRetry:
    def test_a_cancelled_full_run_stops_after_its_batch_and_a_retry_does_the_rest(
        self, party, settings, monkeypatch
    ):
        settings.COMPARISON_BATCH = 2
        declare(*many(party))
        work_outbox()
        before = everything_stored()
        real = working.mark_entries
        compared = []

        def cancelled_meanwhile(ids, *args, **more):
            compared.append(len(ids))
            active = runs.active_full_run()
            if active is not None:
                runs.cancel(active.pk, None)
            return real(ids, *args, **more)

        monkeypatch.setattr(working, "mark_entries", cancelled_meanwhile)
        with pytest.raises(RunFailed, match="已取消"):
            full_compare()
        monkeypatch.undo()
        assert compared == [2]
        run = ComparisonRun.objects.get(scope="full")
        assert (run.state, run.contents_done) == ("cancelled", 2)
        assert full_compare()["entries"] == 12, "a cancelled run is in nobody's way"
        runs.retry(run.pk, None)
        run.refresh_from_db()
        assert run.state == "waiting"
        full_compare()
        run.refresh_from_db()
        assert (run.state, run.contents_done) == ("done", 12)
        assert everything_stored() == before

    def test_one_that_ended_can_be_neither_cancelled_nor_retried(self, db):
        run = ComparisonRun.objects.create(scope="full", state="done")
        with pytest.raises(RunRefused, match="已经结束，不能取消"):
            runs.cancel(run.pk, None)
        with pytest.raises(RunRefused, match="只有失败或已取消的运行可以重试"):
            runs.retry(run.pk, None)

    def test_one_is_not_retried_beside_another_of_the_same_scope(self, db):
        failed = ComparisonRun.objects.create(scope="full", state="failed")
        runs.begin_full_run()
        with pytest.raises(RunRefused, match="同一范围一次只能有一个运行"):
            runs.retry(failed.pk, None)

    def test_a_failed_increment_is_taken_up_again(self, party, trader, monkeypatch):
        declare(Row(1, party, party))

        def refuse(*args, **more):
            raise OperationalError("磁盘已满")

        monkeypatch.setattr(working, "mark_entries", refuse)
        with pytest.raises(OperationalError):
            work_outbox()
        monkeypatch.undo()
        run = ComparisonRun.objects.get()
        assert run.state == "failed"
        runs.retry(run.pk, None)
        work_outbox()
        run.refresh_from_db()
        assert (run.state, run.error, run.contents_done) == ("done", "", 1)
        assert mark_of(trader, SOFA) == Mark.UNMARKED


class TestLooking:
    """What beat's look sends again, whatever the queue lost."""

    @pytest.fixture
    def sent(self, monkeypatch):
        sent = []
        for name in ("work_chapter", "work_run"):
            monkeypatch.setattr(
                getattr(tasks, name),
                "apply_async",
                lambda args, name=name, expires=None: sent.append((name, *args)),
            )
        return sent

    def test_a_task_for_each_chapter_that_waits(self, party, sent):
        declare(*many(party))
        tasks.work_outbox()
        assert sent == [("work_chapter", "84"), ("work_chapter", "94")]

    def test_a_task_for_each_piece_that_nobody_has(self, party, sent, settings):
        settings.COMPARISON_PIECE = 1
        run = runs.begin_full_run()
        tasks.work_outbox()
        assert sent == [("work_run", run.pk)], "one to plan it"
        declare(*many(party))
        pieces._planned(run)
        Outbox.objects.all().delete()
        sent.clear()
        tasks.work_outbox()
        assert sent == [("work_run", run.pk)] * 3

    def test_a_run_that_lacks_only_its_end_gets_it(self, party, sent):
        declare(*many(party))
        run = runs.begin_full_run()
        pieces._planned(run)
        RunPiece.objects.update(state="done")
        Outbox.objects.all().delete()
        tasks.work_outbox()
        assert sent == [("work_run", run.pk)]
        tasks.work_run(run.pk)
        run.refresh_from_db()
        assert run.state == "done"

    def test_none_for_a_run_that_was_cancelled(self, party, sent):
        run = runs.begin_full_run()
        runs.cancel(run.pk, None)
        tasks.work_outbox()
        assert sent == []
        tasks.work_run(run.pk)
        assert not RunPiece.objects.exists()

    def test_a_task_whose_time_is_over_asks_for_another(self, party, sent, settings):
        settings.COMPARISON_PIECE, settings.COMPARISON_TURN_SECONDS = 1, 0
        declare(*many(party))
        run = runs.begin_full_run()
        tasks.work_run(run.pk)
        assert sent == [("work_run", run.pk)]


class TestCommand:
    def counts(self, capsys):
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    def test_a_full_run_prints_its_counts(self, party, capsys):
        other = Party.of(make_enterprise("沈阳虚构家具"))
        declare(Row(2, other, other))
        audit("2026-09", Row(1, party, party))
        call_command("compare", "--full")
        said = self.counts(capsys)
        # The release has marked its own entry.
        assert {k: said[k] for k in ("entries", "stored", "gone", "changed", "full")} == {
            "entries": 2, "stored": 1, "gone": 0, "changed": 1, "full": True,
        }  # fmt: skip
        assert said["seconds"] >= 0

    def test_workers_and_queue_belong_to_a_full_run(self, db):
        with pytest.raises(CommandError, match="只能与 --full 同用"):
            call_command("compare", "--queue")

    @pytest.mark.parametrize("text", ["0", "65", "x"])
    def test_a_number_of_workers_that_makes_no_sense_is_refused(self, text):
        with pytest.raises(CommandError, match="应为 1 到 64 的整数"):
            call_command("compare", "--full", "--workers", text)

    def test_it_says_that_a_cancelled_chapter_waits(self, party, capsys):
        declare(Row(1, party, party, declared_on=date(2026, 8, 3)))
        ComparisonRun.objects.create(scope="increment", chapter="94", state="cancelled")
        call_command("compare")
        shown = capsys.readouterr()
        assert "第 94 章的比对已取消" in shown.err
        assert '"entries": 0' in shown.out
