"""A content whose comparison raises fails alone, is listed, and the rest goes on."""

from dataclasses import replace

import pytest
from django.db import DataError, OperationalError
from redis.exceptions import RedisError

from catalogue.editions import put_in_force, withdraw
from catalogue.models import Outbox
from comparison import failures, groups, projection, working
from comparison.models import ComparisonRun, FailedContent, LibraryEntry, Mark, PublicContent
from comparison.working import full_compare, work_outbox
from tests.catalogue.lists import store_lists
from tests.comparison.oracle import everything_stored
from tests.factories import make_enterprise
from tests.world import (
    SOFA,
    SOFA_OTHER_FACT,
    SOFA_OTHER_FORM,
    TABLE,
    Party,
    Row,
    audit,
    content,
    declare,
    mark_of,
)

pytestmark = pytest.mark.django_db

BAD = replace(SOFA, name="布沙发甲")


@pytest.fixture
def trader():
    return make_enterprise("大连虚构家居")


@pytest.fixture
def party(trader):
    return Party.of(trader)


class Poison:
    """Makes the comparison of contents raise whose text holds a word, in a step of it."""

    def __init__(self, monkeypatch) -> None:
        self.monkeypatch = monkeypatch
        self.tried: list[str] = []

    def forms(self, word: str) -> None:
        real = groups.canonical_parts

        def parts(name, g_model):
            if word in name:
                self.tried.append(name)
                raise ValueError(f"不能读：{name}")
            return real(name, g_model)

        self.monkeypatch.setattr(groups, "canonical_parts", parts)

    def projections(self, word: str) -> None:
        real = projection.project

        def project(one, *rest):
            if word in one.g_model:
                self.tried.append(one.g_model)
                raise ValueError("不能投影")
            return real(one, *rest)

        self.monkeypatch.setattr(projection, "project", project)

    def marks(self, pk: int, error: Exception) -> None:
        """Have the statement that marks raise, which does not say at which content."""
        real = working.mark_entries

        def mark(ids, causes, **more):
            if pk in ids:
                self.tried.append(str(pk))
                raise error
            return real(ids, causes, **more)

        self.monkeypatch.setattr(working, "mark_entries", mark)

    def cure(self) -> None:
        self.monkeypatch.undo()
        self.tried.clear()


@pytest.fixture
def poison(monkeypatch):
    return Poison(monkeypatch)


@pytest.mark.parametrize("act", [work_outbox, full_compare])
def test_a_content_without_a_form_fails_alone_and_is_listed(party, trader, poison, act):
    declare(Row(1, party, party), Row(2, party, party, BAD), Row(3, party, party, TABLE))
    poison.forms("甲")
    act()
    failed = FailedContent.objects.get()
    assert failed.content == content(BAD)
    assert failed.error == "ValueError: 不能读：布沙发甲"
    assert failed.tries == 1
    assert failed.run.failed_contents == 1
    assert failed.run.state == "done"
    assert mark_of(trader, SOFA) == mark_of(trader, TABLE) == Mark.UNMARKED
    assert mark_of(trader, BAD) == ""
    assert not ComparisonRun.objects.exclude(state="done").exists()


def test_it_is_not_tried_again_by_itself(party, poison):
    declare(Row(1, party, party, BAD))
    poison.forms("甲")
    work_outbox()
    full_compare()
    declare(Row(2, party, party, BAD))
    work_outbox()
    assert len(poison.tried) == 1
    assert FailedContent.objects.get().tries == 1
    assert not Outbox.objects.exists()


def test_a_retry_that_fails_counts_and_one_that_succeeds_takes_it_off_the_list(
    party, trader, poison
):
    declare(Row(1, party, party, BAD))
    poison.forms("甲")
    work_outbox()
    since = FailedContent.objects.get().first_failed_at
    assert failures.retry([content(BAD).pk]) == 1
    assert FailedContent.objects.get().waits_for_retry
    assert failures.retry([content(BAD).pk]) == 0, "it waits already"
    work_outbox()
    failed = FailedContent.objects.get()
    assert (failed.tries, failed.first_failed_at) == (2, since)
    assert failed.last_failed_at > since
    poison.cure()
    failures.retry([content(BAD).pk])
    work_outbox()
    assert not FailedContent.objects.exists()
    assert mark_of(trader, BAD) == Mark.UNMARKED


def test_it_is_tried_again_by_another_version_of_the_program(party, trader, poison, monkeypatch):
    declare(Row(1, party, party, BAD))
    poison.forms("甲")
    work_outbox()
    assert failures.retry_by_newer_code() == 0
    poison.cure()
    monkeypatch.setattr(failures, "code_version", lambda: "0123456789abcdef")
    assert failures.retry_by_newer_code() == 1
    work_outbox()
    assert mark_of(trader, BAD) == Mark.UNMARKED


