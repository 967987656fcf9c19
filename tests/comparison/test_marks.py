"""The cases of the design's data, marks and publication sections, each by the real importers."""

import pytest

from authorization.models import Enterprise
from comparison.choices import ChoiceRefused, set_publication, set_self_selected
from comparison.models import ComparisonRun, LibraryEntry, Mark, MarkHistory, Publication
from comparison.reasons import explain
from comparison.working import full_compare, waiting_chapters, work_outbox
from declarations.models import DeclaredLine
from declarations.releases import CannotWithdraw, withdraw
from tests.comparison.oracle import everything_stored, expected_entries, stored_entries
from tests.factories import customs_code, make_enterprise, make_user, valid_uscc
from tests.shipped import load_shipped_headings
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
    line,
    mark_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker() -> Enterprise:
    return make_enterprise("大连虚构报关行", broker=True)


@pytest.fixture
def trader() -> Enterprise:
    return make_enterprise("大连虚构家居")


@pytest.fixture
def other() -> Enterprise:
    return make_enterprise("沈阳虚构家具")


def row(number: int, agent: Enterprise, trader: Enterprise, text=SOFA, **fields) -> Row:
    return Row(number, Party.of(agent), Party.of(trader), text, **fields)


def settle() -> None:
    """Work the outbox off, then hold the result against the oracle and a full run."""
    work_outbox()
    assert stored_entries() == expected_entries()
    before = everything_stored()
    full_compare()
    assert everything_stored() == before


def test_a_verdict_marks_the_content_for_broker_and_trader_alike(broker, trader):
    declare(row(1, broker, trader), row(2, broker, trader), row(3, broker, trader, TABLE))
    audit("2026-09", row(1, broker, trader))
    settle()
    for enterprise in (broker, trader):
        assert mark_of(enterprise, SOFA) == Mark.CONFORMING
        assert mark_of(enterprise, TABLE) == Mark.UNMARKED
    assert LibraryEntry.objects.get(enterprise=broker, content=content(SOFA)).row_count == 2


def test_an_enterprise_that_is_both_agent_and_trader_counts_each_line_once(trader):
    declare(row(1, trader, trader), row(2, trader, trader))
    settle()
    assert LibraryEntry.objects.get(enterprise=trader).row_count == 2


def test_a_line_corrected_after_its_audit_keeps_the_audited_text_as_a_row_of_its_own(
    broker, trader
):
    declare(row(1, broker, trader))
    audit("2026-09", row(1, broker, trader, conforming=False))
    declare(row(1, broker, trader, SOFA_OTHER_FACT))
    settle()
    assert mark_of(trader, SOFA) == Mark.NONCONFORMING
    assert mark_of(trader, SOFA_OTHER_FACT) == Mark.UNMARKED
    assert line(row(1, broker, trader)).content == content(SOFA_OTHER_FACT)
    assert line(row(1, broker, trader)).history.count() == 1


def test_an_audited_text_that_differs_never_changes_the_declared_line(broker, trader):
    declare(row(1, broker, trader))
    audit("2026-09", row(1, broker, trader, SOFA_OTHER_FACT))
    settle()
    assert line(row(1, broker, trader)).content == content(SOFA)
    assert mark_of(trader, SOFA) == Mark.UNMARKED
    assert mark_of(trader, SOFA_OTHER_FACT) == Mark.CONFORMING


def test_the_same_content_conforming_at_one_and_nonconforming_at_another(broker, trader, other):
    declare(row(1, broker, trader), row(2, other, other))
    audit("2026-09", row(1, broker, trader), row(2, other, other, conforming=False))
    settle()
    assert mark_of(trader, SOFA) == Mark.CONFORMING
    assert mark_of(other, SOFA) == Mark.NONCONFORMING
    assert not content(SOFA).is_public  # its newest month holds a 不规范


def test_lines_that_disagree_inside_a_month_are_nonconforming_with_the_conflict_flag(
    broker, trader
):
    declare(row(1, broker, trader), row(2, broker, trader))
    audit("2026-09", row(1, broker, trader), row(2, broker, trader, conforming=False))
    settle()
    entry = LibraryEntry.objects.get(enterprise=trader)
    assert (entry.mark, entry.has_conflict) == (Mark.NONCONFORMING, True)


