"""What stands with a release itself, before anything of the outbox is worked."""

import pytest

from catalogue.models import Outbox
from comparison.models import LibraryEntry, Mark, MarkHistory, PublicContent
from comparison.working import full_compare, work_outbox
from declarations.models import Release
from declarations.releases import withdraw
from tests.comparison.oracle import everything_stored
from tests.factories import make_enterprise
from tests.world import SOFA, SOFA_OTHER_FORM, Party, Row, audit, content, declare, mark_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def trader():
    return make_enterprise("大连虚构家居")


@pytest.fixture
def party(trader):
    return Party.of(trader)


def newest_release() -> Release:
    return Release.objects.latest("pk")


def test_a_release_stores_marks_reasons_and_flags_at_once(party, trader):
    declare(Row(1, party, party), Row(2, party, party))
    work_outbox()
    audit("2026-09", Row(1, party, party))
    entry = LibraryEntry.objects.get()
    assert (entry.mark, entry.row_count) == (Mark.CONFORMING, 2)
    assert entry.reason["kind"] == "verdict" and entry.reason["month"] == "2026-09"
    assert content(SOFA).is_public
    assert Outbox.objects.exists()
    change = MarkHistory.objects.get()
    assert (change.before, change.after, change.cause_id) == (
        "unmarked",
        "conforming",
        newest_release().pk,
    )


def test_nothing_more_is_written_when_the_outbox_follows(party):
    declare(Row(1, party, party))
    work_outbox()
    audit("2026-09", Row(1, party, party))
    entry = LibraryEntry.objects.values().get()
    work_outbox()
    assert LibraryEntry.objects.values().get() == entry
    assert MarkHistory.objects.count() == 1
    after = everything_stored()
    full_compare()
    assert everything_stored() == after


def test_an_entry_that_nobody_compared_yet_is_made_with_its_rows(party, trader):
    declare(Row(1, party, party), Row(2, party, party), Row(3, party, party, SOFA_OTHER_FORM))
    audit("2026-09", Row(1, party, party, conforming=False))
    entry = LibraryEntry.objects.get()
    assert (entry.mark, entry.row_count) == (Mark.NONCONFORMING, 2)
    work_outbox()
    assert LibraryEntry.objects.filter(content=content(SOFA)).get().row_count == 2


def test_an_audited_text_that_is_not_its_lines_has_an_entry_of_its_own(party):
    declare(Row(1, party, party))
    work_outbox()
    audit("2026-09", Row(1, party, party, SOFA_OTHER_FORM))
    entry = LibraryEntry.objects.get(content=content(SOFA_OTHER_FORM))
    assert (entry.mark, entry.row_count) == (Mark.CONFORMING, 1)
    stored = LibraryEntry.objects.values().get(pk=entry.pk)
    work_outbox()
    assert LibraryEntry.objects.values().get(pk=entry.pk) == stored


def test_what_becomes_public_is_shown_once_it_has_its_projection(party):
    audit("2026-09", Row(1, party, party))
    assert content(SOFA).is_public and not PublicContent.objects.visible().exists()
    work_outbox()
    assert PublicContent.objects.visible().get().content == content(SOFA)


def test_a_projection_of_older_rules_is_not_shown_by_a_release(party):
    audit("2026-08", Row(1, party, party))
    work_outbox()
    audit("2026-09", Row(1, party, party, conforming=False))
    work_outbox()
    PublicContent.objects.update(version=0)
    audit("2026-10", Row(1, party, party))
    assert not content(SOFA).is_public
    work_outbox()
    assert content(SOFA).is_public


def test_a_withdrawal_restores_the_verdict_before_it_at_once(party, trader):
    declare(Row(1, party, party))
    audit("2026-08", Row(1, party, party))
    audit("2026-09", Row(1, party, party, conforming=False))
    assert mark_of(trader, SOFA) == Mark.NONCONFORMING and not content(SOFA).is_public
    withdraw(newest_release(), "误发布")
    assert mark_of(trader, SOFA) == Mark.CONFORMING and content(SOFA).is_public


def test_where_no_verdict_is_left_the_mark_waits_for_the_outbox(party, trader):
    declare(Row(1, party, party))
    audit("2026-09", Row(1, party, party))
    withdraw(newest_release(), "误发布")
    assert mark_of(trader, SOFA) == Mark.CONFORMING and not content(SOFA).is_public
    work_outbox()
    assert mark_of(trader, SOFA) == Mark.UNMARKED