def test_it_is_tried_again_when_the_catalogue_of_its_code_changes(party, poison):
    first = store_lists(2025, {"94016190": ("用途", "面料", "框架", "装软垫", "品牌")})
    second = store_lists(2026, {"94016190": ("用途", "面料", "框架", "品牌")})
    put_in_force(first)
    declare(Row(1, party, party, BAD))
    poison.forms("甲")
    work_outbox()
    put_in_force(second)
    work_outbox()
    assert FailedContent.objects.get().tries == 2
    poison.cure()
    withdraw(second)
    work_outbox()
    assert not FailedContent.objects.exists()


def test_one_that_cannot_be_projected_is_left_out_of_its_group(party, trader, poison):
    """The others of its group are compared, and nothing rests on it."""
    other = make_enterprise("沈阳虚构家具")
    declare(Row(1, Party.of(other), Party.of(other), SOFA_OTHER_FORM))
    audit("2026-09", Row(2, party, party))
    poison.projections("家居用")
    work_outbox()
    assert [failed.content for failed in FailedContent.objects.all()] == [content(SOFA)]
    assert not PublicContent.objects.visible().exists()
    assert mark_of(other, SOFA_OTHER_FORM) == Mark.UNMARKED
    before = everything_stored()
    full_compare()
    assert everything_stored() == before
    poison.cure()
    failures.retry([content(SOFA).pk])
    work_outbox()
    assert content(SOFA).is_public
    assert mark_of(other, SOFA_OTHER_FORM) == Mark.SYSTEM_MATCHED
    assert mark_of(trader, SOFA) == Mark.CONFORMING


@pytest.mark.parametrize("act", [work_outbox, full_compare])
def test_where_the_error_names_no_content_the_culprit_is_found(party, trader, poison, act):
    """Of a group, too: the others of it failed with the one that is at fault."""
    texts = [SOFA, SOFA_OTHER_FORM, SOFA_OTHER_FACT, BAD, TABLE]
    declare(*(Row(n, party, party, text) for n, text in enumerate(texts, 1)))
    poison.marks(content(SOFA).pk, DataError("数值超出范围"))
    act()
    assert [failed.content for failed in FailedContent.objects.all()] == [content(SOFA)]
    assert FailedContent.objects.get().error == "DataError: 数值超出范围"
    for text in texts[1:]:
        assert mark_of(trader, text) == Mark.UNMARKED
    assert mark_of(trader, SOFA) == ""


@pytest.mark.parametrize(
    "error", [OperationalError("连接中断"), RedisError("连接中断"), OSError("连接中断")]
)
def test_what_the_surroundings_refuse_is_no_contents_fault(party, poison, error):
    declare(Row(1, party, party))
    poison.marks(content(SOFA).pk, error)
    with pytest.raises(type(error)):
        work_outbox()
    assert not FailedContent.objects.exists()
    run = ComparisonRun.objects.get()
    assert (run.state, run.error) == ("failed", f"{type(error).__name__}: 连接中断")
    assert Outbox.objects.exists()


def test_a_lost_cache_is_not_the_fault_of_the_content_that_is_read_then(party, monkeypatch):
    def project(*args):
        raise RedisError("连接中断")

    monkeypatch.setattr(projection, "project", project)
    audit("2026-09", Row(1, party, party))
    with pytest.raises(RedisError):
        full_compare()
    assert not FailedContent.objects.exists()
    monkeypatch.undo()
    full_compare()
    assert content(SOFA).is_public


def test_a_run_at_which_too_many_fail_stops_and_says_so(party, poison, monkeypatch, settings):
    settings.COMPARISON_BATCH = 2
    monkeypatch.setattr(failures, "MOST_FAILURES", 3)
    real = poison
    texts = [replace(BAD, g_model=f"0|3|家居用{n}|布面") for n in range(9)]
    declare(*(Row(n, party, party, text) for n, text in enumerate(texts, 1)))
    real.forms("甲")
    with pytest.raises(failures.TooManyFailures):
        work_outbox()
    run = ComparisonRun.objects.get()
    assert run.state == "failed"
    assert "可能是程序或数据库的问题" in run.error
    assert run.failed_contents == FailedContent.objects.count() == 4
    assert Outbox.objects.exists()


def test_an_error_with_characters_that_no_database_takes_is_listed_all_the_same(party, monkeypatch):
    declare(Row(1, party, party))

    def key(*args):
        raise ValueError("\0\ud800")

    monkeypatch.setattr(groups, "canonical_parts", key)
    work_outbox()
    assert FailedContent.objects.get().error == "ValueError: \\udc00".replace("dc00", "d800")


def test_entries_of_a_failed_content_keep_mark_and_reason(party, trader, poison):
    declare(Row(1, party, party))
    work_outbox()
    audit("2026-09", Row(1, party, party))
    before = LibraryEntry.objects.values().get()
    assert before["mark"] == Mark.CONFORMING
    poison.marks(content(SOFA).pk, DataError("坏"))
    work_outbox()
    assert FailedContent.objects.get().content == content(SOFA)
    assert LibraryEntry.objects.values().get() == before


def test_the_programs_version_is_the_same_in_every_process():
    assert failures.code_version() == failures.code_version.__wrapped__()
    assert len(failures.code_version()) == 16