def test_a_newer_month_decides(broker, trader):
    declare(row(1, broker, trader), row(2, broker, trader))
    audit("2026-10", row(2, broker, trader))
    audit("2026-09", row(1, broker, trader, conforming=False))
    settle()
    assert mark_of(trader, SOFA) == Mark.CONFORMING


def test_of_two_releases_in_one_month_the_later_decides_for_a_line(broker, trader):
    declare(row(1, broker, trader))
    audit("2026-09", row(1, broker, trader, conforming=False))
    second = audit("2026-09", row(1, broker, trader))
    settle()
    assert mark_of(trader, SOFA) == Mark.CONFORMING
    withdraw(second, "数据有误")
    settle()
    assert mark_of(trader, SOFA) == Mark.NONCONFORMING


def test_of_two_releases_in_one_month_the_later_counts_whatever_text_it_names(broker, trader):
    declare(row(1, broker, trader))
    audit("2026-09", row(1, broker, trader, conforming=False))
    audit("2026-09", row(1, broker, trader, SOFA_OTHER_FACT))
    settle()
    assert mark_of(trader, SOFA) == Mark.UNMARKED
    assert mark_of(trader, SOFA_OTHER_FACT) == Mark.CONFORMING


def test_verdicts_of_two_months_on_two_texts_of_a_line_are_both_effective(broker, trader):
    declare(row(1, broker, trader))
    audit("2026-08", row(1, broker, trader, conforming=False))
    audit("2026-09", row(1, broker, trader, SOFA_OTHER_FACT))
    settle()
    assert mark_of(trader, SOFA) == Mark.NONCONFORMING
    assert mark_of(trader, SOFA_OTHER_FACT) == Mark.CONFORMING


def test_another_form_of_ones_own_conforming_content_is_system_matched(broker, trader):
    declare(row(1, broker, trader), row(2, broker, trader, SOFA_OTHER_FORM))
    audit("2026-09", row(1, broker, trader))
    settle()
    entry = LibraryEntry.objects.get(enterprise=trader, content=content(SOFA_OTHER_FORM))
    assert (entry.mark, entry.match_source) == (Mark.SYSTEM_MATCHED, "own")
    assert entry.matched_content == content(SOFA)


def test_a_public_content_matches_identical_and_other_forms_elsewhere(broker, trader, other):
    declare(
        row(1, broker, trader),
        row(2, other, other),
        row(3, other, other, SOFA_OTHER_FORM),
        row(4, other, other, SOFA_OTHER_FACT),
    )
    audit("2026-09", row(1, broker, trader))
    settle()
    identical = LibraryEntry.objects.get(enterprise=other, content=content(SOFA))
    same = LibraryEntry.objects.get(enterprise=other, content=content(SOFA_OTHER_FORM))
    assert (identical.mark, identical.reason["relation"]) == (Mark.SYSTEM_MATCHED, "identical")
    assert (same.mark, same.reason["relation"]) == (Mark.SYSTEM_MATCHED, "same")
    assert {identical.match_source, same.match_source} == {"public"}
    assert mark_of(other, SOFA_OTHER_FACT) == Mark.UNMARKED


def test_one_of_two_parties_that_says_private_takes_the_match_elsewhere_along(
    broker, trader, other
):
    declare(row(1, broker, trader), row(2, other, other))
    audit("2026-09", row(1, broker, trader))
    settle()
    assert mark_of(other, SOFA) == Mark.SYSTEM_MATCHED
    user = make_user(enterprise=trader)
    result = set_publication(trader, [content(SOFA).pk], Publication.PRIVATE, user)
    assert result.rows == 1
    assert not content(SOFA).is_public  # at once, before any worker
    settle()
    assert mark_of(other, SOFA) == Mark.UNMARKED
    assert mark_of(broker, SOFA) == Mark.CONFORMING
    set_publication(trader, [content(SOFA).pk], Publication.PUBLIC, user)
    assert not content(SOFA).is_public  # opening waits for the outbox
    settle()
    assert content(SOFA).is_public
    assert mark_of(other, SOFA) == Mark.SYSTEM_MATCHED


def test_another_public_line_keeps_a_content_public(broker, trader, other):
    declare(row(1, broker, trader), row(2, other, other))
    audit("2026-09", row(1, broker, trader), row(2, other, other))
    settle()
    set_publication(trader, [content(SOFA).pk], Publication.PRIVATE, make_user(enterprise=trader))
    settle()
    assert content(SOFA).is_public


def test_withdrawing_the_only_public_lines_release_closes_the_content_at_once(
    broker, trader, other
):
    declare(row(1, broker, trader), row(2, other, other))
    release = audit("2026-09", row(1, broker, trader))
    settle()
    withdraw(release, "整批数据有误")
    assert not content(SOFA).is_public
    settle()
    assert mark_of(trader, SOFA) == Mark.UNMARKED
    assert mark_of(other, SOFA) == Mark.UNMARKED


def test_a_release_withdrawn_after_a_choice_lets_the_choice_return(broker, trader):
    declare(row(1, broker, trader))
    settle()
    user = make_user(enterprise=trader)
    set_self_selected(trader, [content(SOFA).pk], True, user)
    assert mark_of(trader, SOFA) == Mark.SELF_SELECTED
    release = audit("2026-09", row(1, broker, trader, conforming=False))
    settle()
    assert mark_of(trader, SOFA) == Mark.NONCONFORMING
    withdraw(release, "审核有误")
    settle()
    assert mark_of(trader, SOFA) == Mark.SELF_SELECTED
    assert mark_of(broker, SOFA) == Mark.UNMARKED
    set_self_selected(trader, [content(SOFA).pk], False, user)
    settle()
    assert mark_of(trader, SOFA) == Mark.UNMARKED


def test_self_selection_is_refused_for_audited_rows_and_changes_nothing(broker, trader):
    declare(row(1, broker, trader), row(2, broker, trader, TABLE))
    audit("2026-09", row(1, broker, trader))
    settle()
    with pytest.raises(ChoiceRefused, match="1 种申报内容已由海关审核"):
        set_self_selected(
            trader, [content(SOFA).pk, content(TABLE).pk], True, make_user(enterprise=trader)
        )
    assert mark_of(trader, TABLE) == Mark.UNMARKED
    assert not MarkHistory.objects.filter(subject="self_selected").exists()


def test_publication_is_refused_for_rows_that_are_not_conforming(broker, trader):
    declare(row(1, broker, trader))
    settle()
    with pytest.raises(ChoiceRefused, match="只有规范数据"):
        set_publication(
            trader, [content(SOFA).pk], Publication.PRIVATE, make_user(enterprise=trader)
        )


def test_a_second_click_changes_nothing_and_says_so(broker, trader):
    declare(row(1, broker, trader))
    settle()
    user = make_user(enterprise=trader)
    set_self_selected(trader, [content(SOFA).pk], True, user)
    result = set_self_selected(trader, [content(SOFA).pk], True, user)
    assert (result.rows, result.skipped) == (0, 1)
    assert MarkHistory.objects.filter(subject="self_selected").count() == 1


def test_history_says_from_to_and_why(broker, trader):
    declare(row(1, broker, trader))
    settle()
    release = audit("2026-09", row(1, broker, trader))
    settle()
    noted = MarkHistory.objects.get(enterprise=trader, subject="mark")
    assert (noted.before, noted.after) == (Mark.UNMARKED, Mark.CONFORMING)
    assert (noted.cause, noted.cause_id) == ("release", release.pk)


def test_an_audited_line_that_is_declared_later_takes_the_declared_facts_for_good(broker, trader):
    audit("2026-09", row(1, broker, trader, SOFA_OTHER_FACT))
    settle()
    stored = line(row(1, broker, trader))
    assert stored.declared_at is None
    assert mark_of(trader, SOFA_OTHER_FACT) == Mark.CONFORMING
    declare(row(1, broker, trader, SOFA))
    settle()
    stored.refresh_from_db()
    assert stored.declared_at is not None
    assert stored.content == content(SOFA)
    # The audited text stays findable beside the line.
    assert mark_of(trader, SOFA_OTHER_FACT) == Mark.CONFORMING
    assert mark_of(trader, SOFA) == Mark.UNMARKED


def test_a_line_that_only_a_withdrawn_audit_brought_is_hidden_and_its_entry_goes(broker, trader):
    release = audit("2026-09", row(1, broker, trader))
    settle()
    withdraw(release, "误传")
    settle()
    assert DeclaredLine.objects.get().is_hidden
    assert not LibraryEntry.objects.exists()


def test_an_audited_only_line_follows_its_newest_effective_verdict(broker, trader, other):
    audit("2026-08", row(1, broker, trader))
    second = audit("2026-09", row(1, broker, other, TABLE))
    settle()
    assert line(row(1, broker, trader)).content == content(TABLE)
    assert line(row(1, broker, trader)).trader == other
    withdraw(second, "误传")
    settle()
    assert line(row(1, broker, trader)).content == content(SOFA)
    assert line(row(1, broker, trader)).trader == trader


def test_a_release_is_withdrawn_once_and_with_a_reason(broker, trader):
    release = audit("2026-09", row(1, broker, trader))
    with pytest.raises(CannotWithdraw, match="原因"):
        withdraw(release, "  ")
    withdraw(release, "误传")
    with pytest.raises(CannotWithdraw, match="已经撤回"):
        withdraw(release, "再来一次")


def test_a_customs_code_that_turns_out_to_belong_to_a_known_enterprise_joins_its_library(
    broker, trader
):
    code, uscc = customs_code(), valid_uscc()
    only_code = Party(code=code, name="营口虚构木业")
    both = Party(uscc=uscc, code=code, name="营口虚构木业")
    agent = Party.of(broker)
    declare(Row(1, agent, only_code), Row(2, agent, Party(uscc=uscc, name="营口虚构木业"), TABLE))
    audit("2026-09", Row(1, agent, only_code))
    settle()
    absorbed = Enterprise.objects.get(customs_codes__code=code)
    staying = Enterprise.objects.get(uscc=uscc)
    user = make_user(enterprise=staying)
    set_self_selected(staying, [content(TABLE).pk], True, user)
    set_publication(absorbed, [content(SOFA).pk], Publication.PRIVATE, make_user())
    declare(Row(3, agent, both, SOFA_OTHER_FORM))
    settle()
    assert not Enterprise.objects.filter(pk=absorbed.pk).exists()
    assert mark_of(staying, SOFA) == Mark.CONFORMING
    assert mark_of(staying, TABLE) == Mark.SELF_SELECTED
    assert mark_of(staying, SOFA_OTHER_FORM) == Mark.SYSTEM_MATCHED
    assert not content(SOFA).is_public  # the absorbed one's 不公开 stays
    assert MarkHistory.objects.filter(enterprise=staying, subject="publication").exists()


def test_a_public_content_compared_before_its_catalogue_came_is_read_anew_by_a_full_run(
    broker, trader
):
    declare(row(1, broker, trader))
    audit("2026-09", row(1, broker, trader))
    work_outbox()
    assert "木框架" not in content(SOFA).projection.g_model  # no edition, nothing is certain
    load_shipped_headings()
    full_compare()
    assert "木框架" in content(SOFA).projection.g_model


def test_a_mark_whose_verdict_was_withdrawn_a_moment_ago_says_that_it_will_change(broker, trader):
    declare(row(1, broker, trader))
    release = audit("2026-09", row(1, broker, trader, conforming=False))
    settle()
    withdraw(release, "误传")
    entry = LibraryEntry.objects.get(enterprise=trader)
    assert explain(entry).sentence == "2026-09 的审核结论已撤回或更新，标记将在下次比对时更新。"


def test_a_full_run_that_fails_says_so_and_stores_no_half_of_a_chapter(broker, trader, monkeypatch):
    declare(row(1, broker, trader))

    def fail(content_ids):
        raise ValueError("磁盘已满")

    monkeypatch.setattr("comparison.working.refresh_projections", fail)
    with pytest.raises(ValueError, match="磁盘已满"):
        full_compare()
    run = ComparisonRun.objects.get()
    assert (run.state, run.error) == ("failed", "ValueError: 磁盘已满")
    assert not LibraryEntry.objects.exists()
    assert waiting_chapters() == ["94"]
